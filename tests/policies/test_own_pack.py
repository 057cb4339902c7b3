"""A policy pack of one's own: whole, bounded, named like no other, and repeatable anywhere."""

import json
import re
from datetime import date

import pytest

from audit.account import Account
from audit.checks import load_checks
from audit.errors import SettingsError
from audit.findings.examine import examine
from audit.policies.schema import HEAD, KEYS, LOOSE_SECTIONS, SECTIONS
from audit.policy import load_policy
from audit.sources.sample import portfolio

CHECKS = load_checks()


def values():
    """A whole pack as nested values, to be changed by the test."""
    pack = {
        "name": "mine",
        "title": "Mine",
        "source": "Our own rules",
        "first_day": "2026-11-02",
        "thresholds": {},
        "not_in_force": {},
    }
    for section, keys in SECTIONS.items():
        pack[section] = {}
        for key in keys:
            value = {"word": "A word", "tiers": [{"from_usd": 10, "percent": 5}]}.get(key.kind, 1)
            value = key.choices[0] if key.choices else value
            pack[section][key.name] = {"value": value, "source": "us"}
    return pack


def toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {toml(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return value
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


@pytest.fixture
def written(tmp_path):
    """Writes a pack file, with ``{"scope.forecast_usd": entry}`` changed; None removes."""

    def write(changes=None):
        pack = values()
        for path, value in (changes or {}).items():
            *sections, last = path.split(".")
            place = pack
            for section in sections:
                place = place.setdefault(section, {})
            if value is None:
                del place[last]
            else:
                place[last] = value
        lines = []
        for name in [n for n in pack if n in HEAD or not isinstance(pack[n], dict)]:
            lines.append(f"{name} = {toml(pack[name])}")
        for name in [n for n in pack if isinstance(pack[n], dict)]:
            lines.append(f"[{name}]")
            lines += [f"{key} = {toml(value)}" for key, value in pack[name].items()]
        path = tmp_path / "mine.toml"
        path.write_text("\n".join(lines))
        return path

    return write


def refused(path):
    with pytest.raises(SettingsError) as error:
        load_policy(path, CHECKS)
    assert str(error.value).startswith(f"{path}: ")
    return str(error.value).removeprefix(f"{path}: ")


def test_a_whole_pack_is_in_force(written):
    policy = load_policy(str(written({"scope.forecast_usd": {"value": 321, "source": "us"}})), {})

    assert policy.name == "mine"
    assert policy.number("scope.forecast_usd") == 321
    assert policy.entries["scope.forecast_usd"].source == "us"


def test_a_pack_is_made_again_from_its_argument(written):
    path = written({"words.onboarding_segment": {"value": "Ünï 'x'", "source": "x"}})
    policy = load_policy(path, CHECKS)
    path.unlink()

    again = load_policy(policy.argument, CHECKS)

    assert again == policy
    assert again.argument == policy.argument
    assert "\n" not in policy.argument


def test_a_shipped_pack_is_kept_by_its_name():
    assert load_policy("2026-11", CHECKS).argument == "2026-11"


def test_a_pack_may_not_take_the_name_of_a_shipped_one(written):
    assert "the name '2025-06' belongs to a pack that ships" in refused(
        written({"name": "2025-06"})
    )


@pytest.mark.parametrize("path", [*KEYS, *HEAD, *SECTIONS, *LOOSE_SECTIONS])
def test_a_gap_is_named(written, path):
    said = refused(written({path: None}))

    assert said.startswith("a gap: ")
    assert path in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scope.forcast_usd": {"value": 1, "source": "x"}}, "Nearest: forecast_usd."),
        ({"scpoe": {}}, "No section or key 'scpoe'. Nearest: scope."),
        ({"titel": "x"}, "No section or key 'titel'. Nearest: title."),
        ({"scope.forecast_usd": {"valeu": 1, "source": "x"}}, "'valeu'. Nearest: value."),
        ({"scope.forecast_usd": {"value": 1}}, "needs a value or a gap, and its source."),
        ({"scope.forecast_usd": {"source": "x"}}, "needs a value or a gap, and its source."),
        ({"scope.forecast_usd": {"value": 1, "source": ""}}, "source = '' is not a text."),
        ({"scope.forecast_usd": 500}, "scope.forecast_usd needs {value = ..."),
        ({"scope.forecast_usd": {"value": "x", "source": "x"}}, "= 'x' is not a number."),
        ({"scope.forecast_usd": {"value": True, "source": "x"}}, "= True is not a number."),
        ({"scope.forecast_usd": {"value": -1, "source": "x"}}, "is outside 0 to 1e+07."),
        ({"queue.answer_percent": {"value": 101, "source": "x"}}, "is outside 0 to 100."),
        ({"contract.tier_basis": {"value": "x", "source": "x"}}, "Known: credit_purchase, post_"),
        ({"words.new_stage": {"value": "a\\nb", "source": "x"}}, "is one line of at most"),
        ({"words.new_stage": {"value": "x" * 501, "source": "x"}}, "is one line of at most"),
        ({"words.new_stage": {"gap": "x", "source": "x"}}, "a pack cannot be silent about it."),
        ({"contract.tiers": {"value": [], "source": "x"}}, "is a list of {from_usd, percent}"),
        ({"name": "a b"}, "at most 40 letters, digits, dots and dashes."),
        ({"name": "../x"}, "at most 40 letters, digits, dots and dashes."),
        ({"first_day": "soon"}, "first_day is a day like 2026-11-01, got 'soon'."),
        ({"scope": 1}, "[scope] is not a section but 1."),
        ({"not_in_force": {"outreach_du": "x"}}, "No check 'outreach_du'. Nearest: outreach_due."),
        ({"not_in_force": {"outreach_due": ""}}, "not_in_force.outreach_due = '' is not a text."),
        (
            {"thresholds": {"set_too_often": {"set_percnt": {"value": 1, "source": "x"}}}},
            "'set_percnt'. Nearest: set_percent.",
        ),
        (
            {"thresholds": {"set_too_oftn": {"set_percent": {"value": 1, "source": "x"}}}},
            "No check 'set_too_oftn'. Nearest: set_too_often.",
        ),
        (
            {"thresholds": {"set_too_often": {"set_percent": {"value": 101, "source": "x"}}}},
            "set_percent = 101 is outside 0 to 100.",
        ),
        ({"thresholds": {"set_too_often": {"set_percent": 3}}}, "needs {value = ..."),
        ({"thresholds": {"set_too_often": 3}}, "is not a section but 3."),
        (
            {"thresholds": {"onboarding_in_scope": {"forecast_usd": {"value": 1, "source": "x"}}}},
            "onboarding_in_scope.forecast_usd is what scope.forecast_usd says; change it there.",
        ),
        (
            {"timing.check_in_to_days": {"gap": "none", "source": "x"}},
            "timing.check_in_to_days is silent, so check_in_due cannot be in force.",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_place_and_the_nearest_name(
    written, changes, said
):
    assert said in refused(written(changes))


@pytest.mark.parametrize(
    ("tiers", "said"),
    [
        ([{"from_usd": 10}], "tier 1 needs from_usd and percent"),
        ([{"from_usd": 10, "percent": "most"}], "tier 1: percent = 'most' is not a number."),
        ([{"from_usd": 10, "percent": 101}], "tier 1: percent = 101 is outside 0 to 100."),
        (
            [{"from_usd": 10, "percent": 1}, {"from_usd": 10, "percent": 2}],
            "tier 2 starts at 10, not above the one before.",
        ),
    ],
)
def test_tiers_are_whole_and_rise(written, tiers, said):
    assert said in refused(written({"contract.tiers": {"value": tiers, "source": "x"}}))


def test_a_last_tier_may_be_agreed_case_by_case(written):
    tiers = [{"from_usd": 10, "percent": 5}, {"from_usd": 20, "percent": "custom"}]

    policy = load_policy(written({"contract.tiers": {"value": tiers, "source": "x"}}), CHECKS)

    assert [(tier.from_usd, tier.percent) for tier in policy.tiers()] == [(10, 5), (20, None)]
    assert load_policy(policy.argument, CHECKS) == policy


def test_silence_needs_its_check_out_of_force(written):
    silent = {"gap": "There is no check-in.", "source": "us"}
    changes = {
        f"timing.{key}": silent
        for key in ("check_in_from_days", "check_in_to_days", "check_in_forecast_usd")
    }

    policy = load_policy(written({**changes, "not_in_force.check_in_due": "No check-in."}), CHECKS)

    assert policy.value("timing.check_in_from_days") is None
    assert "check_in_due" not in policy.in_force()


def test_a_threshold_of_a_pack_is_in_force_with_its_source(written):
    entry = {"value": 33, "source": "page 7"}
    changes = {"thresholds": {"autocapture_unread": {"autocapture_percent": entry}}}

    policy = load_policy(written(changes), CHECKS)

    assert policy.thresholds(CHECKS["autocapture_unread"])["autocapture_percent"] == 33
    assert policy.threshold_source("autocapture_unread", "autocapture_percent") == "page 7"
    assert policy.threshold_source("set_too_often", "set_percent") is None


def test_the_first_day_of_a_pack_is_a_day(written):
    policy = load_policy(written(), CHECKS)

    assert date.fromisoformat(re.search(r'"first_day":"(.*?)"', policy.argument)[1]) == date(
        2026, 11, 2
    )


def test_a_file_that_is_not_there_or_no_text_is_said_so(tmp_path):
    with pytest.raises(SettingsError, match=r"Cannot read the policy pack .*none\.toml \(No such"):
        load_policy(str(tmp_path / "none.toml"), CHECKS)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="it is not UTF-8 text"):
        load_policy(tmp_path / "bytes.toml", CHECKS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "is not TOML: "),
        ("", "a gap: 'name' is missing. A pack has name, title"),
    ],
)
def test_a_file_that_is_no_pack_is_said_so(tmp_path, text, said):
    path = tmp_path / "mine.toml"
    path.write_text(text)

    with pytest.raises(SettingsError, match=said):
        load_policy(path, CHECKS)


def test_a_huge_file_is_not_read(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("#" * 1_000_001)

    with pytest.raises(SettingsError, match="is larger than 1,000,000 bytes"):
        load_policy(path, CHECKS)


@pytest.mark.parametrize("text", ["{", "{}", '{"name": 1}', "{" * 100_000])
def test_a_kept_pack_that_was_tampered_with_is_refused(text):
    with pytest.raises(SettingsError, match=r"^the kept policy pack"):
        load_policy(text, CHECKS)


@pytest.fixture(scope="module")
def account():
    tables = portfolio(1).tables
    return Account.from_tables(tables["organizations"]["organization_id"].iloc[0], tables)


def test_an_account_file_repeats_its_audit_where_the_pack_is_not(written, account, tmp_path):
    entry = {"value": 5, "source": "us"}
    path = written({"thresholds": {"autocapture_unread": {"autocapture_percent": entry}}})
    audit = examine(account, policy=str(path), only=["autocapture_unread"])
    kept = account.save(tmp_path / "account.zip", audit.arguments)
    path.unlink()

    loaded = Account.load(kept)
    again = examine(loaded, policy=loaded.arguments["policy"], only=["autocapture_unread"])

    assert audit.policy == "mine"
    assert again.findings == audit.findings
    assert again.arguments == audit.arguments
    assert str(tmp_path) not in json.dumps(audit.arguments)
