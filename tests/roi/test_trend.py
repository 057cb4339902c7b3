"""The trend of the bill: which months, unit costs, and growth told from units per person."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from audit.roi import roi
from audit.roi.trend import SUM

AS_OF = date(2026, 11, 1)
COUNTERS = {
    "product_analytics": "event_count_in_period",
    "session_replay": "recording_count_in_period",
    "feature_flags": "billable_feature_flag_requests_count_in_period",
}


def months(without=(), as_of=AS_OF, **quantities):
    """Daily usage whose 30-day months back from the audit's day add up to these, oldest first."""
    rows = []
    for product, totals in quantities.items():
        for back, total in enumerate(reversed(totals)):
            for day in range(30):
                number = back * 30 + day + 1
                if number not in without:
                    rows.append(
                        {
                            "organization_id": "acme",
                            "project_id": "1",
                            "day": (as_of - timedelta(days=number)).isoformat(),
                            "usage_type": COUNTERS[product],
                            "quantity": total // 30 + (total % 30 if day == 0 else 0),
                        }
                    )
    return rows


def billed(product, start, end, quantity, amount, complete=True):
    return {
        "organization_id": "acme",
        "product": product,
        "period_start": start,
        "period_end": end,
        "quantity": quantity,
        "amount_usd": amount,
        "is_complete": complete,
    }


@pytest.fixture
def trend(build):
    def of(own=None, **tables):
        return roi(build.examined(**tables), own).trend

    return of


def line(found, product):
    return next(one for one in found.lines if one.product == product)


def test_three_meters_that_move_together_are_growth_and_one_that_runs_away_is_not(trend):
    # Recordings and events grow by a half, requests fourfold: growth is 1.5.
    found = trend(
        usage_daily=months(
            product_analytics=(2_000_000, 2_500_000, 3_000_000),
            session_replay=(10_000, 12_000, 15_000),
            feature_flags=(1_500_000, 3_000_000, 6_000_000),
        )
    )

    flags, events = line(found, "feature_flags"), line(found, "product_analytics")
    assert (found.growth_from, found.basis) == ("meters", "estimate")
    assert [month.growth for month in found.months] == [1, Decimal("1.2500"), Decimal("1.5")]
    # Requests: 1,000,000 free, to 2,000,000 at .0001, to 10,000,000 at .000045.
    # 1.5M: 50.00; 2.25M: 111.25; 6M: 280.00.
    assert flags.costs == (50, 145, 280)
    assert (flags.parts.growth, flags.parts.intensity) == (Decimal("61.25"), Decimal("168.75"))
    assert (events.parts.intensity, events.parts.price, events.parts.switched) == (0, 0, 0)
    # Without a change but growth the last month had cost the first month and all growth.
    assert found.months[-1].growth_only == found.months[0].cost + found.parts.growth
    assert found.parts.total == found.change == found.months[-1].cost - found.months[0].cost


def test_the_last_month_is_the_bill_of_the_audit(build):
    audited = build.examined(
        usage_daily=months(product_analytics=(2_000_000, 2_500_000, 3_000_000))
    )

    assert roi(audited).trend.months[-1].cost == audited.bill.total


def test_the_readers_people_win_over_the_meters(trend):
    # People grow by a tenth: 2,000,000 events would be 2,200,000, and are 3,000,000.
    # .00005 from 1M to 2M, .0000343 beyond: 50.00, 56.86, 84.30.
    found = trend(
        {"people": {"2026-08": 1_000, "2026-10": 1_100}},
        usage_daily=months(product_analytics=(2_000_000, 2_500_000, 3_000_000)),
    )

    events = line(found, "product_analytics")
    assert found.growth_from == "people"
    assert events.costs == (50, Decimal("67.15"), Decimal("84.30"))
    assert (events.parts.growth, events.parts.intensity) == (Decimal("6.86"), Decimal("27.44"))
    assert [month.growth for month in found.months] == [1, None, Decimal("1.1")]
    assert found.months[1].growth_only is None


def test_with_one_meter_growth_and_units_per_person_stand_together(trend):
    found = trend(usage_daily=months(product_analytics=(2_000_000, 2_500_000, 3_000_000)))

    assert (found.growth_from, found.parts.growth, found.parts.units) == (
        "",
        None,
        Decimal("34.30"),
    )
    assert "people.2026-07" in found.growth_words


def test_unit_costs_are_averages_of_all_units_by_month(trend):
    found = trend(usage_daily=months(product_analytics=(2_000_000, 2_500_000, 4_000_000)))

    # 50.00, 67.15 and 118.60 over 2,000, 2,500 and 4,000 thousand events.
    events = line(found, "product_analytics")
    assert events.unit_costs == (Decimal("0.025"), Decimal("0.02686"), Decimal("0.02965"))
    assert events.unit_cost_change_percent == Decimal("18.6")


@pytest.mark.parametrize(
    ("totals", "without", "known"),
    [
        ((), (), "none is known"),
        ((1_000,), (), "1 is known"),
        ((1_000, 1_000), (), "2 are known"),
        ((1_000, 1_000, 1_000), (75,), "2 are known"),  # a day of the oldest month is missing
        ((1_000, 1_000, 1_000), (1,), "none is known"),  # yesterday is
    ],
)
def test_too_short_a_history_says_so_and_what_to_do(trend, totals, without, known):
    found = trend(usage_daily=months(without, product_analytics=totals))

    assert (found.months, found.parts, found.change) == ((), None, None)
    assert known in found.reason
    assert "--history-days 180" in found.reason


def test_a_gap_longer_ago_ends_the_trend_there(trend):
    found = trend(
        usage_daily=months((100,), product_analytics=(9, 1_000_000, 2_000_000, 3_000_000))
    )

    assert [month.start.isoformat() for month in found.months] == [
        "2026-08-03",
        "2026-09-02",
        "2026-10-02",
    ]


def test_at_most_so_many_months_as_the_reader_wants(trend):
    usage = months(product_analytics=tuple(range(2_000_000, 2_008_000, 1_000)))

    assert len(trend(usage_daily=usage).months) == 6
    assert len(trend({"most_months": 8}, usage_daily=usage).months) == 8


def test_billed_amounts_are_actual_and_what_prices_do_not_explain_is_price_and_terms(trend):
    # 2,000,000 events are 50.00, 3,000,000 are 84.30 on the list; billed were 40.00 and 80.00.
    periods = [
        ("2026-07-10", "2026-08-10"),
        ("2026-08-10", "2026-09-10"),
        ("2026-09-10", "2026-10-10"),
    ]
    lines = [
        billed("product_analytics", start, end, quantity, amount)
        for (start, end), quantity, amount in zip(
            periods, (2_000_000, 2_500_000, 3_000_000), ("40.00", "60.00", "80.00"), strict=True
        )
    ]
    running = billed("product_analytics", "2026-10-10", "2026-11-10", 5, "1.00", complete=False)

    found = trend(bill_lines=[*lines, running])

    assert found.basis == "actual"
    assert [month.cost for month in found.months] == [40, 60, 80]
    assert (found.parts.units, found.parts.price) == (Decimal("34.30"), Decimal("5.70"))
    assert found.parts.total == 40


def test_one_amount_that_is_not_known_makes_estimates_of_all(trend):
    periods = [
        ("2026-07-10", "2026-08-10"),
        ("2026-08-10", "2026-09-10"),
        ("2026-09-10", "2026-10-10"),
    ]
    lines = [
        billed("product_analytics", start, end, 2_000_000, amount)
        for (start, end), amount in zip(periods, ("40.00", None, "40.00"), strict=True)
    ]

    found = trend(bill_lines=lines)

    assert (found.basis, [month.cost for month in found.months]) == ("estimate", [50, 50, 50])


def test_a_missing_period_ends_the_billed_trend(trend):
    periods = [
        ("2026-06-10", "2026-07-10"),
        ("2026-08-10", "2026-09-10"),
        ("2026-09-10", "2026-10-10"),
    ]
    lines = [billed("product_analytics", *period, 2_000_000, "40.00") for period in periods]

    assert "2 are known" in trend(bill_lines=lines).reason


def test_a_product_that_started_is_no_growth(trend):
    found = trend(
        usage_daily=months(
            product_analytics=(2_000_000, 2_000_000, 2_000_000), session_replay=(0, 0, 15_000)
        )
    )

    # 10,000 recordings beyond the free 5,000 at .005.
    assert (found.parts.switched, found.parts.units) == (50, 0)


def recorded(as_of, **others):
    """Three months of recordings, whose price is not known from 2024-04-02 to 2024-07-31."""
    return {
        "organizations": [{"organization_id": "acme", "name": "Acme", "as_of": as_of.isoformat()}],
        "usage_daily": months(as_of=as_of, session_replay=(9_000, 9_000, 9_000), **others),
    }


def test_a_month_counts_at_the_prices_of_its_end_as_the_audits_own_does(trend):
    # The oldest of the three ends on 4 August, and began in the gap. 4,000 x .005 = 20.00.
    found = trend(**recorded(date(2024, 10, 3)))

    assert [month.cost for month in found.months] == [20, 20, 20]


def test_a_product_without_a_price_in_one_of_the_months_is_left_out_and_named(trend):
    flags = {"feature_flags": (2_000_000, 2_000_000, 2_000_000)}

    found = trend(**recorded(date(2024, 9, 29), **flags))  # the oldest ends on 31 July
    alone = trend(**recorded(date(2024, 9, 29)))

    assert [one.product for one in found.lines] == ["feature_flags"]
    assert found.left_out == ("session_replay",)
    assert alone.reason == "No price is known for all of these months of session_replay."


def test_months_without_any_use_are_no_trend(trend):
    found = trend(usage_daily=months(product_analytics=(0, 0, 0)))

    assert found.reason == "Nothing was used in the months that are known."


def test_the_sum_is_said_in_words():
    assert SUM.startswith("change = growth + units per person")
