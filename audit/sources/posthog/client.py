"""HTTP to one PostHog host: the key on every request to it and to no other, limits, retries.

Everything this client sends is a read: GET, and POST to the query endpoint. So each may be
repeated after a lost or failed answer.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx2 as httpx
import stamina

from audit.errors import InputError
from audit.sources.posthog.failures import (
    RETRIED,
    TOO_LARGE,
    QueryTooLargeError,
    RequestError,
    failed,
    no_json,
    unreachable,
)
from audit.sources.posthog.key import Key
from audit.sources.posthog.limits import (
    GENERAL_LIMITS,
    QUERIES_AT_ONCE,
    QUERY_LIMITS,
    SlidingWindow,
    wait_hint,
)

REGIONS = {"us": "https://us.posthog.com", "eu": "https://eu.posthog.com"}
INGESTION_HOSTS = {"us.i.posthog.com": "us", "eu.i.posthog.com": "eu"}

#: A query may wait 30 s in the vendor's queue and run for 10 s (contents/docs/api/queries.mdx).
QUERY_TIMEOUT_SECONDS = 90.0
TIMEOUT_SECONDS = 30.0
ATTEMPTS = 5
LONGEST_BACKOFF_SECONDS = 60.0
SHOWN_WAIT = timedelta(seconds=5)


class _TryAgain(Exception):  # noqa: N818 - control flow between us and stamina, never escapes
    """An answer worth another attempt, with the wait the vendor asked for."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def base_url(host: str) -> str:
    """The address for ``us``, ``eu`` or a URL.

    Raises: InputError for another scheme, plain http beyond this machine, or an ingestion host.

    >>> base_url("eu"), base_url("https://posthog.example.com/")
    ('https://eu.posthog.com', 'https://posthog.example.com')
    """
    wanted = host.strip().rstrip("/")
    if wanted.lower() in REGIONS:
        return REGIONS[wanted.lower()]
    try:
        parts = urlsplit(wanted)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise InputError(f"--host {host!r} is no address. Use us, eu or https://...") from None
    name = parts.hostname or ""
    if name in INGESTION_HOSTS:
        raise InputError(
            f"--host {host!r} only takes events in. Use {INGESTION_HOSTS[name]!r} to read."
        )
    if (
        parts.scheme not in ("http", "https")
        or not name
        or parts.path
        or parts.query
        or "@" in wanted
    ):
        raise InputError(
            f"--host {host!r} is none of us, eu or an address like https://posthog.example.com."
        )
    if parts.scheme == "http" and not _is_loopback(name):
        raise InputError(
            f"--host {host!r} would send the key unencrypted. Use https:// (plain http is for "
            "this machine only)."
        )
    shown = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{shown}{port}"


def region(base: str) -> str:
    """``us``, ``eu``, or the host itself."""
    named = {url: name for name, url in REGIONS.items()}
    return named.get(base, urlsplit(base).netloc)


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


class Client:
    """One host, one key. Use as a context manager; safe to use from several threads."""

    def __init__(
        self, host: str, key: Key, progress: Callable[[str], None] = lambda _: None
    ) -> None:
        self._progress = progress
        self.base = base_url(host)
        self.region = region(self.base)
        self._key = key
        self._http = httpx.Client(
            base_url=self.base,
            timeout=httpx.Timeout(TIMEOUT_SECONDS),
            follow_redirects=False,
            trust_env=not _is_loopback(urlsplit(self.base).hostname or ""),
            headers={"User-Agent": "account-audit", "Accept": "application/json"},
        )
        self._general = SlidingWindow(GENERAL_LIMITS)
        self._queries: dict[str, tuple[SlidingWindow, threading.BoundedSemaphore]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The JSON object at a path, or at a full link to this same host.

        Raises: RequestError for anything else, in one line.
        """
        return self._read("GET", path, params=dict(params) if params else None)

    def query(self, project_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of one HogQL query.

        Raises: QueryTooLargeError when it ran out of time or memory, else RequestError.
        """
        window, at_once = self._query_limits(project_id)
        path = f"/api/projects/{quote(project_id, safe='')}/query/"
        with at_once:
            return self._read("POST", path, body=dict(body), window=window)

    def _query_limits(self, project_id: str) -> tuple[SlidingWindow, threading.BoundedSemaphore]:
        with self._lock:
            if project_id not in self._queries:
                self._queries[project_id] = (
                    SlidingWindow(QUERY_LIMITS),
                    threading.BoundedSemaphore(QUERIES_AT_ONCE),
                )
            return self._queries[project_id]

    def _read(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        window: SlidingWindow | None = None,
    ) -> dict[str, Any]:
        where = self._own_path(path)

        def send() -> httpx.Response:
            (window or self._general).wait()
            # The header is set per request, on our own host only: a link never inherits it.
            response = self._http.request(
                method,
                path,
                params=params,
                json=body,
                headers={"Authorization": f"Bearer {self._key.reveal()}"},
                timeout=QUERY_TIMEOUT_SECONDS if window else TIMEOUT_SECONDS,
            )
            if response.status_code in RETRIED and not (window and response.status_code == 504):
                raise _TryAgain(response)
            return response

        try:
            response = self._with_retries(send)
        except _TryAgain as last:
            response = last.response
        except httpx.HTTPError as error:
            raise unreachable(error, where, self.region) from None
        return self._object(response, where, is_query=window is not None)

    def _with_retries(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        for attempt in stamina.retry_context(
            on=self._backoff, attempts=ATTEMPTS, timeout=None, wait_max=LONGEST_BACKOFF_SECONDS
        ):
            with attempt:
                return send()
        raise AssertionError("stamina gives up by raising")

    def _backoff(self, error: Exception) -> bool | timedelta:
        wait = backoff(error)
        if isinstance(wait, timedelta) and wait >= SHOWN_WAIT:
            self._progress(f"waiting {wait.total_seconds():.0f} s, as {self.region} asks")
        return wait

    def _object(self, response: httpx.Response, where: str, *, is_query: bool) -> dict[str, Any]:
        if is_query and response.status_code in TOO_LARGE:
            raise QueryTooLargeError(
                f"A query at {where} ran out of time or memory ({response.status_code}). Audit a "
                "shorter window with --lookback-days.",
                status=response.status_code,
            )
        if not 200 <= response.status_code < 300:
            raise failed(response, where, self.region, self._key)
        try:
            answer = response.json()
        except (ValueError, RecursionError):
            raise no_json(response, where) from None
        if b"\\ud" in response.content.lower():
            answer = _mended(answer)
        if not isinstance(answer, dict):
            raise RequestError(
                f"{where} answered {type(answer).__name__}, not an object. Check --host.",
                status=response.status_code,
            )
        return answer

    def _own_path(self, path: str) -> str:
        """The path alone, for messages; refuses a link that leads to another host."""
        parts = urlsplit(path)
        if (parts.scheme or parts.netloc) and f"{parts.scheme}://{parts.netloc}" != self.base:
            raise RequestError(
                f"{self.region} answered a link to {parts.netloc!r}; the key is not sent there and "
                "the pages after it are missing. Check --host for a proxy that rewrites answers."
            )
        return parts.path


def _mended(value: Any) -> Any:
    """Half characters (lone surrogates) in customers' text become U+FFFD; nothing else changes."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(part) for part in value]
    if isinstance(value, dict):
        return {_mended(name): _mended(part) for name, part in value.items()}
    return value


def backoff(error: Exception) -> bool | timedelta:
    """For stamina: whether to try again, and after the wait the vendor named, if it named one."""
    if isinstance(error, _TryAgain):
        seconds = wait_hint(error.response.headers)
        return True if seconds is None else timedelta(seconds=seconds)
    return isinstance(error, httpx.TransportError)
