"""What a project's own events show over the window: usage rows, activity, versions, warnings."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from audit.meters import (
    BILLED_REQUESTS_PER_LOCAL_EVALUATION,
    DECIDE_REQUESTS,
    LOCAL_EVALUATION_REQUESTS,
)
from audit.sources.posthog.hogql import Answer, Runner
from audit.sources.posthog.limits import QUERIES_AT_ONCE
from audit.sources.posthog.notes import Notes

Row = dict[str, Any]

READ_PRODUCTS = (
    "product_analytics",
    "session_replay",
    "surveys",
    "error_tracking",
    "llm_analytics",
    "data_warehouse",
    "logs",
)
READER_SUBJECTS = tuple(f"activity.people_using_{product}" for product in READ_PRODUCTS)
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
        steps = (
            self._events,
            self._recordings,
            self._readers,
            self._versions,
            self._warnings,
            *(self._measure(name) for name in ("sessions", "people", "group_events")),
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
        with self.notes.reading(*subjects, project_id=self.project_id):
            answer = self.runner.run("recordings")
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

    def _measure(self, name: str) -> Callable[[], None]:
        def measured() -> None:
            with self.notes.reading(f"activity.{name}", project_id=self.project_id):
                answer = self.runner.run(name)
                quantity = answer.rows[0]["quantity"] if answer.rows else 0
                self._activity(name, quantity)
                self._note_read(f"activity.{name}", answer, 1)

        return measured

    def _readers(self) -> None:
        with self.notes.reading(*READER_SUBJECTS, project_id=self.project_id):
            answer = self.runner.run("readers")
            counted = {row["product"]: row["quantity"] for row in answer.rows}
            for product, subject in zip(READ_PRODUCTS, READER_SUBJECTS, strict=True):
                # The log was read whole: a product without a row was opened by nobody.
                self._activity(f"people_using_{product}", counted.get(product, 0))
                self._note_read(subject, answer, 1)

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
