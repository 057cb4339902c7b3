"""What is to be said of a series before its simulated months are believed."""

from datetime import date, timedelta

import numpy as np

from audit.forecast.cleaning import Floats, Truths
from audit.forecast.growth import SEASON_DAYS, Outlook
from audit.forecast.method import HISTORY_DAYS
from audit.forecast.past import Past
from audit.forecast.running import Running
from audit.forecast.shifts import SETTLED_DAYS
from audit.forecast.steps import Steps

#: Ages in days below which the spread of other series is said to be used.
YOUNG_DAYS = 60
VERY_YOUNG_DAYS = 14

#: A step is spoken of up to this age, if this share of it is believed; from the second share on
#: the months go on from it.
SAID_DAYS = 90
LEAST_SAID, GOES_ON = 0.1, 0.75


def notes(
    now: Running,
    coming: Outlook,
    seen: Past,
    stopped: Floats,
    *,
    known: Truths,
    last_day: date,
    changed_on: date | None,
) -> tuple[str, ...]:
    """One text per series, empty where there is nothing to say."""
    return tuple(
        " ".join(
            _of(k, now, coming, seen, float(stopped[k]), known[k], changed_on)
            + ([] if stopped[k] else _of_step(seen.steps, k, last_day))
        )
        for k in range(len(known))
    )


def _of(
    k: int,
    now: Running,
    coming: Outlook,
    seen: Past,
    stopped: float,
    known: Truths,
    changed_on: date | None,
) -> list[str]:
    days = int(known.sum())
    if not (coming.middle[k] > 0).any() and not now.so_far[k]:
        return [f"No usage in {_days(days)}: 0 is expected; a first use cannot be foreseen."]
    said = []
    if stopped:
        said.append(
            f"No usage for {_days(stopped)}, longer than ever: taken as stopped, 0 from the next "
            "billing period on; a return cannot be foreseen."
        )
    if not days:
        said.append("No day is known: the level is that of the monthly totals.")
    elif not known[-HISTORY_DAYS:].any():
        said.append("No day of late is known: the level is the last one that was.")
    elif days < VERY_YOUNG_DAYS:
        said.append(
            f"Only {_days(days)} known: insufficient; growth and spread are those of other series."
        )
    elif seen.days[k] < YOUNG_DAYS:
        said.append(
            f"Only {_days(seen.days[k])} of history: growth and spread are those of other series."
        )
    elif seen.days[k] >= SEASON_DAYS and not coming.has_season[k]:
        said.append("No season is used: the years do not agree, or one is not known well enough.")
    if coming.offset[k] > 0 and not stopped:
        said.append("Many days without usage: months may be empty, and vary more.")
    if now.unknown_days[k]:
        said.append(f"{_days(now.unknown_days[k])} of the period unknown, counted as expected.")
    if now.fitted.jumped[k]:
        said.append("The last days are far off: ranges do not hold until it is clear what stays.")
    if changed_on is not None:
        said.append(f"The change of {changed_on} is taken to stay.")
    return said


def _of_step(steps: Steps, k: int, last_day: date) -> list[str]:
    """A clear step of the level, from the day on that the running period takes it for settled."""
    lasted, times = int(steps.days[k]), float(np.exp(steps.step[k]))
    share = steps.believed[k] / steps.step[k] if lasted else 0.0
    if not SETTLED_DAYS <= lasted <= SAID_DAYS or share < LEAST_SAID:
        return []
    since = last_day - timedelta(days=lasted - 1)
    goes_on = (
        "the months go on from there"
        if share >= GOES_ON
        else "the months are taken to go part of the way, until it has lasted for two weeks"
    )
    return [f"Since {since} usage is about {times:.2g} times what it was; {goes_on}."]


def _days(count: float) -> str:
    whole = int(np.rint(count))
    return "1 day" if whole == 1 else f"{whole} days"
