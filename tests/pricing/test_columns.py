"""Pricing whole columns: the same cents as one number at a time, at any size."""

import time
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from audit.errors import InputError
from audit.pricing import Catalogue, Schedule, Tier, cents_of, fleet_cents

ON = date(2026, 8, 1)
PUBLIC = [name for name in Catalogue.load().products if name not in ("data_pipelines", "inbox")]


def flat_price(amount):
    return Schedule("graduated", (Tier(None, Decimal(amount), Decimal(0)),))


@pytest.mark.parametrize("product", PUBLIC)
def test_every_public_price_is_the_same_in_a_column_at_each_boundary(product):
    schedule = Catalogue.load().metered_schedule(product, ON)
    ends = [int(tier.up_to) for tier in schedule.tiers if tier.up_to is not None]
    quantities = [0, 1, *(end + step for end in ends for step in (-1, 0, 1)), 10**11]

    column = schedule.cents(np.array(quantities))

    assert column.dtype == np.int64
    assert column.tolist() == [int(cents_of(schedule.cost(q)) * 100) for q in quantities]


def test_half_a_cent_is_rounded_up_in_a_column():
    # 0.005, 0.015 and 0.025 USD: half up gives 1, 2 and 3 cents; half even would give 0, 2, 2.
    assert flat_price("0.005").cents(np.array([1, 3, 5])).tolist() == [1, 2, 3]


def test_amounts_beyond_64_bits_of_ticks_are_still_exact():
    # 2^62 x 0.00000001 USD = 46,116,860,184.27387904: in ticks of 10^-8 it needs 63 bits,
    # and three times as many units need more than 64.
    quantities = np.array([2**62, 2**63 - 1], dtype=np.int64)

    assert flat_price("0.00000001").cents(quantities).tolist() == [4611686018427, 9223372036855]


def test_a_price_too_fine_for_64_bits_is_still_exact():
    assert flat_price("0.0000000000000000000000000003").cents(np.array([10**18])).tolist() == [0]
    assert flat_price("0.00500000000000000000000001").cents(np.array([1])).tolist() == [1]


def test_a_fractional_boundary_is_walked_exactly():
    tiers = (
        Tier(Decimal("2.5"), Decimal(0), Decimal(0)),
        Tier(None, Decimal(1), Decimal(0)),
    )

    # 3 - 2.5 units at 1 USD.
    assert Schedule("graduated", tiers).cents(np.array([2, 3])).tolist() == [0, 50]


def test_an_amount_no_column_can_hold_is_refused():
    with pytest.raises(InputError, match="64 bits of cents"):
        flat_price("5").cents(np.array([2**62]))


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (np.array([3, -1]), "cannot be negative, got -1"),
        (np.array([1.5]), "column of float64"),
        (np.array([True]), "column of bool"),
        (np.array(["1"]), "column of <U1"),
        (np.array([2**64 - 1], dtype=np.uint64), "must fit 64 bits"),
    ],
)
def test_a_column_that_is_no_quantity_is_refused(column, says):
    with pytest.raises(InputError, match=says):
        flat_price("1").cents(column)


def test_an_empty_column_costs_nothing():
    assert flat_price("1").cents(np.array([])).tolist() == []
    assert fleet_cents(np.array([]), np.array([]), []).tolist() == []


@pytest.mark.parametrize("kind", [np.int32, np.uint8, np.uint64])
def test_any_integer_column_is_read(kind):
    assert flat_price("1").cents(np.array([200], dtype=kind)).tolist() == [20_000]


def test_the_column_is_left_as_it_was():
    column = np.array([0, 5, 10])

    flat_price("1").cents(column)

    assert column.tolist() == [0, 5, 10]


def test_a_fleet_is_priced_row_by_row_whatever_the_order():
    schedules = [flat_price("1"), flat_price("0.01"), flat_price("2")]

    cents = fleet_cents(np.array([2, 0, 2, 1]), np.array([1, 2, 3, 4]), schedules)

    assert cents.tolist() == [200, 200, 600, 4]


@pytest.mark.parametrize(
    ("ids", "quantities", "says"),
    [
        ([0, 1], [1, 1], "Schedule id 1 is beyond the 1 given"),
        ([0], [1, 1], "do not match"),
        ([-1], [1], "cannot be negative"),
    ],
)
def test_rows_without_a_schedule_are_refused(ids, quantities, says):
    with pytest.raises(InputError, match=says):
        fleet_cents(np.array(ids), np.array(quantities), [flat_price("1")])


def test_a_million_tier_walks_take_under_a_second():
    schedule = Catalogue.load().metered_schedule("product_analytics", ON)
    quantities = np.random.default_rng(7).integers(0, 300_000_000, 1_000_000)

    start = time.perf_counter()
    schedule.cents(quantities)

    assert time.perf_counter() - start < 1
