"""Whatever goes wrong is one line that says what to do, with the right code and no key in it."""

import json
import re

import pytest
from fake_posthog import KEY, error

KEYED = {"POSTHOG_PERSONAL_API_KEY": KEY}


def one_line(result):
    progress = ("sample: ", "pull: ", "files: ", "scan: ", "run: ", "doctor: ")
    lines = [line for line in result.stderr.splitlines() if not line.startswith(progress)]
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("audit: ")
    assert "Traceback" not in result.output
    return lines[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["price", "session_replya=1"], "Did you mean"),
        (["price", "session_replay=-1"], "session_replay"),
        (["price", "session_replay=1", "--on", "tomorrow"], "--on is a day like 2026-11-01"),
        (["price", "session_replay=1", "--tiers", "none.json"], "none.json"),
        (["price"], "`audit price --help` has examples"),
        (["checks", "autocapture_unred"], "Nearest: autocapture_unread"),
        (["checks", "--policy", "2025-07"], "Nearest: 2025-06"),
        (["sample", "--organizations", "0"], "Ask for 1 or more"),
        (["sample", "--as-of", "1.11.2026"], "--as-of is a day like 2026-11-01"),
        (["sample", "--organizations", "many"], "valid integer"),
        (["pull"], "pass --current"),
        (["pull", "an-id", "--current"], "one of the two"),
        (["pull", "--current"], "POSTHOG_PERSONAL_API_KEY"),
        (["files", "nowhere"], "No folder nowhere"),
        (["files", "--explain", "nowhere"], "No folder nowhere"),
        (["list"], "audit sample"),
        (["list", "--sort", "name"], "No such option"),
        (["scan", "--json", "--csv"], "exclude each other"),
        (["scan"], "No store at audit.duckdb"),
        (["findings"], "Name an organization"),
        (["findings", "--account", "none.zip"], "No account file at none.zip"),
        (["findings", "x", "--fail-on", "everything"], "needs_action"),
        (["run", "x"], "No store at audit.duckdb"),
        (["explain", "autocapture_unred-123"], "Nearest check: autocapture_unread"),
        (["explain", "autocapture_unread-123"], "No store at audit.duckdb"),
        (["doctor", "--hots", "eu"], "--host"),
        (["fidnings"], "Did you mean 'findings'? `audit --help`"),
        (["price", "nope=5"], "Unknown product 'nope'. `audit price --list` shows all"),
        (["price", "session_replya=1"], "Did you mean session_replay? `audit price --list`"),
        (["price", "logs=1", "--on", "2026-05-01"], "`audit price --list` shows all"),
        (["price", "logs=1", "--list"], "one of the two"),
        (["price", "logs=1", "--limit", "lgos=5"], "Unknown product 'lgos'. Did you mean logs?"),
        (["price", "logs=1", "--limit", "logs"], "--limit is PRODUCT=USD"),
        (["price", "logs=1", "--limit", "logs=-5"], "--limit logs is a number from 0"),
        (["price", "logs=1", "--limit", "logs=1", "--limit", "logs=2"], "given twice"),
        (["price", "logs=1", "--credit", "five"], "--credit is a number from 0"),
        (["price", "logs=1", "--discount-percent", "101"], "from 0 to 100"),
        (["--config", "none.toml", "list"], "none.toml"),
    ],
)
def test_wrong_input_is_one_line_and_code_2(audit, arguments, said):
    result = audit(*arguments)

    assert result.exit_code == 2
    assert said in one_line(result)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["findings", "Rowan Lab"], "Near: edf64921-8e31-5ee2-b4e5-87fe8ef88c2a (Rowan Labs Oy)"),
        (["findings", "Rowan Labs Oy", "--only", "autocapture"], "No check or area 'autocapture'"),
        (["findings", "Rowan Labs Oy", "--lookback-days", "0"], "lookback_days is 1 to 366"),
        (["findings", "Rowan Labs Oy", "--project", "9"], "No project '9'"),
        (["explain", "autocapture_unread-"], "2 findings start with"),
        (["explain", "autocapture_unread-ffffffffffff"], "Another --policy"),
        (["scan", "--only", "health"], "No check is left"),
        (["scan", "--skip", "nothing"], "No check or area 'nothing'"),
    ],
)
def test_what_a_store_does_not_have_is_one_line_and_code_2(audit, sample_store, arguments, said):
    result = audit(*arguments, "--store", sample_store)

    assert result.exit_code == 2
    assert said in result.stderr.splitlines()[-1]


def test_a_refused_key_is_code_4_and_names_the_region(audit, vendor):
    vendor.key = "phx_another"

    result = audit("pull", "--current", "--host", vendor.url, **KEYED)

    assert result.exit_code == 4
    assert "A key works in one region only" in result.stderr.splitlines()[-1]
    assert KEY not in result.output


def test_a_scope_that_is_missing_is_named_with_what_to_do(audit, vendor):
    vendor.missing_scopes = {"action:read"}

    result = audit("pull", "--current", "--host", vendor.url, "--verbose", **KEYED)

    assert result.exit_code == 0, result.output
    told = [line for line in result.stdout.splitlines() if line.startswith("Not read: ")]
    assert any("resources.action" in line and "scope action:read" in line for line in told)
    assert KEY not in result.output


def test_subjects_that_were_not_read_are_one_line_unless_asked_for(audit, vendor):
    vendor.missing_scopes = {"action:read"}

    result = audit("pull", "--current", "--host", vendor.url, **KEYED)

    told = [line for line in result.stdout.splitlines() if "not read" in line.casefold()]
    assert len(told) == 1
    assert re.search(r"^\d+ subjects? not read: `audit findings .*--verbose", told[0])


@pytest.mark.parametrize("arguments", [["files", "exports"], ["files", "--explain", "exports"]])
def test_a_broken_file_is_bad_input(audit, tmp_path, arguments):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "billing.json").write_text('{"products": [')

    result = audit(*arguments)

    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("audit: billing.json, line 1, column")


def test_a_file_of_unknown_products_is_bad_input(audit, tmp_path):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "u.csv").write_text("day,product,quantity\n2026-04-15,Surveyes,9\n")

    result = audit("files", "exports")

    assert result.exit_code == 2
    assert "u.csv, line 2, column 'product': 'Surveyes'" in result.stderr
    assert "Nearest: 'Surveys'" in result.stderr
    assert not list(tmp_path.glob("*.duckdb"))


def test_a_file_that_is_no_store_asks_for_another(audit, tmp_path):
    (tmp_path / "README.md").write_text("# A page")

    result = audit("list", "--store", "README.md")

    assert result.exit_code == 2
    assert "Name another file with --store" in one_line(result)


def test_a_bad_policy_stops_a_run_before_it_starts(audit, sample_store, tmp_path):
    result = audit("run", "Rowan Labs Oy", "--store", sample_store, "--policy", "2025-07")

    assert result.exit_code == 2
    assert "Nearest: 2025-06" in one_line(result)
    assert not (tmp_path / "reports").exists()


def test_a_pull_that_fails_publishes_nothing(audit, vendor, tmp_path):
    vendor.faults["/members/"] = [error(401, "authentication_failed", "gone")]

    result = audit("pull", "--current", "--host", vendor.url, **KEYED)

    assert result.exit_code == 4
    assert not list(tmp_path.glob("*.duckdb"))


def test_an_unexpected_error_is_one_line_with_the_way_to_the_trace(audit, tmp_path):
    (tmp_path / "audit.duckdb").mkdir()  # stands for what nobody thought of

    result = audit("sample")

    assert result.exit_code in (2, 4)
    assert "Traceback" not in result.output
    assert "audit.duckdb" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("place", ["before", "after"])
def test_debug_adds_the_trace_wherever_it_stands(audit, place):
    arguments = ["--debug", "list"] if place == "before" else ["list", "--debug"]

    result = audit(*arguments)

    assert "Traceback (most recent call last)" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("audit: No store")


def test_the_environment_asks_for_the_trace_too(audit):
    assert "Traceback" in audit("list", AUDIT_DEBUG="1").stderr
    assert "Traceback" not in audit("list", AUDIT_DEBUG="0").stderr


def test_a_key_typed_in_the_wrong_place_is_not_repeated(audit, sample_store):
    result = audit("findings", "phx_" + "0123456789abcdefghij", "--store", sample_store)

    assert result.exit_code == 2
    assert "0123456789abcdefghij" not in result.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('stroe = "x"', "no setting 'stroe'. Nearest: store"),
        ("lookback_days = 0", "lookback_days = 0"),
        ('lookback_days = "a month"', "lookback_days = 'a month'"),
        ("store = [", "is not TOML"),
        ('posthog_key = "phx_0123456789"', "keys are not settings"),
        ("[thresholds]\nautocapture_unread = 4", "thresholds.autocapture_unread = 4"),
        ("[thresholds.autocapture_unred]\nx = 4", "Nearest: autocapture_unread"),
        ("[thresholds.autocapture_unread]\npercent = 4", "Nearest: autocapture_percent"),
        ("[thresholds.autocapture_unread]\nautocapture_percent = 101", "outside 0 to 100"),
        ("[thresholds.autocapture_unread]\nautocapture_percent = true", "not a number"),
        ('policy = "2025-6"', "Nearest: 2025-06"),
    ],
)
def test_a_bad_settings_file_is_one_line_and_code_2(audit, tmp_path, text, said):
    (tmp_path / "audit.toml").write_text(text)

    result = audit("checks")

    assert result.exit_code == 2
    assert said in one_line(result)
    assert "phx_" not in result.output


def test_a_bad_variable_is_named(audit):
    result = audit("checks", AUDIT_LOOKBACK_DAYS="month")

    assert result.exit_code == 2
    assert "AUDIT_LOOKBACK_DAYS" in one_line(result)


def test_options_win_over_environment_over_file_over_defaults(audit, sample_store, tmp_path):
    (tmp_path / "audit.toml").write_text('store = "of_the_file.duckdb"')

    assert "No store at of_the_file.duckdb" in audit("list").stderr
    assert "No store at of_env.duckdb" in audit("list", AUDIT_STORE="of_env.duckdb").stderr
    assert audit("list", "--store", sample_store, AUDIT_STORE="of_env.duckdb").exit_code == 0


def test_paths_in_a_settings_file_are_relative_to_it(audit, tmp_path):
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "ours.toml").write_text('store = "shared.duckdb"')

    result = audit("--config", "team/ours.toml", "list")

    assert re.search(r"No store at team/shared\.duckdb", result.stderr)


def test_json_stays_json_when_an_exit_code_says_more(audit, sample_store):
    result = audit(
        "findings", "Rowan Labs Oy", "--store", sample_store, "--json", "--fail-on", "opportunity"
    )

    assert result.exit_code == 1
    assert json.loads(result.stdout)["findings"]
