"""Decisions by command: refused unless whole, listed with what became of them, never hidden."""

import csv
import io
import json
import shutil

import pytest

from audit.cli.output import emit_csv

ROWAN = "Rowan Labs Oy"
MARIGOLD = "Marigold & Daughters"
HOSTILE = "\x1b[31m=cmd|'/C calc'!A0 \u202e[bold]"
CSI = "\x1b["
WHOLE = {
    "--organization": MARIGOLD,
    "--reason": "read in their own warehouse",
    "--owner": "Ada",
    "--until": "2027-03-01",
    "--as-of": "2026-11-01",
}


@pytest.fixture
def store(sample_store, tmp_path):
    """The sample where the command looks for it."""
    shutil.copy(sample_store, tmp_path / "audit.duckdb")


@pytest.fixture
def suppress(audit):
    """``suppress("autocapture_unread", **{"--up-to-usd": "5"})``; None leaves an option out."""

    def run(check="autocapture_unread", *more, **changed):
        given = {**WHOLE, **changed}
        options = [p for name, value in given.items() if value is not None for p in (name, value)]
        return audit("suppress", *([check] if check else []), *options, *more)

    return run


def written(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def said(result):
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("audit: ")
    assert len(result.stderr.splitlines()) == 1
    return result.stderr


def found(audit, *arguments):
    result = audit("findings", MARIGOLD, "--json", *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_decision_is_written_and_the_finding_leaves_the_total(audit, store, suppress):
    before = found(audit)

    one = written(suppress("autocapture_unread", "--json"))

    after = found(audit)
    assert one["id"] == 1
    assert one["organization_id"] == before["organization_id"]
    assert one["ledger"] == "audit-ledger.sqlite"
    [finding] = [f for f in after["findings"] if f["check"] == "autocapture_unread"]
    assert finding["suppressed"]
    assert finding["suppression_id"] == 1
    assert after["findings"][-1] == finding
    total = float(after["joint_saving"]) + float(after["suppressed_saving"])
    assert total == pytest.approx(float(before["joint_saving"]), abs=0.001)
    assert float(after["suppressed_saving"]) > 0


def test_people_read_it_beside_the_total_and_on_the_finding(audit, store, suppress):
    suppress()

    shown = audit("findings", MARIGOLD, COLUMNS="200").stdout

    assert "1 finding suppressed, which would save $" in shown
    assert "suppression 1 by Ada until 2027-03-01: read in their own warehouse" in shown


def test_the_scan_has_its_columns(audit, store, suppress):
    plain = audit("scan").stdout
    suppress()
    rows = json.loads(audit("scan", "--json", "--top", "0").stdout)
    shown = audit("scan", "--top", "0").stdout

    [row] = [one for one in rows if one["name"] == MARIGOLD]
    assert row["suppressed"] == 1
    assert float(row["suppressed_saving_usd"]) > 0
    assert f"${float(row['suppressed_saving_usd']):,.2f}" in shown
    assert "suppressed" not in plain


def test_what_is_suppressed_fails_no_build(audit, store, suppress):
    only = ("--only", "autocapture_unread", "--fail-on", "opportunity")
    assert audit("findings", MARIGOLD, *only).exit_code == 1
    assert audit("scan", *only).exit_code == 1

    for name in [row["name"] for row in json.loads(audit("scan", "--json", "--top", "0").stdout)]:
        suppress(**{"--organization": name})

    assert audit("findings", MARIGOLD, *only).exit_code == 0
    assert audit("scan", *only).exit_code == 0


def test_explain_says_that_it_is_suppressed(audit, store, suppress):
    suppress()
    shown = audit("explain", "autocapture_unread-201b").stdout

    assert "Suppression 1 by Ada until 2027-03-01" in shown
    assert "would save $" in shown


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"--reason": None}, "missing: --reason"),
        ({"--reason": " "}, "missing: --reason"),
        ({"--owner": None}, "missing: --owner"),
        ({"--until": None}, "missing: --until"),
        ({"--until": None, "--reason": None}, "missing: --reason, --until"),
        ({"--organization": None}, "missing: --organization"),
        ({"--until": "2026-10-31"}, "until 2026-10-31 is before 2026-11-01"),
        ({"--until": "next year"}, "--until is a day like 2026-11-01"),
        ({"--up-to-usd": "-1"}, "USD a billing month in whole cents from 0"),
        ({"--up-to-usd": "0.001"}, "USD a billing month in whole cents from 0"),
        ({"--up-to-usd": "lots"}, "USD a billing month in whole cents from 0"),
        ({"--organization": "Marigold & Dauthers"}, "Marigold & Daughters"),
        ({"--project": "Productoin"}, "Nearest: Production"),
        ({"--product": "logs"}, "finds its fault in projects, so --product 'logs' would never"),
        ({"--reason": "a\0b"}, "U+0000"),
    ],
)
def test_what_is_not_whole_is_refused_and_nothing_is_written(
    audit, store, suppress, tmp_path, changed, message
):
    assert message in said(suppress(**changed))
    assert not (tmp_path / "audit-ledger.sqlite").exists()


@pytest.mark.parametrize(
    ("check", "changed", "message"),
    [
        ("autocapture_unred", {}, "No check 'autocapture_unred'. Nearest: autocapture_unread"),
        (None, {}, "Name a check"),
        ("product_unused", {"--product": "lgos"}, "Nearest: logs"),
        ("product_unused", {"--project": "1"}, "finds its fault in products"),
        ("group_analytics_unused", {"--project": "1"}, "the organization as a whole"),
    ],
)
def test_an_unknown_check_or_place_is_named_with_the_nearest(
    suppress, store, check, changed, message
):
    assert message in said(suppress(check, **changed))


def test_without_a_store_nobody_knows_the_organization(suppress):
    assert "No store at audit.duckdb" in said(suppress())


def test_a_decision_may_be_about_an_account_file(audit, store, suppress, tmp_path):
    from audit import examine, load_account, write

    write(examine(load_account(MARIGOLD, store="audit.duckdb")), tmp_path)
    place = {"--organization": None, "--account": "account.zip"}
    one = written(suppress("autocapture_unread", "--json", **place))

    assert one["organization_id"] == found(audit)["organization_id"]


def test_a_project_goes_by_its_name_too(suppress, store):
    one = written(suppress("autocapture_unread", "--json", **{"--project": "Production"}))

    assert one["project_id"].isdigit()


def test_a_lift_opens_it_again_and_is_kept(audit, store, suppress):
    before = found(audit)
    suppress()

    lifted = written(
        audit("suppress", "--lift", "1", "--owner", "Bob", "--reason", "fixed", "--json")
    )

    assert lifted["lifted_by"] == "Bob"
    assert found(audit) == before
    assert json.loads(audit("suppressions", "--json").stdout)["suppressions"] == []
    [row] = json.loads(audit("suppressions", "--all", "--json").stdout)["suppressions"]
    assert (row["state"], row["lift_reason"]) == ("lifted", "fixed")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--lift", "9"], "No suppression 9 in audit-ledger.sqlite. Not lifted: 1"),
        (["--lift", "1", "--until", "2027-01-01"], "--lift takes the number"),
        (["autocapture_unread", "--lift", "1"], "--lift takes the number"),
        (["--lift", "one"], "valid integer"),
    ],
)
def test_a_lift_of_nothing_is_refused(audit, store, suppress, arguments, message):
    suppress()

    assert message in said(audit("suppress", *arguments))


def test_the_list_says_what_became_of_each(audit, store, suppress):
    suppress(**{"--up-to-usd": "1"})
    suppress("group_analytics_unused")
    suppress("set_too_often")
    suppress("autocapture_unread", **{"--until": "2026-11-01", "--project": "Production"})

    told = json.loads(audit("suppressions", "--json").stdout)
    later = json.loads(audit("suppressions", "--json", "--as-of", "2026-11-02").stdout)

    assert [one["state"] for one in told["suppressions"]] == [
        "reopened",
        "suppresses",
        "unused",
        "suppresses",
    ]
    assert told["overlapping"] == [[1, 4]]
    assert later["suppressions"][3]["state"] == "expired"
    assert later["overlapping"] == []


def test_an_overlap_is_told_at_once(suppress, store):
    suppress()

    assert "It overlaps suppression 1" in suppress(**{"--project": "Production"}).stderr


def test_without_a_store_the_list_claims_nothing(audit, store, suppress, tmp_path):
    suppress()
    (tmp_path / "audit.duckdb").unlink()

    result = audit("suppressions", "--json", "--as-of", "2026-11-01")

    assert [one["state"] for one in written(result)["suppressions"]] == ["not_evaluated"]
    assert "No store at audit.duckdb" in result.stderr


def test_only_one_organization(audit, store, suppress):
    suppress()
    suppress(**{"--organization": ROWAN})

    rows = written(audit("suppressions", "--organization", ROWAN, "--json"))["suppressions"]

    assert [one["id"] for one in rows] == [2]
    assert "Near: " in said(audit("suppressions", "--organization", "Rowan Labs Oi"))


def test_hostile_text_acts_on_no_terminal(audit, store, suppress):
    suppress(**{"--reason": HOSTILE, "--owner": HOSTILE})

    for command in (
        ["suppressions"],
        ["findings", MARIGOLD],
        ["explain", "autocapture_unread-201b"],
    ):
        shown = audit(*command).stdout
        assert "[U+001B]" in shown
        assert "[bold]" in shown
        assert CSI not in shown
        assert "\u202e" not in shown
    for command in (["suppressions", "--json"], ["findings", MARIGOLD, "--json"]):
        assert CSI not in audit(*command).stdout


def test_hostile_text_is_no_formula_in_a_spreadsheet(audit, store, suppress):
    suppress(**{"--reason": "=1+1", "--owner": "@SUM(A1)"})

    [row] = csv.DictReader(io.StringIO(audit("suppressions", "--csv").stdout))

    assert (row["reason"], row["owner"]) == ("'=1+1", "'@SUM(A1)")


def test_csv_on_a_terminal_shows_what_it_hides(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)

    emit_csv(f"1,{HOSTILE}\n")

    assert CSI not in capsys.readouterr().out


def test_a_ledger_that_was_typed_and_is_not_there_is_said(audit, store):
    assert "No ledger at none.sqlite" in said(
        audit("findings", MARIGOLD, "--ledger", "none.sqlite")
    )
    assert audit("findings", MARIGOLD).exit_code == 0


def test_an_unreadable_ledger_stops_an_audit(audit, store, tmp_path):
    (tmp_path / "audit-ledger.sqlite").write_text("not a database, but decisions may be in it")

    for command in (["findings", MARIGOLD], ["scan"], ["suppressions"], ["run", MARIGOLD]):
        assert "is no ledger: it is not a SQLite file" in audit(*command).stderr.splitlines()[-1]


def test_the_ledger_of_a_settings_file_stands_beside_it(audit, store, suppress, tmp_path):
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "ours.toml").write_text(
        'ledger = "decisions.sqlite"\nstore = "../audit.duckdb"'
    )
    options = [part for pair in WHOLE.items() for part in pair]

    result = audit("--config", "team/ours.toml", "suppress", "autocapture_unread", *options)

    assert result.exit_code == 0, result.output
    assert (tmp_path / "team" / "decisions.sqlite").exists()


PASSWORD = "correct-horse-battery"


@pytest.mark.parametrize("debug", [[], ["--debug"]])
@pytest.mark.parametrize("command", [["findings", MARIGOLD], ["suppressions"], ["doctor"]])
def test_a_password_in_the_ledgers_url_is_never_shown(audit, store, tmp_path, command, debug):
    url = f"postgresql://ada:{PASSWORD}@127.0.0.1:1/audit"
    (tmp_path / "audit.toml").write_text(f'ledger = "{url}"')

    from_file = audit(*command, *debug)
    (tmp_path / "audit.toml").unlink()
    from_variable = audit(*command, *debug, AUDIT_LEDGER=url)

    for result in (from_file, from_variable):
        assert PASSWORD not in result.output + result.stderr
        assert "postgresql://127.0.0.1:1/audit" in " ".join((result.stdout + result.stderr).split())


def test_an_account_file_repeats_the_decisions_it_was_kept_with(audit, store, suppress, tmp_path):
    from audit import examine, load_account, write
    from audit.ledger.storage import Ledger

    suppress()
    decided = Ledger.at("audit-ledger.sqlite").suppressions()
    write(examine(load_account(MARIGOLD, store="audit.duckdb"), suppressions=decided), tmp_path)
    kept = json.loads(audit("findings", "--account", "account.zip", "--json").stdout)
    audit("suppress", "--lift", "1")

    again = json.loads(audit("findings", "--account", "account.zip", "--json").stdout)
    anew = json.loads(
        audit(
            "findings", "--account", "account.zip", "--json", "--ledger", "audit-ledger.sqlite"
        ).stdout
    )

    assert again == kept == json.loads((tmp_path / "findings.json").read_text())
    assert kept["suppressed_saving"] != "0.00"
    assert anew["suppressed_saving"] == "0.00"
