"""What a server holds: one generation of a store, the process its kernels are forked from, and the
processes in which accounts are audited.

A generation is a store as it was published, with its board. When the next store is published the
next generation is made beside it; who has come before stays with what they see.
"""

import asyncio
import json
import socket
import sys
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from audit.dashboard import VARIABLE, held
from audit.dashboard.board import Board, Rules
from audit.dashboard.desk import MOST_BYTES, line
from audit.dashboard.parts import Plain
from audit.dashboard.visit import Source
from audit.dashboard.worker import ACCOUNT, Subject, Worker
from audit.engine.environment import environment
from audit.engine.forked import Forked
from audit.engine.preload import MODULES, Warm
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
)
ANSWERS = "audit.dashboard.serving:answers"

ACCOUNTS_OPEN = 4
ANSWER_SECONDS = 90.0
KEPT_BYTES = 64 << 20
VISITORS = 40
MEMORY_MB = 512

FULL = "So many people are looking at the dashboard that there is no room. Try again in a minute."


@dataclass(frozen=True)
class Limits:
    """``visitors`` at once, ``accounts`` audited at once, ``memory_mb`` for each of them."""

    visitors: int = VISITORS
    accounts: int = ACCOUNTS_OPEN
    memory_mb: int = MEMORY_MB
    answer_seconds: float = ANSWER_SECONDS


class Generation:
    """One published store, ready for visitors. ``read`` is the file that is read, ``store`` where
    the next one will be published."""

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
        self.desk = AccountDesk(self.zygote, limits)

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
        return forked

    def left(self, process: int) -> None:
        self.visitors.discard(process)

    async def begin(self) -> None:
        """Answer the kernels of this generation."""
        self._server = await asyncio.start_unix_server(
            self.desk.serve, self.desk_address, limit=MOST_BYTES
        )

    def close(self) -> None:
        """End every process of it."""
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
    _current = generation


class AccountDesk:
    """Answers about accounts, each audited in a process of its own that is kept for a while.

    What has been answered once is kept as well, so that a second visitor waits for nothing.
    """

    def __init__(self, zygote: Zygote, limits: Limits) -> None:
        self._zygote, self._limits = zygote, limits
        self._processes: OrderedDict[str, AccountProcess] = OrderedDict()
        self._kept: OrderedDict[str, list[bytes]] = OrderedDict()
        self._size = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one question of a kernel."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
            asked = json.loads(await reader.readline())
            async for said in self.answered(Subject(**asked["subject"]), asked["question"]):
                writer.write(said)
                await writer.drain()
            writer.write(line({"end": True}))
            await writer.drain()
        writer.close()

    async def answered(self, subject: Subject, question: Mapping[str, Any]) -> AsyncIterator[bytes]:
        """Lines of an answer, as they come."""
        key = subject.key() + json.dumps(question, sort_keys=True)
        keeps = question.get("ask") == ACCOUNT
        if keeps and key in self._kept:
            self._kept.move_to_end(key)
            for said in self._kept[key]:
                yield said
            return
        heard: list[bytes] = []
        process = await self._process(subject)
        async for message in process.ask(question):
            said = line(message)
            heard.append(said)
            keeps = keeps and "problem" not in message
            yield said
        if keeps:
            self._keep(key, heard)

    @property
    def is_busy(self) -> bool:
        """Whether somebody is waiting for an answer."""
        return any(one.is_busy for one in self._processes.values())

    async def _process(self, subject: Subject) -> "AccountProcess":
        key = subject.key()
        found = self._processes.get(key)
        if found is None or found.is_over:
            idle = [k for k, one in self._processes.items() if one.is_over or not one.is_busy]
            while len(self._processes) >= self._limits.accounts and idle:
                self._processes.pop(idle.pop(0)).close()
            found = AccountProcess(self._zygote, subject, self._limits)
            self._processes[key] = found
        self._processes.move_to_end(key)
        return found

    def _keep(self, key: str, heard: list[bytes]) -> None:
        self._kept[key] = heard
        self._size += sum(map(len, heard))
        while self._size > KEPT_BYTES and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._size -= sum(map(len, oldest))

    def close(self) -> None:
        for process in self._processes.values():
            process.close()
        self._processes.clear()


class AccountProcess:
    """The process that has audited one account. Questions are answered one after the other."""

    def __init__(self, zygote: Zygote, subject: Subject, limits: Limits) -> None:
        self._forked = zygote.spawn(ANSWERS)
        self._forked.channel.setblocking(False)
        self._limits = limits
        self._subject = subject
        self._turn = asyncio.Lock()
        self._hearing: set[asyncio.Task[None]] = set()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.is_over = False

    @property
    def is_busy(self) -> bool:
        return self._turn.locked()

    async def ask(self, question: Mapping[str, Any]) -> AsyncIterator[Plain]:
        """The messages of one answer. Who leaves before its end leaves the process as it is: an
        answer that has begun is heard to its end by nobody, one that has not is never asked for.
        """
        said: asyncio.Queue[Plain | None] = asyncio.Queue()
        left = asyncio.Event()
        hearing = asyncio.ensure_future(self._heard(question, said, left))
        self._hearing.add(hearing)
        hearing.add_done_callback(self._hearing.discard)
        try:
            while (message := await said.get()) is not None:
                yield message
        finally:
            left.set()

    async def _heard(
        self, question: Mapping[str, Any], said: "asyncio.Queue[Plain | None]", left: asyncio.Event
    ) -> None:
        try:
            async with self._turn:
                if left.is_set():
                    return
                if self.is_over:
                    said.put_nowait({"problem": "It was stopped. Try again."})
                    return
                if problem := await self._asked(question, said):
                    self.close()
                    said.put_nowait({"problem": problem})
        finally:
            said.put_nowait(None)

    async def _asked(self, question: Mapping[str, Any], said: "asyncio.Queue[Plain | None]") -> str:
        """Ask and hear the answer to its end; why it could not be, or nothing."""
        try:
            reader, writer = await self._channel()
            writer.write(line(question))
            await writer.drain()
            while True:
                async with asyncio.timeout(self._limits.answer_seconds):
                    text = await reader.readline()
                if not text:
                    return "The audit of this account broke off. Try again."
                message = json.loads(text)
                if message.get("end"):
                    return ""
                said.put_nowait(message)
        except TimeoutError:
            return "The audit of this account took too long and was stopped."
        except (OSError, ValueError):
            return "The audit of this account broke off. Try again."

    async def _channel(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_unix_connection(
                sock=self._forked.channel, limit=MOST_BYTES
            )
            begin = {"subject": asdict(self._subject), "memory_mb": self._limits.memory_mb}
            self._streams[1].write(line(begin))
        return self._streams

    def close(self) -> None:
        """End it, whatever it is doing."""
        if not self.is_over:
            self.is_over = True
            from audit.engine.processes import end

            end(self._forked.process)
            if self._streams is not None:
                self._streams[1].close()
            else:
                self._forked.channel.close()


def answers(_: Warm, channel: socket.socket) -> None:
    """The process's own side: audit the account, answer until the channel closes."""
    from audit.engine.processes import data_mb, environment_is, limited

    heard = channel.makefile("rb")
    first = heard.readline()
    if not first:
        return
    begin = json.loads(first)
    environment_is(environment())
    limited(data_mb() + int(begin["memory_mb"]))
    worker = Worker(Subject(**begin["subject"]))
    for asked in heard:
        for message in worker.answer(json.loads(asked)):
            channel.sendall(line(message))
        channel.sendall(line({"end": True}))
    sys.stdout.flush()
