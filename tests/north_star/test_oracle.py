"""The measure against a slow recomputation, and laws that hold whatever the invoices are."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from logos import AS_OF, Logo, frames, later, statuses
from logos_oracle import standing

from audit.checks import load_checks
from audit.frames import in_memory
from audit.north_star import CHOICES, Treatments
from audit.north_star.measure import measured
from audit.policy import load_policy
from audit.validation import validated

DAY = date.fromisoformat(AS_OF)
THRESHOLD = 500

#: Multiples of eight dollars: every share of a term of so few months is half a cent at no time.
amounts = st.integers(0, 250).map(lambda eights: 8 * eights)


@st.composite
def logos(draw, name):
    one = Logo(name, as_of=draw(st.sampled_from([AS_OF, AS_OF, "2026-09-20"])))
    if draw(st.integers(0, 3)) == 0:
        one.organization["startup_program"] = "Startup program"
    if draw(st.integers(0, 5)) == 0:
        one.organization["is_annual_plan_customer"] = True
    if draw(st.integers(0, 3)) == 0:
        one.crm(onboarding_pipeline="6c. Sales Handoff")
    if draw(st.integers(0, 9)) == 0:
        one.unread("invoices")
    anchor = draw(st.integers(1, 31))
    for _ in range(draw(st.integers(0, 9))):
        place = draw(st.integers(0, 12))
        start = date.fromordinal(later(date(2025, 10, 1), place) + anchor - 1)
        end = draw(
            st.sampled_from([later(start, 1)] * 5 + [start.toordinal() + 9, start.toordinal() + 45])
            | st.integers(2, 13).map(lambda months, start=start: later(start, months))
        )
        total = draw(amounts)
        one.bill(
            start.isoformat(),
            total,
            end=date.fromordinal(end).isoformat(),
            status=draw(st.sampled_from(["paid"] * 5 + ["open", "uncollectible", "void", "draft"])),
            amount_due_usd=draw(st.sampled_from([total] * 3 + [0, total // 2])),
            credited_usd=draw(st.sampled_from([0] * 4 + [total, total // 4])),
        )
    return one


portfolios = st.integers(1, 14).flatmap(
    lambda size: st.tuples(*(logos(f"organization {n:02}") for n in range(size)))
)
treatments = st.builds(
    Treatments,
    months=st.integers(1, 6),
    **{name: st.sampled_from(list(choices)) for name, choices in CHOICES.items()},
)
days = st.sampled_from([DAY, date(2026, 10, 15), date(2026, 12, 3)])
#: Few portfolios of many organizations: a portfolio costs as much as a hundred of them.
often = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def measure(portfolio, chosen, day=DAY):
    tables = {name: validated(name, rows).frame for name, rows in frames(portfolio).items()}
    with in_memory(tables) as connection:
        return measured(connection, load_policy("2025-06", load_checks()), day, chosen)


@pytest.mark.slow
@settings(often, max_examples=40)
@given(portfolio=portfolios, chosen=treatments, day=days)
def test_it_is_what_a_slow_recomputation_finds(portfolio, chosen, day):
    found = measure(portfolio, chosen, day)

    expected = [standing(logo, day, chosen, THRESHOLD) for logo in portfolio]
    rows = found.organizations
    months = [None if pd.isna(m) else 12 * m.year + m.month - 1 for m in rows["cohort"]]
    numbers = [
        [None if pd.isna(value) else int(value) for value in rows[name]]
        for name in ("base_cents", "current_cents")
    ]
    assert list(zip(rows["status"], months, *numbers, strict=True)) == expected


@pytest.mark.slow
@often
@given(portfolio=portfolios, chosen=treatments)
def test_cohorts_are_the_sums_of_their_organizations(portfolio, chosen):
    found = measure(portfolio, chosen)

    expected = [standing(logo, DAY, chosen, THRESHOLD) for logo in portfolio]
    known = [row for row in expected if row[0] in ("retained", "retained_by_handover", "lost")]
    pooled = found.pooled
    base = sum(row[2] for row in known)
    assert pooled.retained + pooled.lost == len(known)
    assert pooled.unknown == sum(row[0] == "unknown" for row in expected)
    assert 100 * pooled.base_usd == base
    assert 100 * pooled.current_usd == sum(row[3] for row in known)
    assert 100 * pooled.kept_usd == sum(min(row[2], row[3]) for row in known)
    assert sum(one.organizations for one in found.cohorts) == pooled.organizations
    assert sum(one.base_usd for one in found.cohorts) == pooled.base_usd
    if base:
        net = Fraction(100 * sum(row[3] for row in known), base)
        assert pooled.net_percent == pytest.approx(float(net))


@pytest.mark.slow
@often
@given(portfolio=portfolios, chosen=treatments)
def test_gross_is_at_most_net_and_at_most_all(portfolio, chosen):
    found = measure(portfolio, chosen)

    for one in (*found.cohorts, found.pooled):
        if one.gross_percent is not None:
            assert 0 <= one.gross_percent <= min(one.net_percent, 100)
        if one.percent is not None:
            assert 0 <= one.low_percent <= one.percent <= one.high_percent <= 100
            assert one.least_percent <= one.percent <= one.most_percent


@pytest.mark.slow
@often
@given(portfolio=portfolios, chosen=treatments)
def test_one_that_never_crosses_changes_nothing(portfolio, chosen):
    small = Logo("small").bills("2026-01-01", *[500] * 9)

    alone, together = measure(portfolio, chosen), measure((*portfolio, small), chosen)
    assert (alone.cohorts, alone.pooled) == (together.cohorts, together.pooled)
    assert statuses(together) == statuses(alone) | {"small": "never_crossed"}


@pytest.mark.slow
@often
@given(portfolio=portfolios, chosen=treatments, data=st.data())
def test_the_order_of_organizations_and_invoices_is_irrelevant(portfolio, chosen, data):
    before = measure(portfolio, chosen)

    for logo in portfolio:
        logo.invoices = data.draw(st.permutations(logo.invoices))
    after = measure(data.draw(st.permutations(portfolio)), chosen)
    assert (after.cohorts, after.pooled) == (before.cohorts, before.pooled)
    pd.testing.assert_frame_equal(after.organizations, before.organizations)


@pytest.mark.slow
@often
@given(portfolio=portfolios, chosen=treatments)
def test_every_organization_is_somewhere_exactly_once(portfolio, chosen):
    found = measure(portfolio, chosen)

    groups = (*found.apart, *found.young, *found.left_out)
    counted = found.pooled.organizations + sum(one.organizations for one in groups)
    assert counted == len(portfolio)


@pytest.mark.slow
@often
@given(portfolio=portfolios, chosen=treatments)
def test_a_floor_on_dollars_leaves_logos_alone(portfolio, chosen):
    floor = replace(chosen, least_arr_usd=9_000)

    free, floored = measure(portfolio, chosen), measure(portfolio, floor)
    assert statuses(free) == statuses(floored)
    assert floored.pooled.percent == free.pooled.percent
    assert floored.pooled.base_usd <= free.pooled.base_usd
