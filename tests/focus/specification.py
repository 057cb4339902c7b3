"""The rules of FOCUS 1.2 that a file can be held to, written from the specification alone.

Source: FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec, version 1.2: specification/columns and
specification/attributes, and the requirements model of finopsfoundation/focus_validator (1.2.0.1),
whose rule numbers are named. Nothing of audit.focus is read here.
"""

import json
import re
from decimal import Decimal


def names(text):
    return text.split()


MANDATORY = names("""
BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd BillingPeriodStart
ChargeCategory ChargeClass ChargeDescription ChargePeriodEnd ChargePeriodStart ContractedCost
EffectiveCost InvoiceIssuerName ListCost PricingQuantity PricingUnit ProviderName PublisherName
ServiceCategory ServiceName
""")
RECOMMENDED = names("AvailabilityZone ChargeFrequency InvoiceId ServiceSubcategory")
CONDITIONAL = names("""
BillingAccountType CapacityReservationId CapacityReservationStatus CommitmentDiscountCategory
CommitmentDiscountId CommitmentDiscountName CommitmentDiscountQuantity CommitmentDiscountStatus
CommitmentDiscountType CommitmentDiscountUnit ConsumedQuantity ConsumedUnit ContractedUnitPrice
ListUnitPrice PricingCategory PricingCurrency PricingCurrencyContractedUnitPrice
PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice RegionId RegionName ResourceId
ResourceName ResourceType SkuId SkuMeter SkuPriceDetails SkuPriceId SubAccountId SubAccountName
SubAccountType Tags
""")
EVERY_COLUMN = {*MANDATORY, *RECOMMENDED, *CONDITIONAL}

#: What this vendor has, and so what its data must have, conditional or not.
SUPPORTED = names("""
ConsumedQuantity ConsumedUnit ContractedUnitPrice ListUnitPrice SkuId SkuMeter SkuPriceDetails
SkuPriceId RegionId RegionName SubAccountId SubAccountName
""")

NEVER_NULL = names("""
BilledCost BillingAccountId BillingAccountName BillingAccountType BillingCurrency BillingPeriodEnd
BillingPeriodStart ChargeCategory ChargeDescription ChargeFrequency ChargePeriodEnd
ChargePeriodStart ContractedCost EffectiveCost InvoiceIssuerName ListCost PricingCurrency
PricingCurrencyEffectiveCost ProviderName PublisherName ServiceCategory ServiceName
ServiceSubcategory
""")
NOT_NULL_IN_USAGE_AND_PURCHASE = names("""
ContractedUnitPrice ListUnitPrice PricingCategory PricingCurrencyContractedUnitPrice
PricingCurrencyListUnitPrice PricingQuantity SkuId SkuPriceId
""")

DECIMALS = names("""
BilledCost CommitmentDiscountQuantity ConsumedQuantity ContractedCost ContractedUnitPrice
EffectiveCost ListCost ListUnitPrice PricingCurrencyContractedUnitPrice
PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice PricingQuantity
""")
TIMES = names("BillingPeriodEnd BillingPeriodStart ChargePeriodEnd ChargePeriodStart")
JSON_OBJECTS = names("SkuPriceDetails Tags")

ALLOWED = {
    "CapacityReservationStatus": {"Used", "Unused"},
    "ChargeCategory": {"Usage", "Purchase", "Tax", "Credit", "Adjustment"},
    "ChargeClass": {"Correction"},
    "ChargeFrequency": {"One-Time", "Recurring", "Usage-Based"},
    "CommitmentDiscountCategory": {"Spend", "Usage"},
    "CommitmentDiscountStatus": {"Used", "Unused"},
    "PricingCategory": {"Standard", "Dynamic", "Committed", "Other"},
}

#: ServiceSubcategory-C-004: each has one parent. Those of the categories that are used here.
SUBCATEGORIES = {
    "AI and Machine Learning": {
        "AI Platforms",
        "Bots",
        "Generative AI",
        "Machine Learning",
        "Natural Language Processing",
        "Other (AI and Machine Learning)",
    },
    "Analytics": {
        "Analytics Platforms",
        "Business Intelligence",
        "Data Processing",
        "Search",
        "Streaming Analytics",
        "Other (Analytics)",
    },
    "Business Applications": {"Productivity and Collaboration", "Other (Business Applications)"},
    "Databases": {
        "Caching",
        "Data Warehouses",
        "Ledger Databases",
        "NoSQL Databases",
        "Relational Databases",
        "Time Series Databases",
        "Other (Databases)",
    },
    "Developer Tools": {
        "Developer Platforms",
        "Continuous Integration and Deployment",
        "Development Environments",
        "Source Code Management",
        "Quality Assurance",
        "Other (Developer Tools)",
    },
    "Integration": {
        "API Management",
        "Messaging",
        "Workflow Orchestration",
        "Other (Integration)",
    },
    "Management and Governance": {
        "Architecture",
        "Compliance",
        "Cost Management",
        "Data Governance",
        "Disaster Recovery",
        "Endpoint Management",
        "Observability",
        "Support",
        "Other (Management and Governance)",
    },
    "Other": {"Other (Other)"},
}

#: NumericFormat: no plus, no thousands, no symbols; E notation is allowed.
NUMBER = re.compile(r"-?\d+(\.\d+)?(E-?\d+)?")

#: DateTimeFormat: extended ISO 8601 in UTC.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ")

#: UnitFormat: an optional whole quantity, then capitalized nouns; data sizes as abbreviations.
UNIT = re.compile(r"(\d+ )?[A-Z][A-Za-z]*([ -][A-Z][A-Za-z]*)*(/[A-Z][a-z]+)?")


def violations(header, rows):
    """Every rule that is broken, as text. ``rows``: dicts of text, None where null."""
    return [*of_header(header), *(f"{n}: {text}" for n, row in enumerate(rows) for text in of(row))]


def of_header(header):
    missing = [name for name in [*MANDATORY, *RECOMMENDED, *SUPPORTED] if name not in header]
    yield from (f"{name} is not there" for name in missing)
    ours = [name for name in header if name not in EVERY_COLUMN]
    yield from (f"{name} has no x_" for name in ours if not re.fullmatch("x_[A-Z][A-Za-z]*", name))
    if header[-len(ours) :] != ours and ours:
        yield "custom columns stand between those of FOCUS"
    yield from (f"{name} is longer than 50" for name in header if len(name) > 50)
    if len(set(header)) != len(header):
        yield "a column stands twice"


def of(row):
    for name, value in row.items():
        if value is not None and not value.strip():
            yield f"{name} is an empty text instead of a null (NullHandling)"
    yield from (f"{name} is null" for name in NEVER_NULL if row[name] is None)
    unreadable = list(formats(row))
    yield from unreadable
    if unreadable or any(row[name] is None for name in NEVER_NULL):
        return
    yield from nullability(row)
    yield from costs(row)
    parents = [c for c, children in SUBCATEGORIES.items() if row["ServiceSubcategory"] in children]
    if parents != [row["ServiceCategory"]]:
        yield f"{row['ServiceSubcategory']} does not belong to {row['ServiceCategory']}"
    for start, end in (
        ("BillingPeriodStart", "BillingPeriodEnd"),
        ("ChargePeriodStart", "ChargePeriodEnd"),
    ):
        if not row[start] < row[end]:
            yield f"{start} is not before {end}"
    if row["ChargePeriodStart"] < row["BillingPeriodStart"]:
        yield "the charge starts before its billing period"
    if row["ChargePeriodEnd"] > row["BillingPeriodEnd"]:
        yield "the charge ends after its billing period"


def formats(row):
    for name in DECIMALS:
        if row[name] is not None and not NUMBER.fullmatch(row[name]):
            yield f"{name} is no number: {row[name]}"
    for name in TIMES:
        if row[name] is not None and not MOMENT.fullmatch(row[name]):
            yield f"{name} is no moment in UTC: {row[name]}"
    for name, values in ALLOWED.items():
        if row[name] is not None and row[name] not in values:
            yield f"{name} is not allowed: {row[name]}"
    for name in ("PricingUnit", "ConsumedUnit", "CommitmentDiscountUnit"):
        if row[name] is not None and not UNIT.fullmatch(row[name]):
            yield f"{name} is no unit: {row[name]}"
    for name in ("BillingCurrency", "PricingCurrency"):
        if row[name] is not None and not re.fullmatch("[A-Z]{3}", row[name]):
            yield f"{name} is no currency: {row[name]}"
    for name in JSON_OBJECTS:
        if row[name] is not None:
            yield from key_values(name, json.loads(row[name]))


def key_values(name, pairs):
    if not isinstance(pairs, dict):
        yield f"{name} is no object"
        return
    for key, value in pairs.items():
        if isinstance(value, (dict, list)):
            yield f"{name} nests"
        # SkuPriceDetails-C-017 and C-018: of the properties FOCUS defines, none is used.
        if not key.startswith("x_"):
            yield f"{name} has a property of its own without x_"
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield f"{name} has a number that is not one per priced unit"


def nullability(row):
    category, is_correction = row["ChargeCategory"], row["ChargeClass"] == "Correction"
    is_usage = category == "Usage"
    if category in ("Usage", "Purchase") and not is_correction:
        missing = [name for name in NOT_NULL_IN_USAGE_AND_PURCHASE if row[name] is None]
        yield from (f"{name} is null in {category}" for name in missing)
    if category == "Tax":
        filled = [name for name in NOT_NULL_IN_USAGE_AND_PURCHASE if row[name] is not None]
        yield from (f"{name} is filled in Tax" for name in filled)
    if category == "Purchase" and row["ChargeFrequency"] == "Usage-Based":
        yield "a Purchase is Usage-Based (ChargeFrequency-C-004)"
    if (row["ConsumedQuantity"] is not None) != is_usage:
        yield f"ConsumedQuantity is {row['ConsumedQuantity']} in {category}"
    for one, other in (
        ("PricingQuantity", "PricingUnit"),
        ("ConsumedQuantity", "ConsumedUnit"),
        ("RegionId", "RegionName"),
        ("SubAccountId", "SubAccountName"),
        ("SubAccountId", "SubAccountType"),
        ("ResourceId", "ResourceType"),
        ("CommitmentDiscountId", "CommitmentDiscountType"),
        ("CommitmentDiscountId", "CommitmentDiscountCategory"),
    ):
        if (row[one] is None) != (row[other] is None):
            yield f"{one} and {other} are not null together"
    for name, needs in (
        ("SkuPriceDetails", "SkuPriceId"),
        ("SkuPriceId", "SkuId"),
        ("SkuMeter", "SkuId"),
        ("CapacityReservationStatus", "CapacityReservationId"),
        ("CommitmentDiscountStatus", "CommitmentDiscountId"),
        ("CommitmentDiscountName", "CommitmentDiscountId"),
        ("CommitmentDiscountQuantity", "CommitmentDiscountId"),
        ("CommitmentDiscountUnit", "CommitmentDiscountQuantity"),
        ("ResourceName", "ResourceId"),
    ):
        if row[name] is not None and row[needs] is None:
            yield f"{name} is filled without {needs}"


def costs(row):
    """ListCost-C-008/009, ContractedCost-C-008/009, EffectiveCost-C-010, and the unit prices."""
    billed = Decimal(row["BilledCost"])
    for price, cost in (("ListUnitPrice", "ListCost"), ("ContractedUnitPrice", "ContractedCost")):
        if row[price] is None:
            if Decimal(row[cost]) != billed:
                yield f"{cost} without a unit price is not BilledCost"
        elif Decimal(row[price]) < 0:
            yield f"{price} is below zero"
        elif row["PricingQuantity"] is None:
            yield f"{price} is there without PricingQuantity"
        elif Decimal(row[price]) * Decimal(row["PricingQuantity"]) != Decimal(row[cost]):
            yield f"PricingQuantity x {price} is not {cost}"
    unrelated = row["ChargeCategory"] not in ("Usage", "Purchase")
    if unrelated and Decimal(row["EffectiveCost"]) != billed:
        yield "EffectiveCost of a charge on its own is not BilledCost"
