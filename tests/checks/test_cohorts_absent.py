"""Many people and no cohort."""

import pytest

from audit.checks import Severity

CHECK = "cohorts_absent"


def test_many_people_and_no_cohort_are_an_opportunity(acme):
    found = acme().activity("behaviour_people", 12_345).finding(CHECK)

    assert found.message == "Project 1 has 12,345 people in the window and no cohort."
    assert (found.severity, found.saving.alone) == (Severity.OPPORTUNITY, 0)


def test_a_cohort_of_the_project_makes_it_healthy(acme):
    one = (
        acme()
        .activity("behaviour_people", 12_345)
        .activity("behaviour_people", 12_345, project="2")
    )

    assert one.resource("cohort", project="2").flagged(CHECK) == ["1"]


def test_a_cohort_that_is_off_is_none(acme):
    assert acme().activity("behaviour_people", 12_345).resource("cohort", "inactive").flagged(
        CHECK
    ) == ["1"]


def test_a_thousand_people_are_the_limit(acme):
    one = acme()
    for people in (0, 999, 1_000, 1_001):
        one.activity("behaviour_people", people, project=str(people))

    assert one.flagged(CHECK) == ["1000", "1001"]


@pytest.mark.parametrize(
    ("subject", "missing"),
    [("activity.behaviour_people", "behaviour_people"), ("resources.cohort", "active_cohorts")],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = acme().activity("behaviour_people", 12_345).without(subject).gap(CHECK)

    assert (gap.missing, gap.reason) == (missing, "The key lacks a scope.")


def test_the_threshold_can_be_set(acme):
    assert acme().activity("behaviour_people", 12_345).findings(CHECK, people_count=12_346) == []


def test_bots_and_internal_users_are_no_people(acme):
    one = acme().activity("people", 5_000).activity("behaviour_people", 10)

    assert one.findings(CHECK) == []
