"""Events of developers' machines and test hosts, billed like any other."""

from decimal import Decimal

import pytest

CHECK = "nonproduction_traffic"


def hosts(one, test, production, *, host="localhost", project="1", event="x", **more):
    one.events(event, test, host=host, project=project, **more)
    return one.events(event, production, project=project, **more)


def test_traffic_of_test_hosts_is_flagged_with_its_share(acme):
    one = acme().events("x", 1_000, host="localhost").events("x", 234, host="staging")

    found = one.events("x", 8_766).finding(CHECK)

    assert found.message == (
        "1,234 of Project 1's events (12.3%) come from localhost or staging hosts."
    )


def test_two_percent_is_the_limit(acme):
    one = acme()
    for test in (0, 19, 20, 21):
        hosts(one, test, 1000 - test, host="staging", project=str(test))

    assert one.flagged(CHECK) == ["20", "21"]


def test_events_without_a_host_are_no_test_traffic(acme):
    assert hosts(acme(), 500, 500, host="unknown", library="posthog-node").flagged(CHECK) == []


def test_a_project_that_is_for_tests_is_the_remedy_not_the_fault(acme):
    one = acme()
    for test in (800, 801, 1000):
        hosts(one, test, 1000 - test, project=str(test))

    assert one.flagged(CHECK) == ["800"]


@pytest.mark.parametrize(
    ("test", "flagged"),
    [
        (199_800, 0),  # 199,800 x 0.00005 = 9.99
        (200_000, 1),  # 200,000 x 0.00005 = 10.00
    ],
)
def test_a_small_share_is_flagged_from_10_dollars_a_month(acme, test, flagged):
    one = hosts(acme(), test, 20_000_000 - test)
    one.subscription("product_analytics", tiers='[{"up_to": null, "unit_amount_usd": "0.00005"}]')

    assert len(one.findings(CHECK)) == flagged


def test_without_its_facts_it_is_not_evaluated(acme):
    gap = hosts(acme(), 500, 500).without("usage_rows.product_analytics").gap(CHECK)

    assert (gap.missing, gap.reason) == ("nonproduction_events", "The key lacks a scope.")


def test_the_saving_is_what_test_hosts_cost_on_every_meter_and_their_recordings(acme):
    one = hosts(acme(), 200_000, 1_800_000, on=["enhanced_persons"])

    found = one.recordings(longer=1_000, host="localhost").recordings(longer=9_000).finding(CHECK)

    # Events: 200,000 x 0.00005 = 10.00 of the second million; identified the same 200,000 x
    # 0.000198 = 39.60; recordings: 1,000 of 10,000 x 0.005 = 5.00.
    assert found.saving.alone == Decimal("54.60")


@pytest.mark.parametrize(
    "thresholds", [{"nonproduction_percent": 51}, {"separate_project_percent": 49}]
)
def test_the_thresholds_can_be_set(acme, thresholds):
    assert hosts(acme(), 500, 500).findings(CHECK, **thresholds) == []


def test_the_floor_in_dollars_can_be_set(acme):
    one = hosts(acme(), 10, 990)

    assert len(one.findings(CHECK, at_stake_usd=0)) == 1
