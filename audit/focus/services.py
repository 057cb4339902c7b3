"""A product in the words of FOCUS: its service category, its units, what its meter counts."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from audit.pricing import Catalogue
from audit.pricing.tiers import EXACT

PROVIDER = "PostHog"


@dataclass(frozen=True)
class Service:
    """``sku`` is the product's key, None for what concerns the whole bill. ``consumed_per_priced``:
    units of the meter (``consumed_unit``) in one of the price (``pricing_unit``)."""

    sku: str | None
    name: str
    category: str
    subcategory: str
    meter: str | None
    pricing_unit: str
    consumed_unit: str
    consumed_per_priced: int

    def consumed(self, priced: Decimal) -> Decimal:
        """Priced units in units of the meter."""
        return EXACT.multiply(priced, Decimal(self.consumed_per_priced))

    def priced(self, consumed: int) -> Decimal:
        """Units of the meter in priced units."""
        return EXACT.divide(Decimal(consumed), Decimal(self.consumed_per_priced))


def service(product: str, catalogue: Catalogue, *, name: str = "", unit: str = "unit") -> Service:
    """A product's service. ``name`` and ``unit`` are for one the price list does not know."""
    tables = _tables()
    known = catalogue.products.get(product)
    category, subcategory = tables["products"].get(product, tables["whole_bill"])
    unit = known.unit if known else unit
    priced = tables["units"].get(unit, unit.title())
    metered = tables["metered"].get(unit) if known else None
    other = metered is not None and known is not None and metered["in_one"] == known.divisor
    return Service(
        sku=product,
        name=known.name if known else name or product,
        category=category,
        subcategory=subcategory,
        meter=known.meter if known else priced,
        pricing_unit=priced,
        consumed_unit=metered["unit"] if metered and other else priced,
        consumed_per_priced=metered["in_one"] if metered and other else 1,
    )


def whole_bill() -> Service:
    """What concerns no product alone."""
    category, subcategory = _tables()["whole_bill"]
    return Service(None, PROVIDER, category, subcategory, None, "Units", "Units", 1)


@cache
def _tables() -> dict[str, Any]:
    text = (resources.files("audit.focus") / "services.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
