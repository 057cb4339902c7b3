"""What is said of an account's coming billing periods.

Money is ``Decimal`` USD in whole cents, an estimate, of the whole organization. A range is of
whole outcomes: days, products and findings are never added up at the same end of theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Range:
    """Mean and percentiles of simulated outcomes: 80% lie from p10 to p90, 95% from p025 to p975.

    ``mean``s of parts add up to the mean of the whole; percentiles do not.
    """

    mean: Decimal
    p50: Decimal
    p10: Decimal
    p90: Decimal
    p025: Decimal
    p975: Decimal


@dataclass(frozen=True)
class Period:
    """A billing period: ``start`` to before ``end``."""

    start: date
    end: date


@dataclass(frozen=True)
class LineOutlook:
    """One product in the running period. Units are metered units.

    ``counted``: so far; ``units``: over the whole period, ``amount`` for them, held to the billing
    limit, before discounts. ``if_it_passes`` and ``if_it_stays``: units where the last days are far
    from what was usual, else None: then nobody can tell yet, and the range holds for the first.
    """

    product: str
    counted: int
    units: Range
    amount: Range
    method: str
    note: str
    if_it_passes: int | None = None
    if_it_stays: int | None = None


@dataclass(frozen=True)
class FindingOutlook:
    """What one finding saves over the next billing period and over the next twelve together.

    ``on_top``: after those ranked above it, its mean a part of the joint saving's; ``alone``: by
    itself. ``came_true``: the share of the cut that is expected to come true once it is done.
    """

    next_on_top: Range
    year_on_top: Range
    next_alone: Range
    year_alone: Range
    came_true: float


@dataclass(frozen=True)
class Draws:
    """The simulated outcomes behind the ranges, a row per draw; what plans and scenarios price.

    ``units``: (draws, 13, lines), whole metered units. ``bill``, ``fixed``: (draws, 13) cents after
    discounts and before credit, without and with all open findings fixed; in the running period,
    the first, nothing is fixed. ``listed``, ``listed_fixed``: the same before discounts, held to
    the billing limits (what a limit drops is not used): what prepaid credit is drawn down by.
    ``paid``: bill less credit.
    """

    units: Integers
    bill: Integers
    fixed: Integers
    listed: Integers
    listed_fixed: Integers
    paid: Integers


@dataclass(frozen=True)
class Outlook:
    """The running billing period and the twelve after it; all of it an estimate.

    ``periods``: thirteen, the running one first. ``running``: its bill; ``bills`` and
    ``fixed_bills``: of each period, without and with all open findings fixed from the next period
    on. ``year`` and so on: the twelve periods after the running one together; ``year_paid`` is
    what is left to pay of it after the credit there is. ``history_days``: days of usage known.
    """

    periods: tuple[Period, ...]
    draws: int
    history_days: int
    lines: tuple[LineOutlook, ...]
    running: Range
    running_discount: Decimal
    bills: tuple[Range, ...]
    fixed_bills: tuple[Range, ...]
    year: Range
    year_fixed: Range
    year_paid: Range
    next_saving: Range
    year_saving: Range
    findings: Mapping[str, FindingOutlook]
    notes: tuple[str, ...]
    simulated: Draws = field(repr=False)
