"""The notebook without our server: by Voila as it comes, and in JupyterLab; and our server below
that of a person at a JupyterHub, by the file that the documentation shows."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import pytest

from audit.run import shipped_notebook

from .conftest import CHROMIUM, Visit, below, free_port

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (make system)"),
]

#: Voila tries every extension of JupyterLab that is installed, and says of which it cannot load.
NOT_OURS = ("Unsatisfied version", "hared module", "shared singleton", "Failed to create module")


@contextmanager
def running(module, *options, ready, folder, **variables):
    """A server of Jupyter's in a home of its own, with our notebook in its folder."""
    shutil.copy(shipped_notebook("dashboard.ipynb"), folder)
    port, log = free_port(), folder / "log.txt"
    kept = ("PATH", "LANG", "PYTHONPATH", "VIRTUAL_ENV")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), **variables}
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
        yield Served(f"http://127.0.0.1:{port}/", process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


class Served:
    def __init__(self, url, process):
        self.url, self.process = url, process


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
        one.page.wait_for_selector("text=/ipykernel.* Idle/", timeout=60_000)
        one.page.click("text=Run >> nth=0")
        one.page.click("text=Run All Cells >> nth=0")
        used(one)
        one.said = [said for said in one.said if not any(word in said for word in NOT_OURS)]
        assert one.clean()
        one.context.close()


def documented():
    """The file for the server of a person at a hub, as the documentation has it."""
    page = Path(__file__).parents[2] / "docs" / "dashboard.md"
    (block,) = re.findall(r"```python\n(import os\n.*?)```", page.read_text("utf-8"), re.DOTALL)
    return block


def test_a_hub_shows_it_below_a_persons_server_and_to_nobody_else_on_the_machine(
    browser, store, room
):
    text = documented()
    assert text.count("/srv/audit/") == 2
    assert text.count('"audit", "dashboard"') == 1
    (room / "ledger").mkdir()
    text = text.replace("/srv/audit/audit.duckdb", str(store))
    text = text.replace("/srv/audit/", f"{room}/ledger/")
    program = Path(sys.executable).with_name("audit")
    text = text.replace('"audit", "dashboard"', f'"{program}", "dashboard"')
    (room / "hub.py").write_text(text, encoding="utf-8")
    options = ("lab", f"--config={room / 'hub.py'}", "--IdentityProvider.token=", "--allow-root")
    options += ("--ServerApp.base_url=/user/ada/",)
    told = {"JUPYTERHUB_USER": "Ada Insider"}
    with running("jupyter", *options, ready="is running at", folder=room, **told) as server:
        one = Visit(browser, server)
        one.page.goto(f"{server.url}user/ada/audit/")
        used(one)
        one.after(lambda: one.page.click(".ab-tabs a:nth-child(4)"))
        assert one.page.locator("form[data-submit=suppress]").count() == 1
        assert one.page.inner_text(".ab-visitor") == "Signed in as Ada Insider"
        assert one.clean()
        one.context.close()

        (own,) = ports_of_a_dashboard(below(server.process))
        found = httpx2.get(f"http://127.0.0.1:{own}/user/ada/audit/", follow_redirects=False)
        assert found.status_code == 302
        assert "/login" in found.headers["location"]
    secret = (room / ".account-audit-token").read_text().split()[0]
    assert secret not in (room / "log.txt").read_text()
    assert (room / ".account-audit-token").stat().st_mode & 0o077 == 0


def ports_of_a_dashboard(processes):
    """Where those of the processes wait for others that are ``audit dashboard`` itself."""
    nodes = set()
    for one in processes:
        command = Path(f"/proc/{one}/cmdline").read_bytes()
        if b"\0dashboard\0" in command:
            for handle in Path(f"/proc/{one}/fd").iterdir():
                with suppress(OSError):  # closed while we looked
                    nodes.add(str(handle.readlink()))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    waiting = [row for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in nodes]
    return {int(row[1].rpartition(":")[2], 16) for row in waiting}
