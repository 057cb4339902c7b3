"""One notebook executed into one file: what papermill does, without traces of the machine.

The notebook's process is this very Python, forked where that is safe. It gets no variable of the
environment but those it needs, so no key is within its reach.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.engine.environment import environment
from audit.engine.ready import Ready
from audit.engine.slow_import import block
from audit.errors import RunError

if TYPE_CHECKING:
    from nbformat import NotebookNode

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Limits:
    """Of one notebook; 0 is no limit. Memory is what the process has for itself."""

    cell_seconds: float = 0
    notebook_seconds: float = 0
    memory_mb: int = 0


NO_LIMITS = Limits()


def execute(
    source: Path,
    target: Path,
    parameters: dict[str, Any],
    progress: Progress,
    ready: Ready | None = None,
    limits: Limits = NO_LIMITS,
) -> str:
    """Run a notebook into ``target``, working in its folder. What went wrong, or nothing.

    The executed notebook is written either way. Times, paths and the environment are taken
    out of it, so that the same account gives the same bytes. ``ready``: the process, where one
    was begun earlier.
    """
    block()
    import nbformat
    from papermill.exceptions import PapermillExecutionError

    begun: list[NotebookNode] = []
    cells = len(nbformat.read(source, as_version=4).cells) + 1
    problem = ""
    with ExitStack() as stack:
        try:
            done = _papermill(
                source,
                target,
                parameters,
                timeout_func=_deadline(limits),
                on_notebook_start=lambda notebook: begun.append(notebook),
                on_cell_start=lambda cell_index, **_: progress(f"Cell {cell_index + 1} of {cells}"),
                **_engine(ready or stack.enter_context(Ready()), limits.memory_mb, stack),
            )
        except PapermillExecutionError as error:
            done = nbformat.read(target, as_version=4)
            problem = f"The notebook stopped with {error.ename}: {error.evalue}"
            problem = problem.rstrip(".") + "."
        except Exception as error:
            if isinstance(error, OSError) and not isinstance(error, TimeoutError):
                raise  # the disk is full, or what was written to is gone
            if not begun:
                raise RunError(f"The notebook could not be started: {error}") from error
            done = begun[0]
            problem = f"The notebook was cut off: {str(error).strip().splitlines()[0]}"
    _strip(done)
    if problem:
        _hide_paths(done, target.parent)
    nbformat.write(done, target)
    return problem


def _papermill(
    source: Path, target: Path, parameters: dict[str, Any], **given: Any
) -> "NotebookNode":
    import papermill

    return papermill.execute_notebook(
        str(source),
        # Papermill reads braces in a path as the names of parameters.
        str(target).replace("{", "{{").replace("}", "}}"),
        parameters,
        kernel_name="python3",
        progress_bar=False,
        request_save_on_cell_execute=False,
        autosave_cell_every=0,
        resources={"metadata": {"path": str(target.parent)}},
        **given,
    )


def _engine(ready: Ready, memory_mb: int, stack: ExitStack) -> dict[str, Any]:
    """A warm process, or a kernel of this Python where there can be none."""
    if ready.reason:
        private = stack.enter_context(tempfile.TemporaryDirectory(prefix="audit-"))
        from audit.engine.own_kernel import settings

        return settings(private, environment())
    return {
        "engine_name": "audit-warm",
        "spawn": ready.spawn,
        "environment": environment(),
        "memory_mb": memory_mb,
        "record_timing": False,
    }


def _deadline(limits: Limits) -> Callable[[Any], float | None]:
    """How long a cell may take that begins now."""
    until = time.monotonic() + limits.notebook_seconds

    def left(_: Any) -> float | None:
        rest = limits.cell_seconds or float("inf")
        if limits.notebook_seconds:
            rest = min(rest, max(until - time.monotonic(), 0.01))
        return None if rest == float("inf") else rest

    return left


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
