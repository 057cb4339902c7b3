"""Draws that series share, and how series of an account belong together."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.forecast.correlation import OWN_WEIGHT, POOLED, between_series, residuals
from audit.forecast.draws import levels, lower_factor, normal_quantile, ranks

PERIODS = 4


def along(series, correlation=0.8):
    apart = np.abs(np.subtract.outer(np.arange(PERIODS), np.arange(PERIODS)))
    return np.broadcast_to(correlation**apart, (series, PERIODS, PERIODS))


def across(*rows):
    return np.array(rows, dtype=float)


@pytest.mark.parametrize("chance", [1e-7, 1e-3, 0.024, 0.025, 0.2, 0.5, 0.8, 0.99, 1 - 1e-6])
def test_normal_quantiles_are_those_of_the_standard_library(chance):
    assert normal_quantile(np.array([chance]))[0] == pytest.approx(
        NormalDist().inv_cdf(chance), abs=2e-8
    )


def test_every_place_is_taken_once_in_every_period():
    places = ranks(101, 1, across([1, 0.5], [0.5, 1]), along(2))

    assert (np.sort(places, axis=-1) == np.arange(101)).all()


def test_levels_are_the_middles_of_equal_slices():
    assert levels(4).tolist() == [0.125, 0.375, 0.625, 0.875]


@pytest.mark.parametrize("draws", [1, 2, 3, 64, 65])
def test_any_number_of_draws_will_do(draws):
    assert ranks(draws, 1, np.eye(1), along(1)).shape == (1, PERIODS, draws)


def test_noise_has_the_asked_correlation_between_series_and_periods():
    # Kendall's tau of an elliptical copula is 2 / pi * arcsin(correlation).
    found = ranks(3000, 5, across([1, 0.6], [0.6, 1]), along(2))

    assert tau(found[0, 0], found[1, 0]) == pytest.approx(2 / np.pi * np.arcsin(0.6), abs=0.03)
    assert tau(found[0, 0], found[0, 1]) == pytest.approx(2 / np.pi * np.arcsin(0.8), abs=0.03)
    assert tau(found[0, 0], found[0, 3]) == pytest.approx(2 / np.pi * np.arcsin(0.512), abs=0.03)


def tau(one, other):
    order = np.sign(np.subtract.outer(one, one)) * np.sign(np.subtract.outer(other, other))
    return order.sum() / (len(one) * (len(one) - 1))


def test_extremes_come_together():
    # Of two normal series with correlation 0.5, 24% of the top hundredth are shared.
    found = ranks(20_000, 5, across([1, 0.5], [0.5, 1]), along(2))

    assert (found[1, 0][found[0, 0] >= 19_800] >= 19_800).mean() > 0.35


def test_the_first_series_do_not_know_how_many_follow():
    four = across([1, 0.5, 0.2, 0.9], [0.5, 1, 0.3, 0.1], [0.2, 0.3, 1, 0], [0.9, 0.1, 0, 1])

    few = ranks(500, 7, four[:2, :2], along(2))

    assert (ranks(500, 7, four, along(4))[:2] == few).all()


def test_a_copy_has_the_same_places():
    same = across([1, 0.3, 1], [0.3, 1, 0.3], [1, 0.3, 1])

    found = ranks(500, 7, same, along(3))

    assert (found[0] == found[2]).all()


@settings(max_examples=50)
@given(st.integers(1, 6), st.integers(0, 10_000))
def test_the_lower_factor_of_a_correlation_matrix_gives_it_back(size, seed):
    loads = np.random.default_rng(seed).standard_normal((size, size + 2))
    loads /= np.linalg.norm(loads, axis=1, keepdims=True)
    wanted = loads @ loads.T

    factor = lower_factor(wanted)

    assert factor @ factor.T == pytest.approx(wanted, abs=1e-6)


def test_estimates_that_fit_no_correlation_matrix_are_drawn_in():
    factor = lower_factor(across([1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]))

    assert (factor**2).sum(axis=1) == pytest.approx(1)


def noise(series, days=180, seed=1):
    return np.random.default_rng(seed).standard_normal((series, days))


def test_nothing_in_common_leaves_less_than_usual_and_much_in_common_more():
    common, own = noise(1), noise(3)
    days = np.vstack([common + 0.2 * own[:2], own[2:]])

    found = between_series(days)

    assert found[0, 2] < POOLED < found[0, 1]
    # By hand: Fisher's scale, 180 days weigh 180 / 208 of the largest weight.
    weight = OWN_WEIGHT * 180 / 208
    own_correlation = np.corrcoef(days)[0, 1]
    told = np.tanh((1 - weight) * np.arctanh(POOLED) + weight * np.arctanh(own_correlation))
    assert found[0, 1] == pytest.approx(told, abs=0.01)


def test_a_copy_in_other_units_is_the_same_series():
    values = 1000 * np.exp(0.1 * noise(1))

    days = residuals(np.vstack([values, 7 * values]), np.ones((2, 7)), 0)

    assert between_series(days)[0, 1] == 1


def test_series_without_days_in_common_have_the_usual_correlation():
    days = noise(2)
    days[0, :90] = np.nan
    days[1, 90:] = np.nan

    assert between_series(days)[0, 1] == pytest.approx(POOLED)


def test_a_constant_series_has_the_usual_correlation_with_others():
    days = np.vstack([noise(1), np.zeros((1, 180))])

    assert between_series(days)[0, 1] == pytest.approx(POOLED)


def test_a_week_rhythm_is_nothing_in_common():
    factors = np.tile([1.5, 1.4, 1.3, 1.2, 1.0, 0.3, 0.3], (2, 1))
    values = factors[:, (0 - np.arange(208)[::-1]) % 7] * np.exp(0.1 * noise(2, days=208))

    found = between_series(residuals(values, factors, 0))

    assert found[0, 1] < POOLED
