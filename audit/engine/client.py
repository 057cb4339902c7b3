"""Papermill's notebook client on a forked process instead of a kernel behind sockets.

Only the way to the kernel is replaced. What becomes of its messages (streams, updates of a
display, widgets and their outputs, errors, timeouts) is nbclient's own code.
"""

import asyncio
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty
from typing import Any

import nbformat
from dateutil.parser import isoparse
from ipykernel.ipkernel import IPythonKernel
from jupyter_client.session import Session
from nbclient.exceptions import DeadKernelError
from nbclient.util import run_hook, run_sync
from papermill.clientwrap import PapermillNotebookClient

from audit.engine.channel import CHUNK, Incoming, encoded
from audit.engine.forked import Forked
from audit.engine.processes import Exit

#: A notebook's own exit handlers have so long.
GRACE_SECONDS = 1.0


class ProcessDiedError(DeadKernelError):  # type: ignore[misc]
    """The notebook's process ended while a cell ran; the message says how."""


class Connection:
    """What nbclient asks of a kernel client, on the channel of a forked process."""

    def __init__(self, forked: Forked, begin: dict[str, Any]) -> None:
        self.forked = forked
        self.session = Session()
        self.is_open = True
        self.on_end: Callable[[], None] = lambda: None
        self._incoming = Incoming()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.iopub_channel = Received(self)
        self.shell_channel = Received(self)
        forked.channel.sendall(encoded(begin))
        forked.channel.setblocking(True)

    def execute(self, code: str, store_history: bool = True, stop_on_error: bool = True) -> str:
        """Ask for a cell; the id of the request."""
        content = {
            "code": code,
            "silent": False,
            "store_history": store_history,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": stop_on_error,
        }
        message = self.session.msg("execute_request", content)
        self.send(message)
        return str(message["header"]["msg_id"])

    def send(self, message: dict[str, Any]) -> None:
        """A request on its way. A process that is gone is noticed when it does not answer."""
        try:
            self.forked.channel.sendall(encoded(dict(message)))
        except OSError:
            self.is_open = False

    async def is_alive(self) -> bool:
        return self.is_open

    def attach(self) -> None:
        """Read in the loop that waits now."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop and self.is_open:
            self.detach()
            loop.add_reader(self.forked.channel, self._readable)
            self._loop = loop

    def detach(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self.forked.channel)
        self._loop = None

    def _readable(self) -> None:
        try:
            data = self.forked.channel.recv(CHUNK)
        except OSError:
            data = b""
        if not data:
            self.is_open = False
            self.detach()
            self.on_end()
            return
        for outer, buffers in self._incoming.feed(data):
            if "msg" not in outer:  # a cell asked the process to end
                self.forked.note(outer)
                continue
            message = outer["msg"]
            message["buffers"] = buffers
            message["header"]["date"] = isoparse(message["header"]["date"])
            channel = self.shell_channel if outer["to"] == "shell" else self.iopub_channel
            channel.put(message)


class Received:
    """The messages of one channel, in order."""

    def __init__(self, of: Connection) -> None:
        self._of = of
        self._held: deque[dict[str, Any]] = deque()
        self._waiting: asyncio.Future[None] | None = None

    def put(self, message: dict[str, Any]) -> None:
        self._held.append(message)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Raises: queue.Empty after ``timeout`` seconds, as a kernel client does."""
        self._of.attach()
        while not self._held:
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                await asyncio.wait_for(self._waiting, timeout)
            except TimeoutError:
                raise Empty from None
        return self._held.popleft()

    def send(self, message: dict[str, Any]) -> None:
        """Widgets answer their kernel on the shell channel."""
        self._of.send(message)


class WarmClient(PapermillNotebookClient):  # type: ignore[misc]
    """Runs a papermill notebook in a process that ``fork`` gives."""

    def __init__(
        self, nb_man: Any, fork: Callable[[], Forked], begin: dict[str, Any], **given: Any
    ) -> None:
        super().__init__(nb_man, **given)
        self._fork = fork
        self._begin = begin
        self.ending: Exit | None = None

    def execute(self, **_: Any) -> Any:
        """Run every cell. Raises: ProcessDiedError, and what nbclient raises."""
        self.reset_execution_trackers()
        with self._forked():
            run_sync(run_hook)(self.on_notebook_start, notebook=self.nb)
            self.papermill_execute_cells()
            run_sync(run_hook)(self.on_notebook_complete, notebook=self.nb)
            self.nb.metadata["language_info"] = nbformat.from_dict(IPythonKernel.language_info)
            self.set_widgets_metadata()
        return self.nb

    @contextmanager
    def _forked(self) -> Iterator[None]:
        forked = self._fork()
        self.kc = connection = Connection(forked, self._begin)
        connection.on_end = self._cut
        try:
            yield
        finally:
            connection.send(self._session_end())
            connection.detach()
            self.ending = forked.close(GRACE_SECONDS)

    def _session_end(self) -> dict[str, Any]:
        return {"header": {"msg_type": "shutdown_request", "msg_id": uuid.uuid4().hex}}

    def _cut(self) -> None:
        task = getattr(self, "task_poll_for_reply", None)
        if task is not None and not task.done():
            task.cancel()

    def execute_cell(self, cell: Any, cell_index: int, **given: Any) -> Any:
        """As nbclient does; the end of the process is told in the cell that it happened in."""
        try:
            return super().execute_cell(cell, cell_index, **given)
        except DeadKernelError as error:
            assert self.kc is not None
            how = self.kc.forked.wait().text or "had been asked to end"
            when = "while" if self.kc.forked.wait().text else "when"
            told = f"The notebook's process {how} {when} this cell ran."
            cell.outputs.append(
                nbformat.v4.new_output(
                    "error", ename="ProcessDied", evalue=told, traceback=[f"ProcessDied: {told}"]
                )
            )
            raise ProcessDiedError(told) from error
