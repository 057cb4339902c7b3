"""What a server holds: one generation of a store, and the process that its kernels and the audits
of its accounts are forked from.

A generation is a store as it was published, with its board. When the next store is published the
next generation is made beside it; who has come before stays with what they see.
"""

import asyncio
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from audit.dashboard import VARIABLE, held
from audit.dashboard.audits import AccountDesk
from audit.dashboard.board import Board, Rules, version
from audit.dashboard.desk import MOST_BYTES
from audit.dashboard.kept import Kept
from audit.dashboard.limits import Limits
from audit.dashboard.portfolio import ROWS_A_PAGE
from audit.dashboard.visit import Source
from audit.engine.environment import environment
from audit.engine.forked import Forked
from audit.engine.preload import MODULES
from audit.engine.zygote import Zygote
from audit.errors import RunError

#: Imported before the first visitor comes.
WARM = (
    *MODULES,
    "ipykernel.kernelapp",
    "anywidget",
    "audit.dashboard.screen",
    "audit.dashboard.account",
    "audit.dashboard.scenarios",
    "audit.dashboard.review",
    "audit.dashboard.held:warm",
    "audit.engine.warm_up:account",
)

FULL = "So many people are looking at the dashboard that there is no room. Try again in a minute."


class Generation:
    """One published store, ready for visitors. ``read`` is the file that is read, ``store`` where
    the next one will be published. ``kept``: answers of generations before, of which those hold
    that are about the same facts by the same rules."""

    def __init__(
        self,
        board: Board,
        read: Path,
        store: Path,
        rules: Rules,
        *,
        audience: str,
        ledger: str,
        limits: Limits,
        kept: Kept,
    ) -> None:
        self.board = board
        self.limits, self.memory_mb = limits, limits.memory_mb
        self._room = tempfile.TemporaryDirectory(prefix="audit-dashboard-")
        self.folder = Path(self._room.name)
        (self.folder / "board.json").write_text(board.text(), encoding="utf-8")
        self.desk_address = str(self.folder / "desk")
        self.source = Source.of(read, rules, published=store, audience=audience, ledger=ledger)
        self.zygote = Zygote(environment() | {held.VARIABLE: self._board}, WARM)
        self.visitors: set[int] = set()
        self._server: asyncio.Server | None = None
        self.desk = AccountDesk(
            self.zygote, limits, self.source.subject, kept=kept, version=version(read, rules)
        )

    @property
    def _board(self) -> str:
        return str(self.folder / "board.json")

    def told(self) -> dict[str, str]:
        """What a kernel is told by its environment."""
        said = {"board": self._board, "desk": self.desk_address, "source": asdict(self.source)}
        return {VARIABLE: json.dumps(said)}

    def fork(self, task: str) -> Forked:
        """A process for one more visitor. Raises: RunError where there is no room for one."""
        if len(self.visitors) >= self.limits.visitors:
            raise RunError(FULL)
        forked = self.zygote.spawn(task)
        self.visitors.add(forked.process)
        self.desk.comes()
        return forked

    def left(self, process: int) -> None:
        self.visitors.discard(process)

    async def begin(self) -> None:
        """Answer the kernels of this generation; what everybody sees first is audited ahead, then
        the queue from its top."""
        self._server = await asyncio.start_unix_server(
            self.desk.serve, self.desk_address, limit=MOST_BYTES
        )
        ahead = [row["organization_id"] for row in self.board.rows[: self.limits.ahead]]
        self.desk.expect(ahead[:ROWS_A_PAGE])
        self.desk.later(ahead[ROWS_A_PAGE:])

    def ends(self) -> None:
        """The next generation is there: only what its own visitors ask is answered."""
        self.desk.later(())

    def close(self) -> None:
        """End every process of it."""
        if self._server is not None:
            self._server.close()
        self.desk.close()
        self.zygote.close()
        self._room.cleanup()


_current: Generation | None = None


def current() -> Generation:
    """The newest. Raises: RunError where there is none."""
    if _current is None:
        raise RunError("The dashboard is not ready yet. Try again in a moment.")
    return _current


def becomes(generation: Generation) -> None:
    """New visitors get this one."""
    global _current
    if _current is not None:
        _current.ends()
    _current = generation
