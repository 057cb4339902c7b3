"""Scenarios as plain values: what is read, and what is refused."""

import json
from datetime import date

import pytest

from audit.errors import InputError
from audit.scenarios import Scenario, scenario, scenarios
from audit.scenarios.changes import KINDS, Fixes, Growth, Prices, Sampling


def one(**change):
    return scenario({"name": "it", "changes": [change]}).changes[0]


def test_every_kind_can_be_written_down_and_read_again():
    needed = {
        "growth": {"percent": 5},
        "sampling": {"rate": 0.5},
        "less": {"event": "page"},
        "add": {"product": "boost"},
        "drop": {"product": "boost"},
        "prices": {"on": "2026-01-01"},
        "plan": {"commitment_usd": 25_000},
    }
    for kind in KINDS:
        read = one(kind=kind, **needed.get(kind, {}))
        whole = Scenario("it", (read,))
        assert scenario(json.loads(json.dumps(whole.as_plain()))) == whole


def test_a_day_is_read_from_text():
    assert one(kind="prices", on="2026-01-01") == Prices(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "growth", "percent": -100.5}, "-100"),
        ({"kind": "growth", "percent": float("nan")}, "growth percent"),
        ({"kind": "growth", "percent": "5"}, "growth percent"),
        ({"kind": "growth", "percent": True}, "growth percent"),
        ({"kind": "growth"}, "needs percent"),
        ({"kind": "growth", "percent": 5, "from_month": 13}, "from_month"),
        ({"kind": "growth", "percent": 5, "from_month": 0}, "from_month"),
        ({"kind": "growth", "percent": 5, "product": 3}, "text"),
        ({"kind": "growth", "percnt": 5}, "percent"),
        ({"kind": "grow", "percent": 5}, "growth"),
        ({"kind": "sampling", "rate": 1.5}, "sampling rate"),
        ({"kind": "sampling", "rate": 1, "at_most": "yes"}, "true or false"),
        ({"kind": "less", "event": ""}, "names the event"),
        ({"kind": "add", "product": "boost", "units": -1}, "units"),
        ({"kind": "add", "product": "boost", "units": 1.5}, "units"),
        ({"kind": "prices", "on": "soon"}, "2026-01-01"),
        ({"kind": "plan", "commitment_usd": 0}, "commitment_usd"),
        ({"kind": "plan", "commitment_usd": 1e12}, "commitment_usd"),
        ({}, "has a kind"),
    ],
)
def test_a_change_that_is_none_says_what_is_wrong(change, said):
    with pytest.raises(InputError, match=said):
        scenario({"name": "it", "changes": [change]})


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[1]",
        '{"changes": []}',
        '{"name": "", "changes": []}',
        '{"name": "it", "changes": "growth"}',
        '{"name": "it", "more": 1}',
        '[{"name": "it"}, {"name": "it"}]',
        "no-such-file.json",
        '{"name": "it", "changes": [{"kind": "plan", "commitment_usd": 5},'
        ' {"kind": "plan", "commitment_usd": 6}]}',
    ],
)
def test_text_that_is_no_scenario_is_refused(text):
    with pytest.raises(InputError):
        scenarios(text)


def test_scenarios_come_from_a_file_too(tmp_path):
    file = tmp_path / "what-if.json"
    file.write_text('[{"name": "a"}, {"name": "b", "changes": [{"kind": "fixes"}]}]')

    found = scenarios(str(file))

    assert found == (Scenario("a"), Scenario("b", (Fixes(),)))
    assert scenarios("") == ()


def test_growth_keeps_its_number():
    assert one(kind="growth", percent=20) == Growth(20)


def test_two_price_lists_of_one_month_are_refused():
    lists = (Prices(date(2026, 1, 1)), Prices(date(2025, 1, 1)))

    with pytest.raises(InputError, match="two price lists from the same month"):
        Scenario("it", lists)
    assert Scenario("it", (lists[0], Prices(date(2025, 1, 1), from_month=2)))


def test_two_sampling_rates_of_one_month_are_refused():
    with pytest.raises(InputError, match="two sampling rates of the same project"):
        Scenario("it", (Sampling(0.5), Sampling(0.25)))
    assert Scenario("it", (Sampling(0.5), Sampling(0.25, "1"), Sampling(0.1, from_month=2)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "plan", "commitment_usd": 25_000, "self_serve": "no"}, "true or false"),
        ({"kind": "fixes", "ids": "all"}, "list of findings"),
        ({"kind": "fixes", "ids": None}, "list of findings"),
    ],
)
def test_a_value_of_another_kind_is_refused(change, said):
    with pytest.raises(InputError, match=said):
        one(**change)


def test_a_plan_may_leave_open_where_it_is_bought():
    assert one(kind="plan", commitment_usd=25_000, self_serve=None).self_serve is None
    assert one(kind="plan", commitment_usd=25_000, self_serve=True).self_serve is True


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "what-if.json"
    path.write_bytes(b"\xff\xfe[")

    with pytest.raises(InputError, match="cannot be read"):
        scenarios(str(path))
