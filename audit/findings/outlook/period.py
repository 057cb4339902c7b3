"""The billing month that an account is in."""

from datetime import date

import pandas as pd

from audit.account import Account
from audit.findings.outlook.model import Period
from audit.forecast.months import months_after

#: A billing period of more days is priced by months: tiers and allowances begin anew with each.
LONGEST_MONTH_DAYS = 62


def running_period(account: Account, as_of: date) -> tuple[Period, str]:
    """The billing month ``as_of`` lies in, and what had to be assumed to tell, or nothing."""
    organization = account.organization
    start, end = organization["period_start"], organization["period_end"]
    if pd.isna(start) or pd.isna(end) or end <= start:
        return (
            Period(as_of, months_after(as_of, 1)),
            f"The billing period is not known; months are counted from {as_of}.",
        )
    first, last = start.date(), end.date()
    yearly = organization["period_interval"]
    is_long = (last - first).days > LONGEST_MONTH_DAYS or (
        not pd.isna(yearly) and str(yearly) == "year"
    )
    if first <= as_of <= last and not is_long:
        return Period(first, last), ""
    months = (as_of.year - first.year) * 12 + as_of.month - first.month
    while months_after(first, months) > as_of:
        months -= 1
    rolled = Period(months_after(first, months), months_after(first, months + 1))
    if first <= as_of <= last:
        return rolled, (
            f"The billing period is longer than a month ({first} to {last}); periods are priced "
            f"by months, from {rolled.start}."
        )
    return rolled, (
        f"{as_of} is outside the billing period of the data ({first} to {last}); periods are "
        f"counted on by months, from {rolled.start}."
    )
