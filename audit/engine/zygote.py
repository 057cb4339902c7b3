"""A process that has done the imports and forks one fresh process for every notebook.

It runs no notebook code and opens nothing, so that every child starts from the same state. It has
one thread; whoever asks it may have as many as it likes.
"""

import array
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from audit.engine import one_thread
from audit.engine.forked import Forked
from audit.engine.preload import MODULES, Warm, warm
from audit.engine.processes import Exit, adopt_orphans, end, end_below, forked
from audit.engine.slow_import import STATEMENT
from audit.errors import RunError

MAIN = f"{STATEMENT}; from audit.engine.zygote import main; main()"
MOST = 1 << 16

#: What a forked process does: serve the cells of a notebook, or call a function. Any other task is
#: ``module:function``, which takes the warm state and the channel.
NOTEBOOK, CALL = "notebook", "call"


class Zygote:
    """The handle in the process that wants notebooks run. Use as a context manager."""

    def __init__(self, environment: Mapping[str, str], modules: tuple[str, ...] = MODULES) -> None:
        self._environment = {**environment, **one_thread.VARIABLES}
        self._modules = modules
        self._lock = threading.Lock()
        self._ended: dict[int, Exit] = {}
        self._ready = False
        #: Modules that start threads at import; each notebook imports them itself.
        self.refused: tuple[str, ...] = ()
        self._start()

    def _start(self) -> None:
        self._control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._process = subprocess.Popen(  # noqa: S603 - our own Python and our own text
                [sys.executable, "-P", "-c", MAIN, str(other.fileno()), *self._modules],
                pass_fds=[other.fileno()],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ready(self) -> None:
        """Wait until it can fork. A module that starts threads is left out, in a second attempt.

        Raises: RunError with what it said.
        """
        with self._lock:
            while not self._ready:
                said = self._answer()
                refused = tuple(said.get("refused", ()))
                self._ready = said.get("threads") == 1
                if self._ready:
                    return
                if not refused or self.refused:
                    raise RunError(f"No process to fork notebooks from: {said}.")
                self.refused = refused
                self._modules = tuple(one for one in self._modules if one not in refused)
                self.close()
                self._start()

    def spawn(self, task: str = NOTEBOOK) -> "Forked":
        """A fresh process that runs ``task`` on a new channel."""
        self.ready()
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            self._control.sendmsg(
                [json.dumps({"task": task}).encode()],
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))],
            )
            while "pid" not in (said := self._answer()):
                self._note(said)
        return Forked(int(said["pid"]), ours, self)

    def ended(self, process: int) -> Exit:
        """Wait for the end of one of its children."""
        while True:
            with self._lock:
                if process in self._ended:
                    return self._ended.pop(process)
                if select.select([self._control], [], [], 0.2)[0]:
                    self._note(self._answer())

    def has_ended(self, process: int) -> Exit | None:
        """The end of one of its children, or None while it goes on."""
        with self._lock:
            while select.select([self._control], [], [], 0)[0]:
                self._note(self._answer())
            return self._ended.get(process)

    def is_there(self) -> bool:
        """Whether it has not ended, by itself or by somebody else."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it, and with it every process it forked."""
        self._control.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        end(self._process.pid)
        self._process.wait()

    def _note(self, said: Mapping[str, Any]) -> None:
        if "ended" in said:
            self._ended[int(said["ended"])] = Exit(int(said["status"]), float(said["peak_mb"]))

    def _answer(self) -> dict[str, Any]:
        data = self._control.recv(MOST)
        if not data:
            raise RunError("The warm process is gone. Run it again; report this if it stays.")
        return dict(json.loads(data))


def main() -> None:
    """The zygote's own process: warm up, then fork on request until the other end closes."""
    control = socket.socket(fileno=int(sys.argv[1]))
    with tempfile.TemporaryDirectory(prefix="audit-ipython-") as folder, suppress(OSError):
        try:
            warmed = warm(folder, sys.argv[2:])
        except Exception as error:
            said = f"{type(error).__name__}: {error}"[:1000]
            control.send(json.dumps({"problem": said}).encode())
        else:
            said_ready = {"threads": one_thread.threads(), "refused": warmed.refused}
            control.send(json.dumps(said_ready).encode())
            _fork_on_request(warmed, control)
    os._exit(0)


def _fork_on_request(warmed: Warm, control: socket.socket) -> None:
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    alive: set[int] = set()
    adopt_orphans()
    while True:
        ready: list[Any] = select.select([control.fileno(), wake], [], [])[0]
        if wake in ready:
            os.read(wake, MOST)
            _reap(control, alive)
        if control.fileno() in ready:
            data, descriptors, *_ = socket.recv_fds(control, MOST, 1)
            if not data:
                break
            with socket.socket(fileno=descriptors[0]) as channel:
                task = json.loads(data)["task"]

                def run(own: socket.socket, task: str = task) -> None:
                    signal.set_wakeup_fd(-1)
                    for unused in (control.fileno(), wake, woken):
                        os.close(unused)
                    _run(task, warmed, own)

                child = forked(run, channel)
            alive.add(child)
            control.send(json.dumps({"pid": child}).encode())
    for child in alive:
        end(child)


def _run(task: str, warmed: Warm, channel: socket.socket) -> None:
    if task == NOTEBOOK:
        from audit.engine.child import serve

        serve(warmed, channel)
    elif task == CALL:
        from audit.engine import call

        call.serve(channel)
    else:
        module, _, function = task.partition(":")
        getattr(importlib.import_module(module), function)(warmed, channel)


def _reap(control: socket.socket, alive: set[int]) -> None:
    while alive:
        try:
            child, status, used = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not child:
            return
        end_of_session = child in alive
        alive.discard(child)
        if end_of_session:
            end(child)
            end_below(alive)  # what an ended process left to this one
        told = {"ended": child, "status": status, "peak_mb": used.ru_maxrss / 1024}
        control.send(json.dumps(told).encode())
