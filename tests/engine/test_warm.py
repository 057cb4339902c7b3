import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellTimeoutError

from audit.engine.client import ProcessDiedError
from audit.engine.warm import reason_against

RAISES = ["raises-exception"]

#: What a notebook can do to its outputs, one cell each: name, whether it fails, source.
TORTURE = re.findall(
    r"^# %% (.+?)( \(fails\))?\n(.*?)\n(?=\n# %%|\Z)",
    Path(__file__).with_name("torture.txt").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


def told(cell):
    """A cell's outputs without what differs between any two runs."""
    text = re.sub(r"ipykernel_\d+", "ipykernel_N", str(cell.outputs))
    text = re.sub(r"(0x|IPY_MODEL_)[0-9a-f]{8,}", "ID", text)
    return re.sub(r"/tmp/ipykernel_N/\d+", "CELL", text)


def of_the_notebook(written):
    """Its cells, without those that papermill puts in to tell of an error."""
    marks = {"papermill-error-cell-tag", "papermill-error-cell"}
    return [cell for cell in written.cells if not marks & set(cell.metadata.get("tags", []))]


@pytest.mark.slow
def test_outputs_are_those_of_papermills_own_engine(executed):
    names, fails, cells = zip(*TORTURE, strict=True)
    assert len(cells) > 50
    tags = {number: RAISES for number, fail in enumerate(fails) if fail}

    ours, raised = executed(*cells, tags=tags)
    theirs, expected = executed(*cells, tags=tags, engine="stock", execution_timeout=60)

    assert str(raised) == str(expected)
    pairs = zip(names, of_the_notebook(ours), of_the_notebook(theirs), strict=True)
    assert [name for name, a, b in pairs if told(a) != told(b)] == []
    counts = [
        [cell.execution_count for cell in of.cells if cell.cell_type == "code"]
        for of in (ours, theirs)
    ]
    assert counts[0] == counts[1]
    assert ours.metadata.language_info == theirs.metadata.language_info
    mime = "application/vnd.jupyter.widget-state+json"
    states = [
        sorted(one["model_name"] for one in of.metadata.widgets[mime]["state"].values())
        for of in (ours, theirs)
    ]
    assert states[0] == states[1]


def test_an_error_stops_the_notebook_and_is_written_as_papermill_writes_it(executed):
    written, raised = executed("print('before')", "1 / 0", "print('never')")

    assert type(raised).__name__ == "PapermillExecutionError"
    assert raised.ename == "ZeroDivisionError"
    assert written.metadata.papermill.exception is True
    statuses = [cell.metadata.papermill.status for cell in of_the_notebook(written)[-2:]]
    assert statuses == ["failed", "pending"]


@pytest.mark.parametrize(
    ("crash", "how"),
    [
        ("os._exit(7)", "left with exit status 7"),
        ("os.kill(os.getpid(), 9)", "was killed by SIGKILL"),
        ("os.abort()", "was killed by SIGABRT"),
    ],
)
def test_a_crash_is_told_in_its_cell_and_touches_no_other_notebook(executed, crash, how):
    written, raised = executed("print('before')", f"import os; {crash}")
    after, none = executed("print('after')")

    assert isinstance(raised, ProcessDiedError)
    assert how in str(raised)
    assert written.cells[0].outputs[0].text == "before\n"
    assert how in written.cells[1].outputs[-1].evalue
    assert none is None
    assert after.cells[0].outputs[0].text == "after\n"


def test_a_cell_may_ask_the_process_to_end_and_the_next_says_so(executed, caplog):
    written, raised = executed("print('before')", "quit()", "print('never')")

    assert isinstance(raised, ProcessDiedError)
    assert written.cells[0].outputs[0].text == "before\n"
    assert [output.evalue for output in written.cells[2].outputs] == [
        "The notebook's process had been asked to end when this cell ran."
    ]
    assert "Exception in callback" not in caplog.text


def test_a_cell_beyond_its_time_is_ended(executed):
    _, raised = executed("while True: pass", execution_timeout=1)

    assert isinstance(raised, CellTimeoutError)


def test_memory_beyond_the_limit_fails_in_the_notebook_alone(executed):
    _, raised = executed("held = bytearray(3_000_000_000)", memory_mb=2_000)

    assert raised.ename == "MemoryError"


def test_nothing_of_a_notebook_is_seen_by_the_next(executed):
    executed(
        "import builtins, os, sys, pandas, random\n"
        "os.environ['SECRET'] = 'x'; os.chdir('/'); builtins.leak = 1; sys.path.append('/leak')\n"
        "pandas.set_option('display.max_rows', 3); pandas.DataFrame.leak = 1; left = 1\n"
        "random.seed(1)"
    )
    seen, _ = executed(
        "import builtins, os, sys, pandas\n"
        "print('SECRET' in os.environ, os.getcwd() == '/', hasattr(builtins, 'leak'))\n"
        "print('/leak' in sys.path, pandas.get_option('display.max_rows') == 3)\n"
        "print(hasattr(pandas.DataFrame, 'leak'), 'left' in globals())"
    )

    assert set(seen.cells[0].outputs[0].text.split()) == {"False"}


def test_each_notebook_draws_random_numbers_of_its_own(executed):
    source = "import random, numpy; print(random.random(), numpy.random.random())"

    first, second = (executed(source)[0].cells[0].outputs[0].text for _ in range(2))

    assert not set(first.split()) & set(second.split())


def test_what_a_notebook_started_ends_with_it(executed, tmp_path):
    written, _ = executed("import subprocess; print(subprocess.Popen(['sleep', '600']).pid)")

    pid = written.cells[0].outputs[0].text.strip()
    status = Path(f"/proc/{pid}/status")
    assert not status.exists() or "State:\tZ" in status.read_text()


def test_a_kernel_that_is_not_this_python_is_refused_with_the_reason():
    assert reason_against("python3") == ""
    assert reason_against("julia-1.11") == "the kernel julia-1.11 is not IPython's in this Python"


def test_nothing_slow_is_imported_on_the_way_to_the_engine():
    code = (
        "import sys; from audit.engine.slow_import import block; block(); import audit.engine.warm;"
        "sys.exit(any(name.startswith('lark') for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_papermills_own_command_knows_the_engine(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print(6 * 7)")])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "P", "language": "python"}
    nbformat.write(notebook, tmp_path / "in.ipynb")
    command = [sys.executable, "-m", "papermill", "--engine", "audit-warm", "in.ipynb", "out.ipynb"]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)

    written = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert done.returncode == 0, done.stderr
    assert written.cells[0].outputs[0].text == "42\n"
    assert written.cells[0].metadata.papermill.status == "completed"
