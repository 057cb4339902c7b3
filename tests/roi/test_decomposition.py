"""A change of cost in parts: hand-worked cases, and that they always add up."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.roi.decomposition import added, parts, scaled

#: 1,000 free, then a cent each to 2,000, then half a cent.
FREE, DEAR = 1_000, 2_000


def tiered(units):
    dear = max(0, min(units, DEAR) - FREE)
    return Decimal(dear) / 100 + Decimal(max(0, units - DEAR)) / 200


def usd(text):
    return Decimal(text)


def test_growth_is_priced_on_the_tiers_of_then_and_not_at_an_average():
    # 1,500 units cost 5.00. Twice the people: 3,000 units, 10.00 + 5.00 = 15.00, growth +10.00.
    # There are 4,000: 20.00, so +5.00 more per person. Billed were 22.00: +2.00 is price.
    found = parts((1_500, usd("5.00")), (4_000, usd("22.00")), Fraction(2), tiered)

    assert (found.growth, found.intensity, found.switched, found.price) == (10, 5, 0, 2)
    assert found.total == 17


def test_fewer_units_per_person_are_negative_however_much_the_people_grow():
    # 2,000 units 10.00; people x 1.5: 3,000 units 15.00; really 2,500: 12.50.
    found = parts((2_000, usd("10.00")), (2_500, usd("12.50")), Fraction(3, 2), tiered)

    assert (found.growth, found.intensity, found.price) == (5, usd("-2.5"), 0)


def test_a_product_that_was_not_used_then_is_started_and_no_intensity():
    found = parts((0, usd("0.00")), (1_500, usd("5.00")), Fraction(2), tiered)

    assert (found.growth, found.intensity, found.switched, found.price) == (0, 0, 5, 0)


def test_a_product_that_is_not_used_any_more_is_stopped():
    found = parts((1_500, usd("5.00")), (0, usd("0.00")), None, tiered)

    assert (found.switched, found.units, found.growth) == (-5, 0, None)


def test_without_growth_units_stand_together():
    found = parts((1_500, usd("5.00")), (4_000, usd("22.00")), None, tiered)

    assert (found.growth, found.intensity, found.units, found.price) == (None, None, 15, 2)


def test_without_a_price_of_then_the_whole_change_is_price_and_terms():
    found = parts((10, usd("1.00")), (20, usd("9.00")), Fraction(2), lambda units: None)

    assert (found.price, found.units, found.switched) == (8, 0, 0)


@pytest.mark.parametrize(
    ("units", "growth", "whole"),
    [(5, "11/10", 6), (5, "109/100", 5), (0, "3", 0), (1, "1/2", 1), (1, "49/100", 0)],
)
def test_units_grow_to_whole_ones_half_up(units, growth, whole):
    # 5 x 1.1 = 5.5 -> 6; 5 x 1.09 = 5.45 -> 5.
    assert scaled(units, Fraction(growth)) == whole


cents = st.integers(-(10**9), 10**9).map(lambda n: Decimal(n) / 100)
growths = st.none() | st.fractions(min_value=0, max_value=100, max_denominator=10**6)
units = st.integers(0, 10**12)


@given(units, cents, units, cents, growths)
def test_the_parts_add_up_to_the_change_to_the_cent(before, cost_before, after, cost_after, growth):
    found = parts((before, cost_before), (after, cost_after), growth, tiered)

    assert found.units + found.switched + found.price == cost_after - cost_before
    assert found.total == cost_after - cost_before
    if found.growth is not None:
        assert found.growth + found.intensity == found.units


@given(st.lists(st.tuples(units, cents, units, cents), min_size=1, max_size=6), growths)
def test_products_together_add_up_as_well(products, growth):
    found = added(parts((q0, c0), (q1, c1), growth, tiered) for q0, c0, q1, c1 in products)

    assert found.total == sum(c1 - c0 for _, c0, _, c1 in products)
    if found.growth is not None:
        assert found.growth + found.intensity + found.switched + found.price == found.total


@given(units, growths.filter(bool))
def test_same_people_same_units_same_prices_change_nothing(quantity, growth):
    found = parts((quantity, tiered(quantity)), (quantity, tiered(quantity)), Fraction(1), tiered)

    assert (found.growth, found.intensity, found.switched, found.price) == (0, 0, 0, 0)


@given(units, units, st.fractions(min_value=1, max_value=100, max_denominator=100))
def test_more_people_never_make_growth_negative(before, after, growth):
    found = parts((before, tiered(before)), (after, tiered(after)), growth, tiered)

    assert found.growth >= 0
