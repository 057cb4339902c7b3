"""A process that has done the imports and forks one fresh process for every notebook.

It runs no notebook code and opens nothing, so that every child starts from the same state. It has
one thread; whoever asks it may have as many as it likes.
"""

import array
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from audit.engine.preload import MODULES, Warm, warm
from audit.engine.processes import Exit, end, forked, threads
from audit.engine.slow_import import STATEMENT
from audit.errors import RunError

MAIN = f"{STATEMENT}; from audit.engine.zygote import main; main()"
MOST = 1 << 16

#: Libraries that start a thread of their own at import, told not to; a fork copies one thread.
SINGLE_THREADED = {
    "OPENBLAS_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}


class Zygote:
    """The handle in the process that wants notebooks run. Use as a context manager."""

    def __init__(self, environment: Mapping[str, str], modules: tuple[str, ...] = MODULES) -> None:
        self._environment = {**environment, **SINGLE_THREADED}
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

    def spawn(self, task: str = "notebook") -> "Forked":
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


class Forked:
    """One forked process: its channel, and its end."""

    def __init__(self, process: int, channel: socket.socket, of: Zygote) -> None:
        self.process = process
        self.channel = channel
        self._of = of
        self._exit: Exit | None = None

    def interrupt(self) -> None:
        """As Ctrl-C would."""
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGINT)

    def wait(self) -> Exit:
        """Its end, waited for once."""
        if self._exit is None:
            self._exit = self._of.ended(self.process)
        return self._exit

    def close(self, grace_seconds: float = 0) -> Exit:
        """Its end: by itself within the grace, else killed, and what it started with it."""
        with suppress(OSError):
            self.channel.settimeout(grace_seconds or None)
            while grace_seconds and self.channel.recv(MOST):
                pass
        end(self.process)
        self.channel.close()
        return self.wait()


def main() -> None:
    """The zygote's own process: warm up, then fork on request until the other end closes."""
    control = socket.socket(fileno=int(sys.argv[1]))
    try:
        warmed = warm(sys.argv[2:])
    except Exception as error:
        control.send(json.dumps({"problem": f"{type(error).__name__}: {error}"[:1000]}).encode())
        os._exit(1)
    control.send(json.dumps({"threads": threads(), "refused": warmed.refused}).encode())
    _fork_on_request(warmed, control)
    shutil.rmtree(warmed.folder, ignore_errors=True)
    os._exit(0)


def _fork_on_request(warmed: Warm, control: socket.socket) -> None:
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    alive: set[int] = set()
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
    assert task == "notebook"
    from audit.engine.child import serve

    serve(warmed, channel)


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
        told = {"ended": child, "status": status, "peak_mb": used.ru_maxrss / 1024}
        control.send(json.dumps(told).encode())
