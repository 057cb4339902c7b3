"""An account's own terms on a bill: prices, limits and discounts, as the bill applies them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from audit.account import Account
from audit.errors import InputError, PriceError
from audit.findings.pricing import own_prices, packages, unpaid
from audit.pricing import Bill, Catalogue, Schedule, bill

HUNDRED = Decimal(100)
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Terms:
    """Own prices by product, limits in USD, and what goes off a bill.

    ``unreadable``: products whose own prices cannot be read; the public price is not theirs.
    """

    own: Mapping[str, Schedule]
    unreadable: frozenset[str]
    limits: Mapping[str, Decimal]
    percent: Decimal
    amount_off: Decimal
    amount_off_until: date | None

    @classmethod
    def of(cls, account: Account) -> "Terms":
        """As the account stands today: what limits and discounts were is not recorded."""
        own = own_prices(account)
        rows = account["subscriptions"]
        priced = rows.loc[rows["tiers"].notna() & (rows["tiers"] != "[]"), "product"]
        organization = account.organization
        percent = organization["discount_percent"] or Decimal(0)
        if bool(unpaid(account["organizations"]).iloc[0]):
            percent = HUNDRED
        until = organization["discount_expires_at"]
        limits = account["limits"]
        return cls(
            own=own,
            unreadable=frozenset(priced) - set(own),
            limits={
                product: limit
                for product, limit in zip(limits["product"], limits["limit_usd"], strict=True)
                if limit is not None
            },
            percent=percent,
            amount_off=organization["discount_amount_usd"] or Decimal(0),
            amount_off_until=None if until is None or until != until else until.date(),
        )

    def bill(self, quantities: Mapping[str, int], on: date) -> Bill:
        """Metered units by product as one bill: limits, percentage, then amount.

        Raises: PriceError for a product without a readable price that day.
        """
        catalogue = Catalogue.load()
        named = {}
        for product, quantity in quantities.items():
            if product in self.unreadable:
                raise PriceError(f"The account's own prices of {product!r} cannot be read.")
            known = catalogue.products.get(product)
            named[known.usage_type if known and known.usage_type else product] = quantity
        off = self.amount_off
        if self.amount_off_until is not None and self.amount_off_until < on:
            off = Decimal(0)
        return bill(
            named,
            on=on,
            own=self.own,
            limits_usd=self.limits,
            discount_percent=self.percent,
            discount_amount_usd=off,
        )

    def line(self, product: str, quantity: int, on: date) -> Bill:
        """One product alone, without the amount that goes off a bill as a whole."""
        return replace(self, amount_off=Decimal(0)).bill({product: quantity}, on)

    def whole_bill(self, quantities: Mapping[str, int], on: date) -> tuple[Bill, tuple[str, ...]]:
        """Everything that has a price on one bill, and the products that have none."""
        priced, without = {}, []
        for product, quantity in quantities.items():
            try:
                self.line(product, quantity, on)
            except (PriceError, InputError):
                without.append(product)
            else:
                priced[product] = quantity
        return self.bill(priced, on), tuple(without)


def fixed_fees(account: Account) -> frozenset[str]:
    """Subscribed products with a flat fee a month, whether the public list knows them or not."""
    catalogue = Catalogue.load()
    rows = account["subscriptions"]
    rows = rows[rows["subscribed"].fillna(False).astype(bool)]
    flat = packages(catalogue)
    return frozenset(
        str(product)
        for product, fee in zip(rows["product"], rows["flat_amount_usd"], strict=True)
        if product in flat or (product not in catalogue.products and fee)
    )
