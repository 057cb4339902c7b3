"""A recognised sheet as columns of one canonical table, or an error that names the cell."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from audit.columns import Column
from audit.errors import TableError
from audit.sources.files.expand import counter_rows, field_rows
from audit.sources.files.mapping import Mapping, Spelling, Target, names_products
from audit.sources.files.products import said
from audit.sources.files.read import Sheet
from audit.sources.files.recognition import Match, completed
from audit.sources.files.values import CONVERTERS, BadValueError, count, joined, number, plain
from audit.tables import BY_NAME

ALL_PROJECTS = "all"
SHOWN_CHARACTERS = 80
SERIES_SEPARATOR = "::"
DECIMALS = Decimal("1e-10")
LARGEST_AMOUNT = Decimal(10) ** 18
DAYS_OF_A_WEEK = 7

#: Required columns that have a value of last resort.
FILLED_IN = (
    "organization_id", "project_id", "member_id", "window_start", "window_end", "period_start",
    "period_end",
)  # fmt: skip


@dataclass
class Note:
    """Something noticed that does not stop the audit; ends up in ``data_quality``."""

    kind: str
    message: str
    quantity: int
    subject: str


@dataclass
class Block:
    """The rows of one file for one table, still without organization, window and period.

    ``names_subjects``: its mapping says what it completes; else the rows themselves do.
    ``sums``: repeated keys are parts of one quantity. ``spread``: quantities span many days.
    """

    file: str
    table: str
    rank: int
    columns: dict[str, list[Any]]
    places: list[str]
    complete: tuple[str, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    sums: bool = False
    spread: bool = False
    has_all_counters: bool = False
    is_canonical: bool = False
    names_subjects: bool = True
    speaks_for: frozenset[str] = frozenset()

    @property
    def rows(self) -> int:
        return len(self.places)


def converted(path: Path, sheet: Sheet, match: Match) -> Block:
    """Every cell converted.

    Raises: TableError naming table, column, file, line (or row) and value; InputError for a
        file of unknown products alone.
    """
    mapping = match.mapping
    notes: list[Note] = []
    keep = _kept(sheet, match, notes, path)
    _refuse_others(sheet, match, keep, path)
    keep, lists = _listed(sheet, match, keep, path)
    base: dict[str, list[Any]] = {}
    places = [sheet.places[row] for row in keep]
    for target in mapping.targets:
        if target.name not in match.found:
            if target.default is not None:
                base[target.name] = [target.default] * len(keep)
            continue
        index, spelling = match.found[target.name]
        cells = lists.get(target.name) or [sheet.cells[index][row] for row in keep]
        if target.kind == "series":
            base["project_name"], cells = _series(cells)
        where = Where(path.name, mapping.table, target.name, sheet.columns[index])
        convert = _converter(target, spelling, sheet)
        base[target.name] = _values(cells, places, convert, target, where)
        if names_products(mapping.table, target.name):
            message = said(path.name, where.header, _replaced(target, cells), places)
            if message:
                notes.append(Note("unknown_product", message, 1, mapping.table))
    if mapping.takes_all:
        headers = [sheet.columns[index] for index, _ in match.unpivoted]
        held = [[sheet.cells[index][row] for row in keep] for index, _ in match.unpivoted]
        where = Where(path.name, mapping.table, mapping.unpivot_value, "of the account")
        base, places = field_rows(mapping, headers, held, base, places, where.refuse)
    elif mapping.unpivot_headers:
        base, places = _unpivoted(path, sheet, match, base, places, keep)
        notes.extend(_total_differs(path, sheet, match, keep))
    elif "report" in base:
        header = sheet.columns[match.found["report"][0]]
        where = Where(path.name, mapping.table, "quantity", header)
        base, places = counter_rows(base, places, where.refuse)
    for name, value in mapping.constants.items():
        base[name] = [value] * len(places)
    _named_projects(mapping, base, len(places))
    if mapping.table == "members" and "email" in base:
        ids = base.get("member_id", [None] * len(places))
        base["member_id"] = [i or email for i, email in zip(ids, base["email"], strict=True)]
    for kind, message in mapping.notes.items():
        notes.append(Note(kind, message, len(places), mapping.table))
    used = match.used()
    return Block(
        file=path.name,
        table=mapping.table,
        rank=mapping.rank,
        columns=base,
        places=places,
        complete=completed(match),
        missing=dict(mapping.missing),
        notes=notes,
        sums=mapping.table == "usage_rows"
        and not mapping.is_canonical
        and ("day" in base or len(used) < len(sheet.columns)),
        spread=mapping.spread,
        has_all_counters=mapping.every_counter,
        is_canonical=mapping.is_canonical,
        names_subjects=not mapping.is_canonical and not (mapping.is_users and not mapping.complete),
    )


@dataclass(frozen=True)
class Where:
    """The column a cell belongs to, in the table and in the file."""

    file: str
    table: str
    column: str
    header: str

    def refuse(self, value: Any, place: str, why: str) -> TableError:
        shown = repr(str(value) if isinstance(value, Decimal) else value)
        if len(shown) > SHOWN_CHARACTERS:
            shown = shown[:SHOWN_CHARACTERS] + "..."
        return TableError(
            f"{self.table}.{self.column}: {self.file}, {place}, column {self.header!r}: "
            f"{shown} {why}."
        )


def _call(convert: Callable[[Any], Any], cell: Any, where: Where, place: str) -> Any:
    try:
        return convert(cell)
    except BadValueError as error:
        raise where.refuse(cell, place, str(error)) from None


def _kept(sheet: Sheet, match: Match, notes: list[Note], path: Path) -> list[int]:
    keep = list(range(sheet.rows))
    for column, values in match.mapping.skip_rows.items():
        if column in match.found:
            cells = sheet.cells[match.found[column][0]]
            kept = [row for row in keep if plain(str(cells[row])) not in values]
            if len(kept) < len(keep):
                notes.append(
                    Note(
                        "total_row_left_out",
                        f"{path.name} has a row of totals; it was left out.",
                        len(keep) - len(kept),
                        match.mapping.table,
                    )
                )
            keep = kept
    return keep


def _refuse_others(sheet: Sheet, match: Match, keep: list[int], path: Path) -> None:
    """Rows in another currency, or of several customers that nothing tells apart."""
    mapping = match.mapping
    for index, header in enumerate(sheet.columns):
        allowed = mapping.must.get(plain(header))
        where = Where(path.name, mapping.table, "a row", header)
        for row in keep if allowed else ():
            cell = sheet.cells[index][row]
            if plain(str(cell)) not in (allowed or ()):
                wanted = " or ".join(repr(value) for value in allowed or ())
                raise where.refuse(cell, sheet.places[row], f"is not {wanted}")
        if plain(header) not in mapping.single or "organization_id" in match.found:
            continue
        first = keep[0] if keep else 0
        for row in keep:
            if sheet.cells[index][row] != sheet.cells[index][first]:
                raise where.refuse(
                    sheet.cells[index][row],
                    sheet.places[row],
                    f"is another than in {sheet.places[first]}, and nothing says whose rows these "
                    "are. Export one at a time, or add a column organization_id",
                )


def _listed(
    sheet: Sheet, match: Match, keep: list[int], path: Path
) -> tuple[list[int], dict[str, list[Any]]]:
    """Rows whose cell lists several values, once per value."""
    for target in match.mapping.targets:
        if target.several and target.name in match.found:
            index = match.found[target.name][0]
            where = Where(path.name, match.mapping.table, target.name, sheet.columns[index])
            rows, values = [], []
            for row in keep:
                parts = _call(joined, sheet.cells[index][row], where, sheet.places[row])
                rows.extend([row] * len(parts))
                values.extend(parts)
            return rows, {target.name: values}
    return keep, {}


def _converter(target: Target, spelling: Spelling, sheet: Sheet) -> Callable[[Any], Any]:
    comma = sheet.delimiter == ";"
    if target.kind == "integer":
        return lambda cell: count(cell, spelling.multiply)
    if target.kind == "decimal":

        def amount(cell: Any) -> Decimal | None:
            exact = number(cell, decimal_comma=comma)
            if exact is None:
                return None
            if abs(exact) >= LARGEST_AMOUNT:
                raise BadValueError("is not below 10^18")
            exact *= spelling.multiply
            # Ten decimals are what the tables hold; a forecast is a float with more.
            return exact.quantize(DECIMALS, ROUND_HALF_UP).normalize()

        return amount
    if target.kind == "series":
        return CONVERTERS["usage_type"]
    return CONVERTERS[target.kind]


def _values(
    cells: list[Any],
    places: list[str],
    convert: Callable[[Any], Any],
    target: Target,
    where: Where,
) -> list[Any]:
    column = BY_NAME[where.table].column.get(target.name)

    def value_of(cell: Any, place: str) -> Any:
        given = target.values.get(plain(str(cell)), cell) if target.values else cell
        value = _call(convert, given, where, place)
        if value is None and target.default is not None:
            value = target.default
        _check(value, cell, place, target, column, where)
        return value

    if set(map(type, cells)) <= {str}:
        # CSV: most cells repeat, so each text is read once, at its first place.
        first = dict(zip(reversed(cells), reversed(places), strict=True))
        texts = {cell: value_of(cell, first[cell]) for cell in dict.fromkeys(cells)}
        return [texts[cell] for cell in cells]
    return [value_of(cell, place) for cell, place in zip(cells, places, strict=True)]


def _replaced(target: Target, cells: list[Any]) -> list[Any]:
    """The cells after the words that the mapping replaces."""
    return [target.values.get(plain(str(cell)), cell) for cell in cells]


def _check(
    value: Any, cell: Any, place: str, target: Target, column: Column | None, where: Where
) -> None:
    if value is None:
        if column is not None and column.required and column.name not in FILLED_IN:
            raise where.refuse(cell, place, "is empty, the column needs a value")
        return
    if target.at_least is not None and 0 < value < target.at_least:
        raise where.refuse(cell, place, f"is below {target.at_least}. {target.hint}")
    if column is None:
        return
    if column.minimum is not None and value < column.minimum:
        raise where.refuse(cell, place, f"is below {column.minimum}")
    if column.choices and value not in column.choices:
        raise where.refuse(cell, place, f"is none of {', '.join(column.choices)}")


def _series(cells: list[Any]) -> tuple[list[str | None], list[Any]]:
    """``Project::Product`` cut at the last mark: a project's name may hold one."""
    names: list[str | None] = []
    products = []
    for cell in cells:
        name, mark, product = str(cell).rpartition(SERIES_SEPARATOR)
        names.append(name if mark else None)
        products.append(product)
    return names, products


def _unpivoted(
    path: Path,
    sheet: Sheet,
    match: Match,
    base: dict[str, list[Any]],
    places: list[str],
    keep: list[int],
) -> tuple[dict[str, list[Any]], list[str]]:
    mapping = match.mapping
    assert mapping.unpivot_headers is not None
    if mapping.unpivot_headers == "day":
        _refuse_longer_steps(path, [value for _, value in match.unpivoted])
    out: dict[str, list[Any]] = {name: [] for name in base}
    out[mapping.unpivot_headers], out[mapping.unpivot_value] = [], []
    out_places: list[str] = []
    for index, value in match.unpivoted:
        where = Where(path.name, mapping.table, mapping.unpivot_value, sheet.columns[index])
        cells = sheet.cells[index]
        for position, row in enumerate(keep):
            quantity = _call(count, cells[row], where, sheet.places[row])
            if quantity is None:
                continue  # A blank day is unknown, not zero.
            for name, column in base.items():
                out[name].append(column[position])
            out[mapping.unpivot_headers].append(value)
            out[mapping.unpivot_value].append(quantity)
            out_places.append(places[position])
    return out, out_places


def _refuse_longer_steps(path: Path, days: list[date]) -> None:
    ordered = sorted(days)
    steps = [(b - a).days for a, b in pairwise(ordered)]
    if steps and min(steps) >= DAYS_OF_A_WEEK:
        raise TableError(
            f"usage_daily.day: {path.name}, line 1: the columns stand {min(steps)} days apart "
            f"({ordered[0]}, {ordered[1]}), so they are weeks or months. Export it by day."
        )


def _total_differs(path: Path, sheet: Sheet, match: Match, keep: list[int]) -> list[Note]:
    headers = {plain(name): index for index, name in enumerate(sheet.columns)}
    if "total" not in headers or match.mapping.unpivot_headers != "day":
        return []
    different = 0
    for row in keep:
        try:
            total = count(sheet.cells[headers["total"]][row])
            days = [count(sheet.cells[index][row]) or 0 for index, _ in match.unpivoted]
        except BadValueError:
            different += 1
            continue
        different += total is not None and total != sum(days)
    if not different:
        return []
    message = f"{path.name} has totals that are not the sum of their days; the days were used."
    return [Note("total_differs", message, different, match.mapping.table)]


def _named_projects(mapping: Mapping, base: dict[str, list[Any]], rows: int) -> None:
    """A row without project id goes by the project's name, else to all projects together."""
    if "project_id" not in BY_NAME[mapping.table].column:
        return
    instead = "" if mapping.table in ("coverage", "data_quality") else ALL_PROJECTS
    nothing: list[Any] = [None] * rows
    ids = base.get("project_id", nothing)
    names = base.get("project_name") or base.get(
        "name" if mapping.table == "projects" else "", nothing
    )
    base["project_id"] = [
        identity or name or instead for identity, name in zip(ids, names, strict=True)
    ]
    if mapping.table == "projects" and "project_name" in base:
        base["name"] = [
            own or name
            for own, name in zip(base.get("name", nothing), base["project_name"], strict=True)
        ]
