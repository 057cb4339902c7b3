"""The papermill engine ``audit-warm``: ``papermill --engine audit-warm in.ipynb out.ipynb``.

Papermill's metadata, progress bar, logs and error cell stay papermill's. Where a notebook cannot
be forked from this Python (:func:`reason_against`), papermill's own engine runs it, and the log
says why.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from papermill.engines import Engine, NBClientEngine
from papermill.log import logger
from papermill.utils import merge_kwargs, remove_args

from audit.engine.client import WarmClient
from audit.engine.zygote import Zygote

#: Names of kernels that are this Python wherever no kernelspec says otherwise.
OWN_NAMES = ("python3", "python")


class WarmEngine(Engine):  # type: ignore[misc]
    """Each notebook in a process of its own, forked from one that has done the imports."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        start_timeout: float = 60,
        execution_timeout: float | None = None,
        zygote: Zygote | None = None,
        environment: Mapping[str, str] | None = None,
        memory_mb: int = 0,
        **given: Any,
    ) -> None:
        """Run the notebook. ``zygote``: one that is there already; ``environment``: all variables
        of the notebook's process, by default this one's; ``memory_mb``: private memory at most."""
        against = reason_against(kernel_name) if zygote is None else ""
        if against:
            logger.warning("Not on a warm process: %s.", against)
            NBClientEngine.execute_managed_notebook(
                nb_man,
                kernel_name,
                log_output=log_output,
                stdout_file=stdout_file,
                stderr_file=stderr_file,
                start_timeout=start_timeout,
                execution_timeout=execution_timeout,
                **given,
            )
            return
        settings = merge_kwargs(
            remove_args(["timeout", "startup_timeout", "input_path"], **given),
            timeout=execution_timeout if execution_timeout else given.get("timeout"),
            log=logger,
            log_output=log_output,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
        )
        variables = dict(os.environ if environment is None else environment)
        folder = (given.get("resources") or {}).get("metadata", {}).get("path") or str(Path.cwd())
        begin = {"environment": variables, "folder": folder, "memory_mb": memory_mb}
        if zygote is not None:
            WarmClient(nb_man, zygote.spawn, begin, **settings).execute()
            return
        with Zygote(variables) as own:
            WarmClient(nb_man, own.spawn, begin, **settings).execute()


def reason_against(kernel_name: str) -> str:
    """Why a notebook of this kernel cannot run in a fork of this Python; empty when it can."""
    if not sys.platform.startswith("linux"):
        return f"forking is not safe on {sys.platform}"
    try:
        command = KernelSpecManager().get_kernel_spec(kernel_name).argv
    except NoSuchKernel:
        return "" if kernel_name in OWN_NAMES else f"no kernel is named {kernel_name}"
    program = Path(command[0])
    own = Path(sys.executable)
    if program.is_absolute() and program.resolve() != own.resolve():
        return f"the kernel {kernel_name} is {program.name} of another environment"
    if "ipykernel_launcher" not in command and "ipykernel" not in command:
        return f"the kernel {kernel_name} is not IPython's"
    return ""
