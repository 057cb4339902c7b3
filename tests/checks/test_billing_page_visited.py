"""More than one visit to the billing page in a week."""

import pytest

CHECK = "billing_page_visited"


@pytest.mark.parametrize(("visits", "is_flagged"), [(0, False), (1, False), (2, True)])
def test_more_than_one_visit_is_flagged(acme, visits, is_flagged):
    one = acme().crm(billing_page_visits_7_days=visits)

    assert bool(one.findings(CHECK)) is is_flagged


def test_the_message_counts_them(acme):
    found = acme().crm(billing_page_visits_7_days=3).finding(CHECK)

    assert found.message == "The billing page was visited 3 times in the last 7 days."


def test_visits_nobody_counted_are_not_none(acme):
    gap = acme().crm(mrr_usd=500).gap(CHECK)

    assert gap.reason == "neither the CRM nor an invoice that was read tells it"


def test_without_the_crm_it_is_not_evaluated(acme):
    assert acme().without("lifecycle").gap(CHECK).reason == "The key lacks a scope."


def test_the_threshold_can_be_set(acme):
    assert acme().crm(billing_page_visits_7_days=3).findings(CHECK, visits_count=3) == []
