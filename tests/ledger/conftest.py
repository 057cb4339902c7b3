"""Ledgers in a file and on a real PostgreSQL server, and processes that write to them."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from audit.ledger import suppression
from audit.ledger.storage import Ledger

TODAY = date(2026, 11, 1)
END = date(2027, 3, 1)

PROGRAM = """
import sys
from datetime import date
from audit.ledger import suppression
from audit.ledger.storage import Ledger

def decide(number, ledger=None):
    return (ledger or Ledger.at(sys.argv[1])).suppress(suppression(
        check="autocapture_unread", organization_id="acme", reason=f"reason {number}",
        owner="Ada", until=date(2027, 3, 1), on=date(2026, 11, 1)))

def say(text):
    print(text, flush=True)
"""


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server of this test run alone."""

    socket_folder: str
    port: int
    password: str

    def url(self, database):
        return f"postgresql://auditor@/{database}?host={self.socket_folder}&port={self.port}"

    def url_by_network(self, database, password):
        return f"postgresql://auditor:{password}@127.0.0.1:{self.port}/{database}"

    def create(self):
        """The name of a new, empty database."""
        name = f"ledger_{secrets.token_hex(6)}"
        engine = sa.create_engine(
            self.url("postgres").replace("postgresql:", "postgresql+psycopg:"),
            isolation_level="AUTOCOMMIT",
            poolclass=sa.NullPool,
        )
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        return name


def programs():
    """The folder of PostgreSQL's own programs; Debian keeps it out of PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    every = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return every[-1].parent if every else None


def free_port():
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="session")
def cluster():
    """Skipped where PostgreSQL is not installed: `make system`."""
    bin = programs()
    if bin is None:
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="audit-pg-"))  # a socket's path must be short
    password = secrets.token_hex(8)
    (folder / "password").write_text(password)
    # The server refuses to run as root.
    own = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    if own:
        for path in (folder, folder / "password"):
            shutil.chown(path, **own)
    data = folder / "data"

    def call(*command):
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, env={"LC_ALL": "C.UTF-8"}, **own
        )
        return done.returncode, done.stdout + done.stderr

    code, output = call(
        *(bin / "initdb", "-D", data, "-U", "auditor", "-E", "UTF8", "--no-sync"),
        *("--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={folder}/password"),
    )
    assert code == 0, output
    # A port that was free may be taken before the server has it.
    for port in (free_port(), free_port(), free_port()):
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} "
            "-c fsync=off -c shared_buffers=16MB -c max_connections=20"
        )
        start = ("-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        code, output = call(bin / "pg_ctl", *start)
        if code == 0:
            break
    assert code == 0, output
    try:
        yield Cluster(str(folder), port, password)
    finally:
        call(bin / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Where a new ledger goes, as a setting would say it."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.sqlite")
    cluster = request.getfixturevalue("cluster")
    return cluster.url(cluster.create())


@pytest.fixture
def ledger(place):
    return Ledger.at(place)


@pytest.fixture(scope="session")
def decision():
    """A suppression of everything the check finds in acme, with what differs."""

    def new(**changed):
        given = {
            "check": "autocapture_unread",
            "organization_id": "acme",
            "reason": "They read it with a tool of their own.",
            "owner": "Ada",
            "until": END,
            "on": TODAY,
        }
        return suppression(**{**given, **changed})

    return new


@pytest.fixture
def program():
    """A process of its own that runs ``body`` with the ledger's place as its argument."""

    def start(body, place, **how):
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM + body, str(place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **how,
        )

    return start
