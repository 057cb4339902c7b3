"""A frame with one row per (series, day) as a table of days, or a clear refusal."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.errors import InputError
from audit.forecast.cleaning import WEEK, Floats, Truths

#: Names a column may have; the first is ours.
COLUMNS = {
    "series": ("series", "unique_id", "series_id", "meter", "id", "name"),
    "day": ("day", "date", "ds", "timestamp"),
    "quantity": ("quantity", "value", "y", "usage", "units", "count"),
}

#: Text that names a day; a time after it is not looked at.
DAY = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?")

#: More units than this on one day are taken for a mistake.
MOST_UNITS = 1e18

#: A series without a row of 0 leaves out its empty days when it is so old and lacks so large a
#: share of its days, and either lacks most of them, or its days are such that some must be empty:
#: of so few units, or as unequal as single happenings, or absent on fixed weekdays.
LEFT_OUT_DAYS = 28
LEFT_OUT_SHARE = 0.1
MOSTLY_LEFT_OUT_SHARE = 0.5
FEW_UNITS = 10.0
CLOSED_SHARE = 0.85


@dataclass(frozen=True)
class Daily:
    """``values``: (series, days), NaN is unknown or before the series began. The last column is
    the day before ``as_of``. ``first``: column of the first row of each series; the number of
    columns for none. ``zeros_left_out``: absent days of this series were read as 0."""

    series: list[Any]
    values: Floats
    first: NDArray[np.int64]
    zeros_left_out: Truths
    last_day: date

    def from_day(self, day: date) -> Floats:
        """The columns from a day on."""
        start = self.values.shape[1] - 1 - (self.last_day - day).days
        return self.values[:, max(start, 0) :]


def daily(history: pd.DataFrame, *, as_of: date, first_day: date) -> Daily:
    """Rows before ``as_of`` and from ``first_day`` on as a table. Later rows are not looked at.

    Raises: InputError for a missing column, a day that is none, two rows for one (series, day),
    negative, infinite or absurd units.
    """
    names = {ours: _column(history, ours) for ours in COLUMNS}
    series = history[names["series"]]
    if series.isna().any():
        row = int(np.argmax(series.isna().to_numpy()))
        raise InputError(f"Row {row + 1} has no {names['series']}. Name the series of every row.")
    codes, unique = pd.factorize(series)
    days = _days(history[names["day"]])
    end = np.datetime64(as_of, "D")
    place = (days - end).astype(np.int64)
    kept = (place < 0) & (days >= np.datetime64(first_day, "D"))
    before = place < 0
    quantity = _quantities(history[names["quantity"]], before)
    _refuse_duplicates(codes[before], place[before], unique, as_of)

    codes, place, quantity = codes[kept], place[kept], quantity[kept]
    width = max((as_of - first_day).days, 1) if len(place) == 0 else int(-place.min())
    values = np.full((len(unique), width), np.nan)
    values[codes, place + width] = quantity
    first = np.full(len(unique), width)
    np.minimum.at(first, codes, place + width)
    labels = list(unique)
    order = _order(labels)
    table = Daily(
        series=[labels[i] for i in order],
        values=values[order],
        first=first[order],
        zeros_left_out=np.zeros(len(order), dtype=np.bool_),
        last_day=as_of - timedelta(days=1),
    )
    said = np.zeros(len(unique), dtype=np.bool_)
    said[codes[np.isnan(quantity)]] = True
    return _with_left_out_zeros(table, said[order])


def _with_left_out_zeros(table: Daily, said_unknown: Truths) -> Daily:
    """Exports that only hold days with usage: their absent days are empty, not unknown. Who says of
    a day that it is unknown, by a row without a quantity, leaves none out."""
    values = table.values
    known = ~np.isnan(values)
    inside = np.arange(values.shape[1])[None] >= table.first[:, None]
    last = values.shape[1] - np.argmax(known[:, ::-1], axis=1)
    lifetime = np.maximum(last - table.first, 1)
    seen = known.sum(axis=1)
    absent = 1 - seen / lifetime
    suspects = np.flatnonzero(
        (absent >= LEFT_OUT_SHARE)
        & (lifetime >= LEFT_OUT_DAYS)
        & (seen > 0)
        & ~(values == 0).any(axis=1)
        & ~said_unknown
    )
    left_out = np.zeros(len(values), dtype=np.bool_)
    for row in suspects:
        life = values[row, table.first[row] : last[row]]
        left_out[row] = absent[row] >= MOSTLY_LEFT_OUT_SHARE or _explains_empty_days(life)
    empty = left_out[:, None] & inside & ~known
    return Daily(
        series=table.series,
        values=np.where(empty, 0.0, values),
        first=table.first,
        zeros_left_out=left_out,
        last_day=table.last_day,
    )


def _explains_empty_days(life: Floats) -> bool:
    """The days with a row are few units, or very unequal, or always the same weekdays."""
    units = life[~np.isnan(life)]
    if np.median(units) < FEW_UNITS or units.std() > units.mean():
        return True
    weeks = np.isnan(life[: len(life) // WEEK * WEEK]).reshape(-1, WEEK).mean(axis=0)
    return bool(((weeks > CLOSED_SHARE) | (weeks < 1 - CLOSED_SHARE)).all())


def _column(history: pd.DataFrame, ours: str) -> str:
    if not isinstance(history, pd.DataFrame):
        raise InputError(f"history is a pandas frame, got {type(history).__name__}.")
    found = [name for name in COLUMNS[ours] if name in history.columns]
    if not found:
        seen = ", ".join(map(str, history.columns)) or "none"
        raise InputError(
            f"history has no column {ours!r} (nor {', '.join(COLUMNS[ours][1:])}). It has: {seen}."
        )
    if (history.columns == found[0]).sum() > 1:
        raise InputError(f"history has more than one column {found[0]!r}. Keep one.")
    return found[0]


def _days(column: "pd.Series[Any]") -> NDArray[np.datetime64]:
    codes, unique = pd.factorize(column)
    if (codes < 0).any():
        raise InputError(f"Row {int(np.argmax(codes < 0)) + 1} has no {column.name}.")
    if pd.api.types.is_numeric_dtype(column.dtype):
        raise InputError(f"{column.name} holds numbers; days look like 2026-11-01.")
    stamps = [_day(one) for one in unique]
    if None in stamps:
        bad = str(unique[stamps.index(None)])[:60]
        raise InputError(f"{column.name} {bad!r} is no day like 2026-11-01.")
    days = np.array(stamps, dtype="datetime64[D]")
    return days[codes] if len(days) else np.array([], dtype="datetime64[D]")


def _day(value: Any) -> date | None:
    """The day of a date, of a point in time, or of text that starts with one."""
    if hasattr(value, "year"):
        return date(value.year, value.month, value.day)
    if isinstance(value, np.datetime64):
        return _day(pd.Timestamp(value))
    text = str(value).strip()
    if not DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _quantities(column: "pd.Series[Any]", before: Truths) -> Floats:
    """Units as floats; NaN where the cell is empty."""
    column = column.reset_index(drop=True)
    try:
        units = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError):
        numbers = pd.to_numeric(column.where(before), errors="coerce")
        wrong = numbers.isna() & column.notna() & before
        if not wrong.any():
            return numbers.to_numpy(dtype=np.float64, na_value=np.nan)
        bad = str(column[wrong].iloc[0])[:60]
        raise InputError(f"{column.name} {bad!r} is no number of units.") from None
    bad_rows = before & ((units < 0) | np.isinf(units) | (units > MOST_UNITS))
    if bad_rows.any():
        row = int(np.argmax(bad_rows))
        raise InputError(
            f"Row {row + 1}: {column.name} is a number of units from 0 to {MOST_UNITS:.0e}, got "
            f"{units[row]}. Correct it, or leave it empty for an unknown day."
        )
    return units


def _refuse_duplicates(
    codes: NDArray[np.int64], place: NDArray[np.int64], unique: Any, as_of: date
) -> None:
    if len(codes) == 0:
        return
    keys = codes * (int(-place.min()) + 1) - place
    ordered = np.sort(keys)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(twice):
        at = int(np.argmax(keys == twice[0]))
        raise InputError(
            f"Series {str(unique[codes[at]])[:60]!r} has more than one row for "
            f"{as_of + timedelta(days=int(place[at]))}. Add them up to one row per day."
        )


def _order(labels: list[Any]) -> list[int]:
    try:
        return sorted(range(len(labels)), key=lambda i: labels[i])
    except TypeError:
        return sorted(range(len(labels)), key=lambda i: (type(labels[i]).__name__, str(labels[i])))
