"""The handle of one forked process: its channel, and its end."""

import os
import signal
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

from audit.engine.channel import CHUNK, Incoming
from audit.engine.processes import Exit, end, note_below


class Parent(Protocol):
    """Whoever can wait for the process, because it forked it."""

    def ended(self, process: int) -> Exit: ...


class Forked:
    """One forked process. ``of`` waits for it."""

    def __init__(self, process: int, channel: socket.socket, of: Parent) -> None:
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

    @staticmethod
    def note(last: Mapping[str, Any]) -> None:
        """What a process that ends by itself says last: how much memory it took."""
        note_below(float(last.get("peak_private_mb", 0)))

    def close(self, grace_seconds: float = 0) -> Exit:
        """Its end: by itself within the grace, else killed, and what it started with it."""
        with suppress(OSError):
            self.channel.settimeout(grace_seconds or None)
            last = Incoming()
            while grace_seconds and (data := self.channel.recv(CHUNK)):
                for message, _ in last.feed(data):
                    self.note(message)
        end(self.process)
        self.channel.close()
        return self.wait()
