"""Dated price lists, charge models and bills, in exact arithmetic.

Importing this package reads no price file and does not import numpy; both wait for a call.
"""

from audit.pricing.bill import (
    Bill,
    Line,
    as_json,
    bill,
    fleet_cents,
    parse_quantities,
    read_tiers,
)
from audit.pricing.catalogue import Catalogue, Price, PriceList, Product
from audit.pricing.rules import (
    DEFAULT_BILLING_LIMITS_USD,
    UNPRICED_USAGE_TYPES,
)
from audit.pricing.tiers import Schedule, Tier, TierCharge, cents_of

__all__ = [
    "DEFAULT_BILLING_LIMITS_USD",
    "UNPRICED_USAGE_TYPES",
    "Bill",
    "Catalogue",
    "Line",
    "Price",
    "PriceList",
    "Product",
    "Schedule",
    "Tier",
    "TierCharge",
    "as_json",
    "bill",
    "cents_of",
    "fleet_cents",
    "parse_quantities",
    "read_tiers",
]
