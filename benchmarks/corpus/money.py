"""The oracle: one account's bill in exact decimals, walked tier by tier from the price files.

Nothing of ``audit.pricing`` is used but its price files, read as data: a saving that came out of
the engine under test would prove nothing.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib import resources
from typing import Any

CENT = Decimal("0.01")
Tiers = tuple[tuple[int | None, Decimal], ...]


@cache
def price_files() -> Mapping[str, dict[str, Any]]:
    folder = resources.files("audit.pricing") / "prices"
    read = [
        tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    return {one["product"]: one for one in read}


@cache
def _price(product: str, on: date) -> tuple[dict[str, Any], ...] | None:
    for price in price_files()[product]["price"]:
        if price["from"] <= on <= price.get("until", date.max):
            return tuple(price["tiers"])
    return None


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def walk(tiers: Tiers, quantity: Decimal) -> Decimal:
    """Units inside a tier pay that tier's price."""
    total, lower = Decimal(0), Decimal(0)
    for up_to, price in tiers:
        upper = quantity if up_to is None else min(quantity, Decimal(up_to))
        total += max(upper - lower, Decimal(0)) * price
        if up_to is None or quantity <= up_to:
            break
        lower = Decimal(up_to)
    return total


@dataclass(frozen=True)
class Terms:
    """What makes one organization's bill differ from the list.

    ``own``: tiers by product. ``packages``: flat fees. ``limits``: on what is paid.
    """

    on: date
    free: bool = False
    own: Mapping[str, Tiers] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    discount_percent: Decimal = Decimal(0)
    amount_off: Decimal = Decimal(0)
    limits: Mapping[str, Decimal] = field(default_factory=dict)


def line(product: str, quantity: int, terms: Terms) -> Decimal:
    """What a product costs for a month before discounts, held to its limit."""
    file = price_files().get(product)
    if product in terms.own:
        cost = walk(terms.own[product], Decimal(quantity))
    elif file is None or "meter_mismatch" in file:
        return Decimal(0)
    else:
        tiers = _price(product, terms.on)
        if tiers is None:
            return Decimal(0)
        plain = tuple((t.get("up_to"), Decimal(t["unit_amount_usd"])) for t in tiers)
        cost = walk(plain, Decimal(quantity) / file["divisor"])
    cost = cents(cost)
    limit = terms.limits.get(product)
    if limit is None or terms.discount_percent == 100:
        return cost
    return min(cost, cents(limit * 100 / (100 - terms.discount_percent)))


def package(product: str, on: date) -> Decimal:
    tiers = _price(product, on)
    return Decimal(0) if tiers is None else Decimal(tiers[0]["flat_amount_usd"])


def bill(quantities: Mapping[str, int], terms: Terms) -> Decimal:
    """What is to be paid for one month, before credit."""
    if terms.free:
        return Decimal("0.00")
    total = sum((line(p, q, terms) for p, q in quantities.items()), Decimal("0.00"))
    total += sum((package(p, terms.on) for p in terms.packages), Decimal(0))
    total -= cents(total * terms.discount_percent / 100)
    return max(total - terms.amount_off, Decimal("0.00"))


def saving(quantities: Mapping[str, int], waste: Mapping[str, float], terms: Terms) -> Decimal:
    """The bill with the waste less the bill without it; ``waste`` in units by product."""
    left = {
        product: max(int(quantity - waste.get(product, 0)), 0)
        for product, quantity in quantities.items()
    }
    return bill(quantities, terms) - bill(left, terms)
