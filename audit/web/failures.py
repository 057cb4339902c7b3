"""Requests that failed, in one line each, and never with the key."""

import re
from typing import Any

import httpx2 as httpx

from audit.errors import SourceError
from audit.web.key import Key

SHOWN_CHARACTERS = 200
RETRIED = frozenset({429, 500, 502, 503, 504})
#: Where vendors put their own words: PostHog detail, Vitally and Slack error, Calendly and
#: Salesforce message, Zendesk description, Metabase message or error.
WORDS = ("detail", "message", "error", "description", "title")


class RequestError(SourceError):
    """A vendor refused or garbled one request. ``status`` is None without an answer."""

    def __init__(
        self, message: str, *, status: int | None = None, scope: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.scope = scope

    @property
    def stops_the_pull(self) -> bool:
        """True when no other request can do better: the key itself is refused."""
        return self.status == 401


def unreachable(error: Exception, where: str, name: str, check: str) -> RequestError:
    """The error for a request that got no answer."""
    return RequestError(
        f"No answer from {name} for {where} ({type(error).__name__}). "
        f"Check the network and {check}."
    )


def no_json(response: httpx.Response, where: str, check: str) -> RequestError:
    """The error for a 2xx answer whose body is not the JSON it should be."""
    kind = response.headers.get("content-type", "no content type").split(";")[0]
    if "html" in kind:
        return RequestError(
            f"{where} answered a web page instead of JSON. Check {check}: it must be the address "
            "of the API, not of the website or a proxy's login page.",
            status=response.status_code,
        )
    return RequestError(
        f"{where} answered {len(response.content):,} bytes of {kind} that are not whole JSON; the "
        "answer was cut off. Nothing of it was used. Try again.",
        status=response.status_code,
    )


def refused(response: httpx.Response, where: str, name: str, key: Key, how_to: str) -> RequestError:
    """The error for an answer that is not 2xx. ``how_to``: how one gets a key that works."""
    status = response.status_code
    said = words(response, key)
    if status == 401:
        text = f"{name} does not know this key (401 at {where}: {said}). {how_to}"
    elif status == 403:
        text = f"This key may not do {where} at {name} (403: {said}). {how_to}"
    elif status == 404:
        text = f"{name} has nothing at {where} (404: {said})."
    elif status == 429:
        text = (
            f"{name} still refused {where} after several waits (429: too many requests). Something "
            "else uses the same limits; try again later, what was read is kept."
        )
    elif 300 <= status < 400:
        text = f"{where} answered {status}, a redirect, and a key is never sent along one."
    else:
        text = f"{name} answered {status} at {where}: {said}. Try again later."
    return RequestError(text, status=status)


def words(response: httpx.Response, key: Key) -> str:
    """A vendor's own words on what went wrong, shortened; a key echoed in them is masked."""
    try:
        body: Any = response.json()
    except (ValueError, RecursionError):
        body = None
    said = told(body) or response.reason_phrase or "no reason given"
    return " ".join(said.split()).replace(key.reveal(), str(key))[:SHOWN_CHARACTERS].rstrip(".")


def told(body: Any) -> str:
    """The words in an error's body, in any of the vendors' shapes; empty without.

    >>> told({"error": {"message": "No such customer", "code": "x"}}), told({"errors": ["a", "b"]})
    ('No such customer', 'a; b')
    """
    if isinstance(body, str):
        return body
    if isinstance(body, list):
        return "; ".join(filter(None, map(told, body)))
    if isinstance(body, dict):
        for name in (*WORDS, "errors"):
            held = body.get(name)
            # Metabase names each field that is wrong.
            by_field = list(held.values()) if name == "errors" and isinstance(held, dict) else held
            if by_field and (said := told(by_field)):
                return said
    return ""


def one_line(text: Any) -> str:
    """Some vendor's text on one line, short.

    >>> one_line("no\\n such\\n thing")
    'no such thing'
    """
    return re.sub(r"\s+", " ", str(text)).strip()[:SHOWN_CHARACTERS]
