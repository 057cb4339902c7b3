"""Accounts at the edges: no usage, a first day, hostile names. A decision or one clear error."""

import json
from datetime import date
from typing import get_args

import pytest

from audit.account import Account
from audit.refunds import Request, Scenario, Verdict, decide, document, paste_block
from audit.sources.sample.edge import EdgeKind, edge_account_tables, hostile_account_tables

DAYS = (date(2026, 10, 10), date(2026, 10, 12))


def account(tables):
    return Account.from_tables(str(tables["organizations"]["organization_id"].iloc[0]), tables)


@pytest.mark.parametrize("kind", get_args(EdgeKind))
def test_an_account_at_an_edge_is_decided_and_never_passed(kind):
    decision = decide(account(edge_account_tables(kind)), Request(*DAYS, products=("events",)))

    assert decision.verdict is not Verdict.YES
    assert json.dumps(document(decision))


@pytest.mark.parametrize("scenario", list(Scenario))
def test_usage_that_was_never_read_is_unknown_and_not_zero(scenario):
    tables = edge_account_tables("no_usage")
    request = Request(*DAYS, products=("events",), scenario=scenario)

    assert decide(account(tables), request).refund is None


def test_hostile_names_stay_on_their_line():
    decision = decide(account(hostile_account_tables()), Request(*DAYS, products=("events",)))
    block = paste_block(decision)

    assert block.splitlines()[1].startswith("Incident 2026-10-10")
