"""More than four flag requests of clients for each session, at volume."""

from decimal import Decimal

import pytest

from audit.findings.examine import examine

CHECK = "flag_requests_per_session_too_high"


def test_many_requests_per_session_are_flagged(acme):
    found = acme().flags(requests=620_000).activity("sessions", 100_000).finding(CHECK)

    assert found.message == "Project 1 makes 6.2 flag requests per session."


def test_four_per_session_are_fine_and_one_more_is_not(acme):
    one = acme().flags(requests=400_000, project="four").flags(requests=400_001, project="more")
    one.activity("sessions", 100_000, project="four").activity("sessions", 100_000, project="more")

    assert one.flagged(CHECK) == ["more"]


def test_below_a_hundred_thousand_requests_nobody_is_bothered(acme):
    one = acme().flags(requests=99_999, project="few").flags(requests=100_000, project="many")
    one.activity("sessions", 9, project="few").activity("sessions", 9, project="many")

    assert one.flagged(CHECK) == ["many"]


def test_polling_of_servers_and_backends_without_sessions_are_not_judged_by_sessions(acme):
    one = acme().flags(requests=100_000, polling=9_000_000).activity("sessions", 100_000)

    assert one.flags(requests=900_000, project="no sessions").flagged(CHECK) == []


@pytest.mark.parametrize(
    ("subject", "missing"),
    [("activity.sessions", "sessions"), ("usage_rows.feature_flags", "flag_client_requests")],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    one = acme().flags(requests=900_000).activity("sessions", 100).without(subject)

    assert (one.gap(CHECK).missing, one.gap(CHECK).reason) == (missing, "The key lacks a scope.")


def test_the_saving_brings_clients_down_to_the_fine_range_and_leaves_polling(acme):
    one = acme().flags(requests=2_000_000, polling=100_000).activity("sessions", 400_000)

    # Five per session come down to three: 800,000 of 2,100,000 requests go. Before 100.00 +
    # 100,000 x 0.000045 = 104.50; the 1,300,000 that stay cost 300,000 x 0.0001 = 30.00.
    assert one.finding(CHECK).saving.alone == Decimal("74.50")


@pytest.mark.parametrize("threshold", [{"requests_per_session": 6.2}, {"requests_count": 620_001}])
def test_the_thresholds_can_be_set(acme, threshold):
    one = acme().flags(requests=620_000).activity("sessions", 100_000)

    assert one.findings(CHECK, **threshold) == []


def test_beside_the_extension_pattern_one_request_a_session_stays(acme):
    # Three per session of this check and one of the other are one after both, not three tenths.
    one = acme().events("$identify", 5_000_000).flags(requests=20_000_000)
    audit = examine(
        one.activity("sessions", 2_000_000).account(), only=[CHECK, "browser_extension_pattern"]
    )

    (left,) = (x for x in audit.counterfactual_bill.lines if x.product == "feature_flags")
    assert len(audit.findings) == 2
    assert left.quantity == 2_000_000
