"""How far a batch is, how fast, and how long it will take."""

import time
from collections.abc import Callable


class Pace:
    """Tells ``progress`` after each account; of the steps of one account only where it is alone."""

    def __init__(self, total: int, progress: Callable[[str], None]) -> None:
        self._total = total
        self._progress = progress
        self._began = time.monotonic()
        self._done = self._failed = 0

    def step(self, _: int, text: str) -> None:
        """An account says where it is."""
        if self._total == 1:
            self._progress(text)

    def ended(self, failed: bool) -> None:
        """An account ended."""
        self._done += 1
        self._failed += failed
        self._progress(self.line(time.monotonic() - self._began))

    def line(self, seconds: float) -> str:
        """After so many seconds."""
        text = f"{self._done} of {self._total} done"
        if self._failed:
            text += f", {self._failed} failed"
        if self._done < self._total and seconds > 0:
            rate = self._done / seconds
            text += f", {rate:.1f} a second, {lasting((self._total - self._done) / rate)} left"
        return text


def lasting(seconds: float) -> str:
    """A duration for people.

    >>> lasting(7.2), lasting(95), lasting(7300)
    ('8 s', '1 min 35 s', '2 h 2 min')
    """
    whole = int(seconds) + (seconds > int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
