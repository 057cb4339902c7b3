from datetime import UTC, datetime, timedelta

import pytest

from audit.sources.posthog.client import QUERY_LIMITS
from audit.web.limits import SlidingWindow, wait_hint

NOW = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self):
        self.now = 0.0

    def sleep(self, seconds):
        self.now += seconds


def moments(requests, limits):
    """When each of so many requests was let through."""
    clock = Clock()
    window = SlidingWindow(limits, clock=lambda: clock.now, sleep=clock.sleep)
    passed = []
    for _ in range(requests):
        window.wait()
        passed.append(clock.now)
    return passed


def test_nothing_waits_below_the_limit():
    assert set(moments(240, QUERY_LIMITS)) == {0.0}


def test_one_more_than_the_limit_waits_until_the_first_leaves_the_window():
    assert moments(241, QUERY_LIMITS)[-1] == 60.0


def test_no_window_ever_holds_more_than_its_limit():
    passed = moments(2_600, QUERY_LIMITS)

    for allowed, seconds in QUERY_LIMITS:
        for first, last in zip(passed, passed[allowed:], strict=False):
            assert last - first >= seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "Sun, 01 Nov 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Sun, 01 Nov 2026 11:00:00 GMT"}, 0),
        ({"ratelimit-reset": "3"}, 3),
        ({"x-ratelimit-reset": "4"}, 4),
        ({"retry-after": "1", "ratelimit-reset": "9"}, 1),
        ({"x-ratelimit-reset": "1793534400"}, None),  # an epoch, not a wait
        ({"retry-after": "1793534400", "ratelimit-reset": "9"}, 9),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_the_vendor_may_name_its_wait_in_three_ways(headers, seconds):
    assert wait_hint(headers, now=NOW) == seconds


def test_a_date_an_hour_away_is_no_wait():
    late = (NOW + timedelta(hours=2)).strftime("%a, %d %b %Y %H:%M:%S GMT")

    assert wait_hint({"retry-after": late}, now=NOW) is None
