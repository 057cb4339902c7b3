"""What is shown of one organization."""

from decimal import Decimal

import pytest

from audit.health import Band, health_of, load_published

#: Product analytics and session replay: 53 percent of the weight.
KNOWN = {
    "event_decrease_percent": 21.04,
    "analysing_insights_percent": 45,
    "replay_decrease_percent": -7,
    "watching_replays_percent": 30,
}


def part(health, name):
    return next(p for p in health.parts if p.measure.name == name)


def test_the_sentence_says_score_label_coverage_and_that_it_approximates():
    # (16.5 x 0 + 16.5 x 10 + 10 x 10 + 10 x 5) / 53 = 5.943
    health = health_of("acme", "Acme", KNOWN)

    assert health.in_words == (
        "Health 5.9 of 10 (concerning), an approximation of the published score from 53% of its "
        "weight."
    )
    assert health.score == Decimal("5.94")


def test_below_the_minimum_it_says_why_there_is_no_score():
    health = health_of("acme", "Acme", {"users_engaging": 12})

    assert (health.score, health.label) == (None, None)
    assert health.in_words == (
        "No health score: only 3% of the published weight is known, and below 50% (ours) the "
        "number would say more about the data than about the account."
    )
    assert part(health, "users_engaging").band is Band.HEALTHY
    assert part(health, "users_engaging").contribution is None


def test_every_part_has_its_value_band_points_contribution_and_weight():
    health = health_of("acme", "Acme", KNOWN)

    shown = [
        (p.title, p.value_in_words, p.band, p.points, p.contribution, p.lost, p.weight_percent)
        for p in health.parts
        if p.is_known
    ]

    # 165 / 53 = 3.113, 100 / 53 = 1.887, 50 / 53 = 0.943; the score is 5.943.
    assert shown == [
        (
            "Event count last 30 days (percentage decrease)",
            "21% down",
            Band.POOR,
            0,
            Decimal("0.00"),
            Decimal("3.11"),
            Decimal("16.50"),
        ),
        (
            "Active users analyzing insights",
            "45%",
            Band.HEALTHY,
            10,
            Decimal("3.11"),
            Decimal("0.00"),
            Decimal("16.50"),
        ),
        (
            "Replay count last 30 days (percentage decrease)",
            "7% up",
            Band.HEALTHY,
            10,
            Decimal("1.89"),
            Decimal("0.00"),
            Decimal("10.00"),
        ),
        (
            "Active users watching replays",
            "30%",
            Band.CONCERNING,
            5,
            Decimal("0.94"),
            Decimal("0.95"),
            Decimal("10.00"),
        ),
    ]


def test_what_costs_most_stands_first():
    health = health_of("acme", "Acme", KNOWN)

    assert [p.measure.name for p in health.worst] == [
        "event_decrease_percent",
        "watching_replays_percent",
    ]


def test_what_is_missing_says_where_it_would_come_from():
    health = health_of("acme", "Acme", KNOWN)

    missing = {p.measure.name: p for p in health.missing}

    assert len(missing) == 16
    assert missing["days_since_meeting"].value_in_words == "not known"
    assert missing["days_since_meeting"].measure.comes_from == "the CRM (days_since_meeting)"
    assert missing["days_since_meeting"].contribution is None


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("users_engaging", 1, "1 person"),
        ("days_since_last_seen", 1, "1 day"),
        ("days_since_last_seen", 0.5, "0.5 days"),
        ("docs_visits_7_days", 1234, "1,234 visits"),
        ("event_decrease_percent", 0.04, "unchanged"),
        ("event_decrease_percent", -0.04, "unchanged"),
        ("event_decrease_percent", -12.5, "12.5% up"),
        ("query_failure_percent", 0, "0%"),
    ],
)
def test_values_stand_in_words(name, value, words):
    assert part(health_of("acme", "Acme", {name: value}), name).value_in_words == words


def test_another_minimum_may_be_asked_for():
    health = health_of("acme", "Acme", KNOWN, minimum_coverage_percent=53.5)

    assert health.score is None
    assert "below 53.5% (ours)" in health.reason


def test_the_published_page_travels_with_the_score():
    assert health_of("acme", "Acme", {}).published is load_published()
