"""What a scenario costs, worked by hand and against the exact bill."""

from datetime import date
from decimal import Decimal

import pytest

from audit.errors import InputError
from audit.pricing import bill
from audit.scenarios import Scenario, compare, document, scenario
from audit.scenarios.changes import (
    Add,
    AutocaptureOff,
    Drop,
    Fixes,
    Growth,
    Less,
    Plan,
    Prices,
    Sampling,
)

ON = date(2026, 11, 1)


def usd(text):
    return Decimal(text)


def events_cost(units):
    """The exact bill of so many events."""
    return bill({"event_count_in_period": units}, on=ON).total


def outcome(audit, *changes):
    return compare(audit, [Scenario("it", tuple(changes))]).outcomes[-1]


def test_as_it_is_is_twelve_times_the_month(events):
    first = compare(events).outcomes[0]

    # 3M events: 1M free, 1M at 0.00005, 1M at 0.0000343 = 50 + 34.30.
    assert first.scenario.name == "As it is"
    assert first.next_bill.mean == usd("84.30")
    assert first.year_bill.mean == first.year_to_pay.p975 == usd("1011.60")
    assert first.year_saving.mean == 0


def test_growth_at_once_is_the_bill_of_more_usage(events):
    found = outcome(events, Growth(100, over_months=1))

    assert found.next_bill.mean == events_cost(6_000_000)
    assert found.year_bill.mean == 12 * events_cost(6_000_000)
    assert found.chance_of_more_percent == 100


def test_growth_over_a_year_gets_there_in_its_last_month(events):
    found = outcome(events, Growth(100))

    assert found.bills[-1].mean == events_cost(6_000_000)
    # Half the way, by the logarithm, after six months.
    assert found.bills[5].mean == events_cost(round(3_000_000 * 2**0.5))


def test_all_usage_gone_costs_nothing(events):
    assert outcome(events, Growth(-100, over_months=1)).year_bill.mean == 0


def test_autocapture_goes_off_in_one_project(events):
    # 600,000 of 3M go.
    assert outcome(events, AutocaptureOff("1")).next_bill.mean == events_cost(2_400_000)
    assert outcome(events, AutocaptureOff()).next_bill.mean == events_cost(2_000_000)


def test_half_of_an_event_goes(events):
    assert outcome(events, Less("page", 50, "2")).next_bill.mean == events_cost(2_450_000)


def test_what_begins_later_leaves_the_months_before_alone(events):
    found = outcome(events, AutocaptureOff(from_month=4))

    assert [one.mean for one in found.bills[:3]] == [usd("84.30")] * 3
    assert {one.mean for one in found.bills[3:]} == {events_cost(2_000_000)}


def test_changes_are_priced_together_and_not_added_up(events):
    both = outcome(events, AutocaptureOff(), Growth(100, over_months=1))

    # Twice 2M, not 6M less what 1M saved before.
    assert both.next_bill.mean == events_cost(4_000_000)


def test_the_order_of_changes_makes_no_difference(events):
    one = [AutocaptureOff(), Growth(30), Less("page", 10, from_month=3)]

    assert outcome(events, *one).bills == outcome(events, *reversed(one)).bills


def test_sampling_is_against_the_rate_in_force(make):
    rows = [
        make.usage_row("session_replay", "5_seconds_or_longer", 30_000),
        make.usage_row("session_replay", "5_seconds_or_longer", 30_000, project="2"),
    ]
    projects = [
        {"project_id": "1", "session_recording_sample_rate": "0.5"},
        {"project_id": "2"},
    ]
    audit = make.steady(make.audited(usage_rows=rows, projects=projects))

    def recordings(count):
        return bill({"recording_count_in_period": count}, on=ON).total

    # Project 1 goes from 0.5 to 0.25: half. Project 2 from all to a quarter.
    assert outcome(audit, Sampling(0.25)).next_bill.mean == recordings(22_500)
    assert outcome(audit, Sampling(1.0, "1")).next_bill.mean == recordings(90_000)
    assert outcome(audit, Sampling(1.0, at_most=True)).next_bill.mean == recordings(60_000)


def test_a_product_is_added_at_its_units(events):
    found = outcome(events, Add("llm_analytics", 200_000))

    assert (
        found.next_bill.mean
        == bill(
            {"event_count_in_period": 3_000_000, "ai_event_count_in_period": 200_000}, on=ON
        ).total
    )


def test_an_add_on_counts_all_events_unless_said_otherwise(events):
    found = outcome(events, Add("group_analytics"))

    assert (
        found.next_bill.mean
        == bill({"event_count_in_period": 3_000_000, "group_analytics": 3_000_000}, on=ON).total
    )


def test_a_package_is_added_as_one(events):
    assert outcome(events, Add("boost")).next_bill.mean == usd("334.30")


def test_a_free_plan_says_that_nothing_is_billed(make):
    billed = make.daily("event_count_in_period", 100_000)
    audit = make.steady(
        make.audited(usage_daily=billed, organization={"subscription_level": "free"})
    )

    found = outcome(audit, Growth(100))

    assert found.year_bill.mean == 0
    assert any("Nothing is billed" in note for note in found.notes)


def test_credit_of_months_that_are_not_counted_is_not_called_lost(make):
    audit = make.steady(make.audited(usage_daily=make.daily("event_count_in_period", 100_000)))

    whole, late, small = (
        outcome(audit, change).notes[0]
        for change in (Plan(25_000), Plan(25_000, from_month=12), Plan(6_000))
    )

    assert whole.endswith("$23,988.40 of it goes unused and is lost.")
    assert late.endswith("of it is not used in them.")
    assert "lost" not in small


def test_a_product_is_dropped_from_its_month_on(events):
    found = outcome(events, Drop("product_analytics", from_month=2))

    assert [found.bills[0].mean, found.bills[1].mean] == [usd("84.30"), 0]


def test_another_price_list_prices_the_same_usage(make):
    billed = make.daily("workflow_emails_sent_in_period", 1_000)
    audit = make.steady(make.audited(usage_daily=billed))
    same = outcome(audit, Prices(ON))

    assert same.next_bill == compare(audit).outcomes[0].next_bill
    with pytest.raises(InputError, match="No price"):
        outcome(audit, Prices(date(2010, 1, 1)))


def test_own_prices_stay_unless_they_are_given_up(make):
    tiers = '[{"up_to": null, "unit_amount_usd": "0.001", "flat_amount_usd": "0"}]'
    row = {
        "organization_id": "acme",
        "product": "product_analytics",
        "subscribed": True,
        "tiers": tiers,
    }
    billed = make.daily("event_count_in_period", 100_000)
    audit = make.steady(make.audited(usage_daily=billed, subscriptions=[row]))

    # 3M at 0.001 are 3,000; on the public list they cost 84.30.
    kept = outcome(audit, Prices(ON))
    assert kept.next_bill.mean == usd("3000.00")
    assert any("own prices" in note for note in kept.notes)
    assert outcome(audit, Prices(ON, own_too=True)).next_bill.mean == usd("84.30")


def test_credit_bought_in_time_pays_all_and_is_lost_where_it_is_not_used(make):
    # 100M events a month; a year of it at list is U. Credit of 25,000 costs 20,000.
    audit = make.steady(make.audited(usage_daily=make.daily("event_count_in_period", 3_000_000)))
    month = events_cost(90_000_000)
    year = 12 * month
    assert year > 25_000

    found = outcome(audit, Plan(25_000))

    assert found.year_to_pay.mean == usd("20000.00") + year - 25_000
    assert found.year_saving.mean == usd("5000.00")
    assert any("20% volume" in note for note in found.notes)
    assert any(line.startswith("Sales confirms") for line in found.confirm)


def test_a_plan_that_is_too_large_costs_more(make):
    audit = make.steady(make.audited(usage_daily=make.daily("event_count_in_period", 100_000)))

    found = outcome(audit, Plan(25_000))

    # 1,011.60 are used of 25,000, for which 20,000 are paid.
    assert found.year_to_pay.mean == usd("20000.00")
    assert found.year_saving.mean == usd("-18988.40")
    assert found.chance_of_more_percent == 100


def test_of_a_plan_from_march_so_many_twelfths_are_counted(make):
    audit = make.steady(make.audited(usage_daily=make.daily("event_count_in_period", 3_000_000)))
    month = events_cost(90_000_000)

    found = outcome(audit, Plan(25_000, from_month=4))

    # Three months by the month; nine twelfths of the order, and what goes beyond it.
    beyond = max(Decimal(0), 9 * month - Decimal(25_000) * 9 / 12)
    assert found.year_to_pay.mean == 3 * month + 15_000 + beyond


def test_small_credit_is_self_serve_and_is_released_by_the_month(make):
    audit = make.steady(
        make.audited(usage_daily=make.daily("event_count_in_period", 1_000_000)),
        [2.0, 0.0] * 6,
    )
    month = events_cost(60_000_000)

    found = outcome(audit, Plan(12_000))

    # A thousand comes a month; a month uses what has come by then, and pays the rest at list.
    left, beyond = Decimal(0), Decimal(0)
    for used in [month, Decimal(0)] * 6:
        left += 1_000
        beyond += max(Decimal(0), used - left)
        left = max(Decimal(0), left - used)
    assert found.year_to_pay.mean == 10_800 + beyond
    assert any("10% self-serve" in note for note in found.notes)


def test_the_first_scenario_is_the_account_as_it_is_whatever_others_are_called(events):
    with pytest.raises(InputError, match="Two scenarios are called 'As it is'"):
        compare(events, [Scenario("As it is", (Growth(100),))])
    with pytest.raises(InputError, match="Two scenarios are called 'it'"):
        compare(events, [Scenario("it"), Scenario("it", (Growth(5),))])
    names = [one.scenario.name for one in compare(events, [Scenario("As it is")]).outcomes]
    assert names.count("As it is") == 1
    assert names[0] == "As it is"


def test_fixes_and_everything_else_come_in_one_price(events):
    findings = [fix.finding_id for fix in events.terms.fixes]
    found = compare(events, [Scenario("fixed", (Fixes(), AutocaptureOff()))])

    assert found.outcomes[-1].year_bill.mean <= found.outcomes[0].year_bill.mean
    if findings:
        with pytest.raises(InputError, match="open finding"):
            outcome(events, Fixes(("nobody",)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Drop("llm_analytics"), "product of this account"),
        (Growth(10, product="replay"), "product of this account"),
        (AutocaptureOff("9"), "No \\$autocapture event of project '9'"),
        (Less("nothing"), "No nothing event"),
        (Sampling(0.5), "No recording"),
        (Add("telepathy", 5), "product"),
        (Add("llm_analytics"), "Give its units"),
        (Plan(1_000_000), "Sales"),
    ],
)
def test_what_the_account_cannot_have_is_an_error(events, change, said):
    with pytest.raises(InputError, match=said):
        outcome(events, change)


def test_without_a_known_usage_there_is_no_scenario(make):
    from dataclasses import replace

    audit = replace(make.audited(), outlook=None)

    with pytest.raises(InputError, match="No scenario can be priced"):
        compare(audit)


def test_the_document_reads_back_as_the_same_scenarios(events):
    wanted = [Scenario("it", (Growth(5.5), AutocaptureOff("1", from_month=2), Prices(ON)))]
    plain = document(compare(events, wanted))

    assert plain["basis"] == "estimate"
    last = plain["scenarios"][-1]
    assert scenario({"name": last["name"], "changes": last["changes"]}) == wanted[0]
    assert last["year_bill"]["mean"].count(".") == 1
