"""One DuckDB file with every organization's tables; a pull appears whole or not at all.

A publish writes a new file beside the old one and renames it over. Readers in other
processes keep the file they opened, so they neither wait nor see half a pull; a publish
that dies leaves the last store as it was. Publishers of one store take turns (a lock file).
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from glob import escape
from pathlib import Path
from typing import Any, Self

import duckdb
import pandas as pd

from audit.account import Account
from audit.errors import InputError, StoreError
from audit.frames import OBJECTS_ARE_TEXTS, fetched, selected, sendable, typed
from audit.merging import brought, rows_after
from audit.statements import execute
from audit.tables import BY_NAME, SCHEMA_VERSION, TABLES
from audit.validation import empty, validated

NEAR_MATCHES = 5

#: How a store of an older version becomes one of the next: statements run on the copy that a
#: publish or an opening makes, never on the only file.
MIGRATIONS: dict[int, tuple[str, ...]] = {
    1: (
        "ALTER TABLE invoices ADD COLUMN paid_at TIMESTAMP",
        "ALTER TABLE invoices ADD COLUMN attempts BIGINT",
        "ALTER TABLE invoices ADD COLUMN credited_usd DECIMAL(28, 10)",
    )
}


class Store:
    """A finished store, open for reading. Use as a context manager."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self.connection = connection

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Raises: StoreError when there is no store, it is no store, or a newer version."""
        path = Path(path)
        if not path.exists():
            raise StoreError(
                f"No store at {path}. Make one with `audit pull`, `audit files DIR` or "
                f"`audit sample`, or name another with --store."
            )
        connection = _connect(path)
        try:
            old = _version_of(connection, path) < SCHEMA_VERSION
        except StoreError:
            connection.close()
            raise
        if old:
            connection.close()
            with _publishing(path):
                _migrate(path)
            connection = _connect(path)
        return cls(path, connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def organizations(self) -> pd.DataFrame:
        """One row per organization, by id."""
        return self._read("organizations", "ORDER BY organization_id")

    def organization_id(self, wanted: str) -> str:
        """The id for an id or an exact, unambiguous name.

        Raises: InputError naming near matches when there is none.
        """
        known = "SELECT 1 FROM organizations WHERE organization_id = ?"
        if self.connection.execute(known, [wanted]).fetchone():
            return wanted
        rows = self.connection.execute(
            "SELECT organization_id, name FROM organizations ORDER BY organization_id"
        ).fetchall()
        named = [row[0] for row in rows if row[1] is not None and row[1] == wanted]
        if len(named) == 1:
            return str(named[0])
        if named:
            raise InputError(
                f"{len(named)} organizations are named {wanted!r}: "
                f"{', '.join(named[:NEAR_MATCHES])}. Use the id."
            )
        raise InputError(self._unknown(wanted, rows))

    def _unknown(self, wanted: str, rows: list[tuple[str, str | None]]) -> str:
        spelled: dict[str, str] = {}
        for identity, name in rows:
            spelled[identity.lower()] = f"{identity} ({name})" if name else identity
            if name:
                spelled[name.lower()] = f"{identity} ({name})"
        near = get_close_matches(wanted.lower(), spelled, n=NEAR_MATCHES, cutoff=0.5)
        near += [key for key in spelled if wanted and wanted.lower() in key and key not in near]
        shown = list(dict.fromkeys(spelled[key] for key in near))[:NEAR_MATCHES]
        hint = f"Near: {'; '.join(shown)}." if shown else "`audit list` shows all."
        return f"No organization {wanted!r} in {self.path} ({len(rows)} organizations). {hint}"

    def account(self, wanted: str) -> Account:
        """One organization's tables. ``wanted`` is its id or exact name."""
        identity = self.organization_id(wanted)
        frames = {
            table.name: self._read(table.name, "WHERE organization_id = ? ORDER BY ALL", [identity])
            for table in TABLES
        }
        return Account(identity, frames)

    def _read(self, table: str, rest: str, parameters: list[Any] | None = None) -> pd.DataFrame:
        columns = ", ".join(selected(column) for column in BY_NAME[table].columns)
        query = f"SELECT {columns} FROM {table} {rest}"  # noqa: S608 - our own table names
        return fetched(table, execute(self.connection, query, parameters))


def publish(
    path: str | Path,
    tables: Mapping[str, pd.DataFrame],
    *,
    merge: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Path:
    """Replace the organizations in ``tables`` in the store at ``path``, atomically.

    ``tables`` are canonical or still raw; they are validated here. All earlier rows of an
    organization that appears in ``tables["organizations"]`` are replaced; with ``merge`` only
    those of tables that bring rows for it (an export folder on top of a pull); then a column
    the new organization row leaves empty keeps its value, and so does the coverage of tables
    that stayed.

    Raises: TableError for a bad row, StoreError for a store of a newer version. Either way
    the store stays as it was.
    """
    path = Path(path)
    checked = {name: validated(name, frame) for name, frame in tables.items()}
    frames = {name: result.frame for name, result in checked.items()}
    replaced = [name for name, result in checked.items() if result.replaced_rows]
    if "organizations" not in frames or frames["organizations"].empty:
        raise StoreError("Nothing to publish: the pull brought no organization.")
    frames["data_quality"] = _with_repeats_noted(frames, tables, replaced)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _publishing(path):
        if path.exists() and _version(path) < SCHEMA_VERSION:
            _migrate(path)
        _write(path, frames, merge=merge, progress=progress)
    return path


def _with_repeats_noted(
    frames: Mapping[str, pd.DataFrame],
    given: Mapping[str, pd.DataFrame],
    replaced: Collection[str],
) -> pd.DataFrame:
    notes = []
    if "usage_daily" in replaced:
        # Counted, not compared: the same day may be spelled in two ways.
        before = pd.DataFrame(given["usage_daily"])["organization_id"].value_counts()
        after = frames["usage_daily"]["organization_id"].value_counts()
        repeats = (before - after.reindex(before.index, fill_value=0)).loc[lambda n: n > 0]
        notes = [
            {
                "organization_id": identity,
                "project_id": "",
                "subject": "usage_daily",
                "kind": "duplicate_day",
                "message": "A day was reported more than once; the last report was kept.",
                "quantity": int(rows),
            }
            for identity, rows in sorted(repeats.items())
        ]
    present = frames.get("data_quality")
    added = pd.DataFrame(notes, columns=BY_NAME["data_quality"].names)
    parts = [part for part in (present, added) if part is not None and len(part)]
    return validated("data_quality", pd.concat(parts) if parts else []).frame


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    # Attached, not opened by name: DuckDB would hand out the file this process opened before,
    # and ask the network for an extension where the file is another kind of database.
    connection = duckdb.connect(config=dict(OBJECTS_ARE_TEXTS))
    try:
        connection.execute(f"ATTACH '{_quoted(path)}' AS store (READ_ONLY, TYPE duckdb)")
        connection.execute("USE store")
        # A store from elsewhere may hold views; they must reach no other file.
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except duckdb.Error as error:
        connection.close()
        raise StoreError(
            f"{path} is not a readable store ({str(error).splitlines()[0]}). "
            "Name another file with --store; pull again if this was one."
        ) from error
    return connection


def _version(path: Path) -> int:
    with _connect(path) as connection:
        return _version_of(connection, path)


def _version_of(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    try:
        row = connection.execute("SELECT version FROM store_version").fetchone()
    except duckdb.Error as error:
        raise _foreign(path) from error
    views = connection.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchone()
    if row is None or not isinstance(row[0], int) or views != (0,):
        raise _foreign(path)
    version = row[0]
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{path} was written by a newer version (store version {version}, this tool reads up "
            f"to {SCHEMA_VERSION}). Upgrade the tool; the file is untouched."
        )
    return version


def _foreign(path: Path) -> StoreError:
    return StoreError(
        f"{path} is a DuckDB file but not a store of this tool (no store_version, or views). "
        "Name another file with --store."
    )


@contextmanager
def _publishing(path: Path) -> Iterator[None]:
    with path.with_name(path.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fresh(path: Path) -> Path:
    for stale in path.parent.glob(f"{escape(path.name)}.new.*"):
        stale.unlink(missing_ok=True)
    return path.with_name(f"{path.name}.new.{os.getpid()}")


def _publish_file(new: Path, path: Path) -> None:
    with new.open("rb") as handle:
        os.fsync(handle.fileno())
    new.replace(path)


def _write(
    path: Path,
    frames: Mapping[str, pd.DataFrame],
    *,
    merge: bool,
    progress: Callable[[str], None],
) -> None:
    new = _fresh(path)
    with duckdb.connect(str(new), config=dict(OBJECTS_ARE_TEXTS)) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("CREATE TABLE store_version (version INTEGER)")
        connection.execute("INSERT INTO store_version VALUES (?)", [SCHEMA_VERSION])
        if path.exists():
            connection.execute(f"ATTACH '{_quoted(path)}' AS old (READ_ONLY, TYPE duckdb)")
        connection.register("brought", brought(frames, merge=merge))
        for table in TABLES:
            progress(table.name)
            connection.execute(table.ddl)
            frame = frames.get(table.name)
            if frame is None:
                frame = empty(table.name)
            connection.register("incoming", sendable(table.name, frame))
            query = f"SELECT {typed(table)} FROM incoming"  # noqa: S608 - our own table names
            if path.exists():
                query = rows_after(table, query, merge=merge)
            connection.execute(f"INSERT INTO {table.name} {query} ORDER BY organization_id")
            connection.unregister("incoming")
    _publish_file(new, path)


def _migrate(path: Path) -> None:
    new = _fresh(path)
    shutil.copyfile(path, new)
    version = _version(path)
    with duckdb.connect(str(new)) as connection:
        for step in range(version, SCHEMA_VERSION):
            for statement in MIGRATIONS.get(step, ()):
                try:
                    connection.execute(statement)
                except duckdb.Error as error:
                    raise StoreError(
                        f"{path} is of store version {version} and cannot become version "
                        f"{SCHEMA_VERSION} ({str(error).splitlines()[0]}). It is untouched; use "
                        "the version of the tool that wrote it, or pull again into a new store."
                    ) from error
        connection.execute("UPDATE store_version SET version = ?", [SCHEMA_VERSION])
        present = {row[0] for row in connection.execute("SHOW TABLES").fetchall()}
        for table in TABLES:
            if table.name not in present:
                connection.execute(table.ddl)
    _publish_file(new, path)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
