"""The annual plan of one account: every alternative, the recommendation, and what it rests on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from audit.errors import InputError
from audit.prepaid.buy_up import BreakEven, break_evens
from audit.prepaid.choices import Deal
from audit.prepaid.curve import Point, curve
from audit.prepaid.decide import (
    BeforeFixing,
    Decision,
    Row,
    Stale,
    before_fixing,
    cents,
    decide,
    stale_guard,
)
from audit.prepaid.draw_down import MONTHS, Floats, checked, upfront
from audit.prepaid.eligibility import Eligibility, PlanState
from audit.prepaid.levers import ONE_YEAR, Terms
from audit.prepaid.money import Assumptions
from audit.prepaid.orders import Kind
from audit.prepaid.recourse import WAIT_MONTHS
from audit.prepaid.rules import Rules
from audit.prepaid.sales_table import Invoice, SalesRow, sales_table

#: Fewer simulated years tell no chance of a loss.
LEAST_DRAWS = 100


@dataclass(frozen=True)
class Usage:
    """A coming year over the simulated ones: USD at list value, and by the month."""

    mean: Decimal
    p10: Decimal
    p50: Decimal
    p90: Decimal
    pay_as_you_go: Decimal


@dataclass(frozen=True)
class Plan:
    """Everything the annual plan says. All money is an estimate, USD of twelve months.

    ``confirm``: what a person must say, each line beginning with "Sales confirms". ``notes``: how
    to read the figures. ``before_fixing``, ``stale``: None where nothing was given to tell.
    """

    rules: Rules
    terms: Terms
    assumptions: Assumptions
    state: PlanState
    eligibility: Eligibility
    draws: int
    history_days: int | None
    usage: Usage
    unfixed_usage: Usage | None
    decision: Decision
    before_fixing: BeforeFixing | None
    stale: Stale | None
    break_evens: tuple[BreakEven, ...]
    sales_table: tuple[SalesRow, ...]
    curve: tuple[Point, ...]
    confirm: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def recommended(self) -> Row:
        """The way to pay that is recommended."""
        return self.decision.recommended

    @property
    def levers(self) -> str:
        """The discount of the recommendation in one line."""
        order = self.recommended.choice.order
        if order is not None:
            return order.stack.in_words
        if self.recommended.choice.kind is Kind.WAIT:
            return "no discount until credit is bought"
        return "no discount by the month"

    @property
    def in_words(self) -> str:
        """The recommendation in one line, marked as the estimate it is."""
        row = self.recommended
        if row.choice.kind is Kind.MONTHLY:
            return f"{row.choice.title} (estimate)."
        percent = f", {row.saving_percent:.1f}%" if row.saving_percent is not None else ""
        return (
            f"{row.choice.title}: saves ${row.saving:,.2f} a year{percent} (estimate), and loses "
            f"in {row.loss_percent:.1f}% of the simulated years."
        )


def plan(
    list_usd: npt.ArrayLike,
    pay_as_you_go_usd: npt.ArrayLike,
    rules: Rules,
    *,
    terms: Terms = ONE_YEAR,
    assumptions: Assumptions | None = None,
    unfixed_list_usd: npt.ArrayLike | None = None,
    unfixed_pay_as_you_go_usd: npt.ArrayLike | None = None,
    commitment_usd: float | None = None,
    proposed_usd: float | None = None,
    eligibility: Eligibility | None = None,
    state: PlanState = PlanState.UNKNOWN,
    history_days: int | None = None,
    recent_month_usd: float | None = None,
    invoices: Sequence[Invoice] = (),
    current_month_usd: float | None = None,
) -> Plan:
    """Decide on simulated years of usage **after the fixes** (draws x 12 months, USD).

    ``list_usd``: valued at list after tiers, what credit is drawn at. ``pay_as_you_go_usd``: what
    would be paid without a plan. ``unfixed_...``: the same for usage as it is today, to price
    committing before the fixes. ``recent_month_usd``: list usage of the last 30 days after the
    fixes, for the stale guard. ``commitment_usd``: the caller's own, shown beside the others;
    ``proposed_usd``: what the vendor's app proposes.

    Raises: InputError for arrays that are no simulated years, and for a commitment that is not
    sold.
    """
    fixed = _pair(list_usd, pay_as_you_go_usd)
    given = assumptions or Assumptions()
    terms = replace(terms, is_re_entry=terms.is_re_entry or state is PlanState.ROLLED_OFF)
    trace = eligibility or Eligibility(())
    deal = Deal(rules, terms, given, trace.holds)
    for name, amount in (
        ("commitment", commitment_usd),
        ("proposal", proposed_usd),
        ("recent month", recent_month_usd),
    ):
        if amount is not None and not (np.isfinite(amount) and amount >= 0):
            raise InputError(f"A {name} of {amount} USD is none: give 0 or more.")
    if history_days is not None and history_days < 0:
        raise InputError(f"A history of {history_days} days is none.")
    decision = decide(
        deal,
        *fixed,
        commitment_usd=commitment_usd,
        proposed_usd=proposed_usd,
        history_days=history_days,
    )
    unfixed = None
    if unfixed_list_usd is not None:
        by_month = unfixed_pay_as_you_go_usd
        unfixed = _pair(unfixed_list_usd, unfixed_list_usd if by_month is None else by_month)
    return Plan(
        rules=rules,
        terms=terms,
        assumptions=given,
        state=state,
        eligibility=trace,
        draws=len(fixed[0]),
        history_days=history_days,
        usage=_usage(*fixed),
        unfixed_usage=None if unfixed is None else _usage(*unfixed),
        decision=decision,
        before_fixing=(
            None if unfixed is None else before_fixing(deal, unfixed, fixed, decision, history_days)
        ),
        stale=(
            None
            if recent_month_usd is None
            else stale_guard(deal, *fixed, decision, recent_month_usd, history_days)
        ),
        break_evens=break_evens(rules, terms),
        sales_table=sales_table(
            deal,
            invoices=invoices,
            current_month_usd=current_month_usd,
            fixed_month_usd=float(fixed[0].sum(axis=1).mean()) / MONTHS
            if recent_month_usd is None
            else recent_month_usd,
        ),
        curve=curve(deal, *fixed),
        confirm=tuple(_confirm(deal, decision, state, trace, fixed[0])),
        notes=tuple(_notes(deal, decision, state, fixed[0])),
    )


def _pair(list_usd: npt.ArrayLike, pay_as_you_go_usd: npt.ArrayLike) -> tuple[Floats, Floats]:
    usage, by_month = checked(list_usd), checked(pay_as_you_go_usd, "pay_as_you_go_usd")
    if usage.shape != by_month.shape:
        raise InputError(
            f"list_usd has {len(usage):,} simulated years and pay_as_you_go_usd {len(by_month):,}: "
            "both hold the same years."
        )
    if len(usage) < LEAST_DRAWS:
        raise InputError(
            f"{len(usage)} simulated years tell no chances: give {LEAST_DRAWS} or more."
        )
    return usage, by_month


def _usage(list_usd: Floats, pay_as_you_go_usd: Floats) -> Usage:
    year = list_usd.sum(axis=1)
    p10, p50, p90 = (cents(one) for one in np.percentile(year, (10, 50, 90)))
    return Usage(cents(year.mean()), p10, p50, p90, cents(pay_as_you_go_usd.sum(axis=1).mean()))


def _confirm(
    deal: Deal, decision: Decision, state: PlanState, trace: Eligibility, list_usd: Floats
) -> Iterator[str]:
    choice = decision.recommended.choice
    said: dict[str, None] = {}
    if choice.order is not None:
        said |= dict.fromkeys(choice.order.stack.confirm)
    if choice.kind in (Kind.SELF_SERVE, Kind.WAIT) and trace.holds is None:
        said["Sales confirms that self-serve credit may be bought: not all of it is known."] = None
    most = float(list_usd.sum(axis=1).max())
    custom = [one for one in deal.offers if one.percent is None and one.from_usd <= most]
    if custom:
        said |= dict.fromkeys(
            line for line in custom[0].stack.confirm if "custom" in line or "number" in line
        )
    if state is PlanState.STARTUP and not deal.terms.startup_roll_off:
        said["Sales confirms the free months of the startup roll-off."] = None
    if state in (PlanState.ACTIVE_CREDIT, PlanState.UNKNOWN):
        said["Sales confirms the credit that is left and when it ends."] = None
    yield from said


def _notes(deal: Deal, decision: Decision, state: PlanState, list_usd: Floats) -> Iterator[str]:
    assumed, rules = deal.assumptions, deal.rules
    yield (
        "Usage is after the fixes. Usage beyond the credit is priced at the list; credit that is "
        f"not used within the {MONTHS} months is lost."
    )
    yield (
        f"Chance of a renewal {assumed.renewal_percent:g}% (roll-over: {assumed.reading(rules)} "
        f"reading), discount rate "
        f"{assumed.discount_rate_percent:g}%, at most {assumed.most_loss_percent:g}% chance of a "
        "loss (assumed)."
    )
    if state in (PlanState.ACTIVE_CREDIT, PlanState.STARTUP):
        yield "Credit that the account has today is not subtracted; a plan starts when it ends."
    if deal.terms.years > 1:
        yield "Years after the first are not simulated: each is taken to be like it."
    kind = decision.recommended.choice.kind
    if kind is Kind.SELF_SERVE:
        yield (
            f"Self-serve credit comes in {rules.drip_months} monthly parts; what a month uses "
            "beyond its credit is billed at the list. A part stays valid "
            f"{rules.tranche_months} months, but what is left after the year is counted as lost."
        )
    if kind is Kind.WAIT:
        yield (
            f"After {WAIT_MONTHS} months the order is chosen on what those months used, by a line "
            "through the logarithms of the simulated years; nine twelfths of it are counted, so "
            "that all alternatives cover the same twelve months."
        )
    order = decision.recommended.choice.order
    if kind is Kind.CONTRACT and order is not None:
        out = upfront(list_usd, order.credit_usd).ran_out_in
        half = int(MONTHS * rules.top_up_percent / 100)
        late = MONTHS - rules.free_cover_months
        between, end = (
            ((out >= half) & (out < late)).mean(),
            ((out >= late) & (out < MONTHS)).mean(),
        )
        yield (
            f"Without a top-up the credit runs out with {rules.free_cover_months} to "
            f"{MONTHS - half} months left in {100 * between:.0f}% of the years, which takes a new "
            f"12-month order (priced here at the list), and later in {100 * end:.0f}%, which a "
            "renewal signed before covers free (counted by the chance of a renewal)."
        )
