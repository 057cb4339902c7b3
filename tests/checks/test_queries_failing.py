"""More than a tenth of the queries fail, from the query log, else from the CRM."""

import pytest

CHECK = "queries_failing"


def logged(acme, failed, app=900, keys=100):
    one = acme().activity("app_queries", app).activity("api_queries", keys)
    return one.activity("failed_queries", failed)


@pytest.mark.parametrize(("failed", "is_flagged"), [(99, False), (100, False), (101, True)])
def test_above_a_tenth_is_flagged(acme, failed, is_flagged):
    assert bool(logged(acme, failed).findings(CHECK)) is is_flagged


def test_queries_of_keys_and_of_all_projects_count(acme):
    one = logged(acme, 120).activity("app_queries", 1_000, project="2")

    assert one.findings(CHECK) == []


@pytest.mark.parametrize(("app", "is_flagged"), [(89, False), (90, True), (91, True)])
def test_a_few_queries_make_no_rate(acme, app, is_flagged):
    assert bool(logged(acme, 50, app=app, keys=10).findings(CHECK)) is is_flagged


@pytest.mark.parametrize(("percent", "is_flagged"), [(10, False), (10.5, True)])
def test_the_crm_stands_in_where_the_log_was_not_read(acme, percent, is_flagged):
    one = acme().for_team().crm(query_failure_percent_7_days=percent)
    for measure in ("app_queries", "api_queries", "failed_queries"):
        one.without(f"activity.{measure}")

    assert bool(one.findings(CHECK)) is is_flagged


def test_the_log_goes_before_the_crm(acme):
    assert logged(acme, 0).for_team().crm(query_failure_percent_7_days=50).findings(CHECK) == []


def test_the_message_says_of_how_many(acme):
    of_log = logged(acme, 120).finding(CHECK)
    of_crm = acme().for_team().crm(query_failure_percent_7_days=12).finding(CHECK)

    assert of_log.message == "12% of 1,000 queries fail."
    assert of_crm.message == "12% of all queries fail."


def test_without_queries_and_crm_it_is_not_evaluated(acme):
    gap = acme().gap(CHECK)

    assert gap.missing == "query_failure_percent"
    assert "the query log" in gap.reason


def test_the_thresholds_can_be_set(acme):
    assert logged(acme, 120).findings(CHECK, failed_percent=12) == []
    assert logged(acme, 120).findings(CHECK, queries_count=1_001) == []


def test_what_the_crm_says_of_queries_is_not_for_the_customer(acme):
    one = acme().without("activity.app_queries").crm(query_failure_percent_7_days=90)

    assert one.gap(CHECK).missing in ("query_failure_percent", "rated_queries")
