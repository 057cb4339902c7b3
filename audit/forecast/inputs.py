"""What a simulation can be asked for: a clear refusal of the rest."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from audit.errors import InputError
from audit.forecast.cleaning import Floats


def checked(
    values: Floats,
    series: Sequence[str] | None,
    *,
    last_day: date,
    start: date,
    end: date,
    draws: int,
    seed: int,
) -> tuple[tuple[str, ...], Floats]:
    """Names of the series, and their days as numbers.

    Raises:
        InputError: what ``simulate`` says.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or 0 in array.shape:
        raise InputError(
            f"Days are a table of series x days with at least one of each, got {array.shape}."
        )
    names = tuple(str(k) for k in range(len(array))) if series is None else tuple(series)
    if len(names) != len(array):
        raise InputError(f"{len(names)} names for {len(array)} series: give one for each.")
    _refuse_impossible(array, names, "day")
    as_of = last_day + timedelta(days=1)
    if not start <= as_of <= end:
        raise InputError(
            f"Days are known to {last_day}, so the forecast begins on {as_of}: that is outside "
            f"the billing period from {start} to before {end}."
        )
    if draws < 1 or seed < 0:
        raise InputError(f"At least 1 draw and a seed from 0 on, got {draws} and {seed}.")
    return names, array


def checked_monthly(monthly: Floats, names: tuple[str, ...]) -> Floats:
    """Past monthly totals as numbers: series x months.

    Raises:
        InputError: not one row per series, or a negative or infinite total.
    """
    array = np.asarray(monthly, dtype=np.float64)
    if array.ndim != 2 or len(array) != len(names):
        raise InputError(
            f"Monthly totals are a table of {len(names)} series x months, got {array.shape}."
        )
    _refuse_impossible(array, names, "month")
    return array


def _refuse_impossible(array: Floats, names: tuple[str, ...], unit: str) -> None:
    wrong = np.isinf(array) | (array < 0)
    if wrong.any():
        k, at = (int(place[0]) for place in np.nonzero(wrong))
        raise InputError(
            f"Usage of {names[k]!r} in {unit} {at + 1} of {array.shape[1]} is {array[k, at]}: "
            "it must be 0 or more; leave it empty (NaN) where it is not known."
        )
