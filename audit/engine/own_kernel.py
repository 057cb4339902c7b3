"""A kernel that is a given Python, with a given environment, behind private sockets."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from audit.engine.slow_import import STATEMENT

COMMAND = f"{STATEMENT}; from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"


def settings(folder: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """For papermill's own engine: a kernel of this Python, at no more cost than it must have.

    ``folder``: a private one. ``environment``: all variables of the kernel.
    """
    command = [sys.executable, "-P", "-c", COMMAND]
    return {
        "kernel_manager_class": CurrentPythonManager.into(
            folder, command, {**environment, "IPYTHONDIR": folder}
        ),
        "shutdown_kernel": "immediate",
        "record_timing": False,
    }


class CurrentPythonManager(AsyncKernelManager):
    """Starts one command whatever kernels the machine has installed.

    Sockets are files in a folder only this user can enter, where the system has such: no port is
    opened, and the kernel does not warn of listeners on the network.
    """

    command: ClassVar[list[str]]
    environment: ClassVar[dict[str, str]]
    folder: ClassVar[str]

    @classmethod
    def into(
        cls, folder: str, command: list[str], environment: dict[str, str]
    ) -> type["CurrentPythonManager"]:
        """A manager of its own, for the kernel manager class of a notebook client."""
        given = {"command": command, "environment": environment, "folder": folder}
        return type("CurrentPythonManager", (cls,), given)

    def __init__(self, **settings: Any) -> None:
        # A short path: the name of a socket has room for about a hundred characters.
        connection = str(Path(self.folder) / "kernel.json")
        transport = "ipc" if os.name == "posix" else "tcp"
        super().__init__(**{**settings, "transport": transport, "connection_file": connection})

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(
            argv=[*self.command, "-f", "{connection_file}", "--HistoryManager.enabled=False"],
            display_name="Python 3",
            language="python",
        )

    # The base class names a function of its own here that is run to its end or awaited.
    async def start_kernel(self, **settings: Any) -> None:  # type: ignore[override]
        await super().start_kernel(**{**settings, "env": self.environment})
