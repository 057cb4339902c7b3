"""Laws of pricing, held against an oracle that counts unit by unit."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from audit.errors import PriceError
from audit.pricing import Schedule, Tier, as_json, bill, fleet_cents

ON = date(2026, 8, 1)
few = settings(max_examples=120, deadline=None)

prices = st.decimals(min_value=0, max_value=5, places=5)
flats = st.one_of(st.just(Decimal(0)), st.decimals(min_value=0, max_value=50, places=3))


@st.composite
def schedules(draw, models=("graduated", "volume", "package"), highest=40):
    model = draw(st.sampled_from(models))
    bounds = sorted(draw(st.sets(st.integers(1, highest), max_size=4)))
    tiers = tuple(
        Tier(None if bound is None else Decimal(bound), draw(prices), draw(flats))
        for bound in [*bounds, None]
    )
    return Schedule(model, tiers, draw(st.integers(1, 7)) if model == "package" else None)


def tier_of(schedule, unit):
    return next(t for t in schedule.tiers if t.up_to is None or unit <= t.up_to)


def unit_by_unit(schedule, quantity):
    """The cost as a shop assistant would add it up: one unit, or package, after another."""
    if schedule.model == "package":
        packages, left = divmod(quantity, schedule.package_size)
        quantity = packages + (left > 0)
    if quantity == 0:
        return Decimal(0)
    if schedule.model == "volume":
        tier = tier_of(schedule, quantity)
        return sum([tier.unit_amount_usd] * quantity, Decimal(0)) + tier.flat_amount_usd
    total = Decimal(0)
    reached = []
    for unit in range(1, quantity + 1):
        tier = tier_of(schedule, unit)
        if tier not in reached[-1:]:
            reached.append(tier)
            total += tier.flat_amount_usd
        total += tier.unit_amount_usd
    return total


def half_up(amount):
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


@few
@given(schedules(), st.integers(0, 120))
def test_the_cost_is_what_counting_unit_by_unit_gives(schedule, quantity):
    assert schedule.cost(quantity) == unit_by_unit(schedule, quantity)


@few
@given(schedules(), st.integers(0, 10**9))
def test_the_tiers_of_a_walk_sum_to_the_cost(schedule, quantity):
    walk = schedule.walk(quantity)

    assert sum((charge.amount for charge in walk), Decimal(0)) == schedule.cost(quantity)
    if schedule.model != "package":
        assert sum((charge.quantity for charge in walk), Decimal(0)) == quantity


@few
@given(schedules(models=("graduated", "package")), st.integers(0, 200), st.integers(0, 200))
def test_more_never_costs_less(schedule, quantity, more):
    assert schedule.cost(quantity) <= schedule.cost(quantity + more)


@few
@given(schedules(), st.lists(st.integers(0, 10**10), max_size=20))
def test_a_column_costs_what_its_numbers_cost(schedule, quantities):
    column = np.array(quantities, dtype=np.int64)

    assert schedule.cents(column).tolist() == [half_up(schedule.cost(q)) for q in quantities]


@few
@given(schedules(), st.lists(st.integers(0, 2**62), min_size=1, max_size=8))
def test_a_column_beyond_64_bits_of_ticks_costs_the_same(schedule, quantities):
    expected = [half_up(schedule.cost(q)) for q in quantities]
    assume(max(expected) < 2**63)

    assert schedule.cents(np.array(quantities, dtype=np.int64)).tolist() == expected


@few
@given(
    st.lists(schedules(), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**7)), max_size=20),
)
def test_a_fleet_costs_what_its_rows_cost(all_schedules, rows):
    rows = [(number % len(all_schedules), quantity) for number, quantity in rows]
    ids = np.array([number for number, _ in rows], dtype=np.int64)
    quantities = np.array([quantity for _, quantity in rows], dtype=np.int64)

    assert fleet_cents(ids, quantities, all_schedules).tolist() == [
        half_up(all_schedules[number].cost(quantity)) for number, quantity in rows
    ]


@few
@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**9), max_size=4))
def test_splitting_a_quantity_between_projects_does_not_change_the_bill(total, cuts):
    ends = sorted(min(cut, total) for cut in cuts)
    projects = [high - low for low, high in zip([0, *ends], [*ends, total], strict=True)]

    whole = bill({"product_analytics": total}, on=ON)

    assert bill({"product_analytics": sum(projects)}, on=ON) == whole
    # 1,000,000 free once: with a million or more in all, the whole allowance is used up.
    assert whole.lines[0].tiers[:1] == () or whole.lines[0].tiers[0].quantity == min(total, 10**6)


@few
@given(
    st.dictionaries(
        st.sampled_from(["product_analytics", "enhanced_persons", "session_replay", "surveys"]),
        st.integers(0, 10**9),
    )
)
def test_lines_sum_to_the_bill_and_tiers_to_the_line(quantities):
    answer = as_json(bill(quantities, on=ON))

    assert sum(Decimal(line["amount"]) for line in answer["lines"]) == Decimal(answer["total"])
    for line in answer["lines"]:
        exact = sum((Decimal(tier["amount"]) for tier in line["tiers"]), Decimal(0))
        assert Decimal(line["amount"]) == exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@few
@given(schedules(models=("graduated",)), st.randoms(use_true_random=False))
def test_a_shuffled_tier_list_is_refused(schedule, random):
    rows = schedule.to_json()
    shuffled = rows[:]
    random.shuffle(shuffled)
    assume([row["up_to"] for row in shuffled] != [row["up_to"] for row in rows])

    with pytest.raises(PriceError):
        Schedule.from_json(shuffled, product="a_product")


@few
@given(schedules(models=("graduated", "volume")))
def test_json_round_trips(schedule):
    again = Schedule.from_json(schedule.to_json(), product="a_product", model=schedule.model)

    assert again == schedule
