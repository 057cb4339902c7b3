"""Weekday factors, unknown days and outliers, against sums done by hand and plain numpy."""

import itertools

import numpy as np
import pytest

from audit.forecast import cleaning
from audit.forecast.cleaning import filled, is_often_empty, weekday_factors, without_outliers

#: The last day of a whole number of weeks that start on a Monday is a Sunday.
MONDAY_FIRST = np.arange(7)


def weeks(*week, times=12):
    return np.tile(np.array(week, dtype=float), times)[:, None]


def weekdays(days):
    return np.arange(days) % 7


def factors(values, **given):
    return weekday_factors(values, weekdays(len(values)), **given)[:, 0]


def test_weekday_factors_are_shares_of_a_mean_day_drawn_in_by_a_quarter_of_a_week():
    # The mean day is 1; twelve weeks that agree stand against a quarter of a week of equal days.
    found = factors(weeks(2, 1, 1, 1, 1, 1, 0))

    assert found == pytest.approx([1 + 48 / 49, 1, 1, 1, 1, 1, 1 - 48 / 49])


def test_weekday_factors_belong_to_their_weekday_whatever_the_last_day_is():
    values = weeks(9, 1, 1, 1, 1, 1, 0)
    until_thursday = values[: len(values) - 3]

    found = weekday_factors(until_thursday, weekdays(len(values))[:-3])[:, 0]

    assert found == pytest.approx(factors(values), abs=0.01)


def test_one_wild_week_in_twelve_leaves_weekday_factors_alone():
    wild = weeks(2, 1, 1, 1, 1, 1, 0)
    wild[30] *= 50

    assert factors(wild) == pytest.approx(factors(weeks(2, 1, 1, 1, 1, 1, 0)), abs=0.02)


def test_weekdays_that_differ_by_chance_are_drawn_to_equal():
    chance = np.random.default_rng(3).gamma(2, 1, (84, 400))

    found = weekday_factors(chance, weekdays(84))

    plain = chance.reshape(12, 7, 400).mean(axis=0)
    assert np.abs(found - 1).mean() < 0.6 * np.abs(plain / plain.mean(axis=0) - 1).mean()


def test_a_series_without_a_usable_week_has_the_usual_weekdays():
    unknown = np.full((20, 1), np.nan)
    usual = np.array([1.5, 1.5, 1, 1, 1, 0.5, 0.5])

    assert factors(unknown) == pytest.approx(np.ones(7))
    assert factors(unknown, usual=usual) == pytest.approx(usual)


def test_single_happenings_have_the_weekdays_of_their_sum():
    # One unit every second Monday: the middle of the Mondays is no help, their sum is.
    values = weeks(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, times=6)

    assert factors(values)[0] > 3
    assert is_often_empty(values).tolist() == [False]
    assert is_often_empty(np.random.default_rng(0).poisson(0.5, (84, 1)) * 1.0).tolist() == [True]


def test_a_closed_sunday_is_no_single_happening():
    assert is_often_empty(weeks(5, 5, 5, 5, 5, 5, 0)).tolist() == [False]


def test_unknown_days_take_the_last_known_one_and_those_before_the_first_an_early_median():
    values = np.array([np.nan, np.nan, 4, np.nan, 6, 8])[:, None]

    found = filled(values, ~np.isnan(values))[:, 0]

    # A week from the first known day on, over and over: 4, 4, 6, 8, 4, 4, 6.
    assert found.tolist() == [4, 4, 4, 4, 6, 8]


def test_the_network_finds_the_median_of_seven():
    # A network that sorts zeros and ones sorts everything.
    cases = np.array(list(itertools.product([0.0, 1.0], repeat=7))).T

    assert (cleaning._medians_of_seven(list(cases)) == np.median(cases, axis=0)).all()


def steady(days=60, deviation=0.02):
    noise = np.random.default_rng(1).normal(0, deviation, days)
    return (100 * np.exp(noise))[:, None]


def cleaned(values):
    return without_outliers(values, np.zeros(values.shape[1], dtype=bool))


@pytest.mark.parametrize("day", [0, 20, 57, 59])
def test_a_day_ten_times_as_high_becomes_an_ordinary_day(day):
    values = steady()
    values[day] *= 10

    found = cleaned(values)

    assert found[day, 0] == pytest.approx(100, rel=0.05)
    assert np.delete(found, day) == pytest.approx(np.delete(values, day), rel=0.15)


def test_a_step_is_no_outlier_but_for_its_first_days():
    values = steady()
    values[30:] *= 2

    assert cleaned(values)[33:, 0] == pytest.approx(values[33:, 0])


def test_a_dip_that_is_over_is_forgotten_in_a_steady_series():
    values = steady()
    values[40:47] *= 0.4

    assert cleaned(values)[40:47, 0] == pytest.approx([100] * 7, rel=0.05)


def test_a_dip_is_kept_where_days_differ_anyway():
    values = steady(deviation=0.18)
    values[40:47] *= 0.01

    assert cleaned(values)[40:47].mean() < 10


def test_a_day_is_an_outlier_where_days_differ_too():
    values = steady(deviation=0.22)
    values[30] *= 10

    assert cleaned(values)[30, 0] == pytest.approx(100, rel=0.3)


def test_single_happenings_are_never_cleaned_away():
    values = np.zeros((60, 1))
    values[::9] = 5

    found = without_outliers(values, np.array([True]))

    assert found.sum() == values.sum()


def test_a_huge_happening_counts_four_times_a_usual_one():
    values = np.zeros((60, 1))
    values[::6] = 5.0
    values[12] = 95.0

    # Ten days in use hold 140 units: 14 on average.
    assert without_outliers(values, np.array([True]))[12, 0] == pytest.approx(4 * 14)
