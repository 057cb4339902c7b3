"""The process of one notebook, from the fork to its end: nothing of its parent's is left in it."""

import atexit
import os
import random
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

from audit.engine.channel import encoded, receive
from audit.engine.preload import Warm
from audit.engine.processes import environment_is, limited, peak_private_mb

INLINE_PLOTS = "module://matplotlib_inline.backend_inline"


def serve(warm: Warm, channel: socket.socket) -> None:
    """Run the cells that come through ``channel``; what to run them in comes first.

    The first message: ``environment`` (all variables), ``folder`` to work in, and ``memory_mb``
    (0 is no limit).
    """
    from audit.engine.kernel import Serving

    begin = receive(channel)
    if begin is None:
        return
    _alone(begin[0])
    Serving(warm.kernel, channel).run()
    with suppress(Exception):
        atexit._run_exitfuncs()
    with suppress(OSError):
        channel.sendall(encoded({"peak_private_mb": peak_private_mb()}))


def _alone(given: dict[str, Any]) -> None:
    environment_is({"MPLBACKEND": INLINE_PLOTS, **given["environment"]})
    os.chdir(given["folder"])
    added = filter(None, given["environment"].get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:] = ["", *(one for one in (*added, *sys.path) if one)]
    sys.path[:] = list(dict.fromkeys(sys.path))
    with open(os.devnull) as nothing:  # noqa: PTH123 - a descriptor is what is wanted
        os.dup2(nothing.fileno(), 0)
    for name in (signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(name, signal.SIG_DFL)
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
    atexit._clear()
    limited(int(given.get("memory_mb", 0)))
