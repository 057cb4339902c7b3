"""What a person pastes, and what a program reads."""

import json
import re
from pathlib import Path

from audit.refunds import Scenario, document, paste_block

PAGE = Path(__file__).parents[2] / "docs" / "refunds.md"
HOSTILE = "Acme\n\x1b[31m<script>\u202e\r\nTotal 9,999.00 USD"


def complete(acme, **organization):
    one = acme(**organization).usual(1_000_000).month("2026-10", 3_000_001)
    one.invoice("2026-10", "84.30").invoice("2026-09", "1.00").invoice("2026-08", "1.00")
    return one.decide(
        scenario=Scenario.UNEXPECTED_STARDOM,
        explanation="a post\nwent around",
        signs_of_abuse=False,
        ceased=True,
        measures_taken=True,
        no_revenue=True,
        earlier_refunds=0,
        baseline={"product_analytics": 1_000_000},
    )


def test_the_block_has_reasons_allocation_and_numbers(acme):
    lines = paste_block(complete(acme)).splitlines()

    assert "Bill of 2026-10-01 to 2026-10-31: credit note on invoice in_2026-10 (paid); " in (
        " ".join(lines)
    )
    assert "  Internal reason: Unwanted Spike" in lines
    assert "  Stripe reason: choose one (required; the handbook names none)" in lines
    assert "  Product analytics: 84.30 USD (estimate)" in lines
    assert "    price(3,000,001) 84.30 USD - price(1,000,000) 0.00 USD = 84.30 USD" in lines
    assert "Total 84.30 USD (estimate)" in lines
    assert "Policy 2025-06" in lines
    assert "The customer says: a post went around" in lines
    assert any("above 3 times the three-month mean" in line for line in lines)


def test_every_amount_of_money_says_what_it_is(acme):
    for line in paste_block(complete(acme)).splitlines():
        if line.startswith(("  Product", "Total")):
            assert "(estimate)" in line


def test_a_name_cannot_forge_a_line(acme):
    block = paste_block(complete(acme, name=HOSTILE))

    assert not any(line.startswith("Total 9,999") for line in block.splitlines())


def test_open_rules_are_listed_by_name(acme):
    one = acme().usual(1_000_000).month("2026-10", 3_000_001)
    block = paste_block(one.decide())

    assert "Verdict: a person must confirm" in block
    assert "  to confirm: repeat_incident" in block


def test_a_scenario_that_fits_leaves_the_others_unlisted(acme):
    one = acme(created_at="2026-10-01").month("2026-10", 3_000_000)
    block = paste_block(one.decide(baseline={"events": 2_500_000}, earlier_refunds=0))

    assert "bot_or_abuse" not in block


def keys_of(value, at=""):
    if isinstance(value, dict):
        for key, below in value.items():
            yield f"{at}{key}"
            yield from keys_of(below, f"{at}{key}.")
    elif isinstance(value, list):
        for one in value:
            yield from keys_of(one, f"{at.removesuffix('.')}[].")


def test_the_page_lists_every_key_of_the_document(acme):
    written = document(complete(acme))
    documented = set(re.findall(r"^\| `([^`]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE))
    bill = re.compile(r"\.bill_(with_overage|at_baseline)\.|^scenarios\.")
    found = {key for key in keys_of(written) if not bill.search(key)}

    assert json.loads(json.dumps(written)) == written
    assert found == documented


def test_money_is_text_and_unknown_money_is_null(acme):
    known = document(complete(acme))
    unknown = document(acme(created_at="2026-10-01").month("2026-10", 3_000_000).decide())

    assert (known["refund"], known["amounts"][0]["refund"]) == ("84.30", "84.30")
    assert (unknown["refund"], unknown["most"]) == (None, None)
