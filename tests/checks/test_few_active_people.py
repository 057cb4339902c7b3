"""Fewer than three people use any feature."""

import pytest

CHECK = "few_active_people"
ANALYTICS = "people_using_product_analytics"


@pytest.mark.parametrize(("people", "is_flagged"), [(0, True), (2, True), (3, False), (4, False)])
def test_under_three_people_is_flagged(acme, people, is_flagged):
    assert bool(acme().activity(ANALYTICS, people).findings(CHECK)) is is_flagged


def test_people_of_the_most_used_product_count(acme):
    one = acme().activity(ANALYTICS, 1).activity("people_using_session_replay", 3)

    assert one.findings(CHECK) == []


def test_people_of_all_projects_count(acme):
    assert acme().activity(ANALYTICS, 2).activity(ANALYTICS, 1, project="2").findings(CHECK) == []


@pytest.mark.parametrize(
    ("people", "words"),
    [(0, "Nobody uses"), (1, "One person uses"), (2, "2 people use")],
)
def test_the_message_counts_them(acme, people, words):
    found = acme().activity(ANALYTICS, people).finding(CHECK)

    assert found.message == f"{words} any feature."


@pytest.mark.parametrize(("people", "is_flagged"), [(2, True), (3, False)])
def test_the_crm_stands_in_where_the_log_was_not_read(acme, people, is_flagged):
    one = acme().crm(users_engaging=people).without(f"activity.{ANALYTICS}")

    assert bool(one.findings(CHECK)) is is_flagged


def test_without_log_and_crm_it_is_not_evaluated(acme):
    gap = acme().without(f"activity.{ANALYTICS}").gap(CHECK)

    assert gap.missing == "users_engaging"


def test_the_threshold_can_be_set(acme):
    assert acme().activity(ANALYTICS, 2).findings(CHECK, people_count=2) == []
