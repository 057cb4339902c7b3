"""One host, one key: the key on every request to it and to no other, limits, retries."""

import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import timedelta
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2 as httpx
import stamina

from audit.errors import InputError
from audit.web.failures import RETRIED, RequestError, no_json, unreachable
from audit.web.kept import Kept
from audit.web.limits import Limits, SlidingWindow, wait_hint

TIMEOUT_SECONDS = 30.0
ATTEMPTS = 5
LONGEST_BACKOFF_SECONDS = 60.0
SHOWN_WAIT = timedelta(seconds=5)
#: A change is not sent again after this; whoever asked has given it up by then.
WRITE_SECONDS = 60.0


class TryAgain(Exception):  # noqa: N818 - control flow between us and stamina, never escapes
    """An answer worth another attempt, with the wait the vendor asked for."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def safe_base(text: str, option: str, otherwise: str = "https://...") -> str:
    """The address of an API as scheme, host and port. ``option`` is what the caller typed it as.

    Raises: InputError for another scheme, plain http beyond this machine, a path or a password.

    >>> safe_base("https://metabase.example.com/", "url")
    'https://metabase.example.com'
    """
    wanted = text.strip().rstrip("/")
    try:
        parts = urlsplit(wanted)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise InputError(f"{option} {text!r} is no address. Use {otherwise}.") from None
    name = parts.hostname or ""
    odd = parts.path or parts.query or "@" in wanted
    if parts.scheme not in ("http", "https") or not name or odd:
        raise InputError(f"{option} {text!r} is none of {otherwise}.")
    if parts.scheme == "http" and not is_loopback(name):
        raise InputError(
            f"{option} {text!r} would send the key unencrypted. Use https:// (plain http is for "
            "this machine only)."
        )
    shown = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{shown}{port}"


def is_loopback(name: str) -> bool:
    """Whether a host name is this machine."""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


class Connection:
    """Requests to one host. Use as a context manager; safe to use from several threads.

    ``name`` and ``check`` stand in messages: whose host it is, and which setting says so.
    ``headers`` gives the headers with the key, asked anew for each request. ``refused`` makes the
    error of an answer that is not 2xx. ``kept`` remembers answers to reads, to go on after a crash.
    """

    def __init__(
        self,
        base: str,
        name: str,
        *,
        headers: Callable[[], Mapping[str, str]],
        refused: Callable[[httpx.Response, str], RequestError],
        limits: Limits,
        check: str,
        at_once: int = 0,
        timeout: float = TIMEOUT_SECONDS,
        progress: Callable[[str], None] = lambda _: None,
        kept: Kept | None = None,
    ) -> None:
        self.base = base
        self.name = name
        self.check = check
        self.http = httpx.Client(
            base_url=base,
            timeout=httpx.Timeout(timeout),
            follow_redirects=False,
            trust_env=not is_loopback(urlsplit(base).hostname or ""),
            headers={"User-Agent": "account-audit", "Accept": "application/json"},
        )
        self._headers = headers
        self.refusal = refused
        self._progress = progress
        self._window = SlidingWindow(limits)
        self._timeout = timeout
        self._at_once = threading.BoundedSemaphore(at_once) if at_once else nullcontext()
        self._kept = kept
        self.sent = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()

    def read(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        window: SlidingWindow | None = None,
        timeout: float | None = None,
        final: frozenset[int] = frozenset(),
        explain: Callable[[httpx.Response, str], RequestError] | None = None,
    ) -> Any:
        """The JSON of a read, which may be sent again after a lost or failed answer.

        ``path``: of this host, or a full link to it. ``final``: statuses that another attempt
        would only meet again. ``explain``: the error of an answer of this request.

        Raises: RequestError for anything else, in one line.
        """
        where = self.own_path(path)
        asked = (method, path, dict(params or {}), body)
        if self._kept is not None and (known := self._kept.answer(*asked)) is not None:
            return known
        with self._at_once:
            response = self._sent(asked, where, window, timeout, final, lambda _: True)
        answer = self.answer(response, where, explain)
        if self._kept is not None:
            self._kept.keep(*asked, answer)
        return answer

    def write(self, method: str, path: str, *, body: Any, again: bool) -> Any:
        """The JSON of a change. Only ``again`` (the vendor knows a repeated one by its key) sends
        it once more after a lost answer; a 429 was never taken, so it may always.

        Raises: RequestError; with ``status`` None or 5xx it is open whether the change was made.
        """
        where = self.own_path(path)

        def may(error: Exception) -> bool:
            return again or (isinstance(error, TryAgain) and error.response.status_code == 429)

        response = self._sent(
            (method, path, {}, body), where, None, None, frozenset(), may, WRITE_SECONDS
        )
        return self.answer(response, where)

    def answer(
        self,
        response: httpx.Response,
        where: str,
        explain: Callable[[httpx.Response, str], RequestError] | None = None,
    ) -> Any:
        """The JSON of an answer. Raises: RequestError when it is not 2xx or no whole JSON."""
        if not 200 <= response.status_code < 300:
            raise (explain or self.refusal)(response, where)
        try:
            answer = response.json()
        except (ValueError, RecursionError):
            raise no_json(response, where, self.check) from None
        return mended(answer) if b"\\ud" in response.content.lower() else answer

    def own_path(self, path: str) -> str:
        """The path alone, for messages; refuses a link that leads to another host."""
        parts = urlsplit(path)
        if (parts.scheme or parts.netloc) and f"{parts.scheme}://{parts.netloc}" != self.base:
            raise RequestError(
                f"{self.name} answered a link to {parts.netloc!r}; the key is not sent there and "
                f"the pages after it are missing. Check {self.check} for a proxy that rewrites "
                "answers."
            )
        return parts.path

    def exchange(
        self, method: str, url: str, *, headers: Mapping[str, str], content: Any
    ) -> httpx.Response:
        """The answer to a read that a vendor's own client wrote, headers and key included: within
        the same limits, on the same host alone, and sent again as any read.

        Raises: RequestError when it is not 2xx or no whole JSON.
        """
        where = self.own_path(url)
        response = self._retried(
            lambda: self.http.request(method, url, headers=dict(headers), content=content),
            where,
            self._window,
            frozenset(),
            lambda _: True,
        )
        self.answer(response, where)
        return response

    def _sent(
        self,
        asked: tuple[str, str, dict[str, Any], Any],
        where: str,
        window: SlidingWindow | None,
        timeout: float | None,
        final: frozenset[int],
        may: Callable[[Exception], bool],
        patience: float | None = None,
    ) -> httpx.Response:
        method, path, params, body = asked

        def send() -> httpx.Response:
            # The header is set per request, on our own host only: a link never inherits it.
            return self.http.request(
                method,
                path,
                params=params or None,
                json=body,
                headers=dict(self._headers()),
                timeout=timeout or self._timeout,
            )

        return self._retried(send, where, window or self._window, final, may, patience)

    def _retried(
        self,
        send: Callable[[], httpx.Response],
        where: str,
        window: SlidingWindow,
        final: frozenset[int],
        may: Callable[[Exception], bool],
        patience: float | None = None,
    ) -> httpx.Response:
        try:
            for attempt in stamina.retry_context(
                on=lambda error: may(error) and self._backoff(error),
                attempts=ATTEMPTS,
                timeout=patience,
                wait_max=LONGEST_BACKOFF_SECONDS,
            ):
                with attempt:
                    window.wait()
                    self.sent += 1
                    response = send()
                    if response.status_code in RETRIED - final:
                        raise TryAgain(response)
                    return response
        except TryAgain as last:
            return last.response
        except httpx.HTTPError as error:
            raise unreachable(error, where, self.name, self.check) from None
        raise AssertionError("stamina gives up by raising")

    def _backoff(self, error: Exception) -> bool | timedelta:
        wait = backoff(error)
        if isinstance(wait, timedelta) and wait >= SHOWN_WAIT:
            self._progress(f"waiting {wait.total_seconds():.0f} s, as {self.name} asks")
        return wait


def mended(value: Any) -> Any:
    """Half characters (lone surrogates) in customers' text become U+FFFD; nothing else changes."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [mended(part) for part in value]
    if isinstance(value, dict):
        return {mended(name): mended(part) for name, part in value.items()}
    return value


def backoff(error: Exception) -> bool | timedelta:
    """For stamina: whether to try again, and after the wait the vendor named, if it named one."""
    if isinstance(error, TryAgain):
        seconds = wait_hint(error.response.headers)
        return True if seconds is None else timedelta(seconds=seconds)
    return isinstance(error, httpx.TransportError)
