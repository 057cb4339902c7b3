"""One organization's tables: what a worker gets, and what is kept beside a report."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from operator import is_not
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from audit.errors import InputError
from audit.tables import BY_NAME, SCHEMA_VERSION, TABLES
from audit.validation import empty, validated

T = TypeVar("T")

MANIFEST = "account.json"
#: A large account has some 10,000 rows of some 300 bytes; this is far beyond.
MOST_UNPACKED_BYTES = 200_000_000

EARLIEST_ZIP_MOMENT = (1980, 1, 1, 0, 0, 0)

#: What reading a file that is no account, or a damaged one, can raise.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
)


class Account:
    """The bundle of facts about one organization. Frames are canonical; treat them as fixed."""

    def __init__(
        self,
        organization_id: str,
        frames: Mapping[str, pd.DataFrame],
        arguments: Mapping[str, Any] | None = None,
    ) -> None:
        self.organization_id = organization_id
        #: What the audit was asked for whose report this account was kept beside: as_of,
        #: lookback_days, policy, project_id, thresholds. Empty for an account of a store.
        self.arguments = dict(arguments or {})
        self.frames = {
            table.name: frames[table.name] if table.name in frames else empty(table.name)
            for table in TABLES
        }
        self._made: dict[Hashable, tuple[tuple[pd.DataFrame, ...], Any]] = {}

    @classmethod
    def from_tables(cls, organization_id: str, tables: Mapping[str, Any]) -> "Account":
        """One organization cut out of raw or canonical tables of a source."""
        frames = {}
        for name, rows in tables.items():
            frame = validated(name, rows).frame
            frames[name] = _ordered(frame[frame["organization_id"] == organization_id])
        return cls(organization_id, frames)

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.frames[table]

    @property
    def organization(self) -> pd.Series:
        """The organization's row. Raises: InputError when the account has none."""
        rows = self.frames["organizations"]
        if rows.empty:
            raise InputError(f"The account of {self.organization_id!r} has no organization row.")
        return rows.iloc[0]

    @property
    def name(self) -> str:
        """Display name, or the id. Customer-controlled text: escape before showing."""
        name = self.organization["name"]
        return name if isinstance(name, str) and name.strip() else self.organization_id

    @property
    def as_of(self) -> date:
        """The day of the pull: usage is known up to the day before."""
        return self.organization["as_of"].date()

    def once(self, what: Hashable, tables: Collection[str], make: Callable[[], T]) -> T:
        """What is made of some tables, made again only where one of them is another frame now."""
        frames = tuple(self.frames[table] for table in tables)
        kept = self._made.get(what)
        if kept is None or any(map(is_not, kept[0], frames)):
            kept = self._made[what] = (frames, make())
        return kept[1]

    def for_customer(self) -> "Account":
        """The same without what the team alone knows: its CRM fields and who looks after it.

        No finding that a customer sees rests on these. Itself where it has nothing of the kind.
        """
        organizations = self.frames["organizations"]
        if self.frames["lifecycle"].empty and organizations["account_owner"].isna().all():
            return self
        frames = dict(self.frames)
        frames["lifecycle"] = frames["lifecycle"].iloc[:0]
        without = organizations.assign(account_owner=None)
        frames["organizations"] = without.astype({"account_owner": "str"})
        return Account(self.organization_id, frames, self.arguments)

    def save(self, path: str | Path, arguments: Mapping[str, Any] | None = None) -> Path:
        """Write one zip of JSON-lines tables. The same account gives the same bytes.

        ``arguments``: what an audit was asked for, kept so that it can be repeated.
        """
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        manifest = {
            "schema": SCHEMA_VERSION,
            "organization_id": self.organization_id,
            "arguments": self.arguments if arguments is None else dict(arguments),
        }
        members = {MANIFEST: json.dumps(manifest, sort_keys=True) + "\n"}
        for name in self.frames:
            members[f"{name}.jsonl"] = self._lines(name)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                info = zipfile.ZipInfo(name, EARLIEST_ZIP_MOMENT)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                archive.writestr(info, content)
        new = path.with_name(path.name + ".new")
        new.write_bytes(buffer.getvalue())
        new.replace(path)
        return path

    @classmethod
    def load(cls, path: str | Path) -> "Account":
        """Read what :meth:`save` wrote.

        Raises: InputError when it is no account file or of a newer version; TableError for a
        changed row.
        """
        path = Path(path)
        with _opened(path) as (archive, manifest):
            identity = str(manifest["organization_id"])
            frames = {
                name.removesuffix(".jsonl"): _frame(archive.read(name).decode())
                for name in archive.namelist()
                if name.endswith(".jsonl") and name.removesuffix(".jsonl") in BY_NAME
            }
        checked = {name: validated(name, rows).frame for name, rows in frames.items()}
        for name, frame in checked.items():
            others = frame.loc[frame["organization_id"] != identity, "organization_id"]
            if len(others):
                raise InputError(
                    f"{path}: {name} holds a row of {others.iloc[0]!r}, the file is of "
                    f"{identity!r}. Use the account.zip of a report."
                )
        return cls(identity, checked, manifest.get("arguments"))

    @classmethod
    def identity(cls, path: str | Path) -> str:
        """Whose account file it is: the organization's id, without reading a row.

        Raises: InputError when it is no account file or of a newer version.
        """
        with _opened(Path(path)) as (_, manifest):
            return str(manifest["organization_id"])

    def fingerprint(self, table: str) -> str:
        """SHA-256 over the table's rows; the same rows give the same value anywhere."""
        return hashlib.sha256(self._lines(table).encode()).hexdigest()

    def _lines(self, table: str) -> str:
        return self.once(("lines", table), (table,), lambda: _lines(table, self.frames[table]))


@contextmanager
def _opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    """An account file and what it says of itself."""
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bomb(archive, path)
            manifest = json.loads(archive.read(MANIFEST))
            if int(manifest["schema"]) > SCHEMA_VERSION:
                raise InputError(
                    f"{path} was written by a newer version (schema {manifest['schema']}, this "
                    f"tool reads up to {SCHEMA_VERSION}). Upgrade the tool."
                )
            yield archive, manifest
    except FileNotFoundError as error:
        raise InputError(f"No account file at {path}.") from error
    except _UNREADABLE as error:
        raise InputError(
            f"{path} is not an account file ({error}). Use the account.zip of a report."
        ) from error


def _refuse_bomb(archive: zipfile.ZipFile, path: Path) -> None:
    names = archive.namelist()
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > MOST_UNPACKED_BYTES or len(set(names)) < len(names):
        raise InputError(
            f"{path} unpacks to {unpacked:,} bytes or names a member twice; an account file has "
            f"at most {MOST_UNPACKED_BYTES:,} bytes. Use the account.zip of a report."
        )


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    shown = frame.astype("str")
    order = (
        shown.sort_values(list(shown.columns), kind="stable").index if len(frame) else frame.index
    )
    return frame.loc[order].reset_index(drop=True)


def _lines(table: str, frame: pd.DataFrame) -> str:
    """A line of JSON for each row, with its names in order. Written by column: most rows say the
    same as another."""
    kinds = {column.name: column.kind for column in BY_NAME[table].columns}
    known = frame.notna().to_numpy().T.tolist()
    cells = frame.to_numpy(dtype=object).T.tolist()
    of = {name: place for place, name in enumerate(frame.columns)}
    columns = [
        _fields(name, known[of[name]], cells[of[name]], _PLAIN.get(kinds[name]))
        for name in sorted(of)
    ]
    return "".join("{" + ", ".join(row) + "}\n" for row in zip(*columns, strict=True))


def _fields(
    name: str, known: list[bool], values: list[Any], plain: Callable[[Any], Any] | None
) -> list[str]:
    """A column as fields of JSON, null where nothing is known."""
    start = f"{_json(name)}: "
    written: dict[Any, str] = {}
    fields = []
    for value, is_known in zip(values, known, strict=True):
        if not is_known:
            fields.append(f"{start}null")
            continue
        field = written.get(value)
        if field is None:
            field = written[value] = start + _json(plain(value) if plain else value)
        fields.append(field)
    return fields


_json = json.JSONEncoder(ensure_ascii=False).encode

#: What JSON holds of a value; texts are what they are.
_PLAIN: Mapping[str, Callable[[Any], Any]] = {
    "integer": int,
    "boolean": bool,
    "day": lambda value: value.date().isoformat(),
    "timestamp": lambda value: value.isoformat(),
    "decimal": lambda value: f"{value.normalize():f}",
}


def _frame(content: str) -> list[dict[str, Any]]:
    # Not splitlines: names may hold U+2028 and other marks it would break at.
    return [json.loads(line) for line in content.split("\n") if line]
