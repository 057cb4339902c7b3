"""What a quantity costs: the four charge models, exactly, for one number or a column of them.

Prices are USD per unit, kept as the decimals they were written in; nothing here is ever a
float. ``Schedule.cost`` is unrounded; whole cents, rounded half up, come from ``cents``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, Inexact, InvalidOperation
from typing import TYPE_CHECKING, Literal, get_args

from audit.errors import InputError, PriceError

if TYPE_CHECKING:
    import numpy as np

    from audit.pricing.columns import Integers

Model = Literal["graduated", "volume", "package", "flat"]

ZERO = Decimal(0)
CENT = Decimal("0.01")

# Bounds that keep hostile text ("1e999999999") from eating the machine. They are far above
# any meter or price, and keep every product inside EXACT's precision.
MAX_DIGITS = 30
MAX_DECIMALS = 40

# Traps instead of rounding: an inexact step would be a bug in the bounds above.
EXACT = Context(prec=200, traps=[Inexact, InvalidOperation, DivisionByZero])


@dataclass(frozen=True, slots=True)
class Tier:
    """``up_to`` is cumulative (None: no end); the flat amount is due once the tier is reached."""

    up_to: Decimal | None
    unit_amount_usd: Decimal
    flat_amount_usd: Decimal


@dataclass(frozen=True, slots=True)
class TierCharge:
    """What one tier adds to a cost. ``quantity`` lies inside this tier; USD, unrounded."""

    up_to: Decimal | None
    quantity: Decimal
    unit_amount_usd: Decimal
    flat_amount_usd: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Schedule:
    """The tiers of one product and how they are walked.

    graduated: units inside a tier pay that tier's price, and every tier reached adds its flat
    amount. volume: all units pay the price, and the one flat amount, of the tier reached.
    package: units are sold in packages of ``package_size``, a begun one counts in full, and
    the tiers, ``up_to`` included, count packages. flat: one amount for any quantity above 0.

    A tier is reached by a quantity above the ``up_to`` before it; quantity 0 costs 0.

    Raises: PriceError for tiers that are not contiguous, ascending and open at the end.
    """

    model: Model
    tiers: tuple[Tier, ...]
    package_size: int | None = None

    def __post_init__(self) -> None:
        if self.model not in get_args(Model):
            raise PriceError(
                f"Unknown charge model {self.model!r}: use {', '.join(get_args(Model))}."
            )
        if not self.tiers:
            raise PriceError("The tier list is empty: give at least one tier with up_to null.")
        _check_package_size(self.model, self.package_size)
        if self.model == "flat" and (len(self.tiers) != 1 or self.tiers[0].unit_amount_usd):
            raise PriceError("A flat price is one tier with a flat amount and a unit amount of 0.")
        _check_order(self.tiers)

    @classmethod
    def from_json(
        cls,
        rows: object,
        *,
        product: str,
        model: Model = "graduated",
        package_size: int | None = None,
    ) -> Schedule:
        """The schedule of a ``tiers`` list as the billing service writes it.

        Amounts are text ("70.8") or numbers; floats are read as printed, not in binary. A
        missing or null flat amount is 0; other keys of a row are left alone.

        Raises: PriceError naming the product and the tier.
        """
        try:
            return cls(model, tuple(_tiers(rows)), package_size)
        except PriceError as error:
            raise PriceError(f"Prices of {product!r}: {error}") from None

    def to_json(self) -> list[dict[str, int | str | None]]:
        """The tiers as ``from_json`` reads them; amounts as text."""
        return [
            {
                "up_to": None if tier.up_to is None else number_json(tier.up_to),
                "unit_amount_usd": plain(tier.unit_amount_usd),
                "flat_amount_usd": plain(tier.flat_amount_usd),
            }
            for tier in self.tiers
        ]

    @property
    def free_allowance(self) -> Decimal | None:
        """Units at the start that cost nothing; None when every unit is free."""
        first = self.tiers[0]
        if self.model == "volume" or first.unit_amount_usd or first.flat_amount_usd:
            return ZERO
        if first.up_to is None or self.package_size is None:
            return first.up_to
        return first.up_to * self.package_size

    def cost(self, quantity: int | Decimal) -> Decimal:
        """USD, unrounded.

        >>> Schedule.from_json([{"up_to": None, "unit_amount_usd": "0.05"}], product="x").cost(3)
        Decimal('0.15')

        Raises: InputError for a quantity that is negative, not finite or not a number.
        """
        total = ZERO
        for charge in self.walk(quantity):
            total = EXACT.add(total, charge.amount)
        return total

    def walk(self, quantity: int | Decimal) -> tuple[TierCharge, ...]:
        """One charge per tier up to the one reached; the amounts sum to ``cost`` exactly.

        Under volume only the tier reached charges, so it stands alone. For packages the
        quantities count packages. Nothing is reached by quantity 0.
        """
        counted = checked_quantity(quantity)
        if not counted:
            return ()
        if self.model == "package":
            # Decimal's // truncates towards 0, so the usual -(-a // b) would not round up.
            whole, begun = EXACT.divmod(counted, Decimal(self.package_size or 1))
            counted = whole + 1 if begun else whole
        if self.model == "volume":
            tier = next(t for t in self.tiers if t.up_to is None or counted <= t.up_to)
            return (_charge(tier, counted),)
        charges = []
        lower = ZERO
        for tier in self.tiers:
            upper = counted if tier.up_to is None else min(counted, tier.up_to)
            charges.append(_charge(tier, EXACT.subtract(upper, lower)))
            if tier.up_to is None or counted <= tier.up_to:
                break
            lower = tier.up_to
        return tuple(charges)

    def scaled(self, divisor: int) -> Schedule:
        """The same prices for a meter that counts ``divisor`` units where one is priced.

        Logs are priced per GB and counted in MB: ``scaled(1000)`` prices MB.
        Raises: PriceError when a unit price cannot be divided exactly.
        """
        if isinstance(divisor, bool) or not isinstance(divisor, int) or divisor < 1:
            raise PriceError(f"A divisor is a whole number from 1, got {divisor!r}.")
        if divisor == 1 or self.model == "flat":
            return self
        if self.model == "package":
            return Schedule(self.model, self.tiers, (self.package_size or 1) * divisor)
        try:
            tiers = tuple(
                Tier(
                    None if tier.up_to is None else EXACT.multiply(tier.up_to, Decimal(divisor)),
                    EXACT.divide(tier.unit_amount_usd, Decimal(divisor)),
                    tier.flat_amount_usd,
                )
                for tier in self.tiers
            )
        except Inexact:
            raise PriceError(f"Prices cannot be divided by {divisor} exactly.") from None
        return Schedule(self.model, tiers)

    def cents(self, quantities: np.ndarray) -> Integers:
        """Whole cents, rounded half up, one per quantity; integers in, int64 out.

        Raises: InputError for a negative quantity, a column that does not hold integers, or
        an amount too large for int64.
        """
        from audit.pricing.columns import cents

        return cents(self, quantities)


def cents_of(amount: Decimal) -> Decimal:
    """USD rounded half up to whole cents.

    >>> cents_of(Decimal("372.505"))
    Decimal('372.51')
    """
    return amount.quantize(CENT, rounding=ROUND_HALF_UP, context=Context(prec=200))


def plain(number: Decimal) -> str:
    """Digits without an exponent or trailing zeros: ``0.00005``, never ``5E-5``."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def number_json(number: Decimal) -> int | str:
    """A whole number as an integer, any other as text, so that JSON keeps it exact."""
    return int(number) if number == number.to_integral_value() else plain(number)


def checked_quantity(quantity: object) -> Decimal:
    """The quantity as an exact Decimal. Raises: InputError."""
    if isinstance(quantity, bool) or not isinstance(quantity, (int, Decimal)):
        raise InputError(f"A quantity is a whole number or a Decimal, got {quantity!r}.")
    if isinstance(quantity, int):
        if abs(quantity) >= 10**MAX_DIGITS:
            raise InputError(f"A quantity has at most {MAX_DIGITS} digits.")
        quantity = Decimal(quantity)
    if not _fits(quantity):
        raise InputError(
            f"A quantity is a finite number of at most {MAX_DIGITS} digits and "
            f"{MAX_DECIMALS} decimals, got {quantity}."
        )
    if quantity < 0:
        raise InputError(f"A quantity cannot be negative, got {quantity}.")
    return quantity


def _charge(tier: Tier, quantity: Decimal) -> TierCharge:
    units = EXACT.multiply(quantity, tier.unit_amount_usd)
    amount = EXACT.add(units, tier.flat_amount_usd)
    return TierCharge(tier.up_to, quantity, tier.unit_amount_usd, tier.flat_amount_usd, amount)


def _fits(number: Decimal) -> bool:
    if not number.is_finite():
        return False
    exponent = int(number.as_tuple().exponent)
    return exponent >= -MAX_DECIMALS and (not number or number.adjusted() < MAX_DIGITS)


def _tiers(rows: object) -> list[Tier]:
    if not isinstance(rows, Sequence) or isinstance(rows, (str, bytes)):
        raise PriceError(f"tiers must be a list of objects, got {type(rows).__name__}.")
    tiers = []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            raise PriceError(f"tier {number} must be an object, got {row!r}.")
        for key in ("up_to", "unit_amount_usd"):
            if key not in row:
                raise PriceError(f"tier {number} has no {key}.")
        up_to = row["up_to"]
        flat = row.get("flat_amount_usd")
        tiers.append(
            Tier(
                None if up_to is None else _decimal(up_to, number, "up_to"),
                _decimal(row["unit_amount_usd"], number, "unit_amount_usd"),
                ZERO if flat is None else _decimal(flat, number, "flat_amount_usd"),
            )
        )
    return tiers


def _decimal(value: object, number: int, key: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise PriceError(f"tier {number}: {key} must be a number or text, got {value!r}.")
    try:
        amount = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        raise PriceError(f"tier {number}: {key} is not a number: {value!r}.") from None
    if not _fits(amount) or amount < 0:
        raise PriceError(
            f"tier {number}: {key} must be a finite number from 0 with at most {MAX_DIGITS} "
            f"digits and {MAX_DECIMALS} decimals, got {value!r}."
        )
    return amount


def _check_package_size(model: Model, package_size: int | None) -> None:
    if model != "package":
        if package_size is not None:
            raise PriceError(f"package_size belongs to the package model, not to {model}.")
    elif isinstance(package_size, bool) or not isinstance(package_size, int) or package_size < 1:
        raise PriceError(f"package_size must be a whole number from 1, got {package_size!r}.")


def _check_order(tiers: tuple[Tier, ...]) -> None:
    lower = ZERO
    for number, tier in enumerate(tiers, start=1):
        for amount in (tier.unit_amount_usd, tier.flat_amount_usd):
            if not _fits(amount) or amount < 0:
                raise PriceError(f"tier {number} has an amount that is no price: {amount}.")
        if number == len(tiers):
            if tier.up_to is not None:
                raise PriceError(f"the last tier must have up_to null, got {tier.up_to}.")
        elif tier.up_to is None:
            raise PriceError(f"tier {number} has up_to null, which only the last tier may have.")
        elif not _fits(tier.up_to) or tier.up_to <= lower:
            raise PriceError(
                f"tier {number} ends at {tier.up_to}, not above {lower}: up_to is cumulative "
                "and must rise from tier to tier."
            )
        else:
            lower = tier.up_to
