"""Billing answers: the vendor's published fixtures, and the traps posthog.md names."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from audit.errors import SourceError
from audit.meters import METERS, product_of, usage_type_of
from audit.sources.billing import overview_tables, series_rows, spend_by_day
from audit.validation import validated

DATA = Path(__file__).parents[1] / "data" / "billing"
AS_OF = date(2026, 4, 20)


def real(name):
    return json.loads((DATA / f"{name}.json").read_text())


def tables(answer):
    found = overview_tables(answer, organization_id="o", as_of=AS_OF)
    return {name: validated(name, rows).frame for name, rows in found.items()}


def overview(*products, **fields):
    period = {
        "current_period_start": "2026-04-01T00:00:00Z",
        "current_period_end": "2026-05-01T00:00:00Z",
        "interval": "month",
    }
    return {"billing_period": period, "products": list(products), **fields}


def amounts(answer, column="amount_usd"):
    lines = tables(answer)["bill_lines"]
    return dict(zip(lines["product"], lines[column], strict=True))


def limit_of(answer, product="session_replay"):
    limits = tables(answer)["limits"].set_index("product")
    return limits.loc[product] if product in limits.index else None


def test_the_lines_of_the_real_paid_answer_sum_to_its_total():
    # 60.00 + 10.00 (group analytics) + 8.10 + 50.30 = 128.40, the answer's own total.
    lines = amounts(real("overview_paid"))

    assert sum(a for a in lines.values() if a is not None) == Decimal("128.40")
    assert lines["group_analytics"] == Decimal("10.00")


def test_an_add_on_without_usage_or_tiers_has_an_amount_and_no_quantity():
    lines = tables(real("overview_paid"))["bill_lines"].set_index("product")

    assert lines.loc["group_analytics", "amount_usd"] == Decimal("10.00")
    assert lines["quantity"].isna()["group_analytics"]


def test_a_product_that_is_present_need_not_be_subscribed():
    subscriptions = tables(real("overview_paid"))["subscriptions"].set_index("product")

    assert not subscriptions.loc["data_warehouse", "subscribed"]
    assert subscriptions.loc["group_analytics", "parent"] == "product_analytics"


def test_the_real_free_answer_has_a_limit_in_units_and_none_in_dollars():
    limit = limit_of(real("overview_free"), "product_analytics")

    assert limit["usage_limit"] == 1_000_000
    assert limit["limit_usd"] is None


def test_a_null_limit_is_no_limit():
    assert limit_of(real("overview_paid")) is None


def test_a_limit_of_zero_is_a_limit():
    answer = overview({"type": "session_replay"}, custom_limits_usd={"session_replay": 0})

    assert limit_of(answer)["limit_usd"] == 0


@pytest.mark.parametrize("name", ["session_replay", "recordings", "recording_count_in_period"])
def test_a_limit_may_be_named_by_product_or_by_either_usage_key(name):
    answer = overview({"type": "session_replay"}, custom_limits_usd={name: 40})

    assert limit_of(answer)["limit_usd"] == 40


@pytest.mark.parametrize(("never_drop", "cut"), [(None, True), (False, True), (True, False)])
def test_an_exceeded_limit_cuts_data_unless_the_vendor_never_drops(never_drop, cut):
    product = {"type": "session_replay", "has_exceeded_limit": True, "usage_limit": 5}
    answer = overview(product, never_drop_data=never_drop)

    assert limit_of(answer)["data_was_cut"] == cut


def test_own_tiers_come_from_the_product_and_never_from_its_plans():
    own = [{"up_to": None, "unit_amount_usd": "0.004", "current_usage": 3}]
    plans = [{"current_plan": True, "plan_key": "p1", "tiers": [{"unit_amount_usd": "0.005"}]}]
    with_own = overview({"type": "session_replay", "tiers": own, "plans": plans})
    without = overview({"type": "session_replay", "tiers": None, "plans": plans})

    own_row = tables(with_own)["subscriptions"].iloc[0]
    assert json.loads(own_row["tiers"]) == [
        {"up_to": None, "unit_amount_usd": "0.004", "flat_amount_usd": "0"}
    ]
    assert own_row["plan"] == "p1"
    assert tables(without)["subscriptions"]["tiers"].isna().all()


ADDON = {"type": "group_analytics", "current_amount_usd": "10", "projected_amount_usd": "25"}


@pytest.mark.parametrize(
    ("own", "total", "expected"),
    [
        ("60", "70", Decimal(60)),  # the add-on stands beside the product
        ("70", "70", Decimal(60)),  # the product's amount counts its add-on again
    ],
)
def test_add_ons_are_never_counted_twice(own, total, expected):
    product = {"type": "product_analytics", "current_amount_usd": own, "addons": [ADDON]}
    answer = overview(product, current_total_amount_usd=total)

    assert amounts(answer)["product_analytics"] == expected


def test_the_amount_before_add_ons_wins_when_it_is_given():
    product = {
        "type": "product_analytics",
        "current_amount_usd": "70",
        "current_amount_usd_before_addons": "58.50",
        "projected_amount_usd": "180",
        "addons": [ADDON],
    }

    assert amounts(overview(product))["product_analytics"] == Decimal("58.50")
    assert amounts(overview(product), "projected_amount_usd")["product_analytics"] == 155


def test_a_package_has_a_flat_amount_and_no_counter():
    boost = {"type": "boost", "unit_amount_usd": "250.00", "subscribed": True}
    answer = overview({"type": "platform_and_support", "addons": [boost]})

    row = tables(answer)["subscriptions"].set_index("product").loc["boost"]
    assert row["flat_amount_usd"] == Decimal("250.00")
    assert row.isna()["usage_type"]


def test_an_included_add_on_follows_its_product():
    addon = {"type": "enhanced_persons", "inclusion_only": True, "subscribed": None}
    answer = overview({"type": "product_analytics", "subscribed": True, "addons": [addon]})

    subscriptions = tables(answer)["subscriptions"].set_index("product")
    assert subscriptions.loc["enhanced_persons", "subscribed"]


def test_the_free_allowance_of_logs_is_in_megabytes_like_its_counter():
    answer = overview({"type": "logs", "unit": "GB", "free_allocation": 10})

    assert tables(answer)["subscriptions"]["free_allowance"][0] == 10_000


def test_a_product_may_be_named_by_key():
    assert tables(overview({"key": "surveys"}))["subscriptions"]["product"][0] == "surveys"


@pytest.mark.parametrize("bad", ["abc", "NaN", True, [1]])
def test_an_amount_that_is_no_number_is_refused_by_name(bad):
    answer = overview({"type": "surveys", "current_amount_usd": bad})

    with pytest.raises(SourceError, match="current_amount_usd of surveys"):
        tables(answer)


def test_what_is_no_overview_is_refused():
    with pytest.raises(SourceError, match="no list `products`"):
        tables({"results": []})


def test_the_real_series_gives_one_row_a_day():
    rows = series_rows(real("usage_series"), organization_id="o")

    assert [(r["project_id"], r["day"], r["quantity"]) for r in rows] == [
        ("1659", "2026-04-15", 11_667),
        ("1659", "2026-04-16", 0),
    ]
    assert {r["usage_type"] for r in rows} == {"enhanced_persons_event_count_in_period"}


def point(value, breakdown=("event_count_in_period", "1"), kind="multiple"):
    item = {"dates": ["2026-04-15"], "data": [value], "breakdown_type": kind}
    return {"results": [{**item, "breakdown_value": breakdown}]}


def test_a_series_by_type_alone_is_the_whole_organization():
    (row,) = series_rows(point(5.0, "recordings", "type"), organization_id="o")

    assert (row["project_id"], row["usage_type"]) == ("", "recording_count_in_period")


@pytest.mark.parametrize("bad", [1.5, -1, None, "many", float("nan"), float("inf")])
def test_a_quantity_that_is_not_whole_is_refused(bad):
    with pytest.raises(SourceError, match="event_count_in_period on 2026-04-15"):
        series_rows(point(bad), organization_id="o")


def test_a_series_by_project_alone_is_refused():
    with pytest.raises(SourceError, match="not broken down by type"):
        series_rows(point(1.0, "1659", "team"), organization_id="o")


def test_dates_without_values_are_refused():
    answer = point(1.0)
    answer["results"][0]["dates"].append("2026-04-16")

    with pytest.raises(SourceError, match="2 dates and 1 values"):
        series_rows(answer, organization_id="o")


def test_spend_keeps_the_cents_the_vendor_wrote():
    spent = spend_by_day(point(0.1, "event_count_in_period", "type"))

    assert spent == [("product_analytics", "2026-04-15", Decimal("0.1"))]


def test_names_lead_to_their_product_and_back():
    for meter in METERS:
        for name in (meter.product, meter.usage_type, *meter.usage_keys):
            if name:
                assert product_of(name) == meter.product
                assert usage_type_of(name) == meter.usage_type
