"""Servers that poll for flag definitions make most of the flag bill."""

from decimal import Decimal

import pytest

from audit.checks import Severity

CHECK = "flag_polling_dominates"
ONE_SERVER = 864_000  # 86,400 polls in 30 days at the default of 30 seconds, billed as 10 each


def test_polling_that_dominates_is_flagged_with_the_servers_it_implies(acme):
    found = acme().flags(requests=1_000_000, polling=5 * ONE_SERVER).finding(CHECK)

    assert found.message == (
        "81% of Project 1's flag requests are local-evaluation polling, as much as 5 servers "
        "polling every 30 seconds without pause."
    )
    assert found.severity == Severity.NEEDS_ACTION


def test_half_of_the_requests_is_fine_and_one_more_is_not(acme):
    one = acme().flags(requests=5 * ONE_SERVER, polling=5 * ONE_SERVER, project="half")
    one.flags(requests=10 * ONE_SERVER, project="clients only")

    one.flags(requests=5 * ONE_SERVER - 1, polling=5 * ONE_SERVER, project="more")

    assert one.flagged(CHECK) == ["more"]


def test_fewer_than_three_servers_are_as_it_should_be(acme):
    one = acme().flags(polling=3 * ONE_SERVER - 1, project="fewer")

    assert one.flags(polling=3 * ONE_SERVER, project="three").flagged(CHECK) == ["three"]


def test_a_week_is_held_to_a_week_of_polling(acme):
    # Three servers x 2,880 polls a day x 10 x 7 days = 604,800.
    one = acme(days=7).flags(polling=604_799, project="fewer")

    assert one.flags(polling=604_800, project="three").flagged(CHECK) == ["three"]


def test_without_its_facts_it_is_not_evaluated(acme):
    gap = acme().flags(polling=5 * ONE_SERVER).without("usage_rows.feature_flags").gap(CHECK)

    assert (gap.missing, gap.reason) == ("flag_polling_requests", "The key lacks a scope.")


def test_polling_every_five_minutes_saves_nine_polls_in_ten(acme):
    found = acme().flags(requests=1_000, polling=3 * ONE_SERVER).finding(CHECK)

    # 2,593,000 requests cost 1,000,000 x 0.0001 + 593,000 x 0.000045 = 126.685: 126.69. A tenth
    # of the polling and the clients' requests, 260,200, are free.
    assert found.saving.alone == Decimal("126.69")


@pytest.mark.parametrize(
    ("seconds", "saving"),
    [
        (60, "96.99"),  # half goes: of 126.69 stay 1,297,000 requests, 297,000 x 0.0001 = 29.70
        (10, "0.00"),  # shorter than the default saves nothing, and never less
    ],
)
def test_the_advised_interval_can_be_set(acme, seconds, saving):
    one = acme().flags(requests=1_000, polling=3 * ONE_SERVER)

    found = one.finding(CHECK, advised_poll_seconds=seconds)

    assert found.saving.alone == Decimal(saving)


@pytest.mark.parametrize("threshold", [{"polling_percent": 82}, {"always_on_servers_count": 6}])
def test_the_thresholds_can_be_set(acme, threshold):
    one = acme().flags(requests=1_000_000, polling=5 * ONE_SERVER)

    assert one.findings(CHECK, **threshold) == []
