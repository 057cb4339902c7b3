"""The process that has audited one account, from both sides."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from typing import Any

from audit.dashboard.desk import MOST_BYTES, line
from audit.dashboard.limits import Limits
from audit.dashboard.parts import Plain
from audit.dashboard.worker import Subject, Worker
from audit.engine.environment import environment
from audit.engine.preload import Warm
from audit.engine.zygote import Zygote

ANSWERS = "audit.dashboard.process:answers"


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
        self.is_over = self._is_stopped = False

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

    def stop(self) -> None:
        """Let it stand still with its answer until it goes on.

        One that has nothing to do is left alone: it may have ended unseen, and its number may be
        another's by now. One that ends with an answer to give is seen at once.
        """
        if self.is_busy and not self._is_stopped:
            self._is_stopped = self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """After a stop; else nothing."""
        if self._is_stopped:
            self._is_stopped = False
            self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> bool:
        if self.is_over:
            return False
        try:
            os.kill(self._forked.process, number)
        except ProcessLookupError:
            return False
        return True

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
