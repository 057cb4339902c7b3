"""The papermill engine ``audit-warm``: ``papermill --engine audit-warm in.ipynb out.ipynb``.

Papermill's metadata, progress bar, logs and error cell stay papermill's. Where a notebook cannot
be forked from this Python (:func:`reason_against`), papermill's own engine runs it with as little
around it as it needs, and the log says why.
"""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from papermill.engines import Engine, NBClientEngine
from papermill.log import logger
from papermill.utils import merge_kwargs, remove_args

from audit.engine import ready
from audit.engine.client import WarmClient
from audit.engine.forked import Forked
from audit.engine.own_kernel import settings
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
        spawn: Callable[[], Forked] | None = None,
        environment: Mapping[str, str] | None = None,
        memory_mb: int = 0,
        **given: Any,
    ) -> None:
        """Run the notebook. ``spawn`` gives the process; by default it is forked from a new one.
        ``environment``: all variables of the notebook's process, by default this one's;
        ``memory_mb``: private memory at most."""
        outputs = {"log_output": log_output, "stdout_file": stdout_file, "stderr_file": stderr_file}
        variables = dict(os.environ if environment is None else environment)
        against = reason_against(kernel_name) if spawn is None else ""
        if against:
            logger.warning("Not on a warm process: %s.", against)
            with TemporaryDirectory(prefix="audit-") as private:
                tuned = settings(private, variables) if is_own(kernel_name) else {}
                NBClientEngine.execute_managed_notebook(
                    nb_man,
                    kernel_name,
                    start_timeout=start_timeout,
                    execution_timeout=execution_timeout,
                    **outputs,
                    **merge_kwargs(given, **tuned),
                )
            return
        chosen = merge_kwargs(
            remove_args(["timeout", "startup_timeout", "input_path"], **given),
            timeout=execution_timeout if execution_timeout else given.get("timeout"),
            log=logger,
            **outputs,
        )
        folder = (given.get("resources") or {}).get("metadata", {}).get("path") or str(Path.cwd())
        begin = {"environment": variables, "folder": folder, "memory_mb": memory_mb}
        if spawn is not None:
            WarmClient(nb_man, spawn, begin, **chosen).execute()
            return
        with Zygote(variables, ()) as own:  # one notebook: it imports what it needs itself
            WarmClient(nb_man, own.spawn, begin, **chosen).execute()


def is_own(kernel_name: str) -> bool:
    """Whether a kernel of this name is IPython's kernel in this very Python."""
    try:
        command = KernelSpecManager().get_kernel_spec(kernel_name).argv
    except NoSuchKernel:
        return kernel_name in OWN_NAMES
    program = Path(command[0])
    own = not program.is_absolute() or program.resolve() == Path(sys.executable).resolve()
    return own and ("ipykernel_launcher" in command or "ipykernel" in command)


def reason_against(kernel_name: str) -> str:
    """Why a notebook of this kernel cannot run in a fork of this Python; empty when it can."""
    if is_own(kernel_name):
        return ready.reason_against()
    return f"the kernel {kernel_name} is not IPython's in this Python"
