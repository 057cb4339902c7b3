"""Zendesk, as its API lists organizations and finds tickets.

Source: Zendesk API reference (organizations, search, export of search results, rate limits).
"""

import re
from typing import Any

from audit.testing.server import Answer, Asked, Fake, basic

Item = dict[str, Any]

LARGEST_PAGE = 100
SEARCH_CAP = 1000


class FakeZendesk(Fake):
    """Organizations and tickets."""

    name = "zendesk"
    own_limits = ((400, 60.0),)

    def __init__(self, *, email: str = "ada@example.com", **options: Any) -> None:
        super().__init__(**options)
        self.email = email
        self.organizations: list[Item] = []
        self.tickets: list[Item] = []

    def knows(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == basic(f"{self.email}/token", self.key)

    def unknown_key(self) -> Answer:
        return Answer({"error": "Couldn't authenticate you"}, 401)

    def throttled(self) -> Answer:
        return Answer({"error": "APIRateLimitExceeded"}, 429, {"Retry-After": "1"})

    def answer(self, asked: Asked) -> Answer:
        path = asked.path.removeprefix("/api/v2")
        if path == "/organizations.json":
            return self._export("organizations", self.organizations, asked)
        if path == "/organizations/search.json":
            wanted = asked.query.get("external_id")
            found = [o for o in self.organizations if o.get("external_id") == wanted]
            return Answer({"organizations": found, "count": len(found)})
        if path == "/search/export.json":
            if "type:" in asked.query.get("query", "") or "filter[type]" not in asked.query:
                return Answer({"error": "invalid", "description": "type belongs in filter"}, 422)
            return self._export("results", self._found(asked.query.get("query", "")), asked)
        if path == "/search.json":
            return self._search(asked)
        return Answer({"error": "RecordNotFound", "description": "Not found"}, 404)

    def _found(self, query: str) -> list[Item]:
        tickets = self.tickets
        if since := re.search(r"(?:updated|created)>=?(\d{4}-\d\d-\d\d)", query):
            tickets = [t for t in tickets if t["updated_at"][:10] >= since[1]]
        if whose := re.search(r"organization:(\d+)", query):
            tickets = [t for t in tickets if t["organization_id"] == int(whose[1])]
        return tickets

    def _export(self, name: str, items: list[Item], asked: Asked) -> Answer:
        size = min(int(asked.query.get("page[size]", LARGEST_PAGE)), LARGEST_PAGE)
        start = int(asked.query.get("page[after]", "0"))
        page, more = items[start : start + size], start + size < len(items)
        cursor = str(start + size) if more else None
        return Answer(
            {
                name: page,
                "meta": {"has_more": more, "after_cursor": cursor},
                "links": {"next": f"{self.url}{asked.path}?page[after]={cursor}" if more else None},
            }
        )

    def _search(self, asked: Asked) -> Answer:
        page = int(asked.query.get("page", "1"))
        if page * LARGEST_PAGE > SEARCH_CAP:
            return Answer({"error": "Invalid search", "description": "1,000 results at most"}, 422)
        found = self._found(asked.query.get("query", ""))
        start = (page - 1) * LARGEST_PAGE
        more = start + LARGEST_PAGE < len(found)
        return Answer(
            {
                "results": found[start : start + LARGEST_PAGE],
                "count": len(found),
                "next_page": f"{self.url}{asked.path}?page={page + 1}" if more else None,
            }
        )
