"""Daily usage made comparable: weekday factors, unknown days, outliers.

Arrays run (days, series), oldest day first: every step is one operation on whole rows.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]

WEEK = 7

#: Whole weeks, counted back from the last day, that the weekday factors come from.
FACTOR_WEEKS = 12

#: A week says something about its weekdays when so many of its days are known.
KNOWN_DAYS_OF_A_WEEK = 4

#: Weight, in weeks, of "all weekdays are as usual" against the weeks seen, and of the noise of
#: the factors against their differences.
EQUAL_WEEKS = 0.25
NOISE_COUNTS = 0.72

#: Fewer weeks than these say nothing about how far weeks disagree.
WEEKS_THAT_DISAGREE = 4

#: Share of empty days from which on a series is one of single happenings, and of a weekday that
#: is closed.
OFTEN_EMPTY_SHARE = 0.1
ALWAYS_EMPTY_SHARE = 0.9

#: No weekday is taken to be emptier than this share of a mean day when dividing by it.
LEAST_FACTOR = 0.05

#: Stands for 0 where something is divided by it or its logarithm taken.
TINY = 1e-300

#: Days to either side that an outlier is judged by, and how far off it must be.
WINDOW_DAYS = 3
OUTLIER_DEVIATIONS = 4.0
LEAST_DEVIATION_SHARE = 0.15

#: Where the days around are empty, a day counts up to so many times the mean of days in use.
LARGEST_BURST = 4.0

#: Dips and bursts of several days in steady series: the days around them, every how many days
#: these are looked at, how far off a day must be, and what is steady (deviation over median).
EXCURSION_WINDOW = 29
EXCURSION_STEP = 4
EXCURSION_DEVIATIONS = 3.0
EXCURSION_SHARE = 0.1
STEADY_SHARE = 0.15

#: The standard deviation of a normal distribution in its median absolute deviations.
DEVIATION_PER_MAD = 1.4826

#: Compare-exchange pairs that leave the median of seven in place 3.
MEDIAN_OF_SEVEN = (
    *((0, 5), (0, 3), (1, 6), (2, 4), (0, 1), (3, 5), (2, 6), (2, 3)),
    *((3, 6), (4, 5), (1, 4), (1, 3), (3, 4)),
)


def weekday_factors(
    values: Floats, weekdays: NDArray[np.int64], usual: Floats | None = None
) -> Floats:
    """Each weekday against a mean day, (7, series), Monday first, of mean 1.

    The middle half of a weekday's shares of its weeks, drawn to ``usual`` as far as the weeks
    disagree. ``weekdays``: 0 for Monday, per row. ``usual``: (7,), all 1 when not given.
    """
    # Place 0 of a week is the day after the last one's weekday.
    order = (np.arange(WEEK) - int(weekdays[-1]) - 1) % WEEK
    weeks = _weeks(values)[:, order]
    known = ~np.isnan(weeks)
    units = np.where(known, weeks, 0.0)
    count = known.sum(axis=1)
    mean = units.sum(axis=1) / np.maximum(count, 1)
    usable = (count >= KNOWN_DAYS_OF_A_WEEK) & (mean > 0)
    ratios = weeks / np.where(usable, mean, np.nan)[:, None, :]
    used = (~np.isnan(ratios)).sum(axis=0)
    ratios.sort(axis=0)
    cut = used // 4
    place = np.arange(FACTOR_WEEKS)[:, None, None]
    middle = (place >= cut) & (place < used - cut)
    factors = np.where(middle, ratios, 0.0).sum(axis=0) / np.maximum(middle.sum(axis=0), 1)
    factors = np.where(_is_often_empty(units, known), _plain_factors(units, known), factors)
    prior = np.ones((WEEK, 1)) if usual is None else usual[:, None]
    factors = np.where(used > 0, factors, prior)
    factors /= np.maximum(factors.mean(axis=0), TINY)
    away = factors - prior
    deviation = DEVIATION_PER_MAD * median_of_sorted(
        np.sort(np.abs(ratios - factors), axis=0), used
    )
    noise = (deviation**2 / np.maximum(used, 1)).mean(axis=0)
    signal = (away**2).sum(axis=0) / (WEEK - 1)
    kept = np.clip(1 - NOISE_COUNTS * noise / np.maximum(signal, TINY), 0.0, 1.0)
    kept = np.where(used >= WEEKS_THAT_DISAGREE, kept, 1.0)
    factors = prior + kept * away * used / (used + EQUAL_WEEKS)
    return factors / factors.mean(axis=0)


def is_often_empty(values: Floats) -> Truths:
    """Usage comes in single happenings: days are empty that are not always so, as a Sunday can
    be. The middle of such a series says nothing, its mean does."""
    weeks = _weeks(values)
    return _is_often_empty(weeks, ~np.isnan(weeks))


def _weeks(values: Floats) -> Floats:
    """The last weeks, (weeks, 7, series), unknown where there is no history."""
    days, series = values.shape
    span = FACTOR_WEEKS * WEEK
    recent = values[-span:]
    if days < span:
        recent = np.vstack([np.full((span - days, series), np.nan), recent])
    return recent.reshape(FACTOR_WEEKS, WEEK, series)


def _is_often_empty(weeks: Floats, known: Truths) -> Truths:
    empty = (known & (weeks == 0)).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    is_open = empty < ALWAYS_EMPTY_SHARE
    often = np.where(is_open, empty, 0.0).mean(axis=0) > OFTEN_EMPTY_SHARE
    return np.asarray(often | ~is_open.any(axis=0))


def _plain_factors(units: Floats, known: Truths) -> Floats:
    plain = units.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return plain / np.maximum(plain.mean(axis=0), TINY)


def median_of_sorted(ordered: Floats, count: NDArray[np.int64]) -> Floats:
    """The median along axis 0 of values sorted with NaN last; 0 where ``count`` is 0."""
    low = np.maximum((count - 1) // 2, 0)[None]
    high = np.minimum(count // 2, ordered.shape[0] - 1)[None]
    middle = (np.take_along_axis(ordered, low, 0)[0] + np.take_along_axis(ordered, high, 0)[0]) / 2
    return np.where(count > 0, middle, 0.0)


def filled(values: Floats, known: Truths) -> Floats:
    """Unknown days take the last known value; those before the first one an early median."""
    days = values.shape[0]
    at = np.where(known, np.arange(days)[:, None], -1)
    np.maximum.accumulate(at, axis=0, out=at)
    last = np.take_along_axis(np.where(known, values, 0.0), np.maximum(at, 0), 0)
    before = at < 0
    if not before.any():
        return last
    first = np.argmax(known, axis=0)
    early = first + np.arange(WEEK)[:, None] % (days - first)
    start = np.take_along_axis(last, early, 0)
    return np.where(before, np.median(start, axis=0)[None], last)


def without_outliers(values: Floats, often_empty: Truths) -> Floats:
    """Values with days far off replaced by the median of the days around them: single days
    against the week around them, and in steady series whole dips and bursts against four weeks.

    The weeks are centred, and moved inwards at both ends, so that a jump of the last three days
    is still an outlier. ``values`` has no unknown days. Where days are ``often_empty``, a day is
    held to a few times the mean of the days in use instead.
    """
    days = values.shape[0]
    if days < WEEK:
        return values.copy()
    centre = np.clip(np.arange(days), WINDOW_DAYS, days - 1 - WINDOW_DAYS) - WINDOW_DAYS
    median = _medians_of_seven([values[i : days - WEEK + 1 + i] for i in range(WEEK)])
    spread = _medians_of_seven(
        [np.abs(values[i : days - WEEK + 1 + i] - median) for i in range(WEEK)]
    )
    median, spread = median[centre], spread[centre]
    bound = np.maximum(DEVIATION_PER_MAD * spread, LEAST_DEVIATION_SHARE * median)
    off = np.abs(values - median) > OUTLIER_DEVIATIONS * bound
    used = (values > 0).sum(axis=0)
    most = LARGEST_BURST * values.sum(axis=0) / np.maximum(used, 1)
    calm = _without_excursions(np.where(off, median, values))
    return np.where(often_empty, np.minimum(values, most), calm)


def _without_excursions(values: Floats) -> Floats:
    days = values.shape[0]
    if days < EXCURSION_WINDOW:
        return values
    starts = np.arange(days - EXCURSION_WINDOW, -1, -EXCURSION_STEP)[::-1]
    windows = np.lib.stride_tricks.sliding_window_view(values, EXCURSION_WINDOW, axis=0)[starts]
    windows = np.ascontiguousarray(windows)
    middle = EXCURSION_WINDOW // 2
    windows.partition(middle, axis=-1)
    median = windows[..., middle].copy()
    np.abs(windows - median[..., None], out=windows)
    windows.partition(middle, axis=-1)
    spread = DEVIATION_PER_MAD * windows[..., middle]
    nearest = np.abs(np.arange(days)[:, None] - middle - starts[None]).argmin(axis=1)
    bound = np.maximum(spread, EXCURSION_SHARE * median) * EXCURSION_DEVIATIONS
    bound = np.where(spread < STEADY_SHARE * median, bound, np.inf)
    median, bound = median[nearest], bound[nearest]
    return np.where(np.abs(values - median) > bound, median, values)


def _medians_of_seven(rows: list[Floats]) -> Floats:
    rows = list(rows)
    for low, high in MEDIAN_OF_SEVEN:
        rows[low], rows[high] = (
            np.minimum(rows[low], rows[high]),
            np.maximum(rows[low], rows[high]),
        )
    return rows[3]
