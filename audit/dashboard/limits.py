"""How much of everything the dashboard gives: visitors, processes, memory, time."""

from dataclasses import dataclass

ACCOUNTS_OPEN = 4
AHEAD = 1_000
ANSWER_SECONDS = 90.0
VISITORS = 40
MEMORY_MB = 512


@dataclass(frozen=True)
class Limits:
    """``visitors`` at once, ``accounts`` audited at once, ``memory_mb`` for each of them.

    ``ahead``: so many accounts from the top of the queue are audited before anybody asks.
    """

    visitors: int = VISITORS
    accounts: int = ACCOUNTS_OPEN
    memory_mb: int = MEMORY_MB
    answer_seconds: float = ANSWER_SECONDS
    ahead: int = AHEAD
