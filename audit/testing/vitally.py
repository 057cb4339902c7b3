"""Vitally, as its REST API answers.

Source: Vitally REST API (accounts, users, notes, tasks, conversations, custom fields, rate limit).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from audit.testing.server import Answer, Asked, Fake, basic

Item = dict[str, Any]

LISTS = ("accounts", "users", "notes", "tasks", "conversations")
LARGEST_PAGE = 100
DAY = "2026-11-01T00:00:00.000Z"


class FakeVitally(Fake):
    """Accounts with traits, and what was written about them."""

    name = "vitally"
    own_limits = ((1000, 60.0),)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.lists: dict[str, dict[str, Item]] = {name: {} for name in LISTS}
        self.custom_fields: list[Item] = []
        #: Another key, which alone may write; empty where one key does both.
        self.write_key = ""
        #: Seen in the wild: an empty page that names a next one, at the very end.
        self.ends_with_an_empty_page = False

    def knows(self, asked: Asked) -> bool:
        given = asked.headers.get("authorization")
        if self.write_key:
            if given == basic(self.write_key, ""):
                return True
            return asked.method == "GET" and given == basic(self.key, "")
        return given == basic(self.key, "")

    def add_account(
        self,
        organization_id: str | None,
        name: str,
        traits: Mapping[str, Any] | None = None,
        **given: Any,
    ) -> Item:
        """An account as the API shows it; ``given`` are fields of its own."""
        account: Item = {
            "id": identity("account", organization_id or name),
            "externalId": organization_id,
            "name": name,
            "createdAt": DAY,
            "updatedAt": DAY,
            "churnedAt": None,
            "healthScore": None,
            "keyRoles": [],
            "segments": [],
            "traits": dict(traits or {}),
            **given,
        }
        self.lists["accounts"][account["id"]] = account
        return account

    def add(self, kind: str, **given: Any) -> Item:
        """One user, note, task or conversation."""
        number = len(self.lists[kind])
        item = {"id": identity(kind, str(number)), "createdAt": DAY, "updatedAt": DAY, **given}
        self.lists[kind][item["id"]] = item
        return item

    def of(self, kind: str, organization_id: str) -> list[Item]:
        """What is on record of one organization."""
        account = self._account(organization_id)
        return [
            item
            for item in self.lists[kind].values()
            if account is not None and item.get("accountId") == account["id"]
        ]

    def throttled(self) -> Answer:
        return Answer(
            {"error": "Rate limit exceeded"},
            429,
            {"RateLimit-Limit": "1000, 1000;window=60", "RateLimit-Reset": "1"},
        )

    def unknown_key(self) -> Answer:
        return Answer({"error": "Authorization header not present."}, 401)

    def answer(self, asked: Asked) -> Answer:
        path = asked.path.removeprefix("/resources")
        if asked.method == "GET" and path == "/customFields":
            return Answer(self.custom_fields)
        if found := re.fullmatch(r"/(\w+)", path):
            return self._list(found[1], asked)
        if found := re.fullmatch(r"/accounts/([^/]+)(?:/(\w+))?", path):
            return self._of_account(found[1], found[2], asked)
        if found := re.fullmatch(r"/(notes|tasks)/([^/]+)", path):
            return self._one(found[1], found[2], asked)
        return missing()

    def _list(self, kind: str, asked: Asked) -> Answer:
        if asked.method == "POST" and kind in ("notes", "tasks"):
            return self._post(kind, asked.body)
        if kind not in self.lists or asked.method != "GET":
            return missing()
        items: Iterable[Item] = self.lists[kind].values()
        if kind == "accounts" and asked.query.get("status", "active") == "active":
            items = [item for item in items if item["churnedAt"] is None]
        return self._page(list(items), asked)

    def _page(self, items: list[Item], asked: Asked) -> Answer:
        limit = min(int(asked.query.get("limit", LARGEST_PAGE)), LARGEST_PAGE)
        start = int(asked.query.get("from", "0"))
        page = items[start : start + limit]
        more = start + limit < len(items) or (self.ends_with_an_empty_page and bool(page))
        return Answer({"results": page, "next": str(start + limit) if more else None})

    def _of_account(self, wanted: str, part: str | None, asked: Asked) -> Answer:
        account = self._account(wanted)
        if account is None:
            return missing()
        if part == "healthScores":
            return Answer({"overallHealth": account["healthScore"], "scores": []})
        if part in self.lists:
            mine = [i for i in self.lists[part].values() if i.get("accountId") == account["id"]]
            return self._page(mine, asked)
        if part is not None:
            return missing()
        if asked.method == "PUT":
            for name, value in (asked.body.get("traits") or {}).items():
                if value is None:
                    account["traits"].pop(name, None)
                else:
                    account["traits"][name] = value
        return Answer(account)

    def _one(self, kind: str, wanted: str, asked: Asked) -> Answer:
        for item in self.lists[kind].values():
            # An external id is taken only where its source is named.
            by_external = "source" in asked.query and item.get("externalId") == wanted
            if item["id"] == wanted or by_external:
                if asked.method == "PUT":
                    item |= asked.body
                return Answer(item)
        return missing()

    def _post(self, kind: str, body: Any) -> Answer:
        needed = ("note", "noteDate") if kind == "notes" else ("name",)
        absent = [name for name in needed if not body.get(name)]
        if absent or not (body.get("accountId") or body.get("organizationId")):
            return Answer({"error": f"Missing: {', '.join(absent) or 'accountId'}"}, 400)
        if body.get("accountId") not in self.lists["accounts"]:
            return Answer({"error": "No such account"}, 400)
        known = body.get("externalId")
        for item in self.lists[kind].values():
            if known is not None and item.get("externalId") == known:
                item |= body
                return Answer(item)
        return Answer(self.add(kind, **body))

    def _account(self, wanted: str) -> Item | None:
        for account in self.lists["accounts"].values():
            if wanted in (account["id"], account["externalId"]):
                return account
        return None


def identity(kind: str, name: str) -> str:
    """An id of its own, the same every time."""
    return str(uuid5(NAMESPACE_URL, f"{kind}/{name}"))


def missing() -> Answer:
    return Answer({"error": "Not found"}, 404)
