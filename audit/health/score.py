"""The score of many organizations at once, from columns of measures."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.errors import InputError
from audit.health.published import Band, Bands, Published, load_published

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """One row per organization, on the index of the frame that was scored.

    ``score``: 0 to 10; NaN where less than the minimum of the weight is known.
    ``coverage_percent``: of the weight, how much is known. ``label``: the band of the score, null
    where there is none. ``bands``, ``points`` and ``contributions`` have one column per measure,
    null or NaN where it is not known; the contributions of a row add up to its score.
    """

    score: "pd.Series[float]"
    coverage_percent: "pd.Series[float]"
    label: "pd.Series[str]"
    bands: pd.DataFrame
    points: pd.DataFrame
    contributions: pd.DataFrame


def score(
    measures: pd.DataFrame,
    *,
    minimum_coverage_percent: float | None = None,
    published: Published | None = None,
) -> Scores:
    """Score organizations. ``measures``: a column per measure that is known of any of them, by its
    name, NaN where it is not; other columns are left alone.

    ``minimum_coverage_percent``: None takes the published file's, which is ours.
    Raises: InputError for a minimum outside 0 to 100, or an infinite measure.
    """
    published = published or load_published()
    least = published.minimum_coverage_percent
    if minimum_coverage_percent is not None:
        least = minimum_coverage_percent
    if not 0 <= least <= 100:
        raise InputError(f"The minimum coverage is 0 to 100 percent, got {least}.")
    names = [measure.name for measure in published.measures]
    values = _values(measures, names)
    weights = np.array([m.weight_units for m in published.measures], dtype=np.int64)
    codes = np.column_stack(
        [_codes(values[:, i], m.bands) for i, m in enumerate(published.measures)]
    )
    points = _points(codes, published)
    known = ~np.isnan(points)
    known_weight = (known * weights).sum(axis=1)
    gained = np.where(known, points, 0) * weights
    with np.errstate(invalid="ignore"):
        # Whole numbers up to the one division, so that no edge of a band moves by a rounding.
        whole = gained.sum(axis=1) / known_weight
        parts = gained / known_weight[:, None]
    coverage = 100 * known_weight / published.weight_units
    enough = (coverage >= least) & (known_weight > 0)
    given = np.where(enough, whole, np.nan)
    contributions = np.where(known & enough[:, None], parts, np.nan)
    return Scores(
        score=pd.Series(given, index=measures.index),
        coverage_percent=pd.Series(coverage, index=measures.index),
        label=pd.Series(_words(_codes(given, published.label)), index=measures.index),
        bands=pd.DataFrame(_words(codes), index=measures.index, columns=names),
        points=pd.DataFrame(points, index=measures.index, columns=names),
        contributions=pd.DataFrame(contributions, index=measures.index, columns=names),
    )


def band(value: float, bands: Bands) -> Band | None:
    """The band of one value; None for NaN."""
    code = int(_codes(np.array([value], dtype=np.float64), bands)[0])
    return None if code < 0 else list(Band)[code]


def _values(measures: pd.DataFrame, names: list[str]) -> Floats:
    values = measures.reindex(columns=names).astype("float64").to_numpy()
    infinite = np.isinf(values).any(axis=0)
    if infinite.any():
        raise InputError(
            f"The measure {names[int(np.flatnonzero(infinite)[0])]!r} is infinite. A decrease from "
            "0 is not known: leave it out."
        )
    return values


def _codes(values: Floats, bands: Bands) -> npt.NDArray[np.int8]:
    """Place in ``Band`` by value; -1 where the value is not known."""
    poor, concerning, healthy = range(len(Band))
    found = np.full(values.shape, concerning, dtype=np.int8)
    found[bands.poor.holds(values)] = poor
    found[bands.healthy.holds(values)] = healthy
    found[np.isnan(values)] = -1
    return found


def _points(codes: npt.NDArray[np.int8], published: Published) -> Floats:
    # The last place stands for -1, the band of what is not known.
    of_band = np.array([*(published.points[b] for b in Band), np.nan], dtype=np.float64)
    return of_band[codes]


def _words(codes: npt.NDArray[np.int8]) -> npt.NDArray[np.object_]:
    return np.array([*(str(b) for b in Band), None], dtype=object)[codes]
