"""What is planned: the words, the marks of customers' text, and what is refused."""

from dataclasses import replace
from datetime import date

import pytest

from audit.errors import InputError
from audit.push import Wanted, html_of, linted, planned, suggested_channel
from audit.queue.handover import Decision, Handover
from audit.web.systems import Systems

SYSTEMS = Systems(vitally={}, slack={"channel": "C0123456789"})
NAME = "Marigold & Daughters"


def test_the_same_audit_plans_the_same_changes(audited):
    wanted = Wanted(note=True, task_due=date(2026, 11, 20), message=True)

    one, two = (planned(audited(NAME), wanted, SYSTEMS) for _ in range(2))

    assert one == two
    assert len({change.key for change in one}) == 3


def test_another_day_is_another_change(audited):
    audit = audited(NAME)
    later = replace(audit, as_of=date(2026, 12, 1))

    (one,) = planned(audit, Wanted(note=True), SYSTEMS)
    (two,) = planned(later, Wanted(note=True), SYSTEMS)

    assert one.key != two.key


def test_every_dollar_of_a_note_is_one_of_the_audit(audited):
    import re

    audit = audited(NAME)
    (note,) = planned(audit, Wanted(note=True), SYSTEMS)

    known = {audit.bill.total, audit.joint_saving, *(f.saving.alone for f in audit.findings)}
    spelled = {f"{amount:,.2f}" for amount in known}
    messages = " ".join(finding.message for finding in audit.findings)
    for amount in re.findall(r"\$([\d,.]+\d)", note.payload["note"]):
        assert amount in spelled or f"${amount}" in messages
    assert "(estimate)" in note.payload["note"]


HOSTILE = "<script>alert(1)</script><img src=x onerror=a> <!channel> & <https://evil.test|click>"


def test_a_hostile_name_acts_nowhere(audited):
    audit = audited(NAME)
    finding = replace(audit.open_findings[0], title=HOSTILE, message=HOSTILE)
    hostile = replace(audit, organization_name=HOSTILE, findings=(finding,))

    note, message = planned(hostile, Wanted(note=True, message=True, remark=HOSTILE), SYSTEMS)

    assert "<script" not in note.payload["note"]
    assert "<img" not in note.payload["note"]
    assert "<" not in message.payload["text"]
    assert ">" not in message.payload["text"]


def test_a_long_list_is_cut_and_says_so(audited):
    audit = audited(NAME)
    one = audit.open_findings[0]
    many = replace(audit, findings=tuple(replace(one, id=f"f{n}") for n in range(40)))

    note, message = planned(many, Wanted(note=True, message=True), SYSTEMS)

    assert note.payload["note"].count("<li>") == 9
    assert "32 findings in the report" in note.payload["note"]
    assert len(message.payload["text"]) <= 3_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<table></table>", "strips the tag <table>"),
        ("<h1>x</h1>", "strips the tag <h1>"),
        ("<p onclick='x'>x</p>", "strips the attribute onclick"),
        ("<a href='javascript:x'>x</a>", "no https address"),
        ("<a href='http://x.test'>x</a>", "no https address"),
        ("<p><b>x</p>", "closes nothing"),
        ("<p>x", "does not close"),
    ],
)
def test_what_vitally_would_strip_is_refused(text, said):
    with pytest.raises(InputError, match=said):
        linted(text)


def test_what_vitally_keeps_is_kept():
    text = html_of(["One & two"], [("Lead:", "rest <x>")])

    assert text == "<p>One &amp; two</p><ul><li><strong>Lead:</strong> rest &lt;x&gt;</li></ul>"
    assert linted('<a href="https://posthog.com/docs">x</a><br>')


@pytest.mark.parametrize("word", ["2. onboarding initiated", "Nearly there", "3. Customer Engaged"])
def test_a_status_is_a_word_in_use_to_the_letter(audited, word):
    with pytest.raises(InputError, match="Nearest"):
        planned(audited(NAME), Wanted(status=word), SYSTEMS)


def test_a_status_says_what_it_was(audited):
    wanted = Wanted(status="2. Onboarding Initiated")

    (trait,) = planned(audited(NAME), wanted, SYSTEMS, stage_word="1. New Account")

    assert trait.preview.endswith("1. New Account -> 2. Onboarding Initiated")
    assert trait.payload["trait"] == "vitally.custom.onboardingPipeline"


def test_a_lead_takes_an_account_that_is_ready_and_a_trait_that_is_named(audited):
    audit = audited(NAME)
    ready = Decision(Handover.READY, "Create AE lead", ("three bills are high",))
    lead = Systems(vitally={"lead_trait": "vitally.custom.makeLead"})

    (trait,) = planned(audit, Wanted(lead=True), lead, handover=ready)
    assert trait.payload == {"trait": "vitally.custom.makeLead", "value": "true"}
    with pytest.raises(InputError, match="lead_trait"):
        planned(audit, Wanted(lead=True), SYSTEMS, handover=ready)
    against = replace(ready, verdict=Handover.NOT_READY)
    with pytest.raises(InputError, match="not ready to be handed over: three bills"):
        planned(audit, Wanted(lead=True), lead, handover=against)


@pytest.mark.parametrize(
    ("wanted", "systems", "said"),
    [
        (Wanted(), SYSTEMS, "Say what to write"),
        (Wanted(note=True), Systems(), r"\[systems.vitally\]"),
        (Wanted(message=True), Systems(vitally={}), r"\[systems.slack\]"),
        (Wanted(message=True), Systems(slack={}), "Name the internal channel"),
        (Wanted(task_due=date(2026, 10, 1)), SYSTEMS, "before the audit's"),
    ],
)
def test_what_cannot_be_planned_is_refused(audited, wanted, systems, said):
    with pytest.raises(InputError, match=said):
        planned(audited(NAME), wanted, systems)


def test_a_shared_channel_is_suggested_where_the_check_says_it_is_earned(audited):
    audit = audited(NAME)
    earned = replace(audit.findings[0], check="slack_connect_reached", suppression=None)
    others = tuple(one for one in audit.findings if one.check != "slack_connect_reached")

    assert suggested_channel(replace(audit, findings=others)) is None
    assert suggested_channel(replace(audit, findings=(*others, earned))) == (
        "posthog-marigold-daughters"
    )


def test_the_check_of_a_shared_channel_is_one(audited):
    from audit.checks import load_checks
    from audit.push.plan import CHANNEL_CHECK

    assert CHANNEL_CHECK in load_checks()
