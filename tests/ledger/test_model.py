"""What a suppression must say, and how it travels."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import InputError
from audit.ledger import as_plain, from_plain

TODAY = date(2026, 11, 1)


@pytest.mark.parametrize("what", ["check", "organization", "reason", "owner"])
@pytest.mark.parametrize("blank", ["", " \n\t"])
def test_it_needs_a_check_organization_reason_and_owner(decision, what, blank):
    name = "organization_id" if what == "organization" else what

    with pytest.raises(InputError, match=f"needs a {what}"):
        decision(**{name: blank})


def test_it_ends_on_the_day_it_begins_or_later(decision):
    assert decision(until=TODAY, on=TODAY).until == TODAY
    with pytest.raises(InputError, match="2026-10-31 is before 2026-11-01"):
        decision(until=TODAY - timedelta(days=1), on=TODAY)


def test_it_is_of_a_project_or_of_a_product(decision):
    with pytest.raises(InputError, match="Name one of the two"):
        decision(project_id="1", product="logs")


@pytest.mark.parametrize(
    ("given", "kept"),
    [("200", "200.00"), ("0", "0.00"), ("-0", "0.00"), ("0.01", "0.01"), ("1e3", "1000.00")],
)
def test_a_cap_is_kept_in_cents(decision, given, kept):
    assert str(decision(up_to_usd=given).up_to_usd) == kept


@pytest.mark.parametrize(
    "given", ["-0.01", "0.001", "NaN", "sNaN", "Infinity", "1e13", "five", "", "1,000", "$5"]
)
def test_a_cap_that_is_no_amount_is_refused(decision, given):
    with pytest.raises(InputError, match="up_to_usd is USD a billing month in whole cents from 0"):
        decision(up_to_usd=given)


def test_characters_no_database_keeps_are_named(decision):
    with pytest.raises(InputError, match=r"U\+0000"):
        decision(reason="a\0b")
    with pytest.raises(InputError, match=r"U\+D800"):
        decision(owner="a\ud800")


def test_text_without_end_is_refused(decision):
    with pytest.raises(InputError, match="at most 2,000"):
        decision(reason="x" * 2_001)


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=30)


@given(texts, texts, st.none() | st.decimals(0, 10**9, places=2), st.none() | st.dates())
def test_it_comes_back_from_plain_values_as_it_was(decision, reason, owner, most, lifted):
    one = replace(
        decision(up_to_usd=most), id=4, reason=reason, owner=owner, lifted_on=lifted, lifted_by="B"
    )

    assert from_plain(json.loads(json.dumps(as_plain(one)))) == one


@pytest.mark.parametrize(
    "changed",
    [
        {"until": None},
        {"until": "soon"},
        {"id": "4"},
        {"id": True},
        {"reason": 3},
        {"up_to_usd": -5},
        {"up_to_usd": "-5"},
        {"lifted_on": 7},
    ],
)
def test_changed_plain_values_are_refused(decision, changed):
    with pytest.raises(InputError, match=r"suppression|up_to_usd"):
        from_plain({**as_plain(decision()), **changed})


@pytest.mark.parametrize("values", [None, [], "x", {}, {"id": 1}])
def test_what_was_never_a_suppression_is_refused(values):
    with pytest.raises(InputError, match="suppression"):
        from_plain(values)


def test_a_cap_is_exact(decision):
    assert decision(up_to_usd=Decimal("0.10")).up_to_usd + Decimal("0.20") == Decimal("0.30")
