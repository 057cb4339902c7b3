"""The days of a refund: the incident, the bills it falls into, and the months before it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd

from audit.account import Account
from audit.meters import BILLING_MONTH_DAYS

#: The handbook's baseline is the mean of so many months.
BASELINE_MONTHS = 3
LONGEST_MONTH_DAYS = 31
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Span:
    """Whole UTC days, ``start`` to before ``end``."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        return self.end - ONE_DAY

    def each(self) -> Iterable[date]:
        """Every day of it, in order."""
        return (self.start + timedelta(days=n) for n in range(self.days))

    def within(self, other: "Span") -> "Span":
        """The days both have; of no days where there are none."""
        start = max(self.start, other.start)
        return Span(start, max(start, min(self.end, other.end)))

    def __str__(self) -> str:
        return f"{self.start} to {self.last}"


@dataclass(frozen=True)
class Segment:
    """The days of the incident that are on one bill, and the period of that bill."""

    days: Span
    period: Span


@dataclass(frozen=True)
class Calendar:
    """How an incident falls into bills, and the three months before it.

    ``periods_known``: the segments' periods are the vendor's billing periods, else 30 days from
    the incident's first day on. ``months_known`` says the same of ``months``, else they are the
    90 days before the incident.
    """

    segments: tuple[Segment, ...]
    periods_known: bool
    months: tuple[Span, ...]
    months_known: bool


def calendar(account: Account, incident: Span) -> Calendar:
    """The bills of an incident, and its three months before: the last three complete billing
    periods where they are known, else three times 30 days."""
    periods = billing_periods(account)
    segments = [Segment(incident.within(p), p) for p in periods if incident.within(p).days]
    known = sum(segment.days.days for segment in segments) == incident.days
    if not known:
        segments = list(_by_thirty_days(incident))
    first = segments[0].period
    before = [p for p in periods if p.end <= first.start][-BASELINE_MONTHS:]
    joined = all(one.end == next_.start for one, next_ in pairwise([*before, first]))
    if known and joined and len(before) == BASELINE_MONTHS:
        return Calendar(tuple(segments), known, tuple(before), True)
    month = timedelta(days=BILLING_MONTH_DAYS)
    months = [
        Span(incident.start - month * (n + 1), incident.start - month * n)
        for n in reversed(range(BASELINE_MONTHS))
    ]
    return Calendar(tuple(segments), known, tuple(months), False)


def billing_periods(account: Account) -> tuple[Span, ...]:
    """Every monthly billing period the account speaks of, oldest first, none overlapping.

    The running period comes first, then the vendor's lines, then invoices: where two overlap,
    the earlier named one stands. A year is no month and is left out.
    """
    found: list[Span] = []
    for table in ("organizations", "bill_lines", "invoices"):
        frame = account[table]
        rows = zip(frame["period_start"], frame["period_end"], strict=True)
        for span in sorted({one for row in rows if (one := _span(*row)) is not None}):
            if not any(span.within(other).days for other in found):
                found.append(span)
    return tuple(sorted(found))


def _span(start: Any, end: Any) -> Span | None:
    if pd.isna(start) or pd.isna(end):
        return None
    span = Span(start.date(), end.date())
    return span if 1 <= span.days <= LONGEST_MONTH_DAYS else None


def _by_thirty_days(incident: Span) -> Iterable[Segment]:
    if incident.days <= LONGEST_MONTH_DAYS:
        length = max(incident.days, BILLING_MONTH_DAYS)
        yield Segment(incident, Span(incident.start, incident.start + timedelta(days=length)))
        return
    month = timedelta(days=BILLING_MONTH_DAYS)
    for n in range(-(-incident.days // BILLING_MONTH_DAYS)):
        period = Span(incident.start + month * n, incident.start + month * (n + 1))
        yield Segment(incident.within(period), period)
