"""A kernel that is a given Python, with a given environment, behind private sockets."""

from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager


class CurrentPythonManager(AsyncKernelManager):
    """Starts one command whatever kernels the machine has installed.

    Sockets are files in a folder only this user can enter: no port is opened, and the kernel
    does not warn of listeners on the network.
    """

    command: ClassVar[list[str]]
    environment: ClassVar[dict[str, str]]
    folder: ClassVar[str]

    @classmethod
    def into(
        cls, folder: str, command: list[str], environment: dict[str, str]
    ) -> type["CurrentPythonManager"]:
        """A manager of its own, for the kernel manager class of a notebook client."""
        settings = {"command": command, "environment": environment, "folder": folder}
        return type("CurrentPythonManager", (cls,), settings)

    def __init__(self, **settings: Any) -> None:
        # A short path: the name of a socket has room for about a hundred characters.
        connection = str(Path(self.folder) / "kernel.json")
        super().__init__(**{**settings, "transport": "ipc", "connection_file": connection})

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
