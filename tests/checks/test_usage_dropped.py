"""Thirty days of events, thirty percent or more below the thirty before, unexplained."""

import pytest

from audit.checks import Severity

CHECK = "usage_dropped"
EVENTS = "event_count_in_period"


def months(acme, *quantities):
    """Thirty days each, the newest first."""
    one = acme()
    for back, quantity in enumerate(quantities):
        one.daily(EVENTS, quantity, days=30, ago=1 + 30 * back)
    return one


@pytest.mark.parametrize(("now", "is_flagged"), [(699, True), (700, True), (701, False)])
def test_thirty_percent_is_flagged(acme, now, is_flagged):
    assert bool(months(acme, now, 1_000).findings(CHECK)) is is_flagged


def test_the_message_says_by_how_much_and_from_what(acme):
    found = months(acme, 400, 1_000).finding(CHECK)

    assert found.severity is Severity.NEEDS_ACTION
    assert found.message == (
        "Billed events of the last 30 days dropped by 60%, from 30,000 in the 30 days before."
    )


def test_what_comes_down_from_a_spike_has_not_dropped(acme):
    assert months(acme, 1_000, 3_000, 1_000).findings(CHECK) == []
    assert len(months(acme, 1_000, 3_000, 3_000).findings(CHECK)) == 1


def test_a_spike_two_months_ago_does_not_hide_a_drop(acme):
    assert len(months(acme, 600, 1_000, 3_000).findings(CHECK)) == 1


def last_year(one, now, before):
    # 52 weeks earlier: the same weekdays.
    one.daily(EVENTS, now, days=30, ago=365)
    return one.daily(EVENTS, before, days=30, ago=395)


def test_a_season_that_fell_as_much_last_year_explains_it(acme):
    assert last_year(months(acme, 600, 1_000), 60, 100).findings(CHECK) == []


def test_what_falls_beyond_the_season_is_flagged_by_the_rest(acme):
    # Down to 40 percent where last year went down to 60: a third is not explained.
    found = last_year(months(acme, 400, 1_000), 60, 100).finding(CHECK)

    assert found.message == (
        "Billed events of the last 30 days dropped by 60%, from 30,000 in the 30 days before. The "
        "season and the month before that leave 33%."
    )


def test_a_season_that_grew_last_year_makes_no_drop_worse(acme):
    assert last_year(months(acme, 750, 1_000), 200, 100).findings(CHECK) == []


def test_half_a_season_explains_nothing(acme):
    one = months(acme, 600, 1_000).daily(EVENTS, 60, days=30, ago=365)

    assert len(one.daily(EVENTS, 100, days=29, ago=395).findings(CHECK)) == 1


@pytest.mark.parametrize(("extra", "is_flagged"), [(9_999 - 30 * 333, False), (10, True)])
def test_little_usage_may_drop(acme, extra, is_flagged):
    one = months(acme, 10, 333).daily(EVENTS, extra, days=1, ago=31, project="2")

    assert bool(one.findings(CHECK)) is is_flagged


def test_a_limit_that_dropped_data_explains_it_and_the_finding_says_so(acme):
    found = months(acme, 400, 1_000).limit("product_analytics", 50, data_was_cut=True)

    assert found.finding(CHECK).severity is Severity.INFORMATION
    assert found.finding(CHECK).message.endswith("A billing limit dropped data this period.")


def test_advice_that_was_followed_explains_it(acme):
    found = months(acme, 400, 1_000).crm(advice_followed="yes").finding(CHECK)

    assert found.severity is Severity.INFORMATION
    assert "Our advice was followed" in found.message


def test_unread_limits_and_crm_explain_nothing(acme):
    one = months(acme, 400, 1_000).without("limits").without("lifecycle")

    assert one.finding(CHECK).severity is Severity.NEEDS_ACTION


def test_a_day_that_is_not_known_leaves_it_open(acme):
    gap = acme().daily(EVENTS, 400).daily(EVENTS, 1_000, days=29, ago=31).gap(CHECK)

    assert gap.missing == "unexplained_decrease_percent"


def test_without_daily_usage_it_is_not_evaluated(acme):
    assert acme().gap(CHECK).reason == "not read: the pull brought no usage_daily"


def test_the_thresholds_can_be_set(acme):
    assert months(acme, 400, 1_000).findings(CHECK, drop_percent=61) == []
    assert months(acme, 400, 1_000).findings(CHECK, events_count=30_001) == []
