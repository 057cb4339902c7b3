"""Kernels of visitors, each forked from the one warm process of the server.

Jupyter starts and ends them as any other; only how the process comes to be is ours.
"""

import os
import signal
from contextlib import suppress
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from audit.dashboard import serving
from audit.engine.channel import encoded
from audit.engine.environment import KNOWN
from audit.engine.forked import Forked
from audit.engine.processes import end
from audit.errors import RunError

NAME = "account-audit-visitor"
TASK = "audit.engine.full_kernel:serve"
#: What Voila tells a kernel of a request; of everything else a kernel learns nothing.
OF_REQUEST = ("QUERY_STRING", "HTTP_X_AUDIT_USER", "HTTP_X_AUDIT_ROLE")


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
            except (RunError, OSError):  # the process it was forked from is gone, and so is it
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
        generation = serving.current()
        forked = generation.fork(TASK)
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
