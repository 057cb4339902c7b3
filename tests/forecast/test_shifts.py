"""Jumps that are going on: how long, how large, and how much of them is bet on."""

import numpy as np
import pytest

from audit.forecast.shifts import STEADY_FALL, STEADY_RISE, ongoing


def jumped(factor, days, *, deviation=0.03, length=100, unsteady=0.0):
    random = np.random.default_rng(6)
    values = 100 * np.exp(random.normal(0, deviation, length))
    values[length - days :] *= factor * np.exp(unsteady * np.cos(np.pi * np.arange(days)))
    return values[:, None]


def shift(values):
    return ongoing(values, np.array([len(values)]))


@pytest.mark.parametrize("days", [1, 2, 3, 5, 9, 21])
@pytest.mark.parametrize("factor", [0.4, 2.5])
def test_a_jump_is_as_old_as_its_first_day(factor, days):
    found = shift(jumped(factor, days))

    assert found.days[0] == days
    assert found.jump[0] == pytest.approx(np.log(factor), abs=0.05)


@pytest.mark.parametrize("days", [1, 3, 5, 6, 7, 12])
def test_a_steady_jump_lasts_as_much_as_jumps_of_its_age_did(days):
    rise, fall = shift(jumped(2, days)), shift(jumped(0.5, days))

    share = min(days, 7)
    assert rise.lasting[0] == pytest.approx(STEADY_RISE[share] * rise.jump[0])
    assert fall.lasting[0] == pytest.approx(STEADY_FALL[share] * fall.jump[0])


def test_days_unlike_each_other_are_bet_on_less():
    # Up and down by a factor of e^0.5 around the new level: a holiday week rather than a release.
    unsteady = shift(jumped(0.2, 5, unsteady=0.5))

    # Of a fall five days old, (5 / 7)^2 is bet on; it counts as one to a third at most.
    assert unsteady.days[0] == 5
    assert unsteady.lasting[0] == pytest.approx(-1.1 * 25 / 49)


def test_a_jump_counts_as_a_factor_of_three_at_most():
    assert shift(jumped(50, 10)).lasting[0] == pytest.approx(1.1)


def test_it_is_open_for_six_days():
    assert [bool(shift(jumped(3, days)).is_open[0]) for days in (1, 6, 7)] == [True, True, False]


@pytest.mark.parametrize("factor", [0.95, 1.25])
def test_a_small_change_is_no_jump(factor):
    assert not shift(jumped(factor, 5)).is_active[0]


def test_what_days_do_anyway_is_no_jump():
    assert not shift(jumped(1.6, 5, deviation=0.5)).is_active[0]


def test_a_single_far_day_where_there_were_such_days_is_nothing_new():
    values = jumped(3, 1)
    values[[75, 82, 89]] *= 3

    assert not shift(values).is_active[0]


def test_a_jump_that_is_over_is_none():
    values = jumped(1, 1)
    values[-9:-4] *= 3

    assert not shift(values).is_active[0]


def test_the_first_days_of_use_are_no_jump():
    values = np.zeros((100, 1))
    values[-4:] = 5

    assert not shift(values).is_active[0]


def test_a_young_history_has_no_jumps():
    assert not shift(jumped(3, 3, length=20)).is_active[0]


def test_two_empty_weeks_are_an_end_of_use():
    ended, paused = jumped(0, 14), jumped(0, 8)

    assert shift(ended).has_ended[0]
    assert not shift(ended).is_open[0]
    assert not shift(paused).has_ended[0]
    assert shift(paused).is_open[0]
    assert shift(paused).lasting[0] == pytest.approx(-1.1)


def test_an_end_of_use_is_longer_than_breaks_were():
    values = jumped(0, 20)
    values[20:30] = 0

    # Ten empty days were a break once: twenty are no end yet, thirty are.
    assert not shift(values).has_ended[0]
    assert shift(np.concatenate([values, np.zeros((10, 1))])).has_ended[0]


def test_levelled_days_are_all_on_the_level_that_is_expected_to_last():
    values = jumped(2, 5, deviation=0.0001)

    found = shift(values).levelled(values)

    assert found[:, 0] == pytest.approx([100 * 2 ** STEADY_RISE[5]] * 100, rel=0.001)
