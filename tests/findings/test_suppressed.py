"""A suppressed finding is marked, ranked last, and told beside the totals it is left out of."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest

from audit import examine, load_account, write
from audit.errors import InputError
from audit.findings.document import document, to_csv, to_json
from audit.findings.scan import scan
from audit.ledger import State, Why, as_plain, suppression
from audit.sources.sample import portfolio
from audit.store import publish

AS_OF = date(2026, 11, 1)


def decided(number=1, **changed):
    given = {
        "check": "autocapture_unread",
        "organization_id": "acme",
        "reason": "They read it elsewhere.",
        "owner": "Ada",
        "on": AS_OF,
        "until": AS_OF,
    }
    return replace(suppression(**{**given, **changed}), id=number)


@pytest.fixture
def two_projects(build):
    """1.5M events of autocapture in project 1 and 500,000 in project 2, and 1M page views."""
    return build.account(
        rows=[
            build.usage_row("product_analytics", "$autocapture", 1_500_000, project="1"),
            build.usage_row("product_analytics", "$autocapture", 500_000, project="2"),
            build.usage_row("product_analytics", "$pageview", 600_000, project="1"),
            build.usage_row("product_analytics", "$pageview", 400_000, project="2"),
        ]
    )


def places(findings):
    return [(one.check, one.project_id) for one in findings]


def test_the_totals_are_of_open_findings_and_what_is_suppressed_stands_beside_them(two_projects):
    # 3M events: 50 + 1M x 0.0000343 = 84.30. Without the 500,000 of project 2: 67.15, so that
    # alone is 17.15. Without all 2M only the free million is left: 84.30, of which 67.15 more.
    audit = examine(two_projects, suppressions=[decided(project_id="1")])

    assert audit.bill.total == Decimal("84.30")
    assert audit.joint_saving == Decimal("17.15")
    assert audit.counterfactual_bill.total == Decimal("67.15")
    assert audit.suppressed_saving == Decimal("67.15")
    assert places(audit.open_findings) == [("autocapture_unread", "2")]
    assert places(audit.suppressed_findings) == [("autocapture_unread", "1")]


def test_what_is_suppressed_is_listed_last_with_its_decision(two_projects):
    before = examine(two_projects)
    audit = examine(two_projects, suppressions=[decided(project_id="1")])

    assert places(before.findings) == [("autocapture_unread", "1"), ("autocapture_unread", "2")]
    assert places(audit.findings) == [("autocapture_unread", "2"), ("autocapture_unread", "1")]
    assert audit.findings[1].suppression.reason == "They read it elsewhere."
    assert places(audit.recommended) == [("autocapture_unread", "2")]


def test_alone_is_what_it_was_and_on_top_comes_after_the_open_ones(two_projects):
    before = {one.id: one.saving.alone for one in examine(two_projects).findings}
    audit = examine(two_projects, suppressions=[decided(project_id="1")])

    assert {one.id: one.saving.alone for one in audit.findings} == before
    assert [one.saving.on_top for one in audit.findings] == [Decimal("17.15"), Decimal("67.15")]
    assert [one.saving.shapley for one in audit.findings] == [Decimal("17.15"), None]


def test_past_its_cap_a_finding_is_open_again(two_projects):
    alone = max(one.saving.alone for one in examine(two_projects).findings)
    at = examine(two_projects, suppressions=[decided(up_to_usd=alone)])
    below = examine(two_projects, suppressions=[decided(up_to_usd=alone - Decimal("0.01"))])

    assert at.joint_saving == 0
    assert [one.reopened for one in below.findings] == [Why.CAP_PASSED, None]
    assert [one.suppressed for one in below.findings] == [False, True]
    assert below.suppressions[0].state is State.REOPENED


def test_past_its_end_a_finding_is_open_again_and_says_so(two_projects):
    one = decided(until=AS_OF - timedelta(days=1), on=AS_OF - timedelta(days=9))

    audit = examine(two_projects, suppressions=[one])

    assert audit.joint_saving == Decimal("84.30")
    assert {finding.reopened for finding in audit.findings} == {Why.EXPIRED}


def test_a_capped_suppression_does_not_hide_a_finding_whose_saving_is_unknown(build):
    rows = [
        build.usage_row("product_analytics", "$autocapture", 10),
        build.usage_row("product_analytics", "$pageview", 1),
    ]
    account = build.account(rows=rows)
    account.frames["usage_rows"] = account.frames["usage_rows"].iloc[:0]
    audit = examine(account, suppressions=[decided(check="product_unused", up_to_usd="5")])

    assert not audit.suppressed_findings


def test_unused_and_not_evaluated_are_told_apart(build, two_projects):
    idle = [decided(1, project_id="8"), decided(2, project_id="9")]
    with_idle = examine(two_projects, suppressions=idle)
    narrowed = examine(two_projects, project_id="2", suppressions=[decided(project_id="1")])
    left_out = examine(two_projects, skip=["autocapture_unread"], suppressions=[decided()])
    covered = ("usage_rows.product_analytics",)
    row = build.usage_row("product_analytics", "$autocapture", 1_500_000)
    unread = examine(build.account(rows=[row], covered=covered), suppressions=[decided()])

    assert [one.state for one in with_idle.suppressions] == [State.UNUSED, State.UNUSED]
    for audit in (narrowed, left_out, unread):
        assert [one.state for one in audit.suppressions] == [State.NOT_EVALUATED]


def test_suppressions_of_others_and_lifted_ones_are_no_matter(two_projects):
    others = [decided(1, organization_id="bolt"), replace(decided(2), lifted_on=AS_OF)]

    assert to_json(examine(two_projects, suppressions=others)) == to_json(examine(two_projects))


def test_the_account_file_repeats_the_audit_with_its_decisions(two_projects, tmp_path):
    asked = {"suppressions": [decided(project_id="1", up_to_usd="100")], "lookback_days": 20}
    first = examine(two_projects, **asked)
    write(first, tmp_path)
    kept = load_account(account=str(tmp_path / "account.zip"))

    assert to_json(examine(kept, **kept.arguments)) == to_json(first)
    as_text = json.dumps(kept.arguments["suppressions"])
    again = examine(kept, **{**kept.arguments, "suppressions": as_text})
    assert to_json(again) == to_json(first)


@pytest.mark.parametrize(
    "kept",
    ["[", "3", '{"id": 1}', [3], [{"id": 1}], [as_plain(decided())] * 2, 7],
)
def test_decisions_that_were_changed_in_a_file_are_refused(two_projects, kept):
    with pytest.raises(InputError, match=r"[Ss]uppression"):
        examine(two_projects, suppressions=kept)


def test_the_document_and_the_rows_say_it(two_projects):
    audit = examine(two_projects, suppressions=[decided(4, project_id="1", up_to_usd="100")])
    written = document(audit)
    rows = to_csv(audit).splitlines()

    assert written["suppressed_saving"] == "67.15"
    assert written["suppressions"][0]["state"] == "suppresses"
    assert [one["suppression_id"] for one in written["findings"]] == [None, 4]
    assert "suppressed,suppression_id,reopened" in rows[0]
    assert ",no,,," in rows[1]
    assert ",yes,4,," in rows[2]


@pytest.mark.slow
def test_the_fleet_and_the_single_audit_agree_on_what_is_suppressed(tmp_path):
    tables = portfolio(12, as_of=AS_OF).tables
    store = publish(tmp_path / "store.duckdb", tables)
    found = scan(store).findings
    checks = found.groupby(["organization_id", "check"])["saving_alone_usd"].max().reset_index()
    decisions = [
        decided(
            number,
            check=row.check,
            organization_id=row.organization_id,
            up_to_usd=None if number % 3 else f"{row.saving_alone_usd / 2:.2f}",
        )
        for number, row in enumerate(checks.iloc[::2].itertuples(), 1)
    ]

    fleet = scan(store, suppressions=decisions)

    assert fleet.findings["suppressed"].any()
    assert (fleet.findings["reopened"] == Why.CAP_PASSED).any()
    for row in fleet.organizations.itertuples():
        audit = examine(load_account(row.organization_id, store=str(store)), suppressions=decisions)
        rows = fleet.findings[fleet.findings["organization_id"] == row.organization_id]
        assert Decimal(f"{row.joint_saving_usd:.2f}") == audit.joint_saving
        assert Decimal(f"{row.suppressed_saving_usd:.2f}") == audit.suppressed_saving
        assert row.findings == len(audit.open_findings)
        assert row.suppressed == len(audit.suppressed_findings)
        said = {(one.id, one.suppressed, one.reopened or "") for one in audit.findings}
        assert set(rows[["id", "suppressed", "reopened"]].itertuples(index=False)) == said
        judgement = fleet.judgements.get(row.organization_id)
        assert (judgement.standings if judgement else ()) == audit.suppressions
    assert pd.isna(fleet.findings.loc[~fleet.findings["suppressed"], "suppression_id"]).any()


def test_checks_that_ask_what_was_found_are_told_of_open_findings_only(two_projects):
    asked = {"audience": "team", "only": ["autocapture_unread", "annual_tier_eligible"]}
    every = examine(two_projects, **asked)
    audit = examine(two_projects, suppressions=[decided(project_id="1")], **asked)

    def told(of, fact):
        return of.facts["organization"][fact].iloc[0]

    assert told(audit, "joint_saving_usd") < told(every, "joint_saving_usd")
    # Whichever checks were chosen, these facts are about all of them.
    whole = examine(two_projects, suppressions=[decided(project_id="1")])
    assert Decimal(f"{told(audit, 'joint_saving_usd'):.2f}") == whole.joint_saving
    assert told(audit, "needs_action_findings") == told(every, "needs_action_findings") - 1
