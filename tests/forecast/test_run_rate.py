"""The run rate by weekday, against sums done by hand."""

from datetime import date

import pandas as pd

from audit.forecast import to_period_end


def daily(values, *, last="2026-10-31", meter="events"):
    days = pd.date_range(end=last, periods=len(values))
    return pd.DataFrame({"meter": meter, "day": days, "quantity": values})


def expected(frame, start=date(2026, 10, 18), end=date(2026, 11, 17), as_of=date(2026, 11, 1)):
    return to_period_end(frame, period_start=start, period_end=end, as_of=as_of)


def test_a_flat_series_goes_on():
    found = expected(daily([10] * 28))["events"]

    # 18 to 31 October are 14 days, 1 to 16 November another 16.
    assert (found.counted, found.expected) == (140, 300)


def test_each_remaining_day_takes_the_mean_of_its_weekday():
    # 4 October 2026 is a Sunday: four weeks of 0 on Sundays and 7 on other days.
    week = [0, 7, 7, 7, 7, 7, 7]
    found = expected(daily(week * 4))["events"]

    # 1 to 16 November hold three Sundays and 13 other days.
    assert found.expected - found.counted == 13 * 7


def test_days_from_as_of_on_are_not_known_yet():
    known = daily([10] * 28)
    later = daily([1_000_000] * 3, last="2026-11-03")

    assert expected(pd.concat([known, later])) == expected(known)


def test_a_meter_that_stopped_is_forecast_to_stay_low():
    frame = pd.concat([daily([10] * 28), daily([10] * 14, last="2026-10-17", meter="old")])

    # Half of its four weeks are zero, so half of 10 a day is expected.
    assert expected(frame)["old"].expected == 16 * 5


def test_nothing_known_is_nothing_forecast():
    assert expected(daily([], last="2026-10-31")) == {}


def test_a_history_of_one_day_is_its_own_rate():
    found = expected(daily([10]))["events"]

    assert (found.counted, found.expected) == (10, 10 + 160)
