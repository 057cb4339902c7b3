"""The plan of an examined account: what is read from it, and what is left to say."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from audit import Account, examine, load_account
from audit.errors import InputError
from audit.prepaid import PlanState, plan_of
from audit.prepaid.of_account import facts_of, invoices_of, state_of

QUARRY = "Quarry Outdoors Inc"


@pytest.fixture(scope="module")
def audited():
    return examine(load_account(QUARRY, store=""), policy="2026-11", audience="team", draws=500)


def sent(account, *rows):
    """The account's invoices replaced by (status, start, end, usd)."""
    frame = account["invoices"].iloc[:0].copy()
    for number, (status, start, end, usd) in enumerate(rows):
        frame.loc[number, "organization_id"] = account.organization_id
        frame.loc[number, "invoice_id"] = f"in_{number}"
        frame.loc[number, "status"] = status
        frame.loc[number, ["period_start", "period_end"]] = pd.Timestamp(start), pd.Timestamp(end)
        frame.loc[number, "total_usd"] = Decimal(usd)
    return {"invoices": frame}


class Books:
    """An account that knows its invoices alone."""

    def __init__(self, frames):
        self.frames = frames

    def __getitem__(self, name):
        return self.frames[name]


def test_credit_is_drawn_by_usage_after_the_fixes(audited):
    found = plan_of(audited)

    simulated = audited.outlook.simulated
    year = simulated.listed_fixed[:, 1:].sum(axis=1) / 100
    assert float(found.usage.mean) == pytest.approx(year.mean(), abs=0.01)
    assert found.usage.mean < found.unfixed_usage.mean
    assert float(found.usage.pay_as_you_go) == pytest.approx(
        simulated.fixed[:, 1:].sum() / 100 / len(year), abs=0.01
    )


def test_the_policy_of_the_audit_prices_the_plan(audited):
    assert plan_of(audited).rules.name == "levers"
    assert plan_of(audited, rule_set="flat").rules.pack == "2026-11"


def test_a_billing_limit_holds_what_credit_is_drawn_by():
    # What is dropped at the limit is drawn from no credit: a year of 1 USD a month is 12 USD.
    account = load_account(QUARRY, store="")
    products = [line.product for line in examine(account, draws=0).bill.lines]
    limits = [
        {"organization_id": account.organization_id, "product": product, "limit_usd": "1"}
        for product in products
    ]
    tables = {name: frame for name, frame in account.frames.items() if name != "limits"}
    limited = Account.from_tables(account.organization_id, tables | {"limits": limits})
    audited = examine(limited, policy="2026-11", audience="team", draws=100)

    assert audited.discount_percent == 0
    assert plan_of(audited).unfixed_usage.mean <= 12 * len(products)
    assert plan_of(audited).unfixed_usage.mean == plan_of(audited).unfixed_usage.pay_as_you_go


def test_the_same_audit_gives_the_same_plan(audited):
    assert plan_of(audited).recommended == plan_of(audited).recommended


def test_an_account_whose_future_cannot_be_told_says_why(audited):
    forecast = replace(audited.forecast, reason="No daily usage is known.")

    with pytest.raises(InputError, match="No annual plan: No daily usage is known"):
        plan_of(replace(audited, outlook=None, forecast=forecast))


def test_facts_that_did_not_run_are_not_known():
    few = examine(load_account(QUARRY, store=""), only=["autocapture_unread"], draws=100)

    assert set(facts_of(few).values()) == {None}
    assert plan_of(few).eligibility.holds is None
    assert plan_of(few).state is PlanState.UNKNOWN


def test_invoices_are_those_of_whole_months_that_have_ended(audited):
    books = Books(
        sent(
            audited.account,
            ("paid", "2026-07-01", "2026-08-01", "100"),
            ("open", "2026-08-01", "2026-09-01", "110"),
            ("void", "2026-08-01", "2026-09-01", "999"),
            ("draft", "2026-09-01", "2026-10-01", "999"),
            ("paid", "2026-08-01", "2026-09-01", "5"),
            ("paid", "2025-08-01", "2026-08-01", "9000"),
            ("paid", "2026-10-15", "2026-11-15", "999"),
        )
    )

    found = invoices_of(books, audited.as_of)
    assert [(str(one.period_end), one.usd) for one in found] == [
        ("2026-08-01", 100.0),
        ("2026-09-01", 115.0),
    ]


def test_a_year_invoiced_at_once_that_has_ended_is_a_re_entry(audited):
    year = ("paid", "2025-08-01", "2026-08-01", "9000")
    quarter = ("paid", "2026-05-01", "2026-08-01", "900")
    facts = facts_of(audited)

    def state(*rows):
        return state_of(replace(audited, account=Books(sent(audited.account, *rows))), facts)

    assert state(year) is PlanState.ROLLED_OFF
    assert state(quarter) is PlanState.MONTHLY
    assert state() is PlanState.MONTHLY


def test_no_number_of_the_plan_is_nan(audited):
    found = plan_of(audited)

    rows = [
        (r.loss_percent, r.saving_percent or 0.0, r.break_even_percent or 0.0)
        for r in found.decision.rows
    ]
    assert np.isfinite(np.array(rows)).all()
