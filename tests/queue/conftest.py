"""``store_of``: a store of several small organizations, each built as the tests of checks do."""

import importlib.util
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from audit.queue.ranking import ranking
from audit.queue.rows import queue
from audit.store import publish

PLACE = Path(__file__).parents[1] / "checks" / "conftest.py"
_spec = importlib.util.spec_from_file_location("checks_conftest", PLACE)
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
Acme = _module.Acme

#: In onboarding's scope, new, nobody wrote to it, renews in ten days.
DUE = {
    "onboarding_pipeline": "1. New Account",
    "forecasted_mrr_usd": 900,
    "next_renewal_date": "2026-11-11",
}
GROUPS = '[{"up_to": null, "unit_amount_usd": "0.001"}]'


def small(saves=0, spends=100, region="us", of=None, **crm):
    """``saves``: USD a month of group analytics that nobody uses. ``crm``: on top of ``DUE``;
    None takes a field away."""
    built = Acme().of(region=region, **(of or {})).spends(spends)
    if saves:
        built.subscription("group_analytics", tiers=GROUPS)
        built.units("group_analytics", saves * 1000)
    return built.crm(**{k: v for k, v in {**DUE, **crm}.items() if v is not None})


@pytest.fixture
def account():
    return small


@pytest.fixture
def store_of(tmp_path):
    """Publishes ``{id: builder}`` as one store and gives its path."""

    def store(accounts):
        parts = {}
        for identity, built in accounts.items():
            for table, frame in built.account().frames.items():
                named = frame.assign(organization_id=identity)
                if table == "organizations":
                    named["name"] = built.organization.get("name", "").replace("Acme", identity)
                parts.setdefault(table, []).append(named)
        frames = {name: pd.concat(some) for name, some in parts.items()}
        return publish(tmp_path / "several.duckdb", frames)

    return store


@pytest.fixture
def queued(store_of):
    """The queue of ``{id: builder}``."""

    def of(accounts, *, policy="2025-06", as_of=None, thresholds=None, **asked):
        day = as_of and date.fromisoformat(as_of)
        ranked = ranking(store_of(accounts), policy=policy, as_of=day, thresholds=thresholds)
        return queue(ranked, **asked)

    return of
