"""Charges: what becomes a row, in our own words and before FOCUS's.

Costs are USD; those that end in ``_cents`` are whole cents.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from audit.errors import PriceError
from audit.focus.services import Service, service, whole_bill
from audit.focus.split import Stretch, exact_sum, shares, stretches
from audit.pricing import Bill, Catalogue, Line, TierCharge, cents_of
from audit.pricing.tiers import EXACT, plain

Category = Literal["Usage", "Purchase", "Credit", "Adjustment"]
PriceSource = Literal["public", "own", "own_only"]

CENTS = Decimal(100)


@dataclass(frozen=True)
class Charge:
    """One row. ``stretch`` and ``price_source`` are None where no unit price makes the amount;
    ``quantity`` is then the vendor's, in priced units, if it tells one.

    ``full_cents``: before the billing limit. ``held_cents``: after it, before the discounts of the
    bill. ``billed_cents``: after both.
    """

    service: Service
    category: Category
    description: str
    full_cents: int
    held_cents: int
    billed_cents: int
    stretch: Stretch | None = None
    price_source: PriceSource | None = None
    quantity: Decimal | None = None
    invoice_id: str | None = None
    is_correction: bool = False


def of_bill(bill: Bill, *, on: date, catalogue: Catalogue | None = None) -> list[Charge]:
    """The charges of a bill; their ``billed_cents`` sum to its total. ``on``: the day whose public
    prices it was made with.

    Raises: PriceError for a bill that was made with the prices of another day.
    """
    known = catalogue or Catalogue.load()
    lines = [of_line(line, on=on, catalogue=known) for line in bill.lines]
    out = discounted(lines, in_cents(bill.total + bill.credit))
    if bill.credit:
        out.append(credit(-in_cents(bill.credit), "Credit that pays part of the bill."))
    return out


def of_line(line: Line, *, on: date, catalogue: Catalogue) -> list[Charge]:
    """The charges of a line: one per stretch of one price; none where nothing was used.

    Raises: PriceError for a line that was not made with the public prices of ``on``, or whose price
    is per package.
    """
    listed, source = _list_tiers(line, on, catalogue)
    if exact_sum(tier.quantity for tier in line.tiers) != line.quantity:
        raise PriceError(
            f"{line.product!r} is sold in packages, which the FOCUS export cannot write as rows. "
            "Leave it out of the bill."
        )
    try:
        pieces = stretches(line.tiers, listed)
    except PriceError as error:
        raise PriceError(f"{line.product!r} cannot be written as FOCUS rows: {error}.") from None
    if source == "own_only":
        pieces = tuple(replace(piece, listed=piece.contracted) for piece in pieces)
    of = service(line.product, catalogue, name=line.name, unit=line.unit)
    full = shares(in_cents(line.amount_before_limit), [piece.contracted_cost for piece in pieces])
    held = _held(full, in_cents(line.amount))
    return [
        Charge(
            service=of,
            category="Purchase" if piece.is_fee else "Usage",
            description=_words(of, piece),
            full_cents=before,
            held_cents=after,
            billed_cents=after,
            stretch=piece,
            price_source=source,
        )
        for piece, before, after in zip(pieces, full, held, strict=True)
    ]


def discounted(lines: Iterable[Sequence[Charge]], net_cents: int) -> list[Charge]:
    """Lines after the discounts of the bill, which leave ``net_cents`` to pay: shared out to lines
    by their amounts, within a line to its charges.

    FOCUS wants discounts on the rows they pertain to, not in rows of their own.
    """
    rows = [list(line) for line in lines]
    nets = shares(net_cents, [sum(charge.held_cents for charge in line) for line in rows])
    return [
        replace(charge, billed_cents=billed)
        for line, net in zip(rows, nets, strict=True)
        for charge, billed in zip(
            line, shares(net, [charge.held_cents for charge in line]), strict=True
        )
    ]


def credit(cents: int, description: str) -> Charge:
    """What was paid otherwise, as an amount below zero."""
    return Charge(whole_bill(), "Credit", description, cents, cents, cents)


def adjustment(
    cents: int,
    description: str,
    of: Service | None = None,
    quantity: Decimal | None = None,
) -> Charge:
    """An amount that no quantity and price of ours explain."""
    return Charge(
        of or whole_bill(), "Adjustment", description, cents, cents, cents, quantity=quantity
    )


def in_cents(amount: Decimal) -> int:
    """USD as whole cents, rounded half up."""
    return int(EXACT.multiply(cents_of(amount), CENTS))


def _list_tiers(
    line: Line, on: date, catalogue: Catalogue
) -> tuple[Sequence[TierCharge] | None, PriceSource]:
    if line.price == "public":
        return line.tiers, "public"
    if line.list_amount is None:
        return None, "own_only"
    tiers = catalogue.product(line.product).price(on).schedule.walk(line.quantity)
    total = cents_of(exact_sum(tier.amount for tier in tiers))
    if total != line.list_amount:
        raise PriceError(
            f"The list amount of {line.product!r} is {line.list_amount} USD on the bill and "
            f"{total} USD at the public prices of {on}: name the day the bill was priced on."
        )
    return tiers, "own"


def _held(full: Sequence[int], most: int) -> list[int]:
    """Cents that a billing limit lets through: it cuts the last units of a month, not the first."""
    out = []
    left = most
    for cents in full:
        out.append(min(cents, left))
        left -= out[-1]
    return out


def _words(of: Service, piece: Stretch) -> str:
    price = f"{plain(piece.contracted)} USD"
    if piece.is_fee:
        return f"{of.name}: {price}, a flat amount for the month."
    end = "the last tier" if piece.up_to is None else f"the tier up to {_grouped(piece.up_to)}"
    units = f"{_grouped(piece.quantity)} {of.pricing_unit}"
    return f"{of.name}: {units} at {price} each, in {end}."


def _grouped(number: Decimal) -> str:
    whole, point, rest = plain(number).partition(".")
    return f"{int(whole):,}{point}{rest}"
