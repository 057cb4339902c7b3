"""Every kind of finding can be explained, whatever its facts are made from."""

import json

import pytest

import audit
from audit.findings.explain import explain, explanation_document
from audit.sources.sample import portfolio
from audit.store import Store, publish

ORGANIZATIONS = 24


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("explain") / "sample.duckdb"
    return publish(path, portfolio(ORGANIZATIONS).tables)


@pytest.mark.slow
def test_one_finding_of_each_check_is_explained_down_to_its_flips(store):
    found = audit.scan(store, audience="team").findings.drop_duplicates("check")

    assert len(found) >= 45
    for one in found.itertuples():
        with Store.open(store) as opened:
            account = opened.account(one.organization_id)
        told = explanation_document(explain(account, one.id))
        assert told["finding"]["id"] == one.id
        assert json.dumps(told, allow_nan=False)
        flips = {flip["name"] for flip in told["flips"]}
        assert flips >= {threshold["name"] for threshold in told["thresholds"]}
