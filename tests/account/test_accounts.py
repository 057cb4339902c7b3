"""All accounts of a store at once: what is read, what is written, and what is refused."""

import json

import pytest

from audit.accounts import portfolio
from audit.errors import InputError, StoreError
from audit.sources.sample import portfolio as sample
from audit.store import publish

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("accounts")
    return publish(folder / "store.duckdb", sample(3, history_days=40).tables)


def test_the_parts_speak_of_the_same_store_day_and_policy(store):
    found = portfolio(store, policy="2026-11", as_of="2026-10-20", treatments={"months": 2})

    ids = set(found.scan.organizations["organization_id"])
    assert set(found.queue.ranking.frame["organization_id"]) == ids
    assert set(found.north_star.organizations["organization_id"]) == ids
    assert {day.date().isoformat() for day in found.scan.organizations["as_of"]} == {"2026-10-20"}
    assert found.north_star.as_of.isoformat() == "2026-10-20"
    assert (found.policy, found.queue.ranking.policy.name) == ("2026-11", "2026-11")
    assert found.north_star.treatments.months == 2


def test_only_so_many_of_the_due_are_shown_and_all_are_counted(store):
    found = portfolio(store, most_due=1)

    assert len(found.queue.rows) <= 1
    assert (
        sum(
            found.queue.counts[state]
            for state in ("due", "waiting", "held")
            if state in found.queue.counts
        )
        == 3
    )


def test_a_decision_of_the_ledger_takes_its_finding_out_of_the_savings(store):
    plain = portfolio(store)
    findings = plain.scan.findings
    one = findings[findings["saving_alone_usd"] > 5].iloc[0]
    decision = {
        "id": 1,
        "check": one["check"],
        "organization_id": one["organization_id"],
        "project_id": one["project_id"] if isinstance(one["project_id"], str) else "",
        "product": one["product"] if isinstance(one["product"], str) else "",
        "reason": "They want it so.",
        "owner": "Iris Vance",
        "created_on": "2026-10-01",
        "until": "2027-11-01",
        "up_to_usd": None,
        "lifted_on": None,
        "lifted_by": "",
        "lift_reason": "",
    }
    decided = portfolio(store, suppressions=json.dumps([decision]))

    frames = (decided.scan.organizations, plain.scan.organizations)
    assert frames[0]["suppressed"].sum() == frames[1]["suppressed"].sum() + 1
    assert frames[0]["joint_saving_usd"].sum() < frames[1]["joint_saving_usd"].sum()


def test_what_it_writes_can_be_read_by_programs(store, tmp_path):
    written = portfolio(store).write(tmp_path / "new" / "folder")

    told = json.loads(written[1].read_text(encoding="utf-8"))
    assert told["schema"] == "account-audit/north-star/1"
    assert len(told["parameters"]) == 11
    assert written[0].read_text(encoding="utf-8").startswith("rank,organization_id,name,as_of")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"as_of": "tomorrow"}, "as_of is a day"),
        ({"suppressions": "{"}, "not JSON"),
        ({"suppressions": "{}"}, "Suppressions are a list"),
        ({"treatments": {"handovers": "all"}}, "No treatment handovers 'all'"),
        ({"lookback_days": 0}, "lookback_days is 1 to 366"),
    ],
)
def test_what_is_impossible_is_refused(store, given, message):
    with pytest.raises(InputError, match=message):
        portfolio(store, **given)


def test_a_store_that_is_none_is_refused(tmp_path):
    with pytest.raises(StoreError, match="No store at"):
        portfolio(tmp_path / "none.duckdb")


def test_nobody_named_is_the_sample_and_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = portfolio()

    assert found.is_sample
    assert len(found.scan.organizations) == 12
    assert list(tmp_path.iterdir()) == []
