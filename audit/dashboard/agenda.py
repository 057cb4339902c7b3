"""Which accounts to audit before anybody opens them, and when."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from contextlib import suppress

from audit.dashboard.portfolio import ROWS_A_PAGE

#: Accounts that visitors see or point at; who saw more has gone on since.
EXPECTED = 2 * ROWS_A_PAGE
#: How long nothing is audited ahead after somebody has come, or has got an answer: their page is
#: being made, or painted.
ARRIVAL_SECONDS = 1.5
PAINTING_SECONDS = 0.5
#: The rest of the queue is for when nobody has asked anything for so long.
QUIET_SECONDS = 5.0
PAUSE_SECONDS = 0.2


class Agenda:
    """What is expected of visitors goes first, the newest before the older. The rest of the queue
    follows when it is quiet."""

    def __init__(self) -> None:
        self._expected: OrderedDict[str, None] = OrderedDict()
        self._rest: deque[str] = deque()
        self._news = asyncio.Event()
        #: How often something was expected: it tells whether there is something newer.
        self.told = 0
        self._waiting = 0
        self._still_until = self._quiet_from = 0.0

    def expect(self, organization_ids: Sequence[str]) -> None:
        """These first, in their order."""
        for identity in reversed(organization_ids[:EXPECTED]):
            self._expected[identity] = None
            self._expected.move_to_end(identity)
        while len(self._expected) > EXPECTED:
            self._expected.popitem(last=False)
        self.told += 1
        self._news.set()

    def later(self, organization_ids: Sequence[str]) -> None:
        """The rest of the queue, in place of what was."""
        self._rest = deque(organization_ids)

    def again(self, organization_id: str) -> None:
        """One that was not finished, since something else was expected more."""
        self._rest.appendleft(organization_id)

    async def next(self) -> str | None:
        """The next account, when its time has come; None where nothing is left."""
        while True:
            self._news.clear()
            if self._expected:
                return self._expected.popitem()[0]
            if not self._rest:
                return None
            if time.monotonic() >= self._quiet_from and not self._waiting:
                return self._rest.popleft()
            await self._news_or_pause()

    async def _news_or_pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE_SECONDS):
                await self._news.wait()

    # Who is there ------------------------------------------------------------------------------

    @property
    def must_pause(self) -> bool:
        """Whether a visitor waits for an answer, or for the page itself."""
        return self._waiting > 0 or time.monotonic() < self._still_until

    def begins(self) -> None:
        """A visitor waits for an answer."""
        self._waiting += 1

    def ends(self) -> None:
        """They have it, or have given it up."""
        self._waiting -= 1
        self._still_for(PAINTING_SECONDS)

    def comes(self) -> None:
        """A visitor opens the page."""
        self._still_for(ARRIVAL_SECONDS)

    def _still_for(self, seconds: float) -> None:
        now = time.monotonic()
        self._still_until = max(self._still_until, now + seconds)
        self._quiet_from = now + QUIET_SECONDS
