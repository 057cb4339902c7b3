"""The processes of a pool: forked from a warm one, or spawned where there can be none."""

import multiprocessing
import os
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from audit.engine import one_thread
from audit.engine.channel import CHUNK, Message, encoded
from audit.engine.processes import Exit
from audit.engine.zygote import CALL, Zygote


class ForkedWorker:
    """A fresh process of a zygote."""

    def __init__(self, zygote: Zygote, begin: Message) -> None:
        self._forked = zygote.spawn(CALL)
        self.channel = self._forked.channel
        with suppress(OSError):  # gone already: the end of the channel tells
            self.channel.sendall(encoded(begin))

    def read(self) -> bytes:
        try:
            return self.channel.recv(CHUNK)
        except OSError:
            return b""

    def interrupt(self) -> None:
        self._forked.interrupt()

    def close(self) -> Exit:
        return self._forked.close()


class SpawnedWorker:
    """A new Python, on any platform. It does its imports itself."""

    def __init__(self, begin: Message) -> None:
        spawning = multiprocessing.get_context("spawn")
        self.channel, theirs = spawning.Pipe()
        self._process = spawning.Process(target=_answer, args=(theirs, begin), daemon=False)
        self._process.start()
        theirs.close()

    def read(self) -> bytes:
        try:
            return self.channel.recv_bytes()
        except (EOFError, OSError):
            return b""

    def interrupt(self) -> None:
        if sys.platform == "win32":
            self._process.terminate()
        elif self._process.pid:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGINT)

    def close(self) -> Exit:
        self._process.join(0.5)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        self.channel.close()
        code = self._process.exitcode or 0
        return Exit(-code if code < 0 else code << 8)


def _answer(channel: "Connection[Any, Any]", begin: Message) -> None:
    from audit.engine.slow_import import block

    block()
    one_thread.ask()
    from audit.engine.call import answer

    answer(begin, lambda told: channel.send_bytes(encoded(told)))
