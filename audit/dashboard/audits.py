"""The desk that answers many visitors: what it audits, ahead and when asked, and what it keeps."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import replace
from typing import Any

from audit.dashboard.agenda import ARRIVAL_SECONDS, PAINTING_SECONDS, PAUSE_SECONDS, Agenda
from audit.dashboard.desk import line
from audit.dashboard.kept import Kept
from audit.dashboard.limits import Limits
from audit.dashboard.process import AccountProcess
from audit.dashboard.state import TABS
from audit.dashboard.worker import ACCOUNT, Subject, about
from audit.engine.zygote import Zygote
from audit.errors import AuditError


class AccountDesk:
    """Answers about accounts, each audited in a process of its own that is kept for a while.

    What has been answered once is kept as well, so that a second visitor waits for nothing.
    Accounts that somebody will probably open are audited ahead, one at a time, while nobody waits.
    ``named``: what to ask about an account of this id. ``kept`` may be another desk's; then
    ``version`` says in place of the store's file name which answers are the same.
    """

    def __init__(
        self,
        zygote: Zygote,
        limits: Limits,
        named: Callable[[str], Subject] | None = None,
        *,
        kept: Kept | None = None,
        version: str = "",
    ) -> None:
        self._zygote, self._limits, self._named = zygote, limits, named
        self._kept, self._version = Kept() if kept is None else kept, version
        self._processes: OrderedDict[str, AccountProcess] = OrderedDict()
        self._agenda = Agenda()
        self._ahead = ""  # whose process nobody has asked yet
        self._auditing: asyncio.Task[None] | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one question of a kernel, or hear what it expects."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
            asked = json.loads(await reader.readline())
            if "expect" in asked:
                self.expect(asked["expect"])
            else:
                answer = self.answered(Subject(**asked["subject"]), asked["question"])
                async with aclosing(answer) as told:  # type: ignore[type-var]
                    async for said in told:
                        writer.write(said)
                        await writer.drain()
                writer.write(line({"end": True}))
                await writer.drain()
        writer.close()

    async def answered(self, subject: Subject, question: Mapping[str, Any]) -> AsyncIterator[bytes]:
        """Lines of an answer, as they come."""
        key = self._key(subject, question)
        with self._awaited():
            if key in self._kept:
                for said in self._kept.lines(key):
                    yield said
                return
            async for said in self._asked(self._process(subject), key, question):
                yield said

    # Ahead of anybody -------------------------------------------------------------------------

    def expect(self, organization_ids: Sequence[str]) -> None:
        """Audit these ahead, the first of them first and all of them before what was expected
        until now."""
        self._agenda.expect(organization_ids)
        self._audit()

    def later(self, organization_ids: Sequence[str]) -> None:
        """Audit these when it is quiet, in place of what was to be audited then."""
        self._agenda.later(organization_ids)
        self._audit()

    def comes(self) -> None:
        """A visitor opens the page: everything else waits for a moment."""
        self._agenda.comes()
        self._settle(ARRIVAL_SECONDS)

    def _audit(self) -> None:
        if self._auditing is None or self._auditing.done():
            self._auditing = asyncio.ensure_future(self._audit_ahead())

    async def _audit_ahead(self) -> None:
        while (identity := await self._agenda.next()) is not None:
            with suppress(AuditError):
                await self._audited(identity)

    async def _audited(self, identity: str) -> None:
        """All tabs of one account; later, if something else is expected more by then."""
        if self._named is None:
            return
        subject = await asyncio.to_thread(self._named, identity)
        for tab in TABS:
            question = about(tab)
            key = self._key(subject, question)
            if key in self._kept:
                continue
            while self._agenda.must_pause or self.is_busy:
                await asyncio.sleep(PAUSE_SECONDS)
            told = self._agenda.told
            async for _ in self._asked(self._process(subject, ahead=True), key, question):
                pass
            if self._agenda.told != told:
                self._agenda.again(identity)
                return

    @contextmanager
    def _awaited(self) -> Iterator[None]:
        """Somebody waits: what is audited ahead stands still meanwhile."""
        self._agenda.begins()
        self._settle()
        try:
            yield
        finally:
            self._agenda.ends()
            self._settle(PAINTING_SECONDS)

    def _settle(self, seconds: float = 0) -> None:
        """Stop what is audited ahead, or let it go on; and see again after so long."""
        if seconds:
            asyncio.get_running_loop().call_later(1.05 * seconds, self._settle)
        if ahead := self._processes.get(self._ahead):
            if self._agenda.must_pause:
                ahead.stop()
            else:
                ahead.go_on()

    # Processes --------------------------------------------------------------------------------

    def _key(self, subject: Subject, question: Mapping[str, Any]) -> str:
        same = replace(subject, store=self._version or subject.store)
        return same.key() + json.dumps(question, sort_keys=True)

    async def _asked(
        self, process: AccountProcess, key: str, question: Mapping[str, Any]
    ) -> AsyncIterator[bytes]:
        heard: list[bytes] = []
        keeps = question.get("ask") == ACCOUNT
        async for message in process.ask(question):
            said = line(message)
            heard.append(said)
            keeps = keeps and "problem" not in message
            yield said
        if keeps:
            self._kept.keep(key, heard)

    @property
    def is_busy(self) -> bool:
        """Whether an account is being audited for somebody."""
        return any(one.is_busy for key, one in self._processes.items() if key != self._ahead)

    def _process(self, subject: Subject, *, ahead: bool = False) -> AccountProcess:
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
                found.go_on()
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

    def close(self) -> None:
        if self._auditing is not None:
            self._auditing.cancel()
        for process in self._processes.values():
            process.close()
        self._processes.clear()
