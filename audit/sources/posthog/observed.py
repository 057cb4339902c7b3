"""What a project's own events show over the window: usage rows, activity, versions, warnings."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from typing import Any

from audit.meters import (
    BILLED_REQUESTS_PER_LOCAL_EVALUATION,
    DECIDE_REQUESTS,
    LOCAL_EVALUATION_REQUESTS,
)
from audit.sources.posthog.client import QUERIES_AT_ONCE
from audit.sources.posthog.details import OF_DELIVERIES, OF_SYNCS
from audit.sources.posthog.hogql import Answer, Runner
from audit.sources.posthog.notes import Notes

Row = dict[str, Any]
#: By resource_id; an object that is not there did nothing.
Details = Mapping[str, Mapping[str, int | None]]

READ_PRODUCTS = (
    "product_analytics",
    "web_analytics",
    "session_replay",
    "surveys",
    "error_tracking",
    "llm_analytics",
    "data_warehouse",
    "logs",
)
#: Queries that answer one row of totals, and the measures that its columns are.
MEASURED: dict[str, tuple[str, ...]] = {
    "behaviour": ("behaviour_events", "behaviour_people"),
    "instrumentation": (
        "web_events",
        "proxied_web_events",
        "bot_events",
        "ai_events",
        "ai_generations",
        "ai_spans",
    ),
    "query_log": (
        *(f"people_using_{product}" for product in READ_PRODUCTS),
        "app_queries",
        "api_queries",
        "failed_queries",
    ),
    "sessions": ("sessions",),
    "people": ("people",),
    "group_events": ("group_events",),
    "flag_calls": ("server_flag_calls", "server_flag_people"),
}
#: Properties that a proxy is known by are kept this long (posthog/clickhouse/events_json.py).
PROXY_KEPT_DAYS = 60
#: Where the vendor counts what it bills for destinations, since it bills by event.
BILLED_BY_EVENT = "_event_trigger"
REPLAY_METERS = {"web": "session_replay", "mobile": "mobile_replay"}
#: Add-ons that bill events again once the organization subscribes to them, and which events.
SUBSCRIBED_METERS: dict[str, Callable[[Row], bool]] = {
    "group_analytics": lambda row: bool(row["identified"]),
    "data_pipelines": lambda row: True,  # noqa: ARG005 - every event
}
NO_BILLING = (
    "Whether the organization pays for {} is not known, because billing could not be read. Use a "
    "key with the scope billing:read of an owner or admin."
)


class Observation:
    """The queries of one project over one window, each noting what it could read."""

    def __init__(self, runner: Runner, notes: Notes) -> None:
        self.runner = runner
        self.notes = notes
        self.project_id = runner.project_id
        self.place = {
            "project_id": runner.project_id,
            "window_start": runner.start.isoformat(),
            "window_end": runner.end.isoformat(),
        }

    def read(self) -> None:
        """Run every query, as many at once as the vendor allows for one project."""
        steps: tuple[Callable[[], None], ...] = (
            self._events,
            self._recordings,
            *(partial(self._measures, query) for query in MEASURED),
            self._versions,
            self._warnings,
            partial(self._complete, "warehouse_schema", "syncs", synced),
            partial(self._complete, "destination", "deliveries", delivered),
        )
        with ThreadPoolExecutor(QUERIES_AT_ONCE) as pool:
            for done in [pool.submit(step) for step in steps]:
                done.result()

    def _events(self) -> None:
        subscribed = subscribed_meters(self.notes.rows("subscriptions"))
        always = ["usage_rows.product_analytics", "usage_rows.enhanced_persons"]
        extra = [f"usage_rows.{meter}" for meter in SUBSCRIBED_METERS if subscribed is not None]
        with self.notes.reading(*always, *extra, project_id=self.project_id):
            answer = self.runner.run("events")
            rows = [_event_row(row) for row in answer.rows]
            self._usage("product_analytics", rows, answer)
            self._usage("enhanced_persons", [row for row in rows if row["identified"]], answer)
            for meter, counts in SUBSCRIBED_METERS.items():
                if subscribed is not None:
                    mine = [row for row in rows if counts(row)] if meter in subscribed else []
                    self._usage(meter, mine, answer)
        if subscribed is None:
            for meter in SUBSCRIBED_METERS:
                reason = NO_BILLING.format(meter.replace("_", " "))
                self.notes.missing(f"usage_rows.{meter}", reason=reason, project_id=self.project_id)

    def _recordings(self) -> None:
        subjects = [f"usage_rows.{meter}" for meter in REPLAY_METERS.values()]
        subjects.append("activity.idle_recordings")
        with self.notes.reading(*subjects, project_id=self.project_id):
            answer = self.runner.run("recordings")
            idle = sum(_whole(row["idle"], "idle") for row in answer.rows if row["source"] == "web")
            self._activity("idle_recordings", idle)
            self._note_read("activity.idle_recordings", answer, 1)
            for source, meter in REPLAY_METERS.items():
                rows = [
                    _plain_row(row["duration"], row["quantity"], row["library"], row["host_class"])
                    for row in answer.rows
                    if row["source"] == source
                ]
                self._usage(meter, rows, answer)

    def _usage(self, meter: str, rows: Iterable[Row], answer: Answer) -> None:
        count = self.notes.add(
            "usage_rows", [{**self.place, "meter": meter, **row} for row in rows]
        )
        self._note_read(f"usage_rows.{meter}", answer, count)

    def _measures(self, query: str) -> None:
        measures = [name for name in MEASURED[query] if self._answerable(name)]
        subjects = [f"activity.{name}" for name in measures]
        with self.notes.reading(*subjects, project_id=self.project_id):
            answer = self.runner.run(query)
            # All of them or none: a column that is no number leaves every one unknown.
            counted = [_whole(answer.rows[0][name], name) for name in measures]
            for name, quantity in zip(measures, counted, strict=True):
                self._activity(name, quantity)
                self._note_read(f"activity.{name}", answer, 1)
            if query == "behaviour":
                self._note_internal_users()

    def _answerable(self, measure: str) -> bool:
        days = (self.runner.end - self.runner.start).days
        if measure != "proxied_web_events" or days <= PROXY_KEPT_DAYS:
            return True
        reason = (
            f"The vendor keeps the property that shows a proxy for {PROXY_KEPT_DAYS} days, and the "
            f"window has {days}. Audit a shorter one with --lookback-days."
        )
        self.notes.missing(f"activity.{measure}", reason=reason, project_id=self.project_id)
        return False

    def _note_internal_users(self) -> None:
        known = [p for p in self.notes.rows("projects") if p["project_id"] == self.project_id]
        if any("test_account_filters" in p and not p["test_account_filters"] for p in known):
            message = (
                "The project has no filter for internal and test users, so their traffic cannot be "
                "told from that of customers. Set it in PostHog under Settings > Project."
            )
            self.notes.quality("activity", "internal_users_included", message, 1, self.project_id)

    def _complete(self, kind: str, query: str, found: Callable[[Answer], Details]) -> None:
        """Fill in the details of objects of a kind that only a query knows.

        Without it they stay null, and ``data_quality`` says why; the objects themselves are read.
        """
        objects = [
            row
            for row in self.notes.rows("resources")
            if row["project_id"] == self.project_id and row["kind"] == kind
        ]
        if not objects:
            return

        def lost(reason: str) -> None:
            message = f"What each did in the window could not be read. {reason}"
            about, name = f"resources.{kind}", f"{query}_unknown"
            self.notes.quality(about, name, message, len(objects), self.project_id)

        with self.notes.losing(lost):
            details = found(self.runner.run(query))
            for row in objects:
                row["details"] |= details[row["resource_id"]]

    def _activity(self, measure: str, quantity: int) -> None:
        self.notes.add("activity", [{**self.place, "measure": measure, "quantity": quantity}])

    def _versions(self) -> None:
        with self.notes.reading("sdk_versions", project_id=self.project_id):
            answer = self.runner.run("sdk_versions")
            self.notes.add("sdk_versions", [{**self.place, **row} for row in answer.rows])
            self._note_read("sdk_versions", answer, len(answer.rows))

    def _warnings(self) -> None:
        with self.notes.reading("ingestion_warnings", project_id=self.project_id):
            answer = self.runner.run("ingestion_warnings")
            self.notes.add("ingestion_warnings", [{**self.place, **row} for row in answer.rows])
            self._note_read("ingestion_warnings", answer, len(answer.rows))

    def _note_read(self, subject: str, answer: Answer, rows: int) -> None:
        self.notes.read(
            subject,
            project_id=self.project_id,
            query_name=answer.query.name,
            query=answer.query.text,
            row_count=rows,
        )


def synced(answer: Answer) -> Details:
    """Rows and number of the completed syncs of each warehouse table."""
    found: dict[str, dict[str, int | None]] = defaultdict(lambda: dict.fromkeys(OF_SYNCS, 0))
    for row in answer.rows:
        counted = (_whole(row[name], name) for name in ("synced_rows", "syncs"))
        found[row["resource_id"]] = dict(zip(OF_SYNCS, counted, strict=True))
    return found


def delivered(answer: Answer) -> Details:
    """Deliveries of each destination; ``billable`` is null where the vendor bills by event.

    Then it counts under one name for the whole project, whatever number of destinations.
    """
    by_event = any(row["resource_id"] == BILLED_BY_EVENT for row in answer.rows)
    nothing = {**dict.fromkeys(OF_DELIVERIES, 0), **({"billable": None} if by_event else {})}
    found: dict[str, dict[str, int | None]] = defaultdict(lambda: dict(nothing))
    for row in answer.rows:
        counted = {name: _whole(row[name], name) for name in OF_DELIVERIES}
        found[row["resource_id"]] = {**counted, **({"billable": None} if by_event else {})}
    return found


def _whole(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} is {value!r}, not a count")
    return value


def subscribed_meters(subscriptions: Iterable[Mapping[str, Any]]) -> set[str] | None:
    """Products subscribed to; None when the subscriptions are not known."""
    rows = list(subscriptions)
    return {row["product"] for row in rows if row["subscribed"]} if rows else None


def flag_rows(notes: Notes, project_ids: list[str], start: date, end: date, refused: str) -> None:
    """usage_rows of feature_flags from the two unbilled request counters, if the vendor gave them.

    The counters know no library and no host. ``refused`` says why they are not there, or is empty.
    """
    if refused:
        notes.missing(
            "usage_rows.feature_flags",
            reason=f"The vendor does not split flag requests into visits and polls: {refused}",
        )
        return
    days = (start.isoformat(), end.isoformat())
    kinds = {
        DECIDE_REQUESTS: ("flags", 1),
        LOCAL_EVALUATION_REQUESTS: ("local_evaluation", BILLED_REQUESTS_PER_LOCAL_EVALUATION),
    }
    totals: dict[tuple[str, str], int] = {}
    for row in notes.rows("usage_daily"):
        if row["usage_type"] in kinds and days[0] <= row["day"] < days[1]:
            event, billed_as = kinds[row["usage_type"]]
            key = (row["project_id"], event)
            totals[key] = totals.get(key, 0) + billed_as * row["quantity"]
    rows = [
        {
            "project_id": project_id,
            "window_start": days[0],
            "window_end": days[1],
            "meter": "feature_flags",
            **_plain_row(event, quantity, "unknown", "unknown"),
        }
        for (project_id, event), quantity in sorted(totals.items())
        if quantity and project_id in project_ids
    ]
    notes.add("usage_rows", rows)
    notes.read("usage_rows.feature_flags", query_name="GET billing usage", row_count=len(rows))


def _event_row(row: Row) -> Row:
    return {
        "event": row["event"],
        "library": row["library"],
        "host_class": row["host_class"],
        "identified": bool(row["identified"]),
        "known_person": bool(row["known_person"]),
        "quantity": row["quantity"],
    }


def _plain_row(event: str, quantity: int, library: str, host_class: str) -> Row:
    return {
        "event": event,
        "library": library,
        "host_class": host_class,
        "identified": False,
        "known_person": False,
        "quantity": quantity,
    }
