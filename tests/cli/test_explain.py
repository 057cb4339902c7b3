"""``audit explain``: the flip points are where the verdict really changes."""

import json

import pytest

from audit import examine, load_account, scan
from audit.checks import load_checks
from audit.findings.explain import NO_FINDING, explain, flips, outcome_of

MARIGOLD = "Marigold & Daughters"


@pytest.fixture(scope="module")
def audits(sample_store):
    chosen = scan(sample_store).organizations["organization_id"]
    return [examine(load_account(one, store=sample_store)) for one in chosen]


@pytest.fixture(scope="module")
def findings(audits):
    found = [one for audit in audits for one in audit.findings]
    assert len({one.check for one in found}) >= 12
    return found


def verdicts(finding, flip, value):
    """The verdict as it is, and with one number moved."""
    facts = {one.fact: one.value for one in finding.evidence}
    thresholds = dict(finding.thresholds)
    outcome = outcome_of(load_checks()[finding.check])
    now = outcome(facts, thresholds)
    (thresholds if flip.kind == "threshold" else facts)[flip.name] = value
    return now, outcome(facts, thresholds)


def test_every_finding_is_flagged_as_severely_by_the_check_alone(findings):
    for one in findings:
        facts = {item.fact: item.value for item in one.evidence}
        assert outcome_of(load_checks()[one.check])(facts, one.thresholds) == one.severity


def test_every_flip_point_changes_the_verdict(findings):
    for one in findings:
        for flip in flips(load_checks()[one.check], one):
            if flip.flips_at is not None:
                now, then = verdicts(one, flip, flip.flips_at)
                assert now != then == flip.becomes, (one.id, flip)


def test_a_flip_point_of_a_count_is_the_first_that_flips(findings):
    for one in findings:
        for flip in flips(load_checks()[one.check], one):
            if flip.flips_at is None or flip.kind == "threshold" or isinstance(flip.value, bool):
                continue
            step = 0.01 if flip.unit in ("USD", "percent") else 1
            towards = step if flip.value > flip.flips_at else -step
            now, then = verdicts(one, flip, round(flip.flips_at + towards, 6))
            assert now == then, (one.id, flip)


def test_the_share_itself_is_where_a_percentage_flips(audits):
    finding = next(f for a in audits for f in a.findings if f.check == "autocapture_unread")
    facts = {one.fact: one.value for one in finding.evidence}

    [threshold] = [f for f in flips(load_checks()[finding.check], finding) if f.kind == "threshold"]

    share = 100 * facts["autocapture_events"] / facts["events"]
    assert share <= threshold.flips_at < share + 0.2
    assert threshold.becomes == NO_FINDING


def test_the_two_bills_differ_by_what_the_finding_saves_alone(audits):
    for audit in audits[:3]:
        for one in [finding for finding in audit.findings if finding.saving.alone][:4]:
            found = explain(audit.account, one.id)
            assert found.audit.bill.total - found.without.total == one.saving.alone, one.id


def test_the_second_bill_keeps_the_same_fault_elsewhere(audits):
    check = "identified_where_anonymous_would_do"
    thresholds = {check: {"never_identified_percent": 0}}
    several = [examine(a.account, thresholds=thresholds, only=[check]).findings for a in audits]
    number, [first, *others] = next((n, some) for n, some in enumerate(several) if len(some) > 1)
    assert others[0].saving.alone > 0

    found = explain(audits[number].account, first.id, thresholds=thresholds)

    assert found.audit.bill.total - found.without.total == first.saving.alone


def test_explain_prints_all_that_a_number_hangs_on(audit, sample_store):
    found = examine(load_account(MARIGOLD, store=sample_store))
    one = next(f for f in found.findings if f.check == "autocapture_unread")

    shown = audit("explain", one.id, "--store", sample_store).stdout

    assert "Source: PostHog handbook" in shown
    assert "FROM usage_rows" in shown
    for item in one.evidence:
        assert f"{item.value:,}" in shown
        assert item.query_sha256 in shown
        assert item.data_sha256 in shown
        assert f"over {item.rows:,} rows" in shown
    without = found.bill.total - one.saving.alone
    assert f"alone   ${one.saving.alone:,.2f} = ${found.bill.total:,.2f} - ${without:,.2f}" in shown


def test_the_same_explanation_comes_from_an_account_file(audit, sample_store, tmp_path):
    account = load_account(MARIGOLD, store=sample_store)
    account.save(tmp_path / "account.zip")
    finding = examine(account).findings[0].id

    of_file = audit("explain", finding, "--account", "account.zip", "--json")
    of_store = audit("explain", finding[:-4], "--store", sample_store, "--json")

    assert of_file.exit_code == 0, of_file.output
    assert json.loads(of_file.stdout) == json.loads(of_store.stdout)


def test_own_thresholds_are_explained_as_such(audit, sample_store, tmp_path):
    (tmp_path / "audit.toml").write_text("[thresholds.autocapture_unread]\nautocapture_percent=45")
    finding = next(
        f
        for f in examine(load_account(MARIGOLD, store=sample_store)).findings
        if f.check == "autocapture_unread"
    )

    shown = audit("explain", finding.id, "--store", sample_store).stdout

    assert "your audit.toml" in shown
