"""Many spans for each generation."""

from decimal import Decimal

import pytest

CHECK = "ai_spans_dominate"


def ai(acme, generations, spans, billed=0):
    one = acme().units("llm_analytics", billed or generations + spans)
    one.activity("ai_events", generations + spans)
    return one.activity("ai_generations", generations).activity("ai_spans", spans)


def test_more_than_ten_spans_a_generation_are_flagged(acme):
    assert ai(acme, 10_000, 250_000).finding(CHECK).message == (
        "Project 1 sends 25 AI spans and traces for each generation."
    )


@pytest.mark.parametrize(("spans", "flagged"), [(99_999, []), (100_000, []), (100_001, ["1"])])
def test_ten_are_fine(acme, spans, flagged):
    assert ai(acme, 10_000, spans).flagged(CHECK) == flagged


def test_the_saving_is_the_spans_beyond_ten(acme):
    # 260,000 events, 150,000 of them beyond ten a generation. Bill: 50,000 x 0.00035 +
    # 100,000 x 0.000175 + 10,000 x 0.0001 = 36.00; of 110,000: 10,000 x 0.00035 = 3.50.
    assert ai(acme, 10_000, 250_000).finding(CHECK).saving.alone == Decimal("32.50")


def test_without_generations_another_check_speaks(acme):
    assert ai(acme, 0, 50_000).flagged(CHECK) == []


@pytest.mark.parametrize("measure", ["ai_spans", "ai_generations"])
def test_without_a_measure_it_is_not_evaluated(acme, measure):
    assert ai(acme, 10, 999).without(f"activity.{measure}").gap(CHECK).missing == measure


def test_the_threshold_can_be_set(acme):
    assert ai(acme, 10_000, 250_000).flagged(CHECK, spans_ratio=25) == []
