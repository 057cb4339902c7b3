import pytest

CHECK = "slack_connect_reached"


@pytest.mark.parametrize(("forecast", "flagged"), [("1666.66", False), ("1666.67", True)])
def test_a_channel_is_earned_at_twenty_thousand_a_year(acme, forecast, flagged):
    assert bool(acme().crm(forecasted_mrr_usd=forecast).findings(CHECK)) is flagged


def test_the_message_says_the_year(acme):
    assert acme().crm(forecasted_mrr_usd=2000).finding(CHECK).message == (
        "Acme is on track to spend $24,000 a year (estimate) and has no shared channel."
    )


def test_a_support_package_earns_it_as_well(acme):
    assert acme().crm(forecasted_mrr_usd=10, support_package="yes").findings(CHECK)


def test_whoever_has_one_needs_none(acme):
    built = acme().crm(forecasted_mrr_usd=9000, days_since_slack_message=3)

    assert not built.findings(CHECK)


def test_without_a_forecast_nobody_can_tell(acme):
    assert acme().crm(mrr_usd=1).gap(CHECK).missing == "forecasted_bill_usd"
