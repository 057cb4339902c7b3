"""One account to one audit."""

from decimal import Decimal

import pytest

from audit import examine
from audit.errors import InputError, SettingsError
from audit.findings.document import document, to_csv, to_json


def only(findings, check):
    found = [finding for finding in findings if finding.check == check]
    assert len(found) == 1
    return found[0]


def autocapture_account(build, **more):
    rows = [
        build.usage_row("product_analytics", "$autocapture", 1_500_000),
        build.usage_row("product_analytics", "$pageview", 1_000_000),
    ]
    return build.account(rows=rows, **more)


def test_a_saving_is_the_bill_minus_the_counterfactual_bill(build):
    # 2.5M events: 1M x 0.00005 + 0.5M x 0.0000343 = 67.15 USD. Without the 1.5M
    # autocaptured ones the rest is within the free million: 67.15 saved, not 1.5M x average.
    audit = examine(autocapture_account(build))

    finding = only(audit.findings, "autocapture_unread")
    assert audit.bill.total == Decimal("67.15")
    assert finding.saving.alone == Decimal("67.15")
    assert audit.counterfactual_bill.total == Decimal("0.00")


def test_one_dropped_event_leaves_every_meter_it_was_billed_on(build):
    # Identified autocapture stands on two meters. Base: 3M events = 50 + 34.30 = 84.30;
    # identified: 2M = 198.00. After: 1M events and 0 identified: free.
    rows = [
        build.usage_row(
            "product_analytics", "$autocapture", 2_000_000, identified=True, known=True
        ),
        build.usage_row("enhanced_persons", "$autocapture", 2_000_000, identified=True, known=True),
        build.usage_row("product_analytics", "$pageview", 1_000_000),
    ]

    audit = examine(build.account(rows=rows))

    assert audit.bill.total == Decimal("282.30")
    assert only(audit.findings, "autocapture_unread").saving.alone == Decimal("282.30")


def test_the_free_allowance_is_per_organization_not_per_project(build):
    # Two projects of 1M events each: 2M together, 50 USD; per project it would be free.
    rows = [
        build.usage_row("product_analytics", "$autocapture", 1_000_000, project="1"),
        build.usage_row("product_analytics", "$pageview", 1_000_000, project="2"),
    ]

    audit = examine(build.account(rows=rows))

    assert audit.bill.total == Decimal("50.00")
    assert only(audit.findings, "autocapture_unread").saving.alone == Decimal("50.00")


def test_the_accounts_own_tiers_win_over_the_public_list(build):
    tiers = [
        {"up_to": 1_000_000, "unit_amount_usd": "0"},
        {"up_to": None, "unit_amount_usd": "0.0001"},
    ]
    subscription = {"organization_id": "acme", "product": "product_analytics", "tiers": tiers}

    audit = examine(autocapture_account(build, subscriptions=[subscription]))

    # 1.5M x 0.0001
    assert audit.bill.total == Decimal("150.00")
    assert audit.bill.lines[0].price == "own"


def test_discounts_apply_to_the_bill_and_to_the_saving(build):
    # 67.15 less 10% (6.715, half up 6.72) = 60.43, less 5.00.
    terms = {"discount_percent": "10", "discount_amount_usd": "5"}

    audit = examine(autocapture_account(build, organization=terms))

    assert audit.bill.total == Decimal("55.43")
    assert audit.joint_saving == Decimal("55.43")


def test_observed_rows_are_scaled_to_billed_totals_and_the_ratio_is_said(build):
    # Queries saw 2.5M, the bill counts 3M: 84.30 USD. Autocapture is 60% of it, 1.8M;
    # 1.2M left cost 10.00, so 74.30 is saved.
    billed = build.daily("event_count_in_period", 100_000)

    audit = examine(autocapture_account(build, usage_daily=billed))

    assert audit.bill.total == Decimal("84.30")
    assert audit.joint_saving == Decimal("74.30")
    warnings = [n.message for n in audit.data_quality if n.kind == "warning"]
    assert any("-16.7%" in text and "Product analytics" in text for text in warnings)


def test_a_small_difference_of_observed_and_billed_is_a_note_not_a_warning(build):
    billed = build.daily("event_count_in_period", 85_000)  # 2.55M against 2.5M

    audit = examine(autocapture_account(build, usage_daily=billed))

    assert not [n for n in audit.data_quality if n.kind == "warning"]


def test_a_missing_fact_is_not_evaluated_never_a_pass(build):
    covered = ("usage_rows.product_analytics",)

    audit = examine(autocapture_account(build, covered=covered))

    gap = [g for g in audit.not_evaluated if g.check == "autocapture_unread"]
    assert [(g.project_id, g.missing) for g in gap] == [("1", "autocapture_actions")]
    assert gap[0].reason == "not read: the pull brought no resources.action"
    assert not audit.findings


def test_the_reason_of_a_missing_scope_reaches_the_audit(build):
    coverage = [
        {
            "organization_id": "acme",
            "project_id": "",
            "subject": "usage_rows.product_analytics",
            "complete": True,
            "reason": "",
            "source": "posthog",
        },
        {
            "organization_id": "acme",
            "project_id": "1",
            "subject": "resources.action",
            "complete": False,
            "reason": "The key lacks the scope action:read.",
            "source": "posthog",
        },
    ]

    audit = examine(autocapture_account(build, covered=(), coverage=coverage))

    gap = next(g for g in audit.not_evaluated if g.check == "autocapture_unread")
    assert gap.reason == "The key lacks the scope action:read."


def test_a_fault_without_the_fact_to_price_it_is_found_and_said_to_be_unpriced(build):
    rows = [
        build.usage_row("product_analytics", "$identify", 500_000),
        build.usage_row("product_analytics", "$pageview", 1_500_000),
    ]

    audit = examine(build.account(rows=rows, covered=("usage_rows.product_analytics",)))

    finding = only(audit.findings, "identify_too_often")
    assert finding.saving.alone == Decimal("0.00")
    assert "not priced: sessions is unknown" in finding.message
    assert any(
        g.check == "identify_too_often" and g.missing == "sessions" for g in audit.not_evaluated
    )


def test_evidence_names_fact_query_and_data(build):
    audit = examine(autocapture_account(build))

    evidence = {e.fact: e for e in only(audit.findings, "autocapture_unread").evidence}
    assert evidence["events"].value == 2_500_000
    assert evidence["autocapture_actions"].value == 0
    assert evidence["events"].query == "project_events.sql"
    assert len(evidence["events"].query_sha256) == 64
    assert evidence["events"].rows == 2
    assert len(evidence["events"].data_sha256) == 64


def test_the_data_hash_moves_with_the_data(build):
    first = examine(autocapture_account(build))
    rows = [build.usage_row("product_analytics", "$autocapture", 1_500_001)]
    second = examine(build.account(rows=rows))

    def hashes(audit):
        return {e.data_sha256 for f in audit.findings for e in f.evidence if e.fact == "events"}

    assert hashes(first) != hashes(second)


def test_the_same_account_gives_the_same_bytes(build):
    account = autocapture_account(build)

    assert to_json(examine(account)) == to_json(examine(account))


def test_a_saved_account_reproduces_the_findings_byte_for_byte(build, tmp_path):
    account = autocapture_account(build, usage_daily=build.daily("event_count_in_period", 90_000))
    saved = account.save(tmp_path / "account.zip")

    again = examine(type(account).load(saved))

    assert to_json(again) == to_json(examine(account))
    assert to_csv(again) == to_csv(examine(account))


def test_thresholds_of_the_caller_win_and_are_kept_with_the_finding(build):
    audit = examine(
        autocapture_account(build), thresholds={"autocapture_unread": {"autocapture_percent": 61}}
    )

    assert not [f for f in audit.findings if f.check == "autocapture_unread"]


@pytest.mark.parametrize(
    ("thresholds", "told"),
    [
        ({"autocapture_unred": {"autocapture_percent": 40}}, "Nearest: autocapture_unread"),
        ({"autocapture_unread": {"autocapture_share": 40}}, "Nearest: autocapture_percent"),
        ({"autocapture_unread": {"autocapture_percent": 140}}, "outside 0 to 100"),
        ({"autocapture_unread": {"autocapture_percent": "40"}}, "is not a number"),
    ],
)
def test_a_threshold_that_cannot_be_meant_is_refused(build, thresholds, told):
    with pytest.raises(SettingsError, match=told):
        examine(autocapture_account(build), thresholds=thresholds)


def test_an_unknown_policy_names_the_nearest(build):
    with pytest.raises(SettingsError, match="Nearest: 2026-11"):
        examine(autocapture_account(build), policy="2026-12")


@pytest.mark.parametrize("lookback_days", [0, -1, 367])
def test_a_window_that_cannot_be_meant_is_refused(build, lookback_days):
    with pytest.raises(InputError, match="lookback_days is 1 to 366"):
        examine(autocapture_account(build), lookback_days=lookback_days)


def test_a_wrong_as_of_is_refused(build):
    with pytest.raises(InputError, match="2026-13-01"):
        examine(autocapture_account(build), as_of="2026-13-01")


def test_another_window_is_scaled_to_a_billing_month(build):
    # 10 days of 100,000 events are 1M, so a month of 3M: 84.30 USD.
    billed = build.daily("event_count_in_period", 100_000)

    audit = examine(build.account(usage_daily=billed), lookback_days=10)

    assert audit.bill.total == Decimal("84.30")
    assert any("scaled to a billing month" in n.message for n in audit.data_quality)


def test_an_account_without_usage_is_an_audit_that_says_so(build):
    audit = examine(build.account())

    assert audit.bill.total == Decimal("0.00")
    assert audit.findings == ()
    assert audit.joint_saving == Decimal("0.00")
    assert document(audit)["bill"]["lines"] == []


def test_days_that_are_missing_are_said_and_not_scaled_up(build):
    billed = build.daily("event_count_in_period", 1_000_000, days=2)

    audit = examine(build.account(usage_daily=billed))

    assert audit.bill.total == Decimal("50.00")
    assert audit.period.observed_days == 2
    assert any("2 of 30" in n.message for n in audit.data_quality)


def test_usage_after_as_of_is_left_out_and_said(build):
    billed = build.daily("event_count_in_period", 100_000)

    audit = examine(build.account(usage_daily=billed), as_of="2026-10-22")

    # 20 days are before 22 October.
    assert audit.period.observed_days == 20
    assert any("10 rows lie on or after 2026-10-22" in n.message for n in audit.data_quality)


def test_project_id_narrows_project_checks_and_keeps_the_bill(build):
    rows = [
        build.usage_row("product_analytics", "$autocapture", 2_000_000, project="1"),
        build.usage_row("product_analytics", "$autocapture", 2_000_000, project="2"),
    ]
    account = build.account(rows=rows)

    audit = examine(account, project_id="2")

    assert {f.project_id for f in audit.findings} == {"2"}
    assert audit.bill == examine(account).bill


def test_an_unknown_project_is_refused(build):
    with pytest.raises(InputError, match="No project '9'"):
        examine(autocapture_account(build), project_id="9")


def test_a_product_without_a_public_price_is_said_not_guessed(build):
    billed = build.daily("data_pipelines", 100_000)

    audit = examine(build.account(usage_daily=billed))

    assert audit.bill.lines == ()
    assert any("(deprecated add-on) are not on the bill" in n.message for n in audit.data_quality)


def test_formula_cells_are_defused(build):
    rows = [build.usage_row("product_analytics", "$autocapture", 2_000_000)]
    project = {"organization_id": "acme", "project_id": "1", "name": "=cmd|' /C calc'!A0"}

    text = to_csv(examine(build.account(rows=rows, projects=[project])))

    assert "'=cmd|' /C calc'!A0" in text
    assert ",=cmd" not in text
