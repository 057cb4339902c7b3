"""Which file is which export: matched by its columns or keys, never by position."""

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from audit.errors import InputError
from audit.sources.files import read
from audit.sources.files.mapping import Mapping, Spelling, Target, canonical, of_user, ready_made
from audit.sources.files.stripe import is_invoices
from audit.sources.files.values import day, is_day, known_counter, plain
from audit.tables import BY_NAME

OVERVIEW_TABLES = ("organizations", "subscriptions", "bill_lines", "limits")
READER_TABLES = {
    "overview": OVERVIEW_TABLES,
    "series": ("usage_daily",),
    "invoices": ("invoices",),
}
NEAR_ENOUGH = 0.5
#: A file named like an export is meant to be that export, whatever columns it lacks.
NAMED_ALIKE = 0.8


@dataclass(frozen=True)
class Recognised:
    """What one file of the folder is taken for, and why.

    ``mapping`` is None for a file that is left out; then ``nearest`` and ``missing`` say which
    export it comes closest to and which columns that lacks. ``broken`` files stop a load.
    ``subjects`` are the rows of the table ``coverage`` that the file completes. ``columns_as``
    pairs each used column of a sheet with the canonical column it fills.
    """

    file: Path
    mapping: str | None
    why: str
    tables: tuple[str, ...] = ()
    rows: int = 0
    columns_used: tuple[str, ...] = ()
    columns_ignored: tuple[str, ...] = ()
    nearest: str | None = None
    missing: tuple[str, ...] = ()
    broken: bool = False
    subjects: tuple[str, ...] = ()
    columns_as: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Match:
    """A mapping laid over a sheet: where each target's cells are."""

    mapping: Mapping
    found: AbstractMapping[str, tuple[int, Spelling]] = field(default_factory=dict)
    unpivoted: tuple[tuple[int, Any], ...] = ()
    missing: tuple[str, ...] = ()
    refused: str = ""

    @property
    def fits(self) -> bool:
        return not self.missing and not self.refused

    @property
    def met(self) -> int:
        """Requirements met, which decides between mappings that fit."""
        return self.needed - len(self.missing)

    @property
    def needed(self) -> int:
        required = sum(target.required for target in self.mapping.targets)
        return required + len(self.mapping.any_of) + (self.mapping.unpivot_headers is not None)

    @property
    def score(self) -> tuple[bool, int, int]:
        places = len(self.found) + len(self.unpivoted)
        return (not self.mapping.takes_all, self.met, places)

    def named(self) -> dict[int, str]:
        """What each used column of the sheet becomes, by its place."""
        named = {index: target for target, (index, _) in self.found.items()}
        if self.mapping.unpivot_headers:
            becomes = f"{self.mapping.unpivot_value} by {self.mapping.unpivot_headers}"
            named |= {index: becomes for index, _ in self.unpivoted}
        return named

    def used(self) -> set[int]:
        return {index for index, _ in self.found.values()} | {i for i, _ in self.unpivoted}


@dataclass(frozen=True)
class Candidate:
    """A recognised file with its content, ready to be converted."""

    recognised: Recognised
    content: read.Content = field(default_factory=read.Content, repr=False)
    match: Match | None = field(default=None, repr=False)


def recognise(folder: str | Path, *, mapping: str | Path | None = None) -> list[Recognised]:
    """What every file in the folder would fill, in order of file name. Loads nothing.

    Raises: InputError when there is no such folder, SettingsError for a bad mapping file.
    """
    return [candidate.recognised for candidate in candidates(folder, mapping=mapping)]


def candidates(folder: str | Path, *, mapping: str | Path | None = None) -> list[Candidate]:
    folder = Path(folder)
    if not folder.exists():
        raise InputError(f"No folder {folder}. Name a folder of CSV, JSON or Parquet exports.")
    own = () if mapping is None else (of_user(Path(mapping)),)
    entries = [folder] if folder.is_file() else sorted(folder.iterdir(), key=lambda p: p.name)
    out = []
    for entry in entries:
        is_mapping = mapping is not None and entry.resolve() == Path(mapping).resolve()
        if not entry.name.startswith(".") and not is_mapping:
            out.append(_candidate(entry, own))
    return out


def _candidate(path: Path, own: Sequence[Mapping]) -> Candidate:
    if path.is_dir():
        return _left_out(path, "is a folder; audit it on its own")
    suffix = path.suffix.lower()
    if suffix not in read.READABLE:
        hint = read.HINTS.get(suffix, "not a CSV, JSON or Parquet file")
        return _left_out(path, f"is {hint}")
    try:
        content = read.content(path)
    except read.EmptyFileError as error:
        return _left_out(path, str(error))
    except read.BrokenFileError as error:
        return Candidate(Recognised(path, None, str(error), broken=True))
    except OSError as error:
        return Candidate(Recognised(path, None, f"cannot be read: {error.strerror}", broken=True))
    answered = None if content.answer is None else _of_answer(path, content, content.answer)
    if answered is not None:
        return answered
    if content.sheet is not None:
        return _of_sheet(path, content, content.sheet, own)
    return Candidate(_strange(path, content.answer or {}))


def _left_out(path: Path, why: str) -> Candidate:
    return Candidate(Recognised(path, None, why))


def _of_answer(
    path: Path, content: read.Content, answer: AbstractMapping[str, Any]
) -> Candidate | None:
    """A billing answer, or None when it is none that a reader knows."""
    for mapping in (mapping for mapping in ready_made() if mapping.reader):
        items = answer.get(mapping.keys[0])
        if not isinstance(items, list) or any(key not in answer for key in mapping.keys):
            continue
        rows = len(items)
        if mapping.reader == "invoices" and not is_invoices(items):
            continue
        if mapping.reader == "series":
            is_series = all(isinstance(i, dict) and {"dates", "data"} <= set(i) for i in items)
            if not is_series or not (items or "team_id_options" in answer):
                continue
            rows = sum(len(item["data"]) for item in items if isinstance(item["data"], list))
        refused = _refused_by_name(mapping, path)
        if refused:
            return _left_out(path, refused)
        recognised = Recognised(
            path,
            mapping.name,
            f"has the keys {', '.join(mapping.keys)} of: {mapping.title}",
            READER_TABLES[mapping.reader or ""],
            rows,
            tuple(str(key) for key in answer if key in (*mapping.keys, *mapping.uses)),
            tuple(str(key) for key in answer if key not in (*mapping.keys, *mapping.uses)),
            subjects=mapping.complete,
        )
        return Candidate(recognised, content, Match(mapping))
    return None


def _strange(path: Path, answer: AbstractMapping[str, Any]) -> Recognised:
    keys = ", ".join(str(key) for key in list(answer)[:8])
    lacking = {
        mapping.name: tuple(key for key in mapping.keys if key not in answer)
        for mapping in ready_made()
        if mapping.reader
    }
    nearest = min(lacking, key=lambda name: len(lacking[name]))
    return Recognised(
        path,
        None,
        f"is a JSON object with the keys {keys}: no export known here",
        nearest=nearest,
        missing=lacking[nearest],
    )


def _refused_by_name(mapping: Mapping, path: Path) -> str:
    for word in mapping.file_name_without:
        if word in plain(path.stem):
            return (
                f"has {word!r} in its name: dollars in the form of usage. Export the usage, not "
                "the spend; if it is usage, rename the file"
            )
    return ""


def _of_sheet(
    path: Path, content: read.Content, sheet: read.Sheet, own: Sequence[Mapping]
) -> Candidate:
    known = [mapping for mapping in ready_made() if not mapping.reader]
    matches = [laid(mapping, sheet, path) for mapping in (*own, *known)]
    if path.stem in BY_NAME:
        as_it_is = laid(canonical(path.stem), sheet, path)
        matches.append(as_it_is)
    fitting = sorted(
        (m for m in matches if m.fits and (not m.mapping.is_canonical or _whole(m, sheet))),
        key=lambda m: m.score,
        reverse=True,
    )
    if not fitting:
        return Candidate(_unrecognised(path, sheet, matches))
    # A user's mapping was named on purpose, a canonical file name too; then the best fit.
    first = [m for m in fitting if m.mapping.is_users] or [
        m for m in fitting if m.mapping.is_canonical
    ]
    best = (first or fitting)[0]
    rivals = [m for m in fitting if m.score == best.score and m.mapping.table != best.mapping.table]
    if rivals and not first:
        names = ", ".join([best.mapping.name, *(m.mapping.name for m in rivals)])
        return _left_out(path, f"fits several mappings equally ({names}). Use a mapping file")
    used = best.used()
    recognised = Recognised(
        path,
        best.mapping.name,
        f"has the columns of: {best.mapping.title}",
        (best.mapping.table,),
        sheet.rows,
        tuple(name for i, name in enumerate(sheet.columns) if i in used),
        tuple(name for i, name in enumerate(sheet.columns) if i not in used),
        subjects=completed(best),
        columns_as=tuple((sheet.columns[i], named) for i, named in sorted(best.named().items())),
    )
    return Candidate(recognised, content, best)


def _whole(match: Match, sheet: read.Sheet) -> bool:
    return len(match.used()) == len(sheet.columns)


def completed(match: Match) -> tuple[str, ...]:
    """The coverage subjects a match completes, given the columns it found."""
    mapping = match.mapping
    if mapping.is_canonical:
        return (mapping.table,)
    full = [subject for subject, need in mapping.needs.items() if set(need) <= set(match.found)]
    return (*mapping.complete, *full)


def laid(mapping: Mapping, sheet: read.Sheet, path: Path) -> Match:
    """The mapping laid over the sheet, with what it lacks."""
    headers: dict[str, int] = {}
    for names in (sheet.columns, sheet.second_names):
        for index, name in enumerate(names):
            headers.setdefault(plain(name), index)
    refused = _refused_by_name(mapping, path)
    present = [name for name in mapping.without if name in headers]
    if present:
        refused = refused or f"has the column {sheet.columns[headers[present[0]]]!r}"
    if mapping.spread and any(_header_value("day", name) for name in sheet.columns):
        refused = refused or "has columns of days"
    taken: set[int] = set()
    found: dict[str, tuple[int, Spelling]] = {}
    for target in mapping.targets:
        place = _place(target, headers, taken, plain(path.stem))
        if place is not None:
            found[target.name] = place
            taken.add(place[0])
    unpivoted: list[tuple[int, Any]] = []
    missing = [
        target.wanted for target in mapping.targets if target.required and target.name not in found
    ]
    if mapping.unpivot_headers:
        for index, name in enumerate(sheet.columns):
            value = _header_value(mapping.unpivot_headers, name)
            if index not in taken and value is not None:
                unpivoted.append((index, value))
        if not unpivoted:
            missing.append(f"columns headed by a {mapping.unpivot_headers.replace('_', ' ')}")
        elif mapping.telltale and not any(
            mapping.is_telltale(sheet.columns[index]) for index, _ in unpivoted
        ):
            missing.append("a column that such exports are known by")
    targets = {target.name: target for target in mapping.targets}
    for group in mapping.any_of:
        if not any(name in found for name in group):
            missing.append(" or ".join(targets[name].wanted for name in group))
    return Match(mapping, found, tuple(unpivoted), tuple(missing), refused)


def _place(
    target: Target, headers: AbstractMapping[str, int], taken: set[int], file_name: str
) -> tuple[int, Spelling] | None:
    for spelling in target.spellings:
        index = headers.get(spelling.name)
        if index is None or index in taken:
            continue
        if all(word in file_name for word in spelling.file_name):
            return index, spelling
    return None


def _header_value(kind: str, name: str) -> Any:
    if kind == "field":
        return name or None
    if kind == "day":
        return day(name) if is_day(name) and any(c in name for c in "-,") else None
    return known_counter(name)


def _unrecognised(path: Path, sheet: read.Sheet, matches: Sequence[Match]) -> Recognised:
    def near(match: Match) -> tuple[bool, float, float]:
        share = match.met / match.needed if match.needed else 0.0
        named = SequenceMatcher(None, plain(path.stem), plain(match.mapping.name)).ratio()
        return (named >= NAMED_ALIKE, share, named)

    best = max(matches, key=near)
    _, share, named = near(best)
    shown = ", ".join(repr(name) for name in sheet.columns[:12])
    why = f"has the columns {shown}: no export known here"
    if share == 0 and named < NEAR_ENOUGH:
        return Recognised(path, None, why, rows=sheet.rows, columns_ignored=sheet.columns)
    if best.refused and not best.missing:
        why = f"{best.refused}; otherwise it would be: {best.mapping.title}"
    return Recognised(
        path,
        None,
        why,
        rows=sheet.rows,
        columns_ignored=sheet.columns,
        nearest=best.mapping.name,
        missing=best.missing,
    )
