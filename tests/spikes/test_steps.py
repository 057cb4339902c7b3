"""A level that moved and stayed."""

import numpy as np
import pytest

from audit.spikes import changes

DAYS = 120


def quiet(count=1, deviation=0.05, seed=3):
    chance = np.random.default_rng(seed).standard_normal((count, DAYS))
    return 50_000 * np.exp(deviation * chance)


def stepped(series, age, factor):
    out = series.copy()
    out[:, -age:] *= factor
    return out


@pytest.mark.parametrize("age", [7, 10, 20, 29])
@pytest.mark.parametrize("factor", [0.5, 2, 5])
def test_a_level_that_moved_a_week_or_longer_ago_is_a_step(age, factor):
    found = changes(stepped(quiet(100), age, factor)).step

    assert (found.p_value < 1e-4).mean() > 0.95
    assert (np.abs(found.day - (DAYS - age)) <= 1).all()


def test_the_levels_are_those_before_and_after():
    found = changes(stepped(quiet(deviation=0.001), 14, 3)).step

    assert found.before[0] == pytest.approx(50_000, rel=0.01)
    assert found.after[0] == pytest.approx(150_000, rel=0.01)


def test_levels_are_means_over_a_week_with_quiet_weekends():
    week = np.array([1, 1, 1, 1, 1, 0.3, 0.3])
    found = changes(stepped(quiet(deviation=0.001) * np.resize(week, DAYS), 14, 3)).step

    # (5 x 50,000 + 2 x 15,000) / 7 = 40,000 a day.
    assert found.before[0] == pytest.approx(40_000, rel=0.02)
    assert found.after[0] == pytest.approx(120_000, rel=0.02)


def test_a_spike_that_is_over_is_no_step():
    spiked = quiet(200)
    spiked[:, 100:104] *= 10

    assert (changes(spiked).step.p_value > 1e-3).all()


def test_a_campaign_of_two_weeks_that_is_over_is_no_step():
    campaign = quiet(200)
    campaign[:, 95:109] *= 3

    assert (changes(campaign).step.p_value > 1e-3).all()


def test_a_month_at_a_new_level_that_ended_days_ago_is_no_step():
    ended = stepped(quiet(200), 30, 3)
    ended[:, -4:] /= 3

    assert (changes(ended).step.p_value > 1e-3).all()


def test_steady_growth_is_no_step():
    growing = quiet(200) * np.exp(np.log(2) * np.arange(DAYS) / 60)

    assert (changes(growing).step.p_value > 1e-3).all()


def test_a_step_before_the_audited_days_is_not_reported():
    assert (changes(stepped(quiet(100), 45, 2)).step.p_value > 1e-3).all()


def test_a_change_of_the_last_days_is_not_yet_a_step():
    assert (changes(stepped(quiet(100), 6, 2)).step.p_value > 1e-3).all()


def test_a_spike_within_the_new_level_does_not_hide_the_step():
    both = stepped(quiet(100), 20, 2)
    both[:, 110] *= 8
    found = changes(both)

    assert (found.step.p_value < 1e-4).mean() > 0.95
    assert (found.spike.first == 110).all()
    assert found.spike.ratio == pytest.approx(8, rel=0.25)
