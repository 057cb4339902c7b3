"""Whether an account goes to Sales: the verdict of the check, by the policy, with its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from audit.checks import load_checks
from audit.findings.model import Audit
from audit.policy import Policy

CHECK = "sales_handover_ready"
FIRST_PAYMENT = "first_payment_large"


class Handover(StrEnum):
    """What the policy says of handing an account to Sales."""

    READY = "ready"
    NOT_READY = "not_ready"
    UNKNOWN = "unknown"
    NOT_IN_FORCE = "not_in_force"


@dataclass(frozen=True)
class Decision:
    """``segment``: the word of the policy that hands over. ``reasons``: one clause each; of an
    account that is not ready, what stands in the way."""

    verdict: Handover
    segment: str
    reasons: tuple[str, ...]


def handover_of(audit: Audit, policy: Policy) -> Decision:
    """The verdict on one audited account. Its checks for the team must have run."""
    found = {finding.check for finding in audit.findings}
    missing = [gap.missing for gap in audit.not_evaluated if gap.check == CHECK]
    return decision(
        policy,
        policy.thresholds(load_checks()[CHECK]),
        audit.facts["organization"].iloc[0].to_dict(),
        ready=CHECK in found,
        missing=missing[0] if missing else None,
        first_payment=FIRST_PAYMENT in found,
    )


def decision(
    policy: Policy,
    thresholds: Mapping[str, float],
    facts: Mapping[str, Any],
    *,
    ready: bool,
    missing: str | None = None,
    first_payment: bool = False,
) -> Decision:
    """The verdict in words.

    ``facts``: of the organization, None or NaN where unknown. ``ready``: what the check says;
    ``missing``: the fact it lacked, if it could not be evaluated. ``first_payment``: the check of
    a large first bill flagged it, which goes to Sales whatever else is true.
    """
    segment = policy.word("words.handover_segment")
    if first_payment:
        forecast = _usd(facts.get("forecasted_bill_usd"))
        reason = (
            f"the first bill is forecast at {forecast} (estimate), which goes straight to Sales"
        )
        return Decision(Handover.READY, segment, (reason,))
    if CHECK in policy.not_in_force:
        return Decision(Handover.NOT_IN_FORCE, segment, (policy.not_in_force[CHECK],))
    if missing is not None:
        return Decision(Handover.UNKNOWN, segment, (f"{missing} is unknown",))
    if ready:
        return Decision(Handover.READY, segment, tuple(_for(thresholds, facts)))
    return Decision(Handover.NOT_READY, segment, tuple(_against(thresholds, facts)))


def _for(thresholds: Mapping[str, float], facts: Mapping[str, Any]) -> list[str]:
    months = int(thresholds["stable_months"])
    level = _usd(thresholds["monthly_usd"])
    lowest = _usd(facts.get(f"lowest_of_{months}_bills_usd"))
    last, before = _number(facts.get("recent_bill_1_usd")), _number(facts.get("recent_bill_2_usd"))
    reasons = [f"{_bills(months)} above {level}, the lowest {lowest} (actual)"]
    if last is not None and before:
        reasons.append(f"the last bill is {last / before - 1:+.0%} on the one before")
    left = _usd(facts.get("bill_after_fixes_usd"))
    return [*reasons, f"{left} would be left after all fixes (estimate)", "nothing needs action"]


def _against(thresholds: Mapping[str, float], facts: Mapping[str, Any]) -> list[str]:
    """What the account lacks. An account that is not ready lacks something."""
    months, level = int(thresholds["stable_months"]), thresholds["monthly_usd"]
    lowest = _number(facts.get(f"lowest_of_{months}_bills_usd"))
    left = _number(facts.get("bill_after_fixes_usd"))
    urgent = _number(facts.get("needs_action_findings"))
    reasons = []
    if lowest == 0:
        reasons.append(f"fewer than {months} bills are known, or one was 0")
    elif lowest is not None and lowest <= level:
        reasons.append(
            f"not all of {_bills(months)} above {_usd(level)}, the lowest {_usd(lowest)}"
        )
    if left is not None and left <= level:
        reasons.append(f"{_usd(left)} would be left after all fixes, not above {_usd(level)}")
    if urgent:
        reasons.append(f"{urgent:.0f} {'finding needs' if urgent == 1 else 'findings need'} action")
    for fact, words in (
        ("sales_signs", "Sales is engaged already"),
        ("has_prepaid_plan", "a prepaid plan is in force"),
        ("stage_is_churned", "the customer left"),
    ):
        if _number(facts.get(fact)):
            reasons.append(words)
    return reasons


def _bills(months: int) -> str:
    return "the last bill is" if months == 1 else f"the last {months} bills are"


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _usd(value: Any) -> str:
    number = _number(value)
    return "an unknown sum" if number is None else f"${number:,.2f}"
