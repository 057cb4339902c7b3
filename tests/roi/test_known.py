"""What counts as read: every project's part, or the whole."""

import pytest

from audit.account import Account
from audit.roi.known import Known, gap, measure

SUBJECT = "activity.people"
MINE = {"organization_id": "acme"}


def part(project_id, *, complete=True, reason=""):
    told = {"subject": SUBJECT, "complete": complete, "reason": reason, "source": "sample"}
    return {**MINE, "project_id": project_id, **told}


def account(*coverage, activity=()):
    return Account.from_tables(
        "acme",
        {
            "projects": [{**MINE, "project_id": "1"}, {**MINE, "project_id": "2"}],
            "coverage": list(coverage),
            "activity": list(activity),
        },
    )


UNREAD = f"not read: the pull brought no {SUBJECT}"


@pytest.mark.parametrize(
    ("coverage", "why"),
    [
        ([part("1"), part("2")], ""),
        ([part("1")], UNREAD),
        ([], UNREAD),
        ([part("")], ""),
        ([part("", complete=False, reason="no scope")], "no scope"),
        ([part("1", complete=False, reason="timed out"), part("2")], "timed out"),
        ([part("1", complete=False, reason="timed out"), part("")], "timed out"),
        (
            [
                part("1", complete=False, reason="timed out"),
                part("", complete=False, reason="no scope"),
            ],
            "timed out",
        ),
        (
            [
                part("1", complete=False, reason="timed out"),
                part("2", complete=False, reason="no scope"),
            ],
            "no scope",
        ),
    ],
)
def test_a_gap_in_one_project_is_a_gap_and_what_nobody_speaks_of_was_not_read(coverage, why):
    assert gap(account(*coverage), [SUBJECT]) == why


def test_the_first_subject_that_was_not_read_is_told():
    assert gap(account(part("")), [SUBJECT, "limits"]) == "not read: the pull brought no limits"


def counted(project_id, measure_, quantity, *, days=30):
    window = {"window_start": f"2026-10-{31 - days + 1:02d}", "window_end": "2026-11-01"}
    return {**MINE, "project_id": project_id, "measure": measure_, "quantity": quantity, **window}


def test_a_measure_is_the_sum_over_the_projects_in_the_longest_window():
    found = account(
        part(""),
        activity=[
            counted("1", "people", 3, days=7),
            counted("2", "people", 4),
            counted("2", "people_using_replay", 5),
        ],
    )

    assert measure(found, "people") == Known(7, days=30)


def test_a_measure_that_was_read_and_has_no_row_is_zero():
    assert measure(account(part("")), "people") == Known(0)


def test_a_measure_that_was_not_read_is_not_known():
    assert measure(account(), "people") == Known(None, UNREAD)
