"""The ways to pay for the coming year that are compared, and what each costs on simulated years."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from audit.errors import InputError
from audit.prepaid.draw_down import Floats, drip, upfront
from audit.prepaid.levers import Step, Terms, self_serve, step_of, steps
from audit.prepaid.money import Assumptions, Paid, by_the_month, paid
from audit.prepaid.orders import Kind, Order, contract_order, quantile_order, self_serve_order
from audit.prepaid.recourse import WAIT_MONTHS, Expansion, expansions, topped_up, wait
from audit.prepaid.rules import Rules

#: Golden-section steps over the amounts of self-serve credit; ends within 1/2,000 of the range.
SEARCH_STEPS = 16
GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True)
class Choice:
    """One way to pay. ``is_offered``: whether it may be recommended; ``why_not`` says why it may
    not. ``tops_up``: credit is added once within the first half of the term where that pays."""

    name: str
    title: str
    kind: Kind
    order: Order | None = None
    tops_up: bool = False
    is_offered: bool = True
    why_not: str = ""


@dataclass(frozen=True)
class Deal:
    """What everything is priced by. ``self_serve``: whether the account may buy credit without
    Sales; None where that is not known, which is not a no."""

    rules: Rules
    terms: Terms
    assumptions: Assumptions
    self_serve: bool | None = None

    @property
    def offers(self) -> tuple[Step, ...]:
        """The bands under these terms."""
        return steps(self.rules, self.terms)

    @property
    def expansion_offers(self) -> tuple[Step, ...]:
        """The bands of an order on top, which gets no points for length."""
        terms = Terms(payment_days=self.terms.payment_days, non_profit=self.terms.non_profit)
        return steps(self.rules, terms)

    def evaluated(self, choice: Choice, list_usd: Floats, pay_as_you_go_usd: Floats) -> Paid:
        """What a choice costs and saves in each simulated year."""
        if choice.kind is Kind.MONTHLY:
            return by_the_month(pay_as_you_go_usd)
        if choice.kind is Kind.WAIT:
            return wait(
                self.rules,
                self.assumptions,
                list_usd,
                pay_as_you_go_usd,
                contract=_priced(self.offers),
                self_serve=self._self_serve_amounts() if self.self_serve is not False else None,
            ).paid
        order = choice.order
        if order is None:
            raise InputError(f"{choice.title} has no order to price.")
        if choice.tops_up:
            return topped_up(
                self.rules,
                self.assumptions,
                list_usd,
                pay_as_you_go_usd,
                credit_usd=order.credit_usd,
                price_usd=order.price_usd,
                worth_of_price=order.worth_usd,
                choices=expansions(self.expansion_offers, order.percent),
            ).paid
        if choice.kind is Kind.SELF_SERVE:
            rules = self.rules
            drawn = drip(list_usd, order.credit_usd, rules.drip_months, rules.tranche_months)
        else:
            drawn = upfront(list_usd, order.credit_usd)
        return paid(
            self.rules,
            self.assumptions,
            pay_as_you_go_usd,
            drawn,
            order.price_usd,
            price_share=order.price_share,
            worth_of_price=order.worth_usd,
            rolls=choice.kind is Kind.CONTRACT,
        )

    def _self_serve_amounts(self) -> Expansion:
        percent = self_serve(self.rules, self.terms).counted_percent or 0.0
        rules = self.rules
        return Expansion(rules.self_serve_from_usd, rules.self_serve_below_usd, percent)


def _priced(offers: tuple[Step, ...]) -> tuple[Expansion, ...]:
    return tuple(
        Expansion(one.from_usd, one.below_usd or float("inf"), one.percent)
        for one in offers
        if one.percent is not None
    )


def choices(
    deal: Deal,
    list_usd: Floats,
    pay_as_you_go_usd: Floats,
    *,
    commitment_usd: float | None = None,
    proposed_usd: float | None = None,
    with_quantile: bool = True,
) -> tuple[Choice, ...]:
    """Monthly, self-serve, each band's start, the quantile inside each band, either with a top-up,
    the mean, what the app proposes and the caller's own commitment for comparison, and waiting
    three months.

    Raises: InputError for a commitment that is not sold.
    """
    out = [Choice("monthly", "Stay monthly", Kind.MONTHLY)]
    if with_quantile:
        out += _self_serve(deal, list_usd, pay_as_you_go_usd)
    for step in deal.offers:
        if step.percent is not None:
            out += _in_band(deal, list_usd, step, with_quantile=with_quantile)
    mean = mean_choice(deal, list_usd)
    if mean is not None:
        out.append(mean)
    if proposed_usd is not None:
        with suppress(InputError):
            out.append(
                _fixed(deal, float(round(proposed_usd)), "proposed", "What the app proposes")
            )
    if commitment_usd is not None:
        out.append(_fixed(deal, commitment_usd, "own", "Your own commitment"))
    title = f"Wait {WAIT_MONTHS} months, then decide"
    out.append(Choice("wait", title, Kind.WAIT))
    return tuple(out)


def mean_choice(deal: Deal, list_usd: Floats) -> Choice | None:
    """Committing the mean, for comparison; None where so little, or so much, is not sold."""
    with suppress(InputError):
        mean = float(list_usd.sum(axis=1).mean())
        return _fixed(deal, mean, "mean", "The mean of the coming year")
    return None


def _in_band(deal: Deal, list_usd: Floats, step: Step, *, with_quantile: bool) -> Iterator[Choice]:
    rules, terms, assumptions = deal.rules, deal.terms, deal.assumptions
    orders = {"floor": contract_order(rules, terms, assumptions, step.from_usd, step)}
    inside = quantile_order(rules, terms, assumptions, list_usd, step) if with_quantile else None
    if inside is not None:
        orders["quantile"] = inside
    for what, order in orders.items():
        name = f"{what}_{step.from_usd:.0f}"
        title = f"Commit ${order.purchase_usd:,.0f} at {order.percent:g}%"
        title += ", the start of its band" if what == "floor" else ", the best inside its band"
        yield Choice(name, title, Kind.CONTRACT, order)
        if list_usd.sum(axis=1).max() > order.credit_usd:
            with_more = f"{title}, with a top-up"
            yield Choice(f"{name}_topped_up", with_more, Kind.CONTRACT, order, tops_up=True)


def _self_serve(deal: Deal, list_usd: Floats, pay_as_you_go_usd: Floats) -> Iterator[Choice]:
    def saving(amount: float) -> float:
        choice = _self_serve_choice(deal, amount)
        return float(deal.evaluated(choice, list_usd, pay_as_you_go_usd).saving.mean())

    low = max(1.0, deal.rules.self_serve_from_usd)
    most_used = max(low, float(list_usd.sum(axis=1).max()))
    high = min(most_used, deal.rules.self_serve_below_usd - 1)
    if low <= high:
        yield _self_serve_choice(deal, float(round(_highest(saving, low, high))))


def _self_serve_choice(deal: Deal, amount: float) -> Choice:
    order = self_serve_order(deal.rules, deal.terms, amount)
    title = f"Self-serve credit of ${amount:,.0f} at {order.percent:g}%"
    barred = deal.self_serve is False
    why_not = "The account may not buy self-serve credit." if barred else ""
    return Choice("self_serve", title, Kind.SELF_SERVE, order, False, not barred, why_not)


def _highest(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one peak is highest."""
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = function(left), function(right)
    for _ in range(SEARCH_STEPS):
        if at_left >= at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = function(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = function(right)
    return (low + high) / 2


def _fixed(deal: Deal, amount: float, name: str, title: str) -> Choice:
    """A given amount: an order form from the first band on, else self-serve credit."""
    why_not = "For comparison only."
    first = deal.offers[0].from_usd
    if amount >= first:
        step = step_of(deal.offers, amount)
        order = contract_order(deal.rules, deal.terms, deal.assumptions, amount, step)
        kind = Kind.CONTRACT
    elif deal.self_serve is False:
        raise InputError(
            f"A commitment of ${amount:,.0f} is under the minimum of ${first:,.0f}, and the "
            "account may not buy self-serve credit. Commit more, or stay monthly."
        )
    else:
        order, kind = self_serve_order(deal.rules, deal.terms, amount), Kind.SELF_SERVE
    named = f"{title}: ${amount:,.0f} at {order.percent:g}%"
    return Choice(name, named, kind, order, False, False, why_not)
