"""Value read over cost, product by product.

Costs are USD a billing month, estimates, lines of the bill after their limit and before discounts.
A read cost is the product's cost times the share of its units that was read: it says what the money
buys, and is no saving. What a change saves is priced tier by tier and stands with the findings.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from audit.findings.model import Audit
from audit.meters import BILLING_MONTH_DAYS
from audit.pricing import Bill, cents_of
from audit.pricing.bill import Line
from audit.roi.assumptions import Assumptions
from audit.roi.known import measure
from audit.roi.reading import Kind, Read, Users, read_of, users_of

Floats = npt.NDArray[np.float64]

UNIT_STEP = Decimal("0.000001")

#: The formulas in words, as they are printed beside the figures.
READ_COST = "read cost = cost x share of the billed units that anyone looked at"
PER_READER = "cost per reader = cost / members who looked at the product in the window"
UNIT_COST = "unit cost = cost / units of a billing month"


@dataclass(frozen=True)
class UnitCost:
    """USD for ``unit``, to a millionth; never more exact than an estimate is."""

    unit: str
    usd: Decimal


@dataclass(frozen=True)
class ProductValue:
    """One product of the bill: what it costs, who uses it, how much of it is read.

    ``read_cost`` and ``cost_per_reader`` are None where they are not known, or make no sense.
    """

    product: str
    name: str
    cost: Decimal
    quantity: Decimal
    quantity_unit: str
    users: Users
    read: Read
    read_cost: Decimal | None
    cost_per_reader: Decimal | None
    unit_costs: tuple[UnitCost, ...]


@dataclass(frozen=True)
class Reading:
    """All products of one bill, which cost ``cost``. ``read_share``: read cost over cost, of the
    products whose read share is known; these cost ``known_cost``, which is ``known_share`` of all
    but fixed fees. Shares are 0 to 1."""

    products: tuple[ProductValue, ...]
    cost: Decimal
    known_cost: Decimal
    read_cost: Decimal
    read_share: Decimal | None
    known_share: Decimal | None


@lru_cache(maxsize=1)
def rules() -> Mapping[str, Mapping[str, Any]]:
    """How the value of each product is read, by product."""
    return tomllib.loads((resources.files("audit.roi") / "products.toml").read_text("utf-8"))


def products(
    audit: Audit, of: Bill, own: Assumptions, kept: Floats | None = None
) -> tuple[ProductValue, ...]:
    """Every product with usage on a bill, the dearest first.

    ``kept``: the share of every usage row that is left on that bill; None is all of it.
    """
    lines = [line for line in of.lines if line.quantity or line.amount]
    lines.sort(key=lambda line: (-line.amount, line.product))
    return tuple(_product(audit, line, own, kept) for line in lines)


def reading(found: tuple[ProductValue, ...]) -> Reading:
    """The products together."""
    cost = sum((one.cost for one in found), Decimal("0.00"))
    counted = [one for one in found if one.read.kind is not Kind.FEE]
    known = [one for one in counted if one.read_cost is not None]
    known_cost = sum((one.cost for one in known), Decimal("0.00"))
    read_cost = sum((one.read_cost or Decimal(0) for one in known), Decimal("0.00"))
    return Reading(
        products=found,
        cost=cost,
        known_cost=known_cost,
        read_cost=read_cost,
        read_share=ratio(read_cost, known_cost),
        known_share=ratio(known_cost, sum((one.cost for one in counted), Decimal(0))),
    )


def ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    """A share in steps of 0.0001; None without a whole."""
    if not whole:
        return None
    return (part / whole).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)


def unit_usd(cost: Decimal, units: Decimal, per: int) -> Decimal | None:
    """USD for ``per`` units; None without units."""
    if units <= 0:
        return None
    return (cost * per / units).quantize(UNIT_STEP, rounding=ROUND_HALF_UP)


def _product(audit: Audit, line: Line, own: Assumptions, kept: Floats | None) -> ProductValue:
    rule = rules().get(line.product, {})
    read = read_of(audit, line.product, rule, own, kept)
    users = users_of(audit, line.product, rule)
    # What nobody reads has no readers, whoever reads the product it is an add-on of.
    people = users.count if users.are_people and read.share != 0 else None
    return ProductValue(
        product=line.product,
        name=line.name,
        cost=line.amount,
        quantity=line.quantity,
        quantity_unit=line.unit,
        users=users,
        read=read,
        read_cost=None if read.share is None else cents_of(line.amount * read.share),
        cost_per_reader=cents_of(line.amount / people) if people else None,
        unit_costs=_unit_costs(audit, line, rule, generations=kept is None),
    )


def _unit_costs(
    audit: Audit, line: Line, rule: Mapping[str, Any], *, generations: bool
) -> tuple[UnitCost, ...]:
    found = []
    if "per" in rule:
        usd = unit_usd(line.amount, line.quantity, rule["per"])
        if usd is not None:
            found.append(UnitCost(rule["unit"], usd))
    if rule.get("generations") and generations:
        told = measure(audit.account, "ai_generations")
        if told.value and told.days:
            month = Decimal(told.value) * BILLING_MONTH_DAYS / told.days
            usd = unit_usd(line.amount, month, 1)
            if usd is not None:
                found.append(UnitCost("AI generation", usd))
    return tuple(found)
