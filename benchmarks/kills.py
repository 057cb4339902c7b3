"""A batch that is killed again and again, against one that is left alone.

Run it with `make kills`. Each time the batch is killed (SIGKILL) at a random moment, by turns alone
and with every process below it, and started anew; in the end every report has to be there once and
every file has to have the bytes of the undisturbed batch.

    python benchmarks/kills.py --accounts 200 --kills 50
"""

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

#: Differ from run to run on purpose: the order of ends, and nothing.
OWN = ("batch.jsonl", ".batch.lock")
#: From the start of a batch to its kill, at most; the first reports come after about two seconds.
MOST_SECONDS = 6.0
ROUNDS_TO_END = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=200)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--audit", action="store_true", help="the account audit, not a light one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(killed(Path(folder), options.accounts, options.kills, options.seed, options.audit))


def killed(folder: Path, accounts: int, kills: int, seed: int, whole: bool = False) -> str:
    """Raises: AssertionError naming what differs."""
    store = made(folder / "store.duckdb", accounts)
    notebook = [] if whole else ["--notebook", str(light(folder / "light.ipynb"))]
    calm, disturbed = folder / "calm", folder / "disturbed"
    assert run(store, calm, notebook) == 0
    chance = random.Random(seed)
    done = 0
    began = time.monotonic()
    while done < kills:
        if run(store, disturbed, notebook, after=chance.uniform(0.2, MOST_SECONDS), chance=chance):
            done += 1
        else:  # it ended before its kill: some reports go, so that there is work to be killed in
            for report in sorted(disturbed.glob("*/*/audit.html")):
                if chance.random() < 0.5:
                    report.unlink()
    for _ in range(ROUNDS_TO_END):
        if run(store, disturbed, notebook) == 0:
            break
    expected, found = digests(calm), digests(disturbed)
    assert len(list(calm.glob("*/*/audit.html"))) == accounts
    assert sorted(found) == sorted(expected), set(found) ^ set(expected)
    different = [name for name in expected if found[name] != expected[name]]
    assert not different, (len(different), different[:3])
    seconds = time.monotonic() - began
    return (
        f"{done} kills over {accounts} accounts in {seconds:.0f} s: every report present once, "
        f"{len(expected)} files byte-identical to an undisturbed batch."
    )


def made(store: Path, accounts: int) -> Path:
    from audit.sources.sample import portfolio
    from audit.store import publish

    return publish(store, portfolio(accounts, as_of=date(2026, 11, 1), scale=0.01).tables)


def light(path: Path) -> Path:
    """A notebook that takes little time and writes what a report has."""
    import nbformat

    real = nbformat.read(Path(__file__).parents[1] / "notebooks" / "account_audit.ipynb", 4)
    cells = [cell for cell in real.cells if "parameters" in cell.metadata.get("tags", ())]
    cells += [
        nbformat.v4.new_code_cell("import audit\nchosen = audit.load_account('', store=store)"),
        nbformat.v4.new_code_cell("chosen['usage_daily'].head(20)"),
    ]
    real.cells = cells
    nbformat.write(real, path)
    return path


def run(
    store: Path,
    out: Path,
    notebook: list[str],
    after: float = 0,
    chance: random.Random | None = None,
) -> int:
    """Its exit code; with ``after``, whether it was killed so many seconds after its start."""
    command = [sys.executable, "-m", "audit", "batch", "--all", "--no-drafts"]
    command += ["--store", str(store), "--out", str(out), *notebook]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        code = process.wait(after or None)
    except subprocess.TimeoutExpired:
        below = tree(process.pid) if chance is not None and chance.random() < 0.5 else []
        for one in (process.pid, *below):
            try:
                os.kill(one, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait()
        return 1
    return 0 if after else code


def tree(process: int) -> list[int]:
    """Every process below one."""
    below = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for one in task.read_text().split():
            below += [int(one), *tree(int(one))]
    return below


def digests(out: Path) -> dict[str, str]:
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in OWN
    }


if __name__ == "__main__":
    main()
