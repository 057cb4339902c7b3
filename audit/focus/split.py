"""Cuts that leave nothing over: a line into stretches of one price, cents into shares."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from audit.errors import PriceError
from audit.pricing import TierCharge
from audit.pricing.tiers import EXACT, ZERO

ONE = Decimal(1)


@dataclass(frozen=True)
class Stretch:
    """Units of one line at one price, contracted and list (None: no list price is known).

    ``up_to`` ends the tier of the list (of the contracted prices where there is no list); None
    in the last. ``is_fee``: the flat amount of a tier instead, once.
    """

    quantity: Decimal
    contracted: Decimal
    listed: Decimal | None
    up_to: Decimal | None
    is_fee: bool

    @property
    def contracted_cost(self) -> Decimal:
        """USD, unrounded."""
        return EXACT.multiply(self.quantity, self.contracted)

    @property
    def list_cost(self) -> Decimal | None:
        """USD, unrounded."""
        return None if self.listed is None else EXACT.multiply(self.quantity, self.listed)


def stretches(
    contracted: Sequence[TierCharge], listed: Sequence[TierCharge] | None
) -> tuple[Stretch, ...]:
    """The tiers of a line, cut wherever either price changes.

    FOCUS wants quantity x unit price = cost for both prices of a row, and the tiers of the two
    need not end at the same quantity.

    Raises: PriceError when the two do not count the same units.
    """
    total = exact_sum(tier.quantity for tier in contracted)
    if listed is not None and exact_sum(tier.quantity for tier in listed) != total:
        raise PriceError("the contracted and the list price do not count the same units")
    fees = tuple(_fees(contracted, listed))
    if is_flat(contracted) and (listed is None or is_flat(listed)):
        return fees
    named = contracted if listed is None else listed
    ends = {_end(contracted, place) for place in range(len(contracted))}
    ends |= {_end(named, place) for place in range(len(named))}
    out = []
    start = ZERO
    for end in sorted(ends - {ZERO}):
        tier = _at(named, start)
        out.append(
            Stretch(
                quantity=EXACT.subtract(end, start),
                contracted=_at(contracted, start).unit_amount_usd,
                listed=None if listed is None else tier.unit_amount_usd,
                up_to=tier.up_to,
                is_fee=False,
            )
        )
        start = end
    return (*out, *fees)


def is_flat(tiers: Sequence[TierCharge]) -> bool:
    """One amount for the month, and no unit price."""
    if len(tiers) != 1:
        return False
    only = tiers[0]
    fee = only.up_to is None and only.quantity == ONE and only.flat_amount_usd > 0
    return fee and not only.unit_amount_usd


def shares(cents: int, weights: Sequence[Decimal | int]) -> list[int]:
    """Whole cents in proportion to weights, by largest remainder; of equals the first.

    >>> shares(100, [1, 1, 1])
    [34, 33, 33]
    """
    exact = [Fraction(weight) for weight in weights]
    total = sum(exact, Fraction(0))
    if not total:
        return [cents] + [0] * (len(exact) - 1) if exact else []
    quotas = [cents * weight / total for weight in exact]
    given = [quota.numerator // quota.denominator for quota in quotas]
    order = sorted(range(len(exact)), key=lambda place: given[place] - quotas[place])
    for place in order[: cents - sum(given)]:
        given[place] += 1
    return given


def _fees(
    contracted: Sequence[TierCharge], listed: Sequence[TierCharge] | None
) -> Iterable[Stretch]:
    """The flat amounts of tiers: of tiers that end at the same place they share a row."""
    own = {tier.up_to: tier.flat_amount_usd for tier in contracted}
    public = {tier.up_to: tier.flat_amount_usd for tier in listed or ()}
    for up_to in {**own, **public}:
        fee, list_fee = own.get(up_to, ZERO), public.get(up_to, ZERO)
        if fee or list_fee:
            yield Stretch(ONE, fee, None if listed is None else list_fee, up_to, is_fee=True)


def _end(tiers: Sequence[TierCharge], place: int) -> Decimal:
    return exact_sum(tier.quantity for tier in tiers[: place + 1])


def _at(tiers: Sequence[TierCharge], quantity: Decimal) -> TierCharge:
    """The tier in which the unit after a quantity lies."""
    return next(tier for place, tier in enumerate(tiers) if quantity < _end(tiers, place))


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Not rounded, whatever the context."""
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
