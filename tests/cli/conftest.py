import sys
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from audit.cli.app import app
from audit.sources.sample import portfolio
from audit.store import publish

FAKES = Path(__file__).parents[1] / "fakes"
if str(FAKES) not in sys.path:
    sys.path.append(str(FAKES))

OURS = (
    "POSTHOG_PERSONAL_API_KEY",
    "AUDIT_STORE",
    "AUDIT_REPORTS",
    "AUDIT_LEDGER",
    "AUDIT_POLICY",
    "AUDIT_HOST",
    "AUDIT_LOOKBACK_DAYS",
    "AUDIT_CONFIG",
    "AUDIT_DEBUG",
    "AUDIT_SYSTEMS",
    "COLUMNS",
)
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    """Every test works in a folder of its own and knows nothing of this machine's settings."""
    monkeypatch.chdir(tmp_path)
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def audit():
    """Run the command as a shell would: ``audit("price", "logs=1")``."""

    def run(*arguments, **environment):
        return CliRunner(env={**NO_KEYRING, **environment}).invoke(app, arguments, "audit")

    return run


@pytest.fixture(scope="session")
def tables():
    return portfolio(12, as_of=date(2026, 11, 1)).tables


@pytest.fixture(scope="session")
def sample_store(tables, tmp_path_factory):
    return str(publish(tmp_path_factory.mktemp("store") / "sample.duckdb", tables))


@pytest.fixture(scope="session")
def running_vendor():
    """A fake vendor with a small organization."""
    from fake_posthog import serve

    small = portfolio(40, as_of=date(2026, 11, 1), scale=0.002).tables
    projects = small["projects"].groupby("organization_id").size()
    with serve(small, projects.idxmin()) as vendor:
        yield vendor


@pytest.fixture
def vendor(running_vendor):
    running_vendor.reset()
    return running_vendor
