"""Measures of the health score: from data where it tells, else from the CRM; and the score."""

import pytest

from audit.checks.engine_facts import ENGINE_FACTS
from audit.facts.runner import files_of
from audit.health import load_published

READERS = ("product_analytics", "session_replay", "surveys")
COVERED = (
    "lifecycle",
    "members",
    "activity.app_queries",
    "activity.api_queries",
    "activity.failed_queries",
    *(f"activity.people_using_{product}" for product in READERS),
)
SEEN = [
    {"member_id": str(n), "level": 1, "last_seen_at": f"2026-10-{20 + n}T00:00:00"}
    for n in range(8)
]


def crm(**fields):
    return [{"field": field, "value": str(value)} for field, value in fields.items()]


def measure(name, quantity):
    return {"project_id": "1", "measure": name, "quantity": quantity}


def test_every_published_measure_is_a_fact():
    for one in load_published().measures:
        assert one.name in ENGINE_FACTS or files_of(one.name), one.name


def test_members_and_the_query_log_give_the_shares(facts_of):
    one = facts_of(
        *COVERED,
        members=SEEN,
        activity=[
            measure("people_using_product_analytics", 6),
            measure("people_using_session_replay", 2),
            measure("app_queries", 80),
            measure("api_queries", 20),
            measure("failed_queries", 7),
        ],
    )

    assert one("days_since_last_seen") == 5
    assert one("active_users_percent") == 100
    assert one("users_engaging") == 6
    assert one("analysing_insights_percent") == 75
    assert one("watching_replays_percent") == 25
    assert one("viewing_surveys_percent") == 0
    assert (one("query_failure_percent"), one("rated_queries")) == (7, 100)


def test_data_goes_before_the_crm(facts_of):
    one = facts_of(
        *COVERED,
        members=SEEN,
        activity=[measure("people_using_product_analytics", 4)],
        lifecycle=crm(analysing_insights_percent=90, users_engaging=70, days_since_last_seen=99),
    )

    assert one("analysing_insights_percent") == 50
    assert (one("users_engaging"), one("days_since_last_seen")) == (4, 5)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("days_since_last_seen", "days_since_last_seen"),
        ("active_users_percent", "active_users_percent"),
        ("users_engaging", "users_engaging"),
        ("query_failure_percent", "query_failure_percent_7_days"),
        ("product_count", "product_count"),
        ("analysing_insights_percent", "analysing_insights_percent"),
        ("watching_replays_percent", "watching_replays_percent"),
        ("viewing_surveys_percent", "viewing_surveys_percent"),
        ("tickets_30_days", "tickets_30_days"),
        ("urgent_tickets", "urgent_tickets"),
        ("docs_visits_7_days", "docs_visits_7_days"),
        ("days_since_meeting", "days_since_meeting"),
        ("days_since_ticket", "days_since_ticket"),
        ("creating_flags_percent", "creating_flags_percent"),
        ("using_experiments_percent", "using_experiments_percent"),
    ],
)
def test_the_crm_stands_in_where_no_data_tells(facts_of, name, field):
    assert facts_of("lifecycle", lifecycle=crm(**{field: 7}))(name) == 7
    assert facts_of("lifecycle")(name) is None


def test_a_fall_in_active_users_is_the_crms_change_turned_round(facts_of):
    one = facts_of("lifecycle", lifecycle=crm(active_users_percent_change=-12))

    assert one("active_users_decrease_percent") == 12


def test_more_people_than_active_members_are_all_of_them(facts_of):
    one = facts_of(*COVERED, members=SEEN, activity=[measure("people_using_product_analytics", 20)])

    assert one("analysing_insights_percent") == 100


def test_where_nobody_is_active_no_share_is_told(facts_of):
    old = [{**SEEN[0], "last_seen_at": "2026-01-01T00:00:00"}]
    one = facts_of(*COVERED, members=old)

    assert one("active_users_percent") == 0
    assert one("analysing_insights_percent") is None


def test_without_queries_no_rate_is_told_by_the_log(facts_of):
    assert facts_of(*COVERED)("query_failure_percent") is None
    told = facts_of(*COVERED, lifecycle=crm(query_failure_percent_7_days=4))
    assert (told("query_failure_percent"), told("rated_queries")) == (4, 0)


def test_products_are_counted_by_billed_usage_without_add_ons(facts_of):
    counters = ("event_count_in_period", "recording_count_in_period")
    also = ("enhanced_persons_event_count_in_period", "mobile_recording_count_in_period")
    rows = [
        {"project_id": "1", "day": "2026-10-30", "usage_type": counter, "quantity": quantity}
        for counter, quantity in [
            *((counter, 5) for counter in (*counters, *also)),
            ("survey_responses_count_in_period", 0),
        ]
    ]

    assert facts_of("usage_daily", usage_daily=rows)("product_count") == 2
    assert facts_of("usage_daily")("product_count") == 0


def test_usage_that_was_not_read_to_the_end_counts_no_products(facts_of):
    row = {"project_id": "1", "day": "2026-10-30", "quantity": 5}
    row["usage_type"] = "event_count_in_period"
    one = facts_of(
        ("usage_daily", "", "Half of it."), "lifecycle", usage_daily=[row], lifecycle=crm()
    )

    assert one("product_count") is None


def test_the_score_is_given_from_half_of_the_weight_on(facts_of):
    # Users of analytics, replay and flags: 16.5 + 10 + 11.33; with 11.25 of engagement 49.1.
    most = {
        "analysing_insights_percent": 50,
        "watching_replays_percent": 50,
        "creating_flags_percent": 50,
        "using_experiments_percent": 50,
        "users_engaging": 50,
        "active_users_percent": 50,
        "days_since_last_seen": 0,
    }
    below = facts_of("lifecycle", lifecycle=crm(**most))
    # Surveys' 2.5 on top: 51.6.
    above = facts_of("lifecycle", lifecycle=crm(**most, viewing_surveys_percent=0))

    assert (below("health_score"), int(below("health_coverage_percent"))) == (None, 49)
    assert above("health_score") == pytest.approx(10 * 49.0833 / 51.5833, abs=1e-4)
    assert int(above("health_coverage_percent")) == 51


def test_a_score_that_is_not_given_says_why(facts_of):
    reason = facts_of("lifecycle").facts.reason("health_score", 0)

    assert reason.startswith("less than 50% of the weight of the published score is known")
