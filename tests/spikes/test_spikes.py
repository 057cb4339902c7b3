"""One or a few days far above what is usual, and over."""

import numpy as np
import pytest

from audit.spikes import changes

DAYS = 120
WEEK = np.array([1.0, 1.02, 1.05, 1.03, 0.98, 0.4, 0.35])


def quiet(count=1, days=DAYS, level=100_000, deviation=0.07, seed=1):
    chance = np.random.default_rng(seed).standard_normal((count, days))
    return np.rint(level * np.resize(WEEK, days) * np.exp(deviation * chance))


def with_days(series, factors):
    out = series.copy()
    for day, factor in factors.items():
        out[:, day] = np.rint(out[:, day] * factor)
    return out


@pytest.mark.parametrize("day", [90, 97, 105, 112, 116, 117, 118, 119])
def test_a_day_of_ten_times_the_usual_is_found_wherever_it_lies(day):
    found = changes(with_days(quiet(200), {day: 10})).spike

    assert (found.p_value < 1e-4).all()
    assert (found.first == day).all()
    assert (found.last == day).all()


def test_a_quiet_series_has_no_spike():
    assert (changes(quiet(200)).spike.p_value > 1e-3).all()


def test_what_was_expected_follows_the_weekday():
    # Day 110 is a Saturday (110 % 7 = 5), 0.4 of a weekday: 40,000 were expected, 400,000 came.
    found = changes(with_days(quiet(deviation=0), {110: 10})).spike

    assert found.expected[0] == pytest.approx(40_000, rel=0.001)
    assert found.units[0] == pytest.approx(360_000, rel=0.001)
    assert found.ratio[0] == pytest.approx(10, rel=0.001)


def test_the_units_of_a_spike_are_those_of_all_its_days():
    found = changes(with_days(quiet(deviation=0), {105: 6, 106: 8, 107: 4})).spike

    assert (found.first[0], found.last[0]) == (105, 107)
    # Monday to Wednesday: 5 x 100,000 + 7 x 102,000 + 3 x 105,000.
    assert found.units[0] == pytest.approx(1_529_000, rel=0.001)
    assert found.expected[0] == pytest.approx(307_000, rel=0.001)
    assert found.ratio[0] == pytest.approx(8, rel=0.001)


@pytest.mark.parametrize("length", [2, 3, 5, 7])
def test_a_spike_of_up_to_a_week_is_one_spike(length):
    found = changes(with_days(quiet(100), dict.fromkeys(range(100, 100 + length), 6))).spike

    assert (found.p_value < 1e-4).all()
    assert (found.first == 100).all()
    assert (found.last == 99 + length).all()


@pytest.mark.parametrize("age", [4, 5, 8, 15, 29])
def test_a_launch_is_no_spike(age):
    launched = quiet(200)
    launched[:, -age:] *= 5

    assert (changes(launched).spike.p_value > 0.01).all()


@pytest.mark.parametrize("age", [1, 2, 3])
def test_what_began_in_the_last_three_days_may_be_either_and_reaches_the_end(age):
    begun = quiet(50)
    begun[:, -age:] *= 5
    found = changes(begun).spike

    assert (found.p_value < 1e-4).all()
    assert (found.last == DAYS - 1).all()


def test_the_return_from_an_outage_is_no_spike():
    broken = with_days(quiet(100), dict.fromkeys(range(95, 100), 0))

    assert (changes(broken).spike.p_value > 0.01).all()


def test_one_usual_day_within_quiet_weeks_is_no_spike():
    holidays = with_days(quiet(100), dict.fromkeys([*range(96, 103), *range(104, 111)], 0.1))

    assert (changes(holidays).spike.p_value > 0.01).all()


def test_a_job_on_the_first_of_every_month_is_no_spike():
    # Day 0 is the first of March.
    monthly = with_days(quiet(100), dict.fromkeys((0, 31, 61, 92), 10))
    once = with_days(quiet(100), {92: 10})

    assert (changes(monthly).spike.p_value > 0.01).all()
    assert (changes(once).spike.p_value < 1e-4).all()


def test_a_job_on_every_monday_is_no_spike():
    assert (
        changes(with_days(quiet(100), dict.fromkeys(range(0, DAYS, 7), 10))).spike.p_value > 0.01
    ).all()


def test_an_old_spike_does_not_hide_a_new_one():
    found = changes(with_days(quiet(100), {50: 10, 51: 10, 110: 10})).spike

    assert (found.p_value < 1e-4).all()
    assert (found.first == 110).all()


def test_a_spike_before_the_audited_days_is_not_reported():
    assert (changes(with_days(quiet(100), {89: 10})).spike.p_value > 0.01).all()


def test_three_units_where_one_is_usual_are_chance():
    few = np.random.default_rng(2).poisson(1.0, (200, DAYS)).astype(float)
    few[:, 110] = 4

    assert (changes(few).spike.p_value > 0.01).all()


def test_first_use_on_a_single_day_is_a_spike():
    never = np.zeros((1, DAYS))
    never[0, 110] = 1_000_000
    found = changes(never).spike

    assert found.p_value[0] < 1e-4
    assert (found.units[0], found.expected[0]) == (1_000_000, 0)


def test_nothing_at_all_is_no_spike():
    assert (changes(np.zeros((1, DAYS))).spike.p_value == 1).all()


def test_days_before_a_product_was_first_used_are_no_history():
    # Noise of 30 percent from day 60 on; were the zeros before it the calm that it is measured
    # with, its days would stand out.
    young = quiet(300, deviation=0.3)
    young[:, :60] = 0

    assert (changes(young).spike.p_value > 1e-3).all()


def test_the_size_of_the_account_does_not_matter():
    small = changes(with_days(quiet(level=10_000), {110: 4})).spike
    large = changes(with_days(quiet(level=100_000_000), {110: 4})).spike

    assert small.distance[0] == pytest.approx(large.distance[0], rel=0.02)
