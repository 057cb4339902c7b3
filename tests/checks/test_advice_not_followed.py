import pytest

CHECK = "advice_not_followed"


def advised(acme, day="2026-10-10", **fields):
    """Group analytics is paid and unused: 900 USD a month are still to be saved."""
    tiers = '[{"up_to": null, "unit_amount_usd": "0.001"}]'
    built = acme().subscription("group_analytics", tiers=tiers).units("group_analytics", 900_000)
    return built.crm(advised_at=day, **fields)


def test_advice_of_three_weeks_ago_that_still_saves_money_was_not_followed(acme):
    assert advised(acme).finding(CHECK).message == (
        "Acme was sent a recommendation 22 days ago; findings still save $900.00 a month "
        "(estimate)."
    )


@pytest.mark.parametrize(("day", "flagged"), [("2026-10-18", True), ("2026-10-19", False)])
def test_two_weeks_are_given(acme, day, flagged):
    assert bool(advised(acme, day).findings(CHECK)) is flagged


def test_advice_marked_as_followed_was(acme):
    assert not advised(acme, advice_followed="true").findings(CHECK)
    assert advised(acme, advice_followed="false").findings(CHECK)


def test_with_nothing_left_to_save_it_was_followed(acme):
    assert not acme().spends(500).crm(advised_at="2026-08-01").findings(CHECK)


def test_whoever_left_is_not_nudged(acme):
    assert not advised(acme, onboarding_pipeline="6d. Churned").findings(CHECK)


@pytest.mark.parametrize("day", [None, "2026-11-05"])
def test_without_advice_there_is_nothing_to_follow(acme, day):
    assert not advised(acme, day).findings(CHECK)


def test_without_the_crm_nobody_can_tell(acme):
    assert advised(acme).without("lifecycle", "No CRM.").gap(CHECK).reason == "No CRM."
