"""What a customer pays, by the oracle."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from corpus import money
from corpus.units import PACKAGES, Row, UnsuitableError


class Costs:
    """Bills of a customer; mixed into :class:`~corpus.customer.Customer`."""

    as_of: date
    organization: dict[str, Any]
    rows: dict[Row, int]
    lists: dict[str, list[dict[str, Any]]]

    def units(self, project: str | None, wanted: Callable[[Row], bool]) -> dict[str, float]:
        """Billed units of the usage rows wanted, by product."""
        out: dict[str, float] = {}
        for row, quantity in self.rows.items():
            if project in (None, row.project) and wanted(row):
                ratio = self.ratio(row.project, row.meter)
                out[row.meter] = out.get(row.meter, 0.0) + quantity * ratio
        return out

    def would_cost(self, units: Mapping[str, float]) -> Decimal:
        """What so many more units would add to the bill."""
        more = dict(self.quantities())
        for product, number in units.items():
            more[product] = more.get(product, 0) + round(number)
        return money.bill(more, self.terms()) - self.bill()

    def units_costing(self, usd: float, products: Iterable[str]) -> int:
        """How many more units, each on all the products, add so much to the bill."""
        names = list(products)
        low, high = 0, 1_000
        while self.would_cost(dict.fromkeys(names, high)) < Decimal(str(usd)):
            low, high = high, high * 2
            if high > 10**11:
                raise UnsuitableError("costs nothing")
        while high - low > 1:
            middle = (low + high) // 2
            if self.would_cost(dict.fromkeys(names, middle)) < Decimal(str(usd)):
                low = middle
            else:
                high = middle
        return high

    def terms(self) -> money.Terms:
        given = self.organization
        own = {}
        for row in self.lists["subscriptions"]:
            if isinstance(row.get("tiers"), str):
                own[row["product"]] = tuple(
                    (t["up_to"], Decimal(t["unit_amount_usd"])) for t in json.loads(row["tiers"])
                )
        return money.Terms(
            on=self.as_of,
            free=given["subscription_level"] == "free",
            own=own,
            packages=tuple(p for p in PACKAGES if self.subscribed(p)),
            discount_percent=given["discount_percent"] or Decimal(0),
            amount_off=given["discount_amount_usd"] or Decimal(0),
            limits={
                r["product"]: r["limit_usd"]
                for r in self.lists["limits"]
                if r["limit_usd"] is not None
            },
        )

    def bill(self) -> Decimal:
        """Of the window, to be paid."""
        return money.bill(self.quantities(), self.terms())

    def cost(self, product: str) -> Decimal:
        return money.line(product, self.quantities().get(product, 0), self.terms())

    def saving(self, waste: Mapping[str, float]) -> Decimal:
        return money.saving(self.quantities(), waste, self.terms())
