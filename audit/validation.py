"""The gate into the canonical tables: one canonical frame, or an error that names the row.

What comes out has exactly the table's columns in order, canonical dtypes (``str``,
``int64``/``Int64``, ``bool``/``boolean``, ``datetime64[us]``, ``Decimal`` objects) and no
repeated key.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from audit.columns import Column, Table
from audit.errors import TableError
from audit.tables import BY_NAME

INT64_LIMIT = 2**63
DECIMAL_LIMIT = Decimal(10) ** 18
DECIMAL_PLACES = 10
SHOWN_CHARACTERS = 80


@dataclass(frozen=True)
class Checked:
    """A canonical frame, and how many rows of a repeated key were replaced by a later one."""

    frame: pd.DataFrame
    replaced_rows: int


def empty(table: str) -> pd.DataFrame:
    """The table with no rows, in canonical dtypes."""
    return _empty(table).copy()


@lru_cache
def _empty(table: str) -> pd.DataFrame:
    return validated(table, pd.DataFrame()).frame


def validated(table: str, rows: pd.DataFrame | Iterable[Mapping[str, Any]]) -> Checked:
    """Rows as canonical table; absent optional columns become null.

    Raises:
        TableError: naming table, column, row and value, for an unknown or missing column, a
            value of the wrong kind, a null key, a negative or fractional quantity, NaN,
            anything above 2^63, or (where the table forbids it) a repeated key.
    """
    spec = BY_NAME.get(table)
    if spec is None:
        raise TableError(f"No table {table!r}. Tables: {', '.join(BY_NAME)}.")
    # Objects as they come: a column of floats would round counters above 2^53.
    if not isinstance(rows, pd.DataFrame):
        rows = list(rows)
        if not rows:
            return Checked(empty(table), 0)
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows, dtype=object)
    frame = frame.reset_index(drop=True)
    unknown = [name for name in frame.columns if name not in spec.column]
    if unknown:
        raise TableError(
            f"{table}: unknown column {unknown[0]!r}. Columns: {', '.join(spec.names)}."
        )
    columns = {}
    for column in spec.columns:
        if column.name in frame.columns:
            values = frame[column.name]
        elif column.required and len(frame):
            raise TableError(
                f"{table}: column {column.name!r} is missing. It says: {column.meaning}"
            )
        else:
            values = pd.Series([None] * len(frame), dtype=object)
        columns[column.name] = _CONVERT[column.kind](spec, column, values, frame).array
    out = pd.DataFrame(columns, columns=spec.names)
    return _without_repeats(spec, out)


def _without_repeats(spec: Table, frame: pd.DataFrame) -> Checked:
    if len(frame) < 2:
        return Checked(frame, 0)
    repeated = frame.duplicated(list(spec.key), keep="last")
    if not repeated.any():
        return Checked(frame, 0)
    if not spec.last_row_wins:
        row = int(np.flatnonzero(repeated.to_numpy())[0])
        key = ", ".join(f"{name}={_shown(frame[name].iloc[row])}" for name in spec.key)
        raise TableError(
            f"{spec.name}, row {row}: the key stands twice ({key}). Keep one row per key."
        )
    kept = frame[~repeated].reset_index(drop=True)
    return Checked(kept, int(repeated.sum()))


def _shown(value: object) -> str:
    shown = repr(value.item() if isinstance(value, np.generic) else value)
    return shown if len(shown) <= SHOWN_CHARACTERS else shown[:SHOWN_CHARACTERS] + "..."


def _refuse(
    spec: Table, column: Column, frame: pd.DataFrame, bad: "np.ndarray[Any, Any]", why: str
) -> None:
    if not bad.any():
        return
    row = int(np.flatnonzero(bad)[0])
    keys = [name for name in spec.key if name in frame.columns and name != column.name]
    where = ", ".join(f"{name}={_shown(frame[name].iloc[row])}" for name in keys)
    more = f" ({int(bad.sum())} such rows)" if bad.sum() > 1 else ""
    raise TableError(
        f"{spec.name}.{column.name}, row {row} ({where}): {_shown(frame[column.name].iloc[row])} "
        f"{why}{more}."
    )


def _nulls(values: pd.Series) -> "np.ndarray[Any, Any]":
    return np.asarray(pd.isna(values.array), dtype=bool)


def _refuse_null(spec: Table, column: Column, values: pd.Series, frame: pd.DataFrame) -> None:
    if column.required:
        _refuse(spec, column, frame, _nulls(values), "is empty; the column needs a value")


def _text(spec: Table, column: Column, values: pd.Series, frame: pd.DataFrame) -> pd.Series:
    _refuse_null(spec, column, values, frame)
    if values.dtype != "str":
        known = ~_nulls(values)
        objects = values.to_numpy(dtype=object)
        if not _are_texts(objects[known]):
            each = [bool(k) and not _are_texts([v]) for k, v in zip(known, objects, strict=True)]
            _refuse(spec, column, frame, np.array(each), "is not text, or holds half a character")
        values = pd.Series(np.where(known, objects, None), dtype="str")
    if column.choices:
        wrong = np.asarray(~values.isin(column.choices) & values.notna(), dtype=bool)
        _refuse(spec, column, frame, wrong, f"is none of {', '.join(column.choices)}")
    return values


def _are_texts(values: Iterable[Any]) -> bool:
    try:
        "".join(values).encode()
    except (TypeError, UnicodeEncodeError):
        return False
    return True


def _integer(spec: Table, column: Column, values: pd.Series, frame: pd.DataFrame) -> pd.Series:
    if values.dtype == "int64":
        out = values
    else:
        _refuse_null(spec, column, values, frame)
        known = ~_nulls(values)
        numbers = [
            _whole(v) if k else 0 for k, v in zip(known, values.to_numpy(dtype=object), strict=True)
        ]
        wrong = np.fromiter((n is None for n in numbers), dtype=bool, count=len(numbers))
        _refuse(spec, column, frame, wrong, "is not a whole number")
        large = np.fromiter(
            (abs(n or 0) >= INT64_LIMIT for n in numbers), dtype=bool, count=len(numbers)
        )
        _refuse(spec, column, frame, large, "is beyond 2^63; no counter reaches that")
        out = pd.Series(np.array(numbers, dtype="int64"))
        if not column.required:
            out = out.astype("Int64").mask(~known)
    if column.minimum is not None:
        below = np.asarray((out < column.minimum).fillna(False), dtype=bool)
        _refuse(spec, column, frame, below, f"is below {column.minimum}; it counts {column.unit}")
    return out if column.required else out.astype("Int64")


def _whole(value: object) -> int | None:
    if isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, int | np.integer):
        return int(value)
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or number != number.to_integral_value():
        return None
    # Before int(): the digits of 1e999999999 would fill the memory.
    return INT64_LIMIT if number.copy_abs() >= INT64_LIMIT else int(number)


def _decimal(spec: Table, column: Column, values: pd.Series, frame: pd.DataFrame) -> pd.Series:
    _refuse_null(spec, column, values, frame)
    known = ~_nulls(values)
    numbers = [
        _finite(v) if k else None for k, v in zip(known, values.to_numpy(dtype=object), strict=True)
    ]
    wrong = np.fromiter(
        (bool(k) and n is None for k, n in zip(known, numbers, strict=True)),
        dtype=bool,
        count=len(numbers),
    )
    _refuse(spec, column, frame, wrong, "is not a number below 10^18 with at most 10 decimals")
    if column.minimum is not None:
        below = np.fromiter(
            (n is not None and n < column.minimum for n in numbers), dtype=bool, count=len(numbers)
        )
        _refuse(spec, column, frame, below, f"is below {column.minimum}")
    if column.maximum is not None:
        above = np.fromiter(
            (n is not None and n > column.maximum for n in numbers), dtype=bool, count=len(numbers)
        )
        _refuse(spec, column, frame, above, f"is above {column.maximum}")
    return pd.Series(numbers, dtype=object)


def _finite(value: object) -> Decimal | None:
    if isinstance(value, bool | np.bool_):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or number.copy_abs() >= DECIMAL_LIMIT:
        return None
    _, digits, exponent = number.as_tuple()
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    if not number:
        return Decimal(0)
    return None if int(exponent) + zeros < -DECIMAL_PLACES else number


def _moment(spec: Table, column: Column, values: pd.Series, frame: pd.DataFrame) -> pd.Series:
    _refuse_null(spec, column, values, frame)
    if not pd.api.types.is_datetime64_any_dtype(values):
        known = ~_nulls(values)
        plain = _plain_moments(values.to_numpy(dtype=object), known)
        if plain is not None:
            return pd.Series(plain).dt.normalize() if column.kind == "day" else pd.Series(plain)
        parsed = pd.to_datetime(
            pd.Series(np.where(known, values.to_numpy(dtype=object), None), dtype=object).astype(
                "str"
            ),
            errors="coerce",
            utc=True,
            format="ISO8601",
        )
        _refuse(spec, column, frame, known & _nulls(parsed), "is not an ISO 8601 date")
        values = parsed
    if getattr(values.dtype, "tz", None) is not None:
        values = values.dt.tz_convert("UTC").dt.tz_localize(None)
    values = values.astype("datetime64[us]")
    return values.dt.normalize() if column.kind == "day" else values


_PLAIN_MOMENT = re.compile(r"[1-9]\d{3}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?)?", re.ASCII)


def _plain_moments(
    objects: "np.ndarray[Any, Any]", known: "np.ndarray[Any, Any]"
) -> "np.ndarray[Any, Any] | None":
    """Moments as our own files write them, without a zone, read three times as fast; None where
    one is written otherwise."""
    if not all(isinstance(v, str) and _PLAIN_MOMENT.fullmatch(v) for v in objects[known]):
        return None
    moments = np.full(len(objects), np.datetime64("NaT"), dtype="datetime64[us]")
    try:
        moments[known] = objects[known].astype("datetime64[us]")
    except ValueError:  # such as the 30th of February
        return None
    return moments


_TRUTH = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def _boolean(spec: Table, column: Column, values: pd.Series, frame: pd.DataFrame) -> pd.Series:
    _refuse_null(spec, column, values, frame)
    if values.dtype == "bool":
        return values if column.required else values.astype("boolean")
    known = ~_nulls(values)
    read = [
        _TRUTH.get(str(v).strip().lower()) if k else None
        for k, v in zip(known, values.to_numpy(dtype=object), strict=True)
    ]
    wrong = np.fromiter(
        (bool(k) and r is None for k, r in zip(known, read, strict=True)),
        dtype=bool,
        count=len(read),
    )
    _refuse(spec, column, frame, wrong, "is neither true nor false")
    out = pd.Series(pd.array(read, dtype="boolean"))
    return out.astype("bool") if column.required else out


def _json(spec: Table, column: Column, values: pd.Series, frame: pd.DataFrame) -> pd.Series:
    objects = values.to_numpy(dtype=object)
    texts: list[str | None] = []
    wrong = np.zeros(len(objects), dtype=bool)
    for row, value in enumerate(objects):
        if value is None or (isinstance(value, float) and value != value) or value is pd.NA:
            texts.append(None)
            continue
        try:
            parsed = json.loads(value) if isinstance(value, str) else value
            # NaN is no JSON, and half a character cannot be written down: both raise here.
            json.dumps(parsed, ensure_ascii=False, allow_nan=False).encode()
            texts.append(None if parsed is None else json.dumps(parsed, sort_keys=True))
        except (TypeError, ValueError, RecursionError):
            texts.append(None)
            wrong[row] = True
    _refuse(spec, column, frame, wrong, "is not JSON")
    return pd.Series(texts, dtype="str")


_CONVERT = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "day": _moment,
    "timestamp": _moment,
    "boolean": _boolean,
    "json": _json,
}
