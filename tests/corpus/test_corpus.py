"""Every check against planted faults and against what only looks like one, on tuning seeds."""

from decimal import Decimal

import numpy as np
import pytest
from corpus import base, books, money
from corpus.customer import Customer
from corpus.planting import NO_PLANTERS, PLANTERS, planters
from corpus.runner import (
    ALARMS,
    PUBLISHED_SEEDS,
    SMALL,
    TUNING_SEEDS,
    cases,
    chosen,
    measured,
    wilson,
)
from corpus.table import as_markdown, figures, mistakes

import audit
from audit.checks import Audience, load_checks
from audit.meters import BY_PRODUCT
from audit.pricing import bill
from audit.sources.sample import portfolio
from audit.store import publish

LEAST = 0.95


@pytest.fixture(scope="module")
def result():
    return measured(TUNING_SEEDS, SMALL, progress=lambda _: None)


@pytest.fixture(scope="module")
def customer():
    return next(base.customers(5))


def test_every_check_has_planted_faults_or_a_reason_why_not():
    without = {name for name in load_checks() if not planters(name, "fault")}

    assert without == set(NO_PLANTERS)


def test_every_check_with_faults_has_something_that_only_looks_like_one():
    bare = [n for n in PLANTERS if not planters(n, "lookalike") and not planters(n, "outside")]

    assert bare == []


def test_no_seed_is_for_tuning_and_for_publishing():
    assert not set(TUNING_SEEDS) & set(PUBLISHED_SEEDS)


@pytest.mark.slow
def test_every_check_finds_what_was_planted(result):
    low = {f.check: f.recall for f in figures(result) if f.planted and f.recall < LEAST}

    assert low == {}, mistakes(result)


@pytest.mark.slow
def test_no_check_finds_what_was_not_planted(result):
    low = {f.check: f.precision for f in figures(result) if f.found and f.precision < LEAST}

    assert low == {}, mistakes(result)


@pytest.mark.slow
def test_what_cannot_be_read_is_neither_found_nor_passed(result):
    silent = [m for m in mistakes(result) if " silent: " in m or "missing" in m]

    assert silent == []


@pytest.mark.slow
def test_savings_are_what_the_oracle_says(result):
    off = {f.check: f.errors for f in figures(result) if f.errors and np.median(f.errors) > 0.05}

    assert off == {}


@pytest.mark.slow
def test_healthy_accounts_are_left_alone(result):
    assert result.healthy == SMALL.healthy
    assert result.false_findings == []


def test_a_customer_is_the_same_whenever_it_is_made():
    first, second = (next(base.customers(7)) for _ in range(2))

    assert first.id == second.id
    assert first.rows == second.rows
    assert first.rng.integers(10**9) == second.rng.integers(10**9)


def test_cases_of_a_seed_do_not_depend_on_what_else_is_measured():
    one = list(cases(chosen(["merges_refused"]), 11, SMALL))

    assert {case.kind for case in one} == {"fault", "inside", "outside", "lookalike", "missing"}
    assert len({case.customer.id for case in one}) == len(one)


def test_the_oracle_walks_the_tiers_by_hand():
    # 2,500,000 events: 1,000,000 free, 1,000,000 x 0.00005, 500,000 x 0.0000343 = 67.15.
    terms = money.Terms(on=base.AS_OF)

    assert money.bill({"product_analytics": 2_500_000}, terms) == Decimal("67.15")
    # A fifth off, and a limit of 40 on what is paid: 50 of usage.
    cut = money.Terms(
        on=base.AS_OF,
        discount_percent=Decimal(20),
        limits={"product_analytics": Decimal(40)},
    )
    assert money.bill({"product_analytics": 2_500_000}, cut) == Decimal("40.00")


def test_the_oracle_and_the_engine_agree_on_whole_bills():
    someone = base.customers(9)
    for _ in range(20):
        one = next(someone)
        quantities = {
            BY_PRODUCT[product].usage_type or product: units
            for product, units in one.quantities().items()
            if product != "inbox"
        }
        packages = dict.fromkeys(one.terms().packages, 1)
        if one.terms().own:
            continue
        expected = bill(quantities | packages, on=base.AS_OF, limits_usd=one.terms().limits)
        assert one.bill() == expected.total


def test_an_event_stands_on_every_meter_that_bills_it(customer: Customer):
    project = customer.project()
    before = {m: customer.billed(project, m) for m in ("product_analytics", "enhanced_persons")}

    more = customer.send(project, "clicked", 10_000)

    ratio = customer.ratio(project)
    assert more["product_analytics"] == pytest.approx(10_000 * ratio, abs=2)
    for meter, units in before.items():
        assert customer.billed(project, meter) == units + more[meter]


def test_bills_follow_from_the_days_of_their_period(customer: Customer):
    lines = books.lines(customer)
    start, end, _ = customer.notes["periods"][0]
    of_period = [line for line in lines if line["period_start"] == start]

    counted = books.used_in(customer, start, end)
    assert {line["product"]: line["quantity"] for line in of_period} == counted


@pytest.mark.parametrize(("hits", "count"), [(0, 100), (3, 100), (100, 100)])
def test_the_interval_holds_the_share(hits, count):
    low, high = wilson(hits, count)

    assert low <= hits / count <= high
    assert 0 <= low < high <= 1


def test_the_docs_have_a_row_for_every_check_measured(result):
    page = as_markdown(result, TUNING_SEEDS)

    measured_checks = {f.check for f in figures(result) if f.planted}
    assert measured_checks == set(load_checks()) - set(NO_PLANTERS)
    assert all(f"| `{check}` |" in page for check in measured_checks)


#: What moves usage in time moves bills too; the sample says where, not what of.
MOVES = {"spike", "launch", "fall", "outage", "growing", "declining", "young"}
OF_MOVES = {
    "usage_spike",
    "usage_step",
    "no_billing_limit_on_growing_spend",
    "upcoming_invoice_large",
}


@pytest.mark.slow
def test_the_portfolio_says_the_truth_about_itself(tmp_path):
    sample = portfolio(360, seed=17)
    store = publish(tmp_path / "sample.duckdb", sample.tables)
    found = audit.scan(store).findings
    found = found[found["severity"].isin(ALARMS)]
    place = ["check", "organization_id", "project_id", "product"]
    customer = {n for n, c in load_checks().items() if c.audience is Audience.CUSTOMER}
    truth = sample.truth[sample.truth["check"].isin(customer)]
    moving = set(sample.lookalikes.query("kind in @MOVES")["organization_id"])
    both = (
        found[place]
        .fillna("")
        .merge(truth[place].fillna(""), on=place, how="outer", indicator=True)
    )

    explained = both["check"].isin(OF_MOVES) & both["organization_id"].isin(moving)
    wrong = both[(both["_merge"] != "both") & ~explained]
    assert wrong[["check", "_merge"]].to_numpy().tolist() == []
