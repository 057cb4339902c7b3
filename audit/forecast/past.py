"""What the past says of the months to come: levels by four weeks, and of the year before.

Arrays are series x ..., newest first where they count backwards; NaN where nothing is known.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from audit.forecast.cleaning import LEAST_FACTOR, WEEK, Floats, filled
from audit.forecast.shifts import ENDED_BREAKS, ENDED_DAYS
from audit.forecast.steps import Steps, clear_steps

#: Days of a block, and blocks that are looked at.
BLOCK_DAYS = 28
BLOCKS = 13

#: The same weekday a year before.
YEAR_DAYS = 364

#: Years that a season is taken from.
SEASON_YEARS = 3

#: A day counts at most this many times the median of the days around it.
LARGEST_DAY = 3.0
AROUND_DAYS = 15

#: Share of the days of a window that must be known, and fewest days of a year-old one.
KNOWN_SHARE = 0.5
LEAST_SEASON_DAYS = 10

#: Days over which the share of empty days is taken.
RECENT_DAYS = 180


@dataclass(frozen=True)
class Past:
    """``blocks``: series x 13, units per ordinary day of the last blocks of four weeks.
    ``seasons``: series x years x periods, logarithm of the level of each coming period one, two
    and three years earlier against the weeks before it then. ``year_ago``: series, level of
    the last twelve weeks a year earlier. ``days``: series, days since the first known one.
    ``empty_share``: share of the known days of the last half year without usage. ``steps``: clear
    steps of the level; all of the above is as if days before them had been on the new level, as
    far as that is believed. ``steady``: the blocks as if it were certain: how much they change
    apart from the step."""

    blocks: Floats
    seasons: Floats
    year_ago: Floats
    days: Floats
    empty_share: Floats
    steps: Steps
    steady: Floats


def past(
    values: Floats,
    factors: Floats,
    *,
    last_day: date,
    periods: list[tuple[date, date]],
    monthly: tuple[Floats, Floats] | None = None,
    steps: Steps | None = None,
) -> Past:
    """The past of ``values`` (series x days) as it bears on the coming ``periods``.

    ``factors``: series x 7, Monday first. ``monthly``: middles of older months in days before
    the last known day (months), and their levels in units per ordinary day (series x months).
    ``steps``: those to take as given; looked for when not.
    """
    steps = clear_steps(values, factors, last_day) if steps is None else steps

    def curve_of(moved: Floats) -> _Curve:
        months = None
        if monthly is not None:
            months = monthly[0], steps.levelled_months(*monthly, moved)
        return _Curve(steps.levelled(values, moved), factors, last_day, months)

    curve = curve_of(steps.believed)
    blocks = _blocks(curve)
    steady = _blocks(curve_of(steps.settled)) if (steps.days > 0).any() else blocks
    seasons = np.full((len(values), SEASON_YEARS, len(periods)), np.nan)
    year_ago = np.full(len(values), np.nan)
    for year in range(1, SEASON_YEARS + 1):
        back = YEAR_DAYS * year
        if back > curve.reach:
            break
        last = curve.level(back, back + BLOCK_DAYS, KNOWN_SHARE)
        quarter = curve.level(back, back + 3 * BLOCK_DAYS, KNOWN_SHARE)
        quarter = np.where(np.isnan(quarter), last, quarter)
        if year == 1:
            year_ago = quarter
        floor = np.maximum(0.05 * quarter, 1e-300)
        base = (np.log(np.maximum(last, floor)) + np.log(np.maximum(quarter, floor))) / 2
        for k, (first, end) in enumerate(periods):
            newest = max(back - (end - last_day).days + 1, 0)
            oldest = back - (first - last_day).days + 1
            if oldest - newest < LEAST_SEASON_DAYS:
                # A year from now nearly all of it: the season of today.
                seasons[:, year - 1, k] = 0.0
                continue
            level = curve.level(newest, oldest, KNOWN_SHARE)
            seasons[:, year - 1, k] = np.log(np.maximum(level, floor)) - base
    return Past(blocks, seasons, year_ago, curve.days, curve.empty_share, steps, steady)


def _blocks(curve: "_Curve") -> Floats:
    blocks = np.stack(
        [curve.level(BLOCK_DAYS * b, BLOCK_DAYS * (b + 1), KNOWN_SHARE) for b in range(BLOCKS)],
        axis=1,
    )
    # A young series has one block, of the days there are.
    blocks[:, 0] = np.where(np.isnan(blocks[:, 0]), curve.level(0, BLOCK_DAYS, 0.0), blocks[:, 0])
    return np.asarray(blocks)


class _Curve:
    """Level over any past window, in days back from the last known one (0 is the last)."""

    def __init__(
        self,
        values: Floats,
        factors: Floats,
        last_day: date,
        monthly: tuple[Floats, Floats] | None,
    ) -> None:
        _, width = values.shape
        known = np.isfinite(values)
        weekday = (last_day.weekday() - np.arange(width)[::-1]) % WEEK
        usual = np.maximum(factors, LEAST_FACTOR)[:, weekday]
        flat = filled((values / usual).T, known.T)
        around = _medians(flat).T
        most = np.where(around > 0, LARGEST_DAY * around, np.inf)
        counted = np.where(known, np.minimum(flat.T, most) * usual, 0.0)
        self._units = _sums(counted[:, ::-1])
        self._usual = _sums(np.where(known, usual, 0.0)[:, ::-1])
        self._known = _sums(known[:, ::-1].astype(np.float64))
        self._width = width
        self._monthly = monthly
        first = np.where(known.any(axis=1), np.argmax(known, axis=1), width)
        self.days = (width - first).astype(np.float64)
        if monthly is not None and len(monthly[0]):
            reached = np.where(np.isfinite(monthly[1]), monthly[0] + 15.0, 0.0).max(axis=1)
            self.days = np.maximum(self.days, reached)
        self.reach = float(self.days.max(initial=0.0))
        recent = known[:, -RECENT_DAYS:]
        none = (recent & (values[:, -RECENT_DAYS:] == 0)).sum(axis=1)
        self.empty_share = none / np.maximum(recent.sum(axis=1), 1)

    def level(self, newest: int, oldest: int, least_share: float) -> Floats:
        """Units per ordinary day over [newest, oldest) days back; NaN where too little is known."""
        start, end = min(newest, self._width), min(oldest, self._width)
        known = self._known[:, end] - self._known[:, start]
        usual = self._usual[:, end] - self._usual[:, start]
        units = self._units[:, end] - self._units[:, start]
        enough = (known > 0) & (known >= least_share * (oldest - newest))
        found = np.full(len(known), np.nan)
        np.divide(np.maximum(units, 0.0), usual, out=found, where=enough)
        if self._monthly is None or enough.all():
            return found
        return np.where(enough, found, self._of_months((newest + oldest) / 2))

    def _of_months(self, days_back: float) -> Floats:
        assert self._monthly is not None
        middles, levels = self._monthly
        out = np.full(len(levels), np.nan)
        for k, row in enumerate(levels):
            seen = np.isfinite(row)
            at = middles[seen]
            if len(at) and at.min() - 15 <= days_back <= at.max() + 15:
                order = np.argsort(at)
                out[k] = np.interp(days_back, at[order], row[seen][order])
        return out


def _medians(values: Floats) -> Floats:
    """The median of the 15 days around each, windows moved inwards at both ends (days x series)."""
    days = len(values)
    width = min(AROUND_DAYS, days)
    windows = np.lib.stride_tricks.sliding_window_view(values, width, axis=0).copy()
    windows.partition(width // 2, axis=-1)
    centre = np.clip(np.arange(days) - width // 2, 0, days - width)
    return np.asarray(windows[centre, :, width // 2])


def _sums(newest_first: Floats) -> Floats:
    return np.concatenate(
        [np.zeros((len(newest_first), 1)), np.cumsum(newest_first, axis=1)], axis=1
    )


def rescaled_before(values: Floats, changed_on: date | None, last_day: date) -> Floats:
    """Days before a change that stays, in units as if it had been made before them.

    They are multiplied by the mean after it over the mean of the four weeks before; where one of
    them has no usage, they are unknown. Less than three known days after it say nothing.
    """
    if changed_on is None:
        return values
    after = (last_day - changed_on).days + 1
    width = values.shape[1]
    if not 0 < after < width:
        return values
    cut = width - after
    new, old = values[:, cut:], values[:, max(cut - BLOCK_DAYS, 0) : cut]
    ratio = np.full(len(values), np.nan)
    mean_old = _mean(old)
    np.divide(_mean(new), mean_old, out=ratio, where=mean_old > 0)
    ratio = np.where(ratio > 0, ratio, np.nan)
    ratio = np.where(np.isfinite(new).sum(axis=1) < 3, 1.0, ratio)
    out = values.copy()
    out[:, :cut] *= ratio[:, None]
    return out


def _mean(values: Floats) -> Floats:
    known = np.isfinite(values)
    return np.asarray(np.where(known, values, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1))


def stopped_days(values: Floats) -> Floats:
    """Days without usage at the end, where they say that a series has stopped; else 0.

    It has when it was used, and then empty for two known weeks and three times as long as ever
    before, as in the running period. Real series that stop are rare in public data, so a chance of
    return is not known.
    """
    out = np.zeros(len(values))
    for k, row in enumerate(values):
        used = np.flatnonzero(row > 0)
        if len(used) == 0:
            continue
        after = row[used[-1] + 1 :]
        longest = int((np.diff(used) - 1).max(initial=0))
        if (after == 0).sum() >= max(ENDED_DAYS, ENDED_BREAKS * longest) and not np.isnan(
            after[-1]
        ):
            out[k] = len(after)
    return out
