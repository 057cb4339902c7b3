"""The sample on one day and two months later, with some of its faults fixed on purpose."""

from dataclasses import replace
from datetime import date

import pytest

from audit import examine, load_account
from audit.sources.sample import portfolio
from audit.sources.sample.adopting import REMEDIES, adopted
from audit.store import publish
from audit.verify import recorded

THEN, NOW = date(2026, 11, 1), date(2027, 1, 6)
ORGANIZATIONS = 30


@pytest.fixture(scope="session")
def then():
    return portfolio(ORGANIZATIONS, as_of=THEN)


@pytest.fixture(scope="session")
def unchanged():
    return portfolio(ORGANIZATIONS, as_of=NOW)


@pytest.fixture(scope="session")
def faulty(then):
    """Organizations with a fault that can be fixed here."""
    found = then.truth[then.truth["check"].isin(list(REMEDIES))]["organization_id"]
    return [str(one) for one in dict.fromkeys(found)]


@pytest.fixture(scope="session")
def fixed(unchanged):
    """The sample after outreach, and what was fixed in it."""
    return adopted(unchanged, 60)


@pytest.fixture(scope="session")
def stores(then, unchanged, fixed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("verify")
    made = {"then": then, "unchanged": unchanged, "fixed": fixed[0]}
    return {
        name: publish(folder / f"{name}.duckdb", sample.tables) for name, sample in made.items()
    }


@pytest.fixture(scope="session")
def audited(stores):
    """The audit of an organization in one of the stores, once each."""
    known = {}

    def one(name, identity):
        if (name, identity) not in known:
            account = load_account(identity, store=str(stores[name]))
            known[name, identity] = examine(account)
        return known[name, identity]

    return one


@pytest.fixture(scope="session")
def predicted():
    """A run with its predictions, as the ledger would number them."""

    def of(audit, first=1):
        run, predictions = recorded(audit, by="Ada", on=audit.as_of)
        numbered = [
            replace(one, id=first + place, run_id=1) for place, one in enumerate(predictions)
        ]
        return replace(run, id=1), numbered

    return of
