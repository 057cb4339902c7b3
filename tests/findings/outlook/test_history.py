"""An account's daily usage as an array."""

from datetime import date

import numpy as np
import pandas as pd

from audit.account import Account
from audit.findings.outlook.history import LONGEST_HISTORY_DAYS, history

AS_OF = date(2026, 3, 11)
EVENTS = "event_count_in_period"
RECORDINGS = "recording_count_in_period"
#: Reported, but billed nowhere.
DECIDE = "decide_requests_count_in_period"


def account(*rows: tuple[str, str, str, int]) -> Account:
    columns = ["project_id", "day", "usage_type", "quantity"]
    frame = pd.DataFrame(list(rows), columns=columns)
    return Account.from_tables("acme", {"usage_daily": frame.assign(organization_id="acme")})


def test_projects_are_added_up_and_the_newest_day_stands_last():
    read = history(
        account(
            ("1", "2026-03-09", EVENTS, 5),
            ("1", "2026-03-10", EVENTS, 7),
            ("2", "2026-03-10", EVENTS, 100),
        ),
        AS_OF,
    )

    assert read.meters == ("product_analytics",)
    assert read.values.tolist() == [[5, 107]]
    assert read.last_day == date(2026, 3, 10)


def test_a_meter_absent_on_a_reported_day_used_nothing():
    read = history(
        account(("1", "2026-03-09", EVENTS, 5), ("1", "2026-03-10", RECORDINGS, 7)), AS_OF
    )

    assert read.meters == ("product_analytics", "session_replay")
    assert read.values.tolist() == [[5, 0], [0, 7]]


def test_a_day_without_any_report_is_unknown():
    read = history(account(("1", "2026-03-07", EVENTS, 5), ("1", "2026-03-09", EVENTS, 6)), AS_OF)

    np.testing.assert_array_equal(read.values, [[5, np.nan, 6, np.nan]])
    assert read.last_day == date(2026, 3, 10)


def test_a_report_of_an_unbilled_counter_makes_the_day_known_and_is_no_meter():
    read = history(account(("1", "2026-03-09", EVENTS, 5), ("1", "2026-03-10", DECIDE, 9)), AS_OF)

    assert read.meters == ("product_analytics",)
    assert read.values.tolist() == [[5, 0]]


def test_the_day_of_the_audit_and_later_days_are_left_out():
    read = history(
        account(
            ("1", "2026-03-10", EVENTS, 5),
            ("1", "2026-03-11", EVENTS, 2),
            ("1", "2026-04-01", RECORDINGS, 2),
        ),
        AS_OF,
    )

    assert read.meters == ("product_analytics",)
    assert read.values.tolist() == [[5]]


def test_a_row_of_a_wrong_year_does_not_stretch_the_history():
    read = history(account(("1", "1970-01-01", EVENTS, 5), ("1", "2026-03-10", EVENTS, 6)), AS_OF)

    assert read.values.tolist() == [[6]]
    assert LONGEST_HISTORY_DAYS > 2 * 366


def test_an_account_without_reports_has_no_meters_and_no_days():
    read = history(account(), AS_OF)

    assert read.meters == ()
    assert read.values.shape == (0, 0)
    assert read.last_day == date(2026, 3, 10)


def test_only_unbilled_counters_leave_no_meters():
    read = history(account(("1", "2026-03-10", DECIDE, 9)), AS_OF)

    assert read.meters == ()
    assert read.values.shape[0] == 0


def test_a_counter_of_the_accounts_own_subscription_is_a_meter():
    account = Account.from_tables(
        "acme",
        {
            "usage_daily": [
                {
                    "organization_id": "acme",
                    "project_id": "1",
                    "day": "2026-03-10",
                    "usage_type": "telepathy_count",
                    "quantity": 3,
                }
            ],
            "subscriptions": [
                {"organization_id": "acme", "product": "telepathy", "usage_type": "telepathy_count"}
            ],
        },
    )

    read = history(account, AS_OF)

    assert read.meters == ("telepathy",)
    assert read.values.tolist() == [[3]]
