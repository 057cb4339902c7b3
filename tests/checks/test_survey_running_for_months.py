"""A survey nobody ends."""

from decimal import Decimal

import pytest

CHECK = "survey_running_for_months"


def survey(acme, started, **details):
    return add(acme().units("surveys", 5_000), started, **details)


def add(one, started, **details):
    return one.resource("survey", name="nps", details={"start_date": started, **details})


@pytest.mark.parametrize(
    ("started", "flagged"),
    [("2026-08-03", []), ("2026-08-02", ["1"])],  # as of 2026-11-01
)
def test_more_than_ninety_days_are_months(acme, started, flagged):
    assert survey(acme, started).flagged(CHECK) == flagged


def test_a_survey_with_a_limit_is_healthy(acme):
    assert survey(acme, "2025-01-01", responses_limit=500).flagged(CHECK) == []


def test_the_saving_is_all_responses_where_every_survey_is_old(acme):
    found = survey(acme, "2026-05-05").finding(CHECK)

    # 5,000 responses: 500 x 0.10 + 3,000 x 0.035 = 155.00.
    assert found.saving.alone == Decimal("155.00")
    assert found.message == (
        "A survey of Project 1 has been running for 180 days without a limit on responses."
    )


@pytest.mark.parametrize(
    "other", [{"started": "2026-10-20"}, {"started": "2025-01-01", "responses_limit": 9}]
)
def test_beside_a_newer_or_limited_survey_no_saving_is_claimed(acme, other):
    one = add(survey(acme, "2025-01-01"), **other)

    assert one.finding(CHECK).saving.alone == 0


def test_without_the_surveys_it_is_not_evaluated(acme):
    one = survey(acme, "2025-01-01").without("resources.survey")

    assert one.gap(CHECK).missing == "oldest_survey_days"


def test_the_threshold_can_be_set(acme):
    assert survey(acme, "2026-07-01").flagged(CHECK, running_days=200) == []


@pytest.mark.parametrize(("ended", "priced"), [("2026-10-02", False), ("2026-10-01", True)])
def test_a_survey_that_ended_in_the_window_had_its_share_of_the_responses(acme, ended, priced):
    one = survey(acme, "2025-01-01")
    one.resource("survey", "complete", details={"start_date": "2026-09-01", "end_date": ended})

    assert (one.finding(CHECK).saving.alone > 0) == priced
