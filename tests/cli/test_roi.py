"""``audit roi``: figures, assumptions, the two audiences; and what is refused."""

import json
from decimal import Decimal

import pytest

ROWAN = "Rowan Labs Oy"


@pytest.fixture
def roi(audit, sample_store):
    return lambda *arguments: audit("roi", *arguments, "--store", sample_store)


def test_it_says_before_and_after_products_findings_and_the_trend_in_words(roi):
    result = roi(ROWAN)

    assert result.exit_code == 0, result.output
    for part in (
        "after all fixes",
        "spend that is read",
        "events per tracked user",
        "Published events per user: 8 to 583",
        "What would tell it:",
        "paid back, days",
        "All together",
        "units",
        "Change one with --set name=value",
    ):
        assert part in result.stdout
    assert "revenue kept" not in result.stdout


def test_the_json_adds_up_to_the_cent(roi):
    found = json.loads(roi(ROWAN, "--json").stdout)
    trend, account = found["trend"], found["account"]

    parts = [Decimal(one["parts"]["total_usd"]) for one in trend["products"]]
    first, last = (Decimal(trend["months"][place]["cost_usd"]) for place in (0, -1))
    assert sum(parts) == Decimal(trend["change_usd"]) == last - first
    assert sum(Decimal(one["cost_usd"]) for one in found["products"]) == Decimal(
        account["before"]["before_discounts_usd"]
    )
    yearly = [Decimal(one["yearly_saving_usd"]["mid"]) for one in found["findings"]]
    assert sum(yearly) == Decimal(found["together"]["yearly_saving_usd"]["mid"])


def test_assumptions_come_from_a_file_and_options_win(roi, tmp_path):
    (tmp_path / "ours.toml").write_text("engineer_hour_usd = 50\ncode_change_hours = 4\n")

    arguments = ("--assumptions", "ours.toml", "--set", "engineer_hour_usd=60")
    found = json.loads(roi(ROWAN, *arguments, "--json").stdout)
    shown = roi(ROWAN, *arguments).stdout

    changed = {one["name"]: one["value"] for one in found["assumptions"] if one["changed"]}
    assert changed == {"engineer_hour_usd": "60", "code_change_hours": "4"}
    assert {one["effort_usd"] for one in found["findings"] if one["effort"] == "code_change"} <= {
        "240.00"
    }
    assert "Yours: engineer_hour_usd = 60 (else 100; usd)." in shown


def test_people_of_months_tell_growth_from_units_per_person(roi):
    months = ("--set", "people.2026-07=1000", "--set", "people.2026-10=1000")
    trend = json.loads(roi(ROWAN, *months, "--json").stdout)["trend"]

    # As many people as before: all units more are units per person.
    assert trend["growth_from"] == "people"
    assert Decimal(trend["parts"]["growth_usd"]) == 0
    assert trend["parts"]["units_per_person_usd"] == trend["parts"]["units_usd"]


def test_the_team_alone_sees_what_its_minutes_return(roi):
    customer = json.loads(roi(ROWAN, "--json").stdout)
    team = json.loads(roi(ROWAN, "--audience", "team", "--json").stdout)

    assert "team" not in customer
    assert "specialist_hour_usd" not in {one["name"] for one in customer["assumptions"]}
    assert Decimal(team["team"]["cost_usd"]) > 0
    assert "revenue kept" in roi(ROWAN, "--audience", "team").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--set", "engineer_hour=1"), "Nearest: engineer_hour_usd"),
        (("--set", "engineer_hour_usd=-1"), "outside 0 to 2000"),
        (("--set", "engineer_hour_usd"), "write name=value"),
        (("--set", "people.July=4"), "a month is written 2026-07"),
        (("--assumptions", "none.toml"), "none.toml"),
        (("--as-of", "soon"), "--as-of"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_code_2(roi, arguments, message):
    result = roi(ROWAN, *arguments)

    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_without_an_organization_it_says_what_to_name(roi):
    assert roi().exit_code == 2
