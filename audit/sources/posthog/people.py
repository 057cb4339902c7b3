"""The organization, its members and its projects with their settings."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from audit.errors import InputError, SourceError
from audit.sources.posthog import pages
from audit.sources.posthog.client import Client
from audit.sources.posthog.notes import Notes
from audit.tables import SETTINGS
from audit.web.failures import RequestError

SHOWN_ORGANIZATIONS = 5
REPLAY_CONTROLS = (
    "session_recording_minimum_duration_milliseconds",
    "session_recording_sample_rate",
    "session_recording_linked_flag",
)
REPLAY_TRIGGERS = (
    "session_recording_url_trigger_config",
    "session_recording_event_trigger_config",
    "session_recording_trigger_groups",
)
#: Without these an answer is no project; the others may be younger than the server.
DECISIVE_SETTINGS = ("autocapture_opt_out", "session_recording_opt_in")
PROJECT_SUBJECTS = ("projects.settings", "projects.replay_controls", "projects.replay_triggers")


def organization(client: Client, organization_id: str | None) -> dict[str, Any]:
    """The organization's own answer; None is the one the key's owner is in.

    Raises: SourceError when there is no such organization for this key, naming those there are.
    """
    if organization_id is None:
        return _identified(client.get("/api/organizations/@current/"))
    if not organization_id.strip() or organization_id.startswith("@"):
        raise InputError(f"{organization_id!r} is no organization id. Leave it out for your own.")
    try:
        path = f"/api/organizations/{quote(organization_id, safe='')}/"
        return _identified(client.get(path))
    except RequestError as error:
        if error.status != 404:
            raise
    raise SourceError(
        f"No organization {organization_id!r} on {client.region} for this key. {_visible(client)}"
    )


def _identified(answer: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(answer.get("id"), str) or not answer["id"]:
        raise SourceError("The organization's answer has no id. Check --host.")
    return answer


def current_id(client: Client) -> str | None:
    """Id of the organization the key's owner is in, or None when that cannot be read."""
    try:
        return str(client.get("/api/organizations/@current/").get("id"))
    except RequestError as error:
        if error.stops_the_pull:
            raise
        return None


def _visible(client: Client) -> str:
    try:
        found = pages.every(client, "/api/organizations/", {"limit": pages.PAGE_ROWS})
    except RequestError:
        return "Check the id and --host."
    # Names are customer-controlled text: shown quoted.
    shown = [f"{item.get('id')} ({str(item.get('name'))!r})" for item in found]
    more = (
        f" and {len(shown) - SHOWN_ORGANIZATIONS} more" if len(shown) > SHOWN_ORGANIZATIONS else ""
    )
    return f"It sees: {', '.join(shown[:SHOWN_ORGANIZATIONS]) or 'none'}{more}."


def read_members(client: Client, notes: Notes) -> None:
    with notes.reading("members"):
        path = f"/api/organizations/{quote(notes.organization_id, safe='')}/members/"
        items = pages.every(client, path, {"limit": pages.PAGE_ROWS})
        rows = []
        for item in items:
            user: Mapping[str, Any] = item.get("user") or {}
            names = (user.get("first_name"), user.get("last_name"))
            rows.append(
                {
                    "member_id": str(user.get("uuid") or item["id"]),
                    "email": user.get("email"),
                    "name": " ".join(name for name in names if name) or None,
                    "level": item.get("level"),
                    "joined_at": item.get("joined_at"),
                    "last_seen_at": item.get("last_login"),
                }
            )
        notes.add("members", rows)
        notes.read("members", query_name="GET members", row_count=len(rows))


def listed_projects(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The projects inside an organization's answer; older servers call them teams.

    Raises: SourceError when the answer lists neither.
    """
    found = answer.get("projects") or answer.get("teams", answer.get("projects"))
    whole = isinstance(found, list) and all(isinstance(p, dict) and p.get("id") for p in found)
    if not isinstance(found, list) or not whole:
        raise SourceError(
            "The organization's answer lists no projects. Add the scope project:read to the key, "
            "or check --host."
        )
    return found


def read_project(client: Client, notes: Notes, listed: Mapping[str, Any]) -> None:
    """One row of projects with all settings; where they cannot be read, name and id only."""
    project_id = str(listed["id"])
    row: dict[str, Any] = {
        "project_id": project_id,
        "name": listed.get("name"),
        "created_at": listed.get("created_at"),
    }
    with notes.reading(*PROJECT_SUBJECTS, project_id=project_id):
        answer = client.get(f"/api/projects/{quote(project_id, safe='')}/")
        row |= {name: answer.get(name) for name in ("name", "created_at") if name in answer}
        row |= {c.name: answer[c.name] for c in SETTINGS if c.name in answer}
        _note_settings(notes, project_id, answer)
    notes.add("projects", [row])


def _note_settings(notes: Notes, project_id: str, answer: Mapping[str, Any]) -> None:
    for subject, fields in zip(
        PROJECT_SUBJECTS, (DECISIVE_SETTINGS, REPLAY_CONTROLS, REPLAY_TRIGGERS), strict=True
    ):
        absent = [name for name in fields if name not in answer]
        if absent:
            reason = (
                f"The server does not show {', '.join(absent)}; it may be older than this tool."
            )
            notes.missing(subject, reason=reason, project_id=project_id)
        else:
            notes.read(subject, project_id=project_id, query_name="GET project", row_count=1)
    absent = [c.name for c in SETTINGS if c.name not in answer]
    if absent:
        message = f"The server does not show: {', '.join(absent)}."
        notes.quality("projects", "absent_setting", message, len(absent), project_id)
