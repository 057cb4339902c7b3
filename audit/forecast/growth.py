"""Where the level of a meter goes over the twelve billing periods after the running one.

Measured on real daily series of two to four years (benchmarks/paths.py): with less than a year
of history nothing beats the last weeks, drawn a little towards the last year; from 400 days on
most of last year's season returns. A trend of a few months that goes on is hardly ever seen.
"""

from dataclasses import dataclass

import numpy as np

from audit.forecast.cleaning import Floats, Truths
from audit.forecast.past import Past
from audit.forecast.spread import POOLED_CHANGE, quantiles

#: A following period is at most this many times its middle forecast, and at least one part in it.
LARGEST_FACTOR = 10.0

#: Weight of the last twelve weeks against the last four.
QUARTER_WEIGHT = 0.4
QUARTER_WEIGHT_WITH_SEASON = 0.7

#: Share of the distance to the last year's mean that is expected back, and the distance at most.
RETURN_SHARE = 0.4
LARGEST_DISTANCE = 0.2
RETURN_PERIODS = 3.0

#: A year ahead is the season of today: so much of what differs from today is left by then.
SHARE_AT_TWELVE = 0.2

#: Days of history from which a season is used; the share of it that returns.
SEASON_DAYS = 400
SEASON_SHARE = 0.95
LARGEST_SEASON = 1.0

#: Half of that returns where the year's growth is so many times the season's deviation: what
#: looked like a season was the growth.
SEASON_AGAINST_GROWTH = 2.0

#: The rougher a single season, the less of it returns: its squared steps over twice its variance,
#: 1 for pure chance and 0.13 for a sine, times the first, off the second. Of two seasons all of it
#: returns where they correlate by the third, and less where by less. Below the last share a season
#: is taken for chance, and not used.
ROUGHNESS_LOSS, SMOOTH_SHARE, AGREEMENT, LEAST_TRUST = 0.85, 1.8, 0.7, 0.4

#: Share of the last year's growth that is expected back, and the growth at most.
GROWTH_RETURN_SHARE = 0.5
LARGEST_GROWTH_RETURNED = 0.1
GROWTH_RETURN_PERIODS = 4.0

#: Growth goes on, damped by month, where it was steady over a whole year: from the first share
#: of the blocks' variance that a straight line explains, half of it at the second. Bounded.
STEADY_FROM, STEADY_AT = 0.8, 0.95
STEADY_SHARE = 0.5
DAMPING = 0.85
LARGEST_GROWTH = 0.35

#: No series is taken to be steadier or wilder than this.
LEAST_CHANGE = 0.005
LARGEST_CHANGE = 1.5

#: From this share of empty days on a meter is sparse; fully so at the second one.
SPARSE_FROM, SPARSE_AT = 0.3, 0.7
SPARSE_OFFSET = 0.5

#: The range follows the own change of n blocks to the power OWN_POWER n / (n + POOLED_BLOCKS).
OWN_POWER = 1.2
POOLED_BLOCKS = 2.5

#: Changes over three and six blocks count this much of it, from so many blocks on; they are
#: usually so much larger than those from one block to the next.
FAR_WEIGHT = 0.45
FAR_CHANGES = ((3, 5, 1.45), (6, 8, 1.6))

#: With a season, last year's growth says how far the next year may go: the power of growth over
#: usual growth, and the least growth.
GROWTH_POWER = 0.3
USUAL_GROWTH, LEAST_GROWTH = 0.06, 0.02

#: Beyond the first scale it grows with its root alone; that of sparse meters ends at the second.
WIDE_SCALE, LARGEST_SPARSE_SCALE = 0.2, 0.2

#: How the pooled change follows the error of the coming days, and the usual error of these.
DAILY_POWER = 1.1
USUAL_DAILY_ERROR = 0.1


@dataclass(frozen=True)
class Outlook:
    """Per series and period: ``middle``, units per ordinary day; ``scale`` (series), typical
    change from one block to the next as a logarithm; ``offset`` (series): share of the middle
    that sparse meters are shifted by, so that a month may be empty."""

    middle: Floats
    scale: Floats
    offset: Floats
    history_days: Floats
    has_season: Truths
    lead_days: Floats

    def per_day(self, levels: Floats) -> Floats:
        """Units per ordinary day at ``levels`` of chance (ascending, in (0, 1)): series x
        periods x levels, ascending."""
        limit = np.log(LARGEST_FACTOR)
        out = np.empty((*self.middle.shape, len(levels)))
        odds = np.log(levels / (1 - levels))
        for k, period in np.ndindex(self.middle.shape):
            knots, row = quantiles(
                float(self.lead_days[period]),
                float(self.history_days[k]),
                season=bool(self.has_season[k]),
            )
            shock = np.interp(odds, knots, row)
            factor = np.exp(np.clip(self.scale[k] * shock, -limit, limit))
            factor = (1 + self.offset[k]) * factor - self.offset[k]
            out[k, period] = self.middle[k, period] * np.maximum(factor, 0.0)
        return out


def outlook(seen: Past, lead_days: Floats, daily_error: Floats) -> Outlook:
    """``lead_days``: from the last known day to the middle of each following period."""
    blocks = seen.blocks
    mean = _nanmean(blocks)
    floor = np.maximum(0.02 * mean, 1e-300)
    logs = np.log(np.maximum(blocks, floor[:, None]))
    last = logs[:, 0]
    quarter = np.log(np.maximum(_nanmean(blocks[:, :3]), floor))
    year = np.log(np.maximum(mean, floor))
    ahead = lead_days / 30.0
    distance = np.clip(year - last, -LARGEST_DISTANCE, LARGEST_DISTANCE)
    away = QUARTER_WEIGHT * (quarter - last)[:, None] * _until_a_year(ahead, 0.0)
    back = RETURN_SHARE * distance[:, None] * _until_a_year(ahead, RETURN_PERIODS)
    flat = last[:, None] + away + back
    has_season = _has_season(seen)
    middle = np.where(has_season[:, None], _with_season(seen, last, quarter, ahead), flat)
    middle = middle + _steady_growth(logs, ahead)
    sparse = np.clip((seen.empty_share - SPARSE_FROM) / (SPARSE_AT - SPARSE_FROM), 0.0, 1.0)
    long = np.log(np.maximum(0.3 * np.exp(quarter) + 0.7 * mean, floor))
    middle = middle + (sparse * (long - _mixed(last, quarter, QUARTER_WEIGHT)))[:, None]
    changes = np.log(np.maximum(seen.steady, floor[:, None]))
    scale = _scale(changes, daily_error) * np.where(has_season, _of_growth(seen, quarter), 1.0)
    scale = np.minimum(scale, np.sqrt(WIDE_SCALE * scale))
    scale = _mixed(scale, np.minimum(scale, LARGEST_SPARSE_SCALE), sparse) + seen.steps.doubt
    some = np.nan_to_num(mean) > 0
    return Outlook(
        middle=np.where(some[:, None], np.exp(middle), 0.0),
        scale=scale,
        offset=SPARSE_OFFSET * sparse,
        history_days=seen.days,
        has_season=has_season,
        lead_days=lead_days,
    )


def _has_season(seen: Past) -> Truths:
    complete = np.isfinite(seen.seasons[:, 0]).all(axis=1)
    known = (seen.days >= SEASON_DAYS) & complete & (np.nan_to_num(seen.year_ago) > 0)
    return np.asarray(known & (_trust(seen.seasons) >= LEAST_TRUST))


def _with_season(seen: Past, last: Floats, quarter: Floats, ahead: Floats) -> Floats:
    season = np.clip(_nanmean(seen.seasons.transpose(0, 2, 1)), -LARGEST_SEASON, LARGEST_SEASON)
    grown = quarter - np.log(np.maximum(np.nan_to_num(seen.year_ago), 1e-300))
    against = grown / np.maximum(season.std(axis=1), 1e-9) / SEASON_AGAINST_GROWTH
    share = (SEASON_SHARE * _trust(seen.seasons) / (1 + against**2))[:, None] * _until_a_year(
        ahead, 0.0
    )
    noise = np.clip(grown, -LARGEST_GROWTH_RETURNED, LARGEST_GROWTH_RETURNED)
    return np.asarray(
        _mixed(last, quarter, QUARTER_WEIGHT_WITH_SEASON)[:, None]
        + share * season
        - GROWTH_RETURN_SHARE * noise[:, None] * _until_a_year(ahead, GROWTH_RETURN_PERIODS)
    )


def _trust(seasons: Floats) -> Floats:
    """How much of a season can be one: two that agree, or a single smooth one."""
    away = seasons - seasons.mean(axis=2, keepdims=True)
    variance = np.maximum((away**2).mean(axis=2), 1e-12)
    roughness = (np.diff(away[:, 0], axis=1) ** 2).mean(axis=1) / (2 * variance[:, 0])
    smooth = SMOOTH_SHARE - ROUGHNESS_LOSS * roughness
    agreement = (away[:, 0] * away[:, 1]).mean(axis=1) / np.sqrt(variance[:, 0] * variance[:, 1])
    found = np.where(np.isfinite(agreement), agreement / AGREEMENT, smooth)
    return np.asarray(np.clip(found, 0.0, 1.0))


def _until_a_year(ahead: Floats, rising_periods: float) -> Floats:
    rising = np.minimum(ahead / rising_periods, 1.0) if rising_periods else np.ones_like(ahead)
    return np.asarray(rising * np.clip((12.5 - ahead) / 1.5, SHARE_AT_TWELVE, 1.0))


def _steady_growth(logs: Floats, ahead: Floats) -> Floats:
    """What is added to the logarithm of each period, where growth was steady for 13 blocks."""
    whole = np.asarray(np.isfinite(logs).all(axis=1))
    filled = np.where(whole[:, None], logs, 0.0)
    age = np.arange(logs.shape[1]) - (logs.shape[1] - 1) / 2
    away = filled - filled.mean(axis=1, keepdims=True)
    slope = -(away @ age) / (age @ age)
    left = ((away + slope[:, None] * age) ** 2).sum(axis=1)
    explained = 1 - left / np.maximum((away**2).sum(axis=1), 1e-12)
    share = STEADY_SHARE * np.clip((explained - STEADY_FROM) / (STEADY_AT - STEADY_FROM), 0, 1)
    damped = DAMPING * (1 - DAMPING**ahead) / (1 - DAMPING)
    grown = (share * slope)[:, None] * damped
    return np.where(whole[:, None], np.clip(grown, -LARGEST_GROWTH, LARGEST_GROWTH), 0.0)


def _scale(logs: Floats, daily_error: Floats) -> Floats:
    near = _change(logs, 1)
    count = np.isfinite(logs).sum(axis=1) - 1
    own = near
    for far, least_blocks, usual_ratio in FAR_CHANGES:
        change = _change(logs, far) - np.log(usual_ratio)
        has = (count + 1 >= least_blocks) & np.isfinite(change)
        own = np.where(has, _mixed(near, change, FAR_WEIGHT), own)
    against_usual = np.clip(daily_error / USUAL_DAILY_ERROR, 0.3, 5.0)
    pooled = np.log(POOLED_CHANGE) + DAILY_POWER * np.log(against_usual)
    weight = OWN_POWER * count / (count + POOLED_BLOCKS)
    follows = (count > 0) & np.isfinite(own)
    return np.asarray(np.exp(pooled + np.where(follows, weight * (own - pooled), 0.0)))


def _change(logs: Floats, far: int) -> Floats:
    """Logarithm of the mean change over ``far`` blocks; NaN where none is known."""
    mean = _nanmean(np.minimum(np.abs(logs[:, :-far] - logs[:, far:]), LARGEST_CHANGE))
    return np.asarray(np.log(np.maximum(mean, LEAST_CHANGE)))


def _of_growth(seen: Past, quarter: Floats) -> Floats:
    grown = np.abs(quarter - np.log(np.maximum(np.nan_to_num(seen.year_ago), 1e-300)))
    return np.asarray((np.maximum(grown, LEAST_GROWTH) / USUAL_GROWTH) ** GROWTH_POWER)


def _mixed(one: Floats, other: Floats, weight: float | Floats) -> Floats:
    return np.asarray((1 - weight) * one + weight * other)


def _nanmean(values: Floats) -> Floats:
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=-1)
    count = known.sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
