"""Where changes go: how each is sent, and how one is found again that may have been sent.

Source: Vitally REST API (notes, tasks and traits; externalId is unique), Slack Web API
(chat.postMessage has no key; metadata carries ours).
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol
from urllib.parse import quote

from audit.push.change import Change
from audit.sources.systems.connecting import bearer, connect
from audit.sources.systems.paging import every, part
from audit.sources.systems.vitally import connected
from audit.web.connection import Connection
from audit.web.failures import RequestError, one_line
from audit.web.keys import WRITE, key_of
from audit.web.systems import Systems

PAGE_ROWS = 100
#: A message is looked for among so many of the newest of its channel.
MESSAGES_SEARCHED = 2_000
EVENT = "account_audit"


class Sink(Protocol):
    """One system that changes go to."""

    def send(self, change: Change) -> str:
        """Make the change; the id it has there.

        Raises: RequestError. With a ``status`` of 4xx it was not made; else that is open.
        """

    def find(self, change: Change) -> str | None:
        """The id of this change where it was made, or None. Raises: RequestError."""


class VitallySink:
    """Notes, tasks and traits of accounts."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def send(self, change: Change) -> str:
        account = self._account(change)
        if change.action == "trait":
            payload = change.payload
            traits = {"traits": {payload["trait"]: payload["value"]}}
            path = f"/resources/accounts/{quote(account['id'], safe='')}"
            self.connection.write("PUT", path, body=traits, again=True)
            return str(account["id"])
        body = {**change.payload, "accountId": account["id"], "externalId": change.key}
        path = f"/resources/{change.action}s"
        # Sent again it changes the same note or task: external ids are unique.
        answer = self.connection.write("POST", path, body=body, again=True)
        return str(part(answer, "id", path))

    def find(self, change: Change) -> str | None:
        account = self._account(change)
        if change.action == "trait":
            held = (account.get("traits") or {}).get(change.payload["trait"])
            return str(account["id"]) if held == change.payload["value"] else None
        path = f"/resources/accounts/{quote(account['id'], safe='')}/{change.action}s"

        def fetch(cursor: Any) -> tuple[Any, Any]:
            after = {"from": cursor} if cursor else {}
            params = {"limit": PAGE_ROWS, **after}
            answer = self.connection.read("GET", path, params=params)
            return part(answer, "results", path), answer.get("next")

        for item in every(fetch, path, empty_ends=True):
            if item.get("externalId") == change.key:
                return str(item.get("id"))
        return None

    def _account(self, change: Change) -> dict[str, Any]:
        path = f"/resources/accounts/{quote(change.organization_id, safe='')}"
        account = self.connection.read("GET", path)
        if part(account, "externalId", path) != change.organization_id or not account.get("id"):
            raise RequestError(
                f"Vitally answered another account for {change.organization_id}; nothing was "
                "written.",
                status=404,
            )
        return dict(account)


class SlackSink:
    """Messages to one internal channel."""

    def __init__(self, connection: Connection, channel: str) -> None:
        self.connection = connection
        self.channel = channel

    def send(self, change: Change) -> str:
        body: dict[str, Any] = {
            "channel": self.channel,
            "text": change.payload["text"],
            "metadata": {"event_type": EVENT, "event_payload": {"key": change.key}},
            "unfurl_links": False,
        }
        answer = self.connection.write("POST", "/api/chat.postMessage", body=body, again=False)
        return str(part(_well(answer, "chat.postMessage"), "ts", "chat.postMessage"))

    def find(self, change: Change) -> str | None:
        cursor, seen = "", 0
        while seen < MESSAGES_SEARCHED:
            params: dict[str, Any] = {
                "channel": self.channel,
                "include_all_metadata": "true",
                "limit": PAGE_ROWS,
                **({"cursor": cursor} if cursor else {}),
            }
            path = "/api/conversations.history"
            answer = _well(self.connection.read("GET", path, params=params), path)
            messages = part(answer, "messages", path)
            for message in messages:
                metadata = message.get("metadata") or {}
                if (metadata.get("event_payload") or {}).get("key") == change.key:
                    return str(message.get("ts"))
            seen += len(messages)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor or not messages:
                return None
        return None


#: Errors of Slack after which part of the request may have been carried out.
OPEN_ERRORS = ("fatal_error", "internal_error", "request_timeout", "service_unavailable")


def _well(answer: Any, where: str) -> dict[str, Any]:
    """Slack says no with a 200. Raises: RequestError."""
    if isinstance(answer, dict) and answer.get("ok") is True:
        return answer
    said = one_line(answer.get("error") if isinstance(answer, dict) else type(answer).__name__)
    is_open = said in OPEN_ERRORS or not isinstance(answer, dict)
    raise RequestError(
        f"Slack refused {where}: {said}. Check the channel's id, that the app is in the channel, "
        f"and its scopes. {WRITE['slack'].how_to}",
        status=None if is_open else 400,
    )


@contextmanager
def sinks(
    systems: Systems, needed: set[str], progress: Callable[[str], None] = lambda _: None
) -> Iterator[dict[str, Sink]]:
    """The sinks of some systems by name, with the keys for writing.

    Raises: SettingsError when a key is missing or of another kind.
    """
    with ExitStack() as stack:
        out: dict[str, Sink] = {}
        if "vitally" in needed and systems.vitally is not None:
            connection = connected(systems.vitally, key_of(WRITE["vitally"]), progress)
            out["vitally"] = VitallySink(stack.enter_context(connection))
        if "slack" in needed and systems.slack is not None:
            key = key_of(WRITE["slack"])
            url = systems.slack.url
            connection = connect("slack", url, WRITE["slack"], key, bearer(key), progress=progress)
            out["slack"] = SlackSink(stack.enter_context(connection), systems.slack.channel)
        yield out
