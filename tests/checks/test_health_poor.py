"""The published score, as an approximation, below four."""

from audit.checks import Severity

CHECK = "health_poor"
EVENTS = "event_count_in_period"
POOR = {
    "analysing_insights_percent": 5,
    "watching_replays_percent": 5,
    "active_users_percent": 10,
    "users_engaging": 1,
    "creating_flags_percent": 0,
    "using_experiments_percent": 0,
}


def known(acme, now, **crm):
    """Events fell from 1,000 a day; who uses what is the CRM's."""
    one = acme().daily(EVENTS, now).daily(EVENTS, 1_000, days=30, ago=31).crm(**crm)
    for product in ("product_analytics", "session_replay"):
        one.without(f"activity.people_using_{product}")
    return one


def test_poor_measures_make_poor_health_and_say_that_it_approximates(acme):
    found = known(acme, 500, **POOR).finding(CHECK)

    assert found.severity is Severity.INFORMATION
    # 16.5 + 16.5 + 10 + 3.75 + 3.75 + 5.67 + 5.67, and the one product used of 1.67.
    assert found.message == (
        "Health is 0.0 of 10, an approximation from 64% of the published weight."
    )


def test_healthy_measures_make_good_health(acme):
    assert known(acme, 1_000, **(POOR | {"analysing_insights_percent": 60})).findings(CHECK) == []


def test_the_edge_is_not_poor(acme):
    one = known(acme, 500, **(POOR | {"analysing_insights_percent": 60}))
    score = one.audit(CHECK).facts["organization"]["health_score"].item()

    assert one.findings(CHECK, poor_score=score) == []
    assert len(one.findings(CHECK, poor_score=score + 0.001)) == 1


def test_too_little_known_is_not_evaluated_and_never_poor(acme):
    gap = known(acme, 500).gap(CHECK)

    assert gap.missing == "health_score"
    assert gap.reason.startswith("less than 50% of the weight of the published score is known")


def test_the_threshold_can_be_set(acme):
    assert known(acme, 500, **POOR).findings(CHECK, poor_score=0) == []
