"""The bill's change, split: every effect by hand or by another road, and always to the cent."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.diff import ORDER, Decomposition, Effect, compare
from audit.errors import PriceError
from audit.ledger import as_plain, suppression
from audit.pricing import Schedule, bill

NOW = date(2026, 11, 1)
ONLY = ["autocapture_unread"]
WAREHOUSE = "rows_synced_in_period"


def usd(text):
    return Decimal(text)


def effects(of):
    return {effect: amount for effect, amount in of.effects.items() if amount}


def test_each_effect_is_on_top_of_those_before_it(build):
    # Then: 2M events, 50 USD. Usage: 3M at the same terms, 50 + 34.30 = 84.30, so 34.30 more.
    # Plan: 10 percent off 84.30 is 8.43 less. The finding goes with the threshold, the bill stays.
    then = build.then(
        build.captured(1_000_000),
        build.viewed(1_000_000),
        arguments={"thresholds": {"autocapture_unread": {"autocapture_percent": 90}}},
    )
    now = build.now(
        build.captured(2_000_000), build.viewed(1_000_000), organization={"discount_percent": "10"}
    )

    found = compare(then, now, only=ONLY)

    assert (found.bill.before, found.bill.now) == (usd("50.00"), usd("75.87"))
    assert effects(found.bill) == {Effect.USAGE: usd("34.30"), Effect.PLAN: usd("-8.43")}
    # Flagged at 50 percent only: 75.87 is then all saved, the rest is free.
    assert (found.joint_saving.before, found.joint_saving.now) == (usd("0.00"), usd("75.87"))
    assert effects(found.joint_saving) == {Effect.THRESHOLD: usd("75.87")}
    assert effects(found.bill_after_fixes) == {
        Effect.USAGE: usd("34.30"),
        Effect.PLAN: usd("-8.43"),
        Effect.THRESHOLD: usd("-75.87"),
    }


def test_a_new_public_price_is_the_price_effect(build):
    rows = [build.row("data_warehouse", "row", 30_000_000)]
    earlier = date(2025, 9, 1)

    found = compare(build.account(earlier, *rows), build.account(NOW, *rows), only=ONLY)

    then, now = (bill({WAREHOUSE: 30_000_000}, on=day).total for day in (earlier, NOW))
    assert then != now
    assert (found.bill.before, found.bill.now) == (then, now)
    assert effects(found.bill) == {Effect.PRICE: now - then}


def test_own_tiers_and_limits_are_the_plan(build):
    tiers = [
        {"up_to": 1_000_000, "unit_amount_usd": "0"},
        {"up_to": None, "unit_amount_usd": "0.0001"},
    ]
    rows = [build.viewed(3_000_000)]
    then = build.then(*rows)
    now = build.now(
        *rows,
        subscriptions=[{"product": "product_analytics", "tiers": tiers}],
        limits=[{"product": "product_analytics", "limit_usd": "150"}],
    )

    found = compare(then, now, only=ONLY)

    # 84.30 at the public list; 200 at the own tiers, held to 150.
    assert effects(found.bill) == {Effect.PLAN: usd("65.70")}


def test_a_discount_that_ended_between_the_two_is_the_plan(build):
    terms = {"discount_amount_usd": "20", "discount_expires_at": "2026-10-15"}
    rows = [build.viewed(3_000_000)]
    then, now = build.then(*rows, organization=terms), build.now(*rows, organization=terms)

    found = compare(then, now, only=ONLY)

    assert effects(found.bill) == {Effect.PLAN: usd("20.00")}
    assert found.bill.before == usd("64.30")


def test_decisions_move_the_saving_and_never_the_bill(build):
    decided = suppression(
        check="autocapture_unread",
        organization_id="acme",
        reason="known",
        owner="Ada",
        on=NOW,
        until=NOW,
    )
    rows = [build.captured(2_000_000), build.viewed(1_000_000)]
    then = build.then(*rows)

    found = compare(then, build.now(*rows), only=ONLY, suppressions=[as_plain(decided)])

    assert effects(found.bill) == {}
    assert effects(found.joint_saving) == {Effect.DECISION: usd("-84.30")}
    assert effects(found.bill_after_fixes) == {Effect.DECISION: usd("84.30")}


def test_a_decision_that_is_over_is_a_decision_and_not_usage(build):
    decided = suppression(
        check="autocapture_unread",
        organization_id="acme",
        reason="known",
        owner="Ada",
        on=date(2026, 9, 1),
        until=date(2026, 10, 20),
    )
    kept = [as_plain(decided)]
    rows = [build.captured(2_000_000), build.viewed(1_000_000)]
    then = build.then(*rows, arguments={"suppressions": kept})

    found = compare(then, build.now(*rows), only=ONLY, suppressions=kept)

    assert effects(found.joint_saving) == {Effect.DECISION: usd("84.30")}


def test_the_lines_add_up_to_the_bill_effect_by_effect(build):
    then = build.then(
        build.viewed(3_000_000), build.row("enhanced_persons", "$pageview", 2_000_000)
    )
    now = build.now(build.viewed(4_000_000), organization={"discount_percent": "7.5"})

    found = compare(then, now, only=ONLY)

    assert [line.product for line in found.lines][-1] == "discounts"
    for effect in ORDER:
        assert (
            sum(line.amount.effects[effect] for line in found.lines) == found.bill.effects[effect]
        )
    assert sum(line.amount.before for line in found.lines) == found.bill.before
    assert sum(line.amount.now for line in found.lines) == found.bill.now


def test_where_no_usage_is_known_nothing_is_claimed_of_the_bill(build):
    then = build.then(covered=())
    now = build.now(build.viewed(3_000_000))

    found = compare(then, now, only=ONLY)

    assert found.bill is found.joint_saving is found.bill_after_fixes is None
    assert found.lines == ()
    assert "then" in found.unknown


def test_effects_that_do_not_add_up_are_never_shown():
    with pytest.raises(PriceError, match="do not add up"):
        Decomposition(usd("1.00"), {Effect.USAGE: usd("1.00")}, usd("2.01"))


#: The price of the warehouse changed three times between these.
days = st.sampled_from(
    [date(2025, 3, 1), date(2025, 10, 25), date(2025, 11, 2), date(2026, 8, 1), NOW]
)
quantities = st.fixed_dictionaries(
    {"product_analytics": st.integers(0, 30_000_000), "data_warehouse": st.integers(0, 90_000_000)}
)
own_tiers = st.none() | st.integers(1, 300).map(
    lambda price: [
        {"up_to": 500_000, "unit_amount_usd": "0"},
        {"up_to": None, "unit_amount_usd": f"0.{price:06d}"},
    ]
)
plans = st.fixed_dictionaries(
    {
        "tiers": own_tiers,
        "limit": st.none() | st.integers(0, 2_000),
        "percent": st.sampled_from(["0", "12.5", "40"]),
        "off": st.sampled_from(["0", "15.50"]),
    }
)
USAGE_TYPES = {
    "product_analytics": "event_count_in_period",
    "data_warehouse": WAREHOUSE,
}


def made(build, day, used, plan, percent):
    rows = [build.row(meter, "$autocapture", n) for meter, n in used.items() if n]
    return build.account(
        day,
        *rows,
        organization={"discount_percent": plan["percent"], "discount_amount_usd": plan["off"]},
        subscriptions=[{"product": "product_analytics", "tiers": plan["tiers"]}]
        * bool(plan["tiers"]),
        limits=[{"product": "product_analytics", "limit_usd": str(plan["limit"])}]
        * (plan["limit"] is not None),
        arguments={"thresholds": {"autocapture_unread": {"autocapture_percent": percent}}},
    )


def priced(used, plan, day):
    """The scalar bill: a road of its own."""
    own = (
        {"product_analytics": Schedule.from_json(plan["tiers"], product="x")}
        if plan["tiers"]
        else {}
    )
    return bill(
        {USAGE_TYPES[meter]: n for meter, n in used.items() if n},
        on=day,
        own=own,
        limits_usd={"product_analytics": plan["limit"]},
        discount_percent=Decimal(plan["percent"]),
        discount_amount_usd=Decimal(plan["off"]),
    ).total


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(
    st.lists(quantities, min_size=2, max_size=2),
    days,
    st.lists(plans, min_size=2, max_size=2),
    st.lists(st.sampled_from([10, 99]), min_size=2, max_size=2),
)
def test_whatever_changes_the_effects_are_the_bills_between_and_add_up(
    build, used, day, plan, percent
):
    then = made(build, day, used[0], plan[0], percent[0])
    now = made(build, NOW, used[1], plan[1], percent[1])

    found = compare(then, now, only=ONLY, thresholds=now.arguments["thresholds"])

    steps = [
        priced(used[0], plan[0], day),
        priced(used[1], plan[0], day),
        priced(used[1], plan[0], NOW),
        priced(used[1], plan[1], NOW),
    ]
    assert found.bill.before == steps[0]
    assert [found.bill.effects[e] for e in (Effect.USAGE, Effect.PRICE, Effect.PLAN)] == [
        later - earlier for earlier, later in pairwise(steps)
    ]
    assert found.bill.now == steps[-1]
    for one in (found.bill, found.joint_saving, found.bill_after_fixes):
        assert one.before + sum(one.effects.values()) == one.now
    assert found.bill.effects[Effect.THRESHOLD] == found.bill.effects[Effect.DECISION] == 0
