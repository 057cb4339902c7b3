"""A function called in a process of its own; what it gives and what it says go back as data."""

import importlib
import signal
import socket
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from audit.engine.channel import Message, encoded, receive
from audit.engine.processes import environment_is, limited, peak_private_mb
from audit.errors import AuditError

Say = Callable[[Message], None]
Target = Callable[[dict[str, Any], Callable[[str], None]], dict[str, Any]]


def serve(channel: socket.socket) -> None:
    """Answer the one call that comes through the channel."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    begin = receive(channel)
    if begin is None:
        return

    def say(told: Message) -> None:
        with suppress(OSError):  # whoever asked is gone, and so is this process next
            channel.sendall(encoded(told))

    answer(begin[0], say)


def answer(begin: Message, say: Say) -> None:
    """Call ``begin["target"]`` (``module:function``) with its ``payload``.

    ``environment`` and ``memory_mb`` are this process's from here on. It says ``progress`` lines,
    then ``result`` or ``problem`` (one line) with ``peak_private_mb``. What is not an AuditError is
    a defect, and its traceback is told as ``trace``.
    """
    environment_is(begin["environment"])
    limited(int(begin.get("memory_mb", 0)))
    told = _called(begin["target"], begin["payload"], lambda text: say({"progress": text}))
    say({**told, "peak_private_mb": peak_private_mb()})


def _called(target: str, payload: dict[str, Any], progress: Callable[[str], None]) -> Message:
    module, _, name = target.partition(":")
    try:
        function: Target = getattr(importlib.import_module(module), name)
        return {"result": function(payload, progress)}
    except AuditError as error:
        return {"problem": " ".join(str(error).split())}
    except MemoryError:
        return {"problem": "It ran out of memory. Give it more, or run fewer at a time."}
    except KeyboardInterrupt:
        return {"problem": "It was interrupted."}
    except Exception as error:
        text = " ".join(f"{type(error).__name__}: {error}".split())
        return {"problem": f"It failed with {text}.", "trace": traceback.format_exc()}
