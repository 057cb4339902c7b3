"""The public price lists, dated: one TOML file per product in ``prices/``.

A price is in force from its first day to its ``until``, both included. Prices and gaps tile
the time from the first price on: days without a price stand in a ``[[gap]]`` with its reason,
and asking for the price of such a day, or of one before the first, raises.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from audit.errors import PriceError
from audit.pricing.rules import (
    DEFAULT_BILLING_LIMITS_USD,
    UNPRICED_USAGE_TYPES,
)
from audit.pricing.tiers import Schedule

__all__ = [
    "DEFAULT_BILLING_LIMITS_USD",
    "UNPRICED_USAGE_TYPES",
    "Catalogue",
    "Gap",
    "Price",
    "PriceList",
    "Product",
]

PRICES = Path(__file__).parent / "prices"
PUBLISHER = "PostHog public prices"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Price:
    """What a product cost between two days, both included; ``until`` None: still in force."""

    first_day: date
    until: date | None
    plan_key: str
    source: str
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Gap:
    """Days, both included, on which the price is not known, or nothing was sold, and why."""

    first_day: date
    until: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Product:
    """A product or add-on with its prices.

    ``unit`` is what the price is per; the meter counts ``divisor`` of its own units in one.
    ``usage_keys`` are the names a billing answer may give the meter; ``usage_type``, one of
    them, is the name in the spend series. ``metered_on`` names the product whose units an
    add-on charges again. ``meter_mismatch`` says why the meter cannot be priced, if so.
    """

    product: str
    name: str
    parent: str | None
    unit: str
    usage_type: str | None
    usage_keys: tuple[str, ...]
    divisor: int
    legacy: bool
    inclusion_only: bool
    meter: str
    metered_on: str | None
    meter_mismatch: str | None
    prices: tuple[Price, ...]
    gaps: tuple[Gap, ...]

    def price(self, on: date) -> Price:
        """The price in force on a day. Raises: PriceError."""
        for price in self.prices:
            if price.first_day <= on and (price.until is None or on <= price.until):
                return price
        raise PriceError(self._no_price(on))

    def _no_price(self, on: date) -> str:
        head = f"No price for {self.product!r} on {on.isoformat()}"
        file = f"prices/{self.product}.toml"
        remedy = "Add the missing price with its source, or audit another month."
        if on < self.prices[0].first_day:
            return (
                f"{head}: the earliest entry in {file} starts {self.prices[0].first_day}. "
                "Add the older price with its source, or audit a later month."
            )
        reason = next(
            (
                f" {g.reason}"
                for g in self.gaps
                if g.first_day <= on and (g.until is None or on <= g.until)
            ),
            "",
        )
        last = self.prices[-1].until
        if last is not None and on > last:
            return (
                f"{head}: the last entry in {file} ended {last}.{reason} "
                "Audit an earlier month, or add the newer price with its source."
            )
        return f"{head}: {file} has no entry for that day.{reason} {remedy}"


@dataclass(frozen=True, slots=True)
class PriceList:
    """What a report prints to say which prices it used."""

    name: str
    first_day: date
    source: str


@dataclass(frozen=True)
class Catalogue:
    """All products, by key. ``load()`` reads the lists that ship with the toolkit.

    ``names`` leads from every key, usage key and counter to the key of its product.
    """

    products: Mapping[str, Product]
    names: Mapping[str, str]

    @classmethod
    def load(cls, folder: Path = PRICES) -> Catalogue:
        """The catalogue of a folder of price files, read once per folder.

        Raises: PriceError for a file that is malformed, prices that overlap, or two products
        that share a name.
        """
        return _load(folder)

    def product(self, name: str) -> Product:
        """By key, usage key or counter. Raises: PriceError naming near matches."""
        if name in self.names:
            return self.products[self.names[name]]
        near = difflib.get_close_matches(name, self.names, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else "See prices/ for the names."
        unpriced = " It is known as a spend type, but its price is not public."
        raise PriceError(
            f"Unknown product {name!r}.{unpriced if name in UNPRICED_USAGE_TYPES else ''} {hint}"
        )

    def product_of_usage_type(self, usage_type: str) -> str | None:
        """The key of the product that bills a counter or usage key; None if none does."""
        return self.names.get(usage_type)

    def schedule(self, product: str, on: date) -> Schedule:
        """Prices per ``unit`` (logs: per GB) on a day. Raises: PriceError."""
        return self.product(product).price(on).schedule

    def metered_schedule(self, product: str, on: date) -> Schedule:
        """Prices per unit of the meter (logs: per MB) on a day.

        Raises: PriceError, also where the meter counts something the price is not per.
        """
        found = self.product(product)
        if found.meter_mismatch is not None:
            raise PriceError(
                f"The meter of {found.product!r} cannot be priced: {found.meter_mismatch}"
            )
        return found.price(on).schedule.scaled(found.divisor)

    def price_list(self, on: date) -> PriceList:
        """The newest price in force on a day, which dates the whole list. Raises: PriceError."""
        in_force = [
            price
            for product in self.products.values()
            for price in product.prices
            if price.first_day <= on and (price.until is None or on <= price.until)
        ]
        if not in_force:
            first = min(product.prices[0].first_day for product in self.products.values())
            raise PriceError(
                f"No public price on {on.isoformat()}: the earliest starts {first}. "
                "Audit a later month."
            )
        newest = max(in_force, key=lambda price: price.first_day)
        return PriceList(f"{PUBLISHER} of {newest.first_day}", newest.first_day, newest.source)


@cache
def _load(folder: Path) -> Catalogue:
    products: dict[str, Product] = {}
    names: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        product = _read(path)
        for name in {product.product, *product.usage_keys}:
            if name in names:
                raise PriceError(f"{path.name}: {name!r} is a name of {names[name]!r} too.")
            names[name] = product.product
        products[product.product] = product
    if not products:
        raise PriceError(f"No price files in {folder}.")
    for product in products.values():
        for other in (product.parent, product.metered_on):
            if other is not None and other not in products and other != "platform_and_support":
                raise PriceError(
                    f"{product.product}.toml names {other!r}, which has no price file."
                )
    return Catalogue(MappingProxyType(products), MappingProxyType(names))


def _read(path: Path) -> Product:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        product = str(data["product"])
        if product != path.stem:
            raise PriceError(f"{path.name} is about {product!r}: rename the file or the product.")
        prices = tuple(_price(product, entry) for entry in data["price"])
        gaps = tuple(
            Gap(_day(entry, "from"), _day_or_none(entry, "until"), str(entry["reason"]))
            for entry in data.get("gap", ())
        )
        _check_days(path.name, prices, gaps)
        return Product(
            product=product,
            name=str(data["name"]),
            parent=data.get("parent"),
            unit=str(data["unit"]),
            usage_type=data.get("usage_type"),
            usage_keys=tuple(data["usage_keys"]),
            divisor=int(data["divisor"]),
            legacy=bool(data["legacy"]),
            inclusion_only=bool(data["inclusion_only"]),
            meter=str(data["meter"]),
            metered_on=data.get("metered_on"),
            meter_mismatch=data.get("meter_mismatch"),
            prices=prices,
            gaps=gaps,
        )
    except KeyError as error:
        raise PriceError(f"{path.name} has no {error}.") from None
    except (OSError, ValueError, TypeError) as error:
        raise PriceError(f"{path.name} cannot be read: {error}") from error


def _price(product: str, entry: Mapping[str, Any]) -> Price:
    # TOML has no null: a tier without up_to is the last one.
    tiers = [{"up_to": None, **tier} for tier in entry["tiers"]]
    return Price(
        first_day=_day(entry, "from"),
        until=_day_or_none(entry, "until"),
        plan_key=str(entry["plan_key"]),
        source=str(entry["source"]),
        schedule=Schedule.from_json(
            tiers,
            product=product,
            model=entry["model"],
            package_size=entry.get("package_size"),
        ),
    )


def _day(entry: Mapping[str, Any], key: str) -> date:
    value = entry[key]
    # A TOML date and time is a date to isinstance, but not one that compares with dates.
    if type(value) is not date:
        raise ValueError(f"{key} must be a date such as 2026-07-22, got {value!r}")
    return value


def _day_or_none(entry: Mapping[str, Any], key: str) -> date | None:
    return _day(entry, key) if key in entry else None


def _check_days(file: str, prices: tuple[Price, ...], gaps: tuple[Gap, ...]) -> None:
    """Prices and gaps, in order of day, must tile the time from the first price on."""
    if not prices:
        raise PriceError(f"{file} has no [[price]].")
    spans: list[Price | Gap] = sorted([*prices, *gaps], key=lambda span: span.first_day)
    if not isinstance(spans[0], Price) or list(prices) != [
        s for s in spans if isinstance(s, Price)
    ]:
        raise PriceError(f"{file}: prices must come in order of their first day, before any gap.")
    for span, following in pairwise(spans):
        if span.until is None or span.until >= following.first_day:
            raise PriceError(
                f"{file}: the entry from {span.first_day} overlaps the one from "
                f"{following.first_day}; give it an until on the day before."
            )
        if span.until + ONE_DAY != following.first_day:
            raise PriceError(
                f"{file}: nothing covers the days from {span.until + ONE_DAY} to "
                f"{following.first_day - ONE_DAY}; add a price, or a [[gap]] with its reason."
            )
    last = spans[-1]
    if last.until is not None:
        raise PriceError(f"{file}: say in a [[gap]] why there is no price after {last.until}.")
