"""Web events that go straight to the vendor's hosts."""

import pytest

from audit.checks import Severity

CHECK = "no_reverse_proxy"


def web(one, events, proxied, *, project="1"):
    one.activity("web_events", events, project=project)
    return one.activity("proxied_web_events", proxied, project=project)


def test_web_events_without_a_proxy_are_flagged_and_cost_nothing(acme):
    found = web(acme(), 12_000, 0).finding(CHECK)

    assert found.message == "None of Project 1's 12,000 web events came through a proxy."
    assert (found.severity, found.saving.alone) == (Severity.WORTH_ATTENTION, 0)


def test_a_few_that_did_are_said(acme):
    found = web(acme(), 12_000, 40).finding(CHECK)

    assert found.message == "Only 40 of Project 1's 12,000 web events came through a proxy."


def test_a_project_behind_a_proxy_is_healthy(acme):
    assert web(acme(), 12_000, 11_800).flagged(CHECK) == []


def test_one_percent_is_the_last_that_counts_as_none(acme):
    one = acme()
    for proxied in (99, 100, 101):
        web(one, 10_000, proxied, project=str(proxied))

    assert one.flagged(CHECK) == ["100", "99"]


@pytest.mark.parametrize(
    ("days", "events", "flagged"),
    [(30, 999, []), (30, 1_000, ["1"]), (60, 1_999, []), (60, 2_000, ["1"]), (30, 0, [])],
)
def test_a_thousand_web_events_a_month_are_the_limit(acme, days, events, flagged):
    assert web(acme(days=days), events, 0).flagged(CHECK) == flagged


def test_a_backend_alone_needs_no_proxy(acme):
    assert acme().events("x", 50_000, library="posthog-node").flagged(CHECK) == []


@pytest.mark.parametrize(
    ("subject", "missing"),
    [
        ("activity.web_events", "web_events"),
        ("activity.proxied_web_events", "proxied_web_events"),
    ],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = web(acme(), 12_000, 0).without(subject).gap(CHECK)

    assert (gap.missing, gap.reason) == (missing, "The key lacks a scope.")


@pytest.mark.parametrize("thresholds", [{"web_events_count": 12_001}, {"proxied_percent": 0}])
def test_the_thresholds_can_be_set(acme, thresholds):
    assert web(acme(), 12_000, 1).findings(CHECK, **thresholds) == []
