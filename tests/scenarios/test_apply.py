"""What is added, dropped and sampled, where it meets what the account has already."""

from datetime import date
from decimal import Decimal

import pytest

from audit.errors import InputError
from audit.pricing import bill
from audit.scenarios import Scenario, compare
from audit.scenarios.changes import Add, AutocaptureOff, Drop, Fixes, Growth, Prices, Sampling

ON = date(2026, 11, 1)


def usd(text):
    return Decimal(text)


def events_cost(units):
    return bill({"event_count_in_period": units}, on=ON).total


def outcome(audit, *changes):
    return compare(audit, [Scenario("it", tuple(changes))]).outcomes[-1]


def test_of_two_sampling_rates_the_last_begun_is_in_force(make):
    rows = [
        make.usage_row("session_replay", "5_seconds_or_longer", 30_000),
        make.usage_row("session_replay", "5_seconds_or_longer", 30_000, project="2"),
    ]
    projects = [{"project_id": "1"}, {"project_id": "2"}]
    audit = make.steady(make.audited(usage_rows=rows, projects=projects))

    found = outcome(audit, Sampling(0.5), Sampling(0.25, "1"), Sampling(0.1, from_month=3))

    def recordings(count):
        return bill({"recording_count_in_period": count}, on=ON).total

    # A quarter in project 1 and half in 2; from the third month a tenth in both.
    assert found.bills[1].mean == recordings(22_500)
    assert found.bills[2].mean == recordings(6_000)


def test_recordings_of_no_known_project_are_sampled_as_all_projects_are(make):
    line = {
        "organization_id": "acme",
        "period_start": "2026-10-15",
        "period_end": "2026-11-15",
        "product": "session_replay",
        "projected_quantity": 60_000,
        "is_complete": False,
    }
    period = {"period_start": "2026-10-15", "period_end": "2026-11-15"}
    rates = ("0.5", "0.5"), ("0.5", "0.2")
    alike, unlike = (
        make.steady(
            make.audited(
                bill_lines=[line],
                organization=period,
                projects=[
                    {"project_id": str(number), "session_recording_sample_rate": rate}
                    for number, rate in enumerate(some)
                ],
            )
        )
        for some in rates
    )

    same = outcome(alike, Sampling(0.5))
    unsure = outcome(unlike, Sampling(0.5))

    assert same.next_bill.mean == bill({"recording_count_in_period": 60_000}, on=ON).total
    assert any("unknown: taken as not sampled" in note for note in unsure.notes)


def test_what_is_added_is_in_the_unit_it_is_priced_by(events):
    # 500 GB of logs: 10 free, 290 at 0.25, 200 at 0.15. As MB they would be free.
    assert outcome(events, Add("logs", 500)).next_bill.mean == usd("84.30") + usd("102.50")


def test_what_is_added_is_held_to_its_limit(make):
    limit = {"organization_id": "acme", "product": "llm_analytics", "limit_usd": "7"}
    billed = make.daily("event_count_in_period", 100_000)
    audit = make.steady(make.audited(usage_daily=billed, limits=[limit]))

    assert outcome(audit, Add("llm_analytics", 10**8)).next_bill.mean == usd("91.30")


def test_an_added_add_on_counts_what_the_scenario_leaves_of_the_events(events):
    def both(units):
        return bill({"event_count_in_period": units, "group_analytics": units}, on=ON).total

    added = Add("group_analytics", from_month=2)
    less = outcome(events, added, AutocaptureOff())
    more = outcome(events, added, Growth(100, "product_analytics", over_months=1))
    all_more = outcome(events, added, Growth(100, over_months=1), AutocaptureOff())
    none = outcome(events, added, Drop("product_analytics"))

    assert [one.mean for one in less.bills[:2]] == [events_cost(2_000_000), both(2_000_000)]
    assert [one.mean for one in more.bills[:2]] == [events_cost(6_000_000), both(6_000_000)]
    assert all_more.bills[1].mean == both(4_000_000)
    assert none.bills[1].mean == 0


def test_an_add_on_that_is_there_already_is_not_counted_twice(make):
    rows = [
        make.usage_row("product_analytics", "page", 300),
        make.usage_row("group_analytics", "page", 300),
    ]
    billed = make.daily("event_count_in_period", 100_000)
    audit = make.steady(make.audited(usage_rows=rows, usage_daily=billed))

    with pytest.raises(InputError, match="How much more of group_analytics"):
        outcome(audit, Add("group_analytics"))
    grown = outcome(audit, Growth(10, "product_analytics"))
    assert any("alone leaves group_analytics as forecast" in note for note in grown.notes)


def test_a_package_that_is_there_already_stays_when_it_is_added_later(make):
    row = {"organization_id": "acme", "product": "boost", "subscribed": True}
    billed = make.daily("event_count_in_period", 100_000)
    audit = make.steady(make.audited(usage_daily=billed, subscriptions=[row]))

    found = outcome(audit, Add("boost", from_month=4))

    assert {one.mean for one in found.bills} == {usd("334.30")}


@pytest.fixture
def legacy(make):
    """Teams at 450 that a finding replaces with Boost at 250."""
    row = {"organization_id": "acme", "product": "teams", "subscribed": True}
    organization = {"features": '["audit_logs"]'}
    billed = make.daily("event_count_in_period", 100_000)
    return make.steady(
        make.audited(usage_daily=billed, subscriptions=[row], organization=organization)
    )


def test_nothing_takes_the_place_of_a_package_that_is_cancelled(legacy):
    assert outcome(legacy, Fixes()).next_bill.mean == usd("334.30")
    assert outcome(legacy, Drop("teams"), Fixes()).next_bill.mean == usd("84.30")
    later = outcome(legacy, Drop("teams", from_month=3), Fixes())
    assert [one.mean for one in later.bills[1:3]] == [usd("334.30"), usd("84.30")]


def test_a_price_list_older_than_a_package_nobody_has_prices_the_rest(legacy):
    # Boost is sold since 2025-04-29; the account has Teams.
    assert outcome(legacy, Prices(date(2025, 1, 15))).next_bill.mean > 450
