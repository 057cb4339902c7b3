"""The vendor's own PostHog project: mirrors of billing and of the CRM, through HogQL.

One key fills a whole portfolio: customers and their periods, finished and coming bills by product,
usage by day and counter, and the traits of every account. Names of tables are settings.

Source: handbook, onboarding/onboarding-data; PostHog/skills, posthog-customer-deep-dive (queries).
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.meters import METERS, UNBILLED_COUNTERS, product_of
from audit.sources.files.expand import fields_of, written
from audit.sources.posthog.client import Client
from audit.sources.systems.gathered import Gathered, Row, Who
from audit.web.failures import RequestError
from audit.web.systems import Warehouse

#: The vendor's most for one answer.
PAGE_ROWS = 50_000
#: Bills of so many days: a year, and the month before it.
BILL_DAYS = 400
ALIAS = "out_"
Numbers = npt.NDArray[Any]
#: A row of usage has a score of counters, an account all of its traits: fewer come at once.
USAGE_ROWS = 10_000
ACCOUNT_ROWS = 1_000
#: All that is metered, and what is counted without being billed.
COUNTERS = (
    *dict.fromkeys(meter.usage_type for meter in METERS if meter.usage_type),
    *sorted(UNBILLED_COUNTERS),
)


class Mirror:
    """Queries on one project."""

    def __init__(self, client: Client, settings: Warehouse, who: Who | None) -> None:
        self.client = client
        self.settings = settings
        self.who = who

    def rows(
        self,
        name: str,
        columns: Mapping[str, str],
        source: str,
        key: tuple[str, ...],
        *,
        where: str = "",
        group: bool = False,
        values: Mapping[str, Any] | None = None,
        page_rows: int = PAGE_ROWS,
    ) -> Iterator[list[Row]]:
        """Pages of a query in order of ``key``, each after the last key of the one before.

        Raises: RequestError; what was yielded before is then not to be used.
        """
        after: dict[str, Any] = {}
        while True:
            text = _query(columns, source, key, where, group, bool(after), self.who is not None)
            given = {**(values or {}), **after}
            if self.who is not None:
                given["organization_id"] = self.who.organization_id
            body = {
                "query": {
                    "kind": "HogQLQuery",
                    "query": f"{text}\nLIMIT {page_rows}",
                    "values": given,
                },
                "name": f"account-audit {name}",
                "refresh": "blocking",
            }
            page = _page(self.client.query(self.settings.project_id, body), columns, name)
            yield page
            if len(page) < page_rows:
                return
            after = {f"after_{column}": page[-1][column] for column in key}


def _query(
    columns: Mapping[str, str],
    source: str,
    key: tuple[str, ...],
    where: str,
    group: bool,
    more: bool,
    one: bool,
) -> str:
    # An alias that is a column's name too would stand for the column in the rest of the query.
    listed = ", ".join(f"{expression} AS {ALIAS}{name}" for name, expression in columns.items())
    keys = ", ".join(columns[name] for name in key)
    conditions = [where] if where else []
    if one:
        conditions.append(f"{columns['organization_id']} = {{organization_id}}")
    if more:
        after = ", ".join(f"{{after_{name}}}" for name in key)
        conditions.append(f"({keys}) > ({after})")
    text = f"SELECT {listed}\nFROM {source}"
    if conditions:
        text += f"\nWHERE {' AND '.join(conditions)}"
    if group:
        text += f"\nGROUP BY {keys}"
    return f"{text}\nORDER BY {keys}"


def _page(answer: Mapping[str, Any], columns: Mapping[str, str], name: str) -> list[Row]:
    results, named = answer.get("results"), answer.get("columns")
    if (
        answer.get("error")
        or not isinstance(results, list)
        or named != [f"{ALIAS}{column}" for column in columns]
    ):
        raise RequestError(
            f"The query {name} on the warehouse came back without its columns. Check the table "
            f"names under systems.warehouse. {answer.get('error') or ''}".strip()
        )
    if any(not isinstance(row, list) or len(row) != len(columns) for row in results):
        raise RequestError(f"The query {name} came back with rows of another width.")
    return [dict(zip(columns, row, strict=True)) for row in results]


def read(
    client: Client, settings: Warehouse, who: Who | None, as_of: date, history_days: int
) -> Gathered:
    """All that the mirrors hold; each table that cannot be read is missing with its reason.

    Raises: RequestError when the key is refused, or the customers cannot be read.
    """
    out = Gathered("warehouse")
    mirror = Mirror(client, settings, who)
    if settings.customers:
        _customers(out, mirror)
    for name, table, subject, reading in (
        ("invoices", settings.invoices, "bill_lines", _invoices),
        ("upcoming", settings.upcoming, "bill_lines.projected", _upcoming),
        ("accounts", settings.accounts, "lifecycle.warehouse", _accounts),
        ("usage", settings.usage, "usage_daily", _usage),
    ):
        if not table:
            continue
        try:
            reading(out, mirror, as_of, history_days)
        except RequestError as error:
            if error.stops_the_pull:
                raise
            out.missing[subject] = f"{name}: {error}"
    out.requests = client.connection.sent
    return out


def _customers(out: Gathered, mirror: Mirror) -> None:
    columns = {
        "organization_id": "toString(organization_id)",
        "customer_id": "toString(id)",
        "name": "name",
        "period_start": "toString(billing_period_starts)",
        "period_end": "toString(billing_period_ends)",
        "amount_off": "toString(amount_off)",
        "account_owner": "toString(account_executive_id)",
    }
    source = mirror.settings.customers
    for page in mirror.rows("customers", columns, source, ("organization_id",)):
        for row in page:
            identity = str(row["organization_id"])
            out.names[identity] = str(row["name"] or identity)
            out.customers[str(row["customer_id"])] = identity
            out.add(
                "organizations",
                [
                    {
                        "organization_id": identity,
                        "customer_id": row["customer_id"],
                        "period_start": _day(row["period_start"]),
                        "period_end": _day(row["period_end"]),
                        "discount_amount_usd": _money(row["amount_off"]),
                        "account_owner": row["account_owner"] or None,
                    }
                ],
            )
    out.read["organizations"] = len(out.rows.get("organizations", []))


def _joined(mirror: Mirror, table: str) -> str:
    return f"{table} AS bill JOIN {mirror.settings.customers} AS who ON who.id = bill.customer_id"


def _invoices(out: Gathered, mirror: Mirror, as_of: date, _: int) -> None:
    columns = {
        "organization_id": "toString(who.organization_id)",
        "period_start": "toString(bill.period_start)",
        "period_end": "toString(bill.period_end)",
        "by_product": "toString(bill.mrr_per_product)",
    }
    since = {"since": (as_of - timedelta(days=BILL_DAYS)).isoformat()}
    rows: list[Row] = []
    for page in mirror.rows(
        "invoices",
        columns,
        _joined(mirror, mirror.settings.invoices),
        ("organization_id", "period_start"),
        where="toString(bill.period_end) >= {since}",
        values=since,
    ):
        for row in page:
            for product, amount in _products(out, row):
                rows.append(
                    {
                        "organization_id": row["organization_id"],
                        "period_start": _day(row["period_start"]),
                        "period_end": _day(row["period_end"]),
                        "product": product,
                        "amount_usd": amount,
                        "is_complete": True,
                    }
                )
    out.read["bill_lines"] = out.add("bill_lines", rows)


def _upcoming(out: Gathered, mirror: Mirror, _: date, __: int) -> None:
    columns = {
        "organization_id": "toString(who.organization_id)",
        "period_start": "toString(who.billing_period_starts)",
        "period_end": "toString(who.billing_period_ends)",
        "total": "toString(bill.mrr)",
        "by_product": "toString(bill.mrr_per_product)",
    }
    source = _joined(mirror, mirror.settings.upcoming)
    rows: list[Row] = []
    for page in mirror.rows("upcoming", columns, source, ("organization_id",)):
        for row in page:
            who = {"organization_id": row["organization_id"]}
            total = _money(row["total"])
            if total is not None:
                out.add("organizations", [{**who, "projected_total_usd": total}])
            start, end = _day(row["period_start"]), _day(row["period_end"])
            if start is None or end is None:
                continue
            for product, amount in _products(out, row):
                line = {"period_start": start, "period_end": end, "product": product}
                rows.append({**who, **line, "projected_amount_usd": amount, "is_complete": False})
    out.read["bill_lines.projected"] = out.add("bill_lines", rows)


def _products(out: Gathered, row: Row) -> Iterator[tuple[str, Decimal]]:
    try:
        amounts = json.loads(row["by_product"] or "{}", parse_float=Decimal)
    except ValueError:
        amounts = None
    if not isinstance(amounts, dict):
        out.say(
            str(row["organization_id"]),
            "bill_lines",
            "products_not_read",
            f"The bill of {row['period_start']} does not say what each product cost.",
        )
        return
    known: dict[str, Decimal] = {}
    for name, held in amounts.items():
        amount = _money(held)
        if amount is not None:
            product = product_of(str(name))
            known[product] = known.get(product, Decimal(0)) + amount
    yield from known.items()


def _accounts(out: Gathered, mirror: Mirror, _: date, __: int) -> None:
    columns = {
        "organization_id": "toString(external_id)",
        "name": "name",
        "traits": "toString(traits)",
        "updated_at": "toString(updated_at)",
    }
    count = 0
    for page in mirror.rows(
        "accounts",
        columns,
        mirror.settings.accounts,
        ("organization_id",),
        where="external_id <> ''",
        page_rows=ACCOUNT_ROWS,
    ):
        for row in page:
            identity = str(row["organization_id"])
            try:
                traits = json.loads(row["traits"] or "{}")
            except ValueError:
                message = "The traits of this account in the warehouse are no JSON."
                out.say(identity, "lifecycle", "traits_not_read", message)
                continue
            out.names.setdefault(identity, str(row["name"] or identity))
            for name, held in fields_of("traits", traits):
                value = written(held)
                if value is not None:
                    who = {"organization_id": identity}
                    out.field(who, name, value, row["updated_at"])
                    count += 1
    out.read["lifecycle.warehouse"] = count


def _usage(out: Gathered, mirror: Mirror, as_of: date, history_days: int) -> None:
    """Counters of the whole organization by day; of a day reported twice the last report counts."""
    report = "argMax(report, toString(timestamp))"
    columns = {
        "organization_id": "toString(organization_id)",
        "day": "toString(toDate(date))",
        **{
            # A counter that the report has not is unknown, and no zero.
            name: f"if(JSONHas({report}, '{name}'), JSONExtractInt({report}, '{name}'), NULL)"
            for name in COUNTERS
        },
    }
    days = {"since": (as_of - timedelta(days=history_days)).isoformat(), "end": as_of.isoformat()}
    usage = _Usage()
    for page in mirror.rows(
        "usage",
        columns,
        mirror.settings.usage,
        ("organization_id", "day"),
        where="toString(toDate(date)) >= {since} AND toString(toDate(date)) < {end}",
        group=True,
        values=days,
        page_rows=USAGE_ROWS,
    ):
        usage.add(page)
    whole = usage.frame()
    if len(whole):
        out.frames["usage_daily"] = whole
    out.read["usage_daily"] = len(whole)


class _Usage:
    """Counters by organization and day as small numbers, page by page: a portfolio has millions."""

    def __init__(self) -> None:
        self._organizations: dict[str, int] = {}
        self._days: dict[str, int] = {}
        self._parts: list[tuple[Numbers, Numbers, Numbers, Numbers]] = []

    def add(self, page: list[Row]) -> None:
        who = _codes(self._organizations, page, "organization_id")
        when = _codes(self._days, page, "day")
        for number, counter in enumerate(COUNTERS):
            held = [row[counter] for row in page]
            known = np.array([value is not None for value in held], dtype=bool)
            if any(value is not None and not isinstance(value, int) for value in held):
                raise RequestError(f"The warehouse's {counter} is no whole number.")
            quantity = np.array([value for value in held if value is not None], dtype=np.int64)
            which = np.full(len(quantity), number, dtype=np.int32)
            self._parts.append((who[known], when[known], which, quantity))

    def frame(self) -> pd.DataFrame:
        """usage_daily, with categories for the texts. The vendor's reports of a whole organization
        belong to no one project."""
        if not self._parts:
            return pd.DataFrame()
        who, when, which, quantity = (
            np.concatenate(part) for part in zip(*self._parts, strict=True)
        )
        category = pd.Categorical.from_codes
        return pd.DataFrame(
            {
                "organization_id": category(who, list(self._organizations)),
                "project_id": category(np.zeros(len(who), dtype=np.int32), [""]),
                "day": category(when, list(self._days)),
                "usage_type": category(which, list(COUNTERS)),
                "quantity": quantity,
            }
        )


def _codes(known: dict[str, int], page: list[Row], name: str) -> Numbers:
    codes = (known.setdefault(str(row[name]), len(known)) for row in page)
    return np.fromiter(codes, dtype=np.int32, count=len(page))


def _day(value: Any) -> str | None:
    text = str(value or "")[:10]
    return text if len(text) == 10 else None


def _money(value: Any) -> Decimal | None:
    try:
        amount = None if value in (None, "") else Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() else None
