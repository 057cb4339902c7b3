"""What a policy pack must say: every key with its kind, unit and bounds.

A pack has all of them. Where the handbook of a time is silent, the pack says so with ``gap`` and
the reason; a key that is simply not there, or that nobody declared here, is an error.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["usd", "percent", "days", "months", "count", "minutes", "word", "choice", "tiers"]

#: Highest value of each kind of number; the lowest is 0.
HIGHEST: dict[Kind, float] = {
    "usd": 10_000_000,
    "percent": 100,
    "days": 3_660,
    "months": 120,
    "count": 1_000,
    "minutes": 10_000,
}


@dataclass(frozen=True)
class Key:
    """One key of a pack.

    ``feeds``: thresholds of checks, as (check, threshold), that take this value; a check whose
    value the pack is silent about cannot be in force. ``high`` overrides the kind's bound.
    """

    name: str
    kind: Kind
    meaning: str
    feeds: tuple[tuple[str, str], ...] = ()
    may_be_silent: bool = False
    high: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def highest(self) -> float:
        return HIGHEST[self.kind] if self.high is None else self.high

    @property
    def is_number(self) -> bool:
        return self.kind in HIGHEST


SECTIONS: dict[str, tuple[Key, ...]] = {
    "words": (
        Key("onboarding_segment", "word", "Segment of accounts the onboarding team works on."),
        Key("handover_segment", "word", "Segment that hands an account to Sales."),
        Key("handover_stage", "word", "Stage of an account handed to Sales.", may_be_silent=True),
        Key("pipeline_field", "word", "Field that holds the stage."),
        Key("new_stage", "word", "Stage before the first message."),
        Key("outreach_stage", "word", "Stage after the first message."),
        Key("sales_engaged_action", "word", "What to do when Sales is engaged already."),
    ),
    "scope": (
        Key(
            "forecast_usd",
            "usd",
            "Forecast bill of a month above which an account is in scope.",
            feeds=(("onboarding_in_scope", "forecast_usd"),),
        ),
        Key(
            "paid_bills_count",
            "count",
            "Paid bills up to which an account is in scope.",
            feeds=(
                ("onboarding_in_scope", "paid_bills_count"),
                ("onboarding_out_of_scope", "paid_bills_count"),
            ),
        ),
        Key(
            "graduated_bills_count",
            "count",
            "Paid bills at which onboarding ends.",
            feeds=(("paid_bills_reached", "bills_count"),),
        ),
        Key(
            "startup_bill_from_usd",
            "usd",
            "First bill of a startup rolling off, from.",
            feeds=(("startup_roll_off_in_scope", "bill_from_usd"),),
        ),
        Key(
            "startup_bill_to_usd",
            "usd",
            "First bill of a startup rolling off, to.",
            feeds=(("startup_roll_off_in_scope", "bill_to_usd"),),
        ),
        Key(
            "startup_credit_use_usd",
            "usd",
            "Credit used in a month above which a startup on its plan is in scope.",
            feeds=(("startup_roll_off_in_scope", "credit_use_usd"),),
        ),
        Key(
            "startup_low_use_usd",
            "usd",
            "Credit used in a month below which a startup on its plan is out of scope.",
            feeds=(("onboarding_out_of_scope", "low_use_usd"),),
        ),
    ),
    "timing": (
        Key(
            "outreach_days",
            "days",
            "Days before the renewal at which the first message is due.",
            feeds=(("outreach_due", "before_renewal_days"),),
        ),
        Key(
            "late_days",
            "days",
            "Days before the renewal under which a first message is late.",
            feeds=(("outreach_due", "late_days"),),
        ),
        Key(
            "check_in_from_days",
            "days",
            "First day after the first message of the extra check-in.",
            feeds=(("check_in_due", "from_days"),),
            may_be_silent=True,
        ),
        Key(
            "check_in_to_days",
            "days",
            "Last day after the first message of the extra check-in.",
            feeds=(("check_in_due", "to_days"),),
            may_be_silent=True,
        ),
        Key(
            "check_in_forecast_usd",
            "usd",
            "Forecast bill of a month from which there is an extra check-in.",
            feeds=(("check_in_due", "forecast_usd"),),
            may_be_silent=True,
        ),
        Key("engagement_days", "days", "How long onboarding accompanies an account."),
        Key(
            "advice_days",
            "days",
            "Days after which advice that was not followed is a warning.",
            feeds=(("advice_not_followed", "after_days"),),
        ),
        Key(
            "live_thread_days",
            "days",
            "Days for which a message of a teammate counts as a live thread.",
            feeds=(("already_handled", "live_thread_days"),),
        ),
        Key(
            "startup_roll_off_days",
            "days",
            "Days before the end of a startup's credit at which its roll-off is due.",
            feeds=(("startup_roll_off_in_scope", "before_end_days"),),
        ),
        Key(
            "paid_call_days",
            "days",
            "Days of silence after which a bought call is offered back as credit.",
            may_be_silent=True,
        ),
    ),
    "contract": (
        Key(
            "handover_usd",
            "usd",
            "Bill of a month above which an account may go to Sales.",
            feeds=(("sales_handover_ready", "monthly_usd"),),
        ),
        Key(
            "handover_months",
            "months",
            "Months a bill must have stood above that.",
            feeds=(("sales_handover_ready", "stable_months"),),
        ),
        Key(
            "first_payment_usd",
            "usd",
            "First bill that goes straight to Sales.",
            feeds=(("first_payment_large", "first_bill_usd"),),
            may_be_silent=True,
        ),
        Key(
            "slack_connect_usd",
            "usd",
            "Spend of a year from which there is a shared channel.",
            feeds=(("slack_connect_reached", "annual_usd"),),
        ),
        Key(
            "rule_set",
            "choice",
            "What a prepaid plan is priced by, where nobody asks for another.",
            choices=("flat", "net_spend", "levers"),
        ),
        Key("annual_saving_percent", "percent", "What a prepaid plan is said to save."),
        Key(
            "flat_from_usd",
            "usd",
            "Usage of a year, at list value, from which that saving is said to hold.",
        ),
        Key(
            "annual_credit_usd",
            "usd",
            "Credit bought at once, at list value, from which volume is discounted.",
            feeds=(
                ("annual_tier_eligible", "credit_usd"),
                ("self_serve_credits_eligible", "below_usd"),
            ),
        ),
        Key(
            "tier_basis",
            "choice",
            "What a tier's from is held against.",
            choices=("credit_purchase", "post_discount"),
        ),
        Key("tiers", "tiers", "Volume discount for one year, by spend of a year."),
        Key("two_years_percent", "percent", "Points on top for two years."),
        Key("three_years_percent", "percent", "Points on top for three years."),
        Key(
            "custom_years_count",
            "count",
            "Years from which the length is agreed case by case.",
        ),
        Key("upfront_percent", "percent", "Points on top per further year paid up front."),
        Key("payment_days", "days", "Days to pay without points off."),
        Key(
            "late_payment_percent",
            "percent",
            "Points off per step of later payment.",
            may_be_silent=True,
        ),
        Key("late_step_days", "days", "Days of such a step.", may_be_silent=True),
        Key("committed_percent", "percent", "Points on top for a date committed in writing."),
        Key(
            "committed_days",
            "days",
            "Days before expiry until which a renewal counts as committed.",
            may_be_silent=True,
        ),
        Key("self_serve_percent", "percent", "Discount on credit bought without Sales."),
        Key(
            "self_serve_from_usd",
            "usd",
            "Least credit bought without Sales.",
            may_be_silent=True,
        ),
        Key(
            "self_serve_invoices_count",
            "count",
            "Paid invoices needed to buy credit without Sales.",
            feeds=(("self_serve_credits_eligible", "invoices_count"),),
        ),
        Key(
            "self_serve_mean_usd",
            "usd",
            "Mean of those invoices needed.",
            feeds=(("self_serve_credits_eligible", "mean_usd"),),
        ),
        Key("drip_months", "months", "Months over which that credit is released, in equal parts."),
        Key("tranche_months", "months", "Months for which such a part is valid."),
        Key("non_profit_percent", "percent", "Discount of a non-profit without Sales."),
        Key("non_profit_tier_percent", "percent", "Points on top of a tier for a non-profit."),
        Key("non_profit_tier_to_usd", "usd", "Spend of a year up to which those are added."),
        Key("startup_free_months", "months", "Free months after the startup plan, when prepaid."),
        Key(
            "top_up_percent",
            "percent",
            "Share of the term in which more credit is sold at the first discount.",
        ),
        Key(
            "free_cover_months",
            "months",
            "Months before the end within which a renewal covers usage beyond the credit.",
        ),
        Key("rollover_percent", "percent", "Share of unused credit that a renewal keeps."),
        Key(
            "rollover_reading",
            "choice",
            "What that is a share of: the first order, what remains, or the lesser of both.",
            choices=("stricter", "original", "remaining"),
        ),
    ),
    "refunds": (
        Key(
            "window_days",
            "days",
            "Days after the billing date within which a refund can be asked for.",
            feeds=(
                ("refund_window_open", "window_days"),
                ("refund_needs_escalation", "window_days"),
            ),
        ),
        Key(
            "first_bill_usd",
            "usd",
            "What a first bill must be above to be given back.",
            feeds=(
                ("first_bill_refundable", "first_bill_usd"),
                ("refund_window_open", "first_bill_usd"),
            ),
        ),
        Key(
            "usual_ratio",
            "count",
            "How many times the usual invoice a bill must be above to be looked at.",
            feeds=(
                ("refund_window_open", "usual_ratio"),
                ("refund_needs_escalation", "usual_ratio"),
            ),
        ),
        Key(
            "partial_refund_percent",
            "percent",
            "The most of a second refund whose cause was not fixed, as a credit note.",
        ),
        Key("partial_credit_percent", "percent", "The same as a credit on a bill to come."),
        Key(
            "escalation_usd",
            "usd",
            "Spend of a month from which RevOps decides.",
            feeds=(("refund_needs_escalation", "monthly_usd"),),
        ),
    ),
    "queue": (
        Key("answer_percent", "percent", "Accounts that answer a first message."),
        Key("adopt_setting_percent", "percent", "Of those, settings that get changed."),
        Key("adopt_billing_page_percent", "percent", "Of those, changes on the billing page."),
        Key("adopt_code_change_percent", "percent", "Of those, changes of code."),
        Key("adopt_conversation_percent", "percent", "Of those, what needs a conversation."),
        Key("contact_percent", "percent", "Share of a month's bill that contact alone is worth."),
        Key("late_percent", "percent", "Weight of a late account; 100 is on time.", high=1_000),
        Key("not_due_percent", "percent", "Weight of an account whose time is to come."),
        Key("risk_percent", "percent", "Weight that each sign of risk adds.", high=1_000),
        Key("levers_count", "count", "Pieces of advice that a first message holds."),
        Key("account_minutes", "minutes", "Reading an account and writing to it."),
        Key("setting_minutes", "minutes", "Advice on a setting or the billing page."),
        Key("code_change_minutes", "minutes", "Advice on a change of code."),
        Key("conversation_minutes", "minutes", "What needs a conversation."),
    ),
}

#: All keys by "section.name".
KEYS: dict[str, Key] = {
    f"{section}.{key.name}": key for section, keys in SECTIONS.items() for key in keys
}

#: What a pack has beside the sections above.
HEAD = ("name", "title", "source", "first_day")
LOOSE_SECTIONS = ("thresholds", "not_in_force")
