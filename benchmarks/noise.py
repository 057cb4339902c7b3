"""Clean daily series of many kinds: what a detector of spikes must stay quiet on.

Every kind gives ``count`` series of ``days`` days (units a day, whole numbers) from a generator.
All but ``counts``, ``bursty_counts`` and ``no_week`` have a week rhythm; levels lie between 300
and a million a day, standard deviations between 3 and 30 percent of the level.
"""

import numpy as np


def week(rng, count, days):
    weekend = rng.uniform(0.2, 1.35, (count, 1))
    rhythm = np.concatenate([np.ones((count, 5)), weekend, 0.95 * weekend], axis=1)
    return np.tile(rhythm, (1, days // 7 + 2))[:, int(rng.integers(7)) :][:, :days]


def level(rng, count):
    return 10 ** rng.uniform(2.5, 6, (count, 1))


def deviation(rng, count):
    return rng.uniform(0.03, 0.3, (count, 1))


def normal(rng, count, days):
    noise = 1 + deviation(rng, count) * rng.standard_normal((count, days))
    return level(rng, count) * week(rng, count, days) * noise


def lognormal(rng, count, days):
    noise = np.exp(deviation(rng, count) * rng.standard_normal((count, days)))
    return level(rng, count) * week(rng, count, days) * noise


def heavy(rng, count, days):
    """Student's t with five degrees of freedom."""
    noise = 1 + deviation(rng, count) * rng.standard_t(5, (count, days))
    return level(rng, count) * week(rng, count, days) * noise


def counts(rng, count, days):
    """Poisson, from one unit in a month to 30 a day."""
    return rng.poisson(10 ** rng.uniform(-1.5, 1.5, (count, 1)) * week(rng, count, days))


def bursty_counts(rng, count, days):
    """Counts of a few busy people: Poisson around a gamma level."""
    mean = 10 ** rng.uniform(-1, 2, (count, 1)) * week(rng, count, days)
    shape = rng.uniform(1, 10, (count, 1))
    return rng.poisson(mean * rng.gamma(shape, 1 / shape, (count, days)))


def wandering(rng, count, days):
    """The level itself walks at random, 1 to 8 percent a day."""
    walk = np.cumsum(rng.uniform(0.01, 0.08, (count, 1)) * rng.standard_normal((count, days)), 1)
    return lognormal(rng, count, days) * np.exp(walk)


def sticky(rng, count, days):
    """Autocorrelated noise, 0.3 to 0.9 from one day to the next."""
    keep = rng.uniform(0.3, 0.9, count)
    noise = rng.standard_normal((count, days))
    for day in range(1, days):
        noise[:, day] = keep * noise[:, day - 1] + np.sqrt(1 - keep**2) * noise[:, day]
    return level(rng, count) * week(rng, count, days) * np.exp(deviation(rng, count) * noise)


def growing(rng, count, days):
    """From halving to two and a half times in 60 days."""
    daily = np.log(rng.uniform(0.5, 2.5, (count, 1))) / 60
    return lognormal(rng, count, days) * np.exp(daily * np.arange(days))


def no_week(rng, count, days):
    noise = np.exp(deviation(rng, count) * rng.standard_normal((count, days)))
    return level(rng, count) * noise


def gaps(rng, count, days):
    """Lognormal with single days of outage (none to three), which are known and zero."""
    out = lognormal(rng, count, days)
    for _ in range(3):
        out[np.arange(count), rng.integers(0, 2 * days, count) % days] *= rng.random(count) < 0.5
    return out


def everything(rng, count, days):
    """Heavy tails on a growing, wandering level."""
    daily = np.log(rng.uniform(0.6, 2, (count, 1))) / 60
    walk = np.cumsum(rng.uniform(0.01, 0.04, (count, 1)) * rng.standard_normal((count, days)), 1)
    noise = 1 + rng.uniform(0.03, 0.2, (count, 1)) * rng.standard_t(5, (count, days))
    return (
        level(rng, count) * week(rng, count, days) * np.exp(daily * np.arange(days) + walk) * noise
    )


def wild(rng, count, days):
    """The exponential of a t with five degrees of freedom: it has no mean, and days of ten times
    the level are part of it. No detector can tell them from spikes; the bound does not cover it.
    """
    noise = np.exp(deviation(rng, count) * rng.standard_t(5, (count, days)))
    return level(rng, count) * week(rng, count, days) * noise


#: The kinds the bound on false alarms is measured on.
CLEAN = {
    kind.__name__: kind
    for kind in (
        normal,
        lognormal,
        heavy,
        counts,
        bursty_counts,
        wandering,
        sticky,
        growing,
        no_week,
        gaps,
        everything,
    )
}


def series(kind, rng, count, days):
    return np.rint(np.maximum(0, kind(rng, count, days)))
