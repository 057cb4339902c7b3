"""Writers that meet, writers that are killed, and folders nobody may write to."""

import os
import signal
import sqlite3
import time

import pytest
import sqlalchemy as sa

from audit.errors import StoreError
from audit.ledger import storage
from audit.ledger.address import address
from audit.ledger.schema import STEPS
from audit.ledger.storage import Ledger

WRITE_MANY = """
sys.stdin.readline()
for number in range(20):
    decide(f"{name} {{number}}")
"""

STOP_BEFORE_COMMIT = """
from sqlalchemy import event
from sqlalchemy.engine import Engine

@event.listens_for(Engine, "commit")
def stop(connection):
    say("here")
    sys.stdin.read()

decide(1)
"""

WRITE_AND_TELL = """
number = 0
while True:
    say(decide(number).id)
    number += 1
"""


def finished(process, said=""):
    out, errors = process.communicate(said, timeout=60)
    assert process.returncode == 0, errors
    return out


def test_two_writers_at_once_lose_nothing_and_make_one_ledger(place, program):
    writers = [program(WRITE_MANY.format(name=name), place) for name in ("x", "y")]
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        finished(writer)

    found = Ledger.at(place).suppressions()
    assert sorted(one.reason for one in found) == sorted(
        f"reason {name} {number}" for name in "xy" for number in range(20)
    )
    assert [one.id for one in found] == sorted({one.id for one in found})


def test_of_two_lifts_at_once_one_is_told(place, decision, program):
    one = Ledger.at(place).suppress(decision())
    body = f"""
sys.stdin.readline()
try:
    Ledger.at(sys.argv[1]).lift({one.id}, on=date(2026, 11, 2))
    say("lifted")
except Exception as error:
    say(type(error).__name__)
"""
    both = [program(body, place) for _ in range(2)]
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()

    assert sorted(finished(process) for process in both) == ["InputError\n", "lifted\n"]


def killed_before_commit(program, place):
    process = program(STOP_BEFORE_COMMIT, place)
    assert process.stdout.readline() == "here\n", process.stderr.read()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def test_a_writer_killed_before_its_commit_has_written_nothing(place, decision, program):
    one = Ledger.at(place).suppress(decision())

    killed_before_commit(program, place)

    assert Ledger.at(place).suppressions() == (one,)
    assert Ledger.at(place).suppress(decision()).reason == one.reason
    assert len(Ledger.at(place).suppressions()) == 2


def test_a_first_writer_that_is_killed_leaves_room_for_the_next(place, decision, program):
    killed_before_commit(program, place)

    assert Ledger.at(place).suppressions() == ()
    assert len(Ledger.at(place).suppressions()) == 0
    Ledger.at(place).suppress(decision())
    assert len(Ledger.at(place).suppressions()) == 1


def test_killed_at_any_moment_all_that_was_told_is_there(place, program):
    told = 0
    for milliseconds in (0, 3, 11, 25, 60):
        process = program(WRITE_AND_TELL, place)
        process.stdout.readline()
        time.sleep(milliseconds / 1000)
        process.kill()
        out, _ = process.communicate()
        told += 1 + len(out.splitlines())

        # One more may be written than was told: it died between the two.
        written = len(Ledger.at(place).suppressions())
        assert told <= written <= told + 1
        told = written


def test_a_killed_writer_leaves_a_sound_file(tmp_path, program):
    place = tmp_path / "ledger.sqlite"
    process = program(WRITE_AND_TELL, place)
    process.stdout.readline()
    process.kill()
    process.communicate()
    Ledger.at(place).suppressions()

    connection = sqlite3.connect(place)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


def test_a_reader_does_not_wait_for_a_writer_that_thinks(place, decision, program):
    one = Ledger.at(place).suppress(decision())
    process = program(STOP_BEFORE_COMMIT, place)
    assert process.stdout.readline() == "here\n"

    assert Ledger.at(place).suppressions() == (one,)

    finished(process)
    assert len(Ledger.at(place).suppressions()) == 2


def test_a_writer_that_waits_too_long_is_told_why(place, decision, program, monkeypatch):
    Ledger.at(place).suppress(decision())
    process = program(STOP_BEFORE_COMMIT, place)
    assert process.stdout.readline() == "here\n"
    monkeypatch.setattr(storage, "WAIT_SECONDS", 1.0)

    with pytest.raises(StoreError, match=r"locked by another process for 1 seconds. Try again"):
        Ledger.at(place).suppress(decision())

    finished(process)


def test_two_that_bring_it_up_to_date_at_once_do_it_once(place, decision, program):
    Ledger.at(place).suppress(decision())
    body = """
import sqlalchemy as sa
from audit.ledger.address import address
from audit.ledger.schema import STEPS

def note(connection):
    connection.execute(sa.text("ALTER TABLE suppressions ADD COLUMN note TEXT"))

sys.stdin.readline()
say(len(Ledger(address(sys.argv[1]), (*STEPS, note)).suppressions()))
"""
    both = [program(body, place) for _ in range(2)]
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()

    assert [finished(process) for process in both] == ["1\n", "1\n"]


def _nothing(connection: sa.Connection) -> None:
    """A step."""


#: Root may write anywhere. All that is imported late is imported before root is left behind.
BE_NOBODY = """
import os, tempfile
with tempfile.TemporaryDirectory() as scratch:
    Ledger.at(scratch + "/l.sqlite").suppress(decide(0, Ledger.at(scratch + "/other.sqlite")))
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
"""


@pytest.fixture
def readonly(tmp_path, decision):
    """A ledger in a folder that nobody may write to."""
    folder = tmp_path / "team"
    folder.mkdir()
    file = folder / "ledger.sqlite"
    Ledger.at(file).suppress(decision())
    above = [path for path in folder.parents if path.stat().st_uid == os.getuid()]
    modes = {path: path.stat().st_mode for path in (file, folder, *above)}
    for path in above:
        path.chmod(modes[path] | 0o011)
    file.chmod(0o444)
    folder.chmod(0o555)
    yield file
    for path, mode in modes.items():
        path.chmod(mode)


def test_a_ledger_in_a_read_only_folder_is_read(readonly, program):
    body = BE_NOBODY + "say([one.id for one in Ledger.at(sys.argv[1]).suppressions()])"

    assert finished(program(body, readonly)) == "[1]\n"


@pytest.mark.parametrize("name", ["ledger.sqlite", "new.sqlite", "new/ledger.sqlite"])
def test_writing_into_a_read_only_folder_says_what_to_do(readonly, program, name):
    body = """
try:
    decide(1)
except Exception as error:
    say(f"{type(error).__name__}: {error}")
"""

    said = finished(program(BE_NOBODY + body, readonly.parent / name))

    assert said.startswith("StoreError: ")
    assert "writable, or name another with --ledger, in audit.toml or AUDIT_LEDGER" in said
    assert name in said


def test_an_old_ledger_nobody_may_write_says_so(readonly, program):
    body = """
from audit.ledger.address import address
from audit.ledger.schema import STEPS
try:
    Ledger(address(sys.argv[1]), (*STEPS, lambda connection: None)).suppressions()
except Exception as error:
    say(f"{type(error).__name__}: {error}")
"""

    said = finished(program(BE_NOBODY + body, readonly))

    assert said.startswith("StoreError: ")
    assert "writable" in said


def test_an_up_to_date_ledger_needs_no_step(tmp_path, decision):
    place = str(tmp_path / "ledger.sqlite")
    Ledger(address(place), (*STEPS, _nothing)).suppress(decision())
    before = (tmp_path / "ledger.sqlite").read_bytes()

    Ledger(address(place), (*STEPS, _nothing)).suppressions()

    assert (tmp_path / "ledger.sqlite").read_bytes() == before
