"""What the past says of coming months: levels, seasons, ranges; by hand."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.forecast.growth import LARGEST_FACTOR, outlook
from audit.forecast.past import Past, past, rescaled_before, stopped_days
from audit.forecast.spread import PROBABILITIES, SHOCKS, SHOCKS_WITH_SEASON, quantiles
from audit.forecast.steps import none

LAST_DAY = date(2026, 3, 10)
EVEN = np.ones((1, 7))
LEADS = np.array([31.0 + 30.4 * month for month in range(12)])


def periods():
    first = LAST_DAY + timedelta(days=17)
    return [
        (first + timedelta(days=30 * k), first + timedelta(days=30 * (k + 1))) for k in range(12)
    ]


def seen(values, factors=EVEN, **more) -> Past:
    values = np.atleast_2d(np.asarray(values, dtype=float))
    return past(values, factors, last_day=LAST_DAY, periods=periods(), **more)


def of_blocks(*newest_first, days=None) -> Past:
    blocks = np.full((1, 13), np.nan)
    blocks[0, : len(newest_first)] = newest_first
    return Past(
        blocks=blocks,
        seasons=np.full((1, 3, 12), np.nan),
        year_ago=np.array([np.nan]),
        days=np.array([28.0 * len(newest_first) if days is None else days]),
        empty_share=np.array([0.0]),
        steps=none(1),
        steady=blocks,
    )


def ahead(of: Past):
    return outlook(of, LEADS, np.array([0.1]))


def test_blocks_are_means_of_four_weeks_newest_first():
    values = np.repeat([5.0, 7.0, 9.0], 28)

    assert seen(values).blocks[0, :4].tolist()[:3] == [9, 7, 5]
    assert np.isnan(seen(values).blocks[0, 3])


def test_levels_are_units_of_an_ordinary_day():
    # Five days of 140 and two of 0 are 100 a day over the week, each day at its factor.
    weekday = (LAST_DAY.weekday() - np.arange(56)[::-1]) % 7
    factors = np.array([[1.4, 1.4, 1.4, 1.4, 1.4, 0.0, 0.0]])

    level = seen(np.where(weekday < 5, 140.0, 0.0), factors).blocks[0, 0]

    # A factor is at least 0.05 where it divides: seven days of 1.4 x 5 + 0.05 x 2 factors.
    assert level == pytest.approx(700 / 7.1)


def test_unknown_days_are_not_empty_days():
    values = np.full(56, 10.0)
    values[-28:-20] = np.nan

    assert seen(values).blocks[0, 0] == pytest.approx(10)


def test_a_block_of_which_less_than_half_is_known_says_nothing():
    values = np.full(84, 10.0)
    values[28:43] = np.nan

    assert np.isnan(seen(values).blocks[0, 1])


def test_a_day_counts_at_most_three_times_the_days_around_it():
    values = np.full(28, 10.0)
    values[20] = 1000.0

    assert seen(values).blocks[0, 0] == pytest.approx((27 * 10 + 30) / 28)


def test_a_season_is_last_years_month_against_the_weeks_before_it():
    values = np.full(500, 10.0)
    first, end = periods()[3]
    newest = 364 - (end - LAST_DAY).days + 1
    oldest = 364 - (first - LAST_DAY).days + 1
    values[500 - oldest : 500 - newest] = 20.0

    season = seen(values).seasons[0, 0]

    assert season[3] == pytest.approx(np.log(2))
    assert season[[0, 1, 2, 5, 6]] == pytest.approx(0)


def test_months_of_invoices_stand_in_for_days():
    middles, levels = np.array([45.0, 75.0, 105.0]), np.array([[8.0, 6.0, 4.0]])

    found = seen(np.full(28, 10.0), monthly=(middles, levels))

    # The block of 28 to 56 days ago has its middle at 42: nearly the first month's 45.
    assert found.blocks[0, 0] == 10
    assert found.blocks[0, 1] == pytest.approx(8)
    assert found.blocks[0, 2] == pytest.approx(8 - 2 * (70 - 45) / 30)
    assert found.days[0] == 120


def test_a_flat_history_is_carried_on():
    found = ahead(of_blocks(*[50.0] * 8))

    assert found.middle[0] == pytest.approx(np.full(12, 50))


def test_the_last_weeks_weigh_more_than_the_twelve_before():
    middle = ahead(of_blocks(20.0, 10.0, 10.0)).middle[0, 0]

    assert 10 < middle < 20


def test_the_less_a_series_changes_the_narrower_its_range():
    calm, restless = ahead(of_blocks(*[50.0, 51.0] * 5)), ahead(of_blocks(*[50.0, 70.0] * 5))

    assert calm.scale[0] < 0.5 * restless.scale[0]


def test_two_years_that_disagree_are_no_season():
    flat = of_blocks(*[50.0] * 13, days=800.0)
    wave = 0.4 * np.sin(2 * np.pi * np.arange(12) / 12)
    flat.seasons[0, 0], flat.seasons[0, 1] = wave, -wave
    flat.year_ago[:] = 50.0

    assert not ahead(flat).has_season[0]


def test_two_years_that_agree_are_a_season():
    flat = of_blocks(*[50.0] * 13, days=800.0)
    flat.seasons[0, :2] = 0.4 * np.sin(2 * np.pi * np.arange(12) / 12)
    flat.year_ago[:] = 50.0

    found = ahead(flat)

    # 95% of the season, in its fourth month at its highest.
    assert found.has_season[0]
    assert found.middle[0, 3] == pytest.approx(50 * np.exp(0.95 * 0.4))


def test_a_season_as_large_as_the_years_growth_is_half_believed_to_be_growth():
    grown = of_blocks(*[50.0] * 13, days=800.0)
    wave = 0.4 * np.sin(2 * np.pi * np.arange(12) / 12)
    grown.seasons[0, :2] = wave
    # Growth of twice the deviation of the season: half of it returns.
    grown.year_ago[:] = 50.0 / np.exp(2 * wave.std())

    middle = ahead(grown).middle[0, 3]

    # Of 10% growth half is given back by the fourth month (its lead is 122 days).
    assert middle == pytest.approx(50 * np.exp(0.5 * 0.95 * 0.4 - 0.5 * 0.1), rel=1e-3)


@pytest.mark.parametrize("season", [True, False])
@given(lead=st.floats(1, 500), age=st.floats(1, 2000))
def test_shocks_rise_with_the_chance(season, lead, age):
    odds, row = quantiles(lead, age, season=season)

    assert (np.diff(odds) > 0).all()
    assert (np.diff(row) > 0).all()


def test_shocks_at_the_measured_places_are_the_measured_ones():
    assert quantiles(91.0, 80.0, season=False)[1][1:-1] == pytest.approx(SHOCKS[2, 1])
    assert quantiles(182.0, 900.0, season=True)[1][1:-1] == pytest.approx(SHOCKS_WITH_SEASON[2])


def test_a_month_at_a_measured_chance_is_its_middle_times_the_shock_of_the_scale():
    found = ahead(of_blocks(*[50.0, 52.0] * 3, days=160.0))

    at = found.per_day(np.array(PROBABILITIES))[0, 0]

    told = found.middle[0, 0] * np.exp(found.scale[0] * SHOCKS[3, 0])
    assert at == pytest.approx(told, rel=1e-6)


def test_no_month_goes_beyond_ten_times_its_middle_or_below_a_tenth():
    found = ahead(of_blocks(*[1.0, 50.0] * 3))

    at = found.per_day(np.array([1e-6, 1 - 1e-6]))[0] / found.middle[0][:, None]

    assert (at[:, 0] >= 0.999 / LARGEST_FACTOR).all()
    assert (at[:, 1] <= 1.001 * LARGEST_FACTOR).all()


def test_what_was_before_a_change_is_scaled_to_what_is_after():
    values = np.concatenate([np.full(60, 10.0), np.full(5, 30.0)])[None]

    found = rescaled_before(values, LAST_DAY - timedelta(days=4), LAST_DAY)

    assert found[0] == pytest.approx(np.full(65, 30.0))


def test_two_days_after_a_change_are_too_few():
    values = np.concatenate([np.full(60, 10.0), np.full(2, 30.0)])[None]

    assert (rescaled_before(values, LAST_DAY - timedelta(days=1), LAST_DAY) == values).all()


@pytest.mark.parametrize(
    ("used", "empty", "told"),
    [
        ([1.0] * 50, 13, 0),
        ([1.0] * 50, 14, 14),
        ([1.0] * 50 + [0.0] * 10 + [1.0], 29, 0),
        ([1.0] * 50 + [0.0] * 10 + [1.0], 30, 30),
        ([0.0] * 50, 28, 0),
    ],
)
def test_a_series_has_stopped_after_two_weeks_and_three_times_its_longest_pause(used, empty, told):
    assert stopped_days(np.array([used + [0.0] * empty])).tolist() == [told]


def test_a_series_whose_last_days_are_unknown_has_not_stopped():
    assert stopped_days(np.array([[1.0] * 50 + [0.0] * 40 + [np.nan]])).tolist() == [0]
