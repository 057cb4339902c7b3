"""Bills of an account: the priced month, the periods the vendor speaks of, and the running one."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pandas as pd

from audit.account import Account
from audit.findings.model import Forecast, ForecastLine, VendorLine
from audit.findings.pricing import line_estimate, own_prices
from audit.findings.world import World
from audit.forecast import to_period_end
from audit.pricing import Bill, Catalogue, bill

NOTHING = Decimal("0.00")


def bill_of(account: Account, world: World, on: date, quantities: Mapping[str, int]) -> Bill:
    """Metered units by product as a bill, on the account's own terms."""
    catalogue = Catalogue.load()
    named = {}
    for product, quantity in quantities.items():
        known = catalogue.products.get(product)
        named[known.usage_type if known and known.usage_type else product] = quantity
    return bill(
        named,
        on=on,
        own=own_prices(account),
        limits_usd={product: limit for (_, product), limit in world.prices.limits.items()},
        discount_percent=world.prices.percent.get(0, Decimal(0)),
        discount_amount_usd=world.prices.amount_off.get(0, Decimal(0)),
    )


def vendor_lines(account: Account) -> tuple[VendorLine, ...]:
    """Every billing period the vendor speaks of, oldest first."""
    own = own_prices(account)
    lines = []
    for row in account["bill_lines"].itertuples():
        quantity = None if pd.isna(row.quantity) else int(row.quantity)
        complete = False if pd.isna(row.is_complete) else bool(row.is_complete)
        start = row.period_start.date()
        estimate = None
        if complete and quantity is not None:
            estimate = line_estimate(row.product, quantity, start, own)
        if row.amount_usd is None and row.projected_amount_usd is None and estimate is None:
            continue
        lines.append(
            VendorLine(
                period_start=start,
                period_end=row.period_end.date(),
                product=row.product,
                quantity=quantity,
                amount=row.amount_usd,
                projected_quantity=None
                if pd.isna(row.projected_quantity)
                else int(row.projected_quantity),
                projected=row.projected_amount_usd,
                estimate=estimate,
                is_complete=complete,
            )
        )
    return tuple(sorted(lines, key=lambda v: (v.period_start, v.product)))


def forecast(account: Account, world: World, today: date) -> Forecast:
    """The running period by weekday run rate, on the terms of the bill: packages, limits and
    discounts included."""
    organization = account.organization
    start, end = organization["period_start"], organization["period_end"]
    if pd.isna(start) or pd.isna(end):
        return _no_forecast(None, None, "The current billing period is not known.")
    first, last = start.date(), end.date()
    if last <= first:
        return _no_forecast(first, last, "The billing period has no days.")
    if not first <= today <= last:
        return _no_forecast(first, last, f"{today} is outside the billing period.")
    catalogue = Catalogue.load()
    daily = account["usage_daily"]
    meters = daily["usage_type"].map(catalogue.product_of_usage_type)
    daily = daily.assign(meter=meters).dropna(subset=["meter"])
    expected = to_period_end(daily, period_start=first, period_end=last, as_of=today)
    if not expected:
        return _no_forecast(first, last, "No daily usage is known.")
    whole = {product: units.expected for product, units in expected.items()}
    priced = world.prices.lines["meter"].astype("str")
    packages = world.prices.lines["origin"] == "subscriptions"
    known = {p: q for p, q in whole.items() if p in set(priced) or _has_price(account, p, q, today)}
    known |= dict.fromkeys(priced[packages], 1)
    total = bill_of(account, world, today, known)
    lines = []
    for line in total.lines:
        units = expected.get(line.product)
        counted, full = (units.counted, units.expected) if units else (1, 1)
        lines.append(ForecastLine(line.product, counted, full, line.amount))
    return Forecast(first, last, tuple(lines), total.discount, total.total, "")


def _has_price(account: Account, product: str, quantity: int, on: date) -> bool:
    return line_estimate(product, quantity, on, own_prices(account)) is not None


def _no_forecast(first: date | None, last: date | None, reason: str) -> Forecast:
    return Forecast(first, last, (), NOTHING, None, reason)
