"""What is not known is neither zero nor usual, and one series says nothing of another."""

import numpy as np
import pytest

from audit.errors import InputError
from audit.spikes import SHORTEST_HISTORY_DAYS, changes

DAYS = 120


def quiet(count=1, days=DAYS, seed=5):
    week = np.resize([1, 1, 1, 1, 1, 0.3, 0.3], days)
    return 20_000 * week * np.exp(0.07 * np.random.default_rng(seed).standard_normal((count, days)))


def test_unknown_days_are_no_fall_and_what_follows_is_no_spike():
    absent = quiet(50)
    absent[:, 100:110] = np.nan
    found = changes(absent)

    assert (found.step.p_value > 1e-3).all()
    assert (found.spike.p_value > 1e-3).all()


def test_a_fall_to_zero_that_stays_is_a_step_and_an_unknown_end_is_nothing():
    stopped, unread = quiet(50), quiet(50)
    stopped[:, 108:], unread[:, 108:] = 0, np.nan

    assert (changes(stopped).step.p_value < 1e-4).all()
    assert changes(unread).too_short.all()
    assert np.isnan(changes(unread).step.p_value).all()


def test_weekends_nobody_read_make_no_spikes_of_weekdays():
    workdays = quiet(100)
    workdays[:, 5::7] = workdays[:, 6::7] = np.nan

    assert (changes(workdays).spike.p_value > 1e-3).all()


def test_the_last_days_may_be_missing_and_the_columns_stay_those_of_the_caller():
    late = quiet(50)
    late[:, 110] *= 10
    late[:, 112:] *= 3
    late[:, 117:] = np.nan

    found = changes(late).spike

    assert (found.p_value < 1e-4).all()
    assert (found.first == 110).all()


def test_a_spike_among_unknown_days_is_still_found():
    patchy = quiet(100)
    patchy[np.random.default_rng(1).random(patchy.shape) < 0.2] = np.nan
    patchy[:, 110] = 200_000

    found = changes(patchy).spike

    assert (found.p_value < 1e-3).mean() > 0.8
    assert (found.p_value[found.first == 110] < 1e-3).mean() > 0.8


def test_an_unknown_day_is_never_a_spike():
    hole = quiet(50)
    hole[:, 110] = np.nan

    found = changes(hole).spike

    assert not ((found.first <= 110) & (found.last >= 110)).any()


@pytest.mark.parametrize(
    ("history", "short"),
    [(SHORTEST_HISTORY_DAYS - 1, True), (SHORTEST_HISTORY_DAYS, False)],
)
def test_with_less_than_four_weeks_of_history_nothing_is_said(history, short):
    series = quiet(3)
    series[:, : 90 - history] = np.nan
    found = changes(series)

    assert (found.too_short == short).all()
    assert (np.isnan(found.spike.p_value) == short).all()
    assert ((found.spike.first == -1) == short).all()


def test_fewer_days_than_are_needed_at_all_are_too_short():
    found = changes(quiet(2, days=40))

    assert found.too_short.tolist() == [True, True]
    assert np.isnan(found.step.before).all()


def test_a_shorter_history_asks_for_more():
    full = quiet(1, seed=8)
    full[:, 110] *= 2.5
    short = full.copy()
    short[:, :50] = np.nan

    assert changes(short).spike.distance[0] < changes(full).spike.distance[0]


def test_the_order_of_series_changes_nothing():
    series = quiet(5_000)
    order = np.random.default_rng(4).permutation(5_000)

    assert np.array_equal(
        changes(series[order]).spike.p_value, changes(series).spike.p_value[order]
    )
    assert np.array_equal(changes(series[order]).step.p_value, changes(series).step.p_value[order])


def test_a_series_alone_is_judged_as_among_thousands():
    series = quiet(5_000)
    alone = [changes(series[i : i + 1]).spike.p_value[0] for i in (0, 4_095, 4_096, 4_999)]

    assert alone == changes(series).spike.p_value[[0, 4_095, 4_096, 4_999]].tolist()


def test_no_series_at_all_is_no_answer_at_all():
    assert len(changes(np.empty((0, DAYS))).spike.p_value) == 0


def test_a_month_shorter_than_a_step_is_refused():
    with pytest.raises(InputError, match="at least 7 audited days"):
        changes(quiet(), audited_days=6)
