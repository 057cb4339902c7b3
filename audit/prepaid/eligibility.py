"""Who may buy credit without Sales, rule by rule, and what a plan would be for the account.

Source: PostHog handbook, growth/sales/contract-rules (self-serve credits); the plan-state gate is
PostHog/skills, customer-success/monthly-to-annual.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from audit.prepaid.rules import Rules

#: Facts that the rules read; absent and None are unknown.
FACTS = (
    "paid_invoices",
    "mean_paid_invoice_usd",
    "open_invoices",
    "on_startup_plan",
    "has_legacy_plan",
    "has_credit",
    "has_prepaid_plan",
)


@dataclass(frozen=True)
class Claim:
    """One rule, what was read for it, and whether it holds; ``holds`` None is not known."""

    claim: str
    value: str
    holds: bool | None


@dataclass(frozen=True)
class Eligibility:
    """The trace. ``holds``: false where any claim is, else None where any is not known."""

    claims: tuple[Claim, ...]

    @property
    def holds(self) -> bool | None:
        answers = [one.holds for one in self.claims]
        if False in answers:
            return False
        return None if None in answers or not answers else True

    @property
    def in_words(self) -> str:
        """Whether self-serve credit can be bought, and what decides it."""
        if self.holds:
            return "The account may buy self-serve credit."
        wrong = [one for one in self.claims if one.holds is False]
        if wrong:
            return "The account may not buy self-serve credit. Not met: " + _listed(wrong)
        return "Whether the account may buy self-serve credit is not known. Open: " + _listed(
            [one for one in self.claims if one.holds is None]
        )


def _listed(claims: list[Claim]) -> str:
    return "; ".join(f"{one.claim} ({one.value})" for one in claims) + "."


def eligibility(rules: Rules, facts: Mapping[str, Any]) -> Eligibility:
    """Every rule of self-serve credit on an account's facts (``FACTS``); unknown is not a no."""
    paid, mean, unpaid = (_number(facts, name) for name in FACTS[:3])
    startup, legacy, credit, prepaid = (_claim(facts, name) for name in FACTS[3:])
    has_credit = True if credit or prepaid else None if None in (credit, prepaid) else False
    return Eligibility(
        (
            Claim(
                f"{rules.self_serve_invoices} or more paid invoices",
                _said(paid, "{:,.0f} paid"),
                None if paid is None else paid >= rules.self_serve_invoices,
            ),
            Claim(
                f"the last three at least ${rules.self_serve_mean_usd:,.0f} on average",
                _said(mean, "${:,.2f}"),
                None if mean is None else mean >= rules.self_serve_mean_usd,
            ),
            Claim(
                "no open invoice",
                _said(unpaid, "{:,.0f} open"),
                None if unpaid is None else not unpaid,
            ),
            Claim("not on the startup plan", _answer(startup, "on it"), _not(startup)),
            Claim("not on a legacy plan", _answer(legacy, "on one"), _not(legacy)),
            Claim(
                "no credit and no prepaid plan", _answer(has_credit, "has some"), _not(has_credit)
            ),
        )
    )


def _number(facts: Mapping[str, Any], name: str) -> float | None:
    value = facts.get(name)
    if value is None or not math.isfinite(float(value)):
        return None
    return float(value)


def _claim(facts: Mapping[str, Any], name: str) -> bool | None:
    value = facts.get(name)
    return None if value is None or value != value else bool(value)


def _not(claim: bool | None) -> bool | None:
    return None if claim is None else not claim


def _said(value: float | None, words: str) -> str:
    return "not known" if value is None else words.format(value)


def _answer(claim: bool | None, yes: str) -> str:
    return "not known" if claim is None else yes if claim else NO[yes]


NO = {"on it": "not on it", "on one": "not on one", "has some": "has none"}


class PlanState(StrEnum):
    """What the account pays by today; it decides what a plan would be."""

    MONTHLY = "monthly"
    STARTUP = "startup"
    ACTIVE_CREDIT = "active_credit"
    ROLLED_OFF = "rolled_off"
    UNKNOWN = "unknown"

    @property
    def in_words(self) -> str:
        """The gate in one sentence."""
        return GATE[self]


GATE = {
    PlanState.MONTHLY: "Pays by the month: a plan would be a conversion.",
    PlanState.STARTUP: (
        "On the startup programme: a plan starts when its credit ends. Sales confirms the free "
        "months of the roll-off."
    ),
    PlanState.ACTIVE_CREDIT: (
        "Has a prepaid plan or credit: this would be a renewal, and starts when that ends. Sales "
        "confirms what is left of it."
    ),
    PlanState.ROLLED_OFF: (
        "An earlier plan has ended: this would be a re-entry, without points for a commitment in "
        "writing."
    ),
    PlanState.UNKNOWN: "What the account pays by today is not known: Sales confirms it first.",
}


def plan_state(facts: Mapping[str, Any], *, had_plan: bool | None = None) -> PlanState:
    """The state that the facts tell. ``had_plan``: whether an earlier plan has ended."""
    startup = _claim(facts, "on_startup_plan")
    credit, prepaid = _claim(facts, "has_credit"), _claim(facts, "has_prepaid_plan")
    if startup:
        return PlanState.STARTUP
    if prepaid or credit:
        return PlanState.ACTIVE_CREDIT
    if prepaid is None:
        return PlanState.UNKNOWN
    return PlanState.ROLLED_OFF if had_plan else PlanState.MONTHLY
