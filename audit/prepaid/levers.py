"""The discount of a prepaid plan: volume first, then points that add up, in words and in percent.

What no page gives a number for is never filled in: the percent is then unknown, and what a person
must say stands in ``confirm``, each line beginning with "Sales confirms".

Source: PostHog handbook, growth/sales/contract-rules (the four levers).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from audit.errors import InputError
from audit.prepaid.rules import Band, Rules

#: Ours: nobody signs for longer, or pays later.
MOST_YEARS = 10
MOST_PAYMENT_DAYS = 365

ORDER_FORM = "Sales confirms the discount and the order form."
PER_YEAR = (
    "Sales confirms that the credit of each year counts for volume; years after the first are not "
    "simulated."
)


@dataclass(frozen=True)
class Terms:
    """What a customer would sign. ``years``: length of the contract. ``paid_upfront``: all its
    years at the start. ``payment_days``: days to pay. ``startup_roll_off``: first plan after the
    startup programme. ``is_re_entry``: an earlier plan has ended, so that nothing is pending.

    Raises: InputError for a length or a delay that no contract has.
    """

    years: int = 1
    paid_upfront: bool = False
    payment_days: int = 30
    non_profit: bool = False
    startup_roll_off: bool = False
    is_re_entry: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.years <= MOST_YEARS:
            raise InputError(f"A plan of {self.years} years is none: give 1 to {MOST_YEARS}.")
        if not 0 <= self.payment_days <= MOST_PAYMENT_DAYS:
            raise InputError(
                f"Payment within {self.payment_days} days is none: give 0 to {MOST_PAYMENT_DAYS}."
            )


#: The plain plan: one year, net 30, nothing special.
ONE_YEAR = Terms()


@dataclass(frozen=True)
class Stack:
    """What a discount is made of. ``points``: each lever with its percent. ``counted_percent``: of
    the list value; None where a person must name it. ``pending_percent``: waits for a written
    commitment and is counted nowhere."""

    points: tuple[tuple[str, float], ...]
    counted_percent: float | None
    pending_percent: float
    confirm: tuple[str, ...]

    @property
    def in_words(self) -> str:
        """The stack in one line.

        >>> Stack((("volume", 20.0), ("two years", 3.0)), 23.0, 5.0, ()).in_words
        '20% volume + 3% two years = 23%; +5% pending written commitment, not counted'
        """
        parts = [
            f"{'- ' if percent < 0 else '+ ' if place else ''}{abs(percent):g}% {what}"
            for place, (what, percent) in enumerate(self.points)
        ]
        if self.counted_percent is None:
            total = "Sales confirms the percent"
            said = f"{' '.join(parts)}; {total}" if parts else total
        else:
            said = " ".join(parts)
            if len(parts) > 1:
                said += f" = {self.counted_percent:g}%"
        if self.pending_percent:
            said += f"; +{self.pending_percent:g}% pending written commitment, not counted"
        return said


@dataclass(frozen=True)
class Step:
    """A band as an offer: from ``from_usd`` of credit at list value, with its stack."""

    from_usd: float
    below_usd: float | None
    stack: Stack

    @property
    def percent(self) -> float | None:
        return self.stack.counted_percent


def steps(rules: Rules, terms: Terms = ONE_YEAR) -> tuple[Step, ...]:
    """The bands as offers under ``terms``, smallest first. Where a band starts at spend after the
    discount, its least credit is that spend over what is paid of the list value."""
    floors = [_floor(rules, band, terms) for band in rules.bands]
    cuts = sorted({*floors, *_own_floor(rules, terms, floors[0])})
    out = []
    for place, floor in enumerate(cuts):
        band = rules.bands[sum(one <= floor for one in floors) - 1]
        below = cuts[place + 1] if place + 1 < len(cuts) else None
        out.append(Step(floor, below, _stack(rules, band, floor, floors, terms)))
    return tuple(out)


def stack(rules: Rules, credit_usd: float, terms: Terms = ONE_YEAR) -> Stack:
    """The discount on ``credit_usd`` of credit for a year, at list value, bought from Sales.

    Raises: InputError for less credit than the first band asks for.
    """
    return step_of(steps(rules, terms), credit_usd).stack


def step_of(offers: tuple[Step, ...], credit_usd: float) -> Step:
    """The offer that an amount of credit falls into.

    Raises: InputError for a commitment under the minimum.
    """
    if not credit_usd >= offers[0].from_usd:
        raise InputError(
            f"A commitment of ${credit_usd:,.0f} is under the minimum of "
            f"${offers[0].from_usd:,.0f} that a plan with Sales asks for. Commit more, or buy "
            "self-serve credit."
        )
    return [one for one in offers if one.from_usd <= credit_usd][-1]


def self_serve(rules: Rules, terms: Terms = ONE_YEAR) -> Stack:
    """The discount on credit that is bought without Sales. It has no length and no other lever."""
    if terms.non_profit:
        proof = "Sales confirms the proof that the organization is a non-profit."
        return Stack(
            (("non-profit", rules.non_profit_percent),), rules.non_profit_percent, 0, (proof,)
        )
    return Stack((("self-serve", rules.self_serve_percent),), rules.self_serve_percent, 0, ())


def self_serve_price(credit_usd: float, percent: float) -> float:
    """What self-serve credit costs: the app charges whole dollars, halves rounded up.

    Source: PostHog's billing page, which posts round(credits - credits * discount).

    >>> self_serve_price(20_004, 10)
    18004.0
    """
    return float(math.floor(credit_usd * (100 - percent) / 100 + 0.5))


def startup_bonus_share(rules: Rules, terms: Terms) -> float:
    """Credit that comes free with each dollar of credit bought: the free months over a year.

    Two months free pay 12 months for 14 of cover, which is one sixth more credit; one time.
    """
    return rules.startup_free_months / 12 if terms.startup_roll_off else 0.0


def _floor(rules: Rules, band: Band, terms: Terms) -> float:
    """Least credit of a band, at list value."""
    if not rules.after_discount or band.percent is None:
        return band.from_usd
    percent = Decimal(str(band.percent)) + Decimal(str(_length_percent(rules, terms) or 0))
    return float(Decimal(str(band.from_usd)) / (1 - percent / 100))


def _own_floor(rules: Rules, terms: Terms, first: float) -> tuple[float, ...]:
    """Where the points of a non-profit end, if that is inside a band."""
    if terms.non_profit and rules.has_levers and rules.non_profit_below_usd > first:
        return (rules.non_profit_below_usd,)
    return ()


def _length_percent(rules: Rules, terms: Terms) -> float | None:
    """Points for length, not stacking; None from the length on that is agreed case by case."""
    if not rules.has_levers or terms.years == 1:
        return 0.0
    if terms.years >= rules.custom_years:
        return None
    return rules.two_years_percent if terms.years == 2 else rules.three_years_percent


def _late_percent(rules: Rules, terms: Terms) -> float | None:
    """Points off for later payment, each step that has begun; None where no page gives any."""
    late = terms.payment_days - rules.payment_days
    if late <= 0:
        return 0.0
    if not rules.has_levers or rules.late_payment_percent is None or not rules.late_step_days:
        return None
    return rules.late_payment_percent * -(-late // rules.late_step_days)


def _stack(rules: Rules, band: Band, credit_usd: float, floors: list[float], terms: Terms) -> Stack:
    points = list(_points(rules, band, credit_usd, min(floors), terms))
    confirm = list(_confirm(rules, band, terms))
    custom = (
        band.percent is None
        or _length_percent(rules, terms) is None
        or _late_percent(rules, terms) is None
    )
    total = sum(Decimal(str(percent)) for _, percent in points)
    pending = rules.committed_percent if rules.has_levers and not terms.is_re_entry else 0.0
    if pending:
        confirm.append(
            f"Sales confirms the +{pending:g}% once the signatory commits to a date in writing."
        )
    counted = None if custom else float(max(Decimal(0), total))
    return Stack(tuple(points), counted, pending, tuple(confirm))


def _points(
    rules: Rules, band: Band, credit_usd: float, first: float, terms: Terms
) -> Iterator[tuple[str, float]]:
    if band.percent is not None:
        yield "volume" if rules.has_levers else "annual plan", band.percent
    if not rules.has_levers:
        return
    length = _length_percent(rules, terms)
    if length:
        yield {2: "two years", 3: "three years"}.get(terms.years, f"{terms.years} years"), length
    if terms.paid_upfront and 1 < terms.years < rules.custom_years:
        yield "all years paid upfront", rules.upfront_percent * (terms.years - 1)
    late = _late_percent(rules, terms)
    if late:
        yield f"payment within {terms.payment_days} days", -late
    if terms.non_profit and first <= credit_usd < rules.non_profit_below_usd:
        yield "non-profit", rules.non_profit_points


def _confirm(rules: Rules, band: Band, terms: Terms) -> Iterator[str]:
    yield ORDER_FORM
    if band.percent is None:
        yield f"Sales confirms the discount from ${band.from_usd:,.0f} of credit: it is custom."
    if terms.years > 1:
        if not rules.has_levers:
            yield "Sales confirms what more than one year adds: the flat rule says nothing."
        elif terms.years >= rules.custom_years:
            yield f"Sales confirms the discount of {terms.years} years: no page gives a number."
        yield PER_YEAR
    if _late_percent(rules, terms) is None:
        yield (
            f"Sales confirms payment within {terms.payment_days} days: the pages give no points "
            f"beyond {rules.payment_days} days."
        )
    if terms.non_profit:
        yield (
            "Sales confirms the proof that the organization is a non-profit."
            if rules.has_levers
            else "Sales confirms what a non-profit gets on top: the flat rule says nothing."
        )
    if terms.startup_roll_off:
        yield (
            f"Sales confirms the {rules.startup_free_months} free months after the startup "
            "programme: one time, until the first billing date after the credit expires."
        )
