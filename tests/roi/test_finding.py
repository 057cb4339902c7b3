"""Payback and return of findings: closed forms, edges, and what is refused."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import InputError
from audit.roi import roi
from audit.roi.finding import first_year_return, payback_days


@pytest.fixture(scope="module")
def wasteful(build):
    """30,000 recordings, half of them short: one finding that is a setting."""
    return build.examined(
        build.row("session_replay", "under_2_seconds", 15_000),
        build.row("session_replay", "5_seconds_or_longer", 15_000),
        activity={"people_using_session_replay": 2},
        projects=[
            {
                "organization_id": "acme",
                "project_id": "1",
                "name": "Web",
                "session_recording_opt_in": True,
            }
        ],
    )


def only(found):
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("effort", "yearly", "days", "back"),
    [
        # 800 on 2,920 a year, 8.00 a day: 100 days; the year earns 2,120 on 800: 2.65.
        ("800", "2920", "100.0", "2.65"),
        ("0", "2920", "0.0", None),  # free: at once, and no effort to earn on
        ("800", "0", None, "-1.00"),  # no saving: never, and the effort is lost
        ("0", "0", None, None),
        ("800", "-5", None, "-1.01"),
        ("0.01", "1000000", "0.0", "99999999.00"),
    ],
)
def test_payback_and_return_by_hand(effort, yearly, days, back):
    effort, yearly = Decimal(effort), Decimal(yearly)

    assert payback_days(effort, yearly) == (None if days is None else Decimal(days))
    assert first_year_return(effort, yearly) == (None if back is None else Decimal(back))


amounts = st.integers(0, 10**10).map(lambda n: Decimal(n) / 100)


@given(amounts, amounts)
def test_neither_is_ever_infinite(effort, yearly):
    for value in (payback_days(effort, yearly), first_year_return(effort, yearly)):
        assert value is None or value.is_finite()


@given(amounts, amounts.filter(bool), amounts)
def test_a_larger_saving_never_pays_back_later(effort, yearly, more):
    assert payback_days(effort, yearly + more) <= payback_days(effort, yearly)


def test_without_simulated_usage_a_year_is_twelve_months(wasteful):
    # 30,000 recordings, 5,000 free: 10,000 x .005 + 15,000 x .0035 = 102.50; without the 15,000
    # short ones 50.00. 52.50 a month, 630.00 a year; a quarter of an hour at 100.
    one = only(roi(wasteful).findings)

    assert one.finding.check == "replay_without_minimum_duration"
    assert (one.monthly, one.yearly.mid, one.yearly.low) == (Decimal("52.50"), 630, None)
    assert (one.hours, one.effort_usd) == (Decimal("0.25"), 25)
    assert one.payback_days == Decimal("14.5")  # 25 / 630 x 365 = 14.48
    assert one.first_year_return == Decimal("24.20")  # 605 / 25
    assert one.first_year_net == 605


def test_hours_and_their_cost_are_the_readers(wasteful):
    one = only(roi(wasteful, {"setting_hours": 2, "engineer_hour_usd": "62.5"}).findings)

    assert one.effort_usd == 125


def test_a_range_that_is_told_is_taken(wasteful):
    identity = wasteful.findings[0].id
    found = roi(wasteful, yearly={identity: (100.004, 365.0, 900.0)})
    one = only(found.findings)

    assert (one.yearly.low, one.yearly.mid, one.yearly.high) == (100, 365, 900)
    assert one.payback_days == 25
    assert found.yearly_is_simulated


@pytest.mark.parametrize(
    "told", [(3, 2, 1), (1, 2), (1, math.nan, 3), (1, 2, math.inf), ("a", 2, 3), None]
)
def test_a_range_that_is_none_is_refused(wasteful, told):
    with pytest.raises(InputError, match="yearly saving of replay_without_minimum_duration"):
        roi(wasteful, yearly={wasteful.findings[0].id: told})


def test_a_range_of_another_finding_is_refused(wasteful):
    with pytest.raises(InputError, match=r"'replay_without-1'\. Nearest: replay_without"):
        roi(wasteful, yearly={"replay_without-1": (1, 2, 3)})


def test_together_is_the_sum_and_pays_back_as_one(wasteful):
    found = roi(wasteful)

    assert found.together.yearly.mid == sum(one.yearly.mid for one in found.findings)
    assert found.together.effort_usd == sum(one.effort_usd for one in found.findings)
    assert found.together.yearly.mid == 12 * wasteful.joint_saving


def test_without_a_saving_nothing_is_returned(build):
    found = roi(build.examined(build.row("product_analytics", "x", 10)))

    assert found.findings == ()
    assert (found.together.effort_usd, found.together.payback_days) == (0, None)
