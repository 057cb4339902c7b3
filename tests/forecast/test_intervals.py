"""Shocks: the measured quantiles, and what lies between and beyond them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.forecast.intervals import ELAPSED_DAYS, PROBABILITIES, SHOCKS, shock, z


@pytest.mark.parametrize("place", range(len(ELAPSED_DAYS)))
def test_measured_quantiles_are_returned_as_measured(place):
    assert shock(PROBABILITIES, ELAPSED_DAYS[place]) == pytest.approx(SHOCKS[place])
    assert z(0.9, ELAPSED_DAYS[place]) == pytest.approx(SHOCKS[place][3])


def test_between_two_days_the_shocks_are_between_theirs():
    assert z(0.1, 12.5) == pytest.approx((z(0.1, 10) + z(0.1, 15)) / 2)


@pytest.mark.parametrize("elapsed_days", [-300, 0, 29, 60])
def test_outside_of_the_measured_days_the_nearest_ones_count(elapsed_days):
    nearest = SHOCKS[0] if elapsed_days < 5 else SHOCKS[-1]

    assert shock(PROBABILITIES, elapsed_days) == pytest.approx(nearest)


@given(st.lists(st.floats(0, 1), min_size=2), st.floats(0, 30))
def test_a_higher_chance_is_a_higher_shock(chances, elapsed_days):
    found = shock(np.sort(chances), elapsed_days)

    assert (np.diff(found) >= 0).all()
    assert np.isfinite(found).all()


def test_nothing_is_claimed_beyond_one_in_five_hundred():
    assert z(1e-9, 10) == z(0.002, 10)
    assert z(1 - 1e-9, 10) == z(0.998, 10)
    assert z(0.998, 10) > z(0.99, 10) > z(0.975, 10)
