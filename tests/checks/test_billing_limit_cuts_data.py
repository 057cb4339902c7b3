"""A billing limit that drops data, or is about to."""

from decimal import Decimal

from audit.checks import Severity

CHECK = "billing_limit_cuts_data"


def test_a_limit_that_dropped_data_needs_action(acme):
    found = acme().limit("session_replay", 200, billed=200, data_was_cut=True).finding(CHECK)

    assert found.message == "The billing limit of Session replay (web) dropped data this period."
    assert (found.severity, found.product) == (Severity.NEEDS_ACTION, "session_replay")


def test_a_limit_that_is_near_is_worth_attention(acme):
    found = acme().limit("session_replay", 200, billed="170").finding(CHECK)

    assert found.message == "85% of the billing limit of Session replay (web) is used."
    assert found.severity == Severity.WORTH_ATTENTION


def test_four_fifths_is_near_and_the_whole_is_reached(acme):
    one = acme().limit("a", 200, billed="159.99").limit("b", 200, billed="160.00")

    found = one.limit("c", 200, billed="199.99").limit("d", 200, billed="200.00").findings(CHECK)

    assert [(f.product, f.severity) for f in found] == [
        ("b", Severity.WORTH_ATTENTION),
        ("c", Severity.WORTH_ATTENTION),
        ("d", Severity.NEEDS_ACTION),
    ]


def test_a_default_limit_of_the_vendor_says_nothing_until_it_is_reached(acme):
    near = acme().limit("data_warehouse", 500, billed="499.99")
    near.limit("posthog_ai", 150, billed="149.99").limit("session_replay", 500, billed="499.99")
    reached = acme().limit("data_warehouse", 500, billed=500).limit("posthog_ai", 150, billed=150)
    own = acme().limit("data_warehouse", 501, billed="499.99")

    assert [f.product for f in near.findings(CHECK)] == ["session_replay"]
    assert [f.product for f in reached.findings(CHECK)] == ["data_warehouse", "posthog_ai"]
    assert len(own.findings(CHECK)) == 1


def test_a_default_limit_that_dropped_data_does_say_something(acme):
    one = acme().limit("data_warehouse", 500, billed=1, data_was_cut=True)

    assert len(one.findings(CHECK)) == 1


def test_a_limit_of_zero_is_a_limit_and_any_charge_reaches_it(acme):
    one = acme().limit("a", 0, billed="0.00").limit("b", 0, billed="0.01")

    assert [f.product for f in one.findings(CHECK)] == ["b"]


def test_no_limit_is_no_signal_and_no_bill_line_has_used_nothing(acme):
    one = acme().limit("no limit", None, billed="9999").limit("no bill line", 200)

    assert one.findings(CHECK) == []


def test_the_limit_is_on_what_is_paid_after_the_discount(acme):
    one = acme().limit("session_replay", 200, billed="200")
    one.organization["discount_percent"] = 25

    # 200.00 of usage is 150.00 to pay, 75% of the limit.
    assert one.findings(CHECK) == []


def test_bills_of_earlier_periods_do_not_count(acme):
    one = acme().limit("session_replay", 200)
    line = {"period_start": "2026-09-20", "period_end": "2026-10-20", "amount_usd": 200}

    assert one._add("bill_lines", product="session_replay", **line).findings(CHECK) == []


def test_without_the_limits_nothing_is_known_of_any_product(acme):
    gap = acme().recordings(longer=15_000).without("limits").gap(CHECK)

    assert (gap.product, gap.missing) == ("session_replay", "data_was_cut")
    assert gap.reason == "The key lacks a scope."


def test_without_the_bill_so_far_nobody_knows_how_near_the_limit_is(acme):
    gap = acme().limit("session_replay", 200).without("bill_lines").gap(CHECK)

    assert gap.missing == "limit_used_percent"
    assert gap.reason.startswith("nothing tells what was billed so far this period")


def test_a_bill_line_without_an_amount_does_not_pass_for_zero(acme):
    one = acme().limit("session_replay", 200)
    line = {"period_start": "2026-10-20", "period_end": "2026-11-20", "quantity": 9}

    gap = one._add("bill_lines", product="session_replay", **line).gap(CHECK)

    assert gap.missing == "limit_used_percent"


def test_units_against_the_limit_in_units_tell_where_the_amount_does_not(acme):
    one = acme().limit("session_replay", 200, usage_limit=1_000, usage=850)

    assert one.without("bill_lines").finding(CHECK).message.startswith("85% of")


def test_data_that_was_cut_is_flagged_although_the_amount_is_unknown(acme):
    one = acme().limit("session_replay", 200, data_was_cut=True).without("bill_lines")

    assert one.finding(CHECK).severity == Severity.NEEDS_ACTION


def test_it_claims_no_saving(acme):
    found = acme().recordings(longer=15_000).limit("session_replay", 20, billed=20).finding(CHECK)

    assert found.saving.alone == Decimal("0.00")


def test_the_threshold_can_be_set(acme):
    one = acme().limit("session_replay", 200, billed="170")

    assert one.findings(CHECK, near_percent=86) == []
