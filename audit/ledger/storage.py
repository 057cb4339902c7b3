"""The ledger in its database. SQLite by default, PostgreSQL for a team; one way for both.

Every change is one transaction, so a writer that dies leaves nothing half done, and writers
take turns. Reading makes nothing: a ledger that is not there yet holds no decisions.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from sqlalchemy import (
    Connection,
    Engine,
    NullPool,
    Row,
    Select,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError

from audit.errors import InputError, SettingsError, StoreError
from audit.ledger import schema
from audit.ledger.address import Address, address
from audit.ledger.model import CENT, Suppression, kept_text
from audit.ledger.schema import LIFTS, SUPPRESSIONS

#: How long a writer waits for others, and a connection for its server.
WAIT_SECONDS = 30.0

#: PostgreSQL's code for a lock that was not had in time.
_NO_LOCK = "55P03"
_READONLY = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")


class Ledger:
    """The decisions at one address. Cheap to make: nothing is opened before it is asked."""

    def __init__(self, at: Address, steps: Sequence[schema.Step] = schema.STEPS) -> None:
        self.address = at
        self.steps = steps

    @classmethod
    def at(cls, place: str | Path) -> Self:
        """Raises: SettingsError for what is neither a file nor a URL."""
        return cls(address(str(place)))

    def suppressions(self, organization_id: str | None = None) -> tuple[Suppression, ...]:
        """All of them by id, lifted and expired ones too; or those of one organization.

        Raises: StoreError for a ledger that cannot be read or is of a newer version.
        """
        with self._reading() as connection:
            if connection is None:
                return ()
            wanted = _ALL
            if organization_id is not None:
                wanted = wanted.where(SUPPRESSIONS.c.organization_id == organization_id)
            return tuple(_read(row) for row in connection.execute(wanted))

    def suppress(self, wanted: Suppression) -> Suppression:
        """Write a new decision; the same with its id.

        Raises: StoreError for a ledger that cannot be written.
        """
        with self._writing() as connection:
            cents = None if wanted.up_to_usd is None else int(wanted.up_to_usd / CENT)
            done = connection.execute(
                insert(SUPPRESSIONS).values(
                    check_name=wanted.check,
                    organization_id=wanted.organization_id,
                    project_id=wanted.project_id,
                    product=wanted.product,
                    reason=wanted.reason,
                    owner=wanted.owner,
                    created_on=wanted.created_on,
                    until=wanted.until,
                    up_to_cents=cents,
                )
            )
            key = done.inserted_primary_key
            return replace(wanted, id=int(key[0]) if key else 0)

    def lift(self, number: int, *, on: date, owner: str = "", reason: str = "") -> Suppression:
        """End a decision before its day. The decision and its end both stay on record.

        Raises: InputError when there is none of that id or it is lifted already; StoreError for
        a ledger that cannot be written.
        """
        owner, reason = kept_text(owner, "owner"), kept_text(reason, "reason")
        known = {one.id: one for one in self.suppressions()}
        if number not in known:
            alive = [str(one.id) for one in known.values() if one.lifted_on is None]
            raise InputError(
                f"No suppression {number} in {self.address}. "
                f"Not lifted: {', '.join(alive) or 'none'}. `audit suppressions` shows them."
            )
        found = known[number]
        if found.lifted_on is not None:
            raise InputError(f"Suppression {number} was lifted on {found.lifted_on} already.")
        try:
            with self._writing() as connection:
                connection.execute(
                    insert(LIFTS).values(
                        suppression_id=number, lifted_on=on, lifted_by=owner, reason=reason
                    )
                )
        except _TakenError:
            raise InputError(
                f"Suppression {number} was lifted by somebody else just now."
            ) from None
        return replace(found, lifted_on=on, lifted_by=owner, lift_reason=reason)

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """A connection, or None where the database has no ledger yet."""
        with self._told():
            if self.address.file is not None and not self.address.file.exists():
                yield None
                return
            engine = self._engine("rw", "BEGIN")
            with engine.connect() as connection:
                version = self._checked_version(connection)
            if 0 < version < len(self.steps):
                with self._writing():
                    pass
            with engine.connect() as connection:
                yield connection if version else None

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._told():
            if self.address.file is not None:
                self.address.file.parent.mkdir(parents=True, exist_ok=True)
            # A writer that began as a reader could find itself unable to go on.
            with self._engine("rwc", "BEGIN IMMEDIATE").begin() as connection:
                schema.wait_for_turn(connection, WAIT_SECONDS)
                self._checked_version(connection)
                schema.bring_up_to_date(connection, self.steps)
                yield connection

    def _checked_version(self, connection: Connection) -> int:
        version = schema.version_of(connection)
        if version > len(self.steps):
            raise StoreError(
                f"The ledger in {self.address} was written by a newer version (ledger version "
                f"{version}, this tool knows up to {len(self.steps)}). Upgrade the tool; the "
                "ledger is untouched."
            )
        if version == 0 and self.address.file is not None and schema.strangers(connection):
            raise StoreError(
                f"{self.address} is a SQLite file of something else, not a ledger. Name another "
                "file with --ledger, in audit.toml or AUDIT_LEDGER."
            )
        return version

    def _engine(self, mode: str, begin: str) -> Engine:
        file = self.address.file
        if self.address.url is not None:
            return create_engine(
                self.address.url,
                poolclass=NullPool,
                hide_parameters=True,
                connect_args=self._wait(),
            )
        assert file is not None
        engine = create_engine(
            "sqlite://",
            creator=lambda: _connected(file, mode),
            poolclass=NullPool,
            hide_parameters=True,
        )
        # The driver would begin late and on its own; what a transaction holds is said here.
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
        return engine

    def _wait(self) -> dict[str, Any]:
        url = self.address.url
        if url is None or url.get_driver_name() != "psycopg" or "connect_timeout" in url.query:
            return {}
        return {"connect_timeout": int(WAIT_SECONDS)}

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the database in our words. The driver's own may hold what nobody should
        see, and so they are not chained."""
        try:
            yield
        except IntegrityError:
            raise _TakenError(f"The ledger in {self.address} refuses the row.") from None
        except DBAPIError as error:
            raise StoreError(self._complaint(error)) from None
        except (NoSuchModuleError, ArgumentError, ImportError) as error:
            raise SettingsError(
                f"No driver for the ledger at {self.address} ({error}). For PostgreSQL: "
                "pip install 'account-audit[team]'."
            ) from None
        except OSError as error:
            raise StoreError(self._unwritable(error.strerror or "no reason given")) from None
        except (ArithmeticError, TypeError, ValueError) as error:
            raise StoreError(
                f"The ledger in {self.address} holds a value that cannot be ({error}). It was "
                "changed by something else; bring back a copy."
            ) from None

    def _complaint(self, error: DBAPIError) -> str:
        said = " ".join(str(error.orig).split())
        kind = getattr(error.orig, "sqlite_errorname", "")
        state = getattr(error.orig, "sqlstate", "")
        if kind.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or state == _NO_LOCK:
            return (
                f"The ledger in {self.address} has been kept locked by another process for "
                f"{WAIT_SECONDS:.0f} seconds. Try again when it is done."
            )
        if kind.startswith(_READONLY):
            return self._unwritable(said)
        if kind.startswith("SQLITE_NOTADB"):
            return (
                f"{self.address} is no ledger: it is not a SQLite file. Name another with "
                "--ledger, in audit.toml or AUDIT_LEDGER."
            )
        if self.address.file is not None:
            return (
                f"The ledger in {self.address} cannot be used ({said}). Bring back a copy, or "
                "name another with --ledger."
            )
        return (
            f"The ledger at {self.address} cannot be used ({self._without_secrets(said)}). Check "
            "that the server runs and that its user may read and write; AUDIT_LEDGER or "
            "--ledger name another."
        )

    def _unwritable(self, said: str) -> str:
        return (
            f"The ledger {self.address} cannot be opened or written ({said}). Make the file and "
            "its folder writable, or name another with --ledger, in audit.toml or AUDIT_LEDGER."
        )

    def _without_secrets(self, said: str) -> str:
        url = self.address.url
        assert url is not None
        hidden = [url.password, *(v for k, v in url.query.items() if "pass" in k.lower())]
        for secret in hidden:
            if secret:
                said = said.replace(str(secret), "***")
        return said


class _TakenError(StoreError):
    """A row with that key is there already."""


_ALL: Select[Any] = (
    select(SUPPRESSIONS, LIFTS.c.lifted_on, LIFTS.c.lifted_by, LIFTS.c.reason.label("lift_reason"))
    .select_from(SUPPRESSIONS.outerjoin(LIFTS, LIFTS.c.suppression_id == SUPPRESSIONS.c.id))
    .order_by(SUPPRESSIONS.c.id)
)


def _read(row: Row[Any]) -> Suppression:
    return Suppression(
        id=row.id,
        check=row.check_name,
        organization_id=row.organization_id,
        project_id=row.project_id,
        product=row.product,
        reason=row.reason,
        owner=row.owner,
        created_on=row.created_on,
        until=row.until,
        up_to_usd=None if row.up_to_cents is None else Decimal(row.up_to_cents) * CENT,
        lifted_on=row.lifted_on,
        lifted_by=row.lifted_by or "",
        lift_reason=row.lift_reason or "",
    )


def _connected(file: Path, mode: str) -> sqlite3.Connection:
    """``mode``: rw opens what is there, rwc makes it. Also a read opens for writing, where that
    is allowed: what a killed writer left half done is undone first."""
    connection = sqlite3.connect(
        f"{file.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=WAIT_SECONDS,
        isolation_level=None,
    )
    connection.execute("PRAGMA foreign_keys = ON")
    # A commit is on disk before it is told, also the folder's part of it.
    connection.execute("PRAGMA synchronous = EXTRA")
    return connection
