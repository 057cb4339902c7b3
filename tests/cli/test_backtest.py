"""``audit backtest``: one account, all of a store, and what is refused."""

import csv
import io
import json

import pytest

ROWAN = "Rowan Labs Oy"
METHODS = ["forecast", "run_rate", "last_period", "last_week", "seasonal_naive"]


@pytest.fixture
def backtest(audit, sample_store):
    return lambda *arguments: audit("backtest", *arguments, "--store", sample_store)


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_one_account_shows_errors_ranges_and_meters(backtest):
    result = backtest(ROWAN)

    assert result.exit_code == 0, result.output
    for part in (
        "usage up to 2026-10-31",
        "5 past periods of 31 days, the first from 2026-08-06",
        "error, pooled",
        "day 5",
        "day 26",
        "seasonal naive",
        "80%: totals inside",
        "error, by meter",
        "Product analytics",
    ):
        assert part in result.stdout


def test_the_json_has_every_meter_moment_and_method(backtest):
    found = json.loads(backtest(ROWAN, "--json").stdout)

    meters = [one["meter"] for one in found["meters"]]
    assert found["period_days"] == 31
    assert found["periods"] == len(found["first_days"]) == 5
    assert len(found["scores"]) == (1 + len(meters)) * 6 * len(METHODS)
    assert {one["method"] for one in found["scores"]} == set(METHODS)
    assert all(one["words"] for one in found["meters"])
    assert all(one["is_replaced"] == (one["method"] != "forecast") for one in found["meters"])


def test_the_json_says_of_each_moment_what_the_table_does(backtest):
    found = json.loads(backtest(ROWAN, "--json").stdout)
    line = next(one for one in backtest(ROWAN).stdout.splitlines() if one.startswith("forecast "))

    ours = [
        one["error_percent"]
        for one in found["scores"]
        if (one["meter"], one["method"]) == ("all", "forecast")
    ]
    shown = [float(cell.rstrip("%")) for cell in line.split()[1:-1]]
    assert shown == pytest.approx(ours, abs=0.06)
    assert len(set(ours)) == 6


def test_the_csv_says_the_same_as_the_json(backtest):
    found = json.loads(backtest(ROWAN, "--json").stdout)
    table = rows(backtest(ROWAN, "--csv").stdout)

    assert [row["meter"] for row in table] == [one["meter"] for one in found["scores"]]
    for row, one in zip(table, found["scores"], strict=True):
        assert row["organization_id"] == found["organization_id"]
        assert row["elapsed_days"] == str(one["elapsed_days"] or "all")
        assert row["error_percent"] == str(one["error_percent"])
        assert row["covered_80_percent"] == ("" if one["covered_80_percent"] is None
                                             else str(one["covered_80_percent"]))  # fmt: skip


def test_an_earlier_day_judges_what_was_known_then(backtest):
    text = backtest(ROWAN, "--as-of", "2026-10-02").stdout

    assert "usage up to 2026-10-01" in text
    assert "3 past periods of 30 days" in text


def test_a_day_before_any_usage_is_said(backtest):
    result = backtest(ROWAN, "--as-of", "2020-01-01")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[1] == "No daily usage is known."


def test_without_an_organization_the_whole_store_is_pooled(backtest):
    result = backtest()

    assert result.exit_code == 0, result.output
    assert "12 organizations" in result.stdout
    assert "Replaced by a simple forecast:" in result.stdout
    assert "account 12 of 12" in result.stderr


def test_the_pooled_json_weighs_every_meter_and_holds_each_account(backtest):
    found = json.loads(backtest("--json").stdout)

    assert len(found["organizations"]) == 12
    assert len(found["scores"]) == 6 * len(METHODS)
    overall = [one for one in found["scores"] if one["elapsed_share"] is None]
    assert [one["method"] for one in overall] == METHODS
    judged = sum(
        one["periods"]
        for account in found["organizations"]
        for one in account["scores"]
        if (one["meter"], one["elapsed_days"], one["method"]) == ("all", None, "forecast")
    )
    assert overall[0]["periods"] == judged > 0


def test_an_account_file_is_judged_alone(audit, tables, tmp_path):
    from audit.account import Account

    identity = str(tables["organizations"]["organization_id"].iloc[0])
    path = Account.from_tables(identity, tables).save(
        tmp_path / "account.zip", {"as_of": "2026-10-02"}
    )

    result = audit("backtest", "--account", str(path))

    assert result.exit_code == 0, result.output
    assert f"({identity}), usage up to 2026-10-01" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Rowan Labs",), "Rowan Labs"),
        (("--as-of", "yesterday"), "--as-of is a day"),
        (("--json", "--csv"), "exclude each other"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(backtest, arguments, said):
    result = backtest(*arguments)

    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_without_a_store_it_says_how_to_make_one(audit):
    result = audit("backtest")

    assert result.exit_code != 0
    assert "audit sample" in result.stderr
