"""Stripe, as its API lists customers, invoices, subscriptions, credit notes and charges.

Source: Stripe API reference and its published fixtures (objects trimmed to what is read).
"""

import re
from typing import Any

from audit.testing.server import Answer, Asked, Fake

Item = dict[str, Any]

LISTS = ("customers", "invoices", "subscriptions", "credit_notes", "charges")
LARGEST_PAGE = 100
EMBEDDED_LINES = 10


class FakeStripe(Fake):
    """Objects by list; amounts in cents, times in epoch seconds."""

    name = "stripe"
    own_limits = ((100, 1.0),)

    def __init__(self, *, key: str = "rk_test_0123456789", **options: Any) -> None:
        super().__init__(key=key, **options)
        self.lists: dict[str, list[Item]] = {name: [] for name in LISTS}
        self.lines: dict[str, list[Item]] = {}
        self.previews: dict[str, Item] = {}

    def unknown_key(self) -> Answer:
        return _error(401, "invalid_request_error", "Invalid API Key provided: rk_***")

    def throttled(self) -> Answer:
        return _error(429, "invalid_request_error", "Too many requests", "rate_limit")

    def answer(self, asked: Asked) -> Answer:
        path = asked.path.removeprefix("/v1")
        if found := re.fullmatch(r"/invoices/(in_\w+)/lines", path):
            return self._page(self.lines.get(found[1], []), asked)
        if path == "/invoices/create_preview" and asked.method == "POST":
            preview = self.previews.get((asked.body or {}).get("subscription", ""))
            return (
                _error(404, "invalid_request_error", "No upcoming invoices")
                if (preview is None)
                else Answer(preview)
            )
        if asked.method != "GET":
            return _error(403, "invalid_request_error", "The key may only read.")
        if found := re.fullmatch(r"/(\w+)", path):
            return self._list(found[1], asked)
        return _error(404, "invalid_request_error", f"Unrecognized request URL ({asked.path}).")

    def _list(self, kind: str, asked: Asked) -> Answer:
        items = self.lists.get(kind)
        if items is None:
            return _error(404, "invalid_request_error", "Unrecognized request URL.")
        if "customer" in asked.query:
            items = [i for i in items if i.get("customer") == asked.query["customer"]]
        first, after = (asked.query.get(f"created[{bound}]") for bound in ("gte", "lt"))
        if first is not None:
            items = [i for i in items if i["created"] >= int(first)]
        if after is not None:
            items = [i for i in items if i["created"] < int(after)]
        if kind == "subscriptions" and asked.query.get("status") != "all":
            items = [i for i in items if i["status"] != "canceled"]
        newest_first = sorted(items, key=lambda i: (-i["created"], i["id"]))
        return self._page([self._shown(kind, i) for i in newest_first], asked)

    def _shown(self, kind: str, item: Item) -> Item:
        if kind != "invoices":
            return item
        lines = self.lines.get(item["id"], [])
        embedded = {
            "object": "list",
            "data": lines[:EMBEDDED_LINES],
            "has_more": len(lines) > EMBEDDED_LINES,
        }
        return {**item, "lines": embedded}

    def _page(self, items: list[Item], asked: Asked) -> Answer:
        limit = min(int(asked.query.get("limit", "10")), LARGEST_PAGE)
        start = 0
        if after := asked.query.get("starting_after"):
            ids = [item["id"] for item in items]
            if after not in ids:
                return _error(400, "invalid_request_error", f"No such object: {after}")
            start = ids.index(after) + 1
        page = items[start : start + limit]
        return Answer(
            {
                "object": "list",
                "url": asked.path,
                "data": page,
                "has_more": start + limit < len(items),
            }
        )


def _error(status: int, kind: str, message: str, code: str = "") -> Answer:
    error = {"type": kind, "message": message} | ({"code": code} if code else {})
    return Answer({"error": error}, status)
