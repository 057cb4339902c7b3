"""A whole Jupyter kernel, with its sockets, in a process forked from a warm one.

For pages that stay: their widgets speak to the kernel for as long as somebody looks.
"""

import os
import random
import signal
import socket

from audit.engine.channel import receive
from audit.engine.preload import Warm
from audit.engine.processes import data_mb, environment_is, limited


def serve(warm: Warm, channel: socket.socket) -> None:
    """Be the kernel of a connection file until told to end.

    The one message: ``environment`` (all variables), ``folder`` to work in, ``connection_file``,
    and ``memory_mb`` on top of what it is born with (0 is no limit).
    """
    begin = receive(channel)
    if begin is None:
        return
    given = begin[0]
    environment_is(given["environment"])
    os.chdir(given["folder"])
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(name, signal.SIG_DFL)
    random.seed()
    more = int(given.get("memory_mb", 0))
    limited(more and data_mb() + more)
    _forget(warm)
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize(["-f", given["connection_file"], "--IPKernelApp.quiet=True"])
    app.start()


def _forget(warm: Warm) -> None:
    """The kernel without sockets that notebooks have makes room for one that has them."""
    type(warm.kernel.shell).clear_instance()
    type(warm.kernel).clear_instance()
