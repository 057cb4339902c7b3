"""Prices for many organizations at once: schedules, lines, limits, discounts, in whole cents.

The same rules as :func:`audit.pricing.bill` (line rounded, held to its limit, percentage off,
amount off), on integer columns; a test holds the two equal.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.account import Account
from audit.errors import InputError, PriceError
from audit.pricing import Catalogue, Schedule, bill, cents_of, fleet_cents
from audit.pricing.bill import usage_at_limit
from audit.statements import execute

Integers = npt.NDArray[np.int64]

#: A percentage is kept in 1/10,000 of a point; a finer one is refused.
PERCENT_SCALE = 10_000
NO_LIMIT = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Unpriced:
    """A meter with usage and no price."""

    key: int
    meter: str
    quantity: int
    reason: str


@dataclass
class Prices:
    """``lines``: one row per (key, meter): quantity, schedule, cents, origin. Terms by key."""

    lines: pd.DataFrame
    schedules: list[Schedule]
    limits: dict[tuple[int, str], Decimal]
    percent: dict[int, Decimal]
    amount_off: dict[int, Decimal]
    limit_cents: Integers
    percent_scaled: Integers
    amount_off_cents: Integers
    unpriced: list[Unpriced]

    def line_cents(self, line: Integers, quantity: Integers) -> Integers:
        """Cents of lines at other quantities: rounded, then held to the limit."""
        ids = self.lines["schedule"].to_numpy()[line]
        return np.minimum(fleet_cents(ids, quantity, self.schedules), self.limit_cents[line])

    def list_cents(self, line: Integers, quantity: Integers | None = None) -> Integers:
        """Cents of lines before their limits, at their own or other quantities."""
        own = self.lines["quantity"].to_numpy(dtype=np.int64)[line]
        ids = self.lines["schedule"].to_numpy()[line]
        return fleet_cents(ids, own if quantity is None else quantity, self.schedules)

    def payable(
        self, key: Integers, subtotal: Integers, amount_off: Integers | None = None
    ) -> Integers:
        """What is to be paid of subtotals, after both discounts, before credit. ``amount_off``:
        cents taken off each of them, where that is not what is taken off today."""
        scale = 100 * PERCENT_SCALE
        off = (2 * subtotal * self.percent_scaled[key] + scale) // (2 * scale)
        rest = subtotal - off
        return rest - np.minimum(
            rest, self.amount_off_cents[key] if amount_off is None else amount_off
        )

    def paid_share(self, key: Integers) -> npt.NDArray[np.float64]:
        """What is left of a dollar after the percentage discount; 0 without a paid plan."""
        return 1 - self.percent_scaled[key] / (100 * PERCENT_SCALE)


def fleet_prices(
    connection: duckdb.DuckDBPyConnection, audited: pd.DataFrame, totals: pd.DataFrame
) -> Prices:
    """Price every line of the audited organizations.

    ``totals``: key, meter, quantity (whole metered units of one month), origin.
    Raises: PriceError for own tiers that are malformed, or a discount finer than 0.0001 point.
    """
    catalogue = Catalogue.load()
    own, malformed = _own_schedules(connection, catalogue)
    metered = totals[~totals["meter"].isin(packages(catalogue))]
    subscribed = _packages(connection, catalogue, totals)
    lines = pd.concat([metered, subscribed, _instead(subscribed)], ignore_index=True)
    schedules: list[Schedule] = []
    numbers: dict[tuple[str, Schedule | date], int] = {}
    refused: dict[tuple[str, date], str] = {}
    days = list(audited["priced_on"].dt.date)
    chosen = np.full(len(lines), -1, dtype=np.int64)
    unpriced: list[Unpriced] = []
    for row, (key, meter, quantity) in enumerate(
        zip(lines["key"], lines["meter"].astype(object), lines["quantity"], strict=True)
    ):
        mine = own.get((key, meter))
        at = (meter, mine or days[key])
        if (key, meter) in malformed:
            unpriced.append(Unpriced(key, meter, int(quantity), malformed[key, meter]))
            continue
        if at not in numbers and (meter, days[key]) not in refused:
            try:
                schedules.append(mine or catalogue.metered_schedule(meter, days[key]))
                numbers[at] = len(schedules) - 1
            except PriceError as error:
                refused[meter, days[key]] = str(error)
        if at in numbers:
            chosen[row] = numbers[at]
        else:
            unpriced.append(Unpriced(key, meter, int(quantity), refused[meter, days[key]]))
    lines = lines.assign(schedule=chosen)[chosen >= 0].reset_index(drop=True)
    percent, amount_off = _discounts(audited)
    limits = _limits(connection)
    prices = Prices(
        lines=lines,
        schedules=schedules,
        limits=limits,
        percent=percent,
        amount_off=amount_off,
        limit_cents=_limit_cents(lines, limits, percent),
        percent_scaled=_scaled_percents(percent, len(audited)),
        amount_off_cents=_whole_cents(amount_off, len(audited)),
        unpriced=unpriced,
    )
    every = np.arange(len(lines), dtype=np.int64)
    lines["cents"] = prices.line_cents(every, lines["quantity"].to_numpy(dtype=np.int64))
    return prices


def _own_schedules(
    connection: duckdb.DuckDBPyConnection, catalogue: Catalogue
) -> tuple[dict[tuple[int, str], Schedule], dict[tuple[int, str], str]]:
    """Own schedules per metered unit by (key, product), and why others cannot be read."""
    rows = execute(
        connection,
        "SELECT a.key, s.product, s.tiers, CAST(s.flat_amount_usd AS VARCHAR) "
        "FROM subscriptions s JOIN audited a ON a.organization_id = s.organization_id "
        "WHERE s.tiers IS NOT NULL OR s.flat_amount_usd IS NOT NULL ORDER BY 1, 2",
    ).fetchall()
    read: dict[tuple[str, str | None, str | None], Schedule | str | None] = {}
    own, malformed = {}, {}
    for key, product, tiers, flat in rows:
        at = (product, tiers, flat)
        if at not in read:
            try:
                schedule = _read_own(catalogue, product, tiers, flat)
                known = catalogue.products.get(product)
                read[at] = schedule.scaled(known.divisor) if schedule and known else schedule
            except PriceError as error:
                read[at] = str(error)
        found = read[at]
        if isinstance(found, str):
            malformed[key, product] = found
        elif found is not None:
            own[key, product] = found
    return own, malformed


def _read_own(
    catalogue: Catalogue, product: str, tiers: str | None, flat: str | None
) -> Schedule | None:
    """An organization's own price per priced unit; None where it has none of its own.

    A flat amount is the price of a package; beside a metered product it means nothing.

    Raises: PriceError for tiers per another unit than the meter counts, which price nothing here.
    """
    known = catalogue.products.get(product)
    if tiers is not None and known is not None and known.meter_mismatch is not None:
        raise PriceError(f"The meter of {product!r} cannot be priced: {known.meter_mismatch}")
    rows = json.loads(tiers) if tiers is not None else None
    if rows:
        return Schedule.from_json(rows, product=product)
    if flat is None or not (product not in catalogue.products or product in packages(catalogue)):
        return None
    only = {"up_to": None, "unit_amount_usd": "0", "flat_amount_usd": flat}
    return Schedule.from_json([only], product=product, model="flat")


def packages(catalogue: Catalogue) -> frozenset[str]:
    """Products with a flat fee a month."""
    return frozenset(
        name
        for name, product in catalogue.products.items()
        if any(price.schedule.model == "flat" for price in product.prices)
    )


def own_prices(account: Account) -> dict[str, Schedule]:
    """An account's own prices by product, per priced unit, as ``audit.pricing.bill`` takes them.

    Malformed ones are left out here and on the bill; the audit says so.
    """
    catalogue = Catalogue.load()
    rows = account["subscriptions"]
    out = {}
    for product, tiers, flat in zip(
        rows["product"], rows["tiers"], rows["flat_amount_usd"], strict=True
    ):
        with suppress(PriceError):
            schedule = _read_own(
                catalogue,
                product,
                tiers if isinstance(tiers, str) else None,
                None if flat is None else str(flat),
            )
            if schedule is not None:
                out[product] = schedule
    return out


def line_estimate(
    product: str, quantity: int, on: date, own: Mapping[str, Schedule]
) -> Decimal | None:
    """USD of metered units of one product alone, before discounts; None without a price."""
    known = Catalogue.load().products.get(product)
    counted_as = known.usage_type if known and known.usage_type else product
    try:
        return bill({counted_as: quantity}, on=on, own=own).subtotal
    except (PriceError, InputError):
        return None


def _packages(
    connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, totals: pd.DataFrame
) -> pd.DataFrame:
    """Flat packages that are subscribed or on the vendor's bill, one month each."""
    rows = execute(
        connection,
        "SELECT a.key, s.product AS meter FROM subscriptions s JOIN audited a "
        "ON a.organization_id = s.organization_id "
        "WHERE s.subscribed AND (list_contains($packages, s.product) OR "
        "(s.flat_amount_usd > 0 AND NOT list_contains($known, s.product))) "
        "UNION SELECT key, meter FROM totals "
        "WHERE list_contains($packages, meter) AND quantity > 0 ORDER BY 1, 2",
        {"packages": sorted(packages(catalogue)), "known": sorted(catalogue.products)},
    ).df()
    return rows.assign(
        quantity=np.ones(len(rows), dtype=np.int64),
        window_quantity=np.ones(len(rows), dtype=np.int64),
        observed=np.full(len(rows), np.nan),
        origin="subscriptions",
    ).astype({"key": totals["key"].dtype})


#: A package and the one that is offered in its place. Source: handbook,
#: cs-and-onboarding/health-checks (legacy Teams to Boost).
INSTEAD_OF = {"teams": "boost"}

#: Event of the usage row of a package that is offered and not paid.
OFFERED = "offered"

#: Origin of a line for a package that is not subscribed: none of it is on the bill.
NOT_SUBSCRIBED = "not_subscribed"


def _instead(subscribed: pd.DataFrame) -> pd.DataFrame:
    """Lines of quantity 0 for packages that could take the place of those subscribed."""
    old = subscribed[subscribed["meter"].isin(INSTEAD_OF)]
    if old.empty:
        return old
    offered = old.assign(meter=old["meter"].map(INSTEAD_OF), origin=NOT_SUBSCRIBED)
    offered = offered.assign(quantity=0, window_quantity=0)
    both = pd.concat([subscribed, offered])[["key", "meter"]].duplicated(keep="first")
    return offered[~both.to_numpy()[len(subscribed) :]]


def with_packages(rows: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Usage rows with one more for each package: 1 for one that is paid, -1 for one that would
    take its place. So a remedy may cut the one and, by the same share, buy the other."""
    flat = lines[lines["origin"].isin(["subscriptions", NOT_SUBSCRIBED])]
    if flat.empty:
        return rows
    more = pd.DataFrame(
        {
            "key": flat["key"].to_numpy(),
            "project_id": "",
            "meter": flat["meter"].astype("str").to_numpy(),
            "event": np.where(flat["origin"] == NOT_SUBSCRIBED, OFFERED, ""),
            "library": "unknown",
            "host_class": "unknown",
            "identified": False,
            "known_person": False,
            "is_referenced": False,
            "quantity": np.where(flat["origin"] == NOT_SUBSCRIBED, -1.0, 1.0),
        }
    )
    for column in ("project_id", "meter", "event", "library", "host_class"):
        texts = rows[column].cat.categories.union(pd.unique(more[column]), sort=False)
        rows = rows.assign(**{column: rows[column].cat.set_categories(texts)})
        more[column] = more[column].astype(rows[column].dtype)
    return pd.concat([rows, more.astype({"key": rows["key"].dtype})], ignore_index=True)


def _discounts(audited: pd.DataFrame) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    percent = {
        key: value
        for key, value in zip(audited["key"], audited["discount_percent"], strict=True)
        if value is not None and value > 0
    }
    # Who has no paid plan pays nothing: usage beyond the free allowances is dropped, not billed.
    percent |= dict.fromkeys(audited["key"][unpaid(audited)].tolist(), Decimal(100))
    amount = {
        key: value
        for key, value, until, today in zip(
            audited["key"],
            audited["discount_amount_usd"],
            audited["discount_expires_at"],
            audited["as_of"],
            strict=True,
        )
        if value is not None and value > 0 and not (until < today)
    }
    return percent, amount


def unpaid(audited: pd.DataFrame) -> "pd.Series[bool]":
    """Organizations that are known to have no paid plan."""
    free = audited["subscription_level"].eq("free").fillna(False).astype(bool)
    return free | audited["has_active_subscription"].eq(False).fillna(False).astype(bool)


def _limits(connection: duckdb.DuckDBPyConnection) -> dict[tuple[int, str], Decimal]:
    rows = execute(
        connection,
        "SELECT a.key, l.product, CAST(l.limit_usd AS VARCHAR) FROM limits l JOIN audited a "
        "ON a.organization_id = l.organization_id WHERE l.limit_usd IS NOT NULL ORDER BY 1, 2",
    ).fetchall()
    return {(key, product): Decimal(limit).normalize() for key, product, limit in rows}


def _limit_cents(
    lines: pd.DataFrame, limits: dict[tuple[int, str], Decimal], percent: dict[int, Decimal]
) -> Integers:
    out = np.full(len(lines), NO_LIMIT, dtype=np.int64)
    if not limits:
        return out
    for row, at in enumerate(zip(lines["key"], lines["meter"].astype(object), strict=True)):
        limit = limits.get(at)
        off = percent.get(at[0], Decimal(0))
        if limit is not None and off < 100:
            out[row] = int(usage_at_limit(limit, off) * 100)
    return out


def _scaled_percents(percent: dict[int, Decimal], organizations: int) -> Integers:
    out = np.zeros(organizations, dtype=np.int64)
    for key, value in percent.items():
        scaled = value * PERCENT_SCALE
        if scaled != scaled.to_integral_value() or value > 100:
            raise PriceError(f"A discount of {value} percent is not 0 to 100 in steps of 0.0001.")
        out[key] = int(scaled)
    return out


def _whole_cents(amounts: dict[int, Decimal], organizations: int) -> Integers:
    out = np.zeros(organizations, dtype=np.int64)
    for key, value in amounts.items():
        out[key] = int(cents_of(value) * 100)
    return out


def subtotals(prices: Prices, organizations: int) -> Integers:
    """Sum of line cents by key."""
    out = np.zeros(organizations, dtype=np.int64)
    np.add.at(out, prices.lines["key"].to_numpy(dtype=np.int64), prices.lines["cents"].to_numpy())
    return out


def usd(cents: int) -> Decimal:
    """Cents as USD.

    >>> usd(12345)
    Decimal('123.45')
    """
    return (Decimal(int(cents)) / 100).quantize(Decimal("0.01"))
