"""What writing to the account returns on a specialist's minutes. For the vendor's own team alone.

The model: one message with the fixes that save most. It is answered, and each fix then followed,
with the shares of the policy. Contact alone is worth a share of a month's bill, for some months.
A saving of the customer is revenue given up, so it stands against what is kept. Money is expected
USD, estimates.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from audit.checks import Effort
from audit.findings.model import Audit
from audit.pricing import cents_of
from audit.roi.assumptions import Assumptions
from audit.roi.finding import MONTHS_A_YEAR, FindingReturn

MINUTES_AN_HOUR = 60

MINUTES = "minutes = reading and writing + minutes of each fix in the message"
SAVED = "expected saving = answered x sum of (followed x yearly saving) of the fixes in the message"
KEPT = "revenue kept = share that contact is worth x monthly bill after that saving x months"
NET = "net revenue = revenue kept - expected saving - cost of the minutes"
WORTH = "worth an hour = (expected saving + revenue kept) / hours"

#: The policy has one number for a setting and for the billing page.
MINUTES_OF = {
    Effort.SETTING: "setting_minutes",
    Effort.BILLING_PAGE: "setting_minutes",
    Effort.CODE_CHANGE: "code_change_minutes",
    Effort.CONVERSATION: "conversation_minutes",
}


@dataclass(frozen=True)
class TeamReturn:
    """``in_message``: ids of the fixes the message holds. ``worth_an_hour`` is None where it takes
    no time."""

    in_message: tuple[str, ...]
    minutes: Decimal
    cost: Decimal
    expected_saving: Decimal
    revenue_kept: Decimal
    net_revenue: Decimal
    worth_an_hour: Decimal | None


def team_return(audit: Audit, own: Assumptions, found: tuple[FindingReturn, ...]) -> TeamReturn:
    """``found``: the returns of the findings for the customer, in the order of the ranking."""
    advice = found[: int(own.number("levers_count"))]
    minutes = own.number("account_minutes") + sum(
        (own.number(MINUTES_OF[one.finding.effort]) for one in advice), Decimal(0)
    )
    answer = own.share("answer_percent")
    saving = cents_of(
        answer
        * sum(
            (
                own.share(f"adopt_{one.finding.effort.value}_percent") * one.yearly.mid
                for one in advice
            ),
            Decimal(0),
        )
    )
    left = max(Decimal(0), audit.bill.total - saving / MONTHS_A_YEAR)
    kept = cents_of(own.share("contact_percent") * left * own.number("kept_months"))
    cost = cents_of(minutes / MINUTES_AN_HOUR * own.number("specialist_hour_usd"))
    hours = minutes / MINUTES_AN_HOUR
    return TeamReturn(
        in_message=tuple(one.finding.id for one in advice),
        minutes=minutes.quantize(Decimal(1), rounding=ROUND_HALF_UP),
        cost=cost,
        expected_saving=saving,
        revenue_kept=kept,
        net_revenue=kept - saving - cost,
        worth_an_hour=cents_of((saving + kept) / hours) if hours > 0 else None,
    )
