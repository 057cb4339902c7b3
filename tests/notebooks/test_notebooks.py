import ast
import importlib.util
import json
import re
import subprocess
import sys
import tokenize
from io import StringIO
from pathlib import Path

import altair
import nbformat
import pytest

from audit.views.display import CHART_MIME

HERE = Path(__file__).parents[2] / "notebooks"
SOURCES = sorted(path for path in HERE.glob("*.py") if path.name != "build.py")
BANNED = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.Try,
    ast.TryStar,
    ast.Lambda,
    ast.With,
    ast.comprehension,
)
COMMON = {"lookback_days", "as_of", "policy", "suppressions", "store", "out"}
OF_ONE_ACCOUNT = {"organization_id", "project_id", "previous"}
#: Notebooks over all accounts of a store.
OF_A_STORE = {"portfolio"}
#: Holds a store to a ledger: whose policy, and whose decisions, is on record.
OF_A_LEDGER = {"savings_review"}
#: Served as a page: it reads the ledger itself and writes no folder.
SERVED = {"dashboard"}
OF_A_PAGE = {"organization_id", "view", "store", "policy", "as_of", "lookback_days", "ledger"}
SECRET = re.compile(r"ph[xcs]_\w|sk_live|api_key|password|token", re.IGNORECASE)

pytestmark = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def builder():
    spec = importlib.util.spec_from_file_location("notebook_builder", HERE / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def notebook(source):
    return nbformat.read(source.with_suffix(".ipynb"), as_version=4)


def code_cells(source):
    return [cell for cell in notebook(source).cells if cell.cell_type == "code"]


def parameters(source):
    return next(c for c in code_cells(source) if "parameters" in c.metadata.get("tags", ()))


def test_the_built_notebook_is_what_its_source_builds(source):
    built = source.with_suffix(".ipynb").read_text(encoding="utf-8")

    assert built == builder().built(source), "run python notebooks/build.py"


def test_nothing_was_left_in_the_built_notebook(source):
    assert all(not c.outputs and c.execution_count is None for c in code_cells(source))


def test_a_notebook_is_short(source):
    cells = code_cells(source)

    # Sixteen areas, opportunities, what changed and every query came to the fourteen of before,
    # and then the coming periods, the backtest and what it is worth.
    assert 6 <= len(cells) <= 26
    # A parameter is a line with its help, so the cell of the parameters is as long as it has to be.
    rest = [cell for cell in cells if "parameters" not in cell.metadata.get("tags", ())]
    assert max(len(cell.source.splitlines()) for cell in rest) <= 8


def test_a_notebook_asks_calls_and_shows_but_defines_nothing(source):
    for cell in code_cells(source):
        assert not [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, BANNED)]


def test_a_notebook_has_no_magics_and_no_secrets(source):
    for cell in code_cells(source):
        assert not re.search(r"^\s*[%!]", cell.source, re.MULTILINE)
        assert not SECRET.search(cell.source)


def test_parameters_are_text_whole_numbers_or_booleans_each_with_help(source):
    cell = parameters(source)
    tokens = tokenize.generate_tokens(StringIO(cell.source).readline)
    helped = {t.start[0] for t in tokens if t.type == tokenize.COMMENT}

    for statement in ast.parse(cell.source).body:
        assert isinstance(statement, ast.Assign)
        assert type(ast.literal_eval(statement.value)) in {str, int, bool}
        assert statement.lineno in helped


def test_every_notebook_takes_the_common_parameters(source):
    names = {s.targets[0].id for s in ast.parse(parameters(source).source).body}

    if source.stem in SERVED:
        assert names >= OF_A_PAGE
        return
    if source.stem in OF_A_LEDGER:
        assert names >= COMMON - {"policy", "suppressions"} | {"organization_id", "ledger"}
        return
    assert names >= COMMON
    assert source.stem in OF_A_STORE or names >= OF_ONE_ACCOUNT


def test_prose_has_no_long_dashes_and_explains_every_section(source):
    cells = notebook(source).cells
    prose = [cell.source for cell in cells if cell.cell_type == "markdown"]

    assert not re.search("[\u2013\u2014]", "".join(prose))
    assert all(len(text.splitlines()) > 1 for text in prose if text.startswith("## "))


def by_papermill(source, target, *options):
    """The notebook as papermill's command runs it."""
    command = [sys.executable, "-m", "papermill", source.with_suffix(".ipynb"), target]
    done = subprocess.run(
        [*command, "--no-progress-bar", *options],
        cwd=target.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return nbformat.read(target, as_version=4)


def outputs(executed):
    """Of every cell, without the names that widgets draw at random."""
    found = json.dumps([cell.get("outputs") for cell in executed.cells])
    return re.sub(r'"model_id": "\w+"', '"model_id": ""', found)


def charts(executed):
    shown = (output for cell in executed.cells for output in cell.get("outputs", ()))
    return [one["data"][CHART_MIME] for one in shown if CHART_MIME in one.get("data", {})]


@pytest.mark.slow
def test_plain_papermill_runs_it_offline_on_the_sample_and_the_warm_engine_gives_the_same(
    source, tmp_path
):
    executed = by_papermill(source, tmp_path / "out.ipynb")

    nbformat.validate(executed)
    assert not [o for c in executed.cells for o in c.get("outputs", ()) if o.output_type == "error"]
    assert [path.name for path in tmp_path.iterdir()] == ["out.ipynb"]
    for chart in charts(executed):
        altair.Chart.from_dict(chart)  # raises for what the schema does not know

    warm = by_papermill(source, tmp_path / "warm.ipynb", "--engine", "audit-warm")

    assert outputs(warm) == outputs(executed)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.ipynb", "warm.ipynb"]
