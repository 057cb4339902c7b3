"""What became of each finding: never "fixed" where nobody looked."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from audit import examine
from audit.checks import Severity
from audit.diff import Effect, Status, compare, diff_document, reported
from audit.errors import InputError
from audit.findings.document import to_json
from audit.ledger import suppression

NOW = date(2026, 11, 1)
ONLY = ["autocapture_unread"]
UNREAD = "autocapture_unread"


def only(found):
    assert len(found.findings) == 1
    return found.findings[0]


def test_more_of_the_same_is_worse_and_less_is_better(build):
    little = [build.captured(1_500_000), build.viewed(1_000_000)]
    much = [build.captured(2_500_000), build.viewed(1_000_000)]

    worse = only(compare(build.then(*little), build.now(*much), only=ONLY))
    better = only(compare(build.then(*much), build.now(*little), only=ONLY))

    assert (worse.status, better.status) == (Status.WORSE, Status.BETTER)
    assert worse.moved_by == better.moved_by == (Effect.USAGE,)
    assert worse.effects[Effect.USAGE] == worse.saving_now - worse.saving_before
    assert better.effects[Effect.USAGE] == -worse.effects[Effect.USAGE]


def test_what_is_the_same_is_unchanged(build):
    rows = [build.captured(1_500_000), build.viewed(1_000_000)]
    one = only(compare(build.then(*rows), build.now(*rows), only=ONLY))

    assert (one.status, one.moved_by, one.effects) == (Status.UNCHANGED, (), {})


def test_what_appeared_is_new_and_what_went_is_fixed(build):
    faulty = [build.captured(1_500_000), build.viewed(1_000_000)]
    sound = [build.viewed(1_000_000)]

    new = only(compare(build.then(*sound), build.now(*faulty), only=ONLY))
    fixed = only(compare(build.then(*faulty), build.now(*sound), only=ONLY))

    assert (new.status, new.saving_before) == (Status.NEW, None)
    assert (fixed.status, fixed.saving_now) == (Status.FIXED, None)
    assert new.effects == {Effect.USAGE: Decimal("67.15")}
    assert fixed.effects == {Effect.USAGE: Decimal("-67.15")}
    assert new.reason == fixed.reason == ""


def test_a_fact_that_was_not_read_is_never_a_fix(build):
    rows = [build.captured(1_500_000), build.viewed(1_000_000)]
    blind = build.now(*rows, covered=("usage_daily", "usage_rows.product_analytics"))

    one = only(compare(build.then(*rows), blind, only=ONLY))

    assert one.status is Status.NOT_EVALUATED
    assert one.reason == "not read: the pull brought no resources.action"
    assert one.effects == {}


def test_a_project_that_is_not_in_the_pull_is_not_fixed(build):
    then = build.then(
        build.captured(1_500_000, project="2"), build.viewed(1_000_000), projects=["1", "2"]
    )
    now = build.now(build.viewed(1_000_000), projects=["1"])

    one = only(compare(then, now, only=ONLY))

    assert (one.status, one.reason) == (Status.NOT_EVALUATED, "project 2 is not in this pull")


def test_a_check_that_did_not_run_has_not_passed(build):
    rows = [build.captured(1_500_000), build.viewed(1_000_000)]
    then, now = build.then(*rows), build.now(build.viewed(1_000_000))
    report = examine(then, only=ONLY)
    asked = {"only": ["set_too_often"]}
    kept = reported_of(report)

    found = compare(then, now, was=kept, **asked)

    assert only(found).status is Status.NOT_EVALUATED
    assert only(found).reason == "the check did not run"


def test_what_is_found_where_nobody_could_look_before_says_so(build):
    rows = [build.captured(1_500_000), build.viewed(1_000_000)]
    blind = build.then(*rows, covered=("usage_daily", "usage_rows.product_analytics"))

    one = only(compare(blind, build.now(*rows), only=ONLY))

    assert one.status is Status.NEW
    assert one.reason.startswith("not evaluated then: not read")
    assert one.effects == {}


def test_a_threshold_that_was_changed_is_named(build):
    rows = [build.captured(1_500_000), build.viewed(1_000_000)]
    loose = {UNREAD: {"autocapture_percent": 90}}

    then = build.then(*rows, arguments={"thresholds": {}})
    gone = only(compare(then, build.now(*rows), only=ONLY, thresholds=loose))
    then = build.then(*rows, arguments={"thresholds": loose})
    back = only(compare(then, build.now(*rows), only=ONLY))

    assert (gone.status, gone.moved_by) == (Status.FIXED, (Effect.THRESHOLD,))
    assert (back.status, back.moved_by) == (Status.NEW, (Effect.THRESHOLD,))


def test_a_plan_that_was_changed_is_named(build):
    rows = [build.captured(1_500_000), build.viewed(1_000_000)]
    now = build.now(*rows, organization={"discount_percent": "50"})

    one = only(compare(build.then(*rows), now, only=ONLY))

    assert (one.status, one.moved_by) == (Status.BETTER, (Effect.PLAN,))
    assert one.effects[Effect.PLAN] == one.saving_now - one.saving_before


def test_a_suppression_is_no_fix(build):
    rows = [build.captured(1_500_000), build.viewed(1_000_000)]
    decided = suppression(
        check=UNREAD, organization_id="acme", reason="known", owner="Ada", on=NOW, until=NOW
    )

    one = only(
        compare(
            build.then(*rows), build.now(*rows), only=ONLY, suppressions=[replace(decided, id=1)]
        )
    )

    assert (one.status, one.moved_by) == (Status.UNCHANGED, (Effect.DECISION,))
    assert (one.suppressed_before, one.suppressed_now) == (False, True)


def reported_of(audit, tmp=None, **changed):
    """What a report of the audit says, with some of a finding's keys changed."""
    document = json.loads(to_json(audit))
    for one in document["findings"]:
        one.update(changed)
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "findings.json"
        path.write_text(json.dumps(document))
        return reported(path)


def test_a_check_that_was_changed_since_is_the_method_and_not_the_customer(build):
    rows = [build.captured(1_500_000), build.viewed(1_000_000)]
    then = build.then(*rows)
    report = examine(then, only=ONLY)
    saving = {**json.loads(to_json(report))["findings"][0]["saving"], "alone": "1.00"}
    was = reported_of(report, check_version="0" * 12, saving=saving)

    found = compare(then, build.now(*rows), was=was, only=ONLY)

    assert (only(found).status, only(found).moved_by) == (Status.WORSE, (Effect.METHOD,))
    assert found.notes == (f"Checks that have changed since that report: {UNREAD}.",)


def test_what_the_report_said_and_today_s_checks_do_not_is_the_method(build):
    rows = [build.captured(1_500_000), build.viewed(1_000_000)]
    then = build.then(*rows)
    report = examine(then, only=ONLY)
    was = reported_of(report, id="autocapture_unread-000000000000")

    found = {
        one.status: one for one in compare(then, build.now(*rows), was=was, only=ONLY).findings
    }

    assert found[Status.FIXED].moved_by == found[Status.NEW].moved_by == (Effect.METHOD,)


def test_a_report_of_another_question_is_left_out(build):
    rows = [build.captured(1_500_000), build.viewed(1_000_000)]
    then = build.then(*rows)
    was = reported_of(examine(then, only=ONLY, lookback_days=20))

    found = compare(then, build.now(*rows), was=was, only=ONLY)

    assert found.notes[0].startswith("The report of then does not say")
    assert only(found).status is Status.UNCHANGED


def test_the_worst_stands_first_and_order_is_of_status_then_dollars(build):
    def rows(first, second, third):
        return [
            build.captured(first, project="1"),
            build.captured(second, project="2"),
            build.captured(third, project="3"),
            build.viewed(2_000_000, project="4"),
        ]

    then = build.then(*rows(3_000_000, 1, 2_000_000), projects=list("1234"))
    now = build.now(*rows(1, 3_000_000, 4_000_000), projects=list("1234"))
    # One event of autocapture is all of a project's events, so that the check flags it too.
    found = compare(then, now, only=ONLY).findings

    assert [(one.status, one.project_id) for one in found] == [
        (Status.WORSE, "2"),
        (Status.WORSE, "3"),
        (Status.BETTER, "1"),
    ]


def test_a_change_of_severity_counts_where_the_saving_does_not(build):
    rows = [build.captured(1_500_000), build.viewed(1_000_000)]
    then = build.then(*rows)
    was = reported_of(examine(then, only=ONLY), severity="opportunity")

    one = only(compare(then, build.now(*rows), was=was, only=ONLY))

    assert (one.severity_before, one.severity_now) == (Severity.OPPORTUNITY, Severity.NEEDS_ACTION)
    assert one.status is Status.WORSE


def test_two_organizations_are_not_compared(build):
    other = build.then(build.viewed(1))
    other.organization_id = "bolt"

    with pytest.raises(InputError, match="two organizations"):
        compare(other, build.now(build.viewed(1)))


def test_the_earlier_one_comes_first(build):
    with pytest.raises(InputError, match="after 2026-10-01"):
        compare(build.now(build.viewed(1)), build.then(build.viewed(1)), only=ONLY)


def test_another_window_is_said(build):
    rows = [build.captured(1_500_000), build.viewed(1_000_000)]

    found = compare(build.then(*rows, arguments={"lookback_days": 15}), build.now(*rows), only=ONLY)

    assert any("15 days then and is 30 days now" in note for note in found.notes) or any(
        "15 days then and is 30 now" in note for note in found.notes
    )


def test_the_document_is_plain_and_whole(build):
    rows = [build.captured(1_500_000), build.viewed(1_000_000)]
    document = json.loads(
        json.dumps(diff_document(compare(build.then(*rows), build.now(*rows), only=ONLY)))
    )

    assert document["schema"] == "account-audit/diff/1"
    assert document["order"] == ["method", "usage", "price", "plan", "threshold", "decision"]
    assert document["bill"]["before"] == document["bill"]["now"] == "67.15"
    assert document["findings"][0]["saving_alone_now"] == "67.15"
    assert (document["basis"], document["period"]) == ("estimate", "billing month")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.update(schema="account-audit/findings/9"),
        lambda d: d.update(findings=None),
        lambda d: d["bill"].update(total=12.5),
        lambda d: d["bill"].update(total="NaN"),
        lambda d: d["bill"].update(total="1e99999999"),
        lambda d: d.update(as_of="soon"),
        lambda d: d["findings"][0].update(severity="red"),
        lambda d: d["findings"][0]["saving"].update(alone="1.005"),
        lambda d: d.pop("not_evaluated"),
    ],
)
def test_a_report_that_was_changed_is_not_believed(build, tmp_path, spoil):
    audit = examine(build.then(build.captured(1_500_000), build.viewed(1)), only=ONLY)
    document = json.loads(to_json(audit))
    path = tmp_path / "findings.json"
    path.write_text(json.dumps(document))
    assert reported(path) is not None

    spoil(document)
    path.write_text(json.dumps(document))

    assert reported(path) is None


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, "{", "null", "\xff"])
def test_what_is_no_report_is_none(tmp_path, text):
    path = tmp_path / "findings.json"
    path.write_bytes(text.encode("latin-1"))

    assert reported(path) is None
    assert reported(tmp_path / "nothing.json") is None
