"""One notebook executed into one file: what papermill does, without traces of the machine.

The kernel is this very Python. It gets no variable of the environment but those a process
needs, so no key is within its reach, and talks over private sockets instead of ports.
"""

import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.engine.slow_import import STATEMENT, block
from audit.errors import RunError

if TYPE_CHECKING:
    from nbformat import NotebookNode

#: What a kernel may know of the environment.
ENVIRONMENT = re.compile(
    r"PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|VIRTUAL_ENV|PYTHON(PATH|HOME|HASHSEED|UTF8)|"
    r"LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|OMP_NUM_THREADS|OPENBLAS_NUM_THREADS|COVERAGE_\w+"
)

KERNEL = f"{STATEMENT}; from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"

Progress = Callable[[str], None]


def execute(source: Path, target: Path, parameters: dict[str, Any], progress: Progress) -> str:
    """Run a notebook into ``target``, working in its folder. What went wrong, or nothing.

    The executed notebook is written either way. Times, paths and the environment are taken
    out of it, so that the same account gives the same bytes.
    """
    block()
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from audit.engine.own_kernel import CurrentPythonManager

    begun: list[NotebookNode] = []
    cells = len(nbformat.read(source, as_version=4).cells) + 1
    problem = ""
    with tempfile.TemporaryDirectory(prefix="audit-") as private:
        try:
            done = papermill.execute_notebook(
                str(source),
                # Papermill reads braces in a path as the names of parameters.
                str(target).replace("{", "{{").replace("}", "}}"),
                parameters,
                kernel_name="python3",
                progress_bar=False,
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                kernel_manager_class=CurrentPythonManager.into(
                    private, [sys.executable, "-P", "-c", KERNEL], _environment(private)
                ),
                shutdown_kernel="immediate",
                record_timing=False,
                resources={"metadata": {"path": str(target.parent)}},
                on_notebook_start=lambda notebook: begun.append(notebook),
                on_cell_start=lambda cell_index, **_: progress(f"Cell {cell_index + 1} of {cells}"),
            )
        except PapermillExecutionError as error:
            done = nbformat.read(target, as_version=4)
            problem = f"The notebook stopped with {error.ename}: {error.evalue}"
            problem = problem.rstrip(".") + "."
        except Exception as error:
            if not begun:
                raise RunError(f"The notebook could not be started: {error}") from error
            done = begun[0]
            problem = f"The notebook was cut off: {str(error).strip().splitlines()[0]}"
    _strip(done)
    if problem:
        _hide_paths(done, target.parent)
    nbformat.write(done, target)
    return problem


def _environment(private: str) -> dict[str, str]:
    """Without keys; with this package in reach and nobody's IPython start-up files."""
    kept = {name: value for name, value in os.environ.items() if ENVIRONMENT.fullmatch(name)}
    here = str(Path(__file__).parents[2])
    path = [here, *filter(None, kept.get("PYTHONPATH", "").split(os.pathsep))]
    return {**kept, "PYTHONPATH": os.pathsep.join(path), "IPYTHONDIR": private}


def _strip(notebook: "NotebookNode") -> None:
    """Drop what differs from run to run or tells of the machine."""
    kept = notebook.metadata.get("papermill", {})
    notebook.metadata["papermill"] = {"parameters": kept.get("parameters", {})}
    for number, cell in enumerate(notebook.cells, 1):
        tags = cell.metadata.get("tags", [])
        cell["metadata"] = {"tags": tags} if tags else {}
        if not cell.get("id", "").startswith("cell-"):
            cell["id"] = f"added-{number:02d}"  # papermill draws the ids of its cells at random


def _hide_paths(notebook: "NotebookNode", folder: Path) -> None:
    """A traceback names files; the folders above them are nobody's business."""
    known = {
        str(folder.resolve()): ".",
        str(Path(__file__).resolve().parents[2]): "",
        sys.prefix: "<python>",
        sys.base_prefix: "<python>",
        tempfile.gettempdir(): "<temporary>",
        str(Path.home()): "~",
    }

    def hidden(text: str) -> str:
        for path in sorted(known, key=len, reverse=True):
            text = text.replace(path, known[path]) if len(path) > 1 else text
        return text

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell["source"] = hidden(cell["source"])
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                output["traceback"] = [hidden(line) for line in output["traceback"]]
                output["evalue"] = hidden(output["evalue"])
            elif output.output_type == "stream":
                output["text"] = hidden(output["text"])
