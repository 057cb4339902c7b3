"""What no process of ours imports: the module that costs every Jupyter process most of a second."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from audit.engine.execute import execute
from audit.engine.pool import Pool
from audit.engine.ready import Ready

#: What the slow module builds its grammars with; its own name is tried and refused.
SLOW = re.compile(r"^lark\b|^rfc3987_syntax\.")


def imported(*arguments, **given):
    """The modules that a Python process imports, as it tells them itself."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **given,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip() for line in lines}


def matching(pattern, names):
    return sorted(name for name in names if pattern.search(name))


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("-m", "audit", "run", "--store", "sample.duckdb", "Marigold & Daughters"),
        ("-c", "import audit.engine.entry_point as e; e.engine.nb_kernel_name"),
    ],
    ids=["run", "engine"],
)
def test_no_command_imports_the_slow_module(arguments, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp() / "imports"
    folder.mkdir(exist_ok=True)
    if not (folder / "sample.duckdb").exists():
        made = ["-m", "audit", "sample", "--store", "sample.duckdb"]
        subprocess.run([sys.executable, *made], cwd=folder, capture_output=True, check=True)
    if arguments[0] == "-c":
        block = "from audit.engine.slow_import import block; block(); "
        arguments = ("-c", block + arguments[1])

    names = imported(*arguments, cwd=folder)

    assert matching(SLOW, names) == []
    assert "jsonschema" in names


def test_a_notebooks_process_does_without_the_ledgers_database(tmp_path):
    # DuckDB complains at the end of a Python that imported it, so this one has no end.
    warm = "from audit.engine.preload import warm; warm('.'); import os; os._exit(0)"

    names = imported("-c", warm, cwd=tmp_path)

    assert "audit.views.savings_review" in names
    assert matching(re.compile(r"^sqlalchemy\b"), names) == []


def test_the_slow_module_is_there_to_be_imported():
    assert matching(SLOW, imported("-c", "import jsonschema"))


def test_no_process_of_a_pool_imports_it(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))

    with Pool(1, modules=("nbformat", "jsonschema", "altair")) as pool:
        (done,) = pool.run("calls:work", [{"do": "modules"}])

    assert "jsonschema" in done.result["modules"]
    assert matching(SLOW, done.result["modules"]) == []


@pytest.mark.slow
def test_where_nothing_can_be_forked_a_kernel_gives_the_same_without_the_slow_module(tmp_path):
    source = tmp_path / "in.ipynb"
    cells = [
        "import sys, jsonschema, pandas",
        "pandas.DataFrame({'a': [1, 2]})",
        "print([name for name in sys.modules if name.startswith(('lark', 'rfc3987_syntax.'))])",
        "1 / 0",
    ]
    nbformat.write(
        nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}},
        ),
        source,
    )
    written = {}
    for reason in ("", "forking is not safe here"):
        with Ready() as ready:
            ready.reason = reason
            target = tmp_path / f"{bool(reason)}.ipynb"
            problem = execute(source, target, {}, lambda _: None, ready)
        assert problem == "The notebook stopped with ZeroDivisionError: division by zero."
        written[reason] = nbformat.read(target, as_version=4).cells

    forked, kernel = written.values()
    told = [
        [re.sub(r"ipykernel_\d+/\d+", "CELL", str(c.get("outputs"))) for c in of]
        for of in (forked, kernel)
    ]
    assert told[0] == told[1]
    assert any("'text': '[]\\n'" in one for one in told[0])
