"""Rule sets are data of the packs: which one is in force, from which day, with which source."""

from datetime import date

import pytest

from audit.checks import load_checks
from audit.errors import InputError, SettingsError
from audit.policy import load_policy, policy_text
from audit.prepaid import RULE_SETS, Band, rules_of


def own_pack(folder, *changes, pack="2026-11"):
    text = policy_text(pack).replace(f'name = "{pack}"', 'name = "ours"')
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = folder / "ours.toml"
    path.write_text(text)
    return load_policy(path, load_checks())


def test_the_pack_of_mid_2025_says_an_annual_plan_saves_a_fifth(seed):
    rules = rules_of(seed)

    assert (rules.name, rules.pack, rules.first_day) == ("flat", "2025-06", date(2025, 6, 1))
    assert rules.bands == (Band(20_004, 20),)  # 12 x 1,667
    assert "saves 20%" in rules.sources["rule_set"]


def test_the_newest_pack_has_bands_by_the_credit_bought(now):
    rules = rules_of(now)

    assert (rules.name, rules.pack) == ("levers", "2026-11")
    assert [(band.from_usd, band.percent) for band in rules.bands] == [
        (25_000, 20),
        (60_000, 25),
        (100_000, 30),
        (250_000, 35),
        (500_000, 40),
        (1_000_000, None),
    ]


@pytest.mark.parametrize(
    ("name", "pack"), [("flat", "2025-06"), ("net_spend", "2025-06"), ("levers", "2026-11")]
)
def test_a_set_that_the_pack_does_not_hold_comes_from_the_newest_that_does(seed, name, pack):
    assert rules_of(seed, name).pack == pack


def test_an_unknown_rule_set_names_the_known_ones(now):
    with pytest.raises(
        InputError, match=r"No rule set 'lever'\. Nearest: levers\. Known: flat, net"
    ):
        rules_of(now, "lever")


def test_every_rule_set_says_its_name_and_date(now):
    for name in RULE_SETS:
        rules = rules_of(now, name)
        assert name in rules.in_words
        assert str(rules.first_day) in rules.in_words


def test_a_pack_of_ones_own_prices_plans_with_its_own_bands(tmp_path):
    policy = own_pack(
        tmp_path, ("{ from_usd = 25000, percent = 20 }", "{ from_usd = 9000, percent = 21 }")
    )

    assert rules_of(policy).bands[0] == Band(9_000, 21)
    assert rules_of(policy).pack == "ours"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "from_usd = 60000, percent = 25",
            "from_usd = 60000, percent = 19",
            "above the one before",
        ),
        ("from_usd = 60000, percent = 25", 'from_usd = 60000, percent = "custom"', "may be custom"),
        ("from_usd = 500000, percent = 40", "from_usd = 500000, percent = 100", "is free"),
        ("drip_months = { value = 12", "drip_months = { value = 0", "is not a month"),
        ("drip_months = { value = 12", "drip_months = { value = 1.5", "is not whole"),
    ],
)
def test_bands_and_months_that_make_no_sense_are_refused(tmp_path, before, after, said):
    policy = own_pack(tmp_path, (before, after))

    with pytest.raises(SettingsError, match=said):
        rules_of(policy)
