import subprocess
import sys
from contextlib import nullcontext
from datetime import date

import pandas as pd
import pytest
from kills import digests, light

from audit.batch.batch import Request, checked_folder, plan
from audit.batch.batch import batch as batches
from audit.batch.choice import by_name, of_segments
from audit.batch.manifest import Manifest
from audit.batch.snapshot import snapshot
from audit.checks import load_checks
from audit.engine.pool import Pool
from audit.policy import load_policy
from audit.sources.sample import portfolio
from audit.store import Store, publish

AS_OF = date(2026, 11, 1)


@pytest.fixture(scope="session")
def tables():
    return portfolio(4, as_of=AS_OF, scale=0.01).tables


@pytest.fixture(scope="session")
def notebook(tmp_path_factory):
    """A light one: it reads its account and shows a table."""
    return light(tmp_path_factory.mktemp("notebook") / "light.ipynb")


@pytest.fixture
def store(tables, tmp_path):
    return publish(tmp_path / "store.duckdb", tables)


@pytest.fixture
def names(store):
    with Store.open(store) as opened:
        return opened.organizations().set_index("organization_id")["name"].to_dict()


@pytest.fixture(scope="session")
def pool():
    """Processes that every test shares; each account has one of its own all the same."""
    with Pool(2) as started:
        yield started


@pytest.fixture
def batch(store, notebook, pool, tmp_path):
    """Run a batch over the store as it is; what came of it, its records and the plan before it."""

    def run(out=tmp_path / "out", notebook=notebook, names=None, plan_only=False, **given):
        request = Request(
            policy=load_policy("2025-06", load_checks()),
            notebook=notebook,
            asked={"policy": "2025-06", "as_of": given.pop("as_of", ""), "audience": "customer"},
            drafts=False,
            **given,
        )
        checked_folder(out)
        with snapshot(store) as held:
            chosen = by_name(held, names) if names else of_segments(held, ())
            done = Ran(plan(held, out, chosen, request), request)
            if not plan_only:
                done.outcome = batches(held, out, chosen, request, lambda: nullcontext(pool))
                done.records = Manifest.read(out).records
        return done

    return run


class Ran:
    def __init__(self, planned, request):
        self.request = request
        self.reasons = {one.account.organization_id: one.reason for one in planned.todo}
        self.outcome = None
        self.records = {}


@pytest.fixture
def command(store, notebook, tmp_path):
    """Run the command itself on the store, with the light notebook, into ``out``."""

    def run(*arguments, **given):
        given = {"notebook": notebook, "out": tmp_path / "out", **given}
        typed = [sys.executable, "-m", "audit", "batch", "--store", str(store), "--no-drafts"]
        typed += ["--out", str(given["out"]), "--notebook", str(given["notebook"])]
        return subprocess.run(
            [*typed, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )

    return run


@pytest.fixture
def files(tmp_path):
    """Bytes of every file of the folder, as digests."""
    return lambda out=tmp_path / "out": digests(out)


@pytest.fixture
def changed(store, tables):
    """The store published anew, one organization with a day of usage more."""

    def change(identity):
        usage = tables["usage_daily"]
        more = usage[usage["organization_id"] == identity].tail(1).assign(project_id="another")
        frames = {**tables, "usage_daily": pd.concat([usage, more], ignore_index=True)}
        return publish(store, frames)

    return change


@pytest.fixture
def stumbling(notebook, tmp_path):
    """A notebook that fails for one organization, as long as a file is there."""
    import nbformat

    def make(identity, how="raise ValueError('no luck')"):
        mark = tmp_path / "stumble"
        mark.touch()
        node = nbformat.read(notebook, 4)
        source = (
            "from pathlib import Path\n"
            f"if organization_id == {identity!r} and Path({str(mark)!r}).exists():\n    {how}"
        )
        node.cells.insert(2, nbformat.v4.new_code_cell(source))
        path = tmp_path / "stumbling.ipynb"
        nbformat.write(node, path)
        return path, mark

    return make
