"""What a warm process has done before the first notebook: a kernel, and the imports.

The shell is there before the imports, and these happen inside its builtin trap: libraries ask at
import time whether they are in a notebook, and pandas chooses other display options if not.
A library that starts threads at import is refused, because a fork copies one thread only; the
notebook then imports it itself.
"""

import gc
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.engine.one_thread import threads

if TYPE_CHECKING:
    from ipykernel.ipkernel import IPythonKernel

#: What our notebooks import; ``module:function`` is called as well.
#: A connection that stays open over the fork would keep threads, which a fork does not copy.
MODULES = (
    "pandas",
    "altair",
    "duckdb",
    "audit.findings.examine",
    "audit.findings.document",
    "audit.open",
    "audit.roi",
    "audit.views",
    "audit.engine.warm_up:audits",
    "audit.engine.warm_up:charts",
)

#: What a whole account needs around its notebook.
RUN_MODULES = (
    *MODULES,
    "papermill",
    "nbformat",
    "markdown_it",
    "audit.engine.warm",
    "audit.report.page",
    "audit.run",
    "ipywidgets",  # DuckDB looks for it when it opens a file
    "audit.engine.warm_up:notebooks",
    "audit.engine.warm_up:account",
)


@dataclass(frozen=True)
class Warm:
    """``kernel`` is used by whoever is forked; ``refused`` modules start threads at import."""

    kernel: "IPythonKernel"
    refused: tuple[str, ...]


#: This process's own state, where it is one to fork from or was forked from one.
state: Warm | None = None


def warm(folder: str, modules: Sequence[str] = MODULES, *, to_fork: bool = True) -> Warm:
    """Make this process one to fork from, once; it needs a single thread.

    ``folder`` becomes IPython's: an empty one, so that nobody's settings are in it. Without
    ``to_fork`` it runs one notebook itself, and is not searched for garbage before.
    """
    global state
    if state is not None:
        return state
    from audit.engine.kernel import built

    gc.disable()  # nothing that an import makes is garbage, and looking for it takes a tenth
    kernel = built(folder)
    refused = []
    with kernel.shell.builtin_trap:
        for name in modules:
            before = threads()
            module, _, function = name.partition(":")
            try:
                loaded = importlib.import_module(module)
            except ModuleNotFoundError as error:
                if error.name == module:
                    continue  # of an extra that is not installed; a notebook says so if it asks
                raise
            if function:
                getattr(loaded, function)()
            if threads() > before:
                refused.append(name)
    if to_fork:
        gc.collect()
    gc.freeze()
    gc.enable()
    sys.stdout.flush()
    state = Warm(kernel, tuple(refused))
    return state
