"""IPython's kernel without sockets: the same shell, display and comm messages, into a channel.

Libraries look at the shell's class and at ``get_ipython().kernel`` to choose how they show
themselves, so the real classes are used and only their way out is replaced. What a notebook's
outputs are is then decided by the same code as in any other kernel.
"""

import asyncio
import importlib
import io
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import comm
from ipykernel.ipkernel import IPythonKernel
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.session import Session, extract_header
from traitlets.config import Config

from audit.engine.channel import CHUNK, Incoming, encoded

#: Where a message goes; they stand where the sockets would.
IOPUB, SHELL = "iopub", "shell"

#: The kernel's own streams wait as long before they send what is written.
FLUSH_SECONDS = 0.2


class ChannelSession(Session):
    """Writes every message into a channel instead of a socket."""

    channel: socket.socket | None = None
    _sending = threading.RLock()

    def send(
        self,
        stream: Any,
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        ident: Any = None,  # noqa: ARG002 - the signature is given
        buffers: Any = None,
        track: bool = False,  # noqa: ARG002
        header: Any = None,
        metadata: Any = None,
    ) -> Any:
        message = (
            msg_or_type
            if isinstance(msg_or_type, dict)
            else self.msg(msg_or_type, content, parent, header, metadata)
        )
        given = message.pop("buffers", None) or ()
        held = tuple(bytes(memoryview(one)) for one in (buffers or given))
        if self.channel is not None:
            to = SHELL if stream == SHELL else IOPUB
            data = encoded({"to": to, "msg": message}, held)
            with self._sending:
                self.channel.sendall(data)
        return message


class OutStream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of a notebook: text in messages, as the kernel sends it."""

    def __init__(self, session: ChannelSession, name: str, descriptor: int) -> None:
        self.session = session
        self.name = name
        self._descriptor = descriptor
        self._parent: dict[str, Any] = {}
        self._held: list[str] = []
        self._since = 0.0
        self._lock = threading.RLock()

    encoding = "UTF-8"
    errors = "replace"

    def set_parent(self, parent: dict[str, Any]) -> None:
        """Whose output it is from here on."""
        self._parent = extract_header(parent)

    @property
    def parent_header(self) -> dict[str, Any]:
        return self._parent

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        with self._lock:
            now = time.monotonic()
            if self._held and now - self._since > FLUSH_SECONDS:
                self.flush()
            self._since = self._since if self._held else now
            self._held.append(text)
        return len(text)

    def flush(self) -> None:
        with self._lock:
            text, self._held = "".join(self._held), []
            if text:
                content = {"name": self.name, "text": text}
                self.session.send(IOPUB, "stream", content, parent=self._parent)


class Descriptor:
    """What subprocesses and libraries write to descriptor 1 or 2, past ``sys.stdout``."""

    def __init__(self, number: int) -> None:
        self._file = os.memfd_create(f"output-{number}")
        self._read = 0
        os.dup2(self._file, number)

    def new(self) -> str:
        """What came since the last look."""
        end = os.fstat(self._file).st_size
        data = os.pread(self._file, end - self._read, self._read)
        self._read = end
        return data.decode("utf-8", "replace")


def built(ipython_folder: str) -> IPythonKernel:
    """The kernel and its shell, before any library that asks for them is imported."""
    os.environ["IPYTHONDIR"] = ipython_folder
    _without_debugger()
    config = Config()
    config.HistoryManager.enabled = False
    log = logging.getLogger("audit.engine.kernel")
    kernel: IPythonKernel = IPythonKernel.instance(session=ChannelSession(), config=config, log=log)
    shell = kernel.shell
    shell.displayhook.pub_socket = shell.display_pub.pub_socket = IOPUB
    kernel.iopub_socket = IOPUB
    # After an error a kernel drops the requests that wait; here the next is asked for only then.
    kernel._abort_queues = lambda *_: None
    shell.displayhook.get_execution_count = lambda: kernel.execution_count
    shell.extension_manager.load_extension("storemagic")
    comm.create_comm  # noqa: B018 - importing ipykernel made it the kernel's
    InteractiveShell._instance = shell
    return kernel


def _without_debugger() -> None:
    """Nobody attaches to a batch: the debugger's import is slow, starts a thread and complains."""
    if "ipykernel.debugger" in sys.modules:
        return
    there = sys.modules.pop("debugpy", None)
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    try:
        importlib.import_module("ipykernel.debugger")
    finally:
        del sys.modules["debugpy"]
        if there is not None:
            sys.modules["debugpy"] = there


class Serving:
    """A kernel that takes requests from a channel until it is told to stop."""

    def __init__(self, kernel: IPythonKernel, channel: socket.socket) -> None:
        self.kernel = kernel
        self.channel = channel
        kernel.session.channel = channel
        self.descriptors = {1: Descriptor(1), 2: Descriptor(2)}
        sys.stdout = self.stdout = OutStream(kernel.session, "stdout", 1)
        sys.stderr = self.stderr = OutStream(kernel.session, "stderr", 2)

    def run(self) -> None:
        """Until a shutdown or the end of the channel."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        from tornado.ioloop import IOLoop

        self.kernel.io_loop = IOLoop.current()
        self.kernel.shell_channel_thread = _MainThread()
        requests: asyncio.Queue[Any] = asyncio.Queue()
        incoming = Incoming()

        def readable() -> None:
            data = self.channel.recv(CHUNK)
            if not data:
                requests.put_nowait(None)
            for message, buffers in incoming.feed(data):
                requests.put_nowait({**message, "buffers": buffers})

        asyncio.get_running_loop().add_reader(self.channel, readable)
        while (request := await requests.get()) is not None:
            kind = request["header"]["msg_type"]
            if kind == "shutdown_request":
                return
            await self._handled(kind, request)
            if self.kernel.shell.exit_now:
                return

    async def _handled(self, kind: str, request: dict[str, Any]) -> None:
        kernel = self.kernel
        request.setdefault("msg_type", kind)
        kernel.set_parent([], request, channel="shell")
        kernel._publish_status("busy", "shell", request)
        kernel.pre_handler_hook()
        try:
            handler: Callable[..., Any] = kernel.shell_handlers[kind]
            answer = handler(SHELL, [], request)
            if asyncio.iscoroutine(answer):
                await answer
        except KeyboardInterrupt:
            pass
        finally:
            kernel.post_handler_hook()
        self._drained()
        kernel._publish_status("idle", "shell", request)

    def _drained(self) -> None:
        for number, stream in ((1, self.stdout), (2, self.stderr)):
            text = self.descriptors[number].new()
            if text:
                stream.write(text)
            stream.flush()


class _MainThread:
    """Where the kernel looks for the thread that may handle signals."""

    parent_thread = threading.main_thread()
