"""Rows of resources as the vendor's object lists show them."""

import json
from collections.abc import Callable
from typing import Any

from fake_values import moment, plain


def _object(row: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": row["resource_id"],
        "name": plain(row["name"]),
        "created_at": moment(row["created_at"]),
        "updated_at": moment(row["updated_at"]),
        "deleted": row["state"] == "inactive" and row["kind"] == "action",
        **fields,
    }


def _events(row: dict[str, Any]) -> list[str]:
    return json.loads(plain(row["refers_to"]) or "[]")


def _details(row: dict[str, Any]) -> dict[str, Any]:
    return json.loads(plain(row["details"]) or "{}")


def _action(row: dict[str, Any]) -> dict[str, Any]:
    return _object(row, steps=[{"event": event, "url": None} for event in _events(row)])


def _insight(row: dict[str, Any]) -> dict[str, Any]:
    nodes = [{"kind": "EventsNode", "event": event} for event in _events(row)]
    source = {"kind": "TrendsQuery", "series": nodes}
    query = {"kind": "InsightVizNode", "source": source}
    return _object(row, query=query, last_viewed_at=moment(row["last_used_at"]))


def _dashboard(row: dict[str, Any]) -> dict[str, Any]:
    return _object(row, last_accessed_at=moment(row["last_used_at"]))


def _cohort(row: dict[str, Any]) -> dict[str, Any]:
    values = [
        {"type": "behavioral", "event_type": "events", "key": event} for event in _events(row)
    ]
    return _object(row, filters={"properties": {"type": "OR", "values": values}})


def _flag(row: dict[str, Any]) -> dict[str, Any]:
    details = _details(row)
    share = details.get("rollout_percentage")
    # Some releases ask for a property, and say nothing of everyone.
    groups = [{"properties": [{"key": "email", "value": "x"}], "rollout_percentage": 100}]
    if share is not None:
        groups.append({"properties": [], "rollout_percentage": None if share == 100 else share})
    return _object(
        row,
        key=row["name"],
        name=details.get("name"),
        active=row["state"] != "inactive",
        status=row["state"],
        last_called_at=moment(row["last_used_at"]),
        filters={"groups": groups, "multivariate": None, "payloads": {}},
    )


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    start = None if row["state"] == "draft" else moment(row["created_at"])
    end = moment(row["updated_at"]) if row["state"] == "complete" else None
    nodes = [{"source": {"kind": "EventsNode", "event": event}} for event in _events(row)]
    dates = {"start_date": start, "end_date": end, **_details(row)}
    return _object(row, **dates, archived=False, metrics=nodes)


def _function(row: dict[str, Any]) -> dict[str, Any]:
    events = [{"id": event, "type": "events"} for event in _events(row)]
    if _details(row).get("has_filters") is False:
        events = [{"id": None, "name": "All events", "type": "events"}]
    return _object(
        row,
        type=row["kind"],
        enabled=row["state"] == "active",
        filters={"source": "events", "events": events, "bytecode": ["_H", 1, 29]},
        template={"id": "template-webhook", "mapping_templates": None},
    )


def _batch_export(row: dict[str, Any]) -> dict[str, Any]:
    updated = moment(row["updated_at"])
    return _object(row, paused=row["state"] == "inactive", last_updated_at=updated)


def _schema(row: dict[str, Any]) -> dict[str, Any]:
    configured = ("sync_type", "sync_frequency", "incremental_field", "latest_error")
    return _object(
        row,
        should_sync=row["state"] != "inactive",
        status="Failed" if row["state"] == "failed" else "Completed",
        last_synced_at=moment(row["last_used_at"]),
        **{name: _details(row).get(name) for name in configured},
    )


RESOURCES: dict[str, tuple[tuple[str, ...], Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "actions": (("action",), _action),
    "insights": (("insight",), _insight),
    "dashboards": (("dashboard",), _dashboard),
    "cohorts": (("cohort",), _cohort),
    "feature_flags": (("flag",), _flag),
    "experiments": (("experiment",), _dated),
    "surveys": (("survey",), _dated),
    "hog_functions": (("destination", "transformation"), _function),
    "batch_exports": (("batch_export",), _batch_export),
    "external_data_schemas": (("warehouse_schema",), _schema),
}
