"""Bills of an account: the priced month, the periods the vendor speaks of, and the running one."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pandas as pd

from audit.account import Account
from audit.findings.model import Forecast, VendorLine
from audit.findings.outlook.model import Outlook
from audit.findings.pricing import line_estimate, own_prices
from audit.findings.world import World
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


def forecast(account: Account, ahead: Outlook | None, today: date, reason: str) -> Forecast:
    """The running period of the outlook; unknown, with the reason, where the period is."""
    organization = account.organization
    start, end = organization["period_start"], organization["period_end"]
    if ahead is None and reason:
        known = not (pd.isna(start) or pd.isna(end))
        return _no_forecast(start.date() if known else None, end.date() if known else None, reason)
    if pd.isna(start) or pd.isna(end):
        return _no_forecast(None, None, "The current billing period is not known.")
    first, last = start.date(), end.date()
    if last <= first:
        return _no_forecast(first, last, "The billing period has no days.")
    if not first <= today <= last:
        return _no_forecast(first, last, f"{today} is outside the billing period.")
    if ahead is None:
        return _no_forecast(first, last, reason)
    running = ahead.periods[0]
    return Forecast(
        running.start, running.end, ahead.lines, ahead.running_discount, ahead.running, ""
    )


def _no_forecast(first: date | None, last: date | None, reason: str) -> Forecast:
    return Forecast(first, last, (), NOTHING, None, reason)
