"""Processes of our own: forked from a warm one, alone in their session, and how they ended."""

import ctypes
import os
import resource
import signal
import socket
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Exit:
    """How a process ended. ``status`` as ``os.waitpid`` gives it."""

    status: int
    peak_mb: float = 0.0

    @property
    def text(self) -> str:
        """In words, empty when it ended well.

        >>> Exit(9).text, Exit(3 << 8).text, Exit(0).text
        ('was killed by SIGKILL', 'left with exit status 3', '')
        """
        if os.WIFSIGNALED(self.status):
            number = os.WTERMSIG(self.status)
            with suppress(ValueError):
                return f"was killed by {signal.Signals(number).name}"
            return f"was killed by signal {number}"
        code = os.WEXITSTATUS(self.status)
        return f"left with exit status {code}" if code else ""


def threads() -> int:
    """How many threads this process has; a fork copies one of them."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())


def forked(target: Callable[[socket.socket], None], channel: socket.socket) -> int:
    """A child that runs ``target`` and leaves, in a session of its own; its process id.

    It dies with its parent, and what it started dies with it (:func:`end`).
    """
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    code, said = 1, os.dup(2)
    try:
        os.setsid()
        _die_with(parent)
        target(channel)
        code = 0
    except BaseException:
        os.write(said, traceback.format_exc().encode("utf-8", "replace"))
    finally:
        os._exit(code)


def end(process: int) -> None:
    """Kill a child and everything in its session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def limited(memory_mb: int) -> None:
    """No more private memory than so much for this process. Above it, allocation fails."""
    if memory_mb:
        resource.setrlimit(resource.RLIMIT_DATA, (memory_mb * MEGABYTE, memory_mb * MEGABYTE))


def environment_is(variables: Mapping[str, str]) -> None:
    """Exactly these variables from here on."""
    os.environ.clear()
    os.environ.update(variables)


def ended(process: int) -> Exit:
    """Wait for a child of this process."""
    _, status, used = os.wait4(process, 0)
    return Exit(status, used.ru_maxrss / 1024)


def _die_with(parent: int) -> None:
    library: Any = ctypes.CDLL(None, use_errno=True)
    library.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it had died before we asked
        os._exit(1)
