"""An account whose tables were replaced is read anew."""

from audit import examine
from audit.roi.known import gap

PERIOD = {"period_start": "2026-10-20", "period_end": "2026-11-20"}


def test_the_forecast_is_of_the_usage_that_is_there_now(build):
    daily = build.daily("event_count_in_period", 100_000)
    more = build.daily("recording_count_in_period", 1_000)
    account = build.account(usage_daily=[*daily, *more], organization=PERIOD)
    whole = account["usage_daily"]
    account.frames["usage_daily"] = whole[whole["usage_type"] == "event_count_in_period"]

    one = examine(account)
    account.frames["usage_daily"] = whole
    both = examine(account)

    assert [len(audit.outlook.lines) for audit in (one, both)] == [1, 2]


def test_what_is_no_longer_covered_is_a_gap(build):
    account = build.account()
    subject = account["coverage"]["subject"].iloc[0]

    assert gap(account, [subject]) == ""
    account.frames["coverage"] = account["coverage"].iloc[:0]
    assert gap(account, [subject]) == f"not read: the pull brought no {subject}"
