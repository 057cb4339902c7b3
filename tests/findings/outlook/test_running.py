"""The running bill of accounts whose audited days are not its days."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from audit import examine
from audit.findings.outlook.period import running_period
from audit.findings.outlook.usage import units_ahead

PERIOD = {"period_start": "2026-10-20", "period_end": "2026-11-20"}


def vendor(**more):
    return {
        "organization_id": "acme",
        **PERIOD,
        "product": "product_analytics",
        "quantity": 1_500_000,
        "projected_quantity": 3_100_000,
        "is_complete": False,
        **more,
    }


def of_days(usage_type, quantity, first, last):
    days = (last - first).days + 1
    return [
        {
            "organization_id": "acme",
            "project_id": "1",
            "day": (first + timedelta(days=ahead)).isoformat(),
            "usage_type": usage_type,
            "quantity": quantity,
        }
        for ahead in range(days)
    ]


@pytest.mark.parametrize("as_of", ["2026-10-21", "2026-11-01", "2026-11-14", "2026-11-20"])
def test_without_days_the_running_bill_is_that_of_the_vendors_forecast(build, as_of):
    # 3.1M events are 87.73, on whichever day of the period the audit is.
    account = build.account(bill_lines=[vendor()], organization=PERIOD | {"as_of": as_of})

    audit = examine(account)

    line = audit.forecast.lines[0]
    assert audit.bill.total == Decimal("87.73")
    assert line.units.mean == pytest.approx(3_100_000, rel=0.001)
    assert line.counted == 1_500_000
    assert line.units.p025 > 1_500_000
    assert audit.forecast.total.mean == pytest.approx(Decimal("87.73"), abs=Decimal("0.50"))


def test_what_is_only_observed_is_a_whole_period_on_its_last_day_too(build):
    # 30,000 in the 30 days of the window are 31,000 in the 31 of the period.
    rows = [build.usage_row("session_replay", "5_seconds_or_longer", 30_000)]
    account = build.account(rows=rows, organization=PERIOD)

    units = units_ahead(examine(account).terms, account, date(2026, 11, 20), 2_000).units

    assert units[:, 0, 0].mean() == pytest.approx(31_000, rel=0.001)


def test_usage_before_the_audited_days_is_on_the_running_bill(build):
    # 5,000 recordings a day on 20 to 23 October; the audited days begin on the 25th.
    recordings = of_days("recording_count_in_period", 5_000, date(2026, 9, 20), date(2026, 10, 23))
    account = build.account(
        usage_daily=build.daily("event_count_in_period", 100_000) + recordings,
        organization=PERIOD,
    )

    audit = examine(account, lookback_days=7)

    found = {line.product: line for line in audit.forecast.lines}
    assert [line.product for line in audit.bill.lines] == ["product_analytics"]
    assert found["session_replay"].counted == 20_000
    # 15,000 above the 5,000 free, the first 10,000 at 0.005 and the next 5,000 at 0.0035.
    assert found["session_replay"].amount.p025 >= Decimal("67.50")
    parts = sum((line.amount.mean for line in audit.forecast.lines), Decimal(0))
    assert parts - audit.forecast.discount == audit.forecast.total.mean


def test_a_line_of_the_running_period_alone_has_the_accounts_own_price_and_limit(build):
    tiers = '[{"up_to": null, "unit_amount_usd": "0.01", "flat_amount_usd": "0"}]'
    own = {"organization_id": "acme", "product": "session_replay", "tiers": tiers}
    limit = {"organization_id": "acme", "product": "session_replay", "limit_usd": "150"}
    tables = {
        "usage_daily": build.daily("event_count_in_period", 100_000)
        + of_days("recording_count_in_period", 5_000, date(2026, 10, 20), date(2026, 10, 23)),
        "subscriptions": [own],
        "organization": PERIOD,
    }

    free = examine(build.account(**tables), lookback_days=7).forecast
    held = examine(build.account(**tables, limits=[limit]), lookback_days=7).forecast

    # 20,000 at a cent are 200, whatever comes.
    assert next(x for x in free.lines if x.product == "session_replay").amount.p025 >= 200
    assert next(x for x in held.lines if x.product == "session_replay").amount.p975 == 150


@pytest.mark.parametrize("interval", ["year", None])
def test_a_year_is_priced_by_months(build, interval):
    year = {
        "period_start": "2026-01-15",
        "period_end": "2027-01-15",
        "period_interval": interval,
    }
    billed = build.daily("event_count_in_period", 100_000)
    account = build.account(usage_daily=billed, organization=year)

    period, said = running_period(account, date(2026, 11, 1))
    audit = examine(account)

    assert (period.start, period.end) == (date(2026, 10, 15), date(2026, 11, 15))
    assert "longer than a month" in said
    assert said in audit.outlook.notes
    assert (audit.forecast.start, audit.forecast.end) == (period.start, period.end)
    assert audit.outlook.periods[1].start == date(2026, 11, 15)
    # 3.1M events of 31 days are 87.73; as one month a year would be about 1,100.
    assert audit.forecast.total.mean == pytest.approx(Decimal("87.73"), abs=Decimal(2))


def test_an_own_counter_goes_by_its_days(build):
    # A product the public list does not know, at a cent: 12 days of the period are counted.
    tiers = '[{"up_to": null, "unit_amount_usd": "0.01", "flat_amount_usd": "0"}]'
    own = {
        "organization_id": "acme",
        "product": "telepathy",
        "subscribed": True,
        "tiers": tiers,
        "usage_type": "telepathy_count",
    }
    account = build.account(
        usage_daily=build.daily("telepathy_count", 1_000), subscriptions=[own], organization=PERIOD
    )

    line = examine(account).forecast.lines[0]

    assert line.counted == 12_000
    assert "no usage by day" not in line.note
    assert line.amount.mean == pytest.approx(Decimal(310), rel=Decimal("0.02"))


def test_why_nothing_can_be_said_comes_before_an_unknown_period(build):
    audit = examine(build.account(covered=()))

    assert audit.outlook is None
    assert audit.forecast.reason == "No daily usage is known."


def test_days_without_a_report_are_on_the_bill_of_a_period_that_has_just_ended_too(build):
    # Ten days of October are not known; the other 21 have 100,000 events each.
    october = {"period_start": "2026-10-01", "period_end": "2026-11-01"}
    days = of_days("event_count_in_period", 100_000, date(2026, 9, 1), date(2026, 10, 31))
    known = [day for day in days if int(day["day"][-2:]) % 3]

    line = examine(build.account(usage_daily=known, organization=october)).forecast.lines[0]

    assert line.counted == 2_100_000
    assert line.units.mean == pytest.approx(3_100_000, rel=0.01)
    assert line.units.p025 > 2_100_000
    assert line.note == "10 days of the period unknown, counted as expected."


def test_days_that_are_too_old_are_not_taken_for_zero(build):
    days = of_days("event_count_in_period", 100_000, date(2026, 8, 1), date(2026, 9, 15))

    audit = examine(build.account(usage_daily=days, organization=PERIOD))

    assert audit.outlook is None
    assert audit.forecast.total is None
    assert "the newest is of 2026-09-15: pull again" in audit.forecast.reason


def test_draws_are_whole_and_finite(build):
    account = build.account(bill_lines=[vendor(quantity=None)], organization=PERIOD)

    simulated = examine(account).outlook.simulated

    assert simulated.units.dtype == np.int64
    assert (simulated.units >= 0).all()
