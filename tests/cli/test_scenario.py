"""``audit scenario``: what is compared, what it costs, and what is refused."""

import json
from decimal import Decimal

import pytest

MARIGOLD = "Marigold & Daughters"


@pytest.fixture
def scenario(audit, sample_store):
    return lambda *arguments: audit("scenario", *arguments, "--store", sample_store)


def test_without_options_it_is_as_it_is_and_all_fixed(scenario):
    result = scenario(MARIGOLD)

    assert result.exit_code == 0, result.output
    assert "As it is" in result.stdout
    assert "All fixes" in result.stdout
    assert "All of it is an estimate" in result.stdout


def test_all_options_are_one_scenario(scenario):
    found = json.loads(
        scenario(
            MARIGOLD,
            *("--growth", "30", "--growth", "session_replay=-10", "--fix", "all"),
            *("--sampling", "0.2", "--autocapture-off", "all", "--add", "llm_analytics=500000"),
            *("--drop", "feature_flags", "--prices", "2026-11-01", "--plan", "25000"),
            *("--from", "4", "--policy", "2026-11", "--json"),
        ).stdout
    )

    assert [one["name"] for one in found["scenarios"]] == ["As it is", "All fixes", "Your scenario"]
    own = found["scenarios"][-1]
    assert {change["kind"] for change in own["changes"]} == {
        *("growth", "fixes", "sampling", "autocapture_off", "add", "drop", "prices", "plan")
    }
    assert {change["from_month"] for change in own["changes"]} == {4}
    # Nothing begins before the fourth month.
    assert own["next_bill"] == found["scenarios"][0]["next_bill"]
    assert Decimal(own["year_to_pay"]["p10"]) <= Decimal(own["year_to_pay"]["p90"])


def test_scenarios_of_a_file_stand_beside(scenario, tmp_path):
    file = tmp_path / "what-if.json"
    file.write_text('[{"name": "More", "changes": [{"kind": "growth", "percent": 10}]}]')

    result = scenario(MARIGOLD, "--file", str(file))

    assert result.exit_code == 0, result.output
    assert "More" in result.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--growth", "much"], "takes a number"),
        (["--growth", "-120"], "-100"),
        (["--growth", "replay="], "has no value"),
        (["--sampling", "3"], "0 to 1"),
        (["--add", "llm_analytics=many"], "whole units"),
        (["--add", "telepathy=5"], "telepathy"),
        (["--drop", "telepathy"], "telepathy"),
        (["--fix", "nobody"], "nobody"),
        (["--prices", "soon"], "--prices"),
        (["--plan", "-5"], "commitment_usd"),
        (["--file", "no-such.json"], "no-such.json"),
    ],
)
def test_what_cannot_be_says_so_in_one_line(scenario, options, said):
    result = scenario(MARIGOLD, *options)

    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
