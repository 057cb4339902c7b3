from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import PriceError
from audit.focus.split import shares, stretches
from audit.pricing import Schedule

D = Decimal


def tiers(quantity, *rows, model="graduated"):
    """What a schedule of (up_to, unit price, flat amount) charges for a quantity."""
    given = [
        {"up_to": up_to, "unit_amount_usd": price, "flat_amount_usd": flat}
        for up_to, price, flat in ((*row, "0")[:3] for row in rows)
    ]
    return Schedule.from_json(given, product="x", model=model).walk(D(quantity))


def cut(contracted, listed):
    return [
        (one.quantity, one.contracted, one.listed, one.up_to)
        for one in stretches(contracted, listed)
    ]


def test_a_line_is_cut_where_either_price_changes():
    # Own: 100 free, then 2.00. List: 50 free, then 3.00 to 150, then 1.00. At 200 units the prices
    # change at 50, 100 and 150; each stretch is named after the tier of the list it lies in.
    own = tiers(200, (100, "0"), (None, "2"))
    public = tiers(200, (50, "0"), (150, "3"), (None, "1"))

    assert cut(own, public) == [
        (50, 0, 0, 50),
        (50, 0, 3, 150),
        (50, 2, 3, 150),
        (50, 2, 1, None),
    ]


def test_the_unit_on_a_boundary_belongs_to_the_tier_below():
    same = tiers(100, (100, "1"), (None, "2"))

    assert cut(same, same) == [(100, 1, 1, 100)]
    assert cut(tiers(101, (100, "1"), (None, "2")), None) == [
        (100, 1, None, 100),
        (1, 2, None, None),
    ]


def test_a_flat_fee_is_one_stretch_with_both_prices():
    own, public = tiers(1, (None, "0", "1500")), tiers(1, (None, "0", "2000"))

    [fee] = stretches(own, public)

    assert (fee.quantity, fee.contracted, fee.listed, fee.is_fee) == (1, 1500, 2000, True)


def test_the_flat_amount_of_a_tier_stands_beside_its_units():
    # 10 units free with a fee of 5 for the second tier: 15 units cost 5 + 5 x 2 = 15.
    found = stretches(tiers(15, (10, "0"), (None, "2", "5")), None)

    assert [(one.quantity, one.contracted, one.is_fee) for one in found] == [
        (10, 0, False),
        (5, 2, False),
        (1, 5, True),
    ]


def test_one_free_unit_with_a_fee_and_a_price_is_no_flat_fee():
    # Graduated tiers with a flat amount on the first of two: its one unit is still counted.
    found = stretches(tiers(1, (10, "0", "5"), (None, "2")), None)

    assert [(one.quantity, one.contracted, one.is_fee) for one in found] == [
        (1, 0, False),
        (1, 5, True),
    ]


def test_a_flat_fee_of_its_own_does_not_hide_a_list_price_per_unit():
    # One unit: 5.00 flat by contract, 3.00 a unit by the list.
    found = stretches(tiers(1, (None, "0", "5")), tiers(1, (None, "3")))

    assert [(one.quantity, one.contracted, one.listed, one.is_fee) for one in found] == [
        (1, 0, 3, False),
        (1, 5, 0, True),
    ]


def test_volume_prices_make_one_stretch():
    assert cut(tiers(200, (100, "3"), (None, "2"), model="volume"), None) == [(200, 2, None, None)]


def test_prices_that_count_other_units_are_refused():
    with pytest.raises(PriceError, match="do not count the same units"):
        stretches(tiers(200, (None, "1")), tiers(2, (None, "100")))


def test_nothing_used_makes_no_stretch():
    assert stretches((), ()) == ()


steps = st.lists(st.integers(1, 60), max_size=4, unique=True).map(sorted)
price = st.decimals(0, 5, places=4)


@st.composite
def priced(draw, quantity):
    ends = [*draw(steps), None]
    flats = draw(st.sampled_from(["0", "0", "0", "7.5"]))
    return tiers(quantity, *((end, draw(price), flats) for end in ends))


@given(st.data(), st.integers(1, 100))
def test_the_stretches_cost_what_the_tiers_cost_at_both_prices(data, quantity):
    own, public = data.draw(priced(quantity)), data.draw(priced(quantity))

    found = stretches(own, public)

    assert sum(one.contracted_cost for one in found) == sum(tier.amount for tier in own)
    assert sum(one.list_cost for one in found) == sum(tier.amount for tier in public)
    units = sum(one.quantity for one in found if not one.is_fee)
    only_fees = all(one.is_fee for one in found)
    assert units == (0 if only_fees else quantity)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**12), min_size=1, max_size=12))
def test_shares_leave_nothing_over_and_are_within_a_cent(cents, weights):
    given_to = shares(cents, weights)

    assert sum(given_to) == cents
    if total := sum(weights):
        exact = [Fraction(cents * weight, total) for weight in weights]
        assert all(abs(one - fair) < 1 for one, fair in zip(given_to, exact, strict=True))
        assert all(one == 0 for one, weight in zip(given_to, weights, strict=True) if not weight)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12), st.data())
def test_less_than_the_whole_takes_from_everybody_and_adds_to_nobody(weights, data):
    part = data.draw(st.integers(0, sum(weights)))

    assert all(0 <= one <= whole for one, whole in zip(shares(part, weights), weights, strict=True))


def test_the_largest_remainder_gets_the_cent_and_of_equals_the_first():
    # 10 cents over 1 : 2 : 3 are 1.67, 3.33 and 5; over 1 : 1 : 1 they are 3.33 each.
    assert shares(10, [1, 2, 3]) == [2, 3, 5]
    assert shares(10, [1, 1, 1]) == [4, 3, 3]
