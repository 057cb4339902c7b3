"""Exceptions are captured and there is not one."""

import pytest

CHECK = "error_tracking_silent"


def project(acme, web_events=10_000, exceptions=0, captured=True):
    one = acme().events("x", 10).daily("exceptions_captured_in_period", exceptions)
    one.activity("web_events", web_events)
    return one.settings(autocapture_exceptions_opt_in=captured)


def test_a_capture_without_a_single_exception_is_flagged(acme):
    found = project(acme, 25_000).finding(CHECK)

    assert found.message == (
        "Project 1 captures exceptions, yet there was none in 25,000 web events."
    )
    assert found.saving.alone == 0


def test_one_exception_makes_it_healthy(acme):
    assert project(acme, exceptions=1).flagged(CHECK) == []


def test_a_capture_that_is_off_is_healthy(acme):
    assert project(acme, captured=False).flagged(CHECK) == []


@pytest.mark.parametrize(("events", "flagged"), [(9_999, []), (10_000, ["1"])])
def test_a_small_site_may_have_none(acme, events, flagged):
    assert project(acme, events).flagged(CHECK) == flagged


@pytest.mark.parametrize("subject", ["activity.web_events", "usage_daily", "projects.settings"])
def test_without_its_facts_it_is_not_evaluated(acme, subject):
    assert project(acme).without(subject).gap(CHECK).reason == "The key lacks a scope."
