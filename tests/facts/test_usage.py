"""The usage that drives the bill: where totals come from, and rows scaled to them."""

import pytest

EVENTS = "event_count_in_period"


def daily(quantity, *, day="2026-10-02", project="1", usage_type=EVENTS):
    return {"project_id": project, "day": day, "usage_type": usage_type, "quantity": quantity}


def line(quantity, **more):
    period = {"period_start": "2026-10-20", "period_end": "2026-11-20"}
    return {**period, "product": "product_analytics", "quantity": quantity, **more}


def total(usage, meter="product_analytics"):
    (one,) = usage.totals[usage.totals["meter"].astype("str") == meter].itertuples()
    return one.quantity, one.origin


def test_the_first_day_of_the_window_counts_and_the_day_of_the_audit_does_not(usage_of):
    days = ("2026-10-01", "2026-10-02", "2026-10-31", "2026-11-01")

    usage = usage_of(usage_daily=[daily(10**n, day=day) for n, day in enumerate(days)])

    assert total(usage) == (110, "usage_daily")


def test_billed_totals_win_over_what_queries_observed(usage_of, row):
    usage = usage_of(
        usage_daily=[daily(900)],
        usage_rows=[row("product_analytics", "a", 100), row("product_analytics", "b", 200)],
    )

    assert total(usage) == (900, "usage_daily")
    assert dict(zip(usage.rows["event"], usage.rows["quantity"], strict=True)) == {
        "a": 300,
        "b": 600,
    }


def test_without_days_the_vendors_forecast_of_the_period_is_the_month(usage_of):
    usage = usage_of(
        organization={"period_start": "2026-10-20"},
        bill_lines=[line(40, projected_quantity=100)],
        lookback_days=10,
    )

    assert total(usage) == (100, "bill_lines")


def test_without_days_and_bill_what_queries_observed_counts(usage_of, row):
    usage = usage_of(usage_rows=[row("product_analytics", "a", 70)])

    assert total(usage) == (70, "usage_rows")


def test_a_finished_period_is_no_forecast(usage_of):
    usage = usage_of(
        organization={"period_start": "2026-10-20"}, bill_lines=[line(40, is_complete=True)]
    )

    assert usage.totals.empty


@pytest.mark.parametrize(
    ("days", "quantity", "month"),
    [(30, 100, 100), (10, 100, 300), (7, 1, 4), (60, 1, 1), (61, 1, 0)],
)
def test_a_window_of_another_length_is_scaled_to_30_days_half_up(usage_of, days, quantity, month):
    # 1 x 30 / 7 = 4.29; 1 x 30 / 60 = 0.5 rounds up; 1 x 30 / 61 = 0.49 does not.
    usage = usage_of(usage_daily=[daily(quantity, day="2026-10-31")], lookback_days=days)

    assert total(usage)[0] == month


def test_usage_without_a_breakdown_is_one_row_per_project(usage_of):
    usage = usage_of(usage_daily=[daily(30), daily(70, project="2")])

    assert usage.rows[["project_id", "event", "quantity"]].astype("str").to_numpy().tolist() == [
        ["1", "", "30.0"],
        ["2", "", "70.0"],
    ]


def test_counters_that_bill_nothing_are_no_meter(usage_of):
    usage = usage_of(usage_daily=[daily(5, usage_type="decide_requests_count_in_period")])

    assert usage.totals.empty


def test_as_of_moves_the_window(usage_of):
    usage = usage_of(usage_daily=[daily(5), daily(7, day="2026-09-01")], as_of="2026-10-01")

    assert total(usage)[0] == 7
