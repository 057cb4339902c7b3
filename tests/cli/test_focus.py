import csv
import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from audit.store import publish

NAME = "Rowan Labs Oy"


def billed(path):
    with Path(path).open(encoding="utf-8", newline="") as file:
        return sum(Decimal(row["BilledCost"]) for row in csv.DictReader(file))


def test_three_files_are_written_and_their_totals_shown(audit, sample_store):
    result = audit("focus", NAME, "--out", "bills", "--store", sample_store)

    assert result.exit_code == 0, result.output
    for name in ("actual", "estimate", "counterfactual"):
        assert f"${billed(f'bills/{name}.csv'):,.2f}" in result.stdout


def test_the_estimate_is_the_bill_of_the_findings(audit, sample_store):
    audit("focus", NAME, "--out", "bills", "--store", sample_store)

    told = json.loads(audit("findings", NAME, "--store", sample_store, "--json").stdout)
    assert billed("bills/estimate.csv") == Decimal(told["bill"]["total"])
    assert billed("bills/counterfactual.csv") == Decimal(told["counterfactual_bill"]["total"])


def test_json_names_each_file_and_what_is_in_it(audit, sample_store):
    arguments = ("focus", NAME, "--out", "bills", "--format", "parquet", "--store", sample_store)

    told = json.loads(audit(*arguments, "--json").stdout)

    assert told["focus_version"] == "1.2"
    for file in told["files"]:
        [only] = file["sets"]
        with duckdb.connect() as connection:
            [(rows, total)] = connection.sql(
                f"SELECT count(*), sum(BilledCost) FROM '{file['path']}'"
            ).fetchall()
        assert (only["rows"], Decimal(only["billed_cost"])) == (rows, total)


@pytest.mark.parametrize("name", ["all.csv", "all.parquet", "deep/er/ALL.CSV"])
def test_one_file_is_named_by_its_ending(audit, sample_store, name):
    result = audit("focus", NAME, "--out", name, "--store", sample_store)

    assert result.exit_code == 0, result.output
    assert Path(name).is_file()
    assert "never add up rows that differ in x_Basis or x_Scenario" in result.stdout


def test_a_format_that_does_not_fit_the_file_is_refused(audit, sample_store):
    result = audit("focus", NAME, "--out", "a.csv", "--format", "parquet", "--store", sample_store)

    assert result.exit_code == 2
    assert "--format parquet does not fit a.csv" in result.stderr
    assert not Path("a.csv").exists()


def test_a_place_must_be_named(audit, sample_store):
    result = audit("focus", NAME, "--store", sample_store)

    assert result.exit_code == 2
    assert "--out" in result.stderr


def test_the_place_of_a_folder_that_is_a_file_is_refused(audit, sample_store):
    Path("bills").write_text("mine")

    result = audit("focus", NAME, "--out", "bills", "--store", sample_store)

    assert result.exit_code == 2
    assert Path("bills").read_text() == "mine"


def test_what_is_left_out_is_said_beside_the_result(audit, tables):
    publish("no_invoices.duckdb", {**tables, "invoices": tables["invoices"].iloc[:0]})

    result = audit("focus", NAME, "--out", "bills", "--store", "no_invoices.duckdb")

    assert result.exit_code == 0, result.output
    assert "No source tells an amount that the vendor billed." in result.stderr
