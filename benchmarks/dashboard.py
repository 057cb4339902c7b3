"""How soon is the dashboard usable, beside Voila as it comes, in one run over one store?

    python benchmarks/dashboard.py --accounts 5000 --visits 200

Both serve the same notebook over the same store, whose accounts have been judged before. Visits
take turns; each is a fresh browser context. What is measured: seconds from the request until the
page has answered (it can be filtered and clicked), switching accounts and moving a slider until
the result is painted, ten visitors at once, private memory of one more visitor, and whether the
processes of closed pages end.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
NOTEBOOK = HERE.parent / "notebooks" / "dashboard.ipynb"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
READY = ".ab[data-done]"
IDLE_SECONDS = 10
#: In which accounts of the next pages are audited, about one a second.
QUIET_SECONDS = 150
AT_ONCE = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=5_000)
    parser.add_argument("--visits", type=int, default=200, help="of ours; stock gets a tenth")
    parser.add_argument("--store", help="instead of making one")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        store = Path(options.store) if options.store else made(folder, options.accounts)
        found = measured(folder, store, options.visits)
    print(table(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))


def made(folder: Path, accounts: int) -> Path:
    from audit.sources.sample import portfolio
    from audit.store import publish

    tables = portfolio(accounts, as_of=date(2026, 11, 1)).tables
    return Path(publish(folder / "store.duckdb", tables))


def measured(folder: Path, store: Path, visits: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    say("Judging the store")
    judge(store)
    with (
        ours(folder, store) as (own, own_url),
        stock(folder, store) as (other, other_url),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for url in (own_url, other_url):
            visited(browser, url)  # the first visit warms the files of the system
        first: dict[str, list[float]] = {"ours": [], "stock": []}
        failed = {"ours": 0, "stock": 0}
        for number in range(visits):
            turns = [("ours", own_url)]
            turns += [("stock", other_url)] if number % max(1, visits // 20) == 0 else []
            for name, url in turns:
                try:
                    first[name].append(visited(browser, url))
                except Exception as error:
                    failed[name] += 1
                    say(f"{name}: {str(error).splitlines()[0]}")
            if number % 25 == 24:
                say(f"{number + 1} of {visits} visits")
        found = {
            "visits": {name: len(times) for name, times in first.items()},
            "failed": failed,
            "first view, median s": {name: median(times) for name, times in first.items()},
            "first view, 95% s": {name: at(times, 0.95) for name, times in first.items()},
        }
        found |= used(browser, own_url, pages_of(store))
        found["ten at once"] = at_once(browser, own_url)
        found["MB a visitor"] = {
            "ours": memory(browser, own_url, own, "AUDIT_DASHBOARD_BOARD"),
            "stock": memory(browser, other_url, other, ""),
        }
        end = time.monotonic() + IDLE_SECONDS * 4
        while kernels(own, "AUDIT_DASHBOARD_BOARD") and time.monotonic() < end:
            time.sleep(0.5)
        found["kernels left after the idle time"] = len(kernels(own, "AUDIT_DASHBOARD_BOARD"))
        browser.close()
    return found


def judge(store: Path) -> None:
    from audit.dashboard.board import Rules, opened
    from audit.report.bundle import cache_folder, chart_library

    chart_library()
    opened(store, Rules(), folder=cache_folder())


@contextmanager
def ours(folder: Path, store: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = free_port()
    command = [sys.executable, "-m", "audit", "dashboard", "--store", str(store)]
    command += ["--port", str(port), "--idle", str(IDLE_SECONDS), "--name", "Ada"]
    command += ["--ledger", str(folder / "ledger.sqlite")]
    with started(command, folder, "Open http") as process:
        yield process, f"http://127.0.0.1:{port}/"


@contextmanager
def stock(folder: Path, store: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    served = folder / "stock"
    served.mkdir()
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert 'store = \\"\\"' in text
    text = text.replace('store = \\"\\"', f'store = \\"{store}\\"')
    (served / "dashboard.ipynb").write_text(text, encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "voila", str(served / "dashboard.ipynb"), "--no-browser"]
    with started([*command, f"--port={port}"], folder, "running at") as process:
        yield process, f"http://127.0.0.1:{port}/"


@contextmanager
def started(command: list[str], folder: Path, ready: str) -> Iterator[subprocess.Popen[bytes]]:
    log = folder / f"{time.monotonic_ns()}.log"
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out)
    try:
        while ready not in log.read_text():
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def visited(browser: Any, url: str) -> float:
    context = browser.new_context()
    try:
        page, began = context.new_page(), time.perf_counter()
        page.goto(url, wait_until="commit")
        page.wait_for_selector(READY, timeout=60_000)
        return time.perf_counter() - began
    finally:
        context.close()


def pages_of(store: Path) -> int:
    from audit.dashboard.board import Rules, opened
    from audit.dashboard.portfolio import ROWS_A_PAGE
    from audit.report.bundle import cache_folder

    return len(opened(store, Rules(), folder=cache_folder()).rows) // ROWS_A_PAGE


def used(browser: Any, url: str, last: int) -> dict[str, Any]:
    """Seconds from the act to the painted result, as the page itself sees them.

    The pages before the ``last`` are too far down the queue to be audited before they are opened.
    """
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(READY)
    page.wait_for_timeout(45_000)  # the accounts of the first page are audited meanwhile
    switches, quiet, cold, tabs, slides, filters = [], [], [], [], [], []
    for number in range(1, 13):
        if number > 1:
            waited(page, lambda: page.click(".ab-nav a"))
        row = f".ab-accounts tbody tr:nth-child({number}) a"
        switches.append(waited(page, lambda row=row: page.click(row)))
        for tab in (2, 3, 4):
            click = f".ab-tabs a:nth-child({tab})"
            tabs.append(waited(page, lambda click=click: page.click(click)))
    page.wait_for_timeout(1000 * QUIET_SECONDS)
    for times, pages in ((quiet, range(2, 5)), (cold, range(last - 8, last))):
        for number in pages:
            for row in (20,) if times is cold else (5, 10, 15, 20):
                page.goto(f"{url}?view=portfolio&page={number}")
                page.wait_for_selector(READY)
                click = f".ab-accounts tbody tr:nth-child({row}) a"
                times.append(waited(page, lambda click=click: page.click(click)))
    waited(page, lambda: page.click("text=Try scenarios"))
    for value in (10, 20, 35, 50, 75, 100, 60, 30, 5, -10, -20, -30, 0, 15, 25, 45, 65, 85, 95, 40):
        move = (
            "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }",
            str(value),
        )
        slides.append(
            waited(
                page,
                lambda move=move: page.eval_on_selector("input[type=range]", *move),
            )
        )
    waited(page, lambda: page.click(".ab-nav a"))
    for word in ("a", "ab", "s", "sa", "saf", "m", "ma", "q", "qu", "r"):
        filters.append(waited(page, lambda word=word: page.fill("input[name=text]", word)) - 0.12)
    context.close()
    return {
        "median s, 95% s": {
            "another account (of the first page)": [median(switches), at(switches, 0.95)],
            "another account (of the next pages, after a quiet time)": [
                median(quiet),
                at(quiet, 0.95),
            ],
            "another account (not audited yet)": [median(cold), at(cold, 0.95)],
            "another tab": [median(tabs), at(tabs, 0.95)],
            "slider": [median(slides), at(slides, 0.95)],
            "filter, after the pause in typing": [median(filters), at(filters, 0.95)],
        }
    }


def waited(page: Any, act: Callable[[], Any]) -> float:
    before = int(page.get_attribute(".ab", "data-done") or 0)
    began = time.perf_counter()
    act()
    while int(page.get_attribute(".ab", "data-done") or 0) <= before:
        page.wait_for_timeout(2)
    return time.perf_counter() - began


def at_once(browser: Any, url: str) -> dict[str, Any]:
    """Ten visitors who come at the same moment, each to an account of their own."""
    contexts = [browser.new_context() for _ in range(AT_ONCE)]
    pages = [context.new_page() for context in contexts]
    said: list[str] = []
    for page in pages:
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    began = time.perf_counter()
    for page in pages:
        page.goto(url, wait_until="commit")
    for page in pages:
        page.wait_for_selector(READY, timeout=60_000)
    usable = time.perf_counter() - began
    for number, page in enumerate(pages, 1):
        page.click(f".ab-accounts tbody tr:nth-child({number}) a")
    for page in pages:
        page.wait_for_selector("[data-part=recommendations]:not(.ab-empty)", timeout=60_000)
    whole = time.perf_counter() - began
    for context in contexts:
        context.close()
    return {"usable, all, s": usable, "each an account, all, s": whole, "errors": len(said)}


def memory(browser: Any, url: str, server: subprocess.Popen[bytes], mark: str) -> float:
    """Private memory of kernels, the mean of five visitors who have filtered and looked around."""
    time.sleep(IDLE_SECONDS + 5)
    before = set(kernels(server, mark))
    contexts = [browser.new_context() for _ in range(5)]
    for context in contexts:
        page = context.new_page()
        page.goto(url)
        page.wait_for_selector(READY, timeout=60_000)
        waited(page, lambda page=page: page.fill("input[name=text]", "a"))
        waited(page, lambda page=page: page.click(".ab-accounts a"))
    found = [private_mb(one) for one in kernels(server, mark) if one not in before]
    for context in contexts:
        context.close()
    return sum(found) / max(1, len(contexts))


def kernels(server: subprocess.Popen[bytes], mark: str) -> list[int]:
    """The processes of visitors: with a mark, those below the server that have sockets of ZeroMQ
    (threads) and were told the board; else all that are below it."""
    found = []
    for one in below(server.pid):
        try:
            threads = len(list(Path(f"/proc/{one}/task").iterdir()))
            environment = Path(f"/proc/{one}/environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if threads > 1 and (not mark or mark in environment) and is_kernel(one, mark):
            found.append(one)
    return found


def is_kernel(process: int, mark: str) -> bool:
    """Of ours, the audits of accounts have threads as well; only kernels have ZeroMQ's."""
    names = [
        (task / "comm").read_text().strip()
        for task in Path(f"/proc/{process}/task").glob("*")
        if (task / "comm").exists()
    ]
    return not mark or any(name.startswith("ZMQ") for name in names)


def below(process: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *below(child)]
    return found


def private_mb(process: int) -> float:
    total = 0
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith(("Private_Clean", "Private_Dirty")):
            total += int(line.split()[1])
    return total / 1024


def at(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def table(found: dict[str, Any]) -> str:
    first, slow = found["first view, median s"], found["first view, 95% s"]
    memory = found["MB a visitor"]
    rows = [
        "| | stock Voila | ours | ours / stock |",
        "|---|---|---|---|",
        f"| first usable view, median s | {first['stock']:.2f} | {first['ours']:.2f} | "
        f"{first['ours'] / first['stock']:.0%} |",
        f"| first usable view, 95% s | {slow['stock']:.2f} | {slow['ours']:.2f} | "
        f"{slow['ours'] / slow['stock']:.0%} |",
        f"| visits that failed | {found['failed']['stock']} of "
        f"{found['visits']['stock'] + found['failed']['stock']} | {found['failed']['ours']} of "
        f"{found['visits']['ours'] + found['failed']['ours']} | |",
        f"| private MB of one more visitor | {memory['stock']:.0f} | {memory['ours']:.0f} | "
        f"{memory['ours'] / memory['stock']:.0%} |",
        "",
        "| until painted | median ms | 95% ms |",
        "|---|---|---|",
    ]
    rows += [
        f"| {name} | {1000 * half:.0f} | {1000 * most:.0f} |"
        for name, (half, most) in found["median s, 95% s"].items()
    ]
    rows += ["", f"Ten at once: {found['ten at once']}"]
    left = found["kernels left after the idle time"]
    rows += [f"Kernels left after the idle time of {IDLE_SECONDS} s: {left}"]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
