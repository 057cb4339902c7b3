"""Totals of a running period: sums by hand, laws, and a clear answer to any history."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import InputError
from audit.forecast import period_totals
from audit.forecast.totals import COLUMNS, _mean_factor

START, END, AS_OF = date(2026, 11, 1), date(2026, 12, 1), date(2026, 11, 11)
NUMBERS = ["so_far", "mean", "p10", "p50", "p90", "p025", "p975", "if_it_passes", "if_it_stays"]


def rows(values, series="events", last=AS_OF - timedelta(days=1)):
    days = pd.date_range(end=last, periods=len(values))
    return pd.DataFrame({"series": series, "day": days, "quantity": values}).dropna()


def totals(history, start=START, end=END, as_of=AS_OF, **given):
    return period_totals(history, start, end, as_of, **given)


def only(history, **given):
    (found,) = totals(history, **given).to_dict("records")
    return found


def noisy(days=180, level=1000, seed=10):
    return np.round(level * np.exp(np.random.default_rng(seed).normal(0, 0.1, days)))


def test_a_flat_series_goes_on_to_the_end_of_the_period():
    found = only(rows([10] * 100))

    # Ten days are counted, 20 of the 30 are to come.
    assert found["so_far"] == 100
    assert found["p50"] == pytest.approx(300)
    assert found["p10"] < 300 < found["p90"] < 320
    assert found["interval_is_valid"]
    assert (found["method"], found["note"]) == ("levels", "")


def test_each_remaining_day_counts_by_its_weekday():
    # Weekdays 14, weekends none; 12 weeks that agree count 48 / 49 of their difference.
    week = [14, 14, 14, 14, 14, 0, 0]  # 26 October 2026 is a Monday
    found = only(rows((week * 20)[:-4], last=date(2026, 11, 12)), as_of=date(2026, 11, 13))

    # 13 to 30 November: 12 weekdays and 6 days of weekends, at 10 units a day on average.
    expected = 10 * (12 * (1 + 0.4 * 48 / 49) + 6 * (1 - 48 / 49))
    assert found["p50"] - found["so_far"] == pytest.approx(expected, rel=0.05)


def test_the_columns_are_as_promised():
    assert tuple(totals(rows([10] * 100)).columns) == COLUMNS


def test_the_mean_is_that_of_the_whole_distribution():
    scale = np.array([0.05, 0.3])

    from audit.forecast.intervals import shock

    draws = np.random.default_rng(0).random(400_000)
    drawn = np.exp(scale[:, None] * shock(draws, 10)[None]).mean(axis=1)
    assert _mean_factor(scale, 10) == pytest.approx(drawn, rel=0.005)


def test_a_jump_of_the_last_days_has_two_totals_and_no_valid_range():
    values = noisy()
    values[-3:] *= 3

    found = only(rows(values))

    assert found["p50"] == found["if_it_passes"]
    assert found["if_it_stays"] == pytest.approx(found["so_far"] + 20 * 3000, rel=0.06)
    assert found["if_it_passes"] < 0.75 * found["if_it_stays"]
    assert not found["interval_is_valid"]
    assert "if it passes and if it stays" in found["note"]


def test_a_known_change_has_one_total():
    values = noisy()
    values[-3:] *= 3

    found = only(rows(values), changed_on="2026-11-08")

    assert found["if_it_stays"] == found["if_it_passes"]
    assert found["p50"] == pytest.approx(found["so_far"] + 20 * 3000, rel=0.1)


def test_a_period_that_ended_is_its_sum():
    values = noisy(60)
    found = only(rows(values, last=date(2026, 12, 4)), as_of=date(2026, 12, 5))

    # 1 to 30 November are the days before the last four.
    expected = values[-34:-4].sum()
    assert [found[name] for name in NUMBERS] == [expected] * len(NUMBERS)
    assert (found["method"], found["interval_is_valid"]) == ("exact", True)


def test_a_period_that_ended_with_unknown_days_says_how_many():
    values = noisy(60)
    values[-20:-18] = np.nan
    found = only(rows(values, last=date(2026, 12, 4)), as_of=date(2026, 12, 5))

    assert found["so_far"] == np.nansum(values[-34:-4])
    assert (found["method"], found["interval_is_valid"]) == ("incomplete", False)
    assert "2 days of it are unknown" in found["note"]


def test_a_period_that_has_not_begun_is_forecast_as_a_whole():
    found = only(rows([10] * 100, last=date(2026, 10, 24)), as_of=date(2026, 10, 25))

    assert found["so_far"] == 0
    assert found["p50"] == pytest.approx(300)
    assert found["p10"] < 300 < found["p90"]


def test_a_period_that_has_not_begun_has_its_own_weekdays():
    week = [14, 14, 14, 14, 14, 0, 0]  # the last row is Sunday, 25 October 2026
    weekend = {"start": date(2026, 10, 31), "end": date(2026, 11, 2), "as_of": date(2026, 10, 26)}

    assert only(rows(week * 20, last=date(2026, 10, 25)), **weekend)["p50"] < 1


def test_an_unknown_day_of_the_period_counts_as_expected():
    values = noisy() * 0 + 10
    values[-5] = np.nan

    found = only(rows(values))

    assert found["so_far"] == 90
    assert found["p50"] == pytest.approx(300)
    assert found["note"] == "1 day unknown, 1 in the period, counted as expected."


def test_days_before_a_series_began_are_no_unknown_days():
    found = only(rows([10] * 5))

    assert found["so_far"] == 50
    assert found["p50"] == pytest.approx(250, rel=0.01)


def test_data_that_stopped_has_no_valid_range():
    found = only(rows([10.0] * 100, last=date(2026, 10, 30)))

    assert not found["interval_is_valid"]
    assert "11 days unknown, 10 in the period" in found["note"]


def test_no_usage_at_all_is_expected_to_stay_so():
    found = only(rows([0] * 100))

    assert [found[name] for name in NUMBERS] == [0] * len(NUMBERS)
    assert (found["method"], found["interval_is_valid"]) == ("no_usage", False)
    assert "0 is expected" in found["note"]


@pytest.mark.parametrize(
    ("days", "method"), [(1, "insufficient"), (6, "insufficient"), (7, "pooled"), (13, "pooled")]
)
def test_a_young_series_says_that_it_leans_on_others(days, method):
    old = [rows(noisy(seed=seed), f"old {seed}") for seed in range(5)]
    table = totals(pd.concat([rows(noisy(days, seed=9), "young"), *old])).set_index("series")

    found = table.loc["young"]
    assert found["method"] == method
    assert "lean on the other series" in found["note"]
    assert not found["interval_is_valid"]
    width = (table["p90"] - table["p10"]) / (table["p50"] - table["so_far"])
    assert width["young"] > 1.3 * width.drop("young").max()


def test_a_young_series_alone_has_nobody_to_lean_on():
    assert "no older series to lean on" in only(rows([5, 6, 5]))["note"]


def test_a_young_series_takes_the_weekdays_of_the_others():
    week = np.array([14.0, 14, 14, 14, 14, 0, 0])  # the last row is a Tuesday
    old = np.tile(week, 26)[:-5]
    table = totals(pd.concat([rows(old, "old"), rows(old[-2:], "young")])).set_index("series")

    # Two Mondays' worth of 14 in an ordinary week is 10 a day, not 14.
    rest = table["p50"] - table["so_far"]
    assert rest["young"] == pytest.approx(rest["old"], rel=0.03)


def test_old_series_do_not_depend_on_their_company():
    alone = only(rows(noisy(), "a"))
    company = [rows(noisy(days, seed=days), f"b{days}") for days in (3, 10, 40, 180)]

    together = totals(pd.concat([rows(noisy(), "a"), *company])).to_dict("records")[0]

    assert together == pytest.approx(alone)


def test_the_order_of_rows_does_not_matter():
    history = pd.concat([rows(noisy(seed=seed), f"s{seed}") for seed in range(4)])

    shuffled = history.sample(frac=1, random_state=1)

    pd.testing.assert_frame_equal(totals(shuffled), totals(history))


def test_rows_from_as_of_on_are_ignored():
    later = rows([1e9] * 5, last=date(2026, 11, 15))

    pd.testing.assert_frame_equal(totals(pd.concat([rows(noisy()), later])), totals(rows(noisy())))


def test_ten_times_the_usage_is_ten_times_the_totals():
    values = noisy()
    values[-4:] *= 2

    one, ten = totals(rows(values))[NUMBERS], totals(rows(values * 10))[NUMBERS]

    np.testing.assert_allclose(ten, one * 10, rtol=1e-9)


def test_no_rows_are_no_totals():
    found = totals(rows([]))

    assert len(found) == 0
    assert tuple(found.columns) == COLUMNS
    assert len(totals(pd.DataFrame())) == 0


def test_a_series_of_which_nothing_is_known_yet_says_so():
    found = only(rows([5, 5], last=date(2026, 11, 20)))

    assert found["method"] == "none"
    assert found["p975"] == 0
    assert not found["interval_is_valid"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"end": START}, "A period has 1 to 366 days, got 0"),
        ({"end": date(2026, 10, 1)}, "got -31"),
        ({"end": date(2028, 1, 1)}, "got 426"),
        ({"start": "November"}, "period_start is a day like 2026-11-01, got 'November'"),
        ({"as_of": None}, "as_of is a day"),
        ({"changed_on": date(2026, 11, 11)}, "nothing of the new kind has been seen yet"),
    ],
)
def test_an_impossible_question_is_refused(given, words):
    with pytest.raises(InputError, match=words):
        totals(rows([10] * 50), **given)


DAY = st.one_of(st.just(0.0), st.just(np.nan), st.integers(0, 9).map(float), st.floats(0, 1e17))


@pytest.mark.slow
@settings(deadline=None)
@given(
    st.lists(st.lists(DAY, min_size=1, max_size=80), min_size=1, max_size=3),
    st.integers(-40, 40),
    st.integers(1, 366),
)
def test_whatever_was_used_the_answer_is_numbers_in_order(series, begun_days, length):
    history = pd.concat(
        [
            pd.DataFrame(
                {
                    "series": f"s{place}",
                    "day": pd.date_range(end="2026-11-10", periods=len(values)),
                    "quantity": values,
                }
            )
            for place, values in enumerate(series)
        ]
    )
    start = AS_OF - timedelta(days=begun_days)

    found = totals(history, start=start, end=start + timedelta(days=length))

    assert len(found) == len(series)
    assert np.isfinite(found[NUMBERS].to_numpy(dtype=float)).all()
    ordered = found[["so_far", "p025", "p10", "p50", "p90", "p975"]].to_numpy(dtype=float)
    assert (np.diff(ordered, axis=1) >= 0).all()
    assert (found["mean"] >= found["so_far"]).all()
    assert (found["if_it_stays"] >= found["so_far"]).all()
