"""What a notebook's process may know of the environment: no key is within its reach."""

import os
import re
from pathlib import Path

from audit.engine import one_thread

KNOWN = re.compile(
    r"PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|VIRTUAL_ENV|PYTHON(PATH|HOME|HASHSEED|UTF8)|"
    r"LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|OMP_NUM_THREADS|COVERAGE_\w+|SYSTEMROOT|TEMP"
)


def environment() -> dict[str, str]:
    """All variables of such a process, with this package in its reach."""
    kept = {name: value for name, value in os.environ.items() if KNOWN.fullmatch(name)}
    here = str(Path(__file__).parents[2])
    path = [here, *filter(None, kept.get("PYTHONPATH", "").split(os.pathsep))]
    path = list(dict.fromkeys(path))
    return {**kept, **one_thread.VARIABLES, "PYTHONPATH": os.pathsep.join(path)}
