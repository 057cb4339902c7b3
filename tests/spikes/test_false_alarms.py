"""How often clean accounts raise an alarm: the bound, on every kind of noise."""

import numpy as np
import pytest

from audit.spikes import benjamini_hochberg, changes, within_account

KINDS = (
    *("normal", "lognormal", "heavy", "counts", "bursty_counts", "wandering"),
    *("sticky", "growing", "no_week", "gaps", "everything"),
)
METERS = 10
ACCOUNTS = 1_000
ALLOWED_SHARE = 0.05


def test_every_kind_of_noise_is_held_to_the_bound(noise):
    assert set(KINDS) == set(noise.CLEAN)


def alarms(series, accounts):
    owner = np.repeat(np.arange(accounts), METERS)
    found = changes(series)
    for p_value in (found.spike.p_value, found.step.p_value):
        adjusted = within_account(p_value, owner)
        yield np.nanmin(adjusted.reshape(accounts, METERS), axis=1) <= ALLOWED_SHARE


@pytest.mark.parametrize("kind", KINDS)
def test_clean_accounts_raise_no_more_alarms_than_allowed(noise, kind):
    rng = np.random.default_rng(KINDS.index(kind))
    series = noise.series(noise.CLEAN[kind], rng, ACCOUNTS * METERS, 120)

    spikes, steps = alarms(series, ACCOUNTS)

    assert spikes.sum() <= ACCOUNTS * ALLOWED_SHARE
    assert steps.sum() <= ACCOUNTS * ALLOWED_SHARE


@pytest.mark.parametrize("history", [28, 42, 56])
@pytest.mark.parametrize("kind", ["heavy", "wandering", "everything"])
def test_with_little_history_too(noise, kind, history):
    rng = np.random.default_rng(history)
    series = noise.series(noise.CLEAN[kind], rng, ACCOUNTS * METERS, history + 30)

    spikes, steps = alarms(series, ACCOUNTS)

    assert spikes.sum() <= ACCOUNTS * ALLOWED_SHARE
    assert steps.sum() <= ACCOUNTS * ALLOWED_SHARE


def test_the_probability_means_something(noise):
    # A bound that nothing ever comes near would hide what it is for.
    rng = np.random.default_rng(0)
    series = noise.series(noise.everything, rng, 10_000, 120)

    assert 0.02 < (changes(series).spike.p_value <= 0.1).mean() <= 0.1


def test_the_vendors_rule_fires_on_one_clean_day_in_seven(noise, benchmark):
    series = 1_000 * (1 + 0.1 * np.random.default_rng(1).standard_normal((10_000, 120)))

    # Simulated by others with 400,000 draws: 14.1 percent.
    assert benchmark.vendors_rule(series).mean() == pytest.approx(0.141, abs=0.002)


def test_within_an_account_the_tests_are_counted():
    p_value = np.array([0.001, 0.2, 0.5, 0.001, np.nan])
    account = np.array([0, 0, 0, 1, 1])

    assert within_account(p_value, account)[:4].tolist() == [0.003, pytest.approx(0.6), 1, 0.001]


def test_a_meter_that_was_not_tested_does_not_count():
    p_value = np.array([0.001, np.nan, np.nan])

    adjusted = within_account(p_value, np.zeros(3, dtype=np.int64))

    assert adjusted[0] == 0.001
    assert np.isnan(adjusted[1:]).all()


def test_the_verdict_on_an_account_does_not_depend_on_others(noise):
    rng = np.random.default_rng(9)
    own = noise.series(noise.lognormal, rng, 5, 120)
    own[2, 100] *= 8
    others = noise.series(noise.heavy, rng, 500, 120)
    account = np.concatenate([np.full(5, 7), np.arange(500) % 7])

    alone = within_account(changes(own).spike.p_value, np.zeros(5, dtype=np.int64))
    among = within_account(changes(np.vstack([own, others])).spike.p_value, account)

    assert np.array_equal(alone, among[:5])


def test_nothing_tested_is_nothing_adjusted():
    assert np.isnan(within_account(np.array([np.nan]), np.array([0]))).all()


def test_q_values_by_hand():
    p_value = np.array([0.01, 0.5, 0.02, np.nan, 0.04])

    # Ranks 1 to 4 of four tested: 0.01 x 4/1, 0.02 x 4/2, 0.04 x 4/3, 0.5 x 4/4.
    expected = [0.04, 0.5, 0.04, np.nan, 0.04 * 4 / 3]
    assert benjamini_hochberg(p_value) == pytest.approx(expected, nan_ok=True)


def test_among_what_is_flagged_over_a_fleet_few_are_false():
    rng = np.random.default_rng(2)
    p_value = rng.random(20_000)
    planted = np.arange(20_000) < 1_000
    p_value[planted] = rng.random(1_000) * 1e-5

    flagged = benjamini_hochberg(p_value) <= 0.1

    assert planted[flagged].mean() == pytest.approx(0.9, abs=0.03)
    assert flagged[planted].all()
