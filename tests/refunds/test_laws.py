"""Laws of a refund, for any prices, months and spikes."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.pricing import Schedule, cents_of

pytestmark = pytest.mark.slow
few = settings(max_examples=25, deadline=None)

units = st.integers(0, 40)
days = st.integers(1, 31)
prices = st.decimals(min_value=0, max_value=5, places=5)


@st.composite
def tier_rows(draw):
    bounds = sorted(draw(st.sets(st.integers(1, 60), max_size=3)))
    return [
        {"up_to": bound, "unit_amount_usd": str(draw(prices)), "flat_amount_usd": "0"}
        for bound in [*bounds, None]
    ]


@st.composite
def cases(draw):
    return {
        "tiers": draw(tier_rows()),
        "usual": draw(st.tuples(units, units, units)),
        "rest": draw(units),
        "spike": draw(units),
        "days": draw(days),
        "percent": draw(st.sampled_from(["0", "10", "33.3", "100"])),
        "limit": draw(st.one_of(st.none(), st.integers(0, 60))),
    }


@pytest.fixture
def decided(acme):
    """A decision about a month of ``rest`` units and ``spike`` more in its first ``days``."""

    def build(case, *, more=0, projects=1):
        one = acme(discount_percent=case["percent"])
        one.subscription("product_analytics", tiers=json.dumps(case["tiers"]))
        if case["limit"] is not None:
            one.limit("product_analytics", str(case["limit"]))
        one.usual(*case["usual"]).month("2026-10", case["rest"])
        for n in range(projects):
            share = (case["spike"] + more + n) // projects
            one.day("2026-10-01", share, project=str(n + 1))
        return one.decide("2026-10-01", f"2026-10-{case['days']:02d}")

    return build


def test_a_refund_lies_between_nothing_and_the_bill_of_the_period(decided):
    @few
    @given(cases())
    def law(case):
        decision = decided(case)

        assert 0 <= decision.refund <= decision.case.bills[0].total
        assert 0 <= decision.most <= decision.refund

    law()


def test_more_overage_never_gives_less_back(decided):
    @few
    @given(cases(), st.integers(0, 20))
    def law(case, more):
        assert decided(case, more=more).refund >= decided(case).refund

    law()


def test_a_refund_is_the_tiered_difference(decided):
    @few
    @given(cases())
    def law(case):
        (part,) = decided({**case, "percent": "0", "limit": None}).parts

        price = Schedule.from_json(case["tiers"], product="events").cost
        at, over = part.amount.baseline.units, part.amount.overage
        exact = cents_of(price(at + over)) - cents_of(price(at))
        month = cents_of(price(case["rest"] + case["spike"]))
        assert part.amount.difference == exact
        assert part.refund == min(exact, month)

    law()


def test_splitting_the_incident_between_projects_changes_nothing(decided):
    @few
    @given(cases(), st.integers(2, 5))
    def law(case, projects):
        whole, split = decided(case), decided(case, projects=projects)

        assert split.refund == whole.refund
        assert [p.amount.overage for p in split.parts] == [p.amount.overage for p in whole.parts]

    law()
