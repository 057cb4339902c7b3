"""Waiting: staying below a vendor's limits, and reading how long it asks us to wait."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MINUTE = 60.0
HOUR = 3600.0

#: (requests, seconds), several windows at once.
Limits = tuple[tuple[int, float], ...]

#: Above this a hint is an epoch or a mistake, not a wait.
LONGEST_HINT_SECONDS = 3600
HINT_HEADERS = ("retry-after", "ratelimit-reset", "x-ratelimit-reset")


class SlidingWindow:
    """Lets at most ``requests`` through in any ``seconds``, for each of several windows.

    Safe to share between threads. ``clock`` and ``sleep`` are given so that tests need not wait.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._sleep = sleep
        self._sent: deque[float] = deque()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when one more request is allowed, and count it."""
        while (pause := self._try()) > 0:
            self._sleep(pause)

    def _try(self) -> float:
        with self._lock:
            now = self._clock()
            longest = max((seconds for _, seconds in self._limits), default=0.0)
            while self._sent and now - self._sent[0] >= longest:
                self._sent.popleft()
            pause = 0.0
            for requests, seconds in self._limits:
                if len(self._sent) >= requests:
                    pause = max(pause, seconds - (now - self._sent[-requests]))
            if pause <= 0:
                self._sent.append(now)
            return pause


def wait_hint(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds the vendor asks us to wait, or None when it says nothing usable.

    Understands ``Retry-After`` in seconds or as an HTTP date, ``RateLimit-Reset`` and
    ``X-RateLimit-Reset``. Some vendors send an epoch there; that is no wait.
    """
    for name in HINT_HEADERS:
        value = headers.get(name)
        if value is None:
            continue
        seconds = _seconds(value.strip(), now or datetime.now(UTC))
        if seconds is not None and 0 <= seconds < LONGEST_HINT_SECONDS:
            return seconds
    return None


def _seconds(value: str, now: datetime) -> float | None:
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
