"""Programs that ask more than people do."""

import pytest

CHECK = "api_queries_dominate"


def queries(acme, api, app):
    return acme().activity("api_queries", api).activity("app_queries", app)


def test_polling_is_flagged_and_prices_nothing(acme):
    found = queries(acme, 250_000, 1_400).finding(CHECK)

    assert found.message == "Programs made 250,000 queries in Project 1, people 1,400."
    assert found.saving.alone == 0


@pytest.mark.parametrize(("api", "flagged"), [(9_999, []), (10_000, ["1"])])
def test_ten_thousand_are_many(acme, api, flagged):
    assert queries(acme, api, 0).flagged(CHECK) == flagged


@pytest.mark.parametrize(("app", "flagged"), [(2_001, []), (2_000, ["1"])])
def test_ten_times_what_people_ask_is_too_much(acme, app, flagged):
    assert queries(acme, 20_000, app).flagged(CHECK) == flagged


@pytest.mark.parametrize("measure", ["api_queries", "app_queries"])
def test_without_a_measure_it_is_not_evaluated(acme, measure):
    one = queries(acme, 90_000, 9).without(f"activity.{measure}")

    assert one.gap(CHECK).missing == measure
