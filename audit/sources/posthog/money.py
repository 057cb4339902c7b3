"""Billing of one organization: its own API first, the older one where that is not there."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from audit.meters import (
    DECIDE_REQUESTS,
    EVENTS_WITH_GROUPS,
    LOCAL_EVALUATION_REQUESTS,
    product_of,
    usage_type_of,
)
from audit.sources.billing import overview_tables, series_rows, spend_by_day
from audit.sources.posthog import pages
from audit.sources.posthog.client import Client
from audit.sources.posthog.merge import merged_overview
from audit.sources.posthog.notes import Notes
from audit.web.failures import RequestError

#: First day of a billing period and the day after its last.
Period = tuple[date, date]

LONGEST_WINDOW_DAYS = 365
SERIES_PER_PAGE = 1000
HELPER_COUNTERS = (DECIDE_REQUESTS, LOCAL_EVALUATION_REQUESTS, EVENTS_WITH_GROUPS)
#: Which answers of the per-organization API a table cannot do without.
FEEDS = {"subscriptions": (), "bill_lines": ("usage", "spend"), "limits": ("limits", "usage")}
OVERVIEW_SUBJECTS = tuple(FEEDS)


class Billing:
    """Reads billing into the notes. ``is_current``: the key's own organization is this one."""

    def __init__(self, client: Client, notes: Notes, as_of: date, *, is_current: bool) -> None:
        self.client = client
        self.notes = notes
        self.as_of = as_of
        self.is_current = is_current
        self.base = f"/api/organizations/{quote(notes.organization_id, safe='')}/billing/"
        self.helpers_refused: str | None = None

    def overview(self) -> dict[str, Any]:
        """The organization's billing columns, after noting subscriptions, lines and limits."""
        organization: dict[str, Any] = {}
        with self.notes.reading(*OVERVIEW_SUBJECTS):
            answer, refused = self._overview()
            tables = overview_tables(
                answer, organization_id=self.notes.organization_id, as_of=self.as_of
            )
            organization = tables["organizations"][0]
            for name in OVERVIEW_SUBJECTS:
                reason = next((refused[part] for part in FEEDS[name] if part in refused), None)
                if reason:
                    self.notes.missing(name, reason=reason)
                else:
                    rows = self.notes.add(name, tables[name])
                    self.notes.read(name, query_name="GET billing", row_count=rows)
        return organization

    def _overview(self) -> tuple[dict[str, Any], dict[str, str]]:
        """The merged overview, and the reason of each of its parts that was refused."""
        refused: dict[str, str] = {}
        try:
            subscription = self.client.get(self.base + "subscription/")
            products = self.client.get(self.base + "products/", {"include_plans": "true"})
        except RequestError as error:
            return self._older(error, "/api/billing/"), refused
        parts: dict[str, Mapping[str, Any]] = {}
        for name in ("usage", "spend", "forecast", "limits", "features"):
            try:
                parts[name] = self.client.get(f"{self.base}{name}/")
            except RequestError as error:
                if error.stops_the_pull:
                    raise
                refused[name] = str(error)
        return merged_overview(subscription=subscription, products=products, **parts), refused

    def _older(
        self, error: RequestError, path: str, params: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        self._refuse_older(error)
        return self.client.get(path, params)

    def _refuse_older(self, error: RequestError) -> None:
        if error.stops_the_pull or error.scope or error.status not in (403, 404):
            raise error
        if not self.is_current:
            raise RequestError(
                f"{error} The older billing API speaks only of the organization the key's owner is "
                "in at the moment: switch to this one in PostHog and pull again.",
                status=error.status,
            )

    def usage(self, first: date) -> None:
        """usage_daily from ``first`` to the day before as_of, with the unbilled helpers."""
        with self.notes.reading("usage_daily"):
            rows = self._series("usage", first, ["type", "team"], None)
            count = self.notes.add("usage_daily", rows)
            self.notes.read("usage_daily", query_name="GET billing usage", row_count=count)
        for counter in HELPER_COUNTERS:
            try:
                self.notes.add(
                    "usage_daily", self._series("usage", first, ["type", "team"], counter)
                )
            except RequestError as error:
                if error.stops_the_pull:
                    raise
                if counter != EVENTS_WITH_GROUPS:
                    self.helpers_refused = str(error)

    def _series(
        self, kind: str, first: date, breakdowns: list[str], counter: str | None
    ) -> list[dict[str, Any]]:
        rows = []
        for answer in self._answers(kind, first, breakdowns, counter):
            rows += series_rows(answer, organization_id=self.notes.organization_id)
        return [
            row for row in rows if counter is None or row["usage_type"] == usage_type_of(counter)
        ]

    def _answers(
        self, kind: str, first: date, breakdowns: list[str], counter: str | None
    ) -> list[dict[str, Any]]:
        answers = []
        start = first
        while start < self.as_of:
            end = min(start + timedelta(days=LONGEST_WINDOW_DAYS), self.as_of)
            answers.append(self._answer(kind, start, end, breakdowns, counter))
            start = end
        return answers

    def _answer(
        self, kind: str, start: date, end: date, breakdowns: list[str], counter: str | None
    ) -> dict[str, Any]:
        params: dict[str, Any] = {
            "start_date": start.isoformat(),
            "end_date": (end - timedelta(days=1)).isoformat(),
            "breakdowns": _json_list(breakdowns),
            "interval": "day",
        }
        if counter:
            params["usage_types"] = _json_list([counter])
        by_project = "team" in breakdowns
        try:
            path = f"{self.base}{kind}/timeseries/"
            more = {"limit": SERIES_PER_PAGE} if by_project else {}
            series = pages.every(self.client, path, {**params, **more}, identity=_series_identity)
        except RequestError as error:
            self._refuse_older(error)
            path, more = (
                f"/api/billing/{kind}/",
                {"page_size": SERIES_PER_PAGE} if by_project else {},
            )
            series = pages.every(
                self.client, path, {**params, **more}, identity=_series_identity, cursor="after"
            )
        return {"results": series}

    def past_periods(self, organization: Mapping[str, Any], first: date) -> None:
        """Bill lines of the finished periods that lie wholly in the history.

        Daily spend is added up over each period: periods need not start on the 1st, so the
        vendor's months would not do. A refusal costs the past only and is noted as quality.
        """
        start = organization.get("period_start")
        if not start or organization.get("period_interval") not in (None, "month"):
            return
        periods = finished_periods(date.fromisoformat(start), first)
        if not periods:
            return
        answers: list[dict[str, Any]] = []
        try:
            answers = self._answers("spend", periods[0][0], ["type"], None)
        except RequestError as error:
            if error.stops_the_pull:
                raise
            message = f"Amounts of finished bills could not be read. {error}"
            self.notes.quality("bill_lines", "past_amounts_missing", message, len(periods))
        spent: dict[tuple[Period, str], Decimal] = {}
        for answer in answers:
            for product, day, amount in spend_by_day(answer):
                period = _period_of(day, periods)
                if period:
                    spent[period, product] = spent.get((period, product), Decimal(0)) + amount
        used: Counter[tuple[Period, str]] = Counter()
        for row in self.notes.rows("usage_daily"):
            period = _period_of(row["day"], periods)
            if period and row["usage_type"] not in HELPER_COUNTERS:
                used[period, product_of(row["usage_type"])] += row["quantity"]
        self.notes.add(
            "bill_lines",
            [
                {
                    "period_start": period[0].isoformat(),
                    "period_end": period[1].isoformat(),
                    "product": product,
                    "quantity": used.get((period, product)),
                    "amount_usd": spent.get((period, product)),
                    "is_complete": True,
                }
                for period, product in sorted({*spent, *used})
            ],
        )

    def invoices(self) -> None:
        """What was invoiced. The vendor tells neither attempts nor payment day nor credit notes.

        Source: PostHog/posthog ee/api/organization_billing.py, BillingInvoiceSerializer.
        """
        with self.notes.reading("invoices"):
            items = pages.every(self.client, self.base + "invoices/", {"limit": pages.PAGE_ROWS})
            rows = [
                {
                    "invoice_id": str(item["id"]),
                    "status": str(item.get("status")),
                    "period_start": _day(item.get("period_start")),
                    "period_end": _day(item.get("period_end")),
                    "total_usd": item.get("total"),
                    "amount_due_usd": item.get("amount_due"),
                    "issued_at": item.get("created"),
                }
                for item in items
            ]
            self.notes.add("invoices", rows)
            self.notes.read("invoices", query_name="GET billing invoices", row_count=len(rows))


def finished_periods(current_start: date, first: date) -> list[Period]:
    """Monthly periods before ``current_start``, oldest first, none reaching before ``first``."""
    periods = []
    end = current_start
    for months in range(1, 25):
        start = _months_before(current_start, months)
        if start < first:
            break
        periods.append((start, end))
        end = start
    return periods[::-1]


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def _period_of(day: str, periods: list[Period]) -> Period | None:
    moment = date.fromisoformat(day)
    return next((p for p in periods if p[0] <= moment < p[1]), None)


def _day(value: Any) -> str | None:
    return str(value)[:10] if value else None


def _json_list(values: list[str]) -> str:
    return "[" + ",".join(f'"{value}"' for value in values) + "]"


def _series_identity(item: Mapping[str, Any]) -> str:
    return str(item.get("breakdown_value"))
