"""The notebook without our server: by Voila as it comes, and in JupyterLab."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from audit.run import shipped_notebook

from .conftest import CHROMIUM, Visit, free_port

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (make system)"),
]

#: An extension of JupyterLab that only developers of the notebooks have; Voila cannot load it.
NOT_OURS = ("Unsatisfied version", "shared module", "shared singleton", "jupytext")


@contextmanager
def running(module, *options, ready, folder):
    """A server of Jupyter's in a home of its own, with our notebook in its folder."""
    shutil.copy(shipped_notebook("dashboard.ipynb"), folder)
    port, log = free_port(), folder / "log.txt"
    kept = ("PATH", "LANG", "PYTHONPATH", "VIRTUAL_ENV")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *options, "--no-browser", f"--port={port}"],
            cwd=folder,
            env=environment,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + 60
        while ready not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        yield Served(f"http://127.0.0.1:{port}/")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


class Served:
    def __init__(self, url):
        self.url = url


@pytest.fixture
def room(tmp_path):
    place = tmp_path / "room"
    place.mkdir()
    return place


def used(one):
    """A visitor finds an account and looks at its bill; charts are drawn."""
    one.page.wait_for_selector(".ab[data-done]", timeout=60_000)
    one.page.wait_for_selector("[data-part=spread] svg", timeout=30_000)
    name = one.page.inner_text(".ab-accounts tbody tr:nth-child(2) a")
    one.after(lambda: one.page.click(".ab-accounts tbody tr:nth-child(2) a"))
    assert name in one.page.inner_text("[data-part=title]")
    one.after(lambda: one.page.click(".ab-tabs a:nth-child(2)"))
    for part in ("bill", "ahead"):
        one.page.wait_for_selector(f"[data-part={part}] svg", timeout=30_000)


def test_voila_alone_serves_it_and_asks_nobody_outside(browser, room):
    options = (str(room / "dashboard.ipynb"),)
    with running("voila", *options, ready="running at", folder=room) as server:
        one = Visit(browser, server)
        one.page.goto(server.url)
        used(one)
        one.said = [said for said in one.said if not any(word in said for word in NOT_OURS)]
        assert one.clean()
        one.context.close()


def test_jupyterlab_shows_it_and_asks_nobody_outside(browser, room):
    options = ("lab", "--IdentityProvider.token=", "--allow-root")
    with running("jupyter", *options, ready="is running at", folder=room) as server:
        one = Visit(browser, server)
        one.page.goto(f"{server.url}lab/tree/dashboard.ipynb")
        one.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        one.page.click("text=Run >> nth=0")
        one.page.click("text=Run All Cells >> nth=0")
        used(one)
        one.said = [said for said in one.said if not any(word in said for word in NOT_OURS)]
        assert one.clean()
        one.context.close()
