"""Heatmaps that are off, though they cost nothing."""

import pytest

from audit.checks import Severity

CHECK = "heatmaps_off"


def web(one, events, *, project="1", **settings):
    one.activity("web_events", events, project=project)
    return one.settings(project=project, **settings)


def test_a_web_project_without_heatmaps_is_an_opportunity_that_costs_nothing(acme):
    found = web(acme(), 43_210).finding(CHECK)

    assert found.message == (
        "Heatmaps are off in Project 1, which sent 43,210 web events; they cost nothing."
    )
    assert (found.severity, found.saving.alone) == (Severity.OPPORTUNITY, 0)


@pytest.mark.parametrize(("setting", "flagged"), [(True, []), (False, ["1"]), (None, ["1"])])
def test_only_heatmaps_that_are_on_are_on(acme, setting, flagged):
    assert web(acme(), 43_210, heatmaps_opt_in=setting).flagged(CHECK) == flagged


def test_heatmaps_that_are_on_are_never_a_saving(acme):
    one = web(acme(), 2_000_000, heatmaps_opt_in=True).events("$$heatmap", 2_000_000)

    assert one.flagged(CHECK) == []


@pytest.mark.parametrize(
    ("days", "events", "flagged"),
    [(30, 9_999, []), (30, 10_000, ["1"]), (60, 19_999, []), (60, 20_000, ["1"])],
)
def test_ten_thousand_web_events_a_month_are_the_limit(acme, days, events, flagged):
    assert web(acme(days=days), events).flagged(CHECK) == flagged


def test_a_backend_has_nothing_to_map(acme):
    assert acme().events("x", 50_000, library="posthog-node").flagged(CHECK) == []


@pytest.mark.parametrize(
    ("subject", "missing"),
    [("projects.settings", "heatmap_projects"), ("activity.web_events", "web_events")],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = web(acme(), 43_210).without(subject).gap(CHECK)

    assert (gap.missing, gap.reason) == (missing, "The key lacks a scope.")


def test_the_threshold_can_be_set(acme):
    assert web(acme(), 43_210).findings(CHECK, web_events_count=43_211) == []
