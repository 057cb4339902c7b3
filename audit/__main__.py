"""Entry point of the ``audit`` command and of ``python -m audit``."""

import atexit
import os
import sys
import threading
from contextlib import suppress

from audit.engine import one_thread
from audit.engine.slow_import import block


def main() -> None:
    """Run the command and leave with its exit code."""
    block()
    one_thread.ask()
    from audit.cli.app import app

    try:
        app()
    except SystemExit as end:
        _leave(end.code)


def _leave(code: object) -> None:
    """Leave without taking every library apart first, which takes longer than many commands."""
    if not isinstance(code, int) or threading.active_count() > 1:
        sys.exit(code)  # type: ignore[arg-type]
    with suppress(Exception):
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
