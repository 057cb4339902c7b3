"""Many calls, each in a process of its own: forked warm where that is safe, spawned elsewhere.

What one call does to its process (a crash, a hang, its memory) touches no other.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import Any, Protocol, Self

from audit.engine.channel import Incoming, Message
from audit.engine.environment import environment
from audit.engine.preload import RUN_MODULES
from audit.engine.processes import Exit
from audit.engine.ready import reason_against
from audit.engine.workers import ForkedWorker, SpawnedWorker
from audit.engine.zygote import Zygote

Progress = Callable[[int, str], None]


@dataclass(frozen=True)
class Done:
    """One call: ``result`` as JSON data, or one line that says why there is none."""

    number: int
    result: dict[str, Any] | None
    problem: str
    seconds: float
    peak_private_mb: float
    #: The traceback of what is not an AuditError.
    trace: str = ""


class Worker(Protocol):
    """A process that answers one call. ``channel`` is readable when there is something."""

    channel: Any

    def read(self) -> bytes: ...

    def interrupt(self) -> None: ...

    def close(self) -> Exit: ...


@dataclass
class _Running:
    number: int
    worker: Worker
    began: float
    deadline: float
    incoming: Incoming = field(default_factory=Incoming)
    told: Message = field(default_factory=dict)
    late: bool = False


class Pool:
    """``processes`` at a time (0: one for each core), each with at most ``memory_mb`` of private
    memory and ``timeout_seconds`` (0: no limit); then it is interrupted, and killed if it has not
    ended after ``grace_seconds``. ``warm=False`` spawns where it could fork.

    Use as a context manager: its end ends everything that runs.
    """

    def __init__(
        self,
        processes: int = 0,
        *,
        memory_mb: int = 0,
        timeout_seconds: float = 0,
        grace_seconds: float = 3,
        modules: tuple[str, ...] = RUN_MODULES,
        warm: bool = True,
    ) -> None:
        self.processes = processes or cores()
        self._memory_mb = memory_mb
        self._timeout_seconds = timeout_seconds
        self._grace_seconds = grace_seconds
        #: Why nothing is forked; empty where it is.
        self.reason = reason_against() or ("" if warm else "it was not wanted")
        self._zygote = None if self.reason else Zygote(environment(), modules)
        self._running: list[_Running] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._running:
            one.worker.interrupt()
        until = time.monotonic() + self._grace_seconds
        while self._running and time.monotonic() < until:
            list(self._ended())
        for one in self._running:
            one.worker.close()
        self._running.clear()
        if self._zygote is not None:
            self._zygote.close()

    def run(
        self, target: str, payloads: Iterable[dict[str, Any]], progress: Progress = lambda *_: None
    ) -> Iterator[Done]:
        """Call ``target`` (``module:function``) with each payload, in no particular order.

        The function takes the payload and a progress function, and gives JSON data. Payloads are
        read when a process is free. ``progress`` gets the number of the payload and a text.
        """
        waiting = enumerate(payloads)
        exhausted = False
        while True:
            while not exhausted and len(self._running) < self.processes:
                number, payload = next(waiting, (-1, None))
                if payload is None:
                    exhausted = True
                else:
                    self._running.append(self._begun(number, target, payload))
            if not self._running:
                return
            yield from self._ended(progress)

    def _begun(self, number: int, target: str, payload: dict[str, Any]) -> _Running:
        begin = {
            "target": target,
            "payload": payload,
            "environment": environment(),
            "memory_mb": self._memory_mb,
        }
        worker: Worker = (
            SpawnedWorker(begin) if self._zygote is None else ForkedWorker(self._zygote, begin)
        )
        now = time.monotonic()
        deadline = now + self._timeout_seconds if self._timeout_seconds else float("inf")
        return _Running(number, worker, now, deadline)

    def _ended(self, progress: Progress = lambda *_: None) -> Iterator[Done]:
        """Wait for something to happen; the calls that ended with it."""
        nearest = min(one.deadline for one in self._running) - time.monotonic()
        readable = wait([one.worker.channel for one in self._running], max(0.0, min(nearest, 1.0)))
        for one in tuple(self._running):
            over = False
            if one.worker.channel in readable:
                data = one.worker.read()
                over = not data
                for message, _ in one.incoming.feed(data):
                    if "progress" in message:
                        progress(one.number, str(message["progress"]))
                    else:
                        one.told = message
            elif time.monotonic() >= one.deadline:
                over = one.late
                if not one.late:
                    one.worker.interrupt()
                one.late = True
                one.deadline += self._grace_seconds
            if over:
                self._running.remove(one)
                yield self._done(one)

    def _done(self, one: _Running) -> Done:
        ending = one.worker.close()
        problem = str(one.told.get("problem", ""))
        if one.late:
            problem = f"It took longer than {self._timeout_seconds:g} seconds and was ended."
        elif not problem and "result" not in one.told:
            problem = f"Its process {ending.text or 'ended'}."
            if ending.killed:
                problem += " The system does so when memory runs out."
        return Done(
            one.number,
            None if problem else one.told["result"],
            problem,
            time.monotonic() - one.began,
            float(one.told.get("peak_private_mb", 0.0)),
            str(one.told.get("trace", "")),
        )


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
