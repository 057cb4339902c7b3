"""HTTP to one PostHog host.

Everything this client sends is a read: GET, and POST to the query endpoint. So each may be
repeated after a lost or failed answer.
"""

import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx2 as httpx

from audit.errors import InputError
from audit.sources.posthog.failures import TOO_LARGE, QueryTooLargeError, failed
from audit.sources.posthog.key import Key
from audit.web.connection import Connection, safe_base
from audit.web.failures import RequestError
from audit.web.kept import Kept
from audit.web.limits import HOUR, MINUTE, SlidingWindow

REGIONS = {"us": "https://us.posthog.com", "eu": "https://eu.posthog.com"}
INGESTION_HOSTS = {"us.i.posthog.com": "us", "eu.i.posthog.com": "eu"}

#: (requests, seconds) per project, for everything and for the query endpoint.
#: Source: PostHog/posthog posthog/rate_limit.py and contents/docs/api/queries.mdx.
GENERAL_LIMITS = ((480, MINUTE), (4800, HOUR))
QUERY_LIMITS = ((240, MINUTE), (2400, HOUR))
QUERIES_AT_ONCE = 3

#: A query may wait 30 s in the vendor's queue and run for 10 s (contents/docs/api/queries.mdx).
QUERY_TIMEOUT_SECONDS = 90.0
#: A gateway's timeout of a query says that it is too large, not that it was unlucky.
GATEWAY_TIMEOUT = frozenset({504})


def base_url(host: str) -> str:
    """The address for ``us``, ``eu`` or a URL.

    Raises: InputError for another scheme, plain http beyond this machine, or an ingestion host.

    >>> base_url("eu"), base_url("https://posthog.example.com/")
    ('https://eu.posthog.com', 'https://posthog.example.com')
    """
    wanted = host.strip().lower().rstrip("/")
    if wanted in REGIONS:
        return REGIONS[wanted]
    base = safe_base(host, "--host", "us, eu or an address like https://posthog.example.com")
    name = urlsplit(base).hostname or ""
    if name in INGESTION_HOSTS:
        raise InputError(
            f"--host {host!r} only takes events in. Use {INGESTION_HOSTS[name]!r} to read."
        )
    return base


def region(base: str) -> str:
    """``us``, ``eu``, or the host itself."""
    named = {url: name for name, url in REGIONS.items()}
    return named.get(base, urlsplit(base).netloc)


class Client:
    """One host, one key. Use as a context manager; safe to use from several threads."""

    def __init__(
        self,
        host: str,
        key: Key,
        progress: Callable[[str], None] = lambda _: None,
        kept: Kept | None = None,
    ) -> None:
        self.base = base_url(host)
        self.region = region(self.base)
        self.connection = Connection(
            self.base,
            self.region,
            headers=lambda: {"Authorization": f"Bearer {key.reveal()}"},
            refused=lambda response, where: failed(response, where, self.region, key),
            limits=GENERAL_LIMITS,
            check="--host",
            progress=progress,
            kept=kept,
        )
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
        self.connection.__exit__(kind, error, trace)

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The JSON object at a path, or at a full link to this same host.

        Raises: RequestError for anything else, in one line.
        """
        return self._object(self.connection.read("GET", path, params=params), path)

    def query(self, project_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of one HogQL query.

        Raises: QueryTooLargeError when it ran out of time or memory, else RequestError.
        """
        window, at_once = self._query_limits(project_id)
        path = f"/api/projects/{quote(project_id, safe='')}/query/"
        with at_once:
            answer = self.connection.read(
                "POST",
                path,
                body=dict(body),
                window=window,
                timeout=QUERY_TIMEOUT_SECONDS,
                final=GATEWAY_TIMEOUT,
                explain=self._query_failed,
            )
        return self._object(answer, path)

    def _query_limits(self, project_id: str) -> tuple[SlidingWindow, threading.BoundedSemaphore]:
        with self._lock:
            if project_id not in self._queries:
                self._queries[project_id] = (
                    SlidingWindow(QUERY_LIMITS),
                    threading.BoundedSemaphore(QUERIES_AT_ONCE),
                )
            return self._queries[project_id]

    def _query_failed(self, response: httpx.Response, where: str) -> RequestError:
        if response.status_code in TOO_LARGE:
            return QueryTooLargeError(
                f"A query at {where} ran out of time or memory ({response.status_code}). Audit a "
                "shorter window with --lookback-days.",
                status=response.status_code,
            )
        return self.connection.refusal(response, where)

    def _object(self, answer: Any, path: str) -> dict[str, Any]:
        if not isinstance(answer, dict):
            where = self.connection.own_path(path)
            raise RequestError(
                f"{where} answered {type(answer).__name__}, not an object. Check --host."
            )
        return answer
