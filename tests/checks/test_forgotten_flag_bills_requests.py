"""One forgotten flag keeps a project's requests on the bill."""

from decimal import Decimal

import pytest

CHECK = "forgotten_flag_bills_requests"


def two_projects(acme, polling=0, **flag):
    """Flags are in use in project 2; project 1 has what is named."""
    one = acme().flags(requests=3_000_000, polling=polling, project="1")
    one.flags(requests=1_000_000, project="2")
    one.resource("flag", "active", project="2", name="in-use")
    return one.resource("flag", project="1", **({"state": "stale", "name": "old"} | flag))


def test_a_stale_flag_alone_in_its_project_is_flagged(acme):
    found = two_projects(acme).finding(CHECK)

    assert found.project_id == "1"
    assert found.message == (
        "1 flag nobody called for 30 days keeps 3,000,000 requests of Project 1 on the bill."
    )


def test_the_saving_is_all_requests_of_visitors_there(acme):
    # 4,000,000 requests: 1,000,000 x 0.0001 + 2,000,000 x 0.000045 = 190; 1,000,000 are free.
    assert two_projects(acme).finding(CHECK).saving.alone == Decimal("190.00")


@pytest.mark.parametrize(
    "flag",
    [
        {"state": "active", "name": "in-use-too"},
        {"state": "inactive"},
        {"name": "survey-targeting-x"},
    ],
)
def test_a_flag_in_use_or_off_or_of_a_survey_is_healthy(acme, flag):
    assert two_projects(acme, **flag).flagged(CHECK) == []


def test_where_no_project_uses_flags_another_check_says_so(acme):
    one = acme().flags(requests=3_000_000).resource("flag", "stale", name="old")

    assert one.flagged(CHECK) == []


def test_polling_of_servers_is_not_cut(acme):
    one = two_projects(acme, polling=500_000)

    # 4,500,000 requests cost 212.50; without the visitors' 3,000,000 1,500,000 cost 50.
    assert one.finding(CHECK).saving.alone == Decimal("162.50")


def test_without_the_flags_it_is_not_evaluated(acme):
    one = acme().flags(requests=3_000_000).without("resources.flag")

    assert one.gap(CHECK).missing == "flags_in_use"
