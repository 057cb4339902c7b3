"""One export file as a sheet of cells or one JSON answer, or the place where it is broken.

Nothing is guessed that could change a number: JSON fractions become ``Decimal``, integers
stay exact, CSV cells stay the text they are, Parquet is read by DuckDB.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

CSV = (".csv", ".tsv", ".txt")
JSON = (".json",)
JSON_LINES = (".jsonl", ".ndjson")
PARQUET = (".parquet", ".pq")
READABLE = (*CSV, *JSON, *JSON_LINES, *PARQUET)

DELIMITERS = (",", ";", "\t", "|")
BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
HINTS = {
    ".xlsx": "a spreadsheet; save the sheet as CSV",
    ".xls": "a spreadsheet; save the sheet as CSV",
    ".zip": "an archive; unpack it into the folder",
    ".gz": "compressed; unpack it",
}


class BrokenFileError(Exception):
    """What is wrong with one file, as a sentence that starts with where. Internal."""


class EmptyFileError(Exception):
    """The file holds nothing to recognise it by. Internal."""


@dataclass(frozen=True)
class Sheet:
    """Columns of cells. ``places`` says where each row stands, e.g. ``line 7`` or ``row 6``."""

    columns: tuple[str, ...]
    cells: tuple[list[Any], ...]
    places: Sequence[str]
    delimiter: str = ","
    is_text: bool = False
    second_names: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return len(self.places)


@dataclass(frozen=True)
class Content:
    """What one file holds: a sheet of rows, or an answer with further structure, or both."""

    sheet: Sheet | None = None
    answer: Mapping[str, Any] | None = field(default=None, repr=False)


def content(path: Path) -> Content:
    """Read one file whole.

    Raises:
        BrokenFileError: for a file of a known format that breaks its rules.
        EmptyFileError: when there is nothing in it.
    """
    suffix = path.suffix.lower()
    if suffix in PARQUET:
        return Content(_parquet(path))
    data = path.read_bytes()
    if not data.strip(b"\x00\xff\xfe\xef\xbb\xbf \t\r\n"):
        raise EmptyFileError("is empty; download it again")
    text = _text(data)
    start = text.lstrip()[:200].lower()
    if start.startswith(("<!doctype", "<html", "<?xml", "<head", "<body")):
        raise BrokenFileError(
            "line 1, column 1: this is a web page (HTML), not an export. A sign-in page is often "
            "saved in its place: sign in and download it again"
        )
    if suffix in CSV:
        return Content(_csv(text))
    if suffix in JSON_LINES:
        return Content(_json_lines(text))
    return _json(text)


def _text(data: bytes) -> str:
    encoding = "utf-8"
    for mark, name in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    else:
        # UTF-16 without a mark: every other byte of its ASCII characters is zero.
        head = data[:64]
        if len(head) >= 4 and head[1::2].count(0) > len(head) // 4 and 0 not in head[::2]:
            encoding = "utf-16-le"
        elif len(head) >= 4 and head[::2].count(0) > len(head) // 4 and 0 not in head[1::2]:
            encoding = "utf-16-be"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, errors="replace")
        shown = data[error.start : error.start + 1].hex()
        raise BrokenFileError(
            f"{_place(before, len(before))}: byte 0x{shown} is not {encoding.upper()}. "
            "Save the file as UTF-8"
        ) from None


def _place(text: str, position: int) -> str:
    line = text.count("\n", 0, position) + 1
    return f"line {line}, column {position - (text.rfind(chr(10), 0, position) + 1) + 1}"


def _delimiter(text: str) -> str:
    """The delimiter that cuts the header into most cells; quoted ones do not count."""
    best, most = ",", 1
    for delimiter in DELIMITERS:
        try:
            header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        except csv.Error:
            continue
        if len(header) > most:
            best, most = delimiter, len(header)
    return best


def _csv(text: str) -> Sheet:
    skipped = 0
    # Excel's own line that names the delimiter.
    first, _, rest = text.partition("\n")
    said = first.strip().lower()
    delimiter = None
    if said.startswith("sep=") and len(said) == 5:
        delimiter, text, skipped = first.strip()[4], rest, 1
    delimiter = delimiter or _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    rows: list[list[str]] = []
    places: list[str] = []
    at = 1 + skipped
    try:
        for row in reader:
            here, at = at, reader.line_num + 1 + skipped
            if not row or (
                len(row) == 1 and not row[0].strip() and (header is None or len(header) > 1)
            ):
                continue
            if header is None:
                header = row
                continue
            if len(row) != len(header):
                raise BrokenFileError(
                    f"line {here}, column {min(len(row), len(header)) + 1}: the row has {len(row)} "
                    f"cells, the header {len(header)}. Download the file again, or quote cells "
                    f"that hold {delimiter!r}"
                )
            rows.append(row)
            places.append(f"line {here}")
    except csv.Error as error:
        width = len(text.split("\n")[min(reader.line_num, text.count("\n") + 1) - 1]) + 1
        raise BrokenFileError(
            f"line {at}, column {width}: {error}. The file is cut off or its quotes do not close; "
            "download it again"
        ) from None
    if header is None:
        raise EmptyFileError("is empty; download it again")
    cells = tuple([row[i] for row in rows] for i in range(len(header)))
    return Sheet(_unique(header, "line 1"), cells, places, delimiter, is_text=True)


def _unique(header: Sequence[str], where: str) -> tuple[str, ...]:
    named = [name.strip() for name in header]
    for position, name in enumerate(named):
        if name and name in named[:position]:
            raise BrokenFileError(
                f"{where}, column {position + 1}: the column {name!r} stands twice. Rename one"
            )
    return tuple(named)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BrokenFileError(f"the key {twice!r} stands twice in one object. Export it again")
    return out


def _loads(text: str, line: int | None = None) -> Any:
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=Decimal, object_pairs_hook=_no_repeats
        )
    except json.JSONDecodeError as error:
        raise BrokenFileError(
            f"line {line or error.lineno}, column {error.colno}: not valid JSON ({error.msg}). "
            "The file is cut off or was edited; download it again"
        ) from None
    except (RecursionError, ValueError) as error:
        raise BrokenFileError(
            f"line {line or 1}, column 1: not readable as JSON ({error})"
        ) from None


def _json_lines(text: str) -> Sheet:
    objects, places = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        value = _loads(line, number)
        if not isinstance(value, dict):
            raise BrokenFileError(f"line {number}, column 1: {_shown(value)} is not an object")
        objects.append(value)
        places.append(f"line {number}")
    return _from_objects(objects, places)


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:80] + "..."


def _json(text: str) -> Content:
    try:
        value = _loads(text)
    except BrokenFileError:
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) > 1 and all(line.lstrip().startswith("{") for line in lines):
            return Content(_json_lines(text))
        raise
    if isinstance(value, list):
        if not value:
            raise EmptyFileError("is an empty list: it has no rows to know its columns by")
        if all(isinstance(item, dict) for item in value):
            sheet = _from_objects(value, [f"row {n}" for n in range(1, len(value) + 1)])
            # Objects that name their kind are those of an API's list, without its envelope.
            kinds = {item.get("object") for item in value if isinstance(item.get("object"), str)}
            return Content(sheet, {"data": value} if kinds else None)
        odd = next(n for n, item in enumerate(value) if not isinstance(item, dict))
        raise BrokenFileError(f"row {odd + 1}: {_shown(value[odd])} is not an object of columns")
    if not isinstance(value, dict):
        raise BrokenFileError(f"line 1, column 1: {_shown(value)} is neither rows nor an answer")
    _refuse_failed(value)
    return Content(_from_answer(value), value)


def _refuse_failed(answer: Mapping[str, Any]) -> None:
    if str(answer.get("status")).lower() in ("failed", "error"):
        raise BrokenFileError(
            f"the query behind it failed (status {answer['status']!r}: "
            f"{_shown(answer.get('error') or answer.get('detail'))}). Run it again and export again"
        )
    if answer.get("next") and isinstance(answer.get("results"), list):
        raise BrokenFileError(
            "the answer is one page of several (next is set). Fetch all pages into one answer"
        )
    if answer.get("has_more") and isinstance(answer.get("data"), list):
        raise BrokenFileError(
            "the answer is one page of several (has_more). Fetch all pages into one list"
        )
    inner = answer.get("data")
    for part in (answer, inner if isinstance(inner, dict) else {}):
        if part.get("rows_truncated"):
            raise BrokenFileError(
                f"the answer was cut at {part['rows_truncated']} rows (rows_truncated). Export it "
                "through the download button, which has no row cap"
            )
        if part.get("hasMore"):
            raise BrokenFileError("the answer was cut (hasMore). Raise the query's LIMIT")
    if isinstance(answer.get("detail"), str) and {"type", "code"} <= set(answer):
        raise BrokenFileError(
            f"the API refused the request: {_shown(answer['detail'])}. Fetch it again"
        )


def _from_answer(answer: Mapping[str, Any]) -> Sheet | None:
    """The rows of a Metabase answer (``data.rows``), a query answer or a list (``results``)."""
    data = answer.get("data")
    if isinstance(data, dict) and isinstance(data.get("rows"), list) and "cols" in data:
        first = [str(c.get("display_name") or c.get("name") or "") for c in data["cols"]]
        second = tuple(str(c.get("name") or "") for c in data["cols"])
        return _from_rows(first, data["rows"], second)
    results = answer.get("results")
    if not isinstance(results, list):
        return None
    if isinstance(answer.get("columns"), list):
        return _from_rows([str(name) for name in answer["columns"]], results, ())
    if results and all(isinstance(item, dict) for item in results):
        return _from_objects(results, [f"row {number}" for number in range(1, len(results) + 1)])
    return None


def _from_rows(header: list[str], rows: list[Any], second: tuple[str, ...]) -> Sheet:
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, list) or len(row) != len(header):
            raise BrokenFileError(f"row {number}: the row does not have {len(header)} cells")
    return Sheet(
        _unique(header, "the column list"),
        tuple([row[i] for row in rows] for i in range(len(header))),
        [f"row {number}" for number in range(1, len(rows) + 1)],
        second_names=second,
    )


def _from_objects(objects: list[dict[str, Any]], places: list[str]) -> Sheet:
    names = list(dict.fromkeys(name for item in objects for name in item))
    columns = _unique(names, "the keys")
    return Sheet(columns, tuple([item.get(name) for item in objects] for name in names), places)


def _parquet(path: Path) -> Sheet:
    if path.stat().st_size == 0:
        raise EmptyFileError("is empty; download it again")
    literal = "".join(f"[{c}]" if c in "[*?" else c for c in str(path))
    try:
        with duckdb.connect() as connection:
            kinds = connection.execute(
                "DESCRIBE SELECT * FROM read_parquet(?)", [literal]
            ).fetchall()
            wanted = ", ".join(_selected(str(name), str(kind)) for name, kind, *_ in kinds)
            found = connection.execute(
                f"SELECT {wanted} FROM read_parquet(?)",  # noqa: S608 - quoted column names
                [literal],
            )
            names = [item[0] for item in found.description or ()]
            rows = found.fetchall()
    except duckdb.Error as error:
        raise BrokenFileError(
            f"not readable as Parquet ({str(error).splitlines()[0]}). Export it again"
        ) from None
    return Sheet(
        _unique(names, "the column list"),
        tuple([row[i] for row in rows] for i in range(len(names))),
        [f"row {number}" for number in range(1, len(rows) + 1)],
    )


def _selected(name: str, kind: str) -> str:
    """A zoned timestamp as plain UTC, which needs no time-zone package to read."""
    quoted = '"' + name.replace('"', '""') + '"'
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"make_timestamp(epoch_us({quoted})) AS {quoted}"
    return quoted
