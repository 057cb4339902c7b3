"""Adding up daily usage in columns, against sums in plain Python."""

from collections import defaultdict

import numpy as np
import pytest

from audit.findings import daily as module
from audit.findings.daily import Daily

ORGANIZATIONS, CODES, READ_DAYS = 4, 5, 180


@pytest.fixture(params=[7, 1 << 17], ids=["many pieces", "one piece"])
def daily(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Daily:
    monkeypatch.setattr(module, "_PART_ROWS", request.param)
    draw = np.random.default_rng(7)
    rows = 3_000
    return Daily(
        organizations=ORGANIZATIONS,
        days=READ_DAYS,
        key=draw.integers(0, ORGANIZATIONS, rows).astype(np.int32),
        code=draw.integers(0, CODES, rows).astype(np.int16),
        ago=draw.integers(1, READ_DAYS + 1, rows).astype(np.int16),
        quantity=draw.integers(0, 1_000, rows).astype(np.float64),
        metered=[(code, f"product {code}", None) for code in range(1, CODES)],
    )


def values(daily: Daily) -> list[tuple[int, int, int, float]]:
    columns = (daily.key, daily.code, daily.ago, daily.quantity)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_days_of_two_counters_add_up_and_older_days_do_not_count(daily: Daily) -> None:
    # Counters 1 and 2 are one row; counter 0, counter 3 and the last organization are none.
    places = np.full((ORGANIZATIONS, CODES), -1, dtype=np.int64)
    for key in range(ORGANIZATIONS - 1):
        places[key, [1, 2]], places[key, 4] = 2 * key, 2 * key + 1
    count, days = 2 * ORGANIZATIONS, 120
    expected: dict[tuple[int, int], float] = defaultdict(float)
    for key, code, ago, quantity in values(daily):
        if places[key, code] >= 0 and ago <= days:
            expected[int(places[key, code]), days - ago] += quantity
    units, counted = daily.by_day(places, count, days)
    assert {at: units[at] for at in zip(*np.nonzero(units), strict=True)} == {
        at: quantity for at, quantity in expected.items() if quantity
    }
    assert np.flatnonzero(counted).tolist() == sorted({row for row, _ in expected})


def test_a_period_leaves_out_its_nearest_day_and_has_its_farthest(daily: Daily) -> None:
    expected = np.zeros((ORGANIZATIONS, CODES))
    for key, code, ago, quantity in values(daily):
        if 30 < ago <= 60:
            expected[key, code] += quantity
    assert daily.between(30, 60).tolist() == expected.tolist()


def test_no_rows_are_zeros_that_can_be_made_unknown() -> None:
    nothing = np.empty(0)
    empty = Daily(
        organizations=2,
        days=60,
        key=nothing.astype(np.int32),
        code=nothing.astype(np.int16),
        ago=nothing.astype(np.int16),
        quantity=nothing,
        metered=[(1, "product", None)],
    )
    units, counted = empty.by_day(np.zeros((2, 2), dtype=np.int64), 1, 30)
    assert (units.dtype, units.tolist(), counted.tolist()) == (np.float64, [[0.0] * 30], [False])
    assert empty.between(30, 60).tolist() == [[0.0, 0.0]] * 2
