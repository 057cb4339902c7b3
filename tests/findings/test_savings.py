"""Laws of joint savings, whatever the usage."""

from decimal import Decimal
from itertools import permutations
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.account import Account
from audit.checks import load_checks
from audit.findings.examine import examine
from audit.findings.pricing import usd
from audit.findings.savings import Part, attribution, shared_out
from audit.findings.world import look
from audit.frames import in_memory
from audit.policy import load_policy
from audit.pricing import bill

WINDOW = {"window_start": "2026-10-02", "window_end": "2026-11-01"}
METERS = ("product_analytics", "enhanced_persons", "session_replay", "feature_flags")


def world_of(quantities, percent="0", amount_off="0"):
    """An organization with one usage row per (meter, number): rows 0.. in order."""
    rows = [
        {
            "organization_id": "o",
            "project_id": "1",
            "meter": meter,
            "event": f"e{number}",
            "library": "web",
            "host_class": "production",
            "identified": False,
            "known_person": False,
            "quantity": quantity,
            **WINDOW,
        }
        for number, (meter, quantity) in enumerate(quantities)
    ]
    organization = {
        "organization_id": "o",
        "as_of": "2026-11-01",
        "discount_percent": percent,
        "discount_amount_usd": amount_off,
    }
    account = Account.from_tables("o", {"organizations": [organization], "usage_rows": rows})
    connection = in_memory(account.frames)
    policy = load_policy("2025-06", load_checks())
    return look(connection, {}, policy, as_of=None, lookback_days=30)


def by_hand(quantities, parts, percent="0", amount_off="0"):
    """Cents saved by a set of parts, priced by the scalar bill: an independent road."""
    from datetime import date

    def total(kept):
        sums = {}
        for (meter, quantity), share in zip(quantities, kept, strict=True):
            sums[meter] = sums.get(meter, 0) + quantity * share
        return bill(
            {meter: ceil(value) for meter, value in sums.items()},
            on=date(2026, 11, 1),
            discount_percent=Decimal(percent),
            discount_amount_usd=Decimal(amount_off),
        ).total

    kept = [1] * len(quantities)
    for row in range(len(quantities)):
        removed = {}
        for remedy, cuts in parts:
            removed[remedy] = max(removed.get(remedy, 0), cuts.get(row, 0))
        for share in removed.values():
            kept[row] = kept[row] * (1 - share)
    return total([1] * len(quantities)) - total(kept)


def as_parts(parts):
    return [
        Part(
            remedy,
            np.asarray(sorted(cuts), dtype=np.int64),
            np.asarray([cuts[r] for r in sorted(cuts)], dtype=float),
        )
        for remedy, cuts in parts
    ]


usages = st.lists(
    st.tuples(st.sampled_from(METERS), st.integers(1, 6_000_000)), min_size=1, max_size=6
)


@st.composite
def cases(draw):
    # Usage rows come back ordered by meter; so are the quantities that stand for them.
    quantities = sorted(draw(usages), key=lambda row: row[0])
    # Quarters are exact in binary, so that the law is tested and not the rounding.
    share = st.sampled_from([0.25, 0.5, 0.75, 1.0])
    rows = st.integers(0, len(quantities) - 1)
    parts = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["a", "b", "c"]),
                st.dictionaries(rows, share, min_size=1, max_size=3),
            ),
            min_size=1,
            max_size=4,
        )
    )
    return quantities, parts, draw(st.sampled_from(["0", "12.5", "30"]))


@settings(max_examples=12, deadline=None)
@given(cases())
def test_joint_savings_equal_the_scalar_bill_and_parts_sum_to_them(case):
    quantities, parts, percent = case
    world = world_of(quantities, percent)
    split = attribution(world.savings, 0, as_parts(parts))

    exact = [(r, {row: Decimal(str(s)) for row, s in c.items()}) for r, c in parts]
    assert usd(split.joint) == by_hand(quantities, exact, percent)
    assert sum(split.on_top) == split.joint
    assert split.shapley is not None
    assert sum(split.shapley) == split.joint
    assert [usd(a) for a in split.alone] == [by_hand(quantities, [p], percent) for p in exact]


@settings(max_examples=8, deadline=None)
@given(cases())
def test_a_saving_lies_between_nothing_and_the_bill(case):
    quantities, parts, percent = case
    world = world_of(quantities, percent)
    split = attribution(world.savings, 0, as_parts(parts))

    assert 0 <= split.joint <= int(world.savings.payable()[0])
    assert all(0 <= alone <= split.joint for alone in split.alone)


@settings(max_examples=4, deadline=None)
@given(cases())
def test_the_order_of_findings_changes_neither_joint_nor_shapley(case):
    quantities, parts, percent = case
    savings = world_of(quantities, percent).savings
    given_order = as_parts(parts)
    first = attribution(savings, 0, given_order)

    for order in list(permutations(range(len(parts))))[:6]:
        again = attribution(savings, 0, [given_order[i] for i in order])
        assert again.joint == first.joint
        assert [again.alone[order.index(i)] for i in range(len(parts))] == first.alone
        # Shares are exact before they become cents; a leftover cent may go to either.
        for i in range(len(parts)):
            assert abs(again.shapley[order.index(i)] - first.shapley[i]) <= 1


@settings(max_examples=25, deadline=None)
@given(cases(), st.data())
def test_parts_put_last_save_what_is_left_of_all(case, data):
    quantities, parts, percent = case
    numbers = st.sampled_from(range(len(parts)))
    last = data.draw(st.sets(numbers))
    savings = world_of(quantities, percent).savings
    split = attribution(savings, 0, as_parts(parts), last)
    first = [part for number, part in enumerate(parts) if number not in last]

    opened = by_hand(quantities, first, percent)
    assert usd(split.joint) == opened
    assert usd(split.joint_last) == by_hand(quantities, parts, percent) - opened
    assert sum(split.on_top[n] for n in last) == split.joint_last
    assert sum(split.on_top) == split.joint + split.joint_last
    assert sum(split.shapley) == split.joint
    assert sorted(split.order[len(first) :]) == sorted(last)
    assert split.alone == attribution(savings, 0, as_parts(parts)).alone


def test_shapley_is_the_mean_over_all_orders():
    # Two disjoint cuts of 6M of 20M events (methods: alone 181.80 each, joint 387.60).
    quantities = [
        ("product_analytics", 6_000_000),
        ("product_analytics", 6_000_000),
        ("product_analytics", 8_000_000),
    ]
    savings = world_of(quantities).savings

    split = attribution(savings, 0, as_parts([("a", {0: 1.0}), ("b", {1: 1.0})]))

    assert [usd(a) for a in split.alone] == [Decimal("181.80"), Decimal("181.80")]
    assert usd(split.joint) == Decimal("387.60")
    assert [usd(s) for s in split.shapley] == [Decimal("193.80"), Decimal("193.80")]


@pytest.mark.parametrize(
    ("total", "first", "second", "alone", "joint"),
    [
        # Source: the methods page, "why adding up savings is wrong", disjoint cuts.
        (60_000_000, 25_000_000, 25_000_000, ("660.50", "660.50"), "1422.00"),
        (3_000_000, 1_500_000, 1_500_000, ("59.30", "59.30"), "84.30"),
        (2_500_000, 1_200_000, 1_000_000, ("52.15", "42.15"), "67.15"),
    ],
)
def test_worked_joint_savings(total, first, second, alone, joint):
    rest = total - first - second
    quantities = [("product_analytics", q) for q in (first, second, rest) if q]
    split = attribution(
        world_of(quantities).savings, 0, as_parts([("a", {0: 1.0}), ("b", {1: 1.0})])
    )

    assert tuple(str(usd(a)) for a in split.alone) == alone
    assert str(usd(split.joint)) == joint


def test_findings_with_one_remedy_are_counted_once():
    quantities = [("session_replay", 60_000), ("session_replay", 40_000)]
    savings = world_of(quantities).savings
    both = as_parts([("minimum", {0: 0.5}), ("minimum", {0: 0.5})])

    split = attribution(savings, 0, both)

    assert split.joint == split.alone[0] == split.alone[1]
    assert sorted(split.on_top) == [0, split.joint]
    assert split.shapley[0] + split.shapley[1] == split.joint


def test_overlapping_cuts_of_different_remedies_multiply_what_they_keep():
    # Half of 4M is kept by each, so 1M stays: free. 4M cost 50 + 2M x 0.0000343 = 118.60.
    savings = world_of([("product_analytics", 4_000_000)]).savings

    split = attribution(savings, 0, as_parts([("a", {0: 0.5}), ("b", {0: 0.5})]))

    assert usd(split.joint) == Decimal("118.60")


def test_more_than_twelve_saving_findings_have_no_exact_shapley_share():
    quantities = [("product_analytics", 1_000_000)] * 13
    parts = as_parts([(f"r{i}", {i: 1.0}) for i in range(13)])

    split = attribution(world_of(quantities).savings, 0, parts)

    assert split.shapley is None
    assert sum(split.on_top) == split.joint


def test_two_remedies_below_a_limit_save_only_together():
    # 60M events would cost 1,746.40; the limit holds the line at 500. Either cut of 20M leaves
    # more than 500 (40M = 1,233.40), both leave 20M = 643.40; a third of 10M leaves 10M = 324.40.
    quantities = [("product_analytics", 20_000_000)] * 2 + [("product_analytics", 10_000_000)] * 2
    world = world_of(quantities)
    world.savings.prices.limit_cents[:] = 500_00
    world.savings.prices.lines["cents"] = 500_00
    world.savings.subtotal[:] = 500_00

    split = attribution(
        world.savings, 0, as_parts([("a", {0: 1.0}), ("b", {1: 1.0}), ("c", {2: 1.0})])
    )

    assert split.alone == [0, 0, 0]
    assert usd(split.joint) == Decimal("175.60")
    assert sum(split.on_top) == sum(split.shapley) == split.joint


def test_what_saves_most_on_top_is_ranked_first():
    quantities = [("product_analytics", q) for q in (1_000_000, 9_000_000, 3_000_000, 2_000_000)]
    parts = as_parts([(f"r{i}", {i: 1.0}) for i in range(3)])

    split = attribution(world_of(quantities).savings, 0, parts)

    assert split.order == [1, 2, 0]


def test_no_findings_save_nothing():
    split = attribution(world_of([("product_analytics", 2_000_000)]).savings, 0, [])

    assert split.joint == 0
    assert split.order == []


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=12))
def test_shared_cents_add_up(exact):
    total = round(sum(exact))

    shares = shared_out(exact, total)

    assert abs(sum(shares) - total) <= 1


def test_the_fleet_and_the_single_audit_agree(tmp_path):
    from audit import scan
    from audit.sources.sample import portfolio
    from audit.store import Store, publish

    publish(tmp_path / "s.duckdb", portfolio(12).tables)
    scanned = scan(tmp_path / "s.duckdb")

    with Store.open(tmp_path / "s.duckdb") as store:
        for row in scanned.organizations.itertuples():
            audit = examine(store.account(row.organization_id))
            mine = scanned.findings[scanned.findings["organization_id"] == row.organization_id]
            assert audit.joint_saving == Decimal(f"{row.joint_saving_usd:.2f}")
            assert audit.bill.total == Decimal(f"{row.bill_usd:.2f}")
            assert audit.bill.total - audit.counterfactual_bill.total == audit.joint_saving
            assert {f.id for f in audit.findings} == set(mine["id"])
            alone = dict(zip(mine["id"], mine["saving_alone_usd"], strict=True))
            for finding in audit.findings:
                assert finding.saving.alone == Decimal(f"{alone[finding.id]:.2f}")
            assert len(audit.not_evaluated) == row.not_evaluated
