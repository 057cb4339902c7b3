"""``audit policy``: the packs, one of them, two against each other, and for an organization."""

import json
from datetime import date

import pytest

from audit.account import Account
from audit.sources.sample import portfolio
from audit.store import Store, publish

MONTHS = (("2026-09-01", "2026-10-01"), ("2026-08-01", "2026-09-01"), ("2026-07-01", "2026-08-01"))


def test_the_packs_are_listed_with_the_one_in_the_settings(audit):
    shown = audit("policy")
    packs = json.loads(audit("policy", "--json", AUDIT_POLICY="2026-11").stdout)

    assert shown.exit_code == 0
    assert "2025-06" in shown.stdout
    assert "in your settings" in shown.stdout
    assert [(pack["name"], pack["chosen"], pack["default"]) for pack in packs] == [
        ("2025-06", False, True),
        ("2026-11", True, False),
    ]


def test_one_pack_is_shown_with_every_source(audit):
    said = audit("policy", "2025-06").stdout
    values = json.loads(audit("policy", "2025-06", "--json").stdout)["values"]

    assert "contract.handover_usd" in said
    assert "1,667" in said
    assert "Not in force: check_in_due." in said
    assert all(one["source"] for one in values)
    (handover,) = [one for one in values if one["key"] == "contract.handover_usd"]
    assert handover["value"] == 1667
    assert handover["feeds"] == ["sales_handover_ready.monthly_usd"]


def test_two_packs_differ_where_the_handbooks_do(audit):
    changed = json.loads(audit("policy", "2025-06", "2026-11", "--json").stdout)["changes"]

    by_key = {one["key"]: (one["before"], one["after"]) for one in changed}
    assert by_key["contract.handover_usd"] == (1667, 1000)
    assert by_key["words.handover_segment"] == ("Create AE lead", "Onboarding referral")
    assert by_key["check_in_due"] == (None, "in force")
    assert "contract.slack_connect_usd" not in by_key


def test_a_pack_does_not_differ_from_itself(audit):
    assert json.loads(audit("policy", "2026-11", "2026-11", "--json").stdout)["changes"] == []


def test_a_pack_of_ones_own_starts_from_one_that_ships(audit, tmp_path):
    text = audit("policy", "2026-11", "--toml").stdout
    own = text.replace('name = "2026-11"', 'name = "ours"').replace("value = 1000,", "value = 900,")
    (tmp_path / "ours.toml").write_text(own)

    changed = json.loads(audit("policy", "2026-11", "ours.toml", "--json").stdout)["changes"]

    assert [(one["key"], one["before"], one["after"]) for one in changed] == [
        ("contract.handover_usd", 1000, 900)
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("2026-12",), "No policy '2026-12'. Nearest: 2026-11."),
        (("2026-11", "x.toml"), "Cannot read the policy pack x.toml"),
        (("mine", "--toml"), "--toml needs a pack that ships: 2025-06, 2026-11."),
        (("2025-06", "2026-11", "Nobody"), "No store at audit.duckdb."),
    ],
)
def test_what_is_not_there_is_said_in_one_line(audit, arguments, said):
    result = audit("policy", *arguments)

    assert result.exit_code == 2
    assert said in result.output
    assert result.output.count("\n") == 1


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """One organization with three bills of 1,200 USD, and 15 days since its first message."""
    tables = dict(portfolio(1, as_of=date(2026, 11, 1), faults=False).tables)
    identity = tables["organizations"]["organization_id"].iloc[0]
    tables["invoices"] = [
        {
            "organization_id": identity,
            "invoice_id": str(number),
            "status": "paid",
            "total_usd": 1200,
            "period_start": start,
            "period_end": end,
        }
        for number, (start, end) in enumerate(MONTHS)
    ]
    crm = {
        "onboarding_pipeline": "2. Onboarding Initiated",
        "first_outreach_at": "2026-10-16",
        "forecasted_mrr_usd": "1200",
        "segments": "Onboarding Lead",
    }
    tables["lifecycle"] = [
        {"organization_id": identity, "field": field, "value": value}
        for field, value in crm.items()
    ]
    account = Account.from_tables(identity, tables)
    path = tmp_path_factory.mktemp("policy") / "one.duckdb"
    publish(path, account.frames)
    return str(path)


def test_an_organization_shows_what_the_other_pack_would_find(audit, store):
    name = json.loads(audit("list", "--store", store, "--json").stdout)[0]["organization_id"]

    result = audit("policy", "2025-06", "2026-11", name, "--store", store, "--json")
    shown = audit("policy", "2025-06", "2026-11", name, "--store", store).stdout

    effect = json.loads(result.stdout)
    what = {one["check"]: one["what"] for one in effect["findings"]}
    assert what["check_in_due"] == "appears"
    assert effect["joint_saving_usd"]["change"] == "0.00"
    assert effect["handover"]["before"]["segment"] == "Create AE lead"
    assert effect["handover"]["after"]["segment"] == "Onboarding referral"
    assert "not all of the last 3 bills are above $1,667.00" in "; ".join(
        effect["handover"]["before"]["reasons"]
    )
    assert "check_in_due" in shown
    assert "Handover to Sales under 2026-11" in shown


def test_the_other_way_round_it_disappears_and_says_why(audit, store):
    name = json.loads(audit("list", "--store", store, "--json").stdout)[0]["organization_id"]

    result = audit("policy", "2026-11", "2025-06", name, "--store", store, "--json")

    moved = {one["check"]: one for one in json.loads(result.stdout)["findings"]}
    assert moved["check_in_due"]["what"] == "disappears"
    assert moved["check_in_due"]["why"] == "The page of mid 2025 has no extra check-in."


def test_names_of_customers_have_no_power_over_a_terminal(audit, tmp_path):
    tables = dict(portfolio(1, as_of=date(2026, 11, 1)).tables)
    tables["organizations"] = tables["organizations"].assign(name="\x1b[31mred\u202e")
    publish(tmp_path / "hostile.duckdb", tables)

    said = audit(
        "policy", "2025-06", "2026-11", "\x1b[31mred\u202e", "--store", "hostile.duckdb"
    ).stdout

    assert "\x1b" not in said
    assert "\u202e" not in said


def test_a_pack_of_the_settings_stands_beside_them(audit, tmp_path, store):
    (tmp_path / "rules").mkdir()
    text = audit("policy", "2026-11", "--toml").stdout
    (tmp_path / "rules" / "ours.toml").write_text(text.replace('"2026-11"', '"ours"', 1))
    (tmp_path / "rules" / "audit.toml").write_text('policy = "ours.toml"')

    found = audit("--config", "rules/audit.toml", "queue", "--store", store, "--json")

    assert json.loads(found.stdout)["policy"] == "ours"


def test_an_account_file_cannot_name_a_file_of_this_machine(audit, store, tmp_path):
    with Store.open(store) as opened:
        account = opened.account(opened.organizations()["organization_id"].iloc[0])
    account.save(tmp_path / "account.zip", {"policy": "/etc/rules.toml"})

    result = audit("findings", "--account", "account.zip")

    assert result.exit_code == 2
    assert "names the policy '/etc/rules.toml', a file of whoever wrote it" in result.output
