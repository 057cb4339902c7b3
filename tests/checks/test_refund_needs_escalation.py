"""A bill that may be given back, of a customer whose refunds RevOps decides."""

import pytest

CHECK = "refund_needs_escalation"


def spike(one, usual=100, newest=1_000, issued="2026-10-02"):
    one.invoice(usual, period_start="2026-08-01", period_end="2026-09-01", credited_usd=0)
    return one.invoice(
        newest,
        period_start="2026-09-01",
        period_end="2026-10-01",
        issued_at=issued,
        credited_usd=0,
    )


def test_a_big_customer_is_for_revops(acme):
    found = spike(acme().crm(mrr_usd=2_000)).finding(CHECK)

    assert found.message == (
        "A refund of Acme's newest bill is for RevOps: a usual month costs $2,000.00, and 0 "
        "refunds were given."
    )


@pytest.mark.parametrize(("mrr", "is_flagged"), [(1_666.99, False), (1_667, True)])
def test_big_starts_at_1667_a_month(acme, mrr, is_flagged):
    assert bool(spike(acme().crm(mrr_usd=mrr)).findings(CHECK)) is is_flagged


@pytest.mark.parametrize(("earlier", "is_flagged"), [(1, False), (2, True)])
def test_so_are_multiple_refunds(acme, earlier, is_flagged):
    one = spike(acme().crm(mrr_usd=100, earlier_refunds=earlier))

    assert bool(one.findings(CHECK)) is is_flagged


def test_a_spike_alone_does_not_make_a_customer_big(acme):
    # The newest bill is 9,000; the one before, 100, is what a usual month costs.
    assert spike(acme(), newest=9_000).findings(CHECK) == []


def test_without_the_crm_the_invoices_before_say_what_a_month_costs(acme):
    assert spike(acme(), usual=1_667, newest=9_000).finding(CHECK)


def test_a_big_customer_with_a_usual_bill_is_healthy(acme):
    assert spike(acme().crm(mrr_usd=2_000), usual=400).findings(CHECK) == []


def test_after_the_window_nothing_is_left_to_decide(acme):
    assert spike(acme().crm(mrr_usd=2_000), issued="2026-10-01").findings(CHECK) == []


def test_without_invoices_it_is_not_evaluated(acme):
    gap = acme().crm(mrr_usd=2_000, earlier_refunds=0).without("invoices").gap(CHECK)

    assert gap.missing == "days_since_billing"


@pytest.mark.parametrize(
    "thresholds",
    [{"monthly_usd": 2_001}, {"window_days": 29}, {"usual_ratio": 10}],
)
def test_the_thresholds_can_be_set(acme, thresholds):
    assert spike(acme().crm(mrr_usd=2_000)).findings(CHECK, **thresholds) == []


def test_how_many_refunds_are_multiple_can_be_set(acme):
    one = spike(acme().crm(mrr_usd=100, earlier_refunds=1))

    assert one.finding(CHECK, multiple_count=1)
