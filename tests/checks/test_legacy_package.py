"""The legacy Teams package."""

from decimal import Decimal

import pytest

CHECK = "legacy_package"


def teams(acme, features='["audit_logs"]'):
    return acme().of(features=features).events("x", 10).subscription("teams")


def test_the_package_is_flagged_and_changing_it_saves_two_hundred_dollars(acme):
    found = teams(acme).finding(CHECK)

    # Teams 450 leaves, Boost 250 arrives.
    assert found.saving.alone == Decimal("200.00")
    assert found.message == (
        "Acme pays for the legacy Teams package and does not use single sign-on with SAML."
    )


def test_the_bill_after_the_change_has_boost_on_it(acme):
    audit = teams(acme).audit(CHECK)

    assert [line.product for line in audit.bill.lines if line.amount] == ["teams"]
    assert [line.product for line in audit.counterfactual_bill.lines if line.amount] == ["boost"]
    assert audit.joint_saving == Decimal("200.00")


def test_boost_is_not_on_the_bill_before_the_change(acme):
    assert "boost" not in [line.product for line in teams(acme).audit(CHECK).bill.lines]


def test_who_has_both_saves_the_whole_package(acme):
    one = teams(acme).subscription("boost")

    assert one.finding(CHECK).saving.alone == Decimal("450.00")


def test_with_saml_it_is_healthy(acme):
    assert teams(acme, '["audit_logs", "saml"]').findings(CHECK) == []


@pytest.mark.parametrize("package", ["boost", "scale", "enterprise"])
def test_other_packages_are_healthy(acme, package):
    one = acme().of(features="[]").events("x", 10).subscription(package)

    assert one.findings(CHECK) == []


def test_features_nobody_told_are_not_evaluated(acme):
    assert teams(acme, None).gap(CHECK).missing == "saml_is_in_use"
