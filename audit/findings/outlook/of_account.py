"""The terms of an examined account, and what only its running billing period has."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.account import Account
from audit.errors import PriceError
from audit.findings.outlook.history import history
from audit.findings.outlook.period import running_period
from audit.findings.outlook.terms import Fix, Terms, next_limit_cents
from audit.findings.pricing import own_prices, packages
from audit.findings.savings import Part
from audit.pricing import Catalogue, Schedule

if TYPE_CHECKING:
    from audit.findings.model import Finding
    from audit.findings.world import World


def terms_of(account: Account, world: "World", ranked: Sequence[tuple["Finding", Part]]) -> Terms:
    """What other usage is priced by; fixes are those of open findings that remove something, in the
    order of ``ranked``."""
    until = account.organization["discount_expires_at"]
    percent = world.prices.percent.get(0, Decimal(0))
    return Terms(
        savings=world.savings,
        rows=world.rows.frame,
        fixes=tuple(
            Fix(finding.id, part, finding.effort)
            for finding, part in ranked
            if len(part.row) and not finding.suppressed
        ),
        amount_off_until=None if pd.isna(until) else until.date(),
        next_limits=next_limit_cents(account["limits"], percent),
    )


def with_running_lines(
    terms: Terms, account: Account, as_of: date, lookback_days: int, priced_on: date
) -> Terms:
    """The terms with a line for each meter that was used in the running period before the audited
    days: it is on the running bill, though the priced month has none of it. A meter without a price
    stays out, as everywhere."""
    period, _ = running_period(account, as_of)
    if period.start >= as_of - timedelta(days=lookback_days):
        return terms
    known = history(account, as_of)
    used = np.nansum(known.values[:, -(as_of - period.start).days :], axis=1)
    there = set(terms.meters)
    for meter, units in zip(known.meters, used, strict=True):
        schedule = _schedule(account, meter, priced_on)
        if units > 0 and meter not in there and schedule is not None:
            terms = terms.with_line(meter, schedule, "usage_daily")
    return terms


def _schedule(account: Account, meter: str, on: date) -> Schedule | None:
    """The price of a meter's units, the account's own before the public one."""
    catalogue = Catalogue.load()
    if meter in packages(catalogue):
        return None
    own = own_prices(account).get(meter)
    known = catalogue.products.get(meter)
    try:
        if own is not None:
            return own.scaled(known.divisor) if known else own
        return catalogue.metered_schedule(meter, on)
    except PriceError:
        return None
