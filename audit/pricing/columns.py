"""Tier walks over whole columns, in integers: what makes a fleet priceable in one pass.

Prices become ticks, the smallest power of ten of a dollar at which every price of the
schedule is a whole number. A column whose largest possible amount fits int64 is walked by
numpy; any other by Python's unbounded integers, with the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audit.errors import InputError
from audit.pricing.tiers import EXACT, Schedule, cents_of, plain

Integers = NDArray[np.int64]

LARGEST = int(np.iinfo(np.int64).max)
# The allowance for adding half a cent, and for a flat amount, without another check.
SAFE = LARGEST // 4


@dataclass(frozen=True, slots=True)
class _Ticks:
    """One schedule in integers. ``lower`` and ``due`` are per tier: where it starts, and what
    is owed, in ticks, by a quantity that has just reached it."""

    lower: Integers
    price: Integers
    due: Integers
    per_cent: int
    package_size: int
    largest_price: int
    largest_due: int


def cents(schedule: Schedule, quantities: np.ndarray) -> Integers:
    """Whole cents, rounded half up; see ``Schedule.cents``."""
    column = _integers(quantities)
    if not column.size:
        return column.copy()
    ticks = _ticks(schedule)
    largest = int(column.max())
    if ticks is None or largest * max(1, ticks.largest_price) + ticks.largest_due > SAFE:
        return _cents_one_by_one(schedule, column)
    counted = column
    if ticks.package_size > 1:
        counted = (column + (ticks.package_size - 1)) // ticks.package_size
    reached = np.searchsorted(ticks.lower[1:], counted, side="left")
    amounts = ticks.due[reached] + (counted - ticks.lower[reached]) * ticks.price[reached]
    amounts[counted == 0] = 0
    whole: Integers = (amounts + ticks.per_cent // 2) // ticks.per_cent
    return whole


def fleet_cents(
    schedule_ids: np.ndarray, quantities: np.ndarray, schedules: Sequence[Schedule]
) -> Integers:
    """Whole cents per row, where row i is ``quantities[i]`` under ``schedules[schedule_ids[i]]``.

    Every row is an invoice line of its own: rounded half up, once.

    Raises: InputError for columns of unequal length, an id without a schedule, or what
    ``Schedule.cents`` refuses.
    """
    ids = _integers(schedule_ids, what="A schedule id")
    column = _integers(quantities)
    if ids.shape != column.shape or ids.ndim != 1:
        raise InputError(f"{ids.shape} schedule ids do not match {column.shape} quantities.")
    amounts = np.zeros(len(column), dtype=np.int64)
    if not len(column):
        return amounts
    if int(ids.max()) >= len(schedules):
        raise InputError(f"Schedule id {int(ids.max())} is beyond the {len(schedules)} given.")
    order = np.argsort(ids, kind="stable")
    present, starts = np.unique(ids[order], return_index=True)
    for schedule_id, rows in zip(present, np.split(order, starts[1:]), strict=True):
        amounts[rows] = cents(schedules[int(schedule_id)], column[rows])
    return amounts


def _integers(column: np.ndarray, what: str = "A quantity") -> Integers:
    values = np.asarray(column)
    if values.size and values.dtype.kind not in "iu":
        raise InputError(f"{what} is an integer here, got a column of {values.dtype}.")
    if values.size and int(values.min()) < 0:
        raise InputError(f"{what} cannot be negative, got {int(values.min())}.")
    if values.size and int(values.max()) > LARGEST:
        raise InputError(f"{what} must fit 64 bits, got {int(values.max())}.")
    return values.astype(np.int64, copy=False)


@lru_cache(maxsize=4096)
def _ticks(schedule: Schedule) -> _Ticks | None:
    """None when the schedule itself does not fit: a fractional ``up_to``, a huge amount."""
    lower = [Decimal(0)] + [tier.up_to for tier in schedule.tiers if tier.up_to is not None]
    if any(bound != bound.to_integral_value() or bound > SAFE for bound in lower):
        return None
    places = max(2, *(_places(tier.unit_amount_usd) for tier in schedule.tiers))
    places = max(places, *(_places(tier.flat_amount_usd) for tier in schedule.tiers))
    starts = [int(bound) for bound in lower]
    prices = [int(tier.unit_amount_usd.scaleb(places, EXACT)) for tier in schedule.tiers]
    flats = [int(tier.flat_amount_usd.scaleb(places, EXACT)) for tier in schedule.tiers]
    due = [flats[0]]
    for index in range(1, len(starts)):
        if schedule.model == "volume":
            due.append(starts[index] * prices[index] + flats[index])
        else:
            width = starts[index] - starts[index - 1]
            due.append(due[-1] + width * prices[index - 1] + flats[index])
    package_size = schedule.package_size or 1
    if max(*prices, *due, 10 ** (places - 2), package_size, 0) > SAFE:
        return None
    return _Ticks(
        lower=np.array(starts, dtype=np.int64),
        price=np.array(prices, dtype=np.int64),
        due=np.array(due, dtype=np.int64),
        per_cent=10 ** (places - 2),
        package_size=package_size,
        largest_price=max(prices),
        largest_due=max(due) + 10 ** (places - 2),
    )


def _places(amount: Decimal) -> int:
    text = plain(amount)
    return len(text.partition(".")[2])


def _cents_one_by_one(schedule: Schedule, column: Integers) -> Integers:
    distinct, where = np.unique(column, return_inverse=True)
    amounts = []
    for quantity in distinct.tolist():
        amount = int(cents_of(schedule.cost(quantity)).scaleb(2, EXACT))
        if amount > LARGEST:
            raise InputError(f"{quantity} units cost more than 64 bits of cents can hold.")
        amounts.append(amount)
    whole: Integers = np.array(amounts, dtype=np.int64)[where].reshape(column.shape)
    return whole
