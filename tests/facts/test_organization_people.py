"""Members seen and active, owners added, people by product, queries."""

import pytest

USED = (
    "activity.people_using_product_analytics",
    "activity.people_using_session_replay",
    "activity.people_using_surveys",
)


def member(number, **more):
    return {"member_id": str(number), "level": 1, **more}


def using(product, quantity, project="1"):
    return {"project_id": project, "measure": f"people_using_{product}", "quantity": quantity}


def test_active_is_who_logged_in_within_thirty_days(facts_of):
    one = facts_of(
        "members",
        members=[
            member(1, last_seen_at="2026-10-02T00:00:00"),
            member(2, last_seen_at="2026-10-01T23:59:59"),
            member(3, last_seen_at="2026-10-29T12:00:00"),
            member(4),
        ],
    )

    assert one("days_since_member_seen") == 3
    assert (one("active_members"), one("active_members_percent")) == (2, 50)


def test_who_was_seen_after_the_audits_day_was_seen_on_it(facts_of):
    one = facts_of(
        "members",
        members=[
            member(1, last_seen_at="2026-11-05T00:00:00"),
            member(2, last_seen_at="2026-09-01T00:00:00"),
        ],
    )

    assert one("days_since_member_seen") == 0


@pytest.mark.parametrize("members", [[], [member(1), member(2)]])
def test_without_any_last_login_nobody_is_inactive(facts_of, members):
    one = facts_of("members", members=members)

    assert one("days_since_member_seen") is None
    assert one("active_members_percent") is None
    assert one.reason("organization_people.sql").startswith("no member's last login")


def test_an_owner_who_joined_after_the_first_member_was_added(facts_of):
    one = facts_of(
        "members",
        members=[
            member(1, level=15, joined_at="2026-01-05T00:00:00"),
            member(2, level=15, joined_at="2026-10-20T00:00:00"),
            member(3, level=8, joined_at="2026-10-31T00:00:00"),
        ],
    )

    assert (one("owner_was_added"), one("days_since_owner_added")) == (1, 12)


def test_the_first_owner_was_not_added(facts_of):
    one = facts_of("members", members=[member(1, level=15, joined_at="2026-10-31T00:00:00")])

    assert (one("owner_was_added"), one("days_since_owner_added")) == (0, 0)


def test_people_are_those_of_the_most_used_product_over_all_projects(facts_of):
    one = facts_of(
        *USED,
        activity=[
            using("product_analytics", 2),
            using("product_analytics", 3, project="2"),
            using("session_replay", 4),
        ],
    )

    assert one("people_using_a_product") == 5
    assert one("people_using_session_replay") == 4
    assert one("people_using_surveys") == 0


def test_queries_of_people_and_keys_are_counted_together(facts_of):
    one = facts_of(
        "activity.app_queries",
        "activity.api_queries",
        activity=[
            {"project_id": "1", "measure": "app_queries", "quantity": 70},
            {"project_id": "2", "measure": "api_queries", "quantity": 30},
            {"project_id": "1", "measure": "failed_queries", "quantity": 9},
        ],
    )

    assert (one("queries"), one("failed_queries")) == (100, None)
