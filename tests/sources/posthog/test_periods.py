from datetime import date

import pytest

from audit.sources.posthog.money import finished_periods


def starts(current, first):
    return [start.isoformat() for start, _ in finished_periods(current, first)]


def test_periods_end_where_the_next_begins():
    periods = finished_periods(date(2026, 3, 15), date(2025, 12, 1))

    assert periods == [
        (date(2025, 12, 15), date(2026, 1, 15)),
        (date(2026, 1, 15), date(2026, 2, 15)),
        (date(2026, 2, 15), date(2026, 3, 15)),
    ]


@pytest.mark.parametrize(
    ("current", "expected"),
    [
        (date(2026, 3, 31), ["2025-12-31", "2026-01-31", "2026-02-28"]),
        (date(2024, 3, 30), ["2023-12-30", "2024-01-30", "2024-02-29"]),
        (date(2026, 1, 1), ["2025-10-01", "2025-11-01", "2025-12-01"]),
    ],
)
def test_short_months_end_a_period_early(current, expected):
    assert starts(current, date(current.year - 1, 1, 1))[-3:] == expected


def test_a_period_reaching_before_the_history_is_left_out():
    assert starts(date(2026, 3, 15), date(2026, 1, 16)) == ["2026-02-15"]
