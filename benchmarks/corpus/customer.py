"""One healthy customer, and the ways its data changes when something happens to it.

Counts are kept as a vendor would have them: what queries observe (``rows``) and what is billed day
by day (``daily``) differ by the account's own ratio; an identified event stands on every meter
that bills it. ``tables`` puts all of it back into canonical frames, with bills and invoices that
follow from the usage.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from corpus import money
from corpus.costs import Costs
from corpus.units import (
    BILLED_PER_POLL,
    COUNTERS,
    DECIDE,
    DURATIONS,
    EVENT_METERS,
    LOCAL,
    WHOLE_MONTHS_DAYS,
    WINDOW,
    Row,
    UnsuitableError,
)


class Customer(Costs):
    """``rows``: observed in the window. ``daily``: billed, oldest day first, by project and
    counter. ``activity`` by project and measure. Other tables are lists of plain rows."""

    def __init__(
        self, tables: Mapping[str, list[dict[str, Any]]], seed: int, days: int, as_of: date
    ) -> None:
        self.rng = np.random.default_rng(seed)
        self.as_of, self.days = as_of, days
        #: Days of history that are published; more where a planter moves usage in time.
        self.kept_days = WHOLE_MONTHS_DAYS
        self.organization = dict(tables["organizations"][0])
        self.id = self.organization["organization_id"]
        self.projects = {row["project_id"]: dict(row) for row in tables["projects"]}
        self.rows: dict[Row, int] = {
            Row(
                r["project_id"],
                r["meter"],
                r["event"],
                r["library"],
                r["host_class"],
                bool(r["identified"]),
                bool(r["known_person"]),
            ): int(r["quantity"])
            for r in tables["usage_rows"]
        }
        self.activity = {
            (r["project_id"], r["measure"]): int(r["quantity"]) for r in tables["activity"]
        }
        self.coverage = {
            (r["project_id"], r["subject"]): (bool(r["complete"]), r["reason"])
            for r in tables["coverage"]
        }
        self.crm = {r["field"]: r["value"] for r in tables["lifecycle"]}
        self.lists = {
            name: [dict(row) for row in tables[name]]
            for name in (
                "members",
                "subscriptions",
                "bill_lines",
                "limits",
                "resources",
                "ingestion_warnings",
                "sdk_versions",
                "invoices",
            )
        }
        self.daily: dict[tuple[str, str], np.ndarray[Any, Any]] = {}
        self.notes: dict[str, Any] = {}
        #: Set by a planter that wrote bills, invoices or sums of the CRM itself.
        self.fixed: set[str] = set()

    @property
    def moved(self) -> bool:
        """A planter moved usage in time, so months differ."""
        return self.kept_days > WHOLE_MONTHS_DAYS

    # Where things are.

    def project(self, name: str = "Production") -> str:
        """Raises: UnsuitableError."""
        for key, row in self.projects.items():
            if row["name"] == name:
                return key
        raise UnsuitableError(name)

    def total(self, project: str | None = None, meter: str = "product_analytics") -> int:
        """Observed in the window."""
        return sum(
            quantity
            for row, quantity in self.rows.items()
            if row.meter == meter and project in (None, row.project)
        )

    def counted(self, project: str, event: str, meter: str = "product_analytics") -> int:
        return sum(
            quantity
            for row, quantity in self.rows.items()
            if (row.project, row.meter, row.event) == (project, meter, event)
        )

    def billed(self, project: str, product: str) -> int:
        """Billed in the window."""
        series = self.daily.get((project, COUNTERS[product]))
        return 0 if series is None else int(series[-WINDOW:].sum())

    def quantities(self) -> dict[str, int]:
        """Billed in the window by product, all projects together."""
        out = {}
        for product, counter in COUNTERS.items():
            found = [s[-WINDOW:].sum() for (_, c), s in self.daily.items() if c == counter]
            if found and sum(found):
                out[product] = int(sum(found))
        return out

    def ratio(self, project: str, meter: str = "product_analytics") -> float:
        """Units billed for one unit observed."""
        observed = self.total(project, meter)
        return self.billed(project, meter) / observed if observed else 1.0

    def subscribed(self, product: str) -> bool:
        return any(s["product"] == product and s["subscribed"] for s in self.lists["subscriptions"])

    def sessions(self, project: str) -> int:
        return self.activity[project, "sessions"]

    # What clients do.

    def between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def pick(self, values: Iterable[Any]) -> Any:
        values = list(values)
        return values[int(self.rng.integers(len(values)))]

    def send(
        self,
        project: str,
        event: str,
        quantity: float,
        *,
        library: str = "web",
        host: str = "production",
        identified: bool = True,
        known: bool = True,
        meters: Iterable[str] = EVENT_METERS,
    ) -> dict[str, int]:
        """More events, all through the history as the project's events are.

        Returns what was billed for them in the window, by product.
        """
        number = round(quantity)
        if number <= 0:
            return {}
        out: dict[str, int] = {}
        ratio = self.ratio(project)
        for meter in meters:
            layered = meter in ("enhanced_persons", "group_analytics")
            if layered and not identified:
                continue
            if meter in ("group_analytics", "data_pipelines") and not self.subscribed(meter):
                continue
            row = Row(project, meter, event, library, host, identified, identified and known)
            self.rows[row] = self.rows.get(row, 0) + number
            out[meter] = self.bill_more(project, meter, number * ratio)
        if meters is EVENT_METERS:
            if library in ("web", "js"):
                self.count(project, "web_events", number)
                proxied = self.activity[project, "proxied_web_events"]
                share = proxied / max(self.activity[project, "web_events"] - number, 1)
                self.count(project, "proxied_web_events", int(number * min(share, 1)))
            self.count(project, "behaviour_events", number)
            self._version_events(project, library, number)
        return out

    def _version_events(self, project: str, library: str, number: int) -> None:
        for row in self.lists["sdk_versions"]:
            if row["project_id"] == project and row["library"] == library:
                row["events"] += number
                return

    def count(self, project: str, measure: str, more: float) -> None:
        at = (project, measure)
        self.activity[at] = max(0, self.activity.get(at, 0) + round(more))

    def bill_more(self, project: str, product: str, units: float, counter: str = "") -> int:
        """Spread billed units over the history in the shape of what is there."""
        at = (project, counter or COUNTERS[product])
        before = self.daily.get(at)
        shape = before if before is not None and before[-WINDOW:].sum() else self.rhythm(project)
        scaled = np.cumsum(shape * (units / shape[-WINDOW:].sum()))
        more = np.diff(np.rint(scaled), prepend=0).astype(np.int64)
        self.daily[at] = more if before is None else before + more
        if counter == "" and not self.has_line(product):
            self.subscribe(product)
        return int(more[-WINDOW:].sum())

    def rhythm(self, project: str) -> "np.ndarray[Any, Any]":
        """How the project's events go up and down."""
        series = self.daily.get((project, COUNTERS["product_analytics"]))
        if series is None or not series[-WINDOW:].sum():
            return np.full(self.days, 1_000.0)
        return series.astype(np.float64)

    def drop(self, project: str, product: str) -> None:
        """The product was never used in this project."""
        self.daily.pop((project, COUNTERS[product]), None)
        self.rows = {
            row: q for row, q in self.rows.items() if (row.project, row.meter) != (project, product)
        }

    def use(self, project: str, product: str, units: float) -> int:
        """Exactly so many billed units in the window; observed rows follow where there are any."""
        before, now = self.billed(project, product), round(units)
        at = (project, COUNTERS[product])
        shape = self.daily[at] if before else self.rhythm(project)
        scaled = np.cumsum(shape * (now / shape[-WINDOW:].sum()))
        self.daily[at] = np.diff(np.rint(scaled), prepend=0).astype(np.int64)
        if not self.has_line(product):
            self.subscribe(product)
        if before:
            for row in [r for r in self.rows if (r.project, r.meter) == (project, product)]:
                self.rows[row] = round(self.rows[row] * now / before)
        return self.billed(project, product)

    def record(
        self,
        project: str,
        quantity: float,
        *,
        event: str = DURATIONS[2],
        host: str = "production",
    ) -> int:
        """More web recordings; returns what was billed for them in the window."""
        number = round(quantity)
        ratio = self.ratio(project, "session_replay")
        row = Row(project, "session_replay", event, "web", host, False, False)
        self.rows[row] = self.rows.get(row, 0) + number
        return self.bill_more(project, "session_replay", number * ratio)

    def recordings(self, project: str) -> int:
        return self.total(project, "session_replay")

    def ask_flags(self, project: str, quantity: float, *, host: str = "production") -> int:
        """More flag requests of clients; returns what was billed."""
        number = round(quantity)
        row = Row(project, "feature_flags", "flags", "web", host, False, False)
        self.rows[row] = self.rows.get(row, 0) + number
        self.bill_more(project, "feature_flags", number, DECIDE)
        return self.bill_more(project, "feature_flags", number)

    def poll_flags(self, project: str, polls: float, library: str = "posthog-node") -> int:
        """Servers fetch flag definitions; each poll bills ten requests."""
        number = BILLED_PER_POLL * round(polls)
        row = Row(project, "feature_flags", "local_evaluation", library, "unknown", False, False)
        self.rows[row] = self.rows.get(row, 0) + number
        self.bill_more(project, "feature_flags", round(polls), LOCAL)
        return self.bill_more(project, "feature_flags", number)

    # What people make and set.

    def resource(
        self,
        project: str,
        kind: str,
        name: str,
        *,
        state: str = "active",
        age_days: int = 40,
        changed_days: int | None = None,
        used_days: int | None = 2,
        refers_to: Iterable[str] = (),
        **details: Any,
    ) -> dict[str, Any]:
        taken = {r["resource_id"] for r in self.lists["resources"]}
        number = next(str(n) for n in range(9_000, 99_999) if str(n) not in taken)
        row = {
            "organization_id": self.id,
            "project_id": project,
            "kind": kind,
            "resource_id": number,
            "name": name,
            "state": state,
            "created_at": self.ago(age_days),
            "updated_at": self.ago(age_days if changed_days is None else changed_days),
            "last_used_at": None if used_days is None else self.ago(used_days),
            "refers_to": json.dumps(list(refers_to)),
            "details": json.dumps(details) if details else None,
        }
        self.lists["resources"].append(row)
        return row

    def resources(self, kind: str, project: str | None = None) -> list[dict[str, Any]]:
        return [
            r
            for r in self.lists["resources"]
            if r["kind"] == kind and project in (None, r["project_id"])
        ]

    def remove(self, kind: str, project: str | None = None) -> None:
        gone = {id(r) for r in self.resources(kind, project)}
        self.lists["resources"] = [r for r in self.lists["resources"] if id(r) not in gone]

    def forget(self, project: str, *events: str) -> None:
        """Nothing of the project refers to these events any more."""
        for row in self.lists["resources"]:
            if row["project_id"] == project and isinstance(row["refers_to"], str):
                names = [e for e in json.loads(row["refers_to"]) if e not in events]
                row["refers_to"] = json.dumps(names)

    def configure(self, project: str, **columns: Any) -> None:
        self.projects[project].update(columns)

    def subscribe(self, product: str, **columns: Any) -> None:
        self.unsubscribe(product)
        file = money.price_files().get(product, {})
        self.lists["subscriptions"].append(
            {
                "organization_id": self.id,
                "product": product,
                "name": file.get("name", product),
                "parent": file.get("parent"),
                "subscribed": True,
                "usage_type": file.get("usage_type"),
                **columns,
            }
        )

    def unsubscribe(self, product: str) -> None:
        self.lists["subscriptions"] = [
            s for s in self.lists["subscriptions"] if s["product"] != product
        ]

    def has_line(self, product: str) -> bool:
        return any(s["product"] == product for s in self.lists["subscriptions"])

    def limit(self, product: str, usd: int | Decimal, **columns: Any) -> None:
        self.lists["limits"] = [r for r in self.lists["limits"] if r["product"] != product]
        self.lists["limits"].append(
            {
                "organization_id": self.id,
                "product": product,
                "limit_usd": Decimal(usd),
                "data_was_cut": False,
                **columns,
            }
        )

    def warn(self, project: str, kind: str, quantity: int) -> None:
        self.lists["ingestion_warnings"] = [
            r
            for r in self.lists["ingestion_warnings"]
            if (r["project_id"], r["type"]) != (project, kind)
        ]
        self.lists["ingestion_warnings"].append(
            {
                "organization_id": self.id,
                "project_id": project,
                "window_start": self.ago(WINDOW),
                "window_end": self.ago(0),
                "type": kind,
                "quantity": quantity,
                "last_seen_at": self.ago(2),
            }
        )

    def ago(self, days: int) -> date:
        return self.as_of - timedelta(days=days)
