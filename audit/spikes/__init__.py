"""Spikes and steps in many daily series at once, with false alarms that were counted.

A spike is one to a few days far above what the weeks around them predict, and over; a step is
a level that moved and stayed (a launch, a deploy). Days are compared on the log scale after a
profile by weekday, with the weekly medians on both sides: a step has a high week after it and is
therefore no spike. Whether a distance is large is not read from a normal curve: how often clean
noise of many kinds goes that far was simulated, and the worst kind counts
(``benchmarks/spikes.py`` repeats it).

Source: ours. The vendor's rule (the same weekday of four weeks, z of 3.5 on their median
deviation) fires on 14 percent of clean days, as four points tell no deviation.
"""

from audit.spikes.levels import SHORTEST_HISTORY_DAYS
from audit.spikes.scales import AUDITED_DAYS, benjamini_hochberg, within_account
from audit.spikes.search import Changes, Spikes, Steps, changes

__all__ = [
    "AUDITED_DAYS",
    "SHORTEST_HISTORY_DAYS",
    "Changes",
    "Spikes",
    "Steps",
    "benjamini_hochberg",
    "changes",
    "within_account",
]
