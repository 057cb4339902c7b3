"""Who answers questions about accounts: this process itself, or the one that serves many visitors.

Both say the same, one message after the other. Over a socket a message is a line of JSON.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import asdict
from typing import Any, Protocol

from audit.dashboard.parts import Plain
from audit.dashboard.worker import Subject, Worker

#: A line holds a chart with its rows, or a whole report.
MOST_BYTES = 64 << 20
#: Audits that a kernel of its own keeps at hand.
MOST_KEPT = 2

GONE = "The dashboard's server is gone. Start it again, then load this page again."


class Desk(Protocol):
    """Answers questions about an account, and may be told which will probably be opened."""

    def ask(self, subject: Subject, question: Mapping[str, Any]) -> AsyncIterator[Plain]: ...

    async def expect(self, organization_ids: Sequence[str]) -> None: ...


class OwnDesk:
    """Answers in this very process, for a notebook that runs by itself."""

    def __init__(self) -> None:
        self._workers: OrderedDict[str, Worker] = OrderedDict()

    async def ask(self, subject: Subject, question: Mapping[str, Any]) -> AsyncIterator[Plain]:
        key = subject.key()
        worker = self._workers.setdefault(key, Worker(subject))
        self._workers.move_to_end(key)
        while len(self._workers) > MOST_KEPT:
            self._workers.popitem(last=False)
        for message in worker.answer(question):
            yield message
            await asyncio.sleep(0)  # lets what was sent leave, and a newer question in

    async def expect(self, organization_ids: Sequence[str]) -> None:
        """Nothing: whoever audits here cannot answer meanwhile."""


class FarDesk:
    """Asks the server that this kernel was started by."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def ask(self, subject: Subject, question: Mapping[str, Any]) -> AsyncIterator[Plain]:
        try:
            reader, writer = await asyncio.open_unix_connection(self._address, limit=MOST_BYTES)
        except OSError:
            yield {"problem": GONE}
            return
        try:
            writer.write(line({"subject": asdict(subject), "question": dict(question)}))
            await writer.drain()
            while text := await reader.readline():
                message = json.loads(text)
                if message.get("end"):
                    return
                yield message
            yield {"problem": GONE}
        finally:
            writer.close()

    async def expect(self, organization_ids: Sequence[str]) -> None:
        with suppress(OSError):  # a server that is gone says so to who asks something
            _, writer = await asyncio.open_unix_connection(self._address)
            writer.write(line({"expect": list(organization_ids)}))
            await writer.drain()
            writer.close()


def line(message: Mapping[str, Any]) -> bytes:
    """A message as it travels."""
    return json.dumps(message, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


__all__ = ["Desk", "FarDesk", "OwnDesk", "aclosing", "line"]
