"""A bill: order of rounding, limits, discounts and credit, whose prices, and what is refused."""

import json
from datetime import date
from decimal import Decimal

import pytest

from audit.errors import InputError, PriceError
from audit.pricing import Schedule, as_json, bill, parse_quantities, read_tiers

ON = date(2026, 11, 1)


def own(*tiers, product="a_product", **options):
    rows = [{"up_to": up_to, "unit_amount_usd": amount} for up_to, amount in tiers]
    return Schedule.from_json(rows, product=product, **options)


def only(of):
    (line,) = of.lines
    return line


def test_the_answer_of_audit_price_is_this_json():
    got = bill(parse_quantities(["session_replay=15000", "logs=10.5"]), on=ON)

    assert as_json(got) == {
        "lines": [
            {
                "product": "session_replay",
                "quantity": 15000,
                "amount": "50.00",
                "tiers": [
                    {
                        "up_to": 5000,
                        "quantity": 5000,
                        "unit_amount_usd": "0",
                        "flat_amount_usd": "0",
                        "amount": "0",
                    },
                    {
                        "up_to": 15000,
                        "quantity": 10000,
                        "unit_amount_usd": "0.005",
                        "flat_amount_usd": "0",
                        "amount": "50",
                    },
                ],
            },
            {
                "product": "logs",
                "quantity": "10.5",
                "amount": "0.13",  # 0.5 x 0.25 = 0.125, half up
                "tiers": [
                    {
                        "up_to": 10,
                        "quantity": 10,
                        "unit_amount_usd": "0",
                        "flat_amount_usd": "0",
                        "amount": "0",
                    },
                    {
                        "up_to": 300,
                        "quantity": "0.5",
                        "unit_amount_usd": "0.25",
                        "flat_amount_usd": "0",
                        "amount": "0.125",
                    },
                ],
            },
        ],
        "total": "50.13",
    }


def test_the_issue_example():
    quantities = parse_quantities(
        ["session_replay=150000", "product_analytics=2000000", "enhanced_persons=2000000"]
    )

    # 372.50 + 50 + 198
    assert bill(quantities, on=ON).total == Decimal("620.50")


def test_no_amount_is_ever_written_with_an_exponent():
    got = bill({"tiny": 1}, on=ON, own={"tiny": own((None, "0.0000001"))})

    assert json.loads(json.dumps(as_json(got)))["lines"][0]["tiers"][0] == {
        "up_to": None,
        "quantity": 1,
        "unit_amount_usd": "0.0000001",
        "flat_amount_usd": "0",
        "amount": "0.0000001",
    }


def test_each_line_is_rounded_before_the_sum():
    half = own((None, "0.005"))

    # Two lines of half a cent are two cents; rounding their sum would give one.
    assert bill({"a": 1, "b": 1}, on=ON, own={"a": half, "b": half}).total == Decimal("0.02")


def test_own_prices_win_over_the_public_list():
    line = only(bill({"surveys": 100}, on=ON, own={"surveys": own((None, "1"))}))

    assert (line.amount, line.price) == (Decimal("100.00"), "own")
    assert line.list_amount == Decimal("0.00")  # 1,500 are free on the public list


def test_public_prices_are_marked_as_such():
    line = only(bill({"surveys": 2_000}, on=ON))

    assert (line.amount, line.list_amount, line.price) == (Decimal("50.00"),) * 2 + ("public",)
    assert (line.name, line.unit) == ("Surveys", "survey response")


def test_own_prices_may_name_products_the_list_does_not_know():
    line = only(bill({"tea": 3}, on=ON, own={"tea": own((2, "0"), (None, "1.5"))}))

    assert (line.product, line.amount, line.list_amount) == ("tea", Decimal("1.50"), None)


def test_own_prices_need_no_public_price_on_the_day():
    line = only(bill({"logs": 3}, on=date(2025, 1, 1), own={"logs": own((None, "2"))}))

    assert (line.amount, line.list_amount) == (Decimal("6.00"), None)


@pytest.mark.parametrize("key", ["events", "product_analytics", "event_count_in_period"])
@pytest.mark.parametrize("name", ["events", "product_analytics"])
def test_own_prices_are_found_by_any_name_of_the_product(key, name):
    assert bill({name: 7}, on=ON, own={key: own((None, "1"))}).total == 7


def test_a_usage_key_is_in_units_of_the_meter():
    line = only(bill({"logs_mb_ingested": 110_500}, on=ON))

    assert (line.product, line.quantity) == ("logs", Decimal("110.5"))
    assert line.amount == Decimal("25.13")  # 100.5 x 0.25 = 25.125


def test_a_usage_key_of_another_unit_is_not_priced():
    with pytest.raises(PriceError, match="cannot be priced"):
        bill({"signals_credits": 100}, on=ON)


def test_one_product_by_two_names_is_refused():
    with pytest.raises(InputError, match="'product_analytics' is given twice"):
        bill({"events": 1, "product_analytics": 1}, on=ON)


# 10,000,000 events list at 324.40.
@pytest.mark.parametrize(
    ("limit", "amount", "limited"),
    [
        (None, "324.40", False),
        (500, "324.40", False),
        (Decimal("324.40"), "324.40", False),
        (Decimal("324.39"), "324.39", True),
        (0, "0.00", True),
    ],
)
def test_a_limit_caps_its_line_and_zero_is_a_limit(limit, amount, limited):
    got = bill({"product_analytics": 10_000_000}, on=ON, limits_usd={"events": limit})

    assert (only(got).amount, only(got).limited) == (Decimal(amount), limited)
    assert only(got).amount_before_limit == only(got).list_amount == Decimal("324.40")
    assert got.total == Decimal(amount)


def test_a_limit_on_a_product_that_is_not_on_the_bill_changes_nothing():
    got = bill({"surveys": 2_000}, on=ON, limits_usd={"data_warehouse": 0, "unheard_of": 0})

    assert got.total == 50


@pytest.mark.parametrize(
    ("percent", "total"),
    [
        (0, "200.00"),
        (20, "200.00"),  # held to 250
        (30, "200.00"),  # held to 285.71; 285.71 - 85.71
        (50, "162.20"),  # 400 is above 324.40, so the limit is not met
        (100, "0.00"),
    ],
)
def test_a_limit_is_on_what_is_paid_after_the_percentage(percent, total):
    got = bill(
        {"product_analytics": 10_000_000},
        on=ON,
        limits_usd={"product_analytics": 200},
        discount_percent=percent,
    )

    assert got.total == Decimal(total)


@pytest.mark.parametrize(
    ("percent", "amount", "credit", "discount", "used", "total"),
    [
        ("0", "0", "0", "0.00", "0.00", "100.05"),
        ("10", "0", "0", "10.01", "0.00", "90.04"),  # 10.005, half up
        ("10", "20", "0", "30.01", "0.00", "70.04"),  # the amount after the percentage
        ("10", "20", "50", "30.01", "50.00", "20.04"),
        ("0", "500", "50", "100.05", "0.00", "0.00"),  # no credit is used on nothing
        ("0", "0", "500", "0.00", "100.05", "0.00"),
        ("100", "0", "5", "100.05", "0.00", "0.00"),
    ],
)
def test_percentage_then_amount_then_credit_never_below_zero(
    percent, amount, credit, discount, used, total
):
    got = bill(
        {"tea": 10_005},
        on=ON,
        own={"tea": own((None, "0.01"))},
        discount_percent=Decimal(percent),
        discount_amount_usd=Decimal(amount),
        credit_usd=Decimal(credit),
    )

    assert got.subtotal == Decimal("100.05")
    assert (got.discount, got.credit, got.total) == tuple(map(Decimal, (discount, used, total)))


def test_an_empty_bill_is_zero():
    assert as_json(bill({}, on=ON)) == {"lines": [], "total": "0.00"}


@pytest.mark.parametrize(
    ("quantities", "says"),
    [
        (
            {"product_analytics": Decimal("0.5")},
            "Cannot price 0.5 of 'product_analytics': its event",
        ),
        ({"logs_mb_ingested": Decimal("0.5")}, "Cannot price 0.5 of 'logs_mb_ingested'"),
        ({"product_analytics": -1}, "Cannot price 'product_analytics'.*negative"),
        ({"product_analytics": 1.0}, "Cannot price 'product_analytics'"),
        ({"boost": 2}, "a bill is one month"),
        ({"boost": Decimal("0.5")}, "does not divide"),
    ],
)
def test_a_quantity_that_cannot_be_billed_is_refused(quantities, says):
    with pytest.raises(InputError, match=says):
        bill(quantities, on=ON)


def test_a_part_of_a_unit_of_an_unknown_product_is_refused():
    with pytest.raises(InputError, match=r"Cannot price 1\.5 of 'tea'"):
        bill({"tea": Decimal("1.5")}, on=ON, own={"tea": own((None, "1"))})


def test_an_unknown_product_is_refused():
    with pytest.raises(PriceError, match=r"Unknown product 'session_reply'\. Did you mean session"):
        bill({"session_reply": 1}, on=ON)


@pytest.mark.parametrize(
    "options",
    [
        {"discount_percent": 101},
        {"discount_percent": -1},
        {"discount_amount_usd": Decimal("NaN")},
        {"credit_usd": -5},
        {"limits_usd": {"surveys": -1}},
    ],
)
def test_an_amount_that_cannot_be_meant_is_refused(options):
    with pytest.raises(InputError, match=r"discount|credit|limit"):
        bill({"surveys": 1}, on=ON, **options)


@pytest.mark.parametrize(
    ("entry", "quantity"),
    [("a=2000000", 2_000_000), ("a=2_000_000", 2_000_000), (" a = 110.50 ", "110.5"), ("a=0", 0)],
)
def test_quantities_are_read(entry, quantity):
    assert parse_quantities([entry]) == {"a": Decimal(quantity)}


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (["events"], "Cannot read 'events'"),
        (["=5"], "Cannot read '=5'"),
        (["events="], "Cannot read 'events='"),
        (["events=many"], "not a number: 'many'"),
        (["events=2,000"], "not a number: '2,000'"),
        (["events=-5"], "Cannot price 'events=-5'.*negative"),
        (["events=NaN"], "Cannot price 'events=NaN'"),
        (["events=Infinity"], "Cannot price 'events=Infinity'"),
        (["events=1e999999999"], "Cannot price"),
        (["a=1", "a=2"], "'a' is given twice"),
    ],
)
def test_an_entry_that_is_no_quantity_is_refused(entries, says):
    with pytest.raises(InputError, match=says):
        parse_quantities(entries)


def test_tiers_are_read_from_a_file(tmp_path):
    path = tmp_path / "tiers.json"
    path.write_text(
        '{"tea": [{"up_to": 2, "unit_amount_usd": 0.1, "flat_amount_usd": "1"},'
        ' {"up_to": null, "unit_amount_usd": "70.8", "flat_amount_usd": null}]}',
        encoding="utf-8",
    )

    # 1 + 2 x 0.1 + 70.8: the flat amount once, the number as written.
    assert bill({"tea": 3}, on=ON, own=read_tiers(path)).total == Decimal("72.00")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not usable JSON"),
        ("[]", "must hold an object"),
        ('{"tea": []}', "Prices of 'tea': The tier list is empty"),
        ('{"tea": {"tiers": []}}', "Prices of 'tea': tiers must be a list"),
        ('{"tea": [{"up_to": null, "unit_amount_usd": NaN}]}', "NaN is not a price"),
        ('{"tea": [], "tea": []}', "'tea' stands twice"),
        ("[" * 100_000, "not usable JSON"),
    ],
)
def test_a_tiers_file_that_is_no_price_list_is_refused(tmp_path, text, says):
    path = tmp_path / "tiers.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(PriceError, match=says):
        read_tiers(path)


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_tiers_file_that_cannot_be_read_is_refused(tmp_path, name):
    with pytest.raises(PriceError, match="Cannot read the tiers"):
        read_tiers(tmp_path / name)


def test_a_tiers_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "tiers.json"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(PriceError, match="Cannot read the tiers"):
        read_tiers(path)
