"""The forecast judged on past periods, and replaced where a simple one is clearly better."""

import itertools
import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import InputError
from audit.forecast.backtest import (
    LEAST_DAYS_BEFORE,
    METHODS,
    MOST_PERIODS,
    OURS,
    STEP_DAYS,
    Backtest,
    backtest,
    score,
)
from audit.forecast.choice import Choice, choices
from audit.forecast.totals import period_totals

LAST_DAY = date(2026, 3, 31)
SIMPLE = [name for name in METHODS if name != OURS]


def past(*series, **options):
    return backtest(np.array(series, dtype=float), last_day=LAST_DAY, **options)


def chosen(values, **of):
    return choices(backtest(values, **of))


def noisy(days, *, seed=7, level=1_000.0, noise=0.1):
    draw = np.random.default_rng(seed)
    week = np.array([1.2, 1.1, 1.0, 1.1, 1.0, 0.8, 0.8])
    return level * np.resize(week, days) * np.exp(noise * draw.standard_normal(days))


def test_one_period_can_be_judged_when_four_weeks_before_it_are_known():
    found = past([5.0] * (30 + LEAST_DAYS_BEFORE))

    assert found.first_days == (date(2026, 3, 2),)
    assert found.actual.tolist() == [[150.0]]
    assert found.elapsed_days == (4, 10, 15, 20, 26)
    assert found.reason == ""


def test_a_shorter_history_is_said_and_not_shown():
    found = past([5.0] * 57)

    assert found.first_days == ()
    assert found.reason == (
        "57 days of usage are known; a past period of 30 days can be judged from 58 days on."
    )
    assert score(found).error_percent is None
    assert chosen([[5.0] * 57], last_day=LAST_DAY)[0].words == found.reason


def test_periods_lie_two_weeks_apart_and_go_back_about_half_a_year():
    found = past(noisy(600))

    apart = {later - earlier for earlier, later in zip(found.first_days, found.first_days[1:],
                                                       strict=False)}  # fmt: skip
    assert apart == {timedelta(days=STEP_DAYS)}
    assert len(found.first_days) == MOST_PERIODS
    assert found.first_days[-1] == date(2026, 3, 2)


def test_constant_use_is_forecast_without_error_by_everyone():
    found = past([40.0] * 120)

    for name in METHODS:
        assert score(found, name).error_percent == pytest.approx(0, abs=1e-9)
    assert score(found).covered_80_percent == 100
    assert score(found).covered_95_percent == 100


def test_a_period_with_an_unknown_day_is_not_judged():
    days = noisy(120)
    days[-3] = math.nan

    found = past(days, noisy(120, seed=8))

    # Three of the five periods hold the day: those that start 2, 16 and 30 days before the end.
    assert np.isnan(found.actual[:, 0]).tolist() == [False, False, False, False, True]
    assert not np.isnan(found.actual[:, 1]).any()
    assert found.periods_judged.tolist() == [4, 5]


def test_days_before_the_first_use_is_known_are_no_history():
    young = np.concatenate([np.full(60, math.nan), noisy(60)])

    found = past(young, noisy(120))

    assert found.periods_judged.tolist() == [1, 5]


def test_no_use_at_all_has_no_error_in_percent_and_is_left_out_of_the_pool():
    quiet = [0.0] * 120

    found = past(quiet, [40.0] * 120)

    assert score(found, series=0).error_percent is None
    assert score(found, series=0).periods == 5
    assert score(found).error_percent == pytest.approx(0, abs=1e-9)
    assert chosen([quiet], last_day=LAST_DAY)[0].words == (
        "No usage in 5 past periods: there is nothing to judge."
    )


def test_the_run_rate_of_a_first_half_is_off_by_what_the_second_adds():
    # 28 days: 14 days of 10 a day, then 14 of 30: 560 in all. After 14 days the run rate says
    # 280: off by 280 of 560. Periods start 14 days apart: every other one is 30 first: 840.
    days = ([10.0] * 14 + [30.0] * 14) * 4

    found = past(days, period_days=28, shares=[0.5])
    measured = score(found, "run_rate")

    assert found.actual[:, 0].tolist() == [560.0] * 5
    assert measured.error_percent == pytest.approx(50)
    assert measured.median_error_percent == pytest.approx(50)
    # Three of five say 280, two say 840.
    assert measured.bias_percent == pytest.approx(100 * (3 * -280 + 2 * 280) / 5 / 560)


def test_series_count_alike_in_the_pool_whatever_their_unit():
    days = noisy(200)
    alone = score(past(days), "last_week")

    pooled = score(past(days, 1e6 * days), "last_week")

    assert pooled.error_percent == pytest.approx(alone.error_percent)
    assert pooled.bias_percent == pytest.approx(alone.bias_percent)


def test_what_came_later_is_not_looked_at():
    days = noisy(160)
    changed = days.copy()
    changed[-10:] = 50_000.0

    before, after = past(days), past(changed)

    # Of the newest period 20 days are the same: its first four moments lie within them.
    for name in METHODS:
        np.testing.assert_array_equal(before.totals[name][:4, -1], after.totals[name][:4, -1])
        assert not np.array_equal(before.totals[name][4, -1], after.totals[name][4, -1])
    assert before.actual[-1] != after.actual[-1]


def test_the_forecast_judged_is_the_forecast_given():
    days = noisy(160)
    first = LAST_DAY - timedelta(days=29)
    rows = pd.DataFrame({"day": pd.date_range(end=LAST_DAY, periods=160), "quantity": days})

    found = past(days)
    given_then = period_totals(
        rows.assign(series="a"), first, first + timedelta(days=30), first + timedelta(days=10)
    ).iloc[0]

    assert found.totals[OURS][1, -1, 0] == pytest.approx(given_then["p50"])
    assert found.low["80"][1, -1, 0] == pytest.approx(given_then["p10"])
    assert found.high["95"][1, -1, 0] == pytest.approx(given_then["p975"])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), days=st.integers(58, 150), period_days=st.integers(20, 31))
def test_scores_by_single_periods(seed, days, period_days):
    """Every figure again with loops over single periods and moments."""
    draw = np.random.default_rng(seed)
    series = draw.poisson(draw.uniform(0, 3, (3, 1)), (3, days)).astype(float)
    series[draw.random(series.shape) < 0.01] = math.nan
    found = past(*series, period_days=period_days)
    if found.reason:
        return

    everywhen = [None, *found.elapsed_days]
    for name, elapsed in itertools.product(METHODS, everywhen):
        relative, own, signed, inside = [], [], [], []
        for at, period, (moment, days_over) in itertools.product(
            range(found.series), range(len(found.first_days)), enumerate(found.elapsed_days)
        ):
            known = [t for t in found.actual[:, at] if not math.isnan(t)]
            total, said = found.actual[period, at], found.totals[name][moment, period, at]
            if not any(known) or math.isnan(total) or math.isnan(said):
                continue
            if elapsed not in (None, days_over):
                continue
            relative.append(abs(said - total) / np.mean(known))
            signed.append((said - total) / np.mean(known))
            if total > 0:
                own.append(abs(said - total) / total)
            low, high = (ends["80"][moment, period, at] for ends in (found.low, found.high))
            inside.append(low <= total <= high)
        measured = score(found, name, elapsed_days=elapsed)
        if not relative:
            assert measured.error_percent is None
            continue
        assert measured.error_percent == pytest.approx(100 * np.mean(relative))
        assert measured.bias_percent == pytest.approx(100 * np.mean(signed))
        assert measured.median_error_percent == pytest.approx(100 * np.median(own))
        if name == OURS:
            assert measured.covered_80_percent == pytest.approx(100 * np.mean(inside))


def sawtooth(days, *, length, noise=0.02, seed=3):
    """Starts each period at 100 a day and rises tenfold to its end."""
    draw = np.random.default_rng(seed)
    within = (np.arange(days) - days) % length / length
    return 100 * (1 + 9 * within) * np.exp(noise * draw.standard_normal(days))


def test_a_rhythm_of_the_billing_period_is_left_to_the_last_period():
    choice = chosen([sawtooth(200, length=28)], last_day=LAST_DAY, period_days=28)[0]

    assert choice.method == "last_period"
    assert choice.is_replaced
    assert choice.error_percent < choice.forecast_error_percent / 1.1
    assert choice.words.startswith("Replaced by the last period: on 11 past periods of this")


def test_on_three_periods_a_forecast_is_not_replaced():
    days = sawtooth(28 + 28 + 28, length=28)

    choice = chosen([days], last_day=LAST_DAY, period_days=28)[0]

    assert (choice.method, choice.periods) == (OURS, 3)
    assert choice.words.endswith("a forecast is not replaced on fewer than 4.")


def judged_on(ours, **others):
    """A backtest of one moment, its periods all of 100 units, with these errors in units."""
    totals = {name: [100.0 + error for error in others.get(name, [50.0] * len(ours))]
              for name in SIMPLE}  # fmt: skip
    totals[OURS] = [100.0 + error for error in ours]
    shape = (1, len(ours), 1)
    return Backtest(
        period_days=30,
        elapsed_days=(10,),
        first_days=tuple(LAST_DAY - timedelta(days=14 * back) for back in range(len(ours))),
        actual=np.full(shape[1:], 100.0),
        totals={name: np.array(said).reshape(shape) for name, said in totals.items()},
    )


def test_a_difference_counts_against_its_standard_error_with_every_second_period():
    # The forecast is off by 6.1 and 2.1 in turn, the run rate by 2: 4.1 and 0.1 apart, 2.1 on
    # average. Of 8 periods the deviation is 2.138 and the standard error that of 4: 1.069, 1.96
    # times; of 10 it is 2.108, that of 5: 0.943, 2.23 times.
    def method(periods):
        found = judged_on([6.1, 2.1] * (periods // 2), run_rate=[2.0] * periods)
        return choices(found)[0].method

    assert method(8) == OURS
    assert method(10) == "run_rate"


def test_half_as_much_again_is_not_yet_replaced():
    assert choices(judged_on([3.0] * 6, run_rate=[2.0] * 6))[0].method == OURS
    assert choices(judged_on([3.1] * 6, run_rate=[2.0] * 6))[0].method == "run_rate"


def test_the_best_simple_method_takes_over():
    found = judged_on([9.0] * 6, last_period=[3.0] * 6, seasonal_naive=[1.0] * 6)

    assert choices(found)[0] == Choice(
        "seasonal_naive",
        "Replaced by the same weekday of the last week: on 6 past periods of this account it was "
        "off by 1.0%, the forecast by 9.0%.",
        6,
        pytest.approx(1.0),
        pytest.approx(9.0),
    )


def test_a_loss_that_may_be_chance_is_said():
    words = choices(judged_on([3.0] * 6, run_rate=[2.0] * 6))[0].words

    assert words == (
        "Off by 3.0% over 6 past periods; the run rate, the best simple one, by 2.0%, which may "
        "be chance."
    )


def test_a_method_that_cannot_say_takes_over_nothing():
    silent_once = [1.0] * 5 + [math.nan]

    assert choices(judged_on([9.0] * 6, run_rate=silent_once))[0].method == OURS
    found = judged_on([9.0] * 6, run_rate=silent_once, last_week=[3.0] * 6)
    assert choices(found)[0].method == "last_week"


def test_a_period_without_use_counts_with_its_error_but_not_in_the_median():
    # 30 days of none after 90 of 10.
    found = past([10.0] * 90 + [0.0] * 30, shares=[0.1])
    measured = score(found, "last_week")

    assert found.actual[:, 0].tolist() == [300.0, 300.0, 280.0, 140.0, 0.0]
    # After 3 days 300 are foreseen of each of the first four; of the last, 27 days of the mean of
    # a week with 4 days of 10: 154.3. The mean total is 204.
    assert measured.error_percent == pytest.approx(100 * (20 + 160 + 27 * 40 / 7) / 5 / 204)
    # Against their own totals: 0, 0, 20 of 280 and 160 of 140.
    assert measured.median_error_percent == pytest.approx(100 * 20 / 280 / 2)


def test_noise_replaces_few_forecasts():
    """Of series that no method can know better than the others, nearly all keep the forecast."""
    draw = np.random.default_rng(1)
    series = draw.poisson(40, (60, 200)).astype(float)

    kept = [choice.method == OURS for choice in chosen(series, last_day=LAST_DAY)]

    assert np.mean(kept) >= 0.95


def test_every_series_has_its_own_choice():
    known = [noisy(200), sawtooth(200, length=28)]

    found = chosen(known, last_day=LAST_DAY, period_days=28)

    assert [choice.method for choice in found] == [OURS, "last_period"]


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([1.0, 2.0], {}, "values is a table"),
        ([[1.0] * 90], {"period_days": 6}, "period_days is at least 7"),
        ([[1.0] * 90], {"shares": [0.5, 1.0]}, "shares lie between 0 and 1"),
        ([[1.0] * 90], {"shares": []}, "shares lie between 0 and 1"),
        ([[1.0] * 89 + [-1.0]], {}, "negative"),
    ],
)
def test_bad_input_is_refused(values, options, message):
    with pytest.raises(InputError, match=message):
        backtest(values, last_day=LAST_DAY, **options)


@pytest.mark.parametrize(
    "values", [np.zeros((0, 90)), np.zeros((0, 0)), np.full((2, 90), math.nan)]
)
def test_nothing_known_is_said(values):
    found = backtest(values, last_day=LAST_DAY)

    assert found.reason == "No daily usage is known."
    assert [choice.method for choice in chosen(values, last_day=LAST_DAY)] == [OURS] * len(values)


@pytest.mark.parametrize("name", SIMPLE)
def test_simple_methods_have_no_range(name):
    assert score(past(noisy(120)), name).covered_80_percent is None
