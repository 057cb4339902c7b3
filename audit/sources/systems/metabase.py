"""Metabase: the customer usage dashboard of one organization, and cards over all of them.

An answer becomes the file that the download button would give, and the importer of exports reads
it, so that a pull and a folder of downloads say the same. Every row must name the organization it
was asked for: a filter that is not mapped to a card is dropped in silence by Metabase.

Source: Metabase source code (query_processor API, closed schemas) and issue 77693.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from audit.errors import AuditError
from audit.sources.files import load
from audit.sources.files.convert import ALL_PROJECTS
from audit.sources.systems.connecting import METABASE_AT_ONCE, Progress, connect
from audit.sources.systems.gathered import Gathered, Who
from audit.sources.systems.paging import part
from audit.web.connection import Connection
from audit.web.failures import RequestError, one_line, told
from audit.web.kept import Kept
from audit.web.key import Key
from audit.web.keys import READ
from audit.web.systems import Metabase

#: Names a column may have that says whose row it is.
OWNERS = ("organization_id", "org_id", "organization id", "organizationid", "external_id")
FILTER = "organization_id"
WINDOW = "lookback_days"
#: Notes of the importer on what is no matter here: usage of no one project.
UNSAID = ("projects_unknown",)
TABLES = ("usage_daily", "bill_lines", "usage_rows", "invoices", "members", "limits")


def connected(
    settings: Metabase, key: Key, progress: Progress = lambda _: None, kept: Kept | None = None
) -> Connection:
    """By API key, or logged in once as ``settings.user`` with the key for a password."""
    token: dict[str, str] = {}

    def headers() -> Mapping[str, str]:
        return token or {"x-api-key": key.reveal()}

    place = READ["metabase password" if settings.user else "metabase"]
    connection = connect(
        "metabase",
        settings.url,
        place,
        key,
        headers,
        progress=progress,
        kept=kept,
        at_once=METABASE_AT_ONCE,
    )
    if settings.user:
        body = {"username": settings.user, "password": key.reveal()}
        # Not a read that may be kept, and not tried twice: logins are throttled.
        try:
            answer = connection.write("POST", "/api/session", body=body, again=False)
        except RequestError:
            connection.http.close()
            raise
        token["X-Metabase-Session"] = str(part(answer, "id", "/api/session"))
    return connection


def read(
    connection: Connection,
    settings: Metabase,
    who: Who | None,
    as_of: date,
    lookback_days: int,
) -> Gathered:
    """The rows of all cards as canonical tables: of ``who`` by the dashboards, else of everybody
    by the cards.

    Raises: RequestError when an answer is of another organization, was cut, or failed.
    """
    out = Gathered("metabase")
    answers: dict[str, Any] = {}
    if who is None:
        for number in settings.cards:
            answers[f"card_{number}"] = _card(connection, number)
    else:
        for number in settings.dashboards:
            answers |= _dashboard(connection, number, who, lookback_days)
    for name, answer in list(answers.items()):
        if not answer["data"]["rows"]:
            # An export without rows has no columns' worth to know it by.
            del answers[name]
            out.remarks.append(f"Metabase: {name} answered no rows.")
    if answers:
        _loaded(out, answers, who, as_of, lookback_days)
    out.requests = connection.sent
    return out


def _loaded(
    out: Gathered, answers: dict[str, Any], who: Who | None, as_of: date, lookback_days: int
) -> None:
    with TemporaryDirectory(prefix="audit-") as folder:
        while answers:
            # Each is let go as soon as it is a file: a card over everybody is large.
            name, answer = answers.popitem()
            with (Path(folder) / f"{name}.json").open("w", encoding="utf-8") as file:
                json.dump(answer, file)
            del answer
        try:
            tables = load(
                folder,
                organization_id=who.organization_id if who else None,
                as_of=as_of,
                lookback_days=lookback_days,
            )
        except AuditError as error:
            raise RequestError(f"Metabase: {error}") from None
    coverage = tables["coverage"]
    for name in TABLES:
        frame = tables.get(name)
        if frame is not None and len(frame):
            if "project_id" in frame.columns:
                whole = frame["project_id"] == ALL_PROJECTS
                frame = frame.assign(project_id=frame["project_id"].mask(whole, ""))
            out.frames[name] = frame
            out.read[name] = len(frame)
    for row in coverage[coverage["complete"].astype(bool)].itertuples():
        out.read.setdefault(str(row.subject), 0)
    for row in tables["data_quality"].itertuples():
        if row.kind in UNSAID:
            continue
        out.say(
            str(row.organization_id),
            str(row.subject),
            str(row.kind),
            str(row.message),
            int(row.quantity),
        )
    out.names |= {
        str(row.organization_id): str(row.name or row.organization_id)
        for row in tables["organizations"].itertuples()
    }


def _card(connection: Connection, number: int) -> dict[str, Any]:
    path = f"/api/card/{number}/query/api"
    body = {"parameters": [], "format_rows": False}
    answer = _checked(connection.read("POST", path, body=body), path)
    if _owner_column(answer) is None:
        raise RequestError(
            f"Card {number} has no column that says whose a row is (organization_id), so its rows "
            "belong to nobody. Add the column to the question."
        )
    return answer


def _dashboard(connection: Connection, number: int, who: Who, lookback_days: int) -> dict[str, Any]:
    path = f"/api/dashboard/{number}"
    dashboard = connection.read("GET", path)
    parameters = {
        str(one.get("slug")): one
        for one in part(dashboard, "parameters", path)
        if isinstance(one, dict)
    }
    if FILTER not in parameters:
        raise RequestError(
            f"Dashboard {number} has no filter {FILTER}; without it every row of everybody would "
            "come. Check systems.metabase.dashboards."
        )
    given = [_given(parameters[FILTER], who.organization_id)]
    if WINDOW in parameters:
        given.append(_given(parameters[WINDOW], lookback_days))
    # The same in a pull that goes on after a crash, so that its kept answers fit.
    asked = str(uuid5(NAMESPACE_URL, f"{who.organization_id}/{lookback_days}"))
    out: dict[str, Any] = {}
    shown = dashboard.get("dashcards") or dashboard.get("ordered_cards") or []
    for card in shown:
        if card.get("card_id") is None:
            continue
        name = (card.get("card") or {}).get("name") or f"card {card['card_id']}"
        where = f"{path}/dashcard/{card['id']}/card/{card['card_id']}/query/api"
        body = {"parameters": given, "dashboard_load_id": asked, "format_rows": False}
        answer = _checked(connection.read("POST", where, body=body), where)
        _only_of(answer, who, str(name), _mapped(card, parameters[FILTER]))
        out[_file_name(str(name), int(card["id"]))] = answer
    return out


def _given(parameter: Mapping[str, Any], value: Any) -> dict[str, Any]:
    kind = str(parameter.get("type"))
    return {
        "id": parameter.get("id"),
        "type": kind,
        "value": [value] if kind.endswith("/=") else value,
    }


def _checked(answer: Any, where: str) -> dict[str, Any]:
    """The answer, if its query ran to the end and all of its rows are here."""
    status = answer.get("status") if isinstance(answer, dict) else None
    if status != "completed":
        said = one_line(told(answer)) or "without a reason"
        raise RequestError(f"The query at {where} failed ({said}). Open it in Metabase.")
    data = part(answer, "data", where)
    rows, columns = part(data, "rows", where), part(data, "cols", where)
    if data.get("rows_truncated"):
        raise RequestError(
            f"{where} was cut at {data['rows_truncated']:,} rows. Nothing of it was used."
        )
    if any(not isinstance(row, list) or len(row) != len(columns) for row in rows):
        raise RequestError(f"{where} answered rows of another width than its columns.")
    if isinstance(answer.get("row_count"), int) and answer["row_count"] != len(rows):
        raise RequestError(
            f"{where} counts {answer['row_count']:,} rows and sent {len(rows):,}. Pull again."
        )
    return dict(answer)


def _owner_column(answer: Mapping[str, Any]) -> int | None:
    for place, column in enumerate(answer["data"]["cols"]):
        if str(column.get("name") or column.get("display_name")).lower() in OWNERS:
            return place
    return None


def _only_of(answer: Mapping[str, Any], who: Who, name: str, is_mapped: bool) -> None:
    """Raises: RequestError unless every row is of the organization that was asked for."""
    place = _owner_column(answer)
    if place is not None:
        strangers = {str(row[place]) for row in answer["data"]["rows"]} - {who.organization_id}
        if strangers:
            raise RequestError(
                f"Metabase card {name!r} answered rows of {len(strangers)} other organizations; "
                "its filter is not connected to it. Nothing was used. Have the dashboard's filter "
                "mapped to this card."
            )
    elif not is_mapped:
        raise RequestError(
            f"Metabase card {name!r} has no column organization_id and its filter is not connected "
            "to it, so its rows may be everybody's. Nothing was used. Map the dashboard's filter "
            "to this card."
        )


def _mapped(card: Mapping[str, Any], parameter: Mapping[str, Any]) -> bool:
    return any(
        mapping.get("parameter_id") == parameter.get("id")
        and mapping.get("card_id") == card.get("card_id")
        for mapping in card.get("parameter_mappings") or []
    )


def _file_name(name: str, number: int) -> str:
    plain = "".join(c if c.isalnum() else "_" for c in name.lower())[:80]
    return f"{plain}_{number}"
