"""Calendly: meetings that are booked or were held, by the addresses of those invited.

The only filter is on the time of the meeting, so a window around today is read whole every time.

Source: Calendly API reference.
"""

from datetime import date, timedelta
from typing import Any

from audit.sources.systems.connecting import Progress, bearer, connect
from audit.sources.systems.gathered import EMAIL, Gathered, Who
from audit.sources.systems.paging import Item, every, part
from audit.web.connection import Connection
from audit.web.kept import Kept
from audit.web.key import Key
from audit.web.keys import READ
from audit.web.systems import Calendly

PAGE_ROWS = 100
DAYS_BEFORE, DAYS_AHEAD = 30, 60
SUBJECT = "lifecycle.calendly"


def connected(
    settings: Calendly, key: Key, progress: Progress = lambda _: None, kept: Kept | None = None
) -> Connection:
    return connect(
        "calendly", settings.url, READ["calendly"], key, bearer(key), progress=progress, kept=kept
    )


def read(connection: Connection, who: Who | None, as_of: date) -> Gathered:
    """Meetings as fields of ``lifecycle``, by email. A meeting ahead is an open conversation.

    Raises: RequestError when they cannot be read whole.
    """
    out = Gathered("calendly")
    me = part(connection.read("GET", "/users/me"), "resource", "/users/me")
    params = {
        "organization": part(me, "current_organization", "/users/me"),
        "status": "active",
        "min_start_time": f"{as_of - timedelta(days=DAYS_BEFORE)}T00:00:00.000000Z",
        "max_start_time": f"{as_of + timedelta(days=DAYS_AHEAD)}T00:00:00.000000Z",
    }
    asked = [{**params, "invitee_email": email} for email in who.emails] if who else [params]
    events = {str(one.get("uri")): one for some in asked for one in _list(connection, some)}
    held: dict[str, list[str]] = {}
    for uri, event in sorted(events.items()):
        if str(event.get("status")).lower() != "active":
            continue
        start = str(event.get("start_time") or "")
        for email in _invited(connection, uri):
            held.setdefault(email, []).append(start)
    today = as_of.isoformat()
    for email, starts in sorted(held.items()):
        ahead = [start for start in starts if start[:10] >= today]
        past = [start for start in starts if start and start[:10] < today]
        if ahead:
            out.field({EMAIL: email}, "calendly.open_conversation", "true", None)
            out.field({EMAIL: email}, "calendly.next_meeting_at", min(ahead), None)
        if past:
            days = (as_of - date.fromisoformat(max(past)[:10])).days
            out.field({EMAIL: email}, "calendly.days_since_meeting", str(days), max(past))
    out.read[SUBJECT] = len(events)
    out.requests = connection.sent
    return out


def _list(connection: Connection, params: dict[str, Any]) -> list[Item]:
    return _pages(connection, "/scheduled_events", params)


def _invited(connection: Connection, uri: str) -> list[str]:
    number = uri.rstrip("/").rpartition("/")[2]
    people = _pages(connection, f"/scheduled_events/{number}/invitees", {})
    return [str(one["email"]).lower() for one in people if one.get("email")]


def _pages(connection: Connection, path: str, params: dict[str, Any]) -> list[Item]:
    def fetch(token: Any) -> tuple[Any, Any]:
        after = {"page_token": token} if token else {}
        answer = connection.read("GET", path, params={"count": PAGE_ROWS, **params, **after})
        pagination = part(answer, "pagination", path)
        return part(answer, "collection", path), pagination.get("next_page_token")

    return every(fetch, path, identity=lambda one: str(one.get("uri")))
