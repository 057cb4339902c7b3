"""The three notebooks on a store that was pulled over HTTP, run by plain papermill."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import nbformat
import pytest
import stamina

from audit.sources.posthog import Key, pull
from audit.sources.sample import portfolio
from audit.store import publish

FAKES = Path(__file__).parents[1] / "fakes"
if str(FAKES) not in sys.path:
    sys.path.append(str(FAKES))

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
AS_OF = date(2026, 11, 1)


@pytest.fixture(scope="module")
def pulled(tmp_path_factory):
    """A store with one organization, as a personal API key gets it."""
    from fake_posthog import KEY, serve

    tables = portfolio(6, as_of=AS_OF, scale=0.002).tables
    organization = tables["organizations"]["organization_id"].iloc[0]
    store = tmp_path_factory.mktemp("pulled") / "store.duckdb"
    with (
        stamina.set_testing(True, attempts=5, cap=True),
        serve(tables, organization) as vendor,
    ):
        publish(store, pull(organization, host=vendor.url, as_of=AS_OF, key=Key(KEY)))
    return store


@pytest.mark.slow
@pytest.mark.parametrize("name", ["account_audit", "annual_plan", "portfolio"])
def test_a_notebook_runs_on_a_pulled_store(pulled, name, tmp_path):
    target = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", NOTEBOOKS / f"{name}.ipynb", target]

    done = subprocess.run(
        [*command, "--no-progress-bar", "-p", "store", str(pulled)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    outputs = [o for c in nbformat.read(target, as_version=4).cells for o in c.get("outputs", ())]
    assert outputs
    assert not [o for o in outputs if o.output_type == "error"]
    said = "".join(str(o.get("data", {}).get("text/plain", "")) for o in outputs)
    assert "nan" not in said.lower().split()
