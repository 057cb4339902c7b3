"""Rows of FOCUS 1.2: a bill in, rows out; and the three sets of rows of an audit.

A row is a dict with a value for every column of ``audit.focus.columns``, in their order: text,
``Decimal``, ``date`` (written as midnight UTC) or None.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from audit.errors import InputError, PriceError
from audit.findings.model import Audit, Basis
from audit.findings.pricing import usd
from audit.focus.charges import Charge, of_bill
from audit.focus.columns import DECIMALS, DIGITS, columns
from audit.focus.services import PROVIDER
from audit.focus.split import exact_sum
from audit.focus.vendor import VendorPeriod, vendor_periods
from audit.pricing import Bill, Catalogue, cents_of
from audit.pricing.tiers import plain

CURRENCY = "USD"
REGIONS = {"us": "US Cloud", "eu": "EU Cloud"}
BASELINE = "baseline"
COUNTERFACTUAL = "counterfactual"

Row = dict[str, Any]


@dataclass(frozen=True)
class Payer:
    """Who is billed. ``region``: us, eu, or anything else for unknown."""

    organization_id: str
    name: str
    region: str | None = None


@dataclass(frozen=True)
class Place:
    """What the rows of one bill share. ``start`` to before ``end``: the billing period;
    ``charged_until``: where it still runs, the day before which usage is counted."""

    payer: Payer
    start: date
    end: date
    as_of: date
    basis: Basis
    scenario: str
    price_list: str | None
    charged_until: date | None = None


@dataclass(frozen=True)
class RowSet:
    """Rows that may be added up. ``notes``: what they leave out, and why."""

    name: str
    basis: Basis
    scenario: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    @property
    def billed_cost(self) -> Decimal:
        """USD."""
        return sum((row["BilledCost"] for row in self.rows), Decimal("0.00"))

    @property
    def list_cost(self) -> Decimal:
        """USD at public prices, of the rows that have a unit price; rounded once, at the end."""
        priced = (row for row in self.rows if row["ListUnitPrice"] is not None)
        return cents_of(exact_sum(row["ListCost"] for row in priced))


def bill_rows(
    bill: Bill, place: Place, *, on: date, catalogue: Catalogue | None = None
) -> list[Row]:
    """Any bill as rows, such as that of a scenario. ``on``: the day whose public prices it was made
    with. Their BilledCost sums to the bill's total.

    Raises: PriceError for a bill of other prices; InputError for a period that has no days.
    """
    return [row(charge, place) for charge in of_bill(bill, on=on, catalogue=catalogue)]


def row_sets(audit: Audit) -> tuple[RowSet, ...]:
    """What the vendor billed (actual), the priced month (estimate), and the same month after all
    open findings are fixed (counterfactual). The three overlap in time: never add them up."""
    payer = payer_of(audit)
    actual = vendor_periods(audit)
    unknown = () if audit.usage_is_known else ("No usage is known, so there is no estimate.",)
    sets = [
        RowSet(
            "actual",
            "actual",
            BASELINE,
            tuple(one for period in actual.periods for one in _vendor_rows(audit, payer, period)),
            actual.notes,
        )
    ]
    for name, scenario, bill in (
        ("estimate", BASELINE, audit.bill),
        ("counterfactual", COUNTERFACTUAL, audit.counterfactual_bill),
    ):
        place = Place(
            payer=payer,
            start=audit.period.start,
            end=audit.period.end,
            as_of=audit.as_of,
            basis="estimate",
            scenario=scenario,
            price_list=audit.price_list,
        )
        rows = bill_rows(bill, place, on=audit.as_of) if audit.usage_is_known else []
        sets.append(RowSet(name, "estimate", scenario, tuple(rows), unknown))
    return tuple(sets)


def payer_of(audit: Audit) -> Payer:
    """Who is billed, from the audit's account."""
    region = audit.account.organization["region"]
    return Payer(
        organization_id=audit.organization_id,
        name=audit.organization_name.strip() and audit.organization_name,
        region=None if pd.isna(region) else str(region),
    )


def row(charge: Charge, place: Place) -> Row:
    """One charge in the columns of FOCUS. Raises: InputError."""
    if place.end <= place.start:
        raise InputError(
            f"A billing period ends after it starts, got {place.start} to {place.end}."
        )
    values = {**_where(place), **_what(charge), **_costs(charge)}
    if charge.price_source in ("public", "own"):
        values["x_PriceList"] = place.price_list
    out = {}
    for column in columns():
        value = values.get(column.name)
        if isinstance(value, str):
            value = _text(value)
        elif isinstance(value, Decimal):
            value = _exact(value, column.name, charge)
        out[column.name] = value
    return out


def _where(place: Place) -> Row:
    region = place.payer.region if place.payer.region in REGIONS else None
    until = place.charged_until
    running = until is not None and place.start < until < place.end
    return {
        "BillingAccountId": place.payer.organization_id,
        "BillingAccountName": place.payer.name or place.payer.organization_id,
        "BillingAccountType": "Organization",
        "BillingCurrency": CURRENCY,
        "BillingPeriodStart": place.start,
        "BillingPeriodEnd": place.end,
        "ChargePeriodStart": place.start,
        "ChargePeriodEnd": until if running else place.end,
        "InvoiceIssuerName": PROVIDER,
        "PricingCurrency": CURRENCY,
        "ProviderName": PROVIDER,
        "PublisherName": PROVIDER,
        "RegionId": region,
        "RegionName": REGIONS[region] if region else None,
        "x_AsOf": place.as_of,
        "x_Basis": place.basis,
        "x_Scenario": place.scenario,
    }


def _what(charge: Charge) -> Row:
    service, piece = charge.service, charge.stretch
    frequencies = {"Usage": "Usage-Based", "Purchase": "Recurring"}
    quantity = charge.quantity if piece is None else piece.quantity
    is_usage = charge.category == "Usage"
    consumed = service.consumed(quantity) if is_usage and quantity is not None else None
    return {
        "ChargeCategory": charge.category,
        "ChargeClass": "Correction" if charge.is_correction else None,
        "ChargeDescription": charge.description,
        "ChargeFrequency": frequencies.get(charge.category, "One-Time"),
        "ConsumedQuantity": consumed,
        "ConsumedUnit": None if consumed is None else service.consumed_unit,
        "InvoiceId": charge.invoice_id,
        "PricingCategory": None if piece is None else "Standard",
        "PricingQuantity": quantity,
        "PricingUnit": None if quantity is None else _unit(charge),
        "ServiceCategory": service.category,
        "ServiceName": service.name,
        "ServiceSubcategory": service.subcategory,
        "SkuId": service.sku,
        "SkuMeter": service.meter,
        "SkuPriceDetails": _details(charge),
        "SkuPriceId": _price_id(charge),
        "x_PriceSource": charge.price_source,
    }


def _costs(charge: Charge) -> Row:
    billed = usd(charge.billed_cents)
    piece = charge.stretch
    list_cost = None if piece is None else piece.list_cost
    listed = None if piece is None else piece.listed
    contracted = None if piece is None else piece.contracted
    return {
        "BilledCost": billed,
        "ContractedCost": billed if piece is None else piece.contracted_cost,
        "ContractedUnitPrice": contracted,
        "EffectiveCost": billed,
        "ListCost": billed if list_cost is None else list_cost,
        "ListUnitPrice": listed,
        "PricingCurrencyContractedUnitPrice": contracted,
        "PricingCurrencyEffectiveCost": billed,
        "PricingCurrencyListUnitPrice": listed,
        "x_BillDiscount": usd(charge.held_cents - charge.billed_cents),
        "x_LimitReduction": usd(charge.full_cents - charge.held_cents),
    }


def _unit(charge: Charge) -> str:
    return "Months" if charge.stretch and charge.stretch.is_fee else charge.service.pricing_unit


def _price_id(charge: Charge) -> str | None:
    """Stable over time and contracts, as FOCUS wants: no amount, no date, no customer."""
    piece = charge.stretch
    if piece is None:
        return None
    tier = "last-tier" if piece.up_to is None else f"up-to-{plain(piece.up_to)}"
    return f"{charge.service.sku}/{'fee-' if piece.is_fee else ''}{tier}"


def _details(charge: Charge) -> str | None:
    piece = charge.stretch
    if piece is None:
        return None
    # As text: FOCUS takes a number here for one per priced unit.
    end = None if piece.up_to is None else plain(piece.up_to)
    return json.dumps({"x_TierUpTo": end}, separators=(",", ":"))


def _vendor_rows(audit: Audit, payer: Payer, period: VendorPeriod) -> Iterable[Row]:
    place = Place(
        payer=payer,
        start=period.start,
        end=period.end,
        as_of=audit.as_of,
        basis="actual",
        scenario=BASELINE,
        price_list=period.price_list,
        charged_until=None if period.is_complete else audit.as_of,
    )
    return (row(charge, place) for charge in period.charges)


def _text(value: str) -> str:
    """Text that every file can hold: half a character becomes a question mark."""
    return value.encode("utf-8", "replace").decode("utf-8")


def _exact(value: Decimal, column: str, charge: Charge) -> Decimal:
    """Raises: PriceError for a number that the column would have to round."""
    whole, _, places = plain(value.copy_abs()).partition(".")
    if len(places) > DECIMALS or len(whole) > DIGITS - DECIMALS:
        raise PriceError(
            f"{column} of {charge.service.name!r} is {plain(value)}: a FOCUS file keeps "
            f"{DIGITS - DECIMALS} digits before the point and {DECIMALS} after it. "
            "Correct the price or the quantity."
        )
    return value
