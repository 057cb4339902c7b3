"""A fork copies one thread only, so a process to fork from has to have one.

Single-threaded sums are also the same sums on every machine.
"""

import os
from pathlib import Path

#: Libraries that start a thread of their own at import, told not to.
VARIABLES = {
    "OPENBLAS_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}


def ask() -> None:
    """Ask this process's libraries for one thread. Before their first import."""
    for name, value in VARIABLES.items():
        os.environ.setdefault(name, value)


def threads() -> int:
    """How many threads this process has."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())
