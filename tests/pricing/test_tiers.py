"""The four charge models at their boundaries, and what a tier list may not be."""

from decimal import Decimal

import pytest

from audit.errors import InputError, PriceError
from audit.pricing import Schedule, Tier, TierCharge, cents_of

REPLAY = [
    {"up_to": 5_000, "unit_amount_usd": "0"},
    {"up_to": 15_000, "unit_amount_usd": "0.005"},
    {"up_to": 50_000, "unit_amount_usd": "0.0035"},
    {"up_to": None, "unit_amount_usd": "0.002"},
]
FLATS = [
    {"up_to": 10, "unit_amount_usd": "1", "flat_amount_usd": "5"},
    {"up_to": 20, "unit_amount_usd": "0.5", "flat_amount_usd": "3"},
    {"up_to": None, "unit_amount_usd": "0.25", "flat_amount_usd": "0"},
]


def schedule(rows, **options):
    return Schedule.from_json(rows, product="a_product", **options)


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        (0, "0"),
        (1, "0"),
        (4_999, "0"),
        (5_000, "0"),
        (5_001, "0.005"),
        (14_999, "49.995"),
        (15_000, "50"),  # 10,000 x 0.005
        (15_001, "50.0035"),
        (49_999, "172.4965"),
        (50_000, "172.5"),  # 50 + 35,000 x 0.0035
        (50_001, "172.502"),
        (10**12, "2000000072.5"),  # 172.5 + (10^12 - 50,000) x 0.002
    ],
)
def test_graduated_at_its_boundaries(quantity, expected):
    assert schedule(REPLAY).cost(quantity) == Decimal(expected)


@pytest.mark.parametrize(
    ("model", "quantity", "expected"),
    [
        ("graduated", 0, "0"),
        ("graduated", 1, "6"),  # 5 + 1
        ("graduated", 10, "15"),  # 5 + 10
        ("graduated", 11, "18.5"),  # 15 + 3 + 0.5: the flat amount comes with the tier
        ("graduated", 20, "23"),
        ("graduated", 21, "23.25"),
        ("volume", 0, "0"),
        ("volume", 1, "6"),
        ("volume", 9, "14"),
        ("volume", 10, "15"),
        ("volume", 11, "8.5"),  # 11 x 0.5 + 3: all units at the tier reached
        ("volume", 20, "13"),
        ("volume", 21, "5.25"),  # 21 x 0.25
        ("volume", 10**9, "250000000"),
    ],
)
def test_flat_amounts_are_charged_once_when_their_tier_is_reached(model, quantity, expected):
    assert schedule(FLATS, model=model).cost(quantity) == Decimal(expected)


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        (0, "0"),
        (1, "0"),  # one package, free
        (100, "0"),
        (101, "7"),  # a begun package counts in full
        (200, "7"),
        (201, "14"),
        (1_000_000, "69993"),  # 9,999 paid packages
    ],
)
def test_packages_are_rounded_up_and_their_tiers_count_packages(quantity, expected):
    rows = [{"up_to": 1, "unit_amount_usd": "0"}, {"up_to": None, "unit_amount_usd": "7"}]

    assert schedule(rows, model="package", package_size=100).cost(quantity) == Decimal(expected)


@pytest.mark.parametrize(("quantity", "expected"), [(0, "0"), (1, "250"), (7, "250")])
def test_flat_is_one_amount_for_any_quantity(quantity, expected):
    rows = [{"up_to": None, "unit_amount_usd": "0", "flat_amount_usd": "250"}]

    assert schedule(rows, model="flat").cost(quantity) == Decimal(expected)


def test_the_walk_shows_every_tier_up_to_the_one_reached():
    assert schedule(FLATS).walk(12) == (
        TierCharge(Decimal(10), Decimal(10), Decimal(1), Decimal(5), Decimal(15)),
        TierCharge(Decimal(20), Decimal(2), Decimal("0.5"), Decimal(3), Decimal(4)),
    )


def test_nothing_is_reached_by_nothing():
    assert schedule(FLATS).walk(0) == ()


def test_a_part_of_a_unit_pays_its_part():
    assert schedule(REPLAY).cost(Decimal("5000.5")) == Decimal("0.0025")


def test_long_amounts_stay_exact():
    # 30 digits times 25 decimals: far beyond Decimal's default 28 digits.
    rows = [{"up_to": None, "unit_amount_usd": "0.0000000000000000000000007"}]

    assert schedule(rows).cost(10**29 + 1) == Decimal("70000.0000000000000000000000007")


@pytest.mark.parametrize("amount", ["70.8", 70.8, Decimal("70.8")])
def test_an_amount_reads_the_same_as_text_and_as_a_number(amount):
    rows = [{"up_to": None, "unit_amount_usd": amount, "flat_amount_usd": None}]

    assert schedule(rows).tiers == (Tier(None, Decimal("70.8"), Decimal(0)),)


def test_json_goes_out_as_it_came_in():
    rows = [
        {"up_to": 10, "unit_amount_usd": "0.00005", "flat_amount_usd": "0"},
        {"up_to": "12.5", "unit_amount_usd": "0", "flat_amount_usd": "3"},
        {"up_to": None, "unit_amount_usd": "15", "flat_amount_usd": "0"},
    ]

    assert schedule(rows).to_json() == rows


def test_scaled_prices_the_smaller_unit_the_same():
    logs = schedule(
        [
            {"up_to": 10, "unit_amount_usd": "0"},
            {"up_to": 300, "unit_amount_usd": "0.25"},
            {"up_to": None, "unit_amount_usd": "0.15"},
        ]
    )

    # 110.5 GB: 100.5 x 0.25 = 25.125
    assert logs.scaled(1_000).cost(110_500) == logs.cost(Decimal("110.5")) == Decimal("25.125")
    assert logs.scaled(1_000).free_allowance == 10_000


def test_a_price_that_cannot_be_divided_exactly_is_refused():
    with pytest.raises(PriceError, match="cannot be divided by 3"):
        schedule([{"up_to": None, "unit_amount_usd": "1"}]).scaled(3)


@pytest.mark.parametrize(
    ("rows", "options", "allowance"),
    [
        (REPLAY, {}, Decimal(5_000)),
        (FLATS, {}, Decimal(0)),
        ([{"up_to": None, "unit_amount_usd": "0"}], {}, None),
        (REPLAY, {"model": "package", "package_size": 10}, Decimal(50_000)),
        (REPLAY, {"model": "volume"}, Decimal(0)),
    ],
)
def test_the_free_allowance_is_what_the_first_tier_gives(rows, options, allowance):
    assert schedule(rows, **options).free_allowance == allowance


@pytest.mark.parametrize("amount", ["372.505", "0.005", "0.0050000000000000000000000000000001"])
def test_half_a_cent_is_rounded_up(amount):
    assert cents_of(Decimal(amount)) == Decimal(amount).quantize(Decimal("0.01"), "ROUND_DOWN") + (
        Decimal("0.01")
    )


def price(up_to, amount="1", **more):
    return {"up_to": up_to, "unit_amount_usd": amount, **more}


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "empty"),
        ({}, "must be a list"),
        ("tiers", "must be a list"),
        ([7], "tier 1 must be an object"),
        ([price(10), price(5), price(None)], "tier 2 ends at 5"),
        ([price(10), price(10), price(None)], "tier 2 ends at 10"),
        ([price(0), price(None)], "tier 1 ends at 0"),
        ([price(None), price(10)], "tier 1 has up_to null"),
        ([price(10), price(None), price(None)], "tier 2 has up_to null"),
        ([price(10)], "last tier must have up_to null"),
        ([price(10, "-1"), price(None)], "tier 1: unit_amount_usd"),
        ([price(None, flat_amount_usd="-1")], "tier 1: flat_amount_usd"),
        ([price(-5), price(None)], "tier 1: up_to"),
        ([price(None, "NaN")], "tier 1: unit_amount_usd"),
        ([price(None, float("nan"))], "tier 1: unit_amount_usd"),
        ([price(None, "Infinity")], "tier 1: unit_amount_usd"),
        ([price(None, "1e999999999")], "tier 1: unit_amount_usd"),
        ([price(None, "one")], "is not a number: 'one'"),
        ([price(None, True)], "must be a number or text, got True"),
        ([price(True), price(None)], "must be a number or text, got True"),
        ([price(None, None)], "must be a number or text, got None"),
        ([{"up_to": None}], "tier 1 has no unit_amount_usd"),
        ([{"unit_amount_usd": "1"}], "tier 1 has no up_to"),
    ],
)
def test_a_malformed_tier_list_is_refused_by_name(rows, says):
    with pytest.raises(PriceError) as caught:
        Schedule.from_json(rows, product="recordings")

    assert says in str(caught.value)
    assert "'recordings'" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"model": "linear"}, "Unknown charge model 'linear'"),
        ({"model": "package"}, "package_size must be a whole number"),
        ({"model": "package", "package_size": 0}, "package_size must be a whole number"),
        ({"package_size": 10}, "belongs to the package model"),
        ({"model": "flat"}, "A flat price is one tier"),
    ],
)
def test_a_model_that_does_not_fit_its_tiers_is_refused(options, says):
    with pytest.raises(PriceError, match=says):
        schedule(REPLAY, **options)


@pytest.mark.parametrize(
    "quantity",
    [-1, Decimal("-0.1"), Decimal("NaN"), Decimal("Infinity"), True, 1.5, "1", 10**30, None],
)
def test_a_quantity_that_cannot_be_meant_is_refused(quantity):
    with pytest.raises(InputError, match="quantity"):
        schedule(REPLAY).cost(quantity)


def test_equal_schedules_are_one_key():
    assert len({schedule(REPLAY), schedule(REPLAY), schedule(FLATS)}) == 2
