"""``audit health``: score, measures, what is missing, indicators; and what is refused."""

import json
from decimal import Decimal

import pytest

ROWAN = "Rowan Labs Oy"


@pytest.fixture
def health(audit, sample_store):
    return lambda *arguments: audit("health", *arguments, "--store", sample_store)


def test_it_says_score_coverage_measures_and_indicators_in_words(health):
    result = health(ROWAN)

    assert result.exit_code == 0, result.output
    for part in (
        "an approximation of the published score from",
        "Event count last 30 days (percentage decrease)",
        "User engagement",
        "risk indicators",
        "opportunity indicators",
        "early warnings",
        "Not using PostHog as source of truth",
        "Ours: points (poor 0, concerning 5, healthy 10)",
    ):
        assert part in result.stdout


def test_the_json_adds_up_and_names_every_measure(health):
    found = json.loads(health(ROWAN, "--json").stdout)
    contributions = [m["contribution"] for m in found["measures"]]

    assert found["is_approximation"] is True
    assert len(contributions) == 20
    assert sum(Decimal(c) for c in contributions if c is not None) == Decimal(found["score"])
    assert {s["state"] for s in found["signs"]} <= {"given", "not given", "not known"}
    assert all(m["comes_from"] for m in found["measures"])


def test_the_checks_for_the_team_judge_the_indicators(health):
    found = json.loads(health(ROWAN, "--json").stdout)

    assert not [s for s in found["signs"] if s["words"] == "the check did not run in this audit"]


def test_below_the_minimum_asked_for_no_score_is_given(health):
    found = json.loads(health(ROWAN, "--minimum-coverage-percent", "100", "--json").stdout)

    assert (found["score"], found["label"]) == (None, None)
    assert found["reason"].startswith(f"only {found['coverage_percent']}% of the published weight")
    assert all(m["contribution"] is None for m in found["measures"])


def test_each_policy_can_be_asked(health):
    assert health(ROWAN, "--policy", "2026-11").exit_code == 0


@pytest.mark.parametrize("percent", ["-1", "101", "half", "nan"])
def test_a_minimum_that_is_no_percentage_is_refused(health, percent):
    result = health(ROWAN, "--minimum-coverage-percent", percent)

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_without_an_organization_it_says_how_to_name_one(health):
    result = health()

    assert result.exit_code == 2
    assert "Name an organization" in result.stderr


def test_an_unknown_organization_is_refused(health):
    assert health("Rowan Labs").exit_code == 2
