"""Slack, as ``chat.postMessage`` and ``conversations.history`` answer.

Source: Slack Web API (methods, rate limits, message metadata).
"""

from typing import Any

from audit.testing.server import Answer, Asked, Fake


class FakeSlack(Fake):
    """Channels with what was posted in them."""

    name = "slack"
    own_limits = ((60, 60.0),)

    def __init__(self, *, channels: tuple[str, ...] = ("C0123456789",), **options: Any) -> None:
        super().__init__(**options)
        self.channels: dict[str, list[dict[str, Any]]] = {name: [] for name in channels}

    def unknown_key(self) -> Answer:
        return Answer({"ok": False, "error": "invalid_auth"})

    def throttled(self) -> Answer:
        return Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "1"})

    def answer(self, asked: Asked) -> Answer:
        given = asked.body if asked.method == "POST" else dict(asked.query)
        posted = self.channels.get((given or {}).get("channel", ""))
        if asked.path not in ("/api/chat.postMessage", "/api/conversations.history"):
            return Answer({"ok": False, "error": "unknown_method"})
        if posted is None:
            return Answer({"ok": False, "error": "channel_not_found"})
        if asked.path == "/api/chat.postMessage":
            stamp = f"1700000000.{len(posted) + 1:06d}"
            posted.append({"type": "message", "ts": stamp, **given})
            return Answer({"ok": True, "channel": given["channel"], "ts": stamp})
        shown = list(reversed(posted))
        if given.get("include_all_metadata") != "true":
            shown = [{k: v for k, v in one.items() if k != "metadata"} for one in shown]
        size, start = int(given.get("limit", "100")), int(given.get("cursor") or "0")
        more = start + size < len(shown)
        return Answer(
            {
                "ok": True,
                "messages": shown[start : start + size],
                "has_more": more,
                "response_metadata": {"next_cursor": str(start + size) if more else ""},
            }
        )
