"""Bills of simulated usage, with and without fixes, held against the audit's exact bill."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

import numpy as np
import pytest

from audit import examine
from audit.account import Account
from audit.findings.outlook.ahead import Fixing, after_credit, ranged, with_means
from audit.findings.outlook.terms import Priced
from audit.sources.sample import portfolio

IDS = list(portfolio().tables["organizations"]["organization_id"])
STARTS = [date(2026, 11, 15), date(2026, 12, 15)]


@lru_cache
def audited(identity):
    return examine(Account.from_tables(identity, portfolio().tables))


def priced(audit, units, starts=STARTS, terms=None, **more):
    return Priced(terms or audit.terms, units, starts, **more)


def repeated(audit, times=(1.0, 1.0), draws=2):
    """(draws, periods, lines): the priced month, times a factor by period."""
    month = audit.terms.month[None, None, :] * np.asarray(times)[None, :, None]
    return np.rint(np.repeat(month, draws, axis=0)).astype(np.int64)


def cents(amount):
    return int(amount * 100)


@pytest.mark.parametrize("identity", IDS)
def test_a_month_like_the_priced_one_costs_the_same_to_the_cent(identity):
    audit = audited(identity)
    fixing = Fixing(priced(audit, repeated(audit)), {})

    assert (fixing.bill == cents(audit.bill.total)).all()
    assert (fixing.fixed == cents(audit.counterfactual_bill.total)).all()


@pytest.mark.parametrize("identity", IDS)
def test_each_fix_saves_what_the_audit_says(identity):
    audit = audited(identity)
    fixing = Fixing(priced(audit, repeated(audit)), {})
    by_id = {finding.id: finding.saving for finding in audit.findings}

    for place, fix in enumerate(audit.terms.fixes):
        assert (fixing.on_top[place] == cents(by_id[fix.finding_id].on_top)).all()
        assert (fixing.alone[place] == cents(by_id[fix.finding_id].alone)).all()


@pytest.mark.parametrize("identity", IDS)
def test_on_every_path_the_savings_on_top_are_the_joint_saving(identity):
    audit = audited(identity)
    draws = audit.outlook.simulated

    saved = draws.bill[:, 1:] - draws.fixed[:, 1:]

    fixing = Fixing(
        priced(audit, draws.units[:, 1:], [period.start for period in audit.outlook.periods[1:]]),
        {fix.part.remedy: np.full(audit.outlook.draws, 0.6) for fix in audit.terms.fixes},
    )
    assert (sum(fixing.on_top, np.zeros_like(fixing.joint)) == fixing.joint).all()
    assert (fixing.joint >= 0).all()
    assert (saved >= 0).all()
    assert (draws.bill >= 0).all()


@pytest.mark.parametrize("identity", IDS)
def test_means_of_findings_add_up_to_the_joint_saving_to_the_cent(identity):
    outlook = audited(identity).outlook
    findings = outlook.findings.values()

    assert sum((f.next_on_top.mean for f in findings), Decimal(0)) == outlook.next_saving.mean
    assert sum((f.year_on_top.mean for f in findings), Decimal(0)) == outlook.year_saving.mean


def test_a_fix_that_comes_true_in_part_saves_no_more_than_whole():
    audit = audited(IDS[0])
    units = repeated(audit)
    remedies = {fix.part.remedy for fix in audit.terms.fixes}

    whole = Fixing(priced(audit, units), {})
    half = Fixing(priced(audit, units), {remedy: np.full(2, 0.5) for remedy in remedies})
    none = Fixing(priced(audit, units), {remedy: np.zeros(2) for remedy in remedies})

    assert (half.joint < whole.joint).all()
    assert (half.joint > 0).all()
    # What is cancelled on the billing page is gone whole; everything else is as before.
    flat = audit.terms.is_package
    assert flat.any() or (none.joint == 0).all()


def test_a_line_is_held_to_its_limit_on_every_path(build):
    # 3M events cost 84.30; limited to 40, usage may double without costing more.
    limit = {"organization_id": "acme", "product": "product_analytics", "limit_usd": "40"}
    billed = build.daily("event_count_in_period", 100_000)
    audit = examine(build.account(usage_daily=billed, limits=[limit]))

    bill = Fixing(priced(audit, repeated(audit, (1.0, 2.0))), {}).bill

    assert bill.tolist() == [[4000, 4000], [4000, 4000]]


def test_the_limit_of_the_next_period_holds_from_then_on(build):
    limit = {
        "organization_id": "acme",
        "product": "product_analytics",
        "limit_usd": "40",
        "next_period_limit_usd": "60",
    }
    billed = build.daily("event_count_in_period", 100_000)
    audit = examine(build.account(usage_daily=billed, limits=[limit]))

    later = Fixing(priced(audit, repeated(audit), first_limited_anew=1), {}).bill
    at_once = Fixing(priced(audit, repeated(audit)), {}).bill

    assert later[0].tolist() == [4000, 6000]
    assert at_once[0].tolist() == [6000, 6000]


def test_an_amount_off_ends_on_its_last_day(build):
    # 100,000 a day are 3M a month: 84.30, and 10 off until 30 November.
    terms = {"discount_amount_usd": "10", "discount_expires_at": "2026-11-30"}
    billed = build.daily("event_count_in_period", 100_000)
    audit = examine(build.account(usage_daily=billed, organization=terms))

    assert Fixing(priced(audit, repeated(audit)), {}).bill[0].tolist() == [7430, 8430]


def test_the_mean_of_limited_bills_is_not_the_limited_mean(build):
    # 2M and 4M events cost 50 and 115 or more; the limit of 60 holds the second only.
    limit = {"organization_id": "acme", "product": "product_analytics", "limit_usd": "60"}
    billed = build.daily("event_count_in_period", 100_000)
    audit = examine(build.account(usage_daily=billed, limits=[limit]))
    units = np.array([[[2_000_000]], [[4_000_000]]])

    bill = Fixing(priced(audit, units, STARTS[:1]), {}).bill

    assert bill.ravel().tolist() == [5000, 6000]
    assert ranged(bill[:, 0]).mean == Decimal("55.00")


def test_without_a_limit_the_tiers_go_on(build):
    audit = examine(build.account(usage_daily=build.daily("event_count_in_period", 100_000)))
    free, one_more = np.array([[[1_000_000]]]), np.array([[[2_000_000]]])

    assert Fixing(priced(audit, free, STARTS[:1]), {}).bill.tolist() == [[0]]
    assert Fixing(priced(audit, one_more, STARTS[:1]), {}).bill.tolist() == [[5000]]


def test_credit_pays_the_first_bills_until_it_is_used_up():
    bill = np.array([[3000, 3000, 3000], [0, 10_000, 500]])

    assert after_credit(bill, Decimal("50.00")).tolist() == [[0, 1000, 3000], [0, 5000, 500]]
    assert after_credit(bill, Decimal("0")).tolist() == bill.tolist()
    assert after_credit(bill, Decimal("-5")).tolist() == bill.tolist()


def test_a_range_is_half_up_and_of_whole_outcomes():
    found = ranged(np.array([0, 1]))

    assert (found.mean, found.p50) == (Decimal("0.01"), Decimal("0.01"))
    assert found.p025 <= found.p10 <= found.p50 <= found.p90 <= found.p975


def test_means_are_shared_out_to_the_cent():
    columns = [np.array([0, 1]), np.array([0, 1])]
    total = ranged(sum(columns))

    shared = with_means([ranged(column) for column in columns], columns, total)

    assert [one.mean for one in shared] == [Decimal("0.01"), Decimal("0.00")]
    assert sum(one.mean for one in shared) == total.mean


def test_fixes_can_be_left_out():
    audit = audited(IDS[0])
    first = audit.terms.fixes[0]
    only = replace(audit.terms, fixes=(first,))

    fixing = Fixing(priced(audit, repeated(audit), terms=only), {})

    alone = next(f.saving.alone for f in audit.findings if f.id == first.finding_id)
    assert (fixing.joint == cents(alone)).all()
