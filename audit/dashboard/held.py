"""The board that a process was forked with: read once, shared by the kernels of all visitors."""

import os
from pathlib import Path

from audit.dashboard.board import Board

#: Names the file of the board that is read before the fork.
VARIABLE = "AUDIT_DASHBOARD_BOARD"

_held: dict[str, Board] = {}


def warm() -> None:
    """Read the board that the environment names, and draw the first page of it once."""
    from audit.dashboard import portfolio
    from audit.dashboard.state import State
    from audit.report.bundle import chart_library

    path = os.environ.get(VARIABLE)
    if path:
        portfolio.drawn(board(path), State())
        chart_library()


def board(path: str) -> Board:
    """The board of a file."""
    if path not in _held:
        _held[path] = Board.of_text(Path(path).read_text(encoding="utf-8"))
    return _held[path]
