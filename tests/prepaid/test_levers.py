"""Levers add up; what no page gives a number for is for Sales to confirm.

Oracle: the table and the rules of the handbook page growth/sales/contract-rules, by hand.
"""

import pytest

from audit.errors import InputError
from audit.prepaid import Terms, stack
from audit.prepaid.levers import self_serve, startup_bonus_share, steps


@pytest.mark.parametrize(
    ("credit", "percent"),
    [
        (25_000, 20),
        (59_999, 20),
        (60_000, 25),
        (99_999, 25),
        (100_000, 30),
        (249_999, 30),
        (250_000, 35),
        (499_999, 35),
        (500_000, 40),
        (999_999, 40),
    ],
)
def test_volume_comes_first(levers, credit, percent):
    assert stack(levers, credit).counted_percent == percent


@pytest.mark.parametrize(
    ("terms", "percent"),
    [
        (Terms(years=2), 23),
        (Terms(years=3), 25),  # 5, not 3 + 5
        (Terms(years=2, paid_upfront=True), 25.5),  # 20 + 3 + 2.5
        (Terms(years=3, paid_upfront=True), 30),  # 20 + 5 + 5
        (Terms(paid_upfront=True), 20),  # one year has no further year
        (Terms(payment_days=30), 20),
        (Terms(payment_days=31), 17.5),  # a step that has begun counts
        (Terms(payment_days=45), 17.5),
        (Terms(payment_days=60), 15),
        (Terms(payment_days=15), 20),
        (Terms(years=3, paid_upfront=True, payment_days=60), 25),
        (Terms(non_profit=True), 25),
    ],
)
def test_points_add_up(levers, terms, percent):
    assert stack(levers, 25_000, terms).counted_percent == percent


def test_late_payment_takes_no_more_than_there_is(levers):
    assert stack(levers, 25_000, Terms(payment_days=365)).counted_percent == 0


def test_the_written_commitment_is_pending_and_never_counted(levers):
    found = stack(levers, 30_000, Terms(years=2))

    assert found.pending_percent == 5
    assert found.counted_percent == 23
    assert sum(percent for _, percent in found.points) == 23
    assert found.in_words == (
        "20% volume + 3% two years = 23%; +5% pending written commitment, not counted"
    )
    assert any("signatory" in line for line in found.confirm)


def test_a_re_entry_has_nothing_pending(levers):
    assert stack(levers, 30_000, Terms(is_re_entry=True)).pending_percent == 0


def test_from_a_million_on_no_number_is_invented(levers):
    found = stack(levers, 1_000_000)

    assert found.counted_percent is None
    assert any(
        line.startswith("Sales confirms the discount from $1,000,000") for line in found.confirm
    )


def test_four_years_are_custom(levers):
    found = stack(levers, 30_000, Terms(years=4, paid_upfront=True))

    assert found.counted_percent is None
    assert "Sales confirms the discount of 4 years: no page gives a number." in found.confirm


def test_a_non_profit_gets_points_below_a_hundred_thousand_only(levers):
    terms = Terms(non_profit=True)

    assert [
        stack(levers, credit, terms).counted_percent for credit in (25_000, 60_000, 99_999)
    ] == [
        25,
        30,
        30,
    ]
    assert stack(levers, 100_000, terms).counted_percent == 30  # the tier alone
    assert self_serve(levers, terms).counted_percent == 15


def test_points_of_a_non_profit_that_end_inside_a_band_split_it(net_spend):
    # Mid 2025: 5 points up to 80,000; the band of 25% starts at 60,000 / (1 - .25) = 80,000.
    two_years = steps(net_spend, Terms(years=2, non_profit=True))

    # Two years: 60,000 / (1 - .30) = 85,714.29, so the points end inside the band before.
    assert [(round(one.from_usd, 2), one.percent) for one in two_years] == [
        (26_666.67, 30),
        (80_000.00, 25),
        (85_714.29, 30),
        (166_666.67, 40),
    ]


@pytest.mark.parametrize(
    ("years", "least"),
    [
        (1, [25_000, 80_000, 153_847]),
        (2, [26_667, 85_715, 166_667]),  # the page prints 26,666
        (3, [28_572, 92_308, 181_819]),
    ],
)
def test_least_credit_of_mid_2025_is_as_the_page_prints_it(net_spend, years, least):
    import math

    assert [math.ceil(one.from_usd) for one in steps(net_spend, Terms(years=years))] == least


def test_the_flat_rule_knows_no_lever_and_leaves_the_rest_to_sales(flat):
    found = stack(flat, 40_000, Terms(years=3, non_profit=True))

    assert found.counted_percent == 20
    assert found.pending_percent == 0
    assert sum(line.startswith("Sales confirms") for line in found.confirm) == len(found.confirm)
    assert any("more than one year" in line for line in found.confirm)
    assert any("non-profit" in line for line in found.confirm)


def test_later_payment_without_published_points_has_no_number(net_spend):
    assert stack(net_spend, 40_000, Terms(payment_days=60)).counted_percent is None


def test_two_free_months_are_a_sixth_more_credit(levers):
    assert startup_bonus_share(levers, Terms(startup_roll_off=True)) == pytest.approx(1 / 6)
    assert startup_bonus_share(levers, Terms()) == 0


def test_everything_a_person_must_say_begins_the_same(levers, flat, net_spend):
    terms = Terms(4, True, 60, True, True)

    lines = [
        line for r in (levers, flat, net_spend) for s in steps(r, terms) for line in s.stack.confirm
    ]
    assert lines
    assert all(line.startswith("Sales confirms ") for line in lines)


def test_a_commitment_under_the_minimum_says_the_minimum(levers):
    with pytest.raises(InputError, match=r"\$24,999 is under the minimum of \$25,000"):
        stack(levers, 24_999)


@pytest.mark.parametrize("terms", [{"years": 0}, {"years": 11}, {"payment_days": -1}])
def test_terms_that_no_contract_has_are_refused(terms):
    with pytest.raises(InputError, match="is none"):
        Terms(**terms)
