"""Candidates against plain weights, the trend against polyfit, and who wins on whose series."""

import numpy as np
import pytest

from audit.forecast import levels
from audit.forecast.levels import HALF_LIVES, TREND_DAYS, blended

NEVER_EMPTY = np.array([False])


def level(days, horizon=20, known=None):
    values = np.asarray(days, dtype=float)[:, None]
    seen = np.ones(values.shape, dtype=bool) if known is None else known
    return blended(values, values, seen, NEVER_EMPTY, horizon)


def test_a_flat_series_stays_where_it_is_and_has_never_been_off():
    found = level([40] * 100)

    assert found.level[0] == pytest.approx(40)
    assert found.error[0] == pytest.approx(0)
    # Origins are days 14 to 80: the last one with 20 days after it.
    assert found.origins[0] == 67


@pytest.mark.parametrize("place", range(len(HALF_LIVES)))
def test_a_memory_weighs_each_day_by_half_per_half_life(place):
    days = np.random.default_rng(2).gamma(4, 10, (50, 3))
    known = np.random.default_rng(3).random((50, 3)) < 0.8

    found = levels._candidates(days, known, np.full(3, 0.1), 20)[place, -1]

    weight = 0.5 ** (np.arange(50)[::-1, None] / HALF_LIVES[place]) * known
    assert found == pytest.approx((weight * days).sum(axis=0) / weight.sum(axis=0))


@pytest.mark.parametrize("place", [0, 1])
def test_the_trend_is_the_least_squares_line_of_the_last_weeks(place):
    logs = np.random.default_rng(4).normal(0, 0.1, (120, 1)) + 0.01 * np.arange(120)[:, None]

    found = levels._slopes(logs, np.ones(logs.shape, dtype=bool))[place, :, 0]

    span = TREND_DAYS[place]
    assert found[-1] == pytest.approx(np.polyfit(np.arange(span), logs[-span:, 0], 1)[0])
    assert found[60] == pytest.approx(
        np.polyfit(np.arange(min(span, 61)), logs[max(61 - span, 0) : 61, 0], 1)[0]
    )
    assert found[19] == 0


def test_the_mean_of_the_days_ahead_leaves_out_unknown_ones():
    days = np.array([1.0, 2, 3, 4, 5, 6])[:, None]
    known = np.array([1, 1, 0, 1, 0, 0])[:, None] == 1

    mean, enough = levels._means_ahead(days, known, 3)

    # After day 0: 2 and 4. After day 1: 4 alone, less than half of 3. After day 2: 4 alone.
    assert mean[:, 0].tolist() == [3, 4, 4]
    assert enough[:, 0].tolist() == [True, False, False]


def test_steady_growth_is_carried_on():
    days = 100 * 1.01 ** np.arange(150)

    # The mean of the next 20 days is 1.01^10.5 times the last one, near enough.
    assert level(days).level[0] == pytest.approx(days[-1] * 1.01**10.5, rel=0.02)


def test_growth_is_carried_on_for_thirty_days_at_most():
    days = 100 * 1.01 ** np.arange(180)

    # To the middle of the next 30 days it would be 1.01^15.5, of the next 100 days 1.01^50.5.
    assert level(days, horizon=100).level[0] <= days[-1] * 1.01**15.5 * 1.01


def test_noise_is_averaged_over_weeks():
    noisy = np.random.default_rng(5).gamma(1.5, 40, (180, 200))
    empty = np.zeros(200, dtype=bool)

    found = blended(noisy, noisy, np.ones(noisy.shape, dtype=bool), empty, 20).level

    last_week = noisy[-7:].mean(axis=0)
    assert np.abs(np.log(found / 60)).mean() < 0.6 * np.abs(np.log(last_week / 60)).mean()


def test_a_new_level_is_taken_up_within_weeks():
    found = level([50] * 120 + [100] * 40).level[0]

    assert found == pytest.approx(100, rel=0.05)


def test_single_happenings_are_remembered_for_weeks():
    days = np.zeros((180, 1))
    days[4::7] = 70.0
    days[-1] = 70.0

    found = blended(days, days, np.ones(days.shape, dtype=bool), np.array([True]), 20).level[0]

    # 70 a week are 10 a day; a memory of a day or two would say 40 after the last one.
    assert found == pytest.approx(10, rel=0.45)


def test_a_history_too_short_for_a_record_says_so():
    found = level([10, 20] * 8)

    assert found.origins[0] == 0
    assert 12 < found.level[0] < 18
