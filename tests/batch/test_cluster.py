import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pytest
from kills import digests

from audit.batch.batch import batch
from audit.batch.choice import of_segments
from audit.batch.cluster import Cluster, _inside, _published, packed
from audit.batch.job import Job
from audit.errors import InputError, RunError

pytestmark = pytest.mark.slow

DASK = [sys.executable, "-m", "dask"]
QUIET = ["--no-dashboard"]


@contextmanager
def process(*command):
    started = subprocess.Popen(
        [*DASK, *command],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        yield started
    finally:
        kill(started)


def kill(started):
    with suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    started.stderr.close()


@pytest.fixture(scope="module")
def scheduler():
    """The address of a scheduler on loopback."""
    with process("scheduler", "--host", "127.0.0.1", "--port", "0", *QUIET) as started:
        for line in started.stderr:
            found = re.search(r"Scheduler at:\s+(tcp://127\.0\.0\.1:\d+)", line)
            if found:
                break
        yield found[1]


def worker(address):
    given = ["--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--memory-limit", "0"]
    return process("worker", address, *given, *QUIET)


@pytest.fixture
def local(batch, tmp_path):
    """The batch on this machine; its files."""
    batch(out=tmp_path / "local")
    return digests(tmp_path / "local")


@pytest.fixture
def request_(batch):
    return batch(plan_only=True).request


def test_a_batch_on_two_workers_of_which_one_is_killed_equals_a_local_one(
    scheduler, local, store, request_, tmp_path
):
    out = tmp_path / "far"
    out.mkdir()
    with worker(scheduler) as first, worker(scheduler):
        ended = []

        def kill_one(record):
            ended.append(record)
            if len(ended) == 1:
                kill(first)

        with Cluster(scheduler) as cluster:
            until = time.monotonic() + 30
            while len(cluster._client.nthreads()) < 2 and time.monotonic() < until:
                time.sleep(0.1)
        outcome = batch(
            store,
            out,
            of_segments(store, ()),
            request_,
            lambda: Cluster(scheduler),
            ended=kill_one,
        )

    assert outcome.failed == []
    assert len(outcome.records) == 4
    assert digests(out) == local


def test_an_address_where_nobody_answers_is_said():
    nobody = Cluster("tcp://127.0.0.1:9", connect_seconds=1)

    with pytest.raises(RunError, match="No scheduler"), nobody:
        pass


def test_letters_from_afar_take_the_place_of_old_ones_and_edited_ones_stay(tmp_path):
    job = Job("id", str(tmp_path), "store.duckdb", "a.ipynb", {}, {}, shared_assets=True)
    place = tmp_path / "2026-11-01" / "acme-1"

    for text in (b"first", b"second"):
        files = {"account.zip": b"x", "outreach/email.md": text, "outreach/email.html": text}
        _published(files, place, job)
        (place / "outreach" / "email.html").write_text("in my own words")
    _published(files, place, job)

    assert (place / "outreach" / "email.md").read_bytes() == b"second"
    assert (place / "outreach" / "email.html").read_bytes() == b"second"
    assert (place / "outreach" / "email.yours.html").read_text() == "in my own words"
    assert not (place / "outreach" / "email.yours.md").exists()
    assert len(list((tmp_path / "assets").iterdir())) == 1


def test_files_of_the_other_side_stay_in_their_folder(tmp_path):
    for name in ("../x", "/etc/x", "a/../../x", "..\\x"):
        with pytest.raises(RunError, match="outside"):
            _inside(tmp_path, name)


def test_a_policy_of_this_machine_does_not_travel(batch):
    asked = {**batch(plan_only=True).request.asked, "policy": "mine.toml"}
    job = Job("id", ".", "store.duckdb", "a.ipynb", asked, {})

    with pytest.raises(InputError, match="does not travel"):
        packed(job)
