"""The measure as values: cohorts, what is apart, what was left out, and the parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pandas as pd

from audit.north_star.treatments import Treatments


class Target(StrEnum):
    """Where a retention lies, as far as its interval tells."""

    ABOVE = "above"
    BELOW = "below"
    UNDECIDED = "undecided"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Cohort:
    """Organizations whose first bill over the threshold was of one month; or all, pooled.

    ``month``: its first day; None for all. ``organizations``: retained, lost and unknown together.
    ``retained`` includes ``by_handover``. ``percent``: retained of those known, with Wilson's
    interval ``low_percent`` to ``high_percent``; None where nothing is known. ``least_percent`` and
    ``most_percent``: were all unknown ones lost, or all retained.
    ``dollar_organizations``: whose dollars count; ``base_usd`` and ``current_usd`` are their
    revenue (actual) in the first month and in the later one; ``kept_usd`` is the sum of
    the smaller of both. ``net_percent`` and ``gross_percent``: of dollars retained; None where
    there was no revenue to retain.
    """

    month: date | None
    organizations: int
    retained: int
    by_handover: int
    lost: int
    unknown: int
    percent: float | None
    low_percent: float | None
    high_percent: float | None
    least_percent: float | None
    most_percent: float | None
    target: Target
    dollar_organizations: int
    base_usd: Decimal
    current_usd: Decimal
    kept_usd: Decimal
    net_percent: float | None
    gross_percent: float | None


@dataclass(frozen=True)
class Group:
    """Organizations that are in no cohort, and why. ``months``: of their first bills, in order.

    ``looked_at``: those whose later month is over, of which ``billed`` had a bill in it; both only
    of groups that are shown apart.
    """

    status: str
    reason: str
    organizations: int
    months: tuple[date, ...] = ()
    looked_at: int = 0
    billed: int = 0


@dataclass(frozen=True)
class NorthStar:
    """The measure over a store.

    ``parameters``: each treatment in force, with its meaning and source. ``pooled``: all cohorts
    together. ``young``: cohorts whose months are not over. ``organizations``: one row per
    organization, as :func:`audit.north_star.standing.standings` returns it, cohort as a day.
    """

    as_of: date
    policy: str
    policy_source: str
    treatments: Treatments
    threshold_usd: float
    parameters: tuple[Mapping[str, Any], ...]
    target_percent: float
    target_source: str
    confidence_percent: int
    cohorts: tuple[Cohort, ...]
    pooled: Cohort
    apart: tuple[Group, ...]
    young: tuple[Group, ...]
    left_out: tuple[Group, ...]
    notes: tuple[str, ...]
    organizations: pd.DataFrame
