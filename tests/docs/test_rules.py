"""Every rule and every area is covered by a check, and every check by a test."""

from pathlib import Path

import pytest

from audit.checks import Area, Audience, load_checks
from audit.docs.rules import covering, rulebook
from audit.findings.areas import AREAS, CUSTOMER_AREAS

TESTS = Path(__file__).parents[1] / "checks"

#: How many rules the handbook has in each group.
RULES = {"A": 34, "B": 20, "C": 18}

#: Areas of the account audit prompt.
SIXTEEN = [area for area in Area if area not in (Area.BILLING, Area.HEALTH, Area.LIFECYCLE)]


def test_the_rulebook_has_every_rule_of_the_handbook():
    written = {group: list(rules) for group, rules in rulebook().items()}

    assert written == {
        group: [f"{group}{number:02d}" for number in range(1, count + 1)]
        for group, count in RULES.items()
    }


def test_every_rule_is_covered_by_a_check_and_no_check_covers_another():
    covered = covering()

    assert [rule for rule, checks in covered.items() if not checks] == []
    assert set(covered) == {rule for rules in rulebook().values() for rule in rules}


@pytest.mark.parametrize("area", SIXTEEN)
def test_every_area_of_the_prompt_has_a_check_for_the_customer_and_both_reads(area):
    mine = [check for check in load_checks().values() if check.area is area]

    assert len(SIXTEEN) == 16
    assert any(check.audience is Audience.CUSTOMER for check in mine)
    assert area in CUSTOMER_AREAS
    assert AREAS[area].value or area is Area.NOT_USED_YET
    assert AREAS[area].products or AREAS[area].cost_note


@pytest.mark.parametrize("name", load_checks())
def test_every_check_has_a_test_file_that_names_it(name):
    text = (TESTS / f"test_{name}.py").read_text(encoding="utf-8")

    assert f'"{name}"' in text
    assert text.count("\ndef test_") >= 3


def test_what_is_for_the_team_only_prices_no_saving():
    team = [check for check in load_checks().values() if check.audience is Audience.TEAM]

    assert len(team) > 20
    assert [check.name for check in team if check.cuts] == []
