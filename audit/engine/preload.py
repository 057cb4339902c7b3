"""What a warm process has done before the first notebook: a kernel, and the imports.

The shell is there before the imports, and these happen inside its builtin trap: libraries ask at
import time whether they are in a notebook, and pandas chooses other display options if not.
A library that starts threads at import is refused, because a fork copies one thread only; the
notebook then imports it itself.
"""

import gc
import importlib
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.engine.processes import threads

if TYPE_CHECKING:
    from ipykernel.ipkernel import IPythonKernel

#: Imported only, never used: a connection or a query before the fork would start threads.
MODULES = (
    "pandas",
    "altair",
    "duckdb",
    "papermill",
    "nbformat",
    "markdown_it",
    "audit.findings.examine",
    "audit.findings.document",
    "audit.open",
    "audit.roi",
    "audit.views",
    "audit.run",
    "audit.report.page",
)


@dataclass(frozen=True)
class Warm:
    """``kernel`` is used by whoever is forked; ``refused`` modules start threads at import;
    ``folder`` is IPython's, empty of anybody's settings."""

    kernel: "IPythonKernel"
    refused: tuple[str, ...]
    folder: str


def warm(modules: Sequence[str] = MODULES) -> Warm:
    """Make this process one to fork from. Call it once, in a process with a single thread."""
    from audit.engine.kernel import built

    folder = tempfile.mkdtemp(prefix="audit-ipython-")
    kernel = built(folder)
    refused = []
    with kernel.shell.builtin_trap:
        for name in modules:
            before = threads()
            importlib.import_module(name)
            if threads() > before:
                refused.append(name)
    gc.collect()
    gc.freeze()
    sys.stdout.flush()
    return Warm(kernel, tuple(refused), folder)
