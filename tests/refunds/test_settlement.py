"""Credit or credit note, its reason, and what to mind."""

from datetime import date

import pytest

from audit.errors import InputError
from audit.refunds import Scenario
from audit.refunds.settlement import Instrument

CREDIT, NOTE, PERSON = Instrument.CREDIT, Instrument.CREDIT_NOTE, Instrument.PERSON


def settled(decision):
    (one,) = decision.settlements
    return one


@pytest.mark.parametrize(
    ("status", "earlier", "instrument"),
    [
        ("paid", 0, NOTE),
        ("open", 0, NOTE),
        ("uncollectible", 0, NOTE),
        ("void", 0, PERSON),
        ("draft", 0, CREDIT),
        ("paid", 1, PERSON),
        ("paid", None, PERSON),
    ],
)
def test_a_credit_note_goes_on_a_final_invoice(acme, status, earlier, instrument):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000).invoice("2026-10", "84.30", status)
    found = settled(one.decide(earlier_refunds=earlier))

    assert found.instrument is instrument
    assert "in_2026-10" in found.because


def test_an_open_period_is_settled_by_a_credit(acme):
    one = acme("2026-10-20").usual(1_000_000).month("2026-10", 3_000_000)
    found = settled(one.decide("2026-10-01", "2026-10-10"))

    assert (found.instrument, found.because) == (CREDIT, "the period is open until 2026-10-31")


def test_a_period_that_is_over_without_a_known_invoice_is_for_a_person(acme):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000)

    assert settled(one.decide()).instrument is PERSON
    late = one.decide(request_day=date(2026, 10, 31))
    assert settled(late).instrument is CREDIT


def test_of_two_invoices_of_a_period_the_void_one_does_not_count(acme):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000)
    one.invoice("2026-10", "84.30").row(
        "invoices",
        invoice_id="in_z_void",
        status="void",
        period_start="2026-10-01",
        period_end="2026-11-01",
        total_usd="99",
    )

    assert settled(one.decide(earlier_refunds=0)).bill.invoice.status == "paid"


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        (Scenario.LEARNING_CURVE, "First Big Bill"),
        (Scenario.UNEXPECTED_STARDOM, "Unwanted Spike"),
        (Scenario.UNDER_ATTACK, "Unwanted Spike"),
        (Scenario.WRONG_SETUP, "Other"),
    ],
)
def test_the_reason_is_a_word_of_the_list(acme, scenario, reason):
    one = acme().usual(900_000).month("2026-10", 9_000_000)
    known = {"no_revenue": True, "ceased": True, "measures_taken": True}

    assert settled(one.decide(scenario=scenario, **known)).reason == reason


def test_without_a_settled_scenario_the_reason_is_left_open(acme):
    one = acme().usual(900_000).month("2026-10", 9_000_000)

    assert settled(one.decide()).reason == "choose when the scenario is settled"


def notes_of(decision):
    return " ".join(decision.notes)


def test_the_tax_note_grosses_up_a_zero_bill(acme):
    # Tax of 8.25 percent on the full 84.30 before credits: 84.30 x 1.0825 = 91.25.
    one = acme("2026-10-20").usual(1_000_000)
    for day in range(1, 20):
        one.day(f"2026-10-{day:02d}", 3_000_000 if day == 1 else 0)
    plain = notes_of(one.decide("2026-10-01", "2026-10-19"))
    grossed = notes_of(one.decide("2026-10-01", "2026-10-19", tax_percent="8.25"))

    assert "US customers only" in plain
    assert "full amount before credits" in plain
    total = one.decide("2026-10-01", "2026-10-19").case.bills[0].total
    assert f"{(total * 10825 / 10000):.2f} USD" in grossed


@pytest.mark.parametrize("text", ["-1", "101", "NaN", "much", "1e999999"])
def test_what_is_no_tax_is_refused(acme, text):
    with pytest.raises(InputError, match="--tax-percent is a number from 0 to 100"):
        acme().usual(1_000_000).month("2026-10", 3_000_000).decide(tax_percent=text)


def test_what_the_invoices_say_is_noted(acme):
    one = acme(credit_balance_usd="12").usual(1_000_000).month("2026-10", 3_000_000)
    one.invoice("2026-10", "84.30", "uncollectible").invoice("2026-08", "5", "uncollectible")
    found = notes_of(one.decide(earlier_refunds=0))

    assert "already forgives it" in found
    assert "2 invoices are uncollectible" in found
    assert "credit of 12.00 USD (actual)" in found
    assert "do not use the refund button" in found


@pytest.mark.parametrize(
    ("earlier", "says"), [(0, "Give guidance"), (1, "may not be refunded again")]
)
def test_the_first_gets_guidance_and_the_second_a_warning(acme, earlier, says):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000)

    assert says in notes_of(one.decide(earlier_refunds=earlier))
