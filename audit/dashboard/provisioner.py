"""Kernels of visitors, each forked from the one warm process of the server.

Jupyter starts and ends them as any other; only how the process comes to be is ours.
"""

import os
import signal
import time
from contextlib import suppress
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from tornado.web import HTTPError

from audit.dashboard import serving
from audit.engine.channel import encoded
from audit.engine.environment import KNOWN
from audit.engine.forked import Forked
from audit.engine.processes import end
from audit.errors import RunError

NAME = "account-audit-visitor"
READY_SECONDS = 60.0
TASK = "audit.engine.full_kernel:serve"
#: What Voila tells a kernel of a request; of everything else a kernel learns nothing.
OF_REQUEST = ("QUERY_STRING", "HTTP_X_AUDIT_USER", "HTTP_X_AUDIT_ROLE")


class Client(AsyncKernelClient):
    """Asks a kernel whether it is there, until it is heard on both channels.

    Jupyter's own then listens until nothing has come for 0.2 s, on the chance that a kernel says
    more; one that was just forked has nothing more to say.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait for it. One that died, or is ended here because it was not ready in time, is left
        to the first cell to find: Voila never ends a page whose kernel fails before its cells."""
        end = time.monotonic() + (timeout or READY_SECONDS)
        while not await self._heard(self.kernel_info()):
            if not await self.is_alive():
                return
            if time.monotonic() > end and isinstance(self.parent, Manager):
                await self.parent.signal_kernel(signal.SIGKILL)

    async def _heard(self, asked: str) -> bool:
        """Whether the answer came, and what is broadcast of it: what a kernel broadcasts before
        somebody listens is lost, and so would be what a page shows.

        A slow kernel answers questions that were given up as well, and these are not the answer.
        """
        with suppress(Empty):
            while not _answers(said := await self.shell_channel.get_msg(timeout=1.0), asked):
                pass
            self._handle_kernel_info_reply(said)
            while True:
                told = await self.iopub_channel.get_msg(timeout=0.1)
                if _answers(told, asked) and _is_idle(told):
                    return True
        return False


def _answers(message: dict[str, Any], asked: str) -> bool:
    return bool(message["parent_header"].get("msg_id") == asked)


def _is_idle(told: dict[str, Any]) -> bool:
    return told["msg_type"] == "status" and told["content"].get("execution_state") == "idle"


class Manager(ServerKernelManager):
    """A kernel of ours, with such a client."""

    client_class = f"{__name__}.Client"
    client_factory = Client


class _Process:
    """A forked process as Jupyter expects one of ``subprocess``."""

    stdin = stdout = stderr = None

    def __init__(self, forked: Forked, generation: "serving.Generation") -> None:
        self.pid = forked.process
        self.returncode: int | None = None
        self._forked, self._generation = forked, generation

    def poll(self) -> int | None:
        if self.returncode is None:
            try:
                ended = self._generation.zygote.has_ended(self.pid)
            except (
                RunError,
                OSError,
                ValueError,
            ):  # the process it was forked from is gone, and so is it
                self.returncode = -signal.SIGKILL
            else:
                if ended is not None:
                    self.returncode = os.waitstatus_to_exitcode(ended.status)
            if self.returncode is not None:
                self._forked.channel.close()
                self._generation.left(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:  # noqa: ARG002 - Jupyter's
        return self.poll()

    def send_signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        end(self.pid)


class VisitorProvisioner(LocalProvisioner):
    """Forks instead of starting a command."""

    async def pre_launch(self, **given: Any) -> dict[str, Any]:
        assert self.parent is not None
        self._connection_file = self.parent.connection_file
        return await super().pre_launch(**given)

    async def launch_kernel(
        self,
        cmd: list[str],  # noqa: ARG002 - there is none to run
        **given: Any,
    ) -> KernelConnectionInfo:
        try:
            generation = serving.current()
            forked = generation.fork(TASK)
        except RunError as error:
            raise HTTPError(503, str(error)) from None
        asked = given.get("env") or {}
        environment = {name: value for name, value in asked.items() if KNOWN.fullmatch(name)}
        environment |= {name: asked[name] for name in OF_REQUEST if name in asked}
        forked.channel.sendall(
            encoded(
                {
                    "environment": environment | generation.told(),
                    "folder": str(generation.folder),
                    "connection_file": str(self._connection_file),
                    "memory_mb": generation.memory_mb,
                }
            )
        )
        process: Any = _Process(forked, generation)
        self.process = process
        self.pid = self.pgid = forked.process
        return self.connection_info
