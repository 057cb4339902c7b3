"""The warm engine beside papermill's own with nbconvert: same accounts, notebook and machine.

Run it with `make engine`. Both are timed in turns, on one and on two processes, from an account to
its executed notebook and HTML; what each process imports before its first account is not counted.
Ours also reads the account from the store, saves it beside the report and publishes the folder.

    python benchmarks/engine.py --accounts 6 --rounds 3 --json figures.json
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
NOTEBOOKS = HERE.parent / "notebooks"
PROCESSES = (1, 2)
LIGHT = (
    """
import pandas as pd
import altair as alt
frame = pd.DataFrame({"day": range(30), "events": range(30)})
frame
""",
    'alt.Chart(frame).mark_line().encode(x="day", y="events")',
)

#: At least so many times less wall time for each account.
TARGET = 11.0
MEMORY_MB = 100.0
OVER_PLAIN = 1.3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=6, help="of each process and round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument("--stock", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stock:
        stock_worker(*options.stock)
        return
    with tempfile.TemporaryDirectory() as folder:
        figures = measured(Path(folder), options)
    report(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def measured(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    store = folder / "bench.duckdb"
    said = subprocess.run(
        [sys.executable, "-m", "audit", "sample", "--store", str(store)],
        capture_output=True,
        check=False,
        text=True,
    )
    assert said.returncode == 0, said.stderr
    names = saved(store, folder / "accounts")
    figures: dict[str, Any] = {}
    for title, notebook in notebooks(folder).items():
        case = Case(folder, store, names, notebook, options)
        rows: dict[str, Any] = {}
        for processes in PROCESSES:
            rows[str(processes)] = case.in_turns(processes)
        rows["plain"], rows["over plain"] = case.over_plain()
        figures[title] = rows
    return figures


def notebooks(folder: Path) -> dict[str, Path]:
    """The real one, and one whose cells do next to nothing: there the fixed cost is all."""
    import nbformat

    real = NOTEBOOKS / "account_audit.ipynb"
    light = nbformat.read(real, as_version=4)
    parameters = [c for c in light.cells if "parameters" in c.metadata.get("tags", ())]
    light.cells = parameters + [nbformat.v4.new_code_cell(source) for source in LIGHT]
    nbformat.write(light, folder / "light.ipynb")
    return {"light": folder / "light.ipynb", "account_audit": real}


def saved(store: Path, folder: Path) -> list[str]:
    """Every account of the store as a file; their ids."""
    from audit.store import Store

    folder.mkdir()
    with Store.open(store) as opened:
        names = sorted(str(one) for one in opened.organizations()["organization_id"])
        for name in names:
            opened.account(name).save(folder / f"{name}.zip")
    return names


class Case:
    """One notebook over the accounts."""

    def __init__(
        self, folder: Path, store: Path, names: list[str], notebook: Path, options: Any
    ) -> None:
        self.folder = folder / notebook.stem
        self.folder.mkdir()
        self.accounts = folder / "accounts"
        self.store = store
        self.names = names
        self.notebook = notebook
        self.options = options

    def in_turns(self, processes: int) -> dict[str, Any]:
        stock, bare, ours, memory = [], [], [], 0.0
        each = self.options.accounts
        for turn in range(self.options.rounds):
            stock.append(self.stock(processes, f"{processes}-{turn}"))
            bare.append(self.stock(processes, f"{processes}-{turn}-bare", bare=True))
            seconds, peak = self.ours(processes, f"{processes}-{turn}")
            ours.append(seconds)
            memory = max(memory, peak)
        return {
            "stock": median(stock) / each / processes,
            "without JupyterLab": median(bare) / each / processes,
            "ours": median(ours) / each / processes,
            "ratio": median(a / b for a, b in zip(stock, ours, strict=True)),
            "ratios": [round(a / b, 2) for a, b in zip(stock, ours, strict=True)],
            "ratio without JupyterLab": median(a / b for a, b in zip(bare, ours, strict=True)),
            "peak private MB": memory,
        }

    def stock(self, processes: int, run: str, bare: bool = False) -> float:
        """Wall seconds of all accounts, from the moment that every process is ready."""
        environment = dict(os.environ)
        if bare:  # as where the optional import of jsonschema is not installed
            block = self.folder / "block"
            block.mkdir(exist_ok=True)
            text = "import sys\nsys.modules.setdefault('rfc3987_syntax', None)\n"
            (block / "sitecustomize.py").write_text(text)
            environment["PYTHONPATH"] = str(block)
        workers = []
        for number in range(processes):
            out = self.folder / f"stock-{run}-{number}"
            out.mkdir()
            files = [str(self.accounts / f"{name}.zip") for name in self.chosen(number)]
            worker = subprocess.Popen(
                [
                    sys.executable,
                    __file__,
                    "--stock",
                    str(self.notebook),
                    str(out),
                    ":".join(files),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
            workers.append(worker)
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == b"ready\n"
        began = time.perf_counter()
        for worker in workers:
            worker.communicate(b"go\n")
        seconds = time.perf_counter() - began
        assert all(worker.returncode == 0 for worker in workers)
        return seconds

    def ours(self, processes: int, run: str) -> tuple[float, float]:
        from audit.engine.pool import Pool

        os.environ["PYTHONPATH"] = str(HERE)
        payloads = [
            {
                "store": str(self.store),
                "organization": name,
                "out": str(self.folder / f"ours-{run}-{number}-{place}"),
                "notebook": str(self.notebook),
            }
            for number in range(processes)
            for place, name in enumerate(self.chosen(number))
        ]
        with Pool(processes) as pool:
            list(pool.run("engine:nothing", [{}]))
            began = time.perf_counter()
            done = list(pool.run("engine:audited", payloads))
            seconds = time.perf_counter() - began
        assert not any(one.problem for one in done), [one.problem for one in done]
        return seconds, max(one.peak_private_mb for one in done)

    def chosen(self, number: int) -> Iterator[str]:
        for place in range(self.options.accounts):
            yield self.names[(number * self.options.accounts + place) % len(self.names)]

    def over_plain(self) -> tuple[float, float]:
        """Seconds of the cells in a plain process, and how many times that the engine takes."""
        from audit.engine.pool import Pool

        payloads = [
            {"account": str(self.accounts / f"{name}.zip"), "notebook": str(self.notebook)}
            for name in self.chosen(0)
        ]
        plain, engine = [], []
        with Pool(1) as pool:
            for _ in range(self.options.rounds):
                for payload in payloads:
                    for target, into in (("plain", plain), ("executed", engine)):
                        (done,) = pool.run(f"engine:{target}", [payload])
                        assert done.result is not None, done.problem + done.trace
                        into.append(done.result["seconds"])
        return median(plain), median(b / a for a, b in zip(plain, engine, strict=True))


def stock_worker(notebook: str, out: str, files: str) -> None:
    """Papermill and nbconvert, imported once, over some accounts."""
    import papermill
    from nbconvert import HTMLExporter

    exporter = HTMLExporter()
    print("ready", flush=True)
    sys.stdin.readline()
    for number, account in enumerate(files.split(":")):
        folder = Path(out) / str(number)
        folder.mkdir()
        executed = folder / "audit.ipynb"
        papermill.execute_notebook(
            notebook,
            str(executed),
            {"store": account, "out": "."},
            cwd=str(folder),
            kernel_name="python3",
            progress_bar=False,
        )
        page, _ = exporter.from_filename(str(executed))
        (folder / "audit.html").write_text(page)


Progress = Callable[[str], None]


def nothing(*_: Any) -> dict[str, Any]:
    return {}


def audited(payload: dict[str, Any], _: Progress) -> dict[str, Any]:
    """One account as `audit run` does it."""
    from audit.run import run

    run(
        payload["organization"],
        store=payload["store"],
        out=payload["out"],
        notebook=Path(payload["notebook"]),
    )
    return {}


def executed(payload: dict[str, Any], _: Progress) -> dict[str, Any]:
    """The notebook by the engine, in a process that is there."""
    from audit.engine.execute import execute
    from audit.engine.ready import Ready

    with tempfile.TemporaryDirectory() as folder, Ready() as ready:
        began = time.perf_counter()
        problem = execute(
            Path(payload["notebook"]),
            Path(folder) / "audit.ipynb",
            {"store": payload["account"], "out": "."},
            lambda _: None,
            ready=ready,
        )
        seconds = time.perf_counter() - began
    assert not problem, problem
    return {"seconds": seconds}


def plain(payload: dict[str, Any], _: Progress) -> dict[str, Any]:
    """The same cells by `exec`, what they show made by the same formatters."""
    import ast

    import nbformat
    from IPython.core.interactiveshell import InteractiveShell

    cells = [c for c in nbformat.read(payload["notebook"], 4).cells if c.cell_type == "code"]
    format_ = InteractiveShell.instance().display_formatter.format
    names: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        began = time.perf_counter()
        for cell in cells:
            body = ast.parse(cell.source).body
            last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
            exec(compile(ast.Module(body, []), "cell", "exec"), names)
            if last is not None:
                value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
                format_(value)
            if "parameters" in cell.metadata.get("tags", ()):
                names |= {"store": payload["account"], "out": "."}
        seconds = time.perf_counter() - began
        os.chdir("/")
    return {"seconds": seconds}


def report(figures: dict[str, Any]) -> None:
    for title, rows in figures.items():
        print(f"\n{title}: seconds for each account")
        for processes in map(str, PROCESSES):
            row = rows[processes]
            print(
                f"  {processes} process{'es' if processes != '1' else '  '}"
                f"  stock {row['stock']:.2f}  ours {row['ours']:.2f}  ratio {row['ratio']:.1f}"
                f" {row['ratios']} (target {TARGET:g})"
                f"  without JupyterLab {row['ratio without JupyterLab']:.1f}"
                f"  private {row['peak private MB']:.0f} MB (target {MEMORY_MB:g})"
            )
        one, t = rows["1"], rows["plain"]
        print(f"  the cells in a plain process: t = {t:.2f}; engine {rows['over plain']:.2f} times")
        print(
            f"  (fixed stock + t) / (fixed ours + t) = "
            f"({one['stock'] - t:.2f} + {t:.2f}) / ({one['ours'] - t:.2f} + {t:.2f})"
        )


if __name__ == "__main__":
    main()
