"""Policy packs and a person's own thresholds: bounded, named, sourced."""

import tomllib
from importlib import resources

import pytest

from audit.checks import load_checks
from audit.errors import SettingsError
from audit.policy import DEFAULT_POLICY, load_policy, policy_names

CHECKS = load_checks()


def test_the_packs_that_ship_are_dated_oldest_first():
    assert policy_names() == ("2025-06", "2026-11")
    assert DEFAULT_POLICY == "2025-06"


@pytest.mark.parametrize("name", policy_names())
def test_a_pack_says_where_it_comes_from(name):
    policy = load_policy(name, CHECKS)

    assert policy.name == name
    assert "PostHog" in policy.title
    assert "handbook" in policy.source


@pytest.mark.parametrize("name", policy_names())
def test_a_pack_writes_no_threshold_that_its_check_has_by_default(name):
    text = (resources.files("audit.policies") / f"{name}.toml").read_text("utf-8")

    for check, entries in tomllib.loads(text)["thresholds"].items():
        for threshold, entry in entries.items():
            assert entry["value"] != CHECKS[check].thresholds[threshold].default


def test_thresholds_are_the_defaults_of_the_checks_until_changed():
    own = {"autocapture_unread": {"autocapture_percent": 60}}

    policy = load_policy(DEFAULT_POLICY, CHECKS, own)

    assert policy.thresholds(CHECKS["autocapture_unread"]) == {"autocapture_percent": 60}
    assert policy.thresholds(CHECKS["set_too_often"]) == {"set_percent": 5}


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"autocapture_unred": {}}, None),
        ({"autocapture_unred": {"x": 1}}, "No check 'autocapture_unred'. Nearest: autocapture_un"),
        ({"set_too_often": {"set_percnt": 1}}, "'set_percnt'. Nearest: set_percent."),
        ({"group_analytics_unused": {"x_usd": 1}}, "Known: none."),
        ({"set_too_often": {"set_percent": 101}}, "set_percent = 101 is outside 0 to 100."),
        ({"set_too_often": {"set_percent": -0.1}}, "set_percent = -0.1 is outside 0 to 100."),
        ({"set_too_often": {"set_percent": float("nan")}}, "is outside 0 to 100."),
        ({"set_too_often": {"set_percent": float("inf")}}, "is outside 0 to 100."),
        ({"set_too_often": {"set_percent": True}}, "set_percent = True is not a number."),
        ({"set_too_often": {"set_percent": "5"}}, "set_percent = '5' is not a number."),
    ],
)
def test_a_threshold_that_cannot_be_meant_is_refused(own, said):
    if said is None:
        assert load_policy(DEFAULT_POLICY, CHECKS, own).changed == {}
        return
    with pytest.raises(SettingsError) as refused:
        load_policy(DEFAULT_POLICY, CHECKS, own)

    assert said in str(refused.value)
    assert str(refused.value).startswith("your thresholds: ")


@pytest.mark.parametrize("value", [0, 100, 12.5])
def test_both_ends_of_the_bounds_are_inside(value):
    own = {"set_too_often": {"set_percent": value}}

    policy = load_policy(DEFAULT_POLICY, CHECKS, own)

    assert policy.thresholds(CHECKS["set_too_often"])["set_percent"] == value


def test_an_unknown_pack_names_the_nearest():
    with pytest.raises(SettingsError, match=r"No policy '2025-07'\. Nearest: 2025-06\. Known: 20"):
        load_policy("2025-07", CHECKS)
