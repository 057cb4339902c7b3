"""The numbers of a decision: those of the checks as the policy has them, and a few of ours."""

from dataclasses import dataclass
from decimal import Decimal

from audit.checks import load_checks
from audit.policy import Policy

Number = int | Decimal


@dataclass(frozen=True)
class Thresholds:
    """Source: PostHog handbook, growth/sales/refunds, by policy; those of ours are marked."""

    policy: str
    window_days: Number
    first_bill_usd: Number
    spike_percent: Number
    sudden_ratio: Number
    repeat_count: Number
    declined_count: Number
    multiple_count: Number
    monthly_usd: Number
    partial_refund_percent: Number
    partial_credit_percent: Number
    #: Ours: days after the incident that tell whether it is over, and how far above the baseline
    #: their mean may lie.
    quiet_days: int = 3
    quiet_percent: int = 150
    #: Ours: how far a baseline month may lie from the last two paid invoices, and our price of a
    #: period from what was billed.
    invoice_percent: int = 20
    #: Ours: so long after the end of a startup plan an organization has just left it.
    startup_days: int = 92

    @classmethod
    def of(cls, policy: Policy) -> "Thresholds":
        """What the checks of refunds are judged by under a policy."""
        checks = load_checks()

        def threshold(check: str, name: str) -> Number:
            return _number(policy.thresholds(checks[check])[name])

        return cls(
            policy=policy.name,
            window_days=threshold("refund_window_open", "window_days"),
            first_bill_usd=threshold("first_bill_refundable", "first_bill_usd"),
            spike_percent=threshold("spike_refundable", "spike_percent"),
            sudden_ratio=threshold("tenfold_day", "sudden_ratio"),
            repeat_count=threshold("refund_repeated", "repeat_count"),
            declined_count=threshold("refund_repeated", "declined_count"),
            multiple_count=threshold("refund_needs_escalation", "multiple_count"),
            monthly_usd=threshold("refund_needs_escalation", "monthly_usd"),
            partial_refund_percent=_number(policy.number("refunds.partial_refund_percent")),
            partial_credit_percent=_number(policy.number("refunds.partial_credit_percent")),
        )


def times(percent: Number) -> str:
    """An increase as a multiple of what it started from.

    >>> times(200), times(150)
    ('3', '2.5')
    """
    multiple = 1 + Decimal(percent) / 100
    return f"{multiple.normalize():f}"


def _number(value: float) -> Number:
    return int(value) if value == int(value) else Decimal(repr(value))
