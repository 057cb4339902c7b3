"""The numbers of the refund page, as the policy pack has them."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Thresholds:
    """Source: PostHog handbook, growth/sales/refunds; those of ours are marked."""

    window_days: int = 30
    first_bill_usd: Decimal = Decimal(1)
    spike_ratio: int = 3
    sudden_ratio: int = 10
    partial_percent: int = 50
    escalation_usd: Decimal = Decimal(1667)
    #: Ours: days after the incident that tell whether it is over, and how far above the baseline
    #: their mean may lie.
    quiet_days: int = 3
    quiet_percent: int = 150
    #: Ours: how far a baseline month may lie from the last two paid invoices, and our price of a
    #: period from what was billed.
    invoice_percent: int = 20
    #: Ours: so long after the end of a startup plan an organization has just left it.
    startup_days: int = 92
