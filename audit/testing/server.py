"""A vendor on a loopback socket: real HTTP, state in memory, the vendor's own rules and faults.

A fake keeps what it is told, counts what it is asked, holds its limits, and goes wrong on demand
as the real one would. It sees every client, whichever library that speaks with.
"""

import base64
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

#: (requests, seconds) that a fake lets through.
Limits = tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Asked:
    """One request as it came. ``body``: what its JSON or form says; None without."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What goes back: JSON of ``body``, or ``raw`` bytes as they are. ``drops`` closes the
    connection instead, ``waits`` seconds come before it."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    drops: bool = False
    waits: float = 0.0
    content_type: str = "application/json"


#: A fault: an answer in place of the right one, or what becomes of the right one.
Fault = Answer | Callable[[Asked, Callable[[], Answer]], Answer]


class Fake:
    """One vendor. Use as a context manager; ``url`` is where it listens.

    ``latency``: seconds before every answer, as of a vendor far away. ``limits``: requests it
    takes before it says 429; None is its own.
    """

    name = ""
    own_limits: Limits = ()

    def __init__(
        self, *, key: str = "test-key", latency: float = 0.0, limits: Limits | None = None
    ) -> None:
        self.key = key
        self.latency = latency
        self.limits = self.own_limits if limits is None else limits
        self.lock = threading.RLock()
        self.asked: list[Asked] = []
        self._faults: list[tuple[str, str, Fault]] = []
        self._taken: deque[float] = deque()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, part: str, *faults: Fault, method: str = "") -> None:
        """These faults, one each, for the next requests whose path holds ``part``."""
        with self.lock:
            self._faults += [(method, part, fault) for fault in faults]

    def well(self) -> None:
        """No more faults, and nothing asked yet."""
        with self.lock:
            self._faults.clear()
            self.asked.clear()
            self._taken.clear()

    @property
    def writes(self) -> list[Asked]:
        """What was asked that could change something."""
        return [one for one in self.asked if one.method != "GET"]

    def answered(self, asked: Asked) -> Answer:
        """The answer to one request, with latency, faults, limits and the check of the key."""
        if self.latency:
            time.sleep(self.latency)
        with self.lock:
            self.asked.append(asked)
            fault = self._fault(asked)
            if fault is None and self._is_over():
                return self.throttled()
        if isinstance(fault, Answer):
            return fault
        if fault is not None:
            return fault(asked, lambda: self._right(asked))
        return self._right(asked)

    def _right(self, asked: Asked) -> Answer:
        if not self.knows(asked):
            return self.unknown_key()
        with self.lock:
            return self.answer(asked)

    def _fault(self, asked: Asked) -> Fault | None:
        for place, (method, part, fault) in enumerate(self._faults):
            if part in asked.path and method in ("", asked.method):
                del self._faults[place]
                return fault
        return None

    def _is_over(self) -> bool:
        now = time.monotonic()
        longest = max((seconds for _, seconds in self.limits), default=0.0)
        while self._taken and now - self._taken[0] >= longest:
            self._taken.popleft()
        for requests, seconds in self.limits:
            if len(self._taken) >= requests and now - self._taken[-requests] < seconds:
                return True
        if self.limits:
            self._taken.append(now)
        return False

    def knows(self, asked: Asked) -> bool:
        """Whether the request carries the key: as a bearer token, unless a vendor differs."""
        return asked.headers.get("authorization") == f"Bearer {self.key}"

    def unknown_key(self) -> Answer:
        return Answer({"error": "Unauthorized"}, 401)

    def throttled(self) -> Answer:
        return Answer({"error": "Too many requests"}, 429, {"Retry-After": "1"})

    def answer(self, asked: Asked) -> Answer:
        """The vendor's own answer. Nothing else runs meanwhile."""
        raise NotImplementedError


def basic(user: str, password: str) -> str:
    """The Authorization header of a user and password."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def drops(_: Asked, right: Callable[[], Answer]) -> Answer:
    """A fault: the request is carried out and its answer is lost."""
    right()
    return Answer(drops=True)


def cut_off(_: Asked, right: Callable[[], Answer]) -> Answer:
    """A fault: the first half of the right answer."""
    whole = json.dumps(right().body).encode()
    return Answer(raw=whole[: len(whole) // 2])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, fake: Fake) -> None:
        self.fake = fake
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left is no event."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave in one packet; in two the second would wait for the client.
    wbufsize = 1 << 16
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            _said(self.rfile.read(length), self.headers.get("Content-Type") or ""),
            {name.lower(): value for name, value in self.headers.items()},
        )
        answer = self.server.fake.answered(asked)
        if answer.waits:
            time.sleep(answer.waits)
        if answer.drops:
            self.close_connection = True
            self.connection.close()
            return
        data = json.dumps(answer.body).encode() if answer.raw is None else answer.raw
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - named by the base class

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: what was asked stands in ``Fake.asked``."""


def _said(data: bytes, kind: str) -> Any:
    if not data:
        return None
    if "json" in kind:
        return json.loads(data)
    return dict(parse_qsl(data.decode(), keep_blank_values=True))
