"""Credit month by month. Oracles: a loop over single parts written out below, and cases by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import InputError
from audit.prepaid.draw_down import checked, draw_down, drip, rolled_over, upfront

MONTH = st.one_of(st.just(0.0), st.floats(0, 10_000))
YEARS = st.lists(st.lists(MONTH, min_size=12, max_size=12), min_size=1, max_size=4)


def by_single_parts(usage, applied, valid):
    """One year, part by part: the oldest part that is still valid is used first."""
    parts, used, expired = [], [], 0.0
    for month, wanted in enumerate(usage):
        expired += sum(rest for start, rest in parts if month - start >= valid)
        parts = [(start, rest) for start, rest in parts if month - start < valid]
        parts.append((month, applied[month]))
        before, kept = wanted, []
        for start, rest in parts:
            taken = min(rest, wanted)
            wanted -= taken
            kept.append((start, rest - taken))
        parts = kept
        used.append(before - wanted)
    return used, expired, sum(rest for _, rest in parts)


def test_upfront_credit_can_be_used_in_any_month():
    # 12,000 of credit; 2,000 a month: the credit lasts six months.
    found = upfront(np.full((1, 12), 2_000.0), 12_000)

    assert found.used[0].tolist() == [2_000] * 6 + [0] * 6
    assert found.overage[0].tolist() == [0] * 6 + [2_000] * 6
    assert found.unused[0] == 0
    assert found.ran_out_in[0] == 6


def test_a_month_beyond_its_dripped_credit_is_billed_though_credit_comes_later():
    # 12,000 in parts of 1,000: 3,000 in the first month, nothing after it.
    usage = np.array([[3_000.0] + [0.0] * 11])
    found = drip(usage, 12_000)

    assert found.overage[0].tolist() == [2_000] + [0] * 11
    assert found.unused[0] == 11_000
    assert upfront(usage, 12_000).overage.sum() == 0


def test_dripped_credit_that_a_month_leaves_is_there_the_next():
    # Nothing in January, 2,000 in February: the part of January is still there.
    usage = np.array([[0.0, 2_000.0] + [1_000.0] * 10])

    assert drip(usage, 12_000).overage.sum() == 0
    assert drip(usage, 12_000).unused[0] == 0


def test_a_part_expires_a_year_after_it_was_applied():
    # 100 a month for 12 months, nothing used for 14 months, then 5,000: parts of months 1 to 3
    # have expired by month 15 (they were valid for months 1-12, 2-13 and 3-14).
    usage = np.zeros((1, 24))
    usage[0, 14] = 5_000
    found = drip(usage, 1_200, parts=12, valid_months=12)

    assert found.used[0, 14] == 900
    assert found.expired[0] == 300
    assert found.left[0] == 0


def test_the_oldest_part_is_used_first():
    # Parts of 100 in months 1 and 2, valid two months; 100 used in month 2 must be the old one.
    applied = np.array([[100.0, 100.0, 0.0]])
    found = draw_down(np.array([[0.0, 100.0, 100.0]]), applied, 2)

    assert found.used[0].tolist() == [0, 100, 100]
    assert found.expired[0] == 0


@settings(max_examples=60, deadline=None)
@given(YEARS, st.floats(0, 60_000), st.integers(1, 14))
def test_any_validity_agrees_with_a_loop_over_single_parts(years, credit, valid):
    usage = np.array(years)
    applied = np.tile(
        np.array([[credit / 4, 0, credit / 2, *[0] * 4, credit / 4, *[0] * 4]]), (len(years), 1)
    )

    found = draw_down(usage, applied, valid)

    for year in range(len(years)):
        used, expired, left = by_single_parts(usage[year], applied[year], valid)
        assert found.used[year] == pytest.approx(used, abs=1e-6)
        assert found.expired[year] == pytest.approx(expired, abs=1e-6)
        assert found.left[year] == pytest.approx(left, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(YEARS, st.floats(0, 200_000), st.booleans())
def test_credit_bought_is_used_expired_or_left_and_nothing_is_negative(years, credit, dripped):
    usage = np.array(years)

    found = drip(usage, credit) if dripped else upfront(usage, credit)

    total = found.used.sum(axis=1) + found.expired + found.left
    assert total == pytest.approx(found.applied.sum(axis=1), abs=1e-6)
    assert found.applied.sum(axis=1) == pytest.approx(np.full(len(usage), credit), abs=1e-6)
    assert found.used + found.overage == pytest.approx(usage)
    for part in (found.used, found.overage, found.expired, found.left):
        assert (part >= -1e-9).all()


@settings(max_examples=60, deadline=None)
@given(YEARS, st.floats(0, 200_000))
def test_upfront_credit_is_the_difference_of_two_sums(years, credit):
    usage = np.array(years)

    found = upfront(usage, credit)

    year = usage.sum(axis=1)
    assert found.overage.sum(axis=1) == pytest.approx(np.maximum(0, year - credit), abs=1e-6)
    assert found.unused == pytest.approx(np.maximum(0, credit - year), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(YEARS, st.floats(0, 200_000))
def test_a_drip_never_covers_more_than_the_same_credit_upfront(years, credit):
    usage = np.array(years)

    assert (drip(usage, credit).unused >= upfront(usage, credit).unused - 1e-6).all()


@pytest.mark.parametrize(
    ("left", "original", "remaining", "stricter"),
    [
        (0, 0, 0, 0),
        (30_000, 30_000, 15_000, 15_000),  # half of 100,000 holds all of it
        (80_000, 50_000, 40_000, 40_000),
        (100_000, 50_000, 50_000, 50_000),
    ],
)
def test_two_readings_of_the_roll_over_and_the_stricter(left, original, remaining, stricter):
    def kept(reading):
        return rolled_over(np.array([float(left)]), 100_000.0, 50, reading)[0]

    assert [kept(r) for r in ("original", "remaining", "stricter")] == [
        original,
        remaining,
        stricter,
    ]


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        (np.ones((3, 11)), r"draws x 12 months, got shape \(3, 11\)"),
        (np.ones(12), "got shape"),
        (np.empty((0, 12)), "got shape"),
        (np.full((2, 12), np.nan), "24 of 24 values that are no finite number"),
        (np.full((1, 12), np.inf), "no finite number"),
        (np.full((1, 12), -2.0), "negative usage, the least -2.00 USD"),
    ],
)
def test_what_is_no_simulated_year_is_refused(usage, said):
    with pytest.raises(InputError, match=said):
        checked(usage)
