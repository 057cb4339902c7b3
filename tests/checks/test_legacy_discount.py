"""The legacy discount of 30 percent."""

import pytest

from audit.checks import Audience, load_checks

CHECK = "legacy_discount"


@pytest.mark.parametrize(("percent", "flagged"), [(None, 0), (29.99, 0), (30, 1), (30.01, 0)])
def test_exactly_thirty_percent_is_the_legacy_discount(acme, percent, flagged):
    one = acme().events("x", 10).of(discount_percent=percent)

    assert len(one.findings(CHECK)) == flagged


def test_it_is_for_the_team_and_saves_nothing(acme):
    found = acme().events("x", 10).of(discount_percent=30).finding(CHECK)

    assert found.message == "A standing discount of 30% is on the bill."
    assert load_checks()[CHECK].audience is Audience.TEAM
    assert found.saving.alone == 0


def test_without_the_organization_it_is_not_evaluated(acme):
    one = acme().events("x", 10).without("organizations")

    assert one.gap(CHECK).missing == "discount_percent"


def test_the_threshold_can_be_set(acme):
    one = acme().events("x", 10).of(discount_percent=25)

    assert len(one.findings(CHECK, legacy_percent=25)) == 1
