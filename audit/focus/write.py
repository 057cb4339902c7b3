"""Rows to files: CSV for spreadsheets and loaders, Parquet with types.

CSV is RFC 4180: comma, quotes where needed, CRLF; UTF-8. Null is an empty field. Text is made
harmless for spreadsheets as in findings.csv; numbers and times never need it. Parquet holds the
text as it is. The same audit gives the same bytes.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal, get_args

import duckdb
import pandas as pd

from audit.errors import InputError
from audit.findings.document import safe_cell
from audit.findings.model import Audit
from audit.focus.columns import Column, columns
from audit.focus.rows import Row, RowSet, row_sets
from audit.pricing.tiers import plain

Format = Literal["csv", "parquet"]
Writer = Callable[[Path, Sequence[Row]], None]


@dataclass(frozen=True)
class Written:
    """One file and the sets of rows in it."""

    path: Path
    sets: tuple[RowSet, ...]


def write(audit: Audit, folder: str | Path, *, format: Format = "csv") -> list[Written]:
    """Write actual, estimate and counterfactual, each into a file of its own in a folder.

    All files are there, or those of before: a file is written beside its place and then renamed.
    Raises: InputError for a format that is none or a folder that is a file; PriceError for amounts
    that no column holds.
    """
    folder = Path(folder)
    suffix = _known(format)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file: name a folder, or a new .csv or .parquet file.")
    files = {folder / f"{one.name}.{suffix}": (one,) for one in row_sets(audit)}
    return _write_all(files, suffix)


def write_one(audit: Audit, file: str | Path) -> Written:
    """Write all three into one .csv or .parquet file. They overlap in time: x_Basis and x_Scenario
    tell them apart, and only rows that agree in both may be added up.

    Raises: as :func:`write`.
    """
    file = Path(file)
    suffix = _known(file.suffix.removeprefix(".").lower())
    return _write_all({file: row_sets(audit)}, suffix)[0]


def to_csv(rows: Iterable[Row]) -> str:
    """Rows as CSV text, header first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in columns()])
    for row in rows:
        writer.writerow([_cell(row[column.name], column) for column in columns()])
    return out.getvalue()


def _write_csv(path: Path, rows: Sequence[Row]) -> None:
    path.write_text(to_csv(rows), encoding="utf-8", newline="")


def _write_parquet(path: Path, rows: Sequence[Row]) -> None:
    names = [column.name for column in columns()]
    texts = [[_plain(row[name]) for name in names] for row in rows]
    typed = ", ".join(
        f'CAST("{one.name}" AS {one.duckdb_type}) AS "{one.name}"' for one in columns()
    )
    with duckdb.connect() as connection:
        # One thread, so that the same rows are laid out in the same way.
        connection.execute("SET threads = 1")
        connection.register("texts", pd.DataFrame(texts, columns=names, dtype="object"))
        connection.sql(f"SELECT {typed} FROM texts").write_parquet(str(path))  # noqa: S608  ours


WRITERS: Mapping[Format, Writer] = {"csv": _write_csv, "parquet": _write_parquet}


def _write_all(files: Mapping[Path, tuple[RowSet, ...]], suffix: Format) -> list[Written]:
    for path in files:
        if path.is_dir():
            raise InputError(f"{path} is a folder where a file would stand. Write somewhere else.")
    new = {path: path.with_name(path.name + ".new") for path in files}
    try:
        for path, sets in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            WRITERS[suffix](new[path], [row for one in sets for row in one.rows])
        for path in files:
            new[path].replace(path)
    finally:
        for unfinished in new.values():
            with suppress(OSError):
                unfinished.unlink()
    return [Written(path, sets) for path, sets in files.items()]


def _known(format: str) -> Format:
    for known in get_args(Format):
        if format == known:
            return known
    raise InputError(f"A FOCUS file is csv or parquet, got {format!r}.")


def _plain(value: object) -> str | None:
    """A value as text that leaves nothing to guess; None stays None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00Z"
    raise TypeError(f"{type(value).__name__} has no place in a FOCUS row.")


def _cell(value: object, column: Column) -> str:
    text = _plain(value)
    if text is None:
        return ""
    if column.type == "Decimal":
        # Loaders guess types: a column of whole numbers would become one of integers.
        return text if "." in text else f"{text}.0"
    return safe_cell(text) if column.type == "String" else text
