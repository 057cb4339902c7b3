"""The objects people made in a project, as rows of ``resources``: what exists, and what it reads.

Deleted and archived objects are left out: they cost nothing and nobody can switch them off.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from audit.sources.posthog import pages
from audit.sources.posthog.client import Client
from audit.sources.posthog.details import (
    OF_DELIVERIES,
    OF_SYNCS,
    has_filters,
    rollout_percentage,
)
from audit.sources.posthog.notes import Notes

Item = Mapping[str, Any]

LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'")
MENTIONS_EVENT = re.compile(r"\bevent\b")


@dataclass(frozen=True)
class Listing:
    """One list of the API: where it is, which kinds it holds, and how a row comes of an item."""

    path: str
    kinds: tuple[str, ...]
    scope: str
    row: Callable[[Item], dict[str, Any]]
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(f"resources.{kind}" for kind in self.kinds)


def read(client: Client, notes: Notes, project_id: str) -> None:
    """Every kind of object of one project; a list that cannot be read is noted as missing."""
    for listing in LISTINGS:
        with notes.reading(*listing.subjects, project_id=project_id):
            path = f"/api/projects/{quote(project_id, safe='')}/{listing.path}/"
            items = pages.every(client, path, {"limit": pages.PAGE_ROWS, **listing.params})
            rows = [
                {
                    "project_id": project_id,
                    "resource_id": str(item["id"]),
                    "refers_to": [],
                    **listing.row(item),
                }
                for item in items
                if not item.get("deleted") and not item.get("archived")
            ]
            rows = [row for row in rows if row["kind"] in listing.kinds]
            notes.add("resources", rows)
            for kind in listing.kinds:
                notes.read(
                    f"resources.{kind}",
                    project_id=project_id,
                    query_name=f"GET {listing.path}",
                    row_count=sum(row["kind"] == kind for row in rows),
                )


def event_names(value: Any) -> list[str]:
    """Names of events anywhere inside a saved query, filter or step; sorted, each once."""
    return sorted(set(_events(value)))


def _events(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _events(part)
    elif isinstance(value, Mapping):
        kind = value.get("kind")
        if isinstance(value.get("event"), str) and value["event"]:
            yield value["event"]
        if kind == "HogQLQuery" and isinstance(value.get("query"), str):
            yield from _literals(value["query"])
        # Older filters: {"events": [{"id": "$pageview", "type": "events"}]}.
        if value.get("type") == "events" and isinstance(value.get("id"), str):
            yield value["id"]
        # Cohorts: {"type": "behavioral", "event_type": "events", "key": "$pageview"}.
        if value.get("event_type") == "events" and isinstance(value.get("key"), str):
            yield value["key"]
        for part in value.values():
            if isinstance(part, list | Mapping):
                yield from _events(part)


def _literals(query: str) -> Iterator[str]:
    # Every quoted text of a query that speaks of events may name one. Too many is the safe
    # side: an event counts as read.
    if MENTIONS_EVENT.search(query):
        for found in LITERAL.finditer(query):
            yield found.group(1).replace("\\'", "'").replace("\\\\", "\\")


def _common(item: Item, kind: str, state: str, *, name: str = "name") -> dict[str, Any]:
    return {
        "kind": kind,
        "name": item.get(name),
        "state": state,
        "created_at": item.get("created_at"),
        "updated_at": item.get("updated_at") or item.get("last_modified_at"),
    }


def _action(item: Item) -> dict[str, Any]:
    return {**_common(item, "action", "active"), "refers_to": event_names(item.get("steps"))}


def _insight(item: Item) -> dict[str, Any]:
    reads = event_names([item.get("query"), item.get("filters")])
    shown = {**item, "name": item.get("name") or item.get("derived_name")}
    return {
        **_common(shown, "insight", "active"),
        "refers_to": reads,
        "last_used_at": item.get("last_viewed_at"),
    }


def _dashboard(item: Item) -> dict[str, Any]:
    return {
        **_common(item, "dashboard", "active"),
        "last_used_at": item.get("last_accessed_at") or item.get("last_viewed_at"),
    }


def _cohort(item: Item) -> dict[str, Any]:
    return {
        **_common(item, "cohort", "active"),
        "refers_to": event_names([item.get("filters"), item.get("groups")]),
    }


def _flag(item: Item) -> dict[str, Any]:
    state = str(item.get("status") or "").lower()
    if state not in ("active", "inactive", "stale"):
        state = "active" if item.get("active", True) else "inactive"
    return {
        **_common(item, "flag", state, name="key"),
        "last_used_at": item.get("last_called_at"),
        "details": {
            "name": item.get("name"),
            "rollout_percentage": rollout_percentage(item.get("filters")),
        },
    }


def _running(item: Item) -> str:
    if item.get("end_date"):
        return "complete"
    return "active" if item.get("start_date") else "draft"


def _experiment(item: Item) -> dict[str, Any]:
    return {
        **_common(item, "experiment", _running(item)),
        "refers_to": event_names([item.get("metrics"), item.get("metrics_secondary")]),
        "details": _dates(item),
    }


def _survey(item: Item) -> dict[str, Any]:
    details = {**_dates(item), "responses_limit": item.get("responses_limit")}
    return {**_common(item, "survey", _running(item)), "details": details}


def _dates(item: Item) -> dict[str, Any]:
    return {name: item.get(name) for name in ("start_date", "end_date")}


def _function(item: Item) -> dict[str, Any]:
    kind = str(item.get("type"))
    row = {
        **_common(item, kind, "active" if item.get("enabled") else "inactive"),
        "refers_to": event_names(item.get("filters")),
    }
    if kind == "destination":
        row["details"] = {"has_filters": has_filters(item), **dict.fromkeys(OF_DELIVERIES)}
    return row


def _batch_export(item: Item) -> dict[str, Any]:
    shown = {**item, "updated_at": item.get("last_updated_at")}
    return _common(shown, "batch_export", "inactive" if item.get("paused") else "active")


def _schema(item: Item) -> dict[str, Any]:
    state = "active" if item.get("should_sync") else "inactive"
    if state == "active" and str(item.get("status")).lower() in ("failed", "error"):
        state = "failed"
    details = ("sync_type", "sync_frequency", "incremental_field", "latest_error")
    return {
        **_common(item, "warehouse_schema", state),
        "last_used_at": item.get("last_synced_at"),
        "details": {name: item.get(name) for name in details} | dict.fromkeys(OF_SYNCS),
    }


LISTINGS: tuple[Listing, ...] = (
    Listing("actions", ("action",), "action:read", _action),
    Listing("insights", ("insight",), "insight:read", _insight, {"saved": "true"}),
    Listing("dashboards", ("dashboard",), "dashboard:read", _dashboard),
    Listing("cohorts", ("cohort",), "cohort:read", _cohort),
    Listing("feature_flags", ("flag",), "feature_flag:read", _flag),
    Listing("experiments", ("experiment",), "experiment:read", _experiment),
    Listing("surveys", ("survey",), "survey:read", _survey),
    Listing(
        "hog_functions",
        ("destination", "transformation"),
        "hog_function:read",
        _function,
        {"types": "destination,transformation"},
    ),
    Listing("batch_exports", ("batch_export",), "batch_export:read", _batch_export),
    Listing("external_data_schemas", ("warehouse_schema",), "external_data_schema:read", _schema),
)
