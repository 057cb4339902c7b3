"""Mappings: data that says which file is which export and where its columns go.

The ready-made ones are the TOML files in ``mappings/``; a user's mapping file has the same
form, described in ``docs/files.md``.
"""

import tomllib
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from audit.columns import Column
from audit.errors import SettingsError
from audit.sources.files.values import CONVERTERS, plain
from audit.tables import BY_NAME

#: Columns a mapping may fill that are no canonical column: the day that a windowed quantity
#: was counted on, names that go into the tables of projects and organizations, and a whole
#: usage report whose counters become rows.
EXTRAS = {"day": "day", "project_name": "text", "organization_name": "text", "report": "report"}
READERS = ("overview", "series", "invoices")
#: What the headers of further columns may be; with ``field`` they are anything at all.
HEADERS = ("day", "usage_type", "field")
COMMON = "common"

#: Later ranks win where two exports say the same thing differently.
SPREAD_RANK, PANEL_RANK, ANSWER_RANK, CANONICAL_RANK = 0, 1, 2, 3


@dataclass(frozen=True)
class Spelling:
    """One header a column goes by; ``file_name`` words must stand in the file's name."""

    name: str
    multiply: Decimal = Decimal(1)
    file_name: tuple[str, ...] = ()
    written: str = ""


@dataclass(frozen=True)
class Target:
    """One canonical column (or extra) and how a cell becomes its value."""

    name: str
    spellings: tuple[Spelling, ...]
    kind: str
    required: bool = False
    default: str | None = None
    several: bool = False
    at_least: Decimal | None = None
    hint: str = ""
    values: AbstractMapping[str, Any] = field(default_factory=dict)

    @property
    def wanted(self) -> str:
        """The column with a header it would be found by."""
        header = self.spellings[0].written
        if self.name.endswith("_usd"):
            return f"{self.name} ({header!r}, in dollars)"
        return self.name if plain(header) == plain(self.name) else f"{self.name} ({header!r})"


@dataclass(frozen=True)
class Mapping:
    """One kind of export. See ``docs/files.md`` for every field."""

    name: str
    title: str
    table: str
    targets: tuple[Target, ...] = ()
    constants: AbstractMapping[str, Any] = field(default_factory=dict)
    any_of: tuple[tuple[str, ...], ...] = ()
    without: tuple[str, ...] = ()
    file_name_without: tuple[str, ...] = ()
    unpivot_headers: str | None = None
    unpivot_value: str = "quantity"
    #: Headers of which one must be there, and what may stand before them; plain.
    telltale: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    must: AbstractMapping[str, tuple[str, ...]] = field(default_factory=dict)
    single: tuple[str, ...] = ()
    spread: bool = False
    skip_rows: AbstractMapping[str, tuple[str, ...]] = field(default_factory=dict)
    complete: tuple[str, ...] = ()
    every_counter: bool = False
    needs: AbstractMapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing: AbstractMapping[str, str] = field(default_factory=dict)
    notes: AbstractMapping[str, str] = field(default_factory=dict)
    reader: str | None = None
    keys: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    is_users: bool = False
    is_canonical: bool = False

    @property
    def rank(self) -> int:
        if self.is_users or self.is_canonical:
            return CANONICAL_RANK
        if self.spread:
            return SPREAD_RANK
        return ANSWER_RANK if self.reader else PANEL_RANK

    @property
    def takes_all(self) -> bool:
        """Every column left over is taken, so any other mapping that fits goes first."""
        return self.unpivot_headers == "field"

    def is_telltale(self, header: str) -> bool:
        """Whether a header is one that such exports are known by, with or without a prefix."""
        bare, shorter = plain(header), True
        while shorter and bare not in self.telltale:
            cut = next((p for p in self.prefixes if bare.startswith(p) and bare != p), "")
            bare, shorter = bare[len(cut) :], bool(cut)
        return bare in self.telltale


FIELDS = {
    "title", "table", "columns", "constants", "any_of", "without", "file_name_without", "unpivot",
    "spread", "skip_rows", "coverage", "notes", "reader", "keys", "uses", "must", "single",
}  # fmt: skip
COLUMN_FIELDS = {
    "spellings", "required", "as", "default", "several", "at_least", "hint", "values", "multiply",
}  # fmt: skip
SPELLING_FIELDS = {"name", "multiply", "file_name"}


def _known(given: AbstractMapping[str, Any], allowed: set[str], where: str) -> None:
    for name in given:
        if name not in allowed:
            near = get_close_matches(name, sorted(allowed), n=1)
            did = f" Did you mean {near[0]!r}?" if near else ""
            raise SettingsError(
                f"{where}: unknown field {name!r}.{did} Fields: {', '.join(sorted(allowed))}."
            )


def _decimal(value: Any, where: str) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise SettingsError(f"{where}: {value!r} is not a number.") from None


def parsed(data: AbstractMapping[str, Any], name: str, where: str) -> Mapping:
    """A mapping from its TOML. Raises: SettingsError naming the file and the field."""
    _known(data, FIELDS, where)
    table = data.get("table", "")
    reader = data.get("reader")
    if reader is not None and reader not in READERS:
        raise SettingsError(f"{where}: no reader {reader!r}. Readers: {', '.join(READERS)}.")
    if reader is None and name != COMMON and table not in BY_NAME:
        raise SettingsError(f"{where}: no table {table!r}. Tables: {', '.join(BY_NAME)}.")
    unpivot = data.get("unpivot", {})
    _known(unpivot, {"headers", "value", "telltale", "prefixes"}, f"{where} [unpivot]")
    if unpivot.get("headers", HEADERS[0]) not in HEADERS:
        raise SettingsError(f"{where} [unpivot]: headers is none of {', '.join(HEADERS)}.")
    coverage = data.get("coverage", {})
    _known(coverage, {"complete", "every_counter", "needs", "missing"}, f"{where} [coverage]")
    targets = tuple(
        _target(column, given, table, f"{where} [columns.{column}]")
        for column, given in data.get("columns", {}).items()
    )
    if reader is None and name != COMMON and not targets:
        raise SettingsError(f"{where}: no [columns.*]. Name at least one column.")
    unpivoted = [unpivot[part] for part in ("headers", "value") if part in unpivot]
    for column in (*data.get("constants", {}), *unpivoted):
        if table in BY_NAME and column not in BY_NAME[table].column:
            raise SettingsError(f"{where}: table {table} has no column {column!r}.")
    return Mapping(
        name=name,
        title=data.get("title", name),
        table=table,
        targets=targets,
        constants=data.get("constants", {}),
        any_of=tuple(tuple(group) for group in data.get("any_of", ())),
        without=tuple(plain(column) for column in data.get("without", ())),
        file_name_without=tuple(plain(word) for word in data.get("file_name_without", ())),
        unpivot_headers=unpivot.get("headers"),
        unpivot_value=unpivot.get("value", "quantity"),
        telltale=frozenset(plain(header) for header in unpivot.get("telltale", ())),
        prefixes=tuple(plain(prefix) for prefix in unpivot.get("prefixes", ())),
        must=_plain_values(data.get("must", {})),
        single=tuple(plain(header) for header in data.get("single", ())),
        spread=bool(data.get("spread", False)),
        skip_rows=_plain_values(data.get("skip_rows", {})),
        complete=tuple(coverage.get("complete", ())),
        every_counter=bool(coverage.get("every_counter", False)),
        needs={subject: tuple(needed) for subject, needed in coverage.get("needs", {}).items()},
        missing=coverage.get("missing", {}),
        notes=data.get("notes", {}),
        reader=reader,
        keys=tuple(data.get("keys", ())),
        uses=tuple(data.get("uses", ())),
    )


def _plain_values(given: AbstractMapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(plain(value) for value in values) for name, values in given.items()}


def _target(column: str, given: Any, table: str, where: str) -> Target:
    if isinstance(given, str | list):
        given = {"spellings": [given] if isinstance(given, str) else given}
    if not isinstance(given, dict):
        raise SettingsError(f"{where}: {given!r} is neither a header nor a table of fields.")
    _known(given, COLUMN_FIELDS, where)
    spec = BY_NAME[table].column.get(column) if table in BY_NAME else None
    if spec is None and column not in EXTRAS and column not in ("organization_id", "project_id"):
        known = BY_NAME[table].names if table in BY_NAME else []
        raise SettingsError(
            f"{where}: table {table} has no column {column!r}. "
            f"Columns: {', '.join([*known, *EXTRAS])}."
        )
    kind = given.get("as")
    if kind is None and (column.endswith("_id") or spec is None):
        kind = EXTRAS.get(column, "identifier")
    elif kind is None and spec is not None:
        kind = spec.kind
    if kind not in CONVERTERS:
        raise SettingsError(f"{where}: as = {kind!r} is none of {', '.join(CONVERTERS)}.")
    general = _decimal(given.get("multiply", 1), where)
    at_least = given.get("at_least")
    return Target(
        name=column,
        spellings=tuple(
            _spelling(s, general, where) for s in [*given.get("spellings", ()), column]
        ),
        kind=kind,
        required=bool(given.get("required", False)),
        default=given.get("default"),
        several=bool(given.get("several", False)),
        at_least=None if at_least is None else _decimal(at_least, where),
        hint=given.get("hint", ""),
        values={plain(str(key)): value for key, value in given.get("values", {}).items()},
    )


def _spelling(given: Any, multiply: Decimal, where: str) -> Spelling:
    if isinstance(given, str):
        return Spelling(plain(given), multiply, written=given)
    if not isinstance(given, dict) or "name" not in given:
        raise SettingsError(f"{where}: the spelling {given!r} has no name.")
    _known(given, SPELLING_FIELDS, where)
    words = given.get("file_name", ())
    return Spelling(
        plain(given["name"]),
        _decimal(given.get("multiply", multiply), where),
        tuple(plain(word) for word in ([words] if isinstance(words, str) else words)),
        written=given["name"],
    )


def _read(source: str, name: str, where: str) -> Mapping:
    try:
        return parsed(tomllib.loads(source), name, where)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{where} is not valid TOML: {error}.") from None


def with_common(mapping: Mapping) -> Mapping:
    """The mapping plus the columns every export may carry: organization and project."""
    own = {target.name for target in mapping.targets}
    has_project = mapping.table in BY_NAME and "project_id" in BY_NAME[mapping.table].column
    added = [
        target
        for target in _common().targets
        if target.name not in own and (has_project or not target.name.startswith("project"))
    ]
    return replace(mapping, targets=(*mapping.targets, *added))


@cache
def _common() -> Mapping:
    source = files("audit.sources.files").joinpath("mappings", f"{COMMON}.toml").read_text("utf-8")
    return _read(source, COMMON, f"mappings/{COMMON}.toml")


@cache
def ready_made() -> tuple[Mapping, ...]:
    """The mappings that ship with the tool, by name."""
    folder = files("audit.sources.files").joinpath("mappings")
    out = []
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        name = entry.name.removesuffix(".toml")
        if entry.name.endswith(".toml") and name != COMMON:
            mapping = _read(entry.read_text("utf-8"), name, f"mappings/{entry.name}")
            out.append(mapping if mapping.reader else with_common(mapping))
    return tuple(out)


def of_user(path: Path) -> Mapping:
    """The user's own mapping. Raises: SettingsError when it is missing or malformed."""
    try:
        source = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The mapping file {path} cannot be read: {error}.") from None
    mapping = _read(source, path.stem, str(path))
    if mapping.reader:
        raise SettingsError(f"{path}: `reader` is for the tool's own mappings; name a table.")
    return replace(with_common(mapping), is_users=True)


def names_products(table: str, column: str) -> bool:
    """Whether a column names products where an unknown one would be missing from the bill."""
    return column in ("usage_type", "product") and table in ("usage_daily", "bill_lines", "limits")


def _canonical_kind(table: str, column: Column) -> str:
    if names_products(table, column.name):
        return column.name
    return "identifier" if column.name.endswith("_id") else column.kind


@cache
def canonical(table: str) -> Mapping:
    """A file named after a canonical table, with its columns, loads as it is."""
    spec = BY_NAME[table]
    targets = tuple(
        Target(
            name=column.name,
            spellings=(Spelling(plain(column.name), written=column.name),),
            kind=_canonical_kind(table, column),
            required=column.required
            and column.name not in ("organization_id", "project_id", "window_start", "window_end"),
            # The reason of a complete subject is empty text, which CSV cannot tell from null.
            default="" if column.name == "reason" else None,
        )
        for column in spec.columns
    )
    return Mapping(
        name=f"canonical {table}",
        title=f"The canonical table {table}",
        table=table,
        targets=targets,
        is_canonical=True,
    )
