"""The processes in which accounts are audited, and the desk that asks them for many visitors."""

import asyncio
import json
import socket
import sys
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from audit.dashboard.desk import MOST_BYTES, line
from audit.dashboard.parts import Plain
from audit.dashboard.portfolio import ROWS_A_PAGE
from audit.dashboard.state import TABS
from audit.dashboard.worker import ACCOUNT, Subject, Worker, about
from audit.engine.environment import environment
from audit.engine.preload import Warm
from audit.engine.zygote import Zygote
from audit.errors import AuditError

ANSWERS = "audit.dashboard.audits:answers"

ACCOUNTS_OPEN = 4
ANSWER_SECONDS = 90.0
KEPT_BYTES = 64 << 20
VISITORS = 40
MEMORY_MB = 512
#: Accounts that are waiting to be audited ahead, and how often is looked whether somebody waits.
EXPECTED = 2 * ROWS_A_PAGE
PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Limits:
    """``visitors`` at once, ``accounts`` audited at once, ``memory_mb`` for each of them."""

    visitors: int = VISITORS
    accounts: int = ACCOUNTS_OPEN
    memory_mb: int = MEMORY_MB
    answer_seconds: float = ANSWER_SECONDS


class AccountDesk:
    """Answers about accounts, each audited in a process of its own that is kept for a while.

    What has been answered once is kept as well, so that a second visitor waits for nothing.
    Accounts that somebody will probably open are audited ahead, one at a time, while nobody waits.
    ``named``: what to ask about an account of this id.
    """

    def __init__(
        self, zygote: Zygote, limits: Limits, named: Callable[[str], Subject] | None = None
    ) -> None:
        self._zygote, self._limits, self._named = zygote, limits, named
        self._processes: OrderedDict[str, AccountProcess] = OrderedDict()
        self._kept: OrderedDict[str, list[bytes]] = OrderedDict()
        self._size = 0
        self._expected: OrderedDict[str, None] = OrderedDict()
        self._ahead = ""  # whose process nobody has asked yet
        self._auditing: asyncio.Task[None] | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one question of a kernel, or hear what it expects."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
            asked = json.loads(await reader.readline())
            if "expect" in asked:
                self.expect(asked["expect"])
            else:
                async for said in self.answered(Subject(**asked["subject"]), asked["question"]):
                    writer.write(said)
                    await writer.drain()
                writer.write(line({"end": True}))
                await writer.drain()
        writer.close()

    async def answered(self, subject: Subject, question: Mapping[str, Any]) -> AsyncIterator[bytes]:
        """Lines of an answer, as they come."""
        key = self._key(subject, question)
        if key in self._kept:
            self._kept.move_to_end(key)
            for said in self._kept[key]:
                yield said
            return
        async for said in self._asked(self._process(subject), key, question):
            yield said

    def expect(self, organization_ids: Sequence[str]) -> None:
        """Audit these ahead, the first of them first and all of them before what was expected
        until now."""
        for identity in reversed(organization_ids[:EXPECTED]):
            self._expected[identity] = None
            self._expected.move_to_end(identity)
        while len(self._expected) > EXPECTED:
            self._expected.popitem(last=False)
        if self._expected and (self._auditing is None or self._auditing.done()):
            self._auditing = asyncio.ensure_future(self._audit_ahead())

    async def _audit_ahead(self) -> None:
        while self._expected:
            identity, _ = self._expected.popitem()
            with suppress(AuditError):
                await self._audited(identity)

    async def _audited(self, identity: str) -> None:
        """All tabs of one account, unless something else is expected more by then."""
        if self._named is None:
            return
        subject = await asyncio.to_thread(self._named, identity)
        for tab in TABS:
            question = about(tab)
            key = self._key(subject, question)
            if key in self._kept:
                continue
            while self.is_busy:
                await asyncio.sleep(PAUSE_SECONDS)
            expected = len(self._expected)
            async for _ in self._asked(self._process(subject, ahead=True), key, question):
                pass
            if len(self._expected) > expected:
                return  # its other tabs are quick as long as its process is kept

    @staticmethod
    def _key(subject: Subject, question: Mapping[str, Any]) -> str:
        return subject.key() + json.dumps(question, sort_keys=True)

    async def _asked(
        self, process: "AccountProcess", key: str, question: Mapping[str, Any]
    ) -> AsyncIterator[bytes]:
        heard: list[bytes] = []
        keeps = question.get("ask") == ACCOUNT
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

    def _process(self, subject: Subject, *, ahead: bool = False) -> "AccountProcess":
        """The account's process. One of those that were opened ahead is there at most, and it
        takes nobody's place."""
        key = subject.key()
        found = self._processes.get(key)
        if found is None or found.is_over:
            if ahead:
                self._drop(self._ahead)
                self._ahead = key
            else:
                self._make_room()
            found = AccountProcess(self._zygote, subject, self._limits)
            self._processes[key] = found
        if not ahead:
            if self._ahead == key:
                self._ahead = ""
                self._make_room(key)
            self._processes.move_to_end(key)
        return found

    def _make_room(self, but: str = "") -> None:
        asked = [k for k in self._processes if k not in (self._ahead, but)]
        idle = [k for k in asked if self._processes[k].is_over or not self._processes[k].is_busy]
        for key in idle[: max(0, len(asked) - self._limits.accounts + 1)]:
            self._drop(key)

    def _drop(self, key: str) -> None:
        process = self._processes.pop(key, None)
        if process is not None:
            process.close()

    def _keep(self, key: str, heard: list[bytes]) -> None:
        self._kept[key] = heard
        self._size += sum(map(len, heard))
        while self._size > KEPT_BYTES and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._size -= sum(map(len, oldest))

    def close(self) -> None:
        if self._auditing is not None:
            self._auditing.cancel()
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
