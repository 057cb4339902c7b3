"""Why a product costs more than it did: growth, more units per person, starts and stops, price.

The parts add up to the change to the cent, whatever the numbers: each is the difference of two
costs on the way from then to now, one cause after the other.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

NONE = Decimal("0.00")


@dataclass(frozen=True)
class Parts:
    """USD of a change of cost, before discounts.

    ``growth``: as many more units as there are more people, on the tiers of then. ``intensity``:
    the units beyond that, more or fewer per person. ``switched``: a product that was not used
    then, or is not now. ``price``: what is left: prices, plans and, in billed amounts, discounts
    and limits. Where growth is not known, ``growth`` and ``intensity`` are None and ``units`` is
    both together.
    """

    units: Decimal
    switched: Decimal
    price: Decimal
    growth: Decimal | None = None
    intensity: Decimal | None = None

    @property
    def total(self) -> Decimal:
        """The whole change."""
        return self.units + self.switched + self.price


def parts(
    before: tuple[int, Decimal],
    after: tuple[int, Decimal],
    growth: Fraction | None,
    cost: Callable[[int], Decimal | None],
) -> Parts:
    """The parts of a change between two months of a product.

    ``before`` and ``after``: units and USD. ``growth``: people now over people then, None where
    not known. ``cost``: USD of units at the prices of then, or None without such prices; then the
    whole change stands in ``price``.

    >>> parts((100, Decimal(10)), (150, Decimal(12)), Fraction(6, 5), lambda n: Decimal(n) / 10)
    Parts(units=Decimal('5'), switched=Decimal('0.00'), price=Decimal('-3'), growth=Decimal('2'), \
intensity=Decimal('3'))
    """
    then, now = cost(before[0]), cost(after[0])
    change = after[1] - before[1]
    if then is None or now is None:
        return Parts(NONE, NONE, change)
    moved = now - then
    price = change - moved
    if (before[0] == 0) != (after[0] == 0):
        known = None if growth is None else NONE
        return Parts(NONE, moved, price, known, known)
    grown = None if growth is None else cost(scaled(before[0], growth))
    if grown is None:
        return Parts(moved, NONE, price)
    return Parts(moved, NONE, price, grown - then, now - grown)


def scaled(units: int, growth: Fraction) -> int:
    """Whole units, half up.

    >>> scaled(5, Fraction(11, 10))
    6
    """
    return int((2 * units * growth.numerator + growth.denominator) // (2 * growth.denominator))


def added(found: Iterable[Parts]) -> Parts:
    """The parts of several products; growth is known if it is of all of them."""
    all_of_them = list(found)
    split = bool(all_of_them) and all(one.growth is not None for one in all_of_them)
    return Parts(
        units=sum((one.units for one in all_of_them), NONE),
        switched=sum((one.switched for one in all_of_them), NONE),
        price=sum((one.price for one in all_of_them), NONE),
        growth=sum((one.growth or NONE for one in all_of_them), NONE) if split else None,
        intensity=sum((one.intensity or NONE for one in all_of_them), NONE) if split else None,
    )
