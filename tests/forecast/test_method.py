"""The fit of a batch: small cases by hand, and laws that hold for any usage."""

from dataclasses import fields
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from audit.errors import InputError
from audit.forecast.method import Fit, Portfolio, fit

SUNDAY = date(2026, 11, 1)


def noisy(count=1, days=180, deviation=0.08, seed=7):
    random = np.random.default_rng(seed)
    week = np.array([1.2, 1.2, 1.2, 1.1, 1.1, 0.6, 0.6])
    return 1000 * week[np.arange(-days, 0) % 7] * np.exp(random.normal(0, deviation, (count, days)))


def fitted(values, **given):
    return fit(values, last_day=SUNDAY, horizon_days=given.pop("horizon_days", 20), **given)


def test_a_flat_week_is_its_mean_times_its_weekdays():
    # Weeks of 70 units, all from Monday to Friday: 10 a day; 14 on a weekday, none on weekends.
    found = fitted(np.tile([14.0, 14, 14, 14, 14, 0, 0], (1, 20)))

    # Twelve weeks that agree count 12 / 12.25.
    assert found.factors[0] == pytest.approx([1 + 0.4 * 48 / 49] * 5 + [1 - 48 / 49] * 2)
    assert found.level[0] == pytest.approx(10, rel=0.05)
    assert found.level[0] * found.factors[0].sum() == pytest.approx(70, rel=0.05)
    assert not found.jumped[0]
    assert found.days_known[0] == 140


def test_a_doubling_five_days_ago_counts_by_86_percent_and_has_a_total_if_it_stays():
    values = noisy(50)
    values[:, -5:] *= 2

    found = fitted(values)

    assert np.median(found.level) == pytest.approx(1000 * 2**0.86, rel=0.02)
    assert np.median(found.level_if_it_stays) == pytest.approx(2000, rel=0.03)
    assert found.jumped.mean() > 0.95


def test_ten_times_a_day_changes_nothing_but_is_said():
    values = noisy(50)
    plain = fitted(values)
    values[:, -1] *= 10

    found = fitted(values)

    assert np.abs(found.level / plain.level - 1).max() < 0.05
    assert found.jumped.all()
    assert np.median(found.level_if_it_stays) == pytest.approx(10_000, rel=0.1)


def test_where_nothing_jumped_both_levels_are_one():
    found = fitted(noisy(200))

    assert not found.jumped.any()
    assert (found.level == found.level_if_it_stays).all()


def test_a_known_change_counts_in_full_from_its_day_on():
    values = noisy(20)
    values[:, -4:] *= 0.3

    found = fitted(values, changed_on=date(2026, 10, 29))

    assert found.level == pytest.approx(300, rel=0.15)
    assert np.median(found.level) == pytest.approx(300, rel=0.03)
    assert not found.jumped.any()
    assert found.days_known.tolist() == [4] * 20


def test_weekdays_are_known_from_before_a_change():
    values = noisy(1)
    values[:, -4:] *= 0.3

    changed = fitted(values, changed_on=date(2026, 10, 29)).factors

    assert changed == pytest.approx(fitted(noisy(1)).factors, abs=0.05)


def test_empty_days_before_the_first_use_are_no_history():
    started = noisy(1, days=30)
    padded = np.concatenate([np.zeros((1, 100)), started], axis=1)

    alone, with_zeros = fitted(started), fitted(padded)

    assert with_zeros.level == pytest.approx(alone.level)
    assert with_zeros.days_known[0] == 30


def test_a_batch_job_that_runs_once_a_week_goes_on():
    values = np.where(np.arange(180) % 7 == 2, 700.0, 0.0)[None]

    found = fitted(values)

    # 700 a week are 100 a day; six of seven weekdays are closed.
    assert found.level[0] == pytest.approx(100, rel=0.05)
    assert found.level[0] * found.factors[0].sum() == pytest.approx(700, rel=0.05)


def test_use_that_ended_is_not_expected_again_and_a_break_has_two_answers():
    values = noisy(1)
    pause, end = values.copy(), values.copy()
    pause[0, -8:] = 0
    end[0, -30:] = 0

    paused, ended = fitted(pause), fitted(end)

    # A fall to nothing counts as one to a third until it has lasted for two weeks.
    assert paused.level[0] == pytest.approx(1000 / 3, rel=0.1)
    assert (paused.level_if_it_stays[0], paused.jumped[0]) == (0, True)
    assert (ended.level[0], ended.level_if_it_stays[0], ended.jumped[0]) == (0, 0, False)


def test_a_rough_series_has_a_wider_scale_than_a_calm_one():
    calm, rough = fitted(noisy(30, deviation=0.05)), fitted(noisy(30, deviation=0.5))

    assert np.median(rough.scale) > 3 * np.median(calm.scale)


def test_a_jump_that_goes_on_doubles_the_scale():
    values = noisy(50)
    plain = fitted(values).scale
    values[:, -5:] *= 2

    assert np.median(fitted(values).scale / plain) == pytest.approx(2, rel=0.1)


def test_a_series_that_was_never_off_still_has_a_scale():
    assert fitted(np.full((1, 180), 10.0)).scale[0] >= 0.005


def test_single_happenings_vary_at_least_by_their_number():
    # One day in seven is in use, always the same number of days apart: a perfect record.
    values = np.zeros((1, 180))
    values[0, 4::8] = 5.0

    used = 22 / 180
    assert fitted(values).scale[0] >= 1.2 * np.sqrt((1 - used) / (used * 20)) - 1e-9


def test_few_days_have_a_wider_scale_than_many():
    scales = [np.median(fitted(noisy(50)[:, -days:]).scale) for days in (2, 4, 8, 16, 60, 180)]

    assert scales == sorted(scales, reverse=True)


def test_a_longer_horizon_has_a_wider_scale():
    scales = [np.median(fitted(noisy(50), horizon_days=days).scale) for days in (30, 90, 360)]

    assert scales == sorted(scales)


def test_the_young_take_weekdays_from_the_portfolio():
    lent = np.array([1.4, 1.4, 1.4, 1.4, 1.4, 0, 0])
    found = fitted(np.array([[50.0, 50]]), portfolio=Portfolio(lent, 0.1))

    assert found.factors[0] == pytest.approx(lent)


def test_a_restless_portfolio_widens_the_young_and_a_calm_one_does_not_narrow_them():
    young = noisy(20, days=10)
    plain = fitted(young).scale

    assert (fitted(young, portfolio=Portfolio(np.ones(7), 0.5)).scale > plain).all()
    assert (fitted(young, portfolio=Portfolio(np.ones(7), 0.001)).scale == plain).all()


def same(one: Fit, other: Fit, **units):
    for field in fields(Fit):
        times = units.get(field.name, 1)
        np.testing.assert_allclose(
            getattr(one, field.name) * times, getattr(other, field.name), rtol=1e-9, atol=1e-12
        )


def mixed(count=40):
    random = np.random.default_rng(8)
    values = noisy(count) * 10.0 ** random.integers(-2, 5, (count, 1))
    values[::4, :100] = np.nan
    values[1::4, -3:] *= 3
    values[2::4] = random.poisson(0.4, (len(values[2::4]), values.shape[1]))
    values[random.random(values.shape) < 0.03] = np.nan
    return values


def test_a_series_is_fitted_alone_as_in_a_batch():
    values = mixed()
    batch = fitted(values)

    for row in range(len(values)):
        alone = fitted(values[row : row + 1])
        same(alone, Fit(**{f.name: getattr(batch, f.name)[row : row + 1] for f in fields(Fit)}))


def test_batches_larger_than_one_piece_are_the_same_pieces():
    values = np.concatenate([mixed()] * 13)

    same(fitted(values), Fit(**{
        f.name: np.concatenate([getattr(fitted(mixed()), f.name)] * 13) for f in fields(Fit)
    }))  # fmt: skip


@pytest.mark.parametrize("times", [10.0, 2.0**-40, 2.0**40])
def test_more_of_the_same_is_the_same_forecast_of_more(times):
    values = mixed()

    same(fitted(values), fitted(values * times), level=times, level_if_it_stays=times)


def test_days_older_than_180_do_not_count():
    values = noisy(3, days=180)
    older = np.concatenate([np.full((3, 50), 1e9), values], axis=1)

    same(fitted(values), fitted(older))


@pytest.mark.slow
@settings(deadline=None)
@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 3), st.integers(1, 70)),
        elements=st.one_of(
            st.just(0.0), st.just(np.nan), st.floats(0, 1e15), st.integers(0, 9).map(float)
        ),
    ),
    st.integers(1, 400),
)
def test_no_usage_whatever_gives_nan(values, horizon_days):
    found = fitted(values, horizon_days=horizon_days)

    for field in fields(Fit):
        assert np.isfinite(getattr(found, field.name)).all(), field.name
    assert (found.level >= 0).all()
    assert (found.factors >= 0).all()
    assert found.factors.mean(axis=1) == pytest.approx(1)
    assert (found.scale > 0).all()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([[1.0, -1.0]], "negative or infinite"),
        ([[1.0, np.inf]], "negative or infinite"),
        ([1.0, 2.0], "table"),
        ([[]], "at least one day"),
    ],
)
def test_what_is_no_usage_is_refused(values, words):
    with pytest.raises(InputError, match=words):
        fitted(np.array(values))


def test_a_horizon_without_a_day_and_a_change_to_come_are_refused():
    with pytest.raises(InputError, match="horizon_days is at least 1, got 0"):
        fitted(noisy(1), horizon_days=0)
    with pytest.raises(InputError, match="2026-11-02, after the last day"):
        fitted(noisy(1), changed_on=date(2026, 11, 2))
