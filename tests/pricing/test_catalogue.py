"""The dated price lists: what is in force when, by which name, and what is refused."""

import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from audit.errors import PriceError
from audit.meters import EVENT_METERS, UNBILLED_EVENTS, UNBILLED_PREFIXES
from audit.pricing import (
    DEFAULT_BILLING_LIMITS_USD,
    UNPRICED_USAGE_TYPES,
    Catalogue,
)

NOVEMBER = date(2026, 11, 1)

FILE = """
product = "tea"
name = "Tea"
unit = "cup"
usage_type = "cups_in_period"
usage_keys = ["cups", "cups_in_period"]
divisor = 1
legacy = false
inclusion_only = false
meter = "cups poured"

[[price]]
from = 2025-01-01
until = 2025-06-30
model = "graduated"
plan_key = "paid-20250101"
source = "a test"
tiers = [{ up_to = 10, unit_amount_usd = "0" }, { unit_amount_usd = "2" }]

[[price]]
from = 2025-07-01
model = "graduated"
plan_key = "paid-20250701"
source = "a test"
tiers = [{ unit_amount_usd = "3" }]
"""


def catalogue(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return Catalogue.load(folder)


@pytest.mark.parametrize(
    ("product", "day", "units", "expected"),
    [
        ("product_analytics", date(2024, 1, 11), 2_000_000, "310"),
        ("product_analytics", date(2024, 4, 3), 2_000_000, "310"),
        ("product_analytics", date(2024, 8, 1), 2_000_000, "50"),
        ("session_replay", date(2024, 4, 1), 15_000, "400"),
        ("session_replay", date(2024, 8, 1), 15_000, "50"),
        ("group_analytics", date(2024, 3, 12), 2_000_000, "70.8"),
        ("group_analytics", date(2024, 3, 13), 2_000_000, "71"),
        ("data_pipelines", date(2024, 3, 12), 2_000_000, "248"),
        ("data_pipelines", date(2025, 9, 10), 2_000_000, "62"),
        ("realtime_destinations", date(2025, 9, 11), 50_000, "20"),
        ("data_warehouse", date(2025, 10, 19), 50_000_000, "535"),  # 9M x .000015 + 40M x .00001
        ("data_warehouse", date(2025, 10, 20), 50_000_000, "485"),  # 135 + 150 + 25M x .000008
        ("data_warehouse", date(2025, 10, 28), 50_000_000, "485"),
        ("data_warehouse", date(2025, 10, 29), 50_000_000, "0"),
        ("data_warehouse", date(2025, 11, 5), 50_000_000, "0"),
        ("data_warehouse", date(2025, 11, 6), 50_000_000, "485"),
        ("logs", date(2026, 6, 1), 110, "25"),
        ("llm_analytics", date(2026, 7, 22), 150_000, "17.5"),
    ],
)
def test_the_price_is_the_one_of_the_day(product, day, units, expected):
    assert Catalogue.load().schedule(product, day).cost(units) == Decimal(expected)


def test_a_day_before_the_first_price_is_refused_with_what_to_do():
    with pytest.raises(PriceError) as caught:
        Catalogue.load().schedule("logs", date(2025, 3, 14))

    assert str(caught.value) == (
        "No price for 'logs' on 2025-03-14: the earliest entry in prices/logs.toml starts "
        "2026-06-01. Add the older price with its source, or audit a later month."
    )


def test_a_day_after_the_last_price_is_refused_with_the_reason():
    with pytest.raises(PriceError) as caught:
        Catalogue.load().schedule("data_pipelines", date(2025, 9, 11))

    assert "ended 2025-09-10" in str(caught.value)
    assert "realtime_destinations and batch_exports" in str(caught.value)


def test_a_day_in_a_gap_is_refused_with_the_reason():
    with pytest.raises(PriceError, match="which list was in force between is not public"):
        Catalogue.load().schedule("session_replay", date(2024, 5, 1))


@pytest.mark.parametrize("name", ["session_replay", "recordings", "recording_count_in_period"])
def test_a_product_answers_to_key_usage_key_and_counter(name):
    assert Catalogue.load().product(name).product == "session_replay"
    assert Catalogue.load().product_of_usage_type(name) == "session_replay"


def test_an_unknown_product_is_refused_with_near_matches():
    with pytest.raises(PriceError, match=r"Unknown product 'recordngs'\. Did you mean recordings"):
        Catalogue.load().product("recordngs")


def test_an_unpriced_spend_type_has_no_product_and_says_why():
    (unpriced,) = UNPRICED_USAGE_TYPES

    assert Catalogue.load().product_of_usage_type(unpriced) is None
    with pytest.raises(PriceError, match="its price is not public"):
        Catalogue.load().product(unpriced)


def test_logs_are_priced_per_gigabyte_and_metered_in_megabytes():
    logs = Catalogue.load()

    assert logs.schedule("logs", NOVEMBER).cost(110) == 25
    assert logs.metered_schedule("logs_mb_in_period", NOVEMBER).cost(110_000) == 25


def test_a_meter_that_counts_something_else_is_not_priced():
    assert Catalogue.load().schedule("inbox", NOVEMBER).cost(4) == 15
    with pytest.raises(PriceError, match="credits, the price per pull request"):
        Catalogue.load().metered_schedule("inbox", NOVEMBER)


def test_add_ons_name_the_product_whose_units_they_charge_again():
    products = Catalogue.load().products

    assert products["enhanced_persons"].metered_on == "product_analytics"
    assert products["group_analytics"].metered_on == "enhanced_persons"
    assert products["session_replay"].metered_on is None


def test_the_list_is_dated_by_its_newest_price_in_force():
    price_list = Catalogue.load().price_list(NOVEMBER)

    assert price_list.name == "PostHog public prices of 2026-07-22"
    assert price_list.first_day == date(2026, 7, 22)
    assert Catalogue.load().price_list(date(2026, 7, 21)).first_day == date(2026, 7, 9)


def test_a_day_before_every_price_has_no_list():
    with pytest.raises(PriceError, match="No public price on 2020-01-01"):
        Catalogue.load().price_list(date(2020, 1, 1))


def test_every_price_has_a_source_and_a_plan_key():
    for product in Catalogue.load().products.values():
        for price in product.prices:
            assert price.source, product.product
            assert price.plan_key, product.product


def test_the_price_files_tile_time_without_overlap():
    for product in Catalogue.load().products.values():
        spans = sorted([*product.prices, *product.gaps], key=lambda span: span.first_day)
        for span, following in pairwise(spans):
            assert span.until == following.first_day - timedelta(days=1), product.product


def test_the_rules_name_products_that_exist():
    products = Catalogue.load().products

    assert set(EVENT_METERS) <= set(products)
    assert set(DEFAULT_BILLING_LIMITS_USD) <= set(products)
    assert "$feature_flag_called" in UNBILLED_EVENTS
    assert UNBILLED_PREFIXES == ("$ai_",)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("until = 2025-06-30", "until = 2025-07-01"), "overlaps"),
        (("until = 2025-06-30", ""), "overlaps"),
        (("until = 2025-06-30", "until = 2025-06-29"), "nothing covers the days from 2025-06-30"),
        (("from = 2025-07-01", "from = 2025-07-01\nuntil = 2025-08-01"), "no price after 2025-08"),
        (("from = 2025-01-01", 'from = "soon"'), "must be a date"),
        (("from = 2025-01-01", "from = 2025-01-01T00:00:00"), "must be a date"),
        (('product = "tea"', 'product = "coffee"'), "rename the file or the product"),
        (('unit = "cup"\n', ""), "has no 'unit'"),
        (('name = "Tea"', "name ="), "cannot be read"),
        (("up_to = 10", "up_to = -10"), "Prices of 'tea': tier 1"),
        (('meter = "cups poured"', 'meter = "x"\nparent = "milk"'), "no price file"),
    ],
)
def test_a_malformed_price_file_is_refused_by_name(tmp_path, change, says):
    with pytest.raises(PriceError, match=says):
        catalogue(tmp_path, tea=FILE.replace(*change, 1))


def test_two_products_cannot_share_a_name(tmp_path):
    with pytest.raises(PriceError, match="'cups"):
        catalogue(tmp_path, tea=FILE, chai=FILE.replace('"tea"', '"chai"'))


def test_a_gap_explains_days_without_a_price(tmp_path):
    gap = '\n[[gap]]\nfrom = 2025-06-30\nuntil = 2025-06-30\nreason = "Stocktaking."\n'
    tea = catalogue(tmp_path, tea=FILE.replace("until = 2025-06-30", "until = 2025-06-29") + gap)

    with pytest.raises(PriceError, match="Stocktaking"):
        tea.schedule("tea", date(2025, 6, 30))


def test_a_folder_without_price_files_is_refused(tmp_path):
    with pytest.raises(PriceError, match="No price files"):
        Catalogue.load(tmp_path)


def test_importing_prices_reads_nothing_and_loads_neither_numpy_nor_pandas():
    code = (
        "import sys, audit.pricing; from audit.pricing.catalogue import _load; "
        "print(_load.cache_info().misses, 'numpy' in sys.modules, 'pandas' in sys.modules)"
    )

    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert out.stdout.split() == ["0", "False", "False"]
