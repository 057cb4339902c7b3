"""Findings on facts that no SQL file makes, or that only the severity asks for, are explained."""

import json

import pytest

import audit
from audit.checks import load_checks
from audit.checks.engine_facts import ENGINE_FACTS
from audit.findings.explain import explain, explanation_document
from audit.sources.sample import portfolio
from audit.store import Store, publish

ORGANIZATIONS = 12


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("explain") / "sample.duckdb"
    return publish(path, portfolio(ORGANIZATIONS).tables)


@pytest.mark.slow
def test_one_finding_of_each_check_is_explained_down_to_its_flips(store):
    special = [
        name
        for name, check in load_checks().items()
        if check.severity_facts or ENGINE_FACTS.keys() & set(check.all_facts)
    ]
    found = audit.scan(store, audience="team").findings.drop_duplicates("check")
    found = found[found["check"].isin(special)]

    assert len(found) >= 10
    for one in found.itertuples():
        with Store.open(store) as opened:
            account = opened.account(one.organization_id)
        told = explanation_document(explain(account, one.id))
        assert told["finding"]["id"] == one.id
        assert json.dumps(told, allow_nan=False)
        flips = {flip["name"] for flip in told["flips"]}
        assert flips >= {threshold["name"] for threshold in told["thresholds"]}
