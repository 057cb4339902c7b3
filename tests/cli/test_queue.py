"""``audit queue``: tables, JSON and CSV of who is due, and the model behind the order."""

import csv
import io
import json

import pytest

from audit.cli.queue import CSV_FIELDS
from audit.store import publish


@pytest.fixture
def queue(audit, sample_store):
    return lambda *more, **environment: audit(
        "queue", "--store", sample_store, *more, **environment
    )


def rows(result):
    return json.loads(result.stdout)["rows"]


def test_what_is_due_is_listed_with_the_counts_of_all(queue):
    result = queue()

    assert result.exit_code == 0
    assert "first message" in result.stdout
    assert "due, " in result.stdout.splitlines()[-1]


def test_the_document_has_rows_counts_and_the_model(queue):
    found = json.loads(queue("--all", "--json").stdout)

    assert len(found["rows"]) == 12 == sum(found["counts"][s] for s in ("due", "waiting", "held"))
    assert {row["state"] for row in found["rows"]} >= {"due", "held"}
    assert [row["rank"] for row in found["rows"]] == list(range(1, 13))
    assert all(row["why"] and row["basis"] == "estimate" for row in found["rows"])
    assert all(row["held"] for row in found["rows"] if row["state"] == "held")
    assert {one["key"] for one in found["model"]} >= {"queue.answer_percent"}
    assert all(one["source"] for one in found["model"])


def test_the_list_is_the_same_with_fewer_rows(queue):
    everything = rows(queue("--all", "--json"))

    assert rows(queue("--json")) == [row for row in everything if row["state"] == "due"]
    assert rows(queue("--all", "--top", "2", "--json")) == everything[:2]


def test_the_csv_has_the_same_rows(queue):
    table = list(csv.DictReader(io.StringIO(queue("--all", "--csv").stdout)))
    found = rows(queue("--all", "--json"))

    assert tuple(table[0]) == CSV_FIELDS
    assert [row["organization_id"] for row in table] == [row["organization_id"] for row in found]
    assert [row["worth_usd"] for row in table] == [row["worth_usd"] for row in found]


def test_explain_prints_the_model_with_its_sources_and_why_for_each_row(queue):
    said = queue("--explain").stdout

    assert said.startswith("worth an hour = (adopted x joint saving + contact x bill)")
    assert "answer_percent" in said
    assert "ours: half an hour to read an account" in said
    assert "Expected: $" in said
    assert "Takes " in said


def test_without_explain_the_reasons_are_kept_short(queue):
    assert "Expected: $" not in queue().stdout


def test_held_rows_say_what_holds_them(queue):
    said = queue("--all").stdout

    assert "Sales is engaged with" in said or "has ended, as its stage says" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--json", "--csv"), "--json and --csv exclude each other"),
        (("--due-by", "soon"), "--due-by is a day like 2026-11-01, got 'soon'."),
        (("--owner", "Nobodi"), "No owner 'Nobodi'. Nearest: nobody."),
        (("--region", "su"), "No region 'su'. Nearest: us."),
        (("--policy", "2026-12"), "No policy '2026-12'. Nearest: 2026-11."),
        (("--capacity", "-1"), "Invalid value for '--capacity'"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(queue, arguments, said):
    result = queue(*arguments)

    assert result.exit_code == 2
    assert said in result.output.splitlines()[-1]


def test_the_policy_of_the_settings_decides(queue, empty_folder):
    (empty_folder / "audit.toml").write_text('policy = "2026-11"')

    assert json.loads(queue("--json").stdout)["policy"] == "2026-11"
    assert json.loads(queue("--json", AUDIT_POLICY="2025-06").stdout)["policy"] == "2025-06"


def test_names_have_no_power_over_a_terminal_or_a_spreadsheet(audit, tables, tmp_path):
    hostile = dict(tables)
    names = '=cmd|"/c calc"!A1\x1b[31m\u202e'
    hostile["organizations"] = hostile["organizations"].assign(name=names)
    crm = hostile["lifecycle"]
    owner = crm["field"] == "onboarding_specialist"
    hostile["lifecycle"] = crm.assign(value=crm["value"].where(~owner, "@SUM(A1)\x1b]0;x\x07"))
    publish(tmp_path / "hostile.duckdb", hostile)

    shown = audit("queue", "--all", "--explain", "--store", "hostile.duckdb").stdout
    table = audit("queue", "--all", "--csv", "--store", "hostile.duckdb").stdout

    assert "\x1b" not in shown
    assert "\u202e" not in shown
    cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+", "\t"))]
    assert "'=cmd" in table
