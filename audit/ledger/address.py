"""Where the ledger is: a SQLite file, or the URL of a database that a team shares."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from audit.errors import SettingsError

if TYPE_CHECKING:
    from sqlalchemy import URL

IS_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

#: Names of one database that SQLAlchemy has no driver for, and the driver of the ``team`` extra.
POSTGRESQL = ("postgres", "postgresql")
POSTGRESQL_DRIVER = "postgresql+psycopg"


@dataclass(frozen=True)
class Address:
    """A file, or a URL. As text it names the place and nobody's user or password."""

    file: Path | None
    url: "URL | None" = None

    def __str__(self) -> str:
        if self.url is None:
            return str(self.file)
        host = self.url.host or self.url.query.get("host") or "local socket"
        port = f":{self.url.port}" if self.url.port else ""
        return f"{self.url.get_backend_name()}://{host}{port}/{self.url.database or ''}"


def address(text: str) -> Address:
    """A path or a URL. ``sqlite:///FILE`` is the file.

    Raises: SettingsError for no text or a URL that cannot be read; what it says never repeats
    the URL.
    """
    if not text.strip() or "\0" in text:
        raise SettingsError("ledger is a file, such as audit-ledger.sqlite, or a database URL.")
    if not IS_URL.match(text):
        return Address(Path(text).expanduser())
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingsError(
            "The ledger's URL cannot be read. Write it as postgresql://USER@HOST:5432/DATABASE, "
            "with a password in ~/.pgpass or PGPASSWORD; %-encode what is no letter or digit."
        ) from None
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise SettingsError("A ledger in memory would be lost. Name a file.")
        return Address(Path(url.database))
    if url.drivername in POSTGRESQL:
        url = url.set(drivername=POSTGRESQL_DRIVER)
    return Address(None, url)


def is_url(text: str) -> bool:
    """Whether a setting names a database and no file.

    >>> is_url("postgresql://host/audit"), is_url("team/ledger.sqlite")
    (True, False)
    """
    return bool(IS_URL.match(text))
