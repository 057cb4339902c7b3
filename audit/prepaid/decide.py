"""Which way to pay for the coming year, when nobody knows its usage.

Everything is judged on the same simulated years, after the fixes. The rule: of what is offered and
whose chance of a loss is at most the bound, the highest expected saving; paying by the month where
nothing saves as much as a finding must save to be recommended. A loss is a year that would have
cost less by the month.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from audit.findings.model import RECOMMENDED_FROM_USD
from audit.prepaid.choices import Choice, Deal, choices, mean_choice
from audit.prepaid.draw_down import MONTHS, Floats
from audit.prepaid.money import HALF_A_CENT, Paid
from audit.prepaid.orders import Kind

#: The worst so many percent of the years; their mean saving is the conditional value at risk.
WORST_PERCENT = 5

#: Ours: two commitments that differ by more disagree.
DISAGREES_PERCENT = 10.0

#: What is never recommended to save less, over twelve months.
LEAST_SAVING_USD = 12 * RECOMMENDED_FROM_USD

CENT = Decimal("0.01")


def cents(amount: float) -> Decimal:
    """USD in whole cents, rounded half up; never minus zero."""
    return Decimal(repr(float(amount))).quantize(CENT, ROUND_HALF_UP) + Decimal("0.00")


@dataclass(frozen=True)
class Row:
    """One way to pay, judged over the simulated years. USD of twelve months, estimates.

    ``saving``: expected, against the months on the same usage. ``saving_percent``: of what the
    months are expected to cost; None where that is nothing. ``loss_percent``: chance that the year
    costs more than by the month. ``worst_saving``: mean of the worst 5% of the years.
    ``break_even_usage``: list usage of a level year from which it saves, and the same in percent of
    the credit; None where there is none. ``most_regret``, ``regret``: largest and expected
    difference to the best way to pay in each year.
    """

    choice: Choice
    saving: Decimal
    saving_percent: float | None
    loss_percent: float
    worst_saving: Decimal
    cash: Decimal
    unused: Decimal
    overage: Decimal
    break_even_usage: Decimal | None
    break_even_percent: float | None
    most_regret: Decimal
    regret: Decimal


@dataclass(frozen=True)
class Decision:
    """Every way to pay with its row, which one is recommended, and why."""

    rows: tuple[Row, ...]
    recommended: Row
    reason: str
    savings: dict[str, Floats] = field(repr=False, default_factory=dict)

    def row(self, name: str) -> Row:
        """The row of a choice by name. Raises: KeyError."""
        return {one.choice.name: one for one in self.rows}[name]


def decide(
    deal: Deal,
    list_usd: Floats,
    pay_as_you_go_usd: Floats,
    *,
    commitment_usd: float | None = None,
    proposed_usd: float | None = None,
    history_days: int | None = None,
) -> Decision:
    """Compare every way to pay on simulated years (draws x 12 months, USD) and recommend one.

    Below ``least_history_days`` of history no quantile is computed and nothing but the months is
    recommended. Raises: InputError for a commitment that is not sold.
    """
    trusted = history_days is None or history_days >= deal.assumptions.least_history_days
    compared = choices(
        deal,
        list_usd,
        pay_as_you_go_usd,
        commitment_usd=commitment_usd,
        proposed_usd=proposed_usd,
        with_quantile=trusted,
    )
    outcomes = [deal.evaluated(one, list_usd, pay_as_you_go_usd) for one in compared]
    # What is not offered is no alternative that anybody could regret, but an own one is shown.
    offered = [p.saving for c, p in zip(compared, outcomes, strict=True) if c.is_offered]
    best = np.max(offered, axis=0)
    rows = tuple(
        _row(deal, choice, outcome, best, list_usd, pay_as_you_go_usd)
        for choice, outcome in zip(compared, outcomes, strict=True)
    )
    recommended, reason = _recommended(deal, rows, pay_as_you_go_usd, history_days, trusted)
    savings = {c.name: p.saving for c, p in zip(compared, outcomes, strict=True)}
    return Decision(rows, recommended, reason, savings)


def _row(
    deal: Deal, choice: Choice, outcome: Paid, best: Floats, usage: Floats, by_month: Floats
) -> Row:
    saving = outcome.saving
    months = float(by_month.sum(axis=1).mean())
    regret = np.maximum(0.0, best - saving)
    even = break_even(deal, choice, usage, by_month)
    credit = choice.order.credit_usd if choice.order else 0.0
    return Row(
        choice=choice,
        saving=cents(saving.mean()),
        saving_percent=float(100 * saving.mean() / months) if months > 0 else None,
        loss_percent=float(100 * (saving < -HALF_A_CENT).mean()),
        worst_saving=cents(worst(saving)),
        cash=cents(outcome.cash.mean()),
        unused=cents(outcome.unused.mean()),
        overage=cents(outcome.overage.mean()),
        break_even_usage=None if even is None else cents(even),
        break_even_percent=None if even is None else 100 * even / credit,
        most_regret=cents(regret.max()),
        regret=cents(regret.mean()),
    )


def worst(saving: Floats, percent: float = WORST_PERCENT) -> float:
    """Mean of the worst ``percent`` of the years: the conditional value at risk.

    >>> worst(np.arange(100.0))
    2.0
    """
    count = max(1, round(len(saving) * percent / 100))
    return float(np.partition(saving, count - 1)[:count].mean())


def break_even(deal: Deal, choice: Choice, usage: Floats, by_month: Floats) -> float | None:
    """List usage of a level year from which an order saves: (1 - d - s) C / (1 - s), d the
    discount and s what a dollar of unused credit is worth at renewal. Where the months cost another
    share of the list value than 1, that share stands for it. None where no usage pays the credit.
    """
    order = choice.order
    listed = float(usage.sum())
    if order is None or listed <= 0:
        return None
    assumptions = deal.assumptions
    months_share = float((by_month @ assumptions.month_ends).sum()) / listed
    credit, price = order.credit_usd, order.worth_usd
    most_kept = deal.rules.rollover_percent / 100
    unused = 0.0
    if choice.kind is Kind.CONTRACT:
        unused = order.price_share * assumptions.renewal_percent / 100 * assumptions.worth(MONTHS)
    of_original = assumptions.reading(deal.rules) == "original"
    worth = unused if of_original else unused * most_kept
    if months_share <= worth:
        return None
    even = (price - worth * credit) / (months_share - worth)
    if of_original and credit - even > most_kept * credit:
        even = (price - unused * most_kept * credit) / months_share
    # Beyond the credit a month costs its list value either way, or more with the plan.
    return max(0.0, even) if even <= credit else None


def _recommended(
    deal: Deal,
    rows: Sequence[Row],
    by_month: Floats,
    history_days: int | None,
    trusted: bool,
) -> tuple[Row, str]:
    monthly = rows[0]
    bound = deal.assumptions.most_loss_percent
    if not trusted:
        needed = deal.assumptions.least_history_days
        return monthly, (
            f"Only {history_days} days of history are known, and {needed} are needed to tell how "
            "far usage may move: no best credit is computed. Stay monthly until then; the starts "
            "of the bands are shown for scale."
        )
    if not by_month.any():
        return monthly, "No billed usage is expected in the coming year: there is nothing to save."
    offered = [one for one in rows if one.choice.is_offered]
    saves = [one for one in offered if one.saving >= LEAST_SAVING_USD]
    if not saves:
        return monthly, (
            f"Nothing is expected to save ${LEAST_SAVING_USD:,.0f} a year against paying by the "
            "month: stay monthly."
        )
    safe = [one for one in saves if one.loss_percent <= bound]
    if not safe:
        dare = max(saves, key=lambda one: one.saving)
        return monthly, (
            f"What would save on average loses in more than {bound:g}% of the years (at best "
            f"${dare.saving:,.0f} with {dare.loss_percent:.0f}%): stay monthly."
        )
    best = max(safe, key=lambda one: (one.saving, -one.loss_percent))
    return best, (
        f"The highest expected saving of what loses in at most {bound:g}% of the simulated years."
    )


@dataclass(frozen=True)
class Stale:
    """The same decision at the level of the last month alone. ``disagrees``: it would commit to
    another way, or to an amount more than 10% away; the lower credit is then the safer one."""

    month_usd: Decimal
    recommended: Row
    disagrees: bool
    in_words: str


def stale_guard(
    deal: Deal,
    list_usd: Floats,
    pay_as_you_go_usd: Floats,
    decision: Decision,
    recent_month_usd: float,
    history_days: int | None = None,
) -> Stale:
    """Decide again with every simulated year scaled to twelve times the last month's usage."""
    mean = float(list_usd.sum(axis=1).mean())
    scale = 12 * recent_month_usd / mean if mean > 0 else 0.0
    again = decide(deal, list_usd * scale, pay_as_you_go_usd * scale, history_days=history_days)
    ours, theirs = decision.recommended.choice, again.recommended.choice
    pair = [one.order.purchase_usd if one.order else 0.0 for one in (ours, theirs)]
    apart = max(pair) - min(pair) > max(pair) * DISAGREES_PERCENT / 100
    disagrees = apart or ours.kind is not theirs.kind
    said = f"At the level of the last month (${recent_month_usd:,.0f}) "
    if not disagrees:
        said += "the decision is the same."
    else:
        low = min(pair)
        said += f"the decision would be: {theirs.title}. The two disagree; the safer one is "
        said += f"the lower credit, ${low:,.0f}." if low else "not to commit yet."
    return Stale(cents(recent_month_usd), again.recommended, disagrees, said)


@dataclass(frozen=True)
class BeforeFixing:
    """What committing before the fixes costs: the choice made on usage as it is today, paid for
    with the usage after the fixes, against the right choice. ``saving``: expected, of that choice
    on the usage after the fixes; ``cost``: how much less that is; ``unused``: expected credit that
    nobody uses. ``mean``: the same for the plainest choice, the mean of usage as it is today; None
    where that is not sold."""

    choice: Choice
    saving: Decimal
    loss_percent: float
    unused: Decimal
    cost: Decimal
    mean: "BeforeFixing | None" = None

    @property
    def in_words(self) -> str:
        """What committing first costs, in one or two sentences."""
        if self.cost:
            said = (
                f"Committing before the fixes costs ${self.cost:,.2f} a year (estimate): today's "
                f"usage would choose: {self.choice.title}."
            )
        else:
            said = "Today's usage would choose the same, so the order costs nothing here."
        order = self.mean.choice.order if self.mean is not None else None
        if self.mean is not None and order is not None and self.mean.cost > 0:
            said += (
                f" Committing today's mean before the fixes (${order.purchase_usd:,.0f} at "
                f"{order.percent:g}%) would cost ${self.mean.cost:,.2f} a year (estimate)."
            )
        return said


def before_fixing(
    deal: Deal,
    unfixed: tuple[Floats, Floats],
    fixed: tuple[Floats, Floats],
    decision: Decision,
    history_days: int | None = None,
) -> BeforeFixing:
    """Choose on ``unfixed`` (list value, pay as you go), then live with ``fixed``."""
    chosen = decide(deal, *unfixed, history_days=history_days).recommended.choice
    right = float(decision.savings[decision.recommended.choice.name].mean())
    mean = mean_choice(deal, unfixed[0])
    found = _lived_with(deal, chosen, fixed, right)
    return found if mean is None else replace(found, mean=_lived_with(deal, mean, fixed, right))


def _lived_with(
    deal: Deal, choice: Choice, fixed: tuple[Floats, Floats], right: float
) -> BeforeFixing:
    outcome = deal.evaluated(choice, *fixed)
    saving = float(outcome.saving.mean())
    return BeforeFixing(
        choice,
        cents(saving),
        float(100 * (outcome.saving < -HALF_A_CENT).mean()),
        cents(outcome.unused.mean()),
        cents(right) - cents(saving),
    )
