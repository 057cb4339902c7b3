"""Canonical frames into DuckDB and out of it: exact decimals, whole numbers that stay whole."""

import os
from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.columns import Column, Table
from audit.statements import execute, parsed
from audit.tables import BY_NAME, TABLES
from audit.validation import empty


def selected(column: Column) -> str:
    """How a column is read: decimals travel as text, so that no float touches money."""
    name = f'"{column.name}"'
    if column.kind != "decimal":
        return name
    return f"rtrim(rtrim(CAST({name} AS VARCHAR), '0'), '.') AS {name}"


def fetched(
    table: str, connection: duckdb.DuckDBPyConnection, names: Collection[str] | None = None
) -> pd.DataFrame:
    """The result of a query over ``selected`` columns (all, or ``names``), in canonical dtypes.

    Column by column from DuckDB's arrays: its own frames turn a nullable integer into a float,
    which is exact only up to 2^53.
    """
    told = connection.fetchnumpy()
    if not len(next(iter(told.values()))):
        return empty(table)[list(told)]
    columns = BY_NAME[table].column
    return pd.DataFrame({name: _values(columns[name], told[name]) for name in names or columns})


def _values(column: Column, values: Any) -> Any:
    data, absent = np.ma.getdata(values), np.ma.getmaskarray(values)
    if column.kind == "integer":
        whole = data.astype("int64")
        return whole if column.required else pd.arrays.IntegerArray(whole, absent)
    if column.kind == "boolean":
        claims = data.astype(bool)
        return claims if column.required else pd.arrays.BooleanArray(claims, absent)
    if column.kind in ("day", "timestamp"):
        moments = data.astype("datetime64[us]")
        moments[absent] = np.datetime64("NaT")
        return moments
    texts = np.where(absent, np.array(None, dtype=object), data.astype(object))
    if column.kind == "decimal":
        exact = np.empty(len(texts), dtype=object)
        exact[:] = [None if v is None else Decimal(v) for v in texts]
        return exact
    return pd.array(texts, dtype="str")


#: The columns of a frame, by name.
Arrays = dict[str, npt.NDArray[Any]]

#: Optimizers of DuckDB that gain what they take. The others take a tenth of the audit of an account
#: of a few rows, and gain nothing for one of a few hundred thousand.
WORTHWHILE = ("filter_pushdown", "unused_columns")

#: A setting of DuckDB: objects are texts, always; else it guesses from some of them.
OBJECTS_ARE_TEXTS: Mapping[str, Any] = {"pandas_analyze_sample": 0}


def in_memory(
    frames: Mapping[str, pd.DataFrame], only: Collection[str] | None = None
) -> duckdb.DuckDBPyConnection:
    """Canonical frames as tables of a database in memory, typed as in a store.

    ``only``: the tables that will be read; others are left out.
    """
    connection = _database(os.getpid()).cursor()
    empties = []
    for table in TABLES:
        if only is not None and table.name not in only:
            continue
        frame = frames.get(table.name)
        if frame is None or frame.empty:
            empties.append(table.ddl.replace("CREATE TABLE", "CREATE TEMP TABLE", 1))
        else:
            # DuckDB finds them by their name here; to register them first takes as long again.
            incoming = sendable(table.name, frame)  # noqa: F841
            query = f"SELECT {typed(table, only_decimals=True)} FROM incoming"  # noqa: S608
            (create,) = parsed(connection, f"CREATE TEMP TABLE {table.name} AS {query}")
            connection.execute(create)
    connection.execute(";".join(empties) or "SELECT 1")
    return connection


@lru_cache(maxsize=1)
def _database(process: int) -> duckdb.DuckDBPyConnection:  # noqa: ARG001 - a fork has its own
    """The one empty database in memory of this process. Each cursor sees its own temporary
    tables and nothing of another's; opening a cursor costs a fraction of opening a database."""
    # One organization is too small for threads to help; starting them costs more.
    database = duckdb.connect(config={"threads": 1, **OBJECTS_ARE_TEXTS})
    known = database.execute("FROM duckdb_optimizers()").fetchall()
    left_out = ",".join(name for (name,) in known if name not in WORTHWHILE)
    database.execute(f"SET GLOBAL disabled_optimizers = '{left_out}'")
    return database


def forget() -> None:
    """Close the database in memory of this process, and with it the threads of DuckDB."""
    if _database.cache_info().currsize:
        _database(os.getpid()).close()
        _database.cache_clear()


def materialise(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    """A frame as a temporary table, replacing one of that name."""
    connection.register("incoming", arrays(frame))
    execute(connection, f"CREATE OR REPLACE TEMP TABLE {name} AS FROM incoming")
    connection.unregister("incoming")


def typed(table: Table, *, only_decimals: bool = False) -> str:
    """The table's columns in its own types. ``only_decimals`` leaves alone what a frame already
    carries in a type that compares alike."""
    return ", ".join(
        f'"{c.name}"'
        if only_decimals and c.kind != "decimal"
        else f'CAST("{c.name}" AS {c.duckdb_type}) AS "{c.name}"'
        for c in table.columns
    )


def sendable(table: str, frame: pd.DataFrame) -> Arrays:
    """A canonical frame as DuckDB takes it: decimals as text."""
    return {
        column.name: np.array([None if v is None else str(v) for v in values], dtype=object)
        if column.kind == "decimal"
        else array(values)
        for column in BY_NAME[table].columns
        if (values := frame.get(column.name)) is not None
    }


def arrays(frame: pd.DataFrame) -> Arrays:
    """The columns of a frame as DuckDB reads them fastest: a small frame itself takes it about
    twice as long, for what it asks of every column."""
    return {str(name): array(column) for name, column in frame.items()}


def array(column: pd.Series) -> npt.NDArray[Any]:
    """A column's values, the absent masked, NaN, NaT or None.

    Raises: TypeError for a type that would not arrive as it is.
    """
    if isinstance(column.dtype, pd.StringDtype):
        return column.to_numpy(dtype=object)
    masked = getattr(column.dtype, "numpy_dtype", None)
    if masked is not None and masked.kind in "biuf":
        return np.ma.MaskedArray(column.to_numpy(masked, na_value=0), column.isna().to_numpy())
    if isinstance(column.dtype, np.dtype):
        values = column.to_numpy()
        if values.dtype.kind in "biufM" or _are_texts(values):
            return values
    raise TypeError(f"{column.name} of {column.dtype} would not arrive as it is. Convert it first.")


def _are_texts(values: npt.NDArray[Any]) -> bool:
    return pd.api.types.infer_dtype(values, skipna=True) in ("string", "empty")
