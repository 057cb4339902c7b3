"""A total over many days, laid evenly over them: right in sum, without a shape."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from audit.errors import InputError
from audit.sources.files.assemble import Say
from audit.sources.files.convert import Block

RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})[_~ ]+(?:to[_ ]+)?(\d{4}-\d{2}-\d{2})")
LONGEST_RANGE_DAYS = 400


def range_of(file: str) -> tuple[date, date] | None:
    """First and last day in a name such as ``posthog_usage_2026-04-01_2026-04-15.csv``."""
    named = RANGE.search(file)
    if named is None:
        return None
    try:
        first, last = date.fromisoformat(named[1]), date.fromisoformat(named[2])
    except ValueError:
        return None
    if not 0 <= (last - first).days < LONGEST_RANGE_DAYS:
        raise InputError(
            f"{file}: the days in its name, {first} to {last}, are no range of at most "
            f"{LONGEST_RANGE_DAYS} days. Rename the file."
        )
    return first, last


def shares(total: int, days: int) -> Iterator[int]:
    """Whole numbers that differ by at most one and add up to the total.

    >>> list(shares(10, 4))
    [3, 3, 2, 2]
    """
    each, left = divmod(total, days)
    return (each + (position < left) for position in range(days))


def spread(block: Block, window: Callable[[str], tuple[date, date]], say: Say) -> Block:
    """One row per day for each total, over the days of the file's name or of the window."""
    named = range_of(block.file)
    columns: dict[str, list[Any]] = {name: [] for name in block.columns}
    columns["day"] = []
    places = []
    for row, total in enumerate(block.columns["quantity"]):
        start, end = window(block.columns["organization_id"][row])
        first, last = named or (start, end - timedelta(1))
        days = (last - first).days + 1
        for position, part in enumerate(shares(total, days)):
            for name, values in block.columns.items():
                columns[name].append(part if name == "quantity" else values[row])
            columns["day"].append(first + timedelta(position))
            places.append(block.places[row])
    over = f"{named[0]} to {named[1]}" if named else "the window"
    for identity in sorted(block.speaks_for):
        say(
            identity,
            block.table,
            "totals_spread_evenly",
            f"{block.file} has totals without days; they were spread evenly over {over}. "
            "Export the usage by day for trends and spikes.",
            block.rows,
        )
    return replace(block, columns=columns, places=places, spread=False)
