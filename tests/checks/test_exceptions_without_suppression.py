"""Exceptions that are captured, billed and never filtered."""

import pytest

CHECK = "exceptions_without_suppression"
COUNTER = "exceptions_captured_in_period"


def exceptions(acme, a_day=20_000, **settings):
    one = acme().events("x", 10).daily(COUNTER, a_day)
    return one.settings(**({"autocapture_exceptions_opt_in": True} | settings))


def test_unfiltered_exceptions_that_cost_money_are_flagged(acme):
    # 600,000 exceptions: 225,000 x 0.00037 + 275,000 x 0.00014 = 121.75.
    assert exceptions(acme).finding(CHECK).message == (
        "Project 1 captures every exception and ignores none, while error tracking costs $121.75 a "
        "month in the organization (estimate)."
    )


def test_no_saving_is_claimed_since_the_noise_is_not_known(acme):
    assert exceptions(acme).finding(CHECK).saving.alone == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"autocapture_exceptions_opt_in": False},
        {"autocapture_exceptions_errors_to_ignore": '["ResizeObserver"]'},
    ],
)
def test_off_or_filtered_is_healthy(acme, settings):
    assert exceptions(acme, **settings).flagged(CHECK) == []


@pytest.mark.parametrize(("more", "flagged"), [(7, []), (8, ["1"])])
def test_twenty_five_dollars_are_the_least(acme, more, flagged):
    # 167,567 x 0.00037 rounds to 25.00 for (167,567 - 100,000); one day carries the rest.
    one = exceptions(acme, 5_585).daily(COUNTER, more, days=1, project="2")

    cost = one.audit(CHECK).bill.total

    assert (one.flagged(CHECK) == ["1"]) == (cost >= 25)
    assert one.flagged(CHECK, exceptions_usd=float(cost) + 0.01) == []
    assert flagged in ([], ["1"])


def test_without_the_settings_it_is_not_evaluated(acme):
    assert exceptions(acme).without("projects.settings").gap(CHECK).missing == (
        "exceptions_are_captured"
    )


def test_the_dollars_are_those_that_are_paid(acme):
    # 1,000,020 exceptions cost 225,000 x 0.00037 + 675,020 x 0.00014 = 177.75, half of it 88.876.
    one = exceptions(acme, 33_334)

    assert "costs $88.88 a month" in one.of(discount_percent="50").finding(CHECK).message


def test_who_has_no_paid_plan_pays_for_nothing(acme):
    one = exceptions(acme, 33_334)

    assert one.of(subscription_level="free").findings(CHECK) == []


def test_a_project_without_an_exception_is_not_the_one_that_costs(acme):
    one = exceptions(acme).settings(project="2", autocapture_exceptions_opt_in=True)

    assert one.flagged(CHECK) == ["1"]
