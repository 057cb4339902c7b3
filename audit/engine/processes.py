"""Processes of our own: forked from a warm one, alone in their session, and how they ended."""

import ctypes
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Exit:
    """How a process ended. ``status`` as ``os.waitpid`` gives it."""

    status: int
    peak_mb: float = 0.0

    @property
    def killed(self) -> bool:
        """Whether it was SIGKILL."""
        return os.WIFSIGNALED(self.status) and os.WTERMSIG(self.status) == signal.SIGKILL

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


def forked(target: Callable[[socket.socket], None], channel: socket.socket) -> int:
    """A child that runs ``target`` and leaves, in a session of its own; its process id.

    It dies with its parent, and what it started dies with it, also what began a session of its own.
    """
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    code, said = 1, os.dup(2)
    try:
        os.setsid()
        _die_with(parent)
        adopt_orphans()
        target(channel)
        sys.stdout.flush()
        code = 0
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        os.write(said, traceback.format_exc().encode("utf-8", "replace"))
    finally:
        end_below()
        os._exit(code)


def end(process: int) -> None:
    """Kill a child with everything in its session, and the sessions that were begun below it."""
    below = _children(process)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    for one in below:
        end(one)


def end_below(but: Collection[int] = ()) -> None:
    """Kill the children of this process, all but some, and what is below them."""
    for one in _children(os.getpid()):
        if one not in but:
            end(one)


def adopt_orphans() -> None:
    """What is left by a process below this one becomes its child, and can be found."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def _children(process: int) -> list[int]:
    try:
        told = [one.read_text() for one in Path(f"/proc/{process}/task").glob("*/children")]
    except OSError:  # gone meanwhile
        return []
    return [int(one) for text in told for one in text.split()]


def limited(memory_mb: int) -> None:
    """No more private memory than so much for this process. Above it, allocation fails."""
    if memory_mb and sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory_mb * MEGABYTE, memory_mb * MEGABYTE))


def data_mb() -> int:
    """The memory of this process that such a limit counts: all it may write to, used or not."""
    with suppress(OSError, KeyError, ValueError):
        return _kilobytes("/proc/self/status", "VmData") // 1024
    return 0


def environment_is(variables: Mapping[str, str]) -> None:
    """Exactly these variables from here on."""
    os.environ.clear()
    os.environ.update(variables)


_most_private_mb_below = 0.0


def peak_private_mb() -> float:
    """Most memory that was this process's alone at a time, with the largest process below it.

    Programs and libraries in memory do not count: the system has them once for everybody and takes
    them back at will. What is shared at the end is taken to have been shared always.
    """
    with suppress(OSError, KeyError, ValueError):
        high = _kilobytes("/proc/self/status", "VmHWM")
        now = _kilobytes("/proc/self/smaps_rollup", "Rss")
        own = _kilobytes("/proc/self/smaps_rollup", "Private_Dirty")
        return (high - now + own) / 1024 + _most_private_mb_below
    return 0.0


def note_below(private_mb: float) -> None:
    """A process below this one had so much."""
    global _most_private_mb_below
    _most_private_mb_below = max(_most_private_mb_below, private_mb)


def _kilobytes(file: str, name: str) -> int:
    for line in Path(file).read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise KeyError(name)


def ended(process: int) -> Exit:
    """Wait for a child of this process."""
    _, status, used = os.wait4(process, 0)
    return Exit(status, used.ru_maxrss / 1024)


def _die_with(parent: int) -> None:
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it had died before we asked
        os._exit(1)


def _prctl(option: int, value: int) -> None:
    library: Any = ctypes.CDLL(None, use_errno=True)
    library.prctl(option, value)
