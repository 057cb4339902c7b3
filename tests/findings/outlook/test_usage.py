"""Which days a line of the bill is forecast by, and in which periods."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from audit import examine
from audit.findings.outlook.period import running_period
from audit.findings.outlook.usage import units_ahead
from audit.forecast.months import months_after

AS_OF = date(2026, 11, 1)
PERIOD = {"period_start": "2026-10-20", "period_end": "2026-11-20"}


def ahead(audit, draws=400):
    return units_ahead(audit.terms, audit.account, audit.as_of, draws)


def line(audit, meter):
    return audit.terms.meters.index(meter)


def test_what_was_counted_is_in_every_outcome(build):
    # 20 to 31 October are 12 days of 100,000.
    billed = build.daily("event_count_in_period", 100_000)
    audit = examine(build.account(usage_daily=billed, organization=PERIOD))

    found = ahead(audit)

    assert found.counted.tolist() == [1_200_000]
    assert (found.units[:, 0, 0] >= 1_200_000).all()
    # The other 19 days at the same level, and December whole.
    assert np.median(found.units[:, 0, 0]) == pytest.approx(3_100_000, rel=0.02)
    assert np.median(found.units[:, 1, 0]) == pytest.approx(3_000_000, rel=0.05)


def test_a_period_of_less_than_a_week_is_forecast_like_any_other(build):
    billed = build.daily("event_count_in_period", 100_000)
    short = {"period_start": "2026-10-29", "period_end": "2026-11-03"}

    audit = examine(build.account(usage_daily=billed, organization=short))

    # Three of its five days are over.
    assert ahead(audit).counted.tolist() == [300_000]
    assert np.median(ahead(audit).units[:, 0, 0]) == pytest.approx(500_000, rel=0.02)
    assert audit.outlook.periods[1].start == date(2026, 11, 3)


def test_periods_follow_one_another_by_the_month(build):
    billed = build.daily("event_count_in_period", 100_000)
    audit = examine(build.account(usage_daily=billed, organization=PERIOD))

    periods = ahead(audit).periods

    assert len(periods) == 13
    assert (periods[0].start, periods[0].end) == (date(2026, 10, 20), date(2026, 11, 20))
    assert all(a.end == b.start for a, b in pairwise(periods))


def test_an_add_on_that_is_only_observed_follows_the_events_it_counts(build):
    # Half of the observed events are identified.
    rows = [
        build.usage_row("product_analytics", "a", 300),
        build.usage_row("enhanced_persons", "a", 150, identified=True),
    ]
    billed = build.daily("event_count_in_period", 100_000)
    audit = examine(build.account(rows=rows, usage_daily=billed, organization=PERIOD))

    found = ahead(audit)

    events, persons = line(audit, "product_analytics"), line(audit, "enhanced_persons")
    halves = found.units[:, :, events] / 2
    assert np.abs(found.units[:, :, persons] - halves).max() <= 1
    assert "follows product analytics" in found.said[persons]


def test_a_line_without_days_is_spread_evenly_and_says_so(build):
    rows = [build.usage_row("session_replay", "5_seconds_or_longer", 30_000)]
    audit = examine(build.account(rows=rows, organization=PERIOD))

    found = ahead(audit, 2_000)

    replay = line(audit, "session_replay")
    assert np.median(found.units[:, 1, replay]) == pytest.approx(30_000, rel=0.1)
    assert "no usage by day is known" in found.said[replay]
    assert found.counted[replay] == 0


def test_a_package_is_one_a_month_whatever_comes(build):
    row = {"organization_id": "acme", "product": "boost", "subscribed": True}
    billed = build.daily("event_count_in_period", 100_000)
    audit = examine(build.account(usage_daily=billed, subscriptions=[row], organization=PERIOD))

    assert (ahead(audit).units[:, :, line(audit, "boost")] == 1).all()


def test_all_zeros_stay_zero(build):
    audit = examine(build.account(usage_daily=build.daily("event_count_in_period", 0)))

    found = ahead(audit)

    assert (found.units == 0).all()
    assert audit.outlook.year.p975 == 0


def test_a_month_that_is_shorter_ends_on_its_last_day():
    assert months_after(date(2027, 12, 31), 2) == date(2028, 2, 29)
    assert months_after(date(2026, 3, 31), -1) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-10-20", "2026-11-20", (date(2026, 10, 20), date(2026, 11, 20))),
        ("2026-08-15", "2026-09-15", (date(2026, 10, 15), date(2026, 11, 15))),
        ("2026-12-05", "2027-01-05", (date(2026, 10, 5), date(2026, 11, 5))),
        ("2026-11-01", "2026-12-01", (date(2026, 11, 1), date(2026, 12, 1))),
    ],
)
def test_a_period_that_has_ended_or_not_begun_is_counted_on(build, start, end, expected):
    account = build.account(organization={"period_start": start, "period_end": end})

    period, said = running_period(account, AS_OF)

    assert (period.start, period.end) == expected
    assert bool(said) == (start not in ("2026-10-20", "2026-11-01"))


def test_an_unknown_period_is_a_month_from_the_audit(build):
    period, said = running_period(build.account(), AS_OF)

    assert (period.start, period.end) == (AS_OF, date(2026, 12, 1))
    assert "not known" in said


def test_the_same_account_has_the_same_outlook(build):
    billed = build.daily("event_count_in_period", 100_000)
    account = build.account(usage_daily=billed, organization=PERIOD)

    one, two = examine(account).outlook, examine(account).outlook

    assert (one.simulated.bill == two.simulated.bill).all()
    assert one.year == two.year


def test_days_that_are_not_asked_for_cost_nothing(build):
    billed = build.daily("event_count_in_period", 100_000)
    audit = examine(build.account(usage_daily=billed, organization=PERIOD), draws=0)

    assert audit.outlook is None
    assert audit.forecast.total is None
    assert "not asked for" in audit.forecast.reason
