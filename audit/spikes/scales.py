"""How far is far: scales of a series, how often clean noise goes that far, and many tests at once.

The curves are measured, not derived: ``benchmarks/spikes.py --calibrate`` simulates clean series
of many kinds and prints them.
"""

import numpy as np

from audit.spikes.levels import Floats, Integers, Numbers

#: The newest days, in which spikes and steps are looked for: one billing month.
AUDITED_DAYS = 30
#: No series is calmer than this, on the log scale.
CALMEST_DAY = 0.03
CALMEST_WEEK = 0.02

Curve = tuple[tuple[float, float], ...]

# How often clean noise of the worst kind goes as far in AUDITED_DAYS: (distance, probability),
# rounded up. Beyond the last pair the curve goes on as a power, as between the last two.
SPIKE_TAIL: Curve = (
    *((1.0, 1.0), (2.5, 1e-1), (3.3, 3e-2), (4.1, 1e-2), (5.0, 3e-3)),
    *((5.9, 1e-3), (7.1, 3e-4), (8.4, 1e-4), (10.2, 3e-5)),
)
STEP_TAIL: Curve = (
    *((1.0, 1.0), (1.5, 1e-1), (2.1, 3e-2), (2.65, 1e-2), (3.2, 3e-3)),
    *((3.75, 1e-3), (4.4, 3e-4), (5.0, 1e-4), (5.8, 3e-5)),
)
# (known days of history, how much further noise goes with as many).
SPIKE_WIDENING: Curve = ((28, 1.3), (42, 1.2), (56, 1.05), (90, 1.0))
STEP_WIDENING: Curve = ((28, 3.15), (42, 2.0), (56, 1.35), (90, 1.0))


def scale(level: Numbers, calmest: float, days: int, typical: Numbers, tail: Numbers) -> Numbers:
    """What a distance is measured in: heeds both the middle and the tail of the past, so that
    noise with heavy tails must go further, and is never finer than the chance in counts.

    ``level``: log of the units a day; ``days``: over how many the compared medians go.
    """
    least = np.sqrt(calmest**2 + np.exp(-np.maximum(level, 0)) / days)
    return np.sqrt(np.maximum(typical, least) * np.maximum(tail, 1.2 * least))


def widening(history: Integers, measured: Curve) -> Numbers:
    """How much further clean noise goes with so many known days of history."""
    return np.interp(history, *np.transpose(measured)).astype(np.float32)


def probability(distance: Numbers, curve: Curve) -> Floats:
    """How often clean noise goes this far."""
    far, often = np.log(curve).T
    at = np.log(np.maximum(np.nan_to_num(distance, nan=0), curve[0][0]))
    slope = (often[-1] - often[-2]) / (far[-1] - far[-2])
    return np.exp(np.interp(at, far, often) + slope * np.maximum(0, at - far[-1]))


def within_account(p_value: Floats, account: Integers) -> Floats:
    """Each p-value times the number of series tested in its account (Bonferroni), at most 1.

    Flag those below a rate, and at most that share of clean accounts has an alarm, whatever
    else the store holds. NaN (not tested) stays and does not count.
    """
    tested = ~np.isnan(p_value)
    if not tested.any():
        return p_value.copy()
    together = np.bincount(account[tested], minlength=int(account.max()) + 1)
    return np.minimum(1.0, p_value * together[account])


def benjamini_hochberg(p_value: Floats) -> Floats:
    """q-values: flag those below a share, and about that share of what is flagged over the whole
    fleet is false (Benjamini and Hochberg 1995). For triage: they depend on who is in the fleet.

    >>> benjamini_hochberg(np.array([0.01, 0.04, np.nan, 0.03]))
    array([0.03, 0.04,  nan, 0.04])
    """
    out = np.full(len(p_value), np.nan)
    order = np.argsort(p_value, kind="stable")
    order = order[: np.count_nonzero(~np.isnan(p_value))]
    rank = np.arange(1, len(order) + 1)
    stepped = p_value[order] * len(order) / rank
    out[order] = np.minimum(1.0, np.minimum.accumulate(stepped[::-1])[::-1])
    return out
