"""Months after a clear step of the level: they go on from where the running period does."""

from datetime import date, timedelta

import numpy as np
import pytest

from audit.forecast.paths import simulate
from audit.forecast.steps import clear_steps

LAST_DAY = date(2026, 6, 15)
PERIOD = {"period_start": date(2026, 6, 1), "period_end": date(2026, 7, 1)}
JULY_DAYS = 31
EVEN = np.ones((1, 7))
RISE, FALL = (100.0, 300.0), (300.0, 100.0)


def stepped(levels, lasted, *, before=150, deviation=0.08, seed=0):
    rng = np.random.default_rng(seed)
    days = np.concatenate([np.full(before, levels[0]), np.full(lasted, levels[1])])
    return days * np.exp(deviation * rng.standard_normal(len(days)))


def found(values, **more):
    values = np.atleast_2d(values)
    return simulate(values, last_day=LAST_DAY, **PERIOD, draws=1000, seed=1, **more)


def july(values, chances, **more):
    """Units a day of the month after the running one."""
    return np.quantile(found(values, **more).month(1)[:, 0], chances) / JULY_DAYS


def lasted(values, last_day=LAST_DAY):
    return int(clear_steps(np.atleast_2d(values), EVEN, last_day).days[0])


@pytest.mark.parametrize("levels", [RISE, FALL])
@pytest.mark.parametrize("days", [14, 21, 31, 60, 90, 120])
def test_the_next_month_is_on_the_level_of_the_running_one_after_two_weeks(levels, days):
    values = stepped(levels, days)

    assert july(values, 0.5) == pytest.approx(found(values).level[0], rel=0.15)


@pytest.mark.parametrize("levels", [RISE, FALL])
def test_after_a_week_the_next_month_is_between_the_levels(levels):
    assert min(levels) * 1.3 < july(stepped(levels, 8), 0.5) < max(levels) / 1.2


@pytest.mark.parametrize("levels", [RISE, FALL])
@pytest.mark.parametrize("days", [7, 8, 10, 12, 14])
def test_the_range_holds_both_levels_while_the_step_is_young(levels, days):
    low, high = july(stepped(levels, days), [0.025, 0.975])

    assert low < min(levels)
    assert high > max(levels)


@pytest.mark.parametrize("levels", [RISE, FALL])
def test_the_older_the_step_the_narrower_the_range(levels):
    ranges = [np.diff(np.log(july(stepped(levels, n), [0.1, 0.9])))[0] for n in (8, 14, 28, 60)]

    assert ranges == sorted(ranges, reverse=True)


@pytest.mark.parametrize("levels", [RISE, FALL])
def test_a_day_more_never_moves_the_next_month_by_much_of_the_step(levels):
    ages = range(1, 200)
    history = stepped(levels, max(ages), deviation=0.03)
    quantiles = [july(history[: 150 + n], [0.1, 0.5, 0.9]) for n in ages]
    low, middle, high = np.log(quantiles).T

    assert np.abs(np.diff(middle)).max() < np.log(3) / 5
    assert np.abs(np.diff(high - low)).max() < np.log(3) / 2


def test_the_year_follows_a_step_too():
    paths = found(stepped(RISE, 31))

    assert np.median(paths.totals[:, 0, 1:].sum(axis=1)) / 365 == pytest.approx(300, rel=0.15)


def test_a_step_is_told_with_its_day_and_size():
    note = found(stepped(RISE, 31, deviation=0.01)).notes[0]

    assert "Since 2026-05-16 usage is about 3 times what it was" in note
    assert "the months go on from there" in note


def test_a_young_step_is_told_to_be_followed_in_part():
    assert "part of the way" in found(stepped(FALL, 8)).notes[0]


def test_a_steady_series_is_told_nothing():
    assert found(stepped((100.0, 100.0), 30)).notes == ("",)


def test_a_series_is_stepped_on_its_own():
    both = np.stack([stepped(RISE, 31), stepped((100.0, 100.0), 31, seed=1)])
    paths = found(both)

    assert np.median(paths.month(1), axis=0) / JULY_DAYS == pytest.approx([300, 100], rel=0.1)
    assert paths.notes[1] == ""


@pytest.mark.parametrize("days", [7, 20, 60, 120])
def test_the_day_of_a_step_is_found(days):
    assert lasted(stepped(RISE, days)) == days


@pytest.mark.parametrize("daily", [-0.02, -0.005, 0.005, 0.02])
def test_a_trend_is_no_step(daily):
    trend = 1000 * np.exp(daily * np.arange(250))
    noise = np.exp(0.05 * np.random.default_rng(2).standard_normal(250))

    assert lasted(trend) == 0
    assert lasted(trend * noise) == 0


def test_the_end_of_an_excursion_is_no_step():
    values = stepped((100.0, 100.0), 20)
    values[-40:-12] *= 3

    assert lasted(values) == 0


def test_passing_attention_that_fades_is_no_step():
    values = stepped((100.0, 100.0), 20)
    values[-20:] *= np.geomspace(4.5, 1.9, 20)

    assert lasted(values) == 0


def test_a_spike_of_a_few_days_is_no_step():
    values = stepped((100.0, 100.0), 20)
    values[-9:-4] *= 3

    assert lasted(values) == 0


def test_a_small_step_is_none():
    assert lasted(stepped((100.0, 120.0), 30)) == 0


def test_what_moved_so_a_year_before_is_a_season():
    values = stepped((100.0, 100.0), 650)
    values[-20:] *= 0.5
    values[-384:-340] *= 0.5

    assert lasted(values) == 0


def test_a_step_at_the_turn_of_the_year_counts_from_january():
    values, until = stepped(FALL, 14), date(2026, 1, 3)

    found = clear_steps(values[None], EVEN, until)
    assert found.believed[0] == 0
    later = clear_steps(stepped(FALL, 44)[None], EVEN, until + timedelta(days=30))
    assert later.believed[0] < -0.9


def test_noise_alone_steps_in_less_than_one_series_of_a_hundred():
    rng = np.random.default_rng(7)
    values = np.exp(0.3 * rng.standard_normal((500, 250)))

    assert (clear_steps(values, np.ones((500, 7)), LAST_DAY).days > 0).mean() < 0.01


def test_real_weekdays_are_no_step():
    week = np.array([1.3, 1.3, 1.3, 1.3, 1.2, 0.3, 0.3])
    factors = week / week.mean()
    weekday = (LAST_DAY.weekday() - np.arange(200)[::-1]) % 7

    assert clear_steps(factors[weekday][None], factors[None], LAST_DAY).days[0] == 0


def test_months_move_with_the_days_before_a_step():
    steps = clear_steps(stepped(RISE, 31)[None], EVEN, LAST_DAY)
    moved = steps.levelled_months(
        np.array([15.0, 45.0]), np.array([[300.0, 100.0]]), steps.believed
    )

    assert moved[0] == pytest.approx([300, 300], rel=0.05)


@pytest.mark.parametrize("days", [1, 2, 3, 5])
def test_few_days_have_a_wide_range_and_a_mean_that_says_something(days):
    month = found(stepped((100.0, 100.0), 0, before=days)).month(1)[:, 0]
    low, middle, high = np.quantile(month, [0.1, 0.5, 0.9])

    assert month.mean() < 1.45 * middle
    assert high > 1.8 * low
