"""The files of the sample portfolio keep the rules of FOCUS 1.2, and the rules can be broken."""

import csv
from datetime import date

import pytest

from audit import focus
from audit.pricing import bill

ON = date(2026, 11, 1)


def test_every_row_of_the_sample_portfolio_keeps_the_rules(sample, broken):
    for audit in sample:
        for one in focus.row_sets(audit):
            assert broken(focus.to_csv(one.rows)) == []


def test_a_price_id_names_one_list_price_and_belongs_to_one_sku(sample):
    # SkuPriceId-C-008 and C-014, over organizations: those with own prices among them.
    prices, parents = {}, {}
    for audit in sample:
        for row in focus.row_sets(audit)[1].rows:
            if row["x_PriceSource"] != "own_only":
                prices.setdefault(row["SkuPriceId"], set()).add(row["ListUnitPrice"])
                parents.setdefault(row["SkuPriceId"], set()).add(row["SkuId"])

    assert {len(found) for found in [*prices.values(), *parents.values()]} == {1}


def test_a_service_has_one_category(sample):
    places = {
        (row["ServiceName"], row["ServiceCategory"], row["ServiceSubcategory"])
        for audit in sample
        for one in focus.row_sets(audit)
        for row in one.rows
    }

    assert len({name for name, *_ in places}) == len(places)


FAULTS = {
    "BilledCost": ["", "1,000.0", "$5.0", "+5.0", "5.5.5", "nan", "1/2"],
    "BillingAccountId": ["", " "],
    "BillingCurrency": ["", "usd", "Dollar"],
    "BillingPeriodStart": ["2026-10-02", "2026-10-02 00:00:00", "2026-10-02T24:00:00Z", ""],
    "BillingPeriodEnd": ["2026-10-02T00:00:00Z", "2026-10-02T00:00:00+00:00"],
    "ChargeCategory": ["Refund", "Tax", ""],
    "ChargeClass": ["None"],
    "ChargeFrequency": ["Monthly", ""],
    "ChargePeriodEnd": ["2026-12-02T00:00:00Z"],
    "ChargePeriodStart": ["2026-09-02T00:00:00Z"],
    "ConsumedQuantity": [""],
    "ConsumedUnit": ["", "events"],
    "ContractedCost": ["49.99"],
    "ContractedUnitPrice": ["", "0.0001", "-0.00005"],
    "ListCost": ["50.01"],
    "ListUnitPrice": ["", "0.0001"],
    "PricingCategory": ["", "Tiered"],
    "PricingQuantity": ["", "2"],
    "PricingUnit": ["", "event"],
    "ServiceCategory": ["Web", ""],
    "ServiceSubcategory": ["Other (Other)", ""],
    "SkuId": [""],
    "SkuPriceDetails": ["[1]", '{"x_A":[1]}', '{"TierUpTo":"1"}', '{"x_TierUpTo":5}'],
    "SkuPriceId": [""],
    "RegionName": [""],
    "CommitmentDiscountName": ["A plan"],
}


@pytest.mark.parametrize(
    ("column", "value"), [(column, value) for column, values in FAULTS.items() for value in values]
)
def test_a_planted_fault_is_found(spec, column, value):
    place = focus.Place(
        payer=focus.Payer("acme", "Acme", "us"),
        start=date(2026, 10, 2),
        end=ON,
        as_of=ON,
        basis="estimate",
        scenario="baseline",
        price_list="the list",
    )
    _, row, _ = focus.bill_rows(bill({"product_analytics": 2_500_000}, on=ON), place, on=ON)
    header, _, line = focus.to_csv([row]).partition("\r\n")
    names = header.split(",")
    [values] = list(csv.reader([line]))
    good = {name: text or None for name, text in zip(names, values, strict=True)}
    assert spec.violations(names, [good]) == []

    assert spec.violations(names, [good | {column: value or None}])


def test_a_column_that_is_missing_or_misplaced_is_found(spec):
    names = [column.name for column in focus.columns()]

    assert list(spec.of_header(names)) == []
    assert list(spec.of_header([name for name in names if name != "ListCost"]))
    assert list(spec.of_header([*names[1:], "AvailabilityZone"]))
    assert list(spec.of_header([*names, "Discount"]))
