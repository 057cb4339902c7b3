from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import focus
from audit.errors import InputError, PriceError
from audit.pricing import Schedule, bill, cents_of

D = Decimal
ON = date(2026, 11, 1)
PLACE = focus.Place(
    payer=focus.Payer("acme", "Acme", "us"),
    start=date(2026, 10, 2),
    end=ON,
    as_of=ON,
    basis="estimate",
    scenario="baseline",
    price_list="the list",
)
FIELDS = ("SkuId", "PricingQuantity", "ContractedUnitPrice", "ListUnitPrice", "BilledCost")


def own(*rows):
    given = [{"up_to": up_to, "unit_amount_usd": price} for up_to, price in rows]
    return Schedule.from_json(given, product="x")


def rows_of(quantities, **terms):
    return focus.bill_rows(bill(quantities, on=ON, **terms), PLACE, on=ON)


def short(rows, *fields):
    return [tuple(row[field] for field in fields or FIELDS) for row in rows]


def total(rows, column="BilledCost"):
    return sum((row[column] for row in rows), D(0))


def test_every_tier_of_a_line_is_a_row():
    # Public events: 1M free, to 2M at 0.00005, to 15M at 0.0000343: 2.5M cost 50 + 17.15.
    assert short(rows_of({"product_analytics": 2_500_000})) == [
        ("product_analytics", 1_000_000, 0, 0, 0),
        ("product_analytics", 1_000_000, D("0.00005"), D("0.00005"), D("50")),
        ("product_analytics", 500_000, D("0.0000343"), D("0.0000343"), D("17.15")),
    ]


def test_an_own_price_stands_beside_the_public_one():
    # Own: 2M free, then 0.00002. The public tiers end at 1M and 2M.
    found = rows_of(
        {"product_analytics": 2_500_000},
        own={"product_analytics": own((2_000_000, "0"), (None, "0.00002"))},
    )

    assert short(found) == [
        ("product_analytics", 1_000_000, 0, 0, 0),
        ("product_analytics", 1_000_000, 0, D("0.00005"), 0),
        ("product_analytics", 500_000, D("0.00002"), D("0.0000343"), 10),
    ]
    assert {row["x_PriceSource"] for row in found} == {"own"}
    assert total(found, "ListCost") == D("67.15")


def test_without_a_public_price_the_own_one_is_the_list_price_and_says_so():
    # The add-on ended on 2025-09-11: there is no public price on this day.
    [free, paid] = rows_of(
        {"data_pipelines": 1_500_000},
        own={"data_pipelines": own((1_000_000, "0"), (None, "0.0001"))},
    )

    assert (paid["ListUnitPrice"], paid["ListCost"], paid["x_PriceSource"]) == (
        D("0.0001"),
        50,
        "own_only",
    )
    assert paid["x_PriceList"] is None
    assert free["SkuPriceId"] == "data_pipelines/up-to-1000000"


def test_a_percentage_is_taken_off_each_row():
    # 20 percent off 67.15 are 13.43, which leaves 53.72: 40.00 of the 50.00 and 13.72 of 17.15.
    found = rows_of({"product_analytics": 2_500_000}, discount_percent=20)

    assert short(found, "BilledCost", "EffectiveCost", "ContractedCost", "x_BillDiscount") == [
        (0, 0, 0, 0),
        (40, 40, 50, 10),
        (D("13.72"), D("13.72"), D("17.15"), D("3.43")),
    ]


def test_a_limit_cuts_the_last_units_of_the_month():
    # 67.15 of events held to 60.00: the 50.00 of the second tier stay, 10.00 of the third.
    found = rows_of({"product_analytics": 2_500_000}, limits_usd={"product_analytics": 60})

    assert short(found, "BilledCost", "x_LimitReduction", "ContractedCost") == [
        (0, 0, 0),
        (50, 0, 50),
        (10, D("7.15"), D("17.15")),
    ]


def test_credit_is_a_row_of_its_own_with_four_equal_costs():
    *usage, credit = rows_of({"product_analytics": 2_500_000}, credit_usd=20)

    assert total(usage) == D("67.15")
    assert credit["ChargeCategory"] == "Credit"
    costs = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
    assert {credit[name] for name in costs} == {D("-20.00")}
    assert credit["SkuId"] is None
    assert credit["PricingQuantity"] is None


def test_a_package_is_a_recurring_purchase_of_one_month():
    [row] = rows_of({"enterprise": 1})

    assert (row["ChargeCategory"], row["ChargeFrequency"]) == ("Purchase", "Recurring")
    assert (row["PricingQuantity"], row["PricingUnit"]) == (1, "Months")
    assert row["ContractedUnitPrice"] == row["BilledCost"] == 2000
    assert row["ConsumedQuantity"] is None
    assert row["SkuPriceId"] == "enterprise/fee-last-tier"


def test_the_fee_of_a_product_nobody_knows_is_of_a_month_too():
    flat = Schedule.from_json(
        [{"up_to": None, "unit_amount_usd": "0", "flat_amount_usd": "9"}], product="x", model="flat"
    )

    [row] = rows_of({"x": 1}, own={"x": flat})

    assert (row["PricingUnit"], row["PricingQuantity"], row["BilledCost"]) == ("Months", 1, 9)


def test_an_own_package_price_stands_beside_the_public_one():
    flat = Schedule.from_json(
        [{"up_to": None, "unit_amount_usd": "0", "flat_amount_usd": "1500"}],
        product="enterprise",
        model="flat",
    )

    [row] = rows_of({"enterprise": 1}, own={"enterprise": flat})

    assert (row["ContractedUnitPrice"], row["ListUnitPrice"]) == (1500, 2000)


def test_logs_are_priced_per_gb_and_consumed_in_mb():
    # 110.5 GB: 50 free, 60.5 at the price of the day.
    found = rows_of({"logs": D("110.5")})

    assert total(found, "PricingQuantity") == D("110.5")
    assert total(found, "ConsumedQuantity") == 110_500
    assert {(row["PricingUnit"], row["ConsumedUnit"]) for row in found} == {("GB", "MB")}


def test_what_was_not_used_makes_no_row():
    assert rows_of({"product_analytics": 0}) == []


def test_cents_of_a_line_are_shared_out_whole():
    # 1.5M + 1 events and 15,001 recordings: every BilledCost has two decimals and no more.
    found = rows_of({"product_analytics": 1_500_001, "session_replay": 15_001}, discount_percent=7)

    assert all(row["BilledCost"] == cents_of(row["BilledCost"]) for row in found)


def test_a_row_has_every_column_in_order():
    [row, *_] = rows_of({"surveys": 10})

    assert list(row) == [column.name for column in focus.columns()]


def test_a_scenario_is_named_on_every_row():
    place = focus.Place(**{**PLACE.__dict__, "scenario": "sampling 50%"})
    priced = bill({"surveys": 2000}, on=ON)

    found = focus.bill_rows(priced, place, on=ON)

    assert {(row["x_Scenario"], row["x_Basis"]) for row in found} == {("sampling 50%", "estimate")}


def test_a_running_period_is_charged_until_the_day_of_the_audit():
    place = focus.Place(**{**PLACE.__dict__, "end": date(2026, 11, 9), "charged_until": ON})

    [row, *_] = focus.bill_rows(bill({"surveys": 10}, on=ON), place, on=ON)

    assert (row["ChargePeriodEnd"], row["BillingPeriodEnd"]) == (ON, date(2026, 11, 9))


@pytest.mark.parametrize("until", [date(2026, 10, 2), date(2026, 11, 1), date(2026, 12, 1)])
def test_a_charge_never_ends_outside_its_period(until):
    place = focus.Place(**{**PLACE.__dict__, "charged_until": until})

    [row, *_] = focus.bill_rows(bill({"surveys": 10}, on=ON), place, on=ON)

    assert row["ChargePeriodEnd"] == date(2026, 11, 1)


def test_an_organization_without_a_name_goes_by_its_id():
    place = focus.Place(**{**PLACE.__dict__, "payer": focus.Payer("acme", "", "host.example")})

    [row, *_] = focus.bill_rows(bill({"surveys": 10}, on=ON), place, on=ON)

    assert row["BillingAccountName"] == "acme"
    assert (row["RegionId"], row["RegionName"]) == (None, None)


def test_a_period_without_days_is_refused():
    place = focus.Place(**{**PLACE.__dict__, "end": PLACE.start})

    with pytest.raises(InputError, match="ends after it starts"):
        focus.bill_rows(bill({"surveys": 10}, on=ON), place, on=ON)


def test_a_bill_of_the_prices_of_another_day_is_refused():
    # The public price of recordings changed: an own price then stands beside another list.
    priced = bill(
        {"data_warehouse": 30_000_000},
        on=date(2025, 1, 1),
        own={"data_warehouse": own((None, "0.00001"))},
    )

    with pytest.raises(PriceError, match="name the day the bill was priced on"):
        focus.bill_rows(priced, PLACE, on=ON)


def test_packages_of_units_are_refused():
    boxes = Schedule.from_json(
        [{"up_to": None, "unit_amount_usd": "5"}], product="x", model="package", package_size=100
    )

    with pytest.raises(PriceError, match="sold in packages"):
        rows_of({"x": 250}, own={"x": boxes})


def test_a_price_finer_than_a_column_is_refused_not_rounded():
    with pytest.raises(PriceError, match="18 after it"):
        rows_of({"x": 1}, own={"x": own((None, "0.0000000000000000001"))})


quantities = st.fixed_dictionaries(
    {},
    optional={
        "product_analytics": st.integers(0, 400_000_000),
        "enhanced_persons": st.integers(0, 50_000_000),
        "session_replay": st.integers(0, 1_000_000),
        "logs": st.decimals(0, 5000, places=3),
        "enterprise": st.just(1),
        "x": st.integers(0, 10**6),
    },
)
terms = st.fixed_dictionaries(
    {
        "own": st.fixed_dictionaries(
            {"x": st.just(own((7, "0.333"), (None, "0.0007")))},
            optional={
                "session_replay": st.just(own((3_000, "0"), (40_000, "0.004"), (None, "0.002")))
            },
        ),
        "discount_percent": st.sampled_from([D(0), D("12.5"), D("33.3333"), D(100)]),
        "discount_amount_usd": st.decimals(0, 500, places=2),
        "credit_usd": st.decimals(0, 500, places=2),
        "limits_usd": st.fixed_dictionaries(
            {}, optional={"product_analytics": st.integers(0, 900), "logs": st.integers(0, 90)}
        ),
    }
)


@settings(max_examples=150, deadline=None)
@given(quantities, terms)
def test_the_rows_of_a_bill_sum_to_it_and_keep_the_rules(broken, quantities, terms):
    priced = bill(quantities, on=ON, **terms)

    found = focus.bill_rows(priced, PLACE, on=ON)

    assert total(found) == priced.total
    assert total(found, "x_BillDiscount") == priced.discount
    assert broken(focus.to_csv(found)) == []
    for line in priced.lines:
        mine = [row for row in found if row["SkuId"] == line.product]
        held = line.amount_before_limit - line.amount
        assert total(mine, "x_LimitReduction") == held
        assert cents_of(total(mine, "ContractedCost")) == line.amount_before_limit
        if line.list_amount is not None:
            assert cents_of(total(mine, "ListCost")) == line.list_amount
        if line.product != "enterprise":
            assert total(mine, "PricingQuantity") == line.quantity
        if priced.subtotal:
            fair = line.amount * (priced.total + priced.credit) / priced.subtotal
            assert abs(total(mine) - fair) < D("0.01")
        left = total(mine) + total(mine, "x_BillDiscount") + held
        assert left == line.amount_before_limit
        assert all(row["x_BillDiscount"] >= 0 and row["x_LimitReduction"] >= 0 for row in mine)
