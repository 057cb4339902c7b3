"""The forecast of the period against what was last billed, down or up by more than a tenth."""

import pytest

from audit.checks import Severity

CHECK = "forecast_changed"


def paid(acme, last=1_000, forecast=None):
    one = acme().line("product_analytics", last, start="2026-09-20", end="2026-10-20")
    return one if forecast is None else one.crm(forecasted_mrr_usd=forecast)


@pytest.mark.parametrize(
    ("forecast", "is_flagged"),
    [(899, True), (900, False), (901, False), (1_000, False), (1_100, False), (1_101, True)],
)
def test_more_than_a_tenth_either_way_is_flagged(acme, forecast, is_flagged):
    assert bool(paid(acme, forecast=forecast).findings(CHECK)) is is_flagged


def test_a_fall_deserves_attention_and_a_rise_is_an_opportunity(acme):
    fall = paid(acme, forecast=500).finding(CHECK)
    rise = paid(acme, forecast=1_500).finding(CHECK)

    assert (fall.severity, rise.severity) == (Severity.WORTH_ATTENTION, Severity.OPPORTUNITY)
    assert fall.message == (
        "The forecast of this period is $500.00 (estimate), down from $1,000.00 last billed (-50%)."
    )


@pytest.mark.parametrize(("forecast", "is_flagged"), [(69, False), (70, True), (30, True)])
def test_small_sums_move_by_much_and_mean_little(acme, forecast, is_flagged):
    assert bool(paid(acme, last=50, forecast=forecast).findings(CHECK)) is is_flagged


def test_a_bill_of_nothing_can_only_rise(acme):
    found = paid(acme, last=0, forecast=20).finding(CHECK)

    assert found.message.endswith("up from $0.00 last billed.")


def test_the_first_bill_has_nothing_to_compare_with(acme):
    gap = acme().crm(forecasted_mrr_usd=900).gap(CHECK)

    assert gap.missing == "last_bill_usd"


def test_the_thresholds_can_be_set(acme):
    assert paid(acme, forecast=500).findings(CHECK, fall_percent=50) == []
    assert paid(acme, forecast=1_500).findings(CHECK, rise_percent=50) == []
    assert paid(acme, forecast=500).findings(CHECK, change_usd=501) == []


def test_a_prepaid_invoice_is_no_last_bill(acme):
    yearly = {"period_start": "2025-10-20", "period_end": "2026-10-20"}
    built = acme().crm(forecasted_mrr_usd=900).invoice(12_000, **yearly)

    assert built.gap(CHECK).missing == "last_bill_usd"
