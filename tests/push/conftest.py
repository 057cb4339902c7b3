from datetime import date

import keyring
import pytest
import stamina
from keyring.backends.null import Keyring

from audit.findings.examine import examine
from audit.sources.sample import portfolio
from audit.store import Store, publish

AS_OF = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def without_waits():
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


@pytest.fixture(autouse=True)
def no_keyring():
    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture(scope="session")
def sample():
    return portfolio(12, as_of=AS_OF).tables


@pytest.fixture(scope="session")
def store(sample, tmp_path_factory):
    return publish(tmp_path_factory.mktemp("store") / "sample.duckdb", sample)


@pytest.fixture(scope="session")
def audited(store):
    """The audit of an organization by its name, as the team sees it."""

    def of(name):
        with Store.open(store) as opened:
            return examine(opened.account(name), audience="team")

    return of
