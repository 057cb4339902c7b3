"""A limit that somebody set."""

import pytest

CHECK = "billing_limit_set"


def limit(acme, product, usd, billed=10, **more):
    return acme().limit(product, usd, billed=billed, **more)


def test_a_limit_of_ones_own_is_flagged_with_how_much_of_it_is_used(acme):
    assert limit(acme, "product_analytics", 200, billed=50).finding(CHECK).message == (
        "Product analytics has a billing limit; 25% of it is used."
    )


@pytest.mark.parametrize(("product", "usd"), [("data_warehouse", 500), ("posthog_ai", 150)])
def test_default_limits_are_no_signal(acme, product, usd):
    assert limit(acme, product, usd).findings(CHECK) == []


@pytest.mark.parametrize(("product", "usd"), [("data_warehouse", 499), ("posthog_ai", 151)])
def test_a_default_that_was_changed_is_a_limit(acme, product, usd):
    assert len(limit(acme, product, usd).findings(CHECK)) == 1


@pytest.mark.parametrize(("billed", "flagged"), [(159, 1), (160, 0), (200, 0)])
def test_one_that_is_nearly_reached_is_said_elsewhere(acme, billed, flagged):
    assert len(limit(acme, "product_analytics", 200, billed=billed).findings(CHECK)) == flagged


def test_a_limit_of_zero_is_a_limit(acme):
    assert len(limit(acme, "surveys", 0, billed=0).findings(CHECK)) == 1


def test_no_limit_is_none(acme):
    assert limit(acme, "product_analytics", None).findings(CHECK) == []


def test_without_the_limits_it_is_not_evaluated(acme):
    one = limit(acme, "product_analytics", 200).without("limits")

    assert one.gap(CHECK).missing == "limit_is_set"
