"""Assumptions: shipped, of the policy, the reader's own; and what is refused."""

from decimal import Decimal
from importlib import resources

import pytest

from audit.checks import load_checks
from audit.checks.contract import Effort
from audit.errors import SettingsError
from audit.policy import load_policy
from audit.roi import assumptions, benchmarks, merged, parsed, read_file
from audit.roi.product import rules

POLICY = load_policy("2026-11", load_checks())


def in_force(own=None):
    return assumptions(own, POLICY)


def test_every_assumption_has_a_meaning_a_source_and_a_value_within_its_bounds():
    for one in in_force().by_name.values():
        assert one.meaning
        assert one.source
        assert one.value is None or isinstance(one.value, str) or one.low <= one.value <= one.high


def test_the_minutes_of_the_team_are_those_of_the_policy():
    found = in_force()

    assert found.number("account_minutes") == Decimal(str(POLICY.number("queue.account_minutes")))
    assert "queue.account_minutes" in found.by_name["account_minutes"].source
    assert found.by_name["answer_percent"].for_team


def test_every_kind_of_effort_has_hours():
    for effort in Effort:
        assert in_force().number(f"{effort.value}_hours") >= 0


def test_a_product_that_people_read_has_an_assumption_to_fill_the_gap():
    names = set(in_force().by_name)

    for product, rule in rules().items():
        if rule["rule"] == "people":
            assert f"{product}_read_percent" in names


@pytest.mark.parametrize(
    "own",
    [{"engineer_hour_usd": 140.5}, '{"engineer_hour_usd": 140.5}', {"engineer_hour_usd": "140.5"}],
)
def test_own_values_come_as_a_mapping_json_or_text(own):
    one = in_force(own).by_name["engineer_hour_usd"]

    assert (one.value, one.default, one.changed, one.source) == (
        Decimal("140.5"),
        Decimal(100),
        True,
        "yours",
    )


def test_an_unknown_share_can_be_told_and_taken_back():
    assert in_force().maybe("session_replay_read_percent") is None
    told = {"session_replay_read_percent": 20}
    assert in_force(told).maybe("session_replay_read_percent") == 20
    back = merged(told, {"session_replay_read_percent": ""})
    assert in_force(back).maybe("session_replay_read_percent") is None


@pytest.mark.parametrize(
    ("own", "message"),
    [
        (
            {"engineer_hours_usd": 1},
            "No assumption 'engineer_hours_usd'. Nearest: engineer_hour_usd",
        ),
        ({"engineer_hour_usd": -1}, "engineer_hour_usd = -1 is outside 0 to 2000"),
        ({"engineer_hour_usd": float("nan")}, "engineer_hour_usd = 'nan' is not a number"),
        ({"engineer_hour_usd": "inf"}, "is not a number"),
        ({"engineer_hour_usd": True}, "is not a number"),
        ({"engineer_hour_usd": ""}, "is not a number"),
        ({"engineer_hour_usd": [1]}, "is not a number"),
        ({"answer_percent": 101}, "answer_percent = 101 is outside 0 to 100"),
        ({"session_replay_read_percent": 101}, "is outside 0 to 100"),
        ({"benchmark": "fashion"}, "No benchmark 'fashion'. Nearest: fashion_retail"),
        ({"people": 5}, "people gives a number by month"),
        ({"people": {"July": 5}}, "people.July: a month is written 2026-07"),
        ({"people": {"2026-07": 0}}, "no whole number of people above 0"),
        ({"people": {"2026-07": 1.5}}, "no whole number of people above 0"),
        ("[1]", "JSON object"),
        ("{", "are not JSON"),
        ('{"engineer_hour_usd": NaN}', "is not a number"),
    ],
)
def test_what_cannot_be_is_refused_with_the_nearest_name_or_the_bounds(own, message):
    with pytest.raises(SettingsError, match=message):
        in_force(own)


def test_a_copy_of_the_shipped_file_changes_nothing_until_it_is_edited(tmp_path):
    text = (resources.files("audit.roi") / "assumptions.toml").read_text()
    mine = tmp_path / "mine.toml"
    mine.write_text(text)
    assert not [one for one in in_force(read_file(mine)).by_name.values() if one.changed]

    mine.write_text(text.replace('value = "100"', 'value = "90"', 1))
    changed = [one for one in in_force(read_file(mine)).by_name.values() if one.changed]
    assert [(one.name, one.value) for one in changed] == [("engineer_hour_usd", 90)]


def test_a_file_of_plain_lines_is_read_with_the_people_of_months(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text('code_change_hours = 6.5\n[people]\n"2026-07" = 18_000\n')

    found = in_force(read_file(mine))

    assert found.number("code_change_hours") == Decimal("6.5")
    assert found.people == {"2026-07": 18_000}


@pytest.mark.parametrize("content", [None, "= 1"])
def test_a_file_that_cannot_be_read_says_so(tmp_path, content):
    mine = tmp_path / "mine.toml"
    if content is not None:
        mine.write_text(content)

    with pytest.raises(SettingsError, match=r"mine\.toml"):
        read_file(mine)


def test_settings_of_the_command_go_on_top_and_months_are_put_together():
    layers = [
        {"people": {"2026-07": 1}},
        *(dict([parsed(one)]) for one in ("people.2026-08=2", "code_change_hours = 4")),
    ]

    assert merged(*layers) == {"people": {"2026-07": 1, "2026-08": "2"}, "code_change_hours": "4"}


@pytest.mark.parametrize("entry", ["code_change_hours", "=4"])
def test_a_setting_without_a_name_or_value_is_refused(entry):
    with pytest.raises(SettingsError, match="write name=value"):
        parsed(entry)


def test_the_benchmarks_are_the_published_ones():
    # docs/billing/estimating-usage-costs.
    known, source = benchmarks()

    assert sorted(one.events for one in known) == [8, 22, 31, 44, 54, 54, 87, 118, 162, 583]
    assert "estimating-usage-costs" in source
