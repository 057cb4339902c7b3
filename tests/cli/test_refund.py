"""``audit refund``: options, output, and what is refused."""

import json

import pytest

ROWAN = "Rowan Labs Oy"
DAYS = ("--from", "2026-10-12", "--to", "2026-10-14")


@pytest.fixture
def refund(audit, sample_store):
    def run(*arguments):
        return audit("refund", ROWAN, *arguments, "--store", sample_store)

    return run


def test_the_trace_the_bills_and_the_block_are_shown(refund):
    result = refund(*DAYS, "--product", "events")

    assert result.exit_code == 0, result.output
    for part in (
        "request_window",
        "a person must confirm",
        "above 3 times the three-month mean",
        "with the overage",
        "To paste into Billing Admin; nothing was written anywhere",
        "Escalate to RevOps",
    ):
        assert part in result.stdout


def test_what_is_typed_reaches_the_rules(refund):
    result = refund(
        *DAYS,
        *("--product", "events", "--scenario", "under_attack", "--reading", "2x"),
        *("--ceased", "--no-measures-taken", "--no-signs-of-abuse", "--hobby"),
        *("--earlier-refunds", "1", "--not-fixed", "--explanation", "a crawler"),
        *("--request-day", "2026-10-20", "--baseline", "events=1_000_000"),
        "--json",
    )
    found = json.loads(result.stdout)
    verdicts = {rule["name"]: rule["verdict"] for rule in found["rules"]}

    assert found["reading"].endswith("above 2 times the three-month mean")
    assert found["request_day"] == "2026-10-20"
    assert found["settlements"][0]["share_percent"] == 100  # a credit, by the pack of mid 2025
    assert found["amounts"][0]["baseline_units"] == 1_000_000
    assert verdicts["measures_taken"] == "no"
    assert verdicts["no_signs_of_abuse"] == "yes"
    assert list(found["scenarios"]) == ["under_attack"]


def test_an_account_file_gives_the_same_answer(refund, audit, sample_store, tmp_path):
    from audit.store import Store

    with Store.open(sample_store) as store:
        path = store.account(ROWAN).save(tmp_path / "account.zip")
    options = (*DAYS, "--product", "events", "--json")

    assert audit("refund", "--account", str(path), *options).stdout == refund(*options).stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "--from and --to"),
        (("--from", "2026-10-12"), "--from and --to"),
        (("--from", "12 Oct", "--to", "2026-10-14"), "--from is a day like"),
        ((*DAYS, "--product", "evnts"), "Did you mean events?"),
        ((*DAYS, "--scenario", "sadness"), "sadness"),
        ((*DAYS, "--earlier-refunds", "-1"), "--earlier-refunds"),
        ((*DAYS, "--product", "events", "--baseline", "events"), "PRODUCT=UNITS"),
        ((*DAYS, "--product", "events", "--baseline", "events=-1"), "PRODUCT=UNITS"),
        ((*DAYS, "--product", "events", "--tax-percent", "lots"), "--tax-percent"),
        (DAYS, "No product rose above 3 times"),
        (("--from", "2026-10-31", "--to", "2026-11-01"), "usage is known up to 2026-10-31"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(refund, arguments, says):
    result = refund(*arguments)

    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_organization_must_be_named(audit):
    result = audit("refund", *DAYS)

    assert result.exit_code == 2
    assert "Name an organization" in result.stderr
