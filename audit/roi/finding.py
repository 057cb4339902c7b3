"""What each finding returns on the effort it takes.

Yearly savings are USD a year before the effort, estimates: twelve times the monthly saving on top
of those ranked above, or what simulated usage gives where the caller has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from audit.checks import Effort
from audit.errors import InputError, unknown_name
from audit.findings.model import Audit, Finding
from audit.pricing import cents_of
from audit.roi.assumptions import Assumptions

MONTHS_A_YEAR = 12
DAYS_A_YEAR = 365
TENTH = Decimal("0.1")

YEARLY = "yearly saving = 12 x the saving of a billing month, on top of those above"
SIMULATED = (
    "yearly saving = mean over simulated usage of twelve billing periods, of what comes true of a "
    "fix, on top of those above"
)
EFFORT = "effort = hours of its kind of change x cost of an hour"
PAYBACK = "payback days = effort / (yearly saving / 365)"
RETURN = "return = (yearly saving - effort) / effort, in the first year"

#: Finding id to the low, middle and high of its yearly saving in USD.
Yearly = Mapping[str, tuple[Any, Any, Any]]


@dataclass(frozen=True)
class Range:
    """USD a year. ``low`` and ``high`` are None where only one figure is known."""

    mid: Decimal
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True)
class FindingReturn:
    """One open finding. ``payback_days``: 0 for a change that costs nothing, None where it never
    pays back. ``first_year_return``: a share of the effort (1 is as much again), None where the
    change costs nothing."""

    finding: Finding
    hours: Decimal
    effort_usd: Decimal
    monthly: Decimal
    yearly: Range
    payback_days: Decimal | None
    first_year_return: Decimal | None

    @property
    def first_year_net(self) -> Decimal:
        """Yearly saving less the effort."""
        return self.yearly.mid - self.effort_usd


@dataclass(frozen=True)
class Together:
    """All findings that save. ``yearly.mid`` is the sum of theirs; ends do not add up."""

    hours: Decimal
    effort_usd: Decimal
    yearly: Range
    payback_days: Decimal | None
    first_year_return: Decimal | None


def finding_returns(
    audit: Audit, own: Assumptions, yearly: Yearly | None = None, *, team: bool = False
) -> tuple[FindingReturn, ...]:
    """Open findings with a saving, in the order of the ranking.

    Raises: InputError for a range that is none, or of a finding that the audit does not have.
    """
    told = {} if yearly is None else _checked(audit, yearly)
    shown = audit.open_findings if team else audit.for_customer
    return tuple(
        _returned(finding, own, told.get(finding.id))
        for finding in shown
        if finding.saving.on_top > 0 or finding.id in told
    )


def together(found: tuple[FindingReturn, ...], joint: Range | None = None) -> Together:
    """All of them done. ``joint``: the range of their saving, where simulated usage gives one."""
    yearly = joint or Range(sum((one.yearly.mid for one in found), Decimal("0.00")))
    effort = sum((one.effort_usd for one in found), Decimal("0.00"))
    return Together(
        hours=sum((one.hours for one in found), Decimal(0)),
        effort_usd=effort,
        yearly=yearly,
        payback_days=payback_days(effort, yearly.mid),
        first_year_return=first_year_return(effort, yearly.mid),
    )


def hours_of(effort: Effort, own: Assumptions) -> Decimal:
    """Hours that a change of this kind takes whoever makes it."""
    return own.number(f"{effort.value}_hours")


def payback_days(effort: Decimal, yearly: Decimal) -> Decimal | None:
    """Days until an effort is paid back; None where it never is.

    >>> payback_days(Decimal(800), Decimal(2920)), payback_days(Decimal(800), Decimal(0))
    (Decimal('100.0'), None)
    """
    if yearly <= 0:
        return None
    return (effort * DAYS_A_YEAR / yearly).quantize(TENTH, rounding=ROUND_HALF_UP)


def first_year_return(effort: Decimal, yearly: Decimal) -> Decimal | None:
    """What a dollar of effort earns in the first year, beside itself; None without an effort."""
    if effort <= 0:
        return None
    return ((yearly - effort) / effort).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def usd_range(of: tuple[Any, Any, Any], what: str) -> Range:
    """A low, middle and high as USD in cents. Raises: InputError for what is no range."""
    try:
        low, mid, high = (cents_of(Decimal(str(one))) for one in of)
    except (TypeError, ValueError, InvalidOperation) as error:
        raise InputError(f"{what}: {of!r} is no low, middle and high in USD.") from error
    if not all(one.is_finite() for one in (low, mid, high)) or not low <= mid <= high:
        raise InputError(f"{what}: {of!r} is not in order from low to high.")
    return Range(mid, low, high)


def _checked(audit: Audit, yearly: Yearly) -> dict[str, Range]:
    known = [finding.id for finding in audit.findings]
    for identity in yearly:
        if identity not in known:
            raise InputError(unknown_name("finding", identity, known))
    return {
        identity: usd_range(of, f"yearly saving of {identity}") for identity, of in yearly.items()
    }


def _returned(finding: Finding, own: Assumptions, told: Range | None) -> FindingReturn:
    hours = hours_of(finding.effort, own)
    effort = cents_of(hours * own.number("engineer_hour_usd"))
    monthly = finding.saving.on_top
    yearly = told or Range(monthly * MONTHS_A_YEAR)
    return FindingReturn(
        finding=finding,
        hours=hours,
        effort_usd=effort,
        monthly=monthly,
        yearly=yearly,
        payback_days=payback_days(effort, yearly.mid),
        first_year_return=first_year_return(effort, yearly.mid),
    )
