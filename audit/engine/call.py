"""A function called in a process of its own; what it gives and what it says go back as data."""

import importlib
import socket
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from audit.engine.channel import encoded, receive
from audit.engine.processes import environment_is, limited, peak_private_mb
from audit.errors import AuditError

Target = Callable[[dict[str, Any], Callable[[str], None]], dict[str, Any]]


def answer(channel: socket.socket) -> None:
    """Call what the channel's first message names, and answer into the channel.

    The message: ``target`` (``module:function``), ``payload``, ``environment``, ``memory_mb``.
    Answers: ``progress`` lines, then ``result`` or ``problem``, and ``peak_private_mb``.
    """
    begin = receive(channel)
    if begin is None:
        return

    def say(**told: Any) -> None:
        with suppress(OSError):  # whoever asked is gone, and kills this process next
            channel.sendall(encoded(told))

    environment_is(begin[0]["environment"])
    limited(int(begin[0].get("memory_mb", 0)))
    told = called(begin[0]["target"], begin[0]["payload"], lambda text: say(progress=text))
    say(**told, peak_private_mb=peak_private_mb())


def called(target: str, payload: dict[str, Any], progress: Callable[[str], None]) -> dict[str, Any]:
    """``{"result": ...}`` or ``{"problem": one line}``; what is not an AuditError is a defect,
    and its traceback is added as ``trace``."""
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
