"""An add-on that is paid, not used, and was never given back."""

import pytest

CHECK = "wrong_setup_refundable"
#: Data pipelines have a public price up to 2025-09-10.
SOLD = "2025-07-01"
LAYERS = ["enhanced_persons", "group_analytics"]


def unused(one):
    """Group analytics at 71.00 a month, without a group: the second million at 0.000071."""
    return one.events("x", 2_000_000, on=LAYERS).subscription("group_analytics")


def known(one, earlier=0):
    return one.crm(earlier_refunds=earlier).activity("group_events", 0)


def test_group_analytics_without_groups_is_flagged(acme):
    found = unused(known(acme())).finding(CHECK)

    assert found.product == "group_analytics"
    assert found.message == (
        "Group analytics costs $71.00 a month (estimate) and is not used; it was never given back."
    )


def test_data_pipelines_that_lead_nowhere_are_flagged(acme):
    one = known(acme(SOLD)).units("data_pipelines", 2_000_000)

    assert one.finding(CHECK).product == "data_pipelines"


def test_groups_that_are_sent_make_it_healthy(acme):
    one = acme().crm(earlier_refunds=0).activity("group_events", 1)

    assert unused(one).findings(CHECK) == []


def test_one_destination_makes_data_pipelines_healthy(acme):
    one = known(acme(SOLD)).units("data_pipelines", 2_000_000).resource("destination")

    assert one.findings(CHECK) == []


def test_the_second_time_is_not_the_first(acme):
    assert unused(known(acme(), earlier=1)).findings(CHECK) == []


def test_a_credit_note_is_an_earlier_refund(acme):
    one = unused(known(acme())).invoice(90, credited_usd=20, issued_at="2026-09-01")

    assert one.findings(CHECK) == []


@pytest.mark.parametrize(("events", "is_flagged"), [(1_000_000, False), (1_020_000, True)])
def test_an_add_on_within_its_free_allowance_costs_nothing(acme, events, is_flagged):
    one = known(acme()).events("x", events, on=LAYERS).subscription("group_analytics")

    assert bool(one.findings(CHECK)) is is_flagged


def test_without_earlier_refunds_known_it_is_not_evaluated(acme):
    one = unused(acme().activity("group_events", 0)).without("invoices")

    gap = one.gap(CHECK)
    assert (gap.missing, gap.reason) == (
        "earlier_refunds",
        "neither the CRM nor credit notes on invoices tell earlier refunds",
    )


def test_invoices_that_do_not_tell_credit_notes_tell_no_refund(acme):
    one = unused(acme().activity("group_events", 0)).invoice(90, issued_at="2026-09-01")

    assert one.gap(CHECK).missing == "earlier_refunds"


def test_what_is_unknown_of_one_add_on_leaves_the_other_judged(acme):
    one = unused(known(acme())).without("resources.destination")

    assert one.finding(CHECK).product == "group_analytics"


def test_without_the_events_of_groups_it_is_not_evaluated(acme):
    assert unused(known(acme())).without("activity.group_events").gap(CHECK).missing == (
        "add_on_uses"
    )


def test_the_threshold_can_be_set(acme):
    assert unused(known(acme())).findings(CHECK, charged_usd=71) == []
