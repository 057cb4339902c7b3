"""Messages between two processes: JSON with buffers beside it, over one stream socket.

No pickle: what comes from a process that ran a notebook is data and never code.
"""

import json
import socket
import struct
from datetime import datetime
from typing import Any

HEAD = struct.Struct("!II")
CHUNK = 1 << 20

Message = dict[str, Any]


def encoded(message: Message, buffers: tuple[bytes, ...] = ()) -> bytes:
    """One message as it travels: lengths, JSON, then the buffers, whose lengths the JSON tells."""
    text = json.dumps(
        {"message": message, "sizes": [len(one) for one in buffers]},
        default=_plain,
        ensure_ascii=False,
    ).encode("utf-8", "surrogatepass")
    rest = b"".join(buffers)
    return HEAD.pack(len(text), len(rest)) + text + rest


class Incoming:
    """What has come in so far; gives whole messages."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[tuple[Message, list[bytes]]]:
        """The messages that are whole now, each with its buffers."""
        self._held += data
        whole = []
        while len(self._held) >= HEAD.size:
            text, rest = HEAD.unpack_from(self._held)
            end = HEAD.size + text + rest
            if len(self._held) < end:
                break
            body = bytes(self._held[HEAD.size : end])
            del self._held[:end]
            whole.append(_decoded(body[:text], body[text:]))
        return whole


def receive(channel: socket.socket) -> tuple[Message, list[bytes]] | None:
    """The next message, and not a byte of the one after it; None at the end of the channel."""
    head = _exactly(channel, HEAD.size)
    if len(head) < HEAD.size:
        return None
    text, rest = HEAD.unpack(head)
    body = _exactly(channel, text + rest)
    return _decoded(body[:text], body[text:]) if len(body) == text + rest else None


def _exactly(channel: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := channel.recv(size - len(data))):
        data += more
    return data


def _decoded(text: bytes, rest: bytes) -> tuple[Message, list[bytes]]:
    outer = json.loads(text.decode("utf-8", "surrogatepass"))
    buffers, start = [], 0
    for size in outer["sizes"]:
        buffers.append(rest[start : start + size])
        start += size
    return outer["message"], buffers


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)
