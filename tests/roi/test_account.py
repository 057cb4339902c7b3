"""The account before and after its fixes, and what writing to it returns to the team."""

from decimal import Decimal

import pytest

from audit.roi import document, roi

#: 6,000,000 recordings would do as well; the fix is a minimum duration.
LIVELY = {
    "people": 1_000,
    "people_using_session_replay": 2,
    "people_using_product_analytics": 5,
}


@pytest.fixture(scope="module")
def rows(build):
    return [
        build.row("session_replay", "under_2_seconds", 15_000),
        build.row("session_replay", "5_seconds_or_longer", 15_000),
        build.row("product_analytics", "paid", 50_000),
    ]


@pytest.fixture(scope="module")
def audited(build, rows):
    return build.examined(*rows, activity=LIVELY)


@pytest.fixture(scope="module")
def team_audit(build, rows):
    return build.examined(*rows, activity=LIVELY, audience="team")


def test_before_and_after_are_the_two_bills_per_person_and_per_reader(audited):
    # 102.50 now, 50.00 after; 1,000 people; 5 members of the product most of them look at.
    account = roi(audited).account

    assert (account.before.total, account.after.total) == (Decimal("102.50"), 50)
    assert (account.before.cost_per_person, account.after.cost_per_person) == (
        Decimal("0.1025"),
        Decimal("0.05"),
    )
    assert (account.before.cost_per_reader, account.after.cost_per_reader) == (Decimal("20.50"), 10)
    assert account.before.events_per_person == 50


def test_the_part_that_could_be_watched_rises_as_the_fix_removes_the_short_ones(audited):
    account = roi(audited).account

    def watchable(side):
        return next(p for p in side.reading.products if p.product == "session_replay").read.at_most

    assert account.after_is_read
    assert (watchable(account.before), watchable(account.after)) == (Decimal("0.5"), 1)


def test_what_the_reader_says_is_watched_stays_watched_after_the_fix(audited):
    # 10% of 30,000 recordings are 20% of the 15,000 that are left.
    account = roi(audited, {"session_replay_read_percent": 10}).account

    def share(side):
        return next(p for p in side.reading.products if p.product == "session_replay").read.share

    assert (share(account.before), share(account.after)) == (Decimal("0.1"), Decimal("0.2"))


def test_people_of_another_window_than_a_month_are_no_months_people(build, rows):
    week = {"window_start": "2026-10-25", "window_end": "2026-11-01"}
    account = roi(build.examined(*rows, activity=LIVELY, window=week)).account

    assert (account.people.value, account.before.cost_per_person) == (None, None)
    assert "7 days" in account.people.why


def test_unknown_people_and_readers_are_unknown_and_say_why(build, rows):
    account = roi(build.examined(*rows, missing=["activity.people"])).account

    assert (account.before.cost_per_person, account.before.events_per_person) == (None, None)
    assert "activity.people" in account.people.why


def test_an_account_without_usage_divides_by_nothing(build):
    found = roi(build.examined())

    assert found.account.before.reading.read_share is None
    assert found.trend.parts is None
    document(found)


def test_one_benchmark_can_be_chosen(audited):
    assert len(roi(audited).account.benchmarks) == 10
    chosen = roi(audited, {"benchmark": "fashion_retail"}).account.benchmarks
    assert [one.events for one in chosen] == [31]


def test_the_team_sees_expected_saving_against_revenue_kept(team_audit):
    # One setting saves 52.50 a month, 630.00 a year; 75% answer, 60% follow: 283.50. Contact is
    # worth 3% of what is left of the bill, 102.50 - 283.50 / 12 = 78.875, for 12 months: 28.395.
    # 30 + 5 minutes at 75 an hour: 43.75. 28.40 - 283.50 - 43.75 = -298.85. An hour of both:
    # (283.50 + 28.40) / (35 / 60) = 534.69.
    team = roi(team_audit).team

    assert team.minutes == 35
    assert team.expected_saving == Decimal("283.50")
    assert team.revenue_kept == Decimal("28.40")
    assert team.cost == Decimal("43.75")
    assert team.net_revenue == Decimal("-298.85")
    assert team.worth_an_hour == Decimal("534.69")


def test_the_team_figures_move_with_the_policys_numbers(team_audit):
    own = {"answer_percent": 0, "contact_percent": 0, "account_minutes": 0, "levers_count": 0}
    team = roi(team_audit, own).team

    assert (team.minutes, team.cost, team.expected_saving, team.revenue_kept) == (0, 0, 0, 0)
    assert team.worth_an_hour is None


def test_a_customer_sees_nothing_of_the_team(audited, team_audit):
    found = document(roi(audited))
    words = str(found)

    assert "team" not in found
    for name in ("specialist", "revenue", "answer_percent", "contact", "account_minutes"):
        assert name not in words
    assert "team" in document(roi(team_audit))
