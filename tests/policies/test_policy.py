"""Policy packs and a person's own thresholds: bounded, named, sourced."""

import pytest

from audit.checks import load_checks
from audit.errors import SettingsError
from audit.lifecycle import vocabulary
from audit.policies.schema import KEYS
from audit.policy import DEFAULT_POLICY, load_policy, policy_names, shipped_pack

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
    for check, entries in shipped_pack(name).thresholds.items():
        for threshold, entry in entries.items():
            assert entry.value != CHECKS[check].thresholds[threshold].default


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


@pytest.mark.parametrize("name", policy_names())
def test_a_check_takes_from_the_pack_what_the_pack_says(name):
    policy = load_policy(name, CHECKS)

    for path, key in KEYS.items():
        for check, threshold in key.feeds:
            if check not in policy.not_in_force:
                assert policy.thresholds(CHECKS[check])[threshold] == policy.value(path)
                assert policy.threshold_source(check, threshold) == policy.entries[path].source


def test_no_threshold_is_fed_from_two_places():
    fed = [at for key in KEYS.values() for at in key.feeds]

    assert len(fed) == len(set(fed))


@pytest.mark.parametrize(
    "at", [at for key in KEYS.values() for at in key.feeds], ids="{0[0]}.{0[1]}".format
)
def test_a_fed_threshold_is_one_of_its_check_and_its_default_is_the_default_packs(at):
    check, threshold = at
    policy = load_policy(DEFAULT_POLICY, CHECKS)

    if check not in policy.not_in_force:
        assert (check, threshold) not in policy.changed
    assert threshold in CHECKS[check].thresholds


def test_own_thresholds_win_over_what_the_pack_feeds():
    own = {"onboarding_in_scope": {"forecast_usd": 100}}

    policy = load_policy("2026-11", CHECKS, own)

    assert policy.thresholds(CHECKS["onboarding_in_scope"])["forecast_usd"] == 100


@pytest.mark.parametrize(
    ("key", "seed", "now"),
    [
        ("words.handover_segment", "Create AE lead", "Onboarding referral"),
        ("words.pipeline_field", "Onboarding Status", "Onboarding Pipeline"),
        ("scope.forecast_usd", 500, 500),
        ("scope.graduated_bills_count", 3, 2),
        ("timing.outreach_days", 14, 14),
        ("timing.check_in_from_days", None, 15),
        ("timing.check_in_to_days", None, 21),
        ("timing.engagement_days", 91, 56),
        ("contract.handover_usd", 1667, 1000),
        ("contract.first_payment_usd", None, 2000),
        ("contract.slack_connect_usd", 20000, 20000),
        ("contract.annual_saving_percent", 20, 20),
        ("contract.self_serve_percent", 10, 10),
        ("contract.self_serve_invoices_count", 3, 3),
        ("contract.self_serve_mean_usd", 280, 280),
        ("contract.committed_percent", 0, 5),
    ],
)
def test_the_packs_say_what_the_handbooks_of_their_time_say(key, seed, now):
    assert load_policy("2025-06", CHECKS).value(key) == seed
    assert load_policy("2026-11", CHECKS).value(key) == now


@pytest.mark.parametrize(
    ("name", "tiers"),
    [
        ("2025-06", {20_000: 20, 60_000: 25, 100_000: 35}),
        (
            "2026-11",
            {25_000: 20, 60_000: 25, 100_000: 30, 250_000: 35, 500_000: 40, 1_000_000: None},
        ),
    ],
)
def test_volume_is_discounted_by_the_tiers_of_the_time(name, tiers):
    found = load_policy(name, CHECKS).tiers()

    assert {tier.from_usd: tier.percent for tier in found} == tiers


@pytest.mark.parametrize("name", policy_names())
def test_the_stages_a_pack_names_are_words_of_the_vocabulary(name):
    policy = load_policy(name, CHECKS)

    assert vocabulary().stage(policy.word("words.new_stage")) == "new"
    assert vocabulary().role(policy.word("words.handover_segment")) == "handed_over"
    assert vocabulary().role(policy.word("words.onboarding_segment")) == "onboarding"
    stage = policy.value("words.handover_stage")
    assert stage is None or vocabulary().stage(stage) == "sales"


@pytest.mark.parametrize("name", policy_names())
def test_every_value_of_a_shipped_pack_names_its_source(name):
    for entry in shipped_pack(name).entries.values():
        assert entry.source
        assert (entry.value is None) == bool(entry.gap)


def test_a_key_that_is_none_names_the_nearest():
    policy = load_policy(DEFAULT_POLICY, CHECKS)

    with pytest.raises(SettingsError, match=r"'scope\.forecast'. Nearest: scope\.forecast_usd"):
        policy.value("scope.forecast")


def test_a_word_is_no_number_and_silence_is_neither():
    policy = load_policy("2025-06", CHECKS)

    with pytest.raises(SettingsError, match="is 'Create AE lead', not a number"):
        policy.number("words.handover_segment")
    with pytest.raises(SettingsError, match="is None, not a word"):
        policy.word("words.handover_stage")
