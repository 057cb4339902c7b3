"""Calendly, as its API lists booked meetings and who comes to them.

Source: Calendly API reference (users, scheduled events, invitees, rate limits).
"""

import re
from typing import Any

from audit.testing.server import Answer, Asked, Fake

Item = dict[str, Any]

ORGANIZATION = "https://api.calendly.com/organizations/TEAM"


class FakeCalendly(Fake):
    """Meetings with the addresses of their invitees."""

    name = "calendly"
    own_limits = ((500, 60.0),)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.events: list[Item] = []
        self.invitees: dict[str, list[str]] = {}

    def book(self, number: int, start: str, emails: list[str], status: str = "active") -> None:
        """A meeting at ``start`` (ISO, UTC) with these people."""
        uri = f"https://api.calendly.com/scheduled_events/EV{number}"
        self.events.append({"uri": uri, "name": "Call", "status": status, "start_time": start})
        self.invitees[f"EV{number}"] = emails

    def unknown_key(self) -> Answer:
        return Answer({"title": "Unauthenticated", "message": "The access token is invalid"}, 401)

    def throttled(self) -> Answer:
        headers = {"X-RateLimit-Limit": "500", "X-RateLimit-Reset": "1"}
        return Answer({"title": "Too many requests", "message": "Slow down"}, 429, headers)

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/users/me":
            return Answer({"resource": {"uri": "u", "current_organization": ORGANIZATION}})
        if asked.path == "/scheduled_events":
            if asked.query.get("organization") != ORGANIZATION:
                return Answer({"title": "Invalid", "message": "organization is a full URI"}, 400)
            first, last = asked.query["min_start_time"], asked.query["max_start_time"]
            inside = [e for e in self.events if first <= e["start_time"] < last]
            return self._page(inside, asked)
        if found := re.fullmatch(r"/scheduled_events/(\w+)/invitees", asked.path):
            people = [
                {"uri": f"{found[1]}/{email}", "email": email, "status": "active"}
                for email in self.invitees.get(found[1], [])
            ]
            return self._page(people, asked)
        return Answer({"title": "Not found", "message": "Nothing here"}, 404)

    def _page(self, items: list[Item], asked: Asked) -> Answer:
        size = min(int(asked.query.get("count", "20")), 100)
        start = int(asked.query.get("page_token", "0"))
        more = start + size < len(items)
        return Answer(
            {
                "collection": items[start : start + size],
                "pagination": {"next_page_token": str(start + size) if more else None},
            }
        )
