"""An invoice whose lines nobody tells, explained by quantities and prices to the cent."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import pandas as pd

from audit.errors import InputError, PriceError
from audit.findings.model import Audit, VendorLine
from audit.findings.pricing import own_prices
from audit.focus.charges import Charge, of_bill
from audit.pricing import Bill, Catalogue, bill


def explained(
    audit: Audit, lines: Sequence[VendorLine], on: date, total: Decimal
) -> list[Charge] | None:
    """The vendor's quantities of a period, at the prices of its first day, with the packages and
    discounts the account has now, and with its limits of now or none: the charges, if they make
    ``total`` (USD) exactly.

    None where they do not. Then some price, limit or discount was another one, and no line of it
    may be called actual.
    """
    for limits in (limits_of(audit), {}):
        try:
            made = _bill(audit, lines, on, limits)
            if made.total == total:
                return of_bill(made, on=on)
        except (PriceError, InputError):
            return None
    return None


def limits_of(audit: Audit) -> dict[str, Decimal]:
    """The billing limits the account has now, USD by product."""
    table = audit.account["limits"]
    pairs = zip(table["product"], table["limit_usd"], strict=True)
    return {product: limit for product, limit in pairs if not pd.isna(limit)}


def _bill(
    audit: Audit, lines: Sequence[VendorLine], on: date, limits: Mapping[str, Decimal]
) -> Bill:
    packages = [product for product, origin in audit.origins.items() if origin == "subscriptions"]
    quantities = dict.fromkeys(packages, 1)
    for line in lines:
        if line.quantity is not None and line.product not in packages:
            quantities[counted_as(line.product)] = line.quantity
    amount_off = audit.account.organization["discount_amount_usd"]
    return bill(
        quantities,
        on=on,
        own=own_prices(audit.account),
        limits_usd=limits,
        discount_percent=audit.discount_percent,
        discount_amount_usd=Decimal(0) if pd.isna(amount_off) else amount_off,
    )


def counted_as(product: str) -> str:
    """The name under which a product's quantity is in units of its meter."""
    known = Catalogue.load().products.get(product)
    return known.usage_type if known and known.usage_type else product
