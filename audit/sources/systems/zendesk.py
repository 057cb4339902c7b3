"""Zendesk: open tickets, how urgent they are and how new, by organization.

Tickets are read through the export of search results, which has no cap; the search of one
organization stops at 1,000, and then says so.

Source: Zendesk API reference.
"""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from audit.sources.systems.connecting import Progress, basic, connect
from audit.sources.systems.gathered import Gathered, Who
from audit.sources.systems.paging import Item, every, part
from audit.web.connection import Connection
from audit.web.failures import RequestError
from audit.web.kept import Kept
from audit.web.key import Key
from audit.web.keys import READ
from audit.web.systems import Zendesk

PAGE_ROWS = 100
SEARCH_CAP = 1000
#: Tickets that changed in so many days are read; an open one that nobody touched is older news.
DAYS = 90
RECENT_DAYS = 30
OPEN = ("new", "open", "pending", "hold")
SUBJECT = "lifecycle.zendesk"


def connected(
    settings: Zendesk, key: Key, progress: Progress = lambda _: None, kept: Kept | None = None
) -> Connection:
    headers = basic(f"{settings.email}/token", key)
    return connect(
        "zendesk", settings.url, READ["zendesk"], key, headers, progress=progress, kept=kept
    )


def read(connection: Connection, who: Who | None, as_of: date) -> Gathered:
    """Tickets as fields of ``lifecycle``. Raises: RequestError when they cannot be read whole."""
    out = Gathered("zendesk")
    since = f"updated>={as_of - timedelta(days=DAYS)}"
    if who is None:
        owners = _owners(connection)
        tickets = _exported(connection, since)
    else:
        owners = _found(connection, who)
        tickets = [ticket for number in owners for ticket in _searched(connection, number, since)]
    mine: dict[str, list[Item]] = defaultdict(list)
    unknown = 0
    for ticket in tickets:
        identity = owners.get(str(ticket.get("organization_id")))
        if identity is None:
            unknown += 1
        else:
            mine[identity].append(ticket)
    for identity in sorted(set(owners.values())):
        _fields(out, identity, mine[identity], as_of)
    if unknown and who is None:
        message = f"Left out, of no organization with an external id: {unknown} tickets in Zendesk."
        out.remarks.append(message)
    out.read[SUBJECT] = len(tickets)
    out.requests = connection.sent
    return out


def _owners(connection: Connection) -> dict[str, str]:
    items = _pages(connection, "/api/v2/organizations.json", "organizations", {})
    return {str(o["id"]): str(o["external_id"]) for o in items if o.get("external_id")}


def _found(connection: Connection, who: Who) -> dict[str, str]:
    path = "/api/v2/organizations/search.json"
    answer = connection.read("GET", path, params={"external_id": who.organization_id})
    found = part(answer, "organizations", path)
    return {
        str(one["id"]): who.organization_id
        for one in found
        if one.get("external_id") == who.organization_id
    }


def _exported(connection: Connection, query: str) -> list[Item]:
    params = {"query": query, "filter[type]": "ticket"}
    return _pages(connection, "/api/v2/search/export.json", "results", params)


def _pages(connection: Connection, path: str, name: str, params: dict[str, str]) -> list[Item]:
    def fetch(cursor: Any) -> tuple[Any, Any]:
        after = {"page[after]": cursor} if cursor else {}
        asked = {"page[size]": PAGE_ROWS, **params, **after}
        answer = connection.read("GET", path, params=asked)
        meta = part(answer, "meta", path)
        return part(answer, name, path), meta.get("after_cursor") if meta.get("has_more") else None

    return every(fetch, path)


def _searched(connection: Connection, number: str, query: str) -> list[Item]:
    path = "/api/v2/search.json"
    wanted = f"type:ticket organization:{number} {query}"
    counts: set[int] = set()

    def fetch(page: Any) -> tuple[Any, Any]:
        page = page or 1
        answer = connection.read("GET", path, params={"query": wanted, "page": page})
        count = part(answer, "count", path)
        counts.add(count)
        if count > SEARCH_CAP:
            raise RequestError(
                f"{path} found {count:,} tickets and gives {SEARCH_CAP:,} at most; none of them "
                "were used. Pull with --portfolio, which reads them through the export."
            )
        return part(answer, "results", path), page + 1 if answer.get("next_page") else None

    found = every(fetch, path)
    if counts != {len(found)}:
        raise RequestError(
            f"{path} gave {len(found)} tickets and counts {max(counts)}; they changed while they "
            "were read. Pull again."
        )
    return found


def _fields(out: Gathered, identity: str, tickets: list[Item], as_of: date) -> None:
    who = {"organization_id": identity}
    recent = (as_of - timedelta(days=RECENT_DAYS)).isoformat()
    made = [str(one.get("created_at") or "") for one in tickets]
    still = [one for one in tickets if str(one.get("status")).lower() in OPEN]
    newest = max(made, default="")
    urgent = sum(str(one.get("priority")).lower() == "urgent" for one in still)
    updated = max((str(one.get("updated_at") or "") for one in tickets), default="") or None
    out.field(who, "zendesk.tickets_30_days", str(sum(at[:10] >= recent for at in made)), updated)
    out.field(who, "zendesk.urgent_tickets", str(urgent), updated)
    out.field(who, "zendesk.open_conversation", str(bool(still)).lower(), updated)
    if newest:
        days = max((as_of - date.fromisoformat(newest[:10])).days, 0)
        out.field(who, "zendesk.days_since_ticket", str(days), updated)
