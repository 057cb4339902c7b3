"""Judging a store in a process of its own, so that who is served meanwhile waits for nothing."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from audit.dashboard import board
from audit.dashboard.board import Board, Rules
from audit.errors import AuditError, StoreError
from audit.ledger import Suppression, as_plain, from_plain

PROGRAM = "from audit.dashboard.aside import main; main()"


def judged(
    store: Path, rules: Rules, suppressions: Sequence[Suppression], *, folder: Path
) -> Board:
    """As :func:`audit.dashboard.board.opened`. Raises: StoreError with what was said."""
    asked = {
        "store": str(store),
        "rules": asdict(rules),
        "suppressions": [as_plain(one) for one in suppressions],
        "folder": str(folder),
    }
    done = subprocess.run(  # noqa: S603 - our own Python and our own text
        [sys.executable, "-P", "-c", PROGRAM],
        input=json.dumps(asked).encode(),
        capture_output=True,
        check=False,
        env=_environment(),
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise StoreError("".join(said) or f"Judging {store} ended with {done.returncode}.")
    return Board.of_text(done.stdout.decode())


def _environment() -> dict[str, str]:
    from audit.engine.environment import environment

    return environment()


def main() -> None:
    """The process itself: a question on standard input, the board on standard output."""
    import os

    asked = json.loads(sys.stdin.buffer.read())
    code = 0
    try:
        made = board.opened(
            asked["store"],
            Rules(**asked["rules"]),
            [from_plain(one) for one in asked["suppressions"]],
            folder=Path(asked["folder"]),
        )
        sys.stdout.buffer.write(made.text().encode())
        sys.stdout.buffer.flush()
    except AuditError as error:
        sys.stderr.write(" ".join(str(error).split()))
        sys.stderr.flush()
        code = 2
    os._exit(code)  # DuckDB has much to say at the end of an interpreter
