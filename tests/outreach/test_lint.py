import json
from decimal import Decimal

import pytest

from audit.outreach import lint
from audit.outreach.files import markdown


@pytest.fixture
def clean(drafted):
    return markdown(drafted())


@pytest.fixture
def rules(of_one):
    """The rules that a text breaks, each once, in order."""

    def broken(text, **given):
        found = lint(text, json.loads(of_one[1]), findings=of_one[1], **given)
        return list(dict.fromkeys(one.rule for one in found))

    return broken


@pytest.mark.parametrize(
    ("added", "rule"),
    [
        ("I hope this finds you well.", "banned phrase"),
        ("Let us LEVERAGE it.", "banned phrase"),
        ("It is fast \u2014 and good.", "dash"),
        ("From 1\u20132 places.", "dash"),
        ("This is wasted money.", "blame"),
        ("It rose because you changed the snippet.", "cause"),
        ("An annual plan is 20% off.", "discount"),
        ("With a discount of 20% it is less.", "discount"),
        ("You would save $123,456.78 (estimate).", "number"),
        ("That is 8,765,432 events.", "number"),
        ("That is 87.31% of them.", "number"),
        ("It is 95% of them.", "number"),
        ("Nearly 9 projects do.", "number"),
        ("See https://evil.example/offer for more.", "unknown link"),
        ("Shall we talk? [Pick a time](https://cal.example.com/ada)", "call to action"),
        ("4. **One more.** Do it.", "levers"),
        ("Write to [YOUR NAME] about it.", "placeholder"),
    ],
)
def test_a_text_that_breaks_one_rule_is_told_so_with_its_line(clean, rules, of_one, added, rule):
    assert rules(clean) == []

    broken = clean.rstrip("\n") + f"\n\n{added}\n"

    assert rule in rules(broken)
    lines = broken.split("\n")
    first = lint(broken, json.loads(of_one[1]), findings=of_one[1])[0]
    assert rule in ("call to action", "levers") or lines[first.line - 1] == added


def test_a_number_in_the_subject_is_checked_too(clean, rules):
    assert "number" in rules(clean.replace('subject: "Before', 'subject: "Save $98,765 before'))


def test_a_sum_that_does_not_say_what_it_is_is_told(clean, rules):
    assert "estimate" in rules(clean.replace("(estimate, ", "("))


def test_a_first_message_without_a_dated_bill_line_is_told(clean, rules):
    lines = [line for line in clean.split("\n") if not line.startswith("**Your bill")]

    assert "bill line" in rules("\n".join(lines))


def test_a_discount_that_the_account_is_eligible_for_may_be_quoted(clean, rules):
    text = clean + "\nAn annual plan is 20% off.\n"

    assert rules(text) == ["discount", "number"]
    assert rules(text, discounts=[Decimal(20)]) == []
    assert "discount" in rules(text.replace("20%", "25%"), discounts=[Decimal(20)])


def test_a_draft_of_other_findings_is_stale(clean, of_one):
    changed = of_one[1].replace(b"needs_action", b"worth_attention", 1)

    assert [one.rule for one in lint(clean, json.loads(of_one[1]), findings=changed)] == ["stale"]


def test_a_text_of_ones_own_without_a_head_is_checked_too(rules):
    text = "Hi,\n\nyour bill renews on 15 November.\n\nWant to take a look together?\n"

    assert rules(text) == []
    assert rules(text + "\nJust touching base.\n") == ["banned phrase"]
