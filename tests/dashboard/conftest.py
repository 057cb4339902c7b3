"""A store with a hostile name in it, its board, and the served dashboard in a real browser."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import pytest

from audit.dashboard.board import made
from audit.sources.sample import portfolio
from audit.store import publish

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
HOSTILE = "<img src=https://evil.example/x onerror=alert(1)>\u202egnp"
EVENT = "<script>alert('event')</script>"
AS_OF = date(2026, 11, 1)


def tables(organizations=12):
    """The sample, its first organization renamed and one of its events too."""
    found = portfolio(organizations, as_of=AS_OF).tables
    names = found["organizations"].copy()
    names.loc[names.index[0], "name"] = HOSTILE
    rows = found["usage_rows"].copy()
    first = rows["organization_id"] == names["organization_id"].iloc[0]
    biggest = rows[first]["quantity"].astype("int64").idxmax()
    rows.loc[biggest, "event"] = EVENT
    return {**found, "organizations": names, "usage_rows": rows}


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    return publish(tmp_path_factory.mktemp("store") / "store.duckdb", tables())


@pytest.fixture(scope="session")
def board(store):
    return made(store)


@pytest.fixture(scope="session")
def hostile_id(board):
    return next(row["organization_id"] for row in board.rows if row["name"] == HOSTILE)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def below(process):
    """All processes that a process started, and those that they did."""
    found = []
    with suppress(OSError):  # it ended while we looked
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            for child in map(int, task.read_text().split()):
                found += [child, *below(child)]
    return found


def is_kernel(process):
    try:
        tasks = list(Path(f"/proc/{process}/task").glob("*/comm"))
        return any(task.read_text().startswith("ZMQ") for task in tasks)
    except OSError:
        return False


class Server:
    """A running ``audit dashboard``."""

    def __init__(self, process, port, log, base):
        self.process, self.port, self.log, self.base = process, port, log, base
        self.url = f"http://127.0.0.1:{port}{base}"

    def said(self):
        return self.log.read_text(encoding="utf-8")

    def until(self, words, seconds=90):
        end = time.monotonic() + seconds
        while words not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def until_again(self, words, before, seconds=90):
        """Until the words stand there once more than ``before``."""
        end = time.monotonic() + seconds
        while self.said().count(words) <= before:
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def kernels(self):
        """Processes of visitors: only they have threads of ZeroMQ."""
        return [one for one in below(self.process.pid) if is_kernel(one)]


@contextmanager
def serving(store, folder, *options, base="/"):
    """``audit dashboard`` of a store, ready for visitors."""
    port, log = free_port(), folder / f"log-{free_port()}.txt"
    command = [sys.executable, "-m", "audit", "dashboard", "--store", str(store)]
    command += ["--port", str(port), "--base-url", base, *options]
    kept = ("PATH", "LANG", "PYTHONPATH", "VIRTUAL_ENV")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=out, stderr=out, start_new_session=True
        )
    server = Server(process, port, log, base)
    try:
        server.until("Open http")
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def served(store, tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    own = folder / "store.duckdb"
    shutil.copyfile(store, own)
    options = ("--name", "Ada Insider", "--ledger", str(folder / "ledger.sqlite"), "--idle", "5")
    with serving(own, folder, *options) as server:
        server.store, server.folder = own, folder
        yield server


@pytest.fixture(scope="session")
def serve():
    return serving


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


class Visit:
    """A page of the dashboard, and everything that must not happen on it."""

    def __init__(self, browser, server, width=1280):
        self.context = browser.new_context(viewport={"width": width, "height": 900})
        self.page, self.server = self.context.new_page(), server
        self.requests, self.said, self.dialogs = [], [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on(
            "console",
            lambda told: self.said.append(told.text) if told.type in ("error", "warning") else None,
        )
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda one: (self.dialogs.append(one.message), one.dismiss()))

    def open(self, query=""):
        self.page.goto(self.server.url + query)
        self.page.wait_for_selector(".ab[data-done]", timeout=60_000)
        return self

    @property
    def answers(self):
        return int(self.page.get_attribute(".ab", "data-done") or 0)

    def after(self, act):
        """Do something, and wait for the answer."""
        before = self.answers
        act()
        end = time.monotonic() + 60
        while self.answers <= before:
            assert time.monotonic() < end, "no answer"
            self.page.wait_for_timeout(10)
        return self

    def clean(self):
        outside = [url for url in self.requests if not url.startswith(self.server.url)]
        assert not [url for url in outside if not url.startswith(("data:", "blob:"))]
        assert not self.said
        assert not self.dialogs
        return True


@pytest.fixture
def visit(browser, served):
    opened = []

    def visits(query="", width=1280, server=None):
        opened.append(Visit(browser, server or served, width))
        return opened[-1].open(query)

    yield visits
    for one in opened:
        one.context.close()
