"""``audit forecast``: a file or a pipe in, a table or JSON out; hostile names do no harm."""

import json
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from audit.cli.app import app

PERIOD = ("--period-start", "2026-11-01", "--period-end", "2026-12-01", "--as-of", "2026-11-11")
HOSTILE = "\x1b[31m[bold]</script>\u202e"


def csv(*series, head="series,day,quantity"):
    lines = [head]
    for name, value in series:
        lines += [f'"{name}",2026-10-{day:02},{value}' for day in range(1, 32)]
        lines += [f'"{name}",2026-11-{day:02},{value}' for day in range(1, 11)]
    return "\n".join(lines) + "\n"


@pytest.fixture
def forecast(audit, tmp_path):
    def run(text, *arguments):
        (tmp_path / "usage.csv").write_text(text, "utf-8")
        return audit("forecast", "--csv", "usage.csv", *PERIOD, *arguments)

    return run


def test_the_table_says_so_far_total_and_ranges(forecast):
    result = forecast(csv(("events", 1000)))

    assert result.exit_code == 0, result.output
    assert "2026-11-01 to before 2026-12-01, as of 2026-11-11: 1 series." in result.stdout
    assert result.stdout.split("events")[1].split()[:2] == ["10,000", "30,000"]
    assert "if it stays" in result.stdout


def test_json_holds_every_column_of_every_series(forecast):
    found = json.loads(forecast(csv(("b", 10), ("a", 20)), "--json").stdout)

    assert (found["period_start"], found["as_of"]) == ("2026-11-01", "2026-11-11")
    assert [one["series"] for one in found["series"]] == ["a", "b"]
    first = found["series"][0]
    assert first["so_far"] == 200
    assert first["p50"] == pytest.approx(600)
    assert first["p025"] <= first["p10"] <= first["p50"] <= first["p90"] <= first["p975"]
    assert first["interval_is_valid"] is True


def test_a_pipe_is_read_as_a_file_is(forecast):
    text = csv(("events", 1000))
    piped = CliRunner().invoke(app, ["forecast", "--csv", "-", *PERIOD, "--json"], input=text)

    assert piped.exit_code == 0, piped.output
    assert piped.stdout == forecast(text, "--json").stdout


def test_names_that_look_like_numbers_or_nothing_stay_names(forecast):
    found = json.loads(forecast(csv(("007", 1), ("NA", 2), ("null", 3)), "--json").stdout)

    assert [one["series"] for one in found["series"]] == ["007", "NA", "null"]


def test_hostile_names_do_nothing_to_a_terminal(forecast):
    table, document = forecast(csv((HOSTILE, 5))), forecast(csv((HOSTILE, 5)), "--json")

    for result in (table, document):
        assert result.exit_code == 0
        assert "\x1b" not in result.stdout
        assert "\u202e" not in result.stdout
    assert "[bold]</script>" in table.stdout
    assert json.loads(document.stdout)["series"][0]["series"] == HOSTILE


def test_other_column_names_spaces_and_a_byte_order_mark_are_read(forecast):
    found = forecast("\ufeff" + csv(("events", 5), head="unique_id, ds, y"), "--json")

    assert json.loads(found.stdout)["series"][0]["so_far"] == 50


def test_a_known_change_leaves_one_total(forecast):
    text = csv(("events", 1000)).replace("2026-11-09,1000", "2026-11-09,3000")
    text = text.replace("2026-11-10,1000", "2026-11-10,3000")

    plain, changed = (
        json.loads(forecast(text, "--json", *more).stdout)["series"][0]
        for more in ((), ("--changed-on", "2026-11-09"))
    )

    assert plain["if_it_stays"] > 1.5 * plain["if_it_passes"]
    assert changed["if_it_stays"] == changed["if_it_passes"] > 60_000


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        ("", (), "is not a CSV file in UTF-8"),
        ("series,day,quantity\n", (), "has no rows"),
        ("series,quantity\na,1\n", (), "history has no column 'day'"),
        ("series,day,quantity\na,2026-11-01,-1\n", (), "Row 1: quantity is a number of units"),
        ("series,day,quantity\na,2026-11-01,x\n", (), "'x' is no number of units"),
        ("series,day,quantity\na,1 Nov,1\n", (), "'1 Nov' is no day like 2026-11-01"),
        ("series,day,quantity\na,2026-11-01,1\na,2026-11-01,1\n", (), "more than one row"),
        ('a,"b\n', (), "is not a CSV file in UTF-8"),
        ("series,day,quantity\na,2026-11-01,1\n", ("--period-end", "2026-11-01"), "got 0"),
        ("series,day,quantity\na,2026-11-01,1\n", ("--period-start", ""), "start is needed"),
        ("series,day,quantity\na,2026-11-01,1\n", ("--csv", "no.csv"), "No file 'no.csv'"),
        ("series,day,quantity\na,2026-11-01,1\n", ("--csv", ""), "--csv names the file"),
        ("series,day,quantity\na,2026-11-01,1\n", ("--as-of", "soon"), "--as-of is a day like"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_one_line_and_exit_code_two(forecast, text, arguments, words):
    result = forecast(text, *arguments)

    assert result.exit_code == 2, result.output
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_bytes_that_are_no_text_are_refused(audit, tmp_path):
    (tmp_path / "usage.csv").write_bytes(b"series,day,quantity\n\xff\xfe,2026-11-01,1\n")

    result = audit("forecast", "--csv", "usage.csv", *PERIOD)

    assert result.exit_code == 2
    assert "is not a CSV file in UTF-8" in result.stderr


def test_an_organization_has_its_running_period_and_the_twelve_after_it(audit, sample_store):
    result = audit("forecast", "Marigold & Daughters", "--store", sample_store)
    found = json.loads(
        audit("forecast", "Marigold & Daughters", "--store", sample_store, "--json").stdout
    )

    assert result.exit_code == 0, result.output
    assert "the twelve" in result.stdout
    assert len(found["outlook"]["periods"]) == 13
    lines = sum(Decimal(line["amount"]) for line in found["forecast"]["lines"])
    assert lines - Decimal(found["forecast"]["discount"]) == Decimal(found["forecast"]["total"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "Name an organization"),
        (["Marigold & Daughters", "--csv", "usage.csv"], "not both"),
        (["Marigold & Daughters", "--period-start", "2026-11-01"], "go with --csv"),
    ],
)
def test_an_organization_and_a_file_do_not_mix(audit, options, said):
    result = audit("forecast", *options)

    assert result.exit_code == 2
    assert said in result.stderr
