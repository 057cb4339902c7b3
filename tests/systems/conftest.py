import sys
from datetime import date
from pathlib import Path

import keyring
import pytest
import stamina
from keyring.backends.null import Keyring

from audit.sources.sample import portfolio
from audit.sources.systems import pull_systems
from audit.testing import FakeSystems
from audit.web.systems import Systems

FAKES = Path(__file__).parents[1] / "fakes"
if str(FAKES) not in sys.path:
    sys.path.append(str(FAKES))

AS_OF = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def without_waits():
    """Retries happen as ever, without waiting; how long they would wait is tested on its own."""
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
def running(sample):
    with FakeSystems(sample, AS_OF) as systems:
        yield systems


@pytest.fixture
def fakes(running, monkeypatch):
    """All systems, well, with their keys in the environment. Their state is not to be changed."""
    for fake in running.all:
        fake.well()
    for name, value in running.keys.items():
        monkeypatch.setenv(name, value)
    return running


@pytest.fixture
def pull(fakes):
    """Pull from some systems, or from all."""

    def run(*names, changed=None, **options):
        wanted = {n: fakes.settings[n] for n in names or fakes.settings}
        for name, values in (changed or {}).items():
            wanted[name] = {**wanted.get(name, {}), **values}
        return pull_systems(Systems(**wanted), as_of=AS_OF, **options)

    return run
