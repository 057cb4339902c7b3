"""Since the last report: from values written by hand, and once from two account files."""

import re
from datetime import date
from decimal import Decimal

import pytest

from audit import examine, views
from audit.account import Account
from audit.checks import Severity
from audit.diff import (
    Decomposition,
    Diff,
    Effect,
    LineChange,
    Movement,
    Side,
    Status,
)
from audit.errors import InputError
from audit.views.changes import changed

NONE = dict.fromkeys(Effect, Decimal("0.00"))


def moved(before, now, **effects):
    steps = {Effect(name): Decimal(amount) for name, amount in effects.items()}
    return Decomposition(Decimal(before), {**NONE, **steps}, Decimal(now))


# 300.00 and 25.00 of usage, 10.00 of prices and -35.00 of the plan are 300.00 again; of the
# saving 100.00 -5.00 +0.00 -10.00 +2.50 -20.00 are 67.50.
BILL = moved("300.00", "300.00", usage="25.00", price="10.00", plan="-35.00")
SAVING = moved("100.00", "67.50", usage="-5.00", plan="-10.00", threshold="2.50", decision="-20.00")
AFTER = moved(
    "200.00",
    "232.50",
    usage="30.00",
    price="10.00",
    plan="-25.00",
    threshold="-2.50",
    decision="20.00",
)


def movement(status, number=1, **changes):
    values = {
        "id": f"autocapture_unread:{number}",
        "status": status,
        "check": "autocapture_unread",
        "title": "Projects that pay for autocapture nobody reads",
        "project_id": "0",
        "project_name": "Web app",
        "product": None,
        "message": f"Autocapture number {number}.",
        "severity_before": None if status is Status.NEW else Severity.NEEDS_ACTION,
        "severity_now": None
        if status in (Status.FIXED, Status.NOT_EVALUATED)
        else Severity.NEEDS_ACTION,
        "saving_before": None if status is Status.NEW else Decimal("40.00"),
        "saving_now": Decimal("60.00"),
        "suppressed_before": False,
        "suppressed_now": False,
        "moved_by": (Effect.USAGE,),
        "effects": {Effect.USAGE: Decimal("20.00")},
        "reason": "",
    }
    return Movement(**{**values, **changes})


def diff(*findings, bill=BILL, saving=SAVING, after=AFTER, **changes):
    values = {
        "organization_id": "0190-acme",
        "organization_name": "Acme",
        "project_id": "",
        "before": Side(date(2025, 6, 1), "2025-06", "Public prices of May", 30),
        "now": Side(date(2025, 7, 1), "2025-06", "Public prices of June", 30),
        "bill": bill,
        "joint_saving": saving,
        "bill_after_fixes": after,
        "lines": (LineChange("session_replay", moved("10.00", "35.00", usage="25.00")),),
        "unknown": "",
        "findings": findings,
        "notes": ("The window was 28 days then.",),
    }
    return Diff(**{**values, **changes})


def rows_of(page):
    """Cells of every table row of a page as text, tags taken out."""
    markup = page._repr_mimebundle_()["text/html"]
    rows = re.findall(r"<tr>(.*?)</tr>", markup)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]
    return [[re.sub(r"<[^>]+>", "", cell) for cell in row] for row in cells if row]


def dollars(cell):
    return Decimal("0") if cell == "none" else Decimal(re.sub(r"[$,+]", "", cell))


def test_without_an_earlier_report_it_says_so(an_audit):
    assert "No earlier report of this account was given" in str(views.changes(an_audit()))


def test_the_steps_of_the_bill_the_saving_and_the_rest_add_up_to_the_cent(an_audit):
    rows = rows_of(changed(diff(), an_audit()))

    at = [row[0] for row in rows].index("On 1 Jul 2025")
    steps = rows[:at]
    for column in (1, 2, 3):
        assert sum(dollars(row[column]) for row in steps) == dollars(rows[at][column])
    assert [row[0] for row in steps] == [
        "On 1 Jun 2025",
        "Usage and setup",
        "Public prices",
        "Plan, discounts and limits",
        "Thresholds of the checks",
        "Suppressed findings",
    ]


def test_the_toolkit_itself_is_a_step_only_where_it_moved_something(an_audit):
    quiet = str(changed(diff(), an_audit()))
    louder = moved("300.00", "307.00", method="7.00")
    loud = str(changed(diff(bill=louder), an_audit()))

    assert "The toolkit" not in quiet
    assert re.search(r"The toolkit: its checks and price lists +\+\$7\.00", loud)


def test_bars_of_the_bill_start_where_the_one_before_ended(an_audit):
    markup = changed(diff(), an_audit())._repr_mimebundle_()["text/html"]
    bars = re.findall(r'class="([^"]*)" style="left:([\d.]+)%;width:([\d.]+)%"', markup)

    # The highest level is 335.00: 300.00 is 89.6 percent of it, 325.00 is 97.0.
    assert bars[0] == ("", "0.0", "89.6")
    assert bars[1] == ("aa-more", "89.6", "7.5")
    assert bars[2] == ("aa-more", "97.0", "3.0")
    assert bars[3] == ("aa-less", "89.6", "10.4")
    assert bars[-1] == ("", "0.0", "89.6")


def test_a_bill_of_nothing_divides_by_nothing(an_audit):
    zero = moved("0.00", "0.00")

    assert "$0.00" in str(changed(diff(bill=zero, saving=zero, after=zero), an_audit()))


@pytest.mark.parametrize(
    ("bill", "sentence"),
    [
        (BILL, "the bill stayed at $300.00 a month (estimate)"),
        (moved("300.00", "320.00", usage="20.00"), "rose from $300.00 to $320.00 a month, +$20.00"),
        (moved("300.00", "280.00", plan="-20.00"), "fell from $300.00 to $280.00 a month, -$20.00"),
    ],
)
def test_the_first_sentence_says_where_the_bill_went(an_audit, bill, sentence):
    assert sentence in str(changed(diff(bill=bill), an_audit()))


def test_an_unknown_bill_is_not_split(an_audit):
    of = diff(
        movement(Status.NEW), bill=None, saving=None, after=None, lines=(), unknown="no usage then"
    )

    text = str(changed(of, an_audit()))
    assert "what moved the bill is not known, because no usage then" in text
    assert "$300.00" not in text
    assert "Autocapture number 1." in text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.NEW, "New"),
        (Status.FIXED, "Fixed"),
        (Status.WORSE, "Worse"),
        (Status.BETTER, "Better"),
        (Status.NOT_EVALUATED, "Not evaluated any more"),
    ],
)
def test_what_became_of_a_finding_is_the_first_word_of_its_row(an_audit, status, words):
    assert rows_of(changed(diff(movement(status)), an_audit()))[-1][0] == words


def test_a_finding_that_could_not_be_evaluated_again_says_why_and_is_not_fixed(an_audit):
    gone = movement(Status.NOT_EVALUATED, reason="the key lacks a scope", saving_now=None)

    text = str(changed(diff(gone), an_audit()))
    assert "The key lacks a scope" in text
    assert "Fixed" not in text


def test_findings_that_are_as_they_were_are_counted_and_not_listed(an_audit):
    same = movement(Status.UNCHANGED, 2, moved_by=(), effects={})

    text = str(changed(diff(movement(Status.NEW), same), an_audit()))
    assert "Findings: 1 new and 1 unchanged." in text
    assert "Autocapture number 2." not in text


def test_a_finding_suppressed_since_is_told_as_that(an_audit):
    since = movement(Status.UNCHANGED, suppressed_now=True, moved_by=(Effect.DECISION,), effects={})

    row = rows_of(changed(diff(since), an_audit()))[-1]
    assert row[0] == "Suppressed"
    assert row[-1] == ""


def test_a_finding_that_moved_and_was_suppressed_says_both(an_audit):
    both = movement(Status.WORSE, suppressed_now=True, moved_by=(Effect.USAGE, Effect.DECISION))

    row = rows_of(changed(diff(both), an_audit()))[-1]
    assert row[0] == "Worse"
    assert row[-1] == "Usage and setup +$20.00. Suppressed since"


def test_another_severity_is_told(an_audit):
    one = movement(Status.BETTER, severity_now=Severity.WORTH_ATTENTION)

    assert "Needs action then, worth attention now" in str(changed(diff(one), an_audit()))


def test_a_finding_of_now_is_linked_and_a_fixed_one_is_not(an_audit, a_finding):
    audit = an_audit(findings=[a_finding(1)])
    gone = movement(Status.FIXED, 2, saving_now=None)

    markup = changed(diff(movement(Status.WORSE, 1), gone), audit)._repr_mimebundle_()["text/html"]
    assert markup.count('href="#finding-') == 1
    assert 'href="#finding-autocapture-unread-1"' in markup


def test_names_and_reasons_of_others_stay_text(an_audit, hostile, stays_text):
    def shown(bad):
        one = movement(Status.NEW, project_name=bad, message=f"In {bad}.", reason=bad)
        of = diff(one, notes=(bad,), unknown=bad)
        return changed(of, an_audit())._repr_mimebundle_()

    usual = shown("harmless")
    assert all(stays_text(shown(bad), usual) for bad in hostile)


def test_two_account_files_are_compared_with_the_rules_of_the_page(tmp_path, accounts):
    before = accounts(counters={"event_count_in_period": 150_000})
    now = examine(accounts(), thresholds={"autocapture_unread": {"autocapture_percent": 40}})
    earlier = before.save(tmp_path / "account.zip", examine(before).arguments)

    page = views.changes(now, earlier)

    rows = rows_of(page)
    end = next(row for row in rows if row[0] == "On 1 Jul 2025" and row is not rows[0])
    assert dollars(end[1]) == now.bill.total
    assert str(page) == str(views.changes(now, earlier))


def test_a_file_of_another_organization_is_refused(tmp_path, accounts):
    organization = accounts()["organizations"].assign(organization_id="other")
    earlier = Account("other", {"organizations": organization}).save(tmp_path / "account.zip")

    with pytest.raises(InputError, match="two organizations"):
        views.changes(examine(accounts()), earlier)
