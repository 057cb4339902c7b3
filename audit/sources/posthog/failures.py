"""What a failed request means and what to do about it: one line, never the key."""

import re
from typing import Any

import httpx2 as httpx

from audit.sources.posthog.key import Key
from audit.web.failures import SHOWN_CHARACTERS, RequestError

SCOPE = re.compile(r"scope '?([a-z_]+:[a-z_]+)'?")
NO_ACCESS = re.compile(r"(have|has) access to table")
UNKNOWN_TABLE = re.compile(r"[Uu]nknown table|[Tt]able .* (does not|doesn't) exist|UNKNOWN_TABLE")
#: Over-sized queries: gateway timeout, estimated too slow, out of memory.
#: Source: PostHog/posthog posthog/exceptions.py.
TOO_LARGE = frozenset({504, 512, 513})


class QueryTooLargeError(RequestError):
    """A query ran out of time or memory; a shorter window may do."""


def failed(response: httpx.Response, where: str, host: str, key: Key) -> RequestError:
    """The error for an answer that is not 2xx; a key echoed in it is masked."""
    status = response.status_code
    detail, scope = _detail(response, key)
    if status == 401:
        return RequestError(
            f"{host} does not know this key (401 at {where}). A key works in one region only: try "
            "--host eu or --host us; otherwise make a new one under Settings > Personal API keys.",
            status=401,
        )
    if status == 403 and scope:
        return RequestError(
            f"The key lacks the scope {scope} (403 at {where}). Add it in PostHog under "
            "Settings > Personal API keys.",
            status=403,
            scope=scope,
        )
    if status == 403:
        return RequestError(
            f"This key may not read {where} (403: {detail}). It takes an organization admin or "
            "owner, and a key that is not limited to other projects.",
            status=403,
        )
    if status == 404:
        return RequestError(
            f"{host} has nothing at {where} (404). Either it does not exist, or this key may not "
            "see it.",
            status=404,
        )
    if status == 429:
        return RequestError(
            f"{host} still refused {where} after several waits (429: too many requests). Something "
            "else uses the same limits; try again in an hour.",
            status=429,
        )
    if 300 <= status < 400:
        return RequestError(
            f"{where} answered {status}, a redirect, and a key is never sent along one. Check "
            "--host.",
            status=status,
        )
    if UNKNOWN_TABLE.search(detail):
        return RequestError(
            f"The project has no such table ({status} at {where}: {detail}). The feature may be "
            "off or the server older.",
            status=status,
        )
    if NO_ACCESS.search(detail):
        return RequestError(
            f"The owner of the key may not see a table ({status} at {where}: {detail}). Ask an "
            "admin for access to what lies in it, and give the key its scope, e.g. "
            "external_data_source:read.",
            status=status,
        )
    return RequestError(f"{where} answered {status}: {detail}. Try again later.", status=status)


def _detail(response: httpx.Response, key: Key) -> tuple[str, str | None]:
    """The vendor's own words, shortened, and the missing scope if they name one."""
    try:
        body: Any = response.json()
    except ValueError:
        body = None
    detail = body.get("detail") if isinstance(body, dict) else None
    text = " ".join(str(detail or response.reason_phrase or "no reason given").split())
    text = text.replace(key.reveal(), str(key))
    found = SCOPE.search(text)
    return text[:SHOWN_CHARACTERS].rstrip("."), found.group(1) if found else None
