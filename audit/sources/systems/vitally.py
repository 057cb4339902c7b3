"""Vitally: accounts with their traits, segments and people; notes, tasks and conversations.

Every field and trait becomes a row of ``lifecycle`` as it is written there; a custom field whose
key tells nothing is named by its label. Churned accounts are read too.

Source: Vitally REST API.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from audit.lifecycle.fields import fields
from audit.sources.files.expand import fields_of, written
from audit.sources.systems.connecting import Progress, connect, key_as_user
from audit.sources.systems.gathered import Gathered, Who
from audit.sources.systems.paging import Item, every, part
from audit.web.connection import Connection
from audit.web.failures import RequestError
from audit.web.kept import Kept
from audit.web.key import Key
from audit.web.keys import READ
from audit.web.systems import Vitally

PAGE_ROWS = 100
CUSTOM = "vitally.custom."
#: Keys of an account that are no statement about it.
PLUMBING = ("id", "externalId", "name", "organizationId", "createdAt", "updatedAt")
CLOSED = ("closed", "resolved", "done", "archived")


def connected(
    settings: Vitally, key: Key, progress: Progress = lambda _: None, kept: Kept | None = None
) -> Connection:
    """A connection that reads or writes, by its key."""
    headers = key_as_user(key)
    return connect(
        "vitally", settings.url, READ["vitally"], key, headers, progress=progress, kept=kept
    )


def read(connection: Connection, who: Who | None, *, people: bool = False) -> Gathered:
    """All accounts, or one; ``people`` also reads whose address belongs to which.

    Raises: RequestError when the accounts cannot be read whole.
    """
    out = Gathered("vitally")
    labels = _labels(connection)
    accounts = _accounts(connection, who)
    known: dict[str, str] = {}
    for account in sorted(accounts, key=lambda one: str(one.get("updatedAt"))):
        identity = account.get("externalId")
        if not isinstance(identity, str) or not identity:
            continue
        if identity in out.names:
            out.rows["lifecycle"] = [
                r for r in out.rows["lifecycle"] if r["organization_id"] != identity
            ]
            out.say(
                identity,
                "lifecycle",
                "two_crm_accounts",
                "Vitally has two accounts of this organization; the one changed last was read.",
            )
        out.names[identity] = str(account.get("name") or identity)
        known[str(account.get("id"))] = identity
        _account(out, identity, account, labels)
    strangers = len(accounts) - len(known)
    if strangers:
        message = f"Left out, without an organization id: {strangers} of the accounts in Vitally."
        out.remarks.append(message)
    out.read["lifecycle"] = len(out.rows.get("lifecycle", []))
    for kind in ("notes", "tasks", "conversations"):
        _about(out, connection, kind, known, who)
    if who is not None and out.names:
        _health(out, connection, who)
    if people:
        _people(out, connection, known, who)
    out.requests = connection.sent
    return out


def _accounts(connection: Connection, who: Who | None) -> list[Item]:
    if who is None:
        # By creation: rows that change while they are read do not move between pages.
        every_one = {"sortBy": "createdAt", "status": "activeOrChurned"}
        return _list(connection, "/resources/accounts", **every_one)
    path = f"/resources/accounts/{quote(who.organization_id, safe='')}"
    try:
        return [connection.read("GET", path)]
    except RequestError as error:
        if error.status != 404:
            raise
        return []


def _list(connection: Connection, path: str, **params: str) -> list[Item]:
    def fetch(cursor: Any) -> tuple[Any, Any]:
        after = {"from": cursor} if cursor else {}
        answer = connection.read("GET", path, params={"limit": PAGE_ROWS, **params, **after})
        return part(answer, "results", path), answer.get("next")

    return every(fetch, path, empty_ends=True)


def _labels(connection: Connection) -> dict[str, str]:
    """Labels of custom fields by the key their trait has."""
    answer = connection.read("GET", "/resources/customFields", params={"model": "accounts"})
    if not isinstance(answer, list):
        raise RequestError(
            "/resources/customFields answered no list. The vendor may have changed its API; "
            "upgrade the tool, or report it."
        )
    return {
        str(one["path"]): str(one["label"])
        for one in answer
        if isinstance(one, dict) and one.get("path") and one.get("label")
    }


def _account(out: Gathered, identity: str, account: Item, labels: dict[str, str]) -> None:
    who = {"organization_id": identity}
    updated = account.get("updatedAt")
    seen: set[str] = set()
    for name, held in _fields(account, labels):
        value = written(held)
        if value is None or name in seen:
            continue
        seen.add(name)
        out.field(who, name, value, updated)
    customer = (account.get("traits") or {}).get("stripe.customerId")
    if isinstance(customer, str):
        out.customers[customer] = identity


def _fields(account: Item, labels: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for header, held in account.items():
        if header in PLUMBING:
            continue
        for name, value in fields_of(header, held):
            key = name.removeprefix("traits.").removeprefix(CUSTOM)
            if fields().field(name) is None and key in labels:
                yield f"traits.{labels[key]}", value
            else:
                yield name, value


def _about(
    out: Gathered, connection: Connection, kind: str, known: dict[str, str], who: Who | None
) -> None:
    """Notes, tasks or conversations: how many, how new, and whether one is open."""
    path = f"/resources/{kind}"
    if who is not None:
        path = f"/resources/accounts/{quote(who.organization_id, safe='')}/{kind}"
    if who is not None and not known:
        return
    subject = f"lifecycle.{kind}"
    try:
        items = _list(connection, path)
    except RequestError as error:
        if error.stops_the_pull:
            raise
        out.missing[subject] = str(error)
        return
    newest: dict[str, str] = {}
    is_open: set[str] = set()
    unknown = 0
    for item in items:
        identity = known.get(str(item.get("accountId")))
        if identity is None:
            unknown += 1
            continue
        at = str(item.get("noteDate") or item.get("updatedAt") or item.get("createdAt") or "")
        newest[identity] = max(newest.get(identity, ""), at)
        if _is_open(kind, item):
            is_open.add(identity)
    for identity, at in sorted(newest.items()):
        if at:
            out.field({"organization_id": identity}, f"vitally.newest_{kind[:-1]}_at", at, at)
    name = {"tasks": "vitally.open_task", "conversations": "vitally.open_conversation"}.get(kind)
    for identity in sorted(is_open):
        if name is not None:
            out.field({"organization_id": identity}, name, "true", newest[identity] or None)
    if unknown and who is None:
        message = (
            f"Left out, of no account with an organization id: {unknown} of the {kind} in Vitally."
        )
        out.remarks.append(message)
    out.read[subject] = len(items)


def _is_open(kind: str, item: Item) -> bool:
    if kind == "tasks":
        return not item.get("completedAt") and not item.get("archivedAt")
    return str(item.get("status") or "").lower() not in ("", *CLOSED)


def _health(out: Gathered, connection: Connection, who: Who) -> None:
    path = f"/resources/accounts/{quote(who.organization_id, safe='')}/healthScores"
    try:
        answer = connection.read("GET", path)
    except RequestError as error:
        if error.stops_the_pull:
            raise
        out.missing["lifecycle.health_scores"] = str(error)
        return
    scores = answer.get("scores") if isinstance(answer, dict) else None
    for score in scores if isinstance(scores, list) else []:
        if isinstance(score, dict) and score.get("name"):
            out.field(
                {"organization_id": who.organization_id},
                f"vitally.health_score.{score['name']}",
                written(score.get("value")),
            )
    out.read["lifecycle.health_scores"] = len(scores or [])


def _people(out: Gathered, connection: Connection, known: dict[str, str], who: Who | None) -> None:
    path = "/resources/users"
    if who is not None:
        path = f"/resources/accounts/{quote(who.organization_id, safe='')}/users"
    for person in _list(connection, path):
        accounts = person.get("accounts") or [{"id": person.get("accountId")}]
        owners = {known.get(str(one.get("id"))) for one in accounts if isinstance(one, dict)}
        owners.discard(None)
        email = person.get("email") or person.get("externalId")
        if isinstance(email, str) and "@" in email and len(owners) == 1:
            out.emails[email.lower()] = str(next(iter(owners)))
