"""The process of a notebook, begun before the account is read.

Reading an account opens DuckDB, which starts threads, so a fork has to come before it; and what
the new process still has to import, it imports meanwhile.
"""

import atexit
import os
import shutil
import socket
import sys
import tempfile
from types import TracebackType
from typing import Self

from audit.engine import preload
from audit.engine.environment import environment
from audit.engine.forked import Forked
from audit.engine.one_thread import threads
from audit.engine.processes import Exit, ended, forked
from audit.engine.zygote import Zygote


class Ready:
    """Gives the process of one notebook by ``spawn``. Use as a context manager.

    Forked from this very process where it has one thread and has not done so before; else from a
    process kept beside it, which is there for every further notebook. ``reason`` tells why neither
    is possible here; empty when it is.
    """

    def __init__(self) -> None:
        self.reason = reason_against()
        self._waiting: Forked | None = None
        self._folder = ""
        if self.reason:
            return
        if _to_fork_from():
            self._folder = tempfile.mkdtemp(prefix="audit-ipython-")
            self._waiting = _forked_here(self._folder)
        else:
            beside()

    def spawn(self) -> Forked:
        """A fresh process that waits for cells."""
        waiting, self._waiting = self._waiting, None
        return waiting or beside().spawn()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._waiting is not None:
            self._waiting.close()
            self._waiting = None
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def reason_against() -> str:
    """Why this Python cannot be forked for a notebook; empty when it can."""
    return "" if sys.platform.startswith("linux") else f"forking is not safe on {sys.platform}"


_forks = 0


def _to_fork_from() -> bool:
    """One thread, and with the imports done or nothing to lose by doing them in the child."""
    return threads() == 1 and (preload.state is not None or not _forks)


class _Here:
    def ended(self, process: int) -> Exit:
        return ended(process)


def _forked_here(folder: str) -> Forked:
    global _forks
    _forks += 1
    ours, theirs = socket.socketpair()

    def run(channel: socket.socket) -> None:
        from audit.engine.child import serve

        ours.close()
        serve(preload.warm(folder, to_fork=False), channel)

    with theirs:
        child = forked(run, theirs)
    return Forked(child, ours, _Here())


_beside: tuple[int, Zygote] | None = None


def beside() -> Zygote:
    """The process that is kept to fork from, of this process; it ends with it."""
    global _beside
    if _beside is None or _beside[0] != os.getpid() or not _beside[1].is_there():
        _beside = (os.getpid(), Zygote(environment()))
        atexit.register(_beside[1].close)
    return _beside[1]
