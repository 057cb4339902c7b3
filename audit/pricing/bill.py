"""One organization's bill for one billing month, line by line, and the answer of ``audit price``.

Quantities are over the whole organization, per billing month: the free allowance is granted
once, however many projects share it. Money is USD, in cents where a line or a bill shows it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, InvalidOperation, localcontext
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from audit.errors import InputError, PriceError
from audit.pricing.catalogue import Catalogue, Product
from audit.pricing.tiers import (
    EXACT,
    ZERO,
    Schedule,
    TierCharge,
    cents_of,
    checked_quantity,
    number_json,
    plain,
)

if TYPE_CHECKING:
    import numpy as np

    from audit.pricing.columns import Integers

HUNDRED = Decimal(100)
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Line:
    """One product on a bill.

    ``quantity`` is in ``unit``s. ``amount`` is what is charged, ``amount_before_limit`` what
    the tiers gave, ``list_amount`` what the public list would give, also without a limit
    (None: no public price that day). All three are rounded half up to cents; the amounts in
    ``tiers`` are not, and sum exactly to the unrounded ``amount_before_limit``.
    """

    product: str
    name: str
    unit: str
    quantity: Decimal
    amount: Decimal
    amount_before_limit: Decimal
    list_amount: Decimal | None
    tiers: tuple[TierCharge, ...]
    limit_usd: Decimal | None
    limited: bool
    price: Literal["own", "public"]


@dataclass(frozen=True, slots=True)
class Bill:
    """``total`` is ``subtotal`` less the discounts and the credit that were really used."""

    lines: tuple[Line, ...]
    subtotal: Decimal
    discount: Decimal
    credit: Decimal
    total: Decimal


def bill(
    quantities: Mapping[str, Decimal | int],
    *,
    on: date,
    own: Mapping[str, Schedule] = NOTHING,
    limits_usd: Mapping[str, Decimal | int | None] = NOTHING,
    discount_percent: Decimal | int = ZERO,
    discount_amount_usd: Decimal | int = ZERO,
    credit_usd: Decimal | int = ZERO,
    catalogue: Catalogue | None = None,
) -> Bill:
    """The bill for one month's quantities at the prices of a day.

    A product is named by its key, with the quantity in priced units (logs: GB), or by its
    usage key or counter, with the quantity in the units of the meter (logs: MB). ``own``
    prices, an account's contracted ones, win over the public list; they may name products
    the list does not know. ``limits_usd`` may cover products that are not on the bill.

    In this order: each line is rounded half up to cents, then held to its billing limit; the
    sum less the percentage discount, rounded half up; less the amount discount; less credit;
    never below zero. A limit is on what is paid, after the percentage: at 20 percent off, a
    limit of 200 USD is met by 250 USD of usage.

    Raises: InputError for a quantity or an amount that cannot be meant; PriceError without a
    price. Source of the limit rule: handbook, growth/sales/billing (older page).
    """
    known = catalogue or Catalogue.load()
    percent = _money(discount_percent, "discount_percent")
    if percent > HUNDRED:
        raise InputError(f"discount_percent is from 0 to 100, got {percent}.")
    own_prices = {_key(known, name): schedule for name, schedule in own.items()}
    limits = {
        _key(known, name): _money(limit, f"The limit of {name!r}")
        for name, limit in limits_usd.items()
        if limit is not None
    }
    lines: dict[str, Line] = {}
    for name, quantity in quantities.items():
        key = _key(known, name)
        if key in lines:
            raise InputError(f"{key!r} is given twice, once as {name!r}: add the two up.")
        lines[key] = _line(
            name,
            quantity,
            product=known.products.get(key),
            own=own.get(name) or own_prices.get(key),
            read_as_is=name in own,
            limit=limits.get(key),
            percent=percent,
            on=on,
            catalogue=known,
        )

    amount_off = cents_of(_money(discount_amount_usd, "discount_amount_usd"))
    credit = cents_of(_money(credit_usd, "credit_usd"))
    with localcontext(EXACT):
        subtotal = sum((line.amount for line in lines.values()), Decimal("0.00"))
        rebate = cents_of(subtotal * percent / HUNDRED)
        amount_off = min(amount_off, subtotal - rebate)
        credit = min(credit, subtotal - rebate - amount_off)
        return Bill(
            lines=tuple(lines.values()),
            subtotal=subtotal,
            discount=rebate + amount_off,
            credit=credit,
            total=subtotal - rebate - amount_off - credit,
        )


def as_json(of: Bill) -> dict[str, Any]:
    """The answer of ``audit price --json``. Money is text: cents on lines and the total, the
    exact amount inside a tier; a quantity is an integer where it is whole, else text."""
    return {
        "lines": [
            {
                "product": line.product,
                "quantity": number_json(line.quantity),
                "amount": f"{line.amount:.2f}",
                "tiers": [
                    {
                        "up_to": None if tier.up_to is None else number_json(tier.up_to),
                        "quantity": number_json(tier.quantity),
                        "unit_amount_usd": plain(tier.unit_amount_usd),
                        "flat_amount_usd": plain(tier.flat_amount_usd),
                        "amount": plain(tier.amount),
                    }
                    for tier in line.tiers
                ],
            }
            for line in of.lines
        ],
        "total": f"{of.total:.2f}",
    }


def parse_quantities(entries: Iterable[str]) -> dict[str, Decimal]:
    """Quantities by product, from entries such as ``logs=110.5`` or ``events=2_000_000``.

    Raises: InputError naming the entry.
    """
    quantities: dict[str, Decimal] = {}
    for entry in entries:
        product, equals, text = (part.strip() for part in entry.partition("="))
        if not equals or not product or not text:
            raise InputError(f"Cannot read {entry!r}: write product=quantity, such as logs=110.5.")
        if product in quantities:
            raise InputError(f"{product!r} is given twice: add the two quantities up.")
        try:
            quantities[product] = checked_quantity(Decimal(text))
        except InvalidOperation:
            raise InputError(
                f"The quantity of {product!r} is not a number: {text!r}. "
                "Write digits, such as 2000000 or 2_000_000."
            ) from None
        except InputError as error:
            raise InputError(f"Cannot price {entry!r}: {error}") from None
    return quantities


def read_tiers(path: str | Path) -> dict[str, Schedule]:
    """Own prices by product, from the JSON file of ``audit price --tiers``.

    ``{"product": [{"up_to": 1000000, "unit_amount_usd": "0", "flat_amount_usd": "0"}, ...]}``;
    graduated. Numbers are read as they are written, not through binary floats.

    Raises: PriceError for a file that cannot be read or a tier list that is malformed.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise PriceError(f"Cannot read the tiers in {path}: {error}") from None
    try:
        data = json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_no_constant,
            object_pairs_hook=_once,
        )
    except (ValueError, InvalidOperation, RecursionError) as error:
        raise PriceError(f"{path} is not usable JSON: {error}") from None
    if not isinstance(data, dict):
        raise PriceError(
            f"{path} must hold an object of product: tiers, got {type(data).__name__}."
        )
    return {name: Schedule.from_json(rows, product=name) for name, rows in data.items()}


def fleet_cents(
    schedule_ids: np.ndarray, quantities: np.ndarray, schedules: Sequence[Schedule]
) -> Integers:
    """Whole cents per row, for many organizations at once; see ``audit.pricing.columns``."""
    # Imported here so that a bill of three lines does not wait for numpy.
    from audit.pricing import columns

    return columns.fleet_cents(schedule_ids, quantities, schedules)


def _line(
    name: str,
    quantity: Decimal | int,
    *,
    product: Product | None,
    own: Schedule | None,
    read_as_is: bool,
    limit: Decimal | None,
    percent: Decimal,
    on: date,
    catalogue: Catalogue,
) -> Line:
    if product is None and own is None:
        catalogue.product(name)  # raises, naming near matches
    units = _units(name, quantity, product, read_as_is)
    public = _public_price(product, on, required=own is None)
    schedule = own or public
    if schedule is None:
        raise PriceError(f"No price for {name!r} on {on}.")
    if schedule.model == "flat" and units > 1:
        raise InputError(
            f"{name!r} is a flat fee per month and a bill is one month: its quantity is 0 or 1, "
            f"got {plain(units)}."
        )
    tiers = schedule.walk(units)
    before_limit = cents_of(schedule.cost(units))
    most = None if limit is None or percent == HUNDRED else usage_at_limit(limit, percent)
    limited = most is not None and before_limit > most
    return Line(
        product=name if product is None or read_as_is else product.product,
        name=name if product is None else product.name,
        unit="unit" if product is None else product.unit,
        quantity=units,
        amount=most if limited and most is not None else before_limit,
        amount_before_limit=before_limit,
        list_amount=None if public is None else cents_of(public.cost(units)),
        tiers=tiers,
        limit_usd=limit,
        limited=limited,
        price="public" if own is None else "own",
    )


def _units(
    name: str, quantity: Decimal | int, product: Product | None, read_as_is: bool
) -> Decimal:
    """The quantity in priced units. Raises: InputError for a part of an indivisible unit."""
    try:
        counted = checked_quantity(quantity)
    except InputError as error:
        raise InputError(f"Cannot price {name!r}: {error}") from None
    by_meter = product is not None and name != product.product and not read_as_is
    divides = product is not None and product.divisor > 1 and not by_meter
    if not divides and counted != counted.to_integral_value():
        unit = "unit" if product is None or by_meter else product.unit
        raise InputError(
            f"Cannot price {plain(counted)} of {name!r}: its {unit} does not divide. "
            "Give a whole number."
        )
    if product is None or not by_meter:
        return counted
    if product.meter_mismatch is not None:
        raise PriceError(
            f"The meter of {product.product!r} cannot be priced: {product.meter_mismatch}"
        )
    return EXACT.divide(counted, Decimal(product.divisor))


def _public_price(product: Product | None, on: date, *, required: bool) -> Schedule | None:
    if product is None:
        return None
    try:
        return product.price(on).schedule
    except PriceError:
        if required:
            raise
        return None


def usage_at_limit(limit: Decimal, percent: Decimal) -> Decimal:
    """The usage, in USD at full price, at which what is paid meets the limit."""
    # The one division that need not come out even; 200 digits leave no doubt about half a cent.
    return cents_of(Context(prec=200).divide(EXACT.multiply(limit, HUNDRED), HUNDRED - percent))


def _key(catalogue: Catalogue, name: str) -> str:
    return catalogue.product_of_usage_type(name) or name


def _money(amount: Decimal | int, what: str) -> Decimal:
    try:
        return checked_quantity(amount)
    except InputError as error:
        raise InputError(f"{what}: {str(error).replace('A quantity', 'an amount')}") from None


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not a price")


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key!r} stands twice in one object")
        found[key] = value
    return found
