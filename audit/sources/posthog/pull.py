"""One organization, read whole: what the key may see, and a reason for everything it may not."""

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd

from audit.errors import InputError
from audit.sources.posthog import objects, people
from audit.sources.posthog.client import Client
from audit.sources.posthog.hogql import Runner
from audit.sources.posthog.key import Key, api_key
from audit.sources.posthog.money import Billing
from audit.sources.posthog.notes import Notes
from audit.sources.posthog.observed import Observation, flag_rows

DEFAULT_LOOKBACK_DAYS = 30
DEFAULT_HISTORY_DAYS = 120


def pull(
    organization_id: str | None = None,
    *,
    host: str = "us",
    as_of: date,
    lookback_days: int = DEFAULT_LOOKBACK_DAYS,
    history_days: int = DEFAULT_HISTORY_DAYS,
    progress: Callable[[str], None] = lambda _: None,
    key: Key | None = None,
) -> dict[str, pd.DataFrame]:
    """Canonical tables of one organization; ``None`` is the one the key's owner is in.

    Usage rows and activity cover ``lookback_days`` UTC days before ``as_of``; daily usage and
    finished bills ``history_days``. What a missing scope, role, table or time-out keeps from
    us stands in ``coverage`` with the reason, and the pull goes on.

    Raises: SettingsError without a key, InputError for a bad host or window, SourceError when
    the key is refused or the organization or its projects cannot be read. ``progress`` may be
    called from other threads.
    """
    if lookback_days < 1 or history_days < 0:
        raise InputError(
            f"A window of {lookback_days} days with {history_days} days of history holds nothing; "
            "use 1 or more."
        )
    start = as_of - timedelta(days=lookback_days)
    first = min(start, as_of - timedelta(days=history_days))
    with Client(host, key or api_key(), progress) as client:
        progress("organization")
        answer = people.organization(client, organization_id)
        notes = Notes(str(answer["id"]))
        is_current = organization_id is None or people.current_id(client) == notes.organization_id
        projects = people.listed_projects(answer)
        notes.read("organizations", query_name="GET organization", row_count=1)
        notes.read("projects", query_name="GET organization", row_count=len(projects))
        progress("members")
        people.read_members(client, notes)
        progress("billing")
        billing = Billing(client, notes, as_of, is_current=is_current)
        organization = billing.overview()
        billing.usage(first)
        billing.past_periods(organization, first)
        billing.invoices()
        notes.add(
            "organizations",
            [
                organization
                | {
                    "organization_id": notes.organization_id,
                    "name": answer.get("name"),
                    "region": client.region,
                    "created_at": answer.get("created_at"),
                    "as_of": as_of.isoformat(),
                }
            ],
        )
        for number, project in enumerate(projects, start=1):
            project_id = str(project["id"])
            progress(f"project {number} of {len(projects)}: settings and objects")
            people.read_project(client, notes, project)
            objects.read(client, notes, project_id)
            progress(f"project {number} of {len(projects)}: queries")
            Observation(Runner(client, project_id, start, as_of), notes).read()
        project_ids = [str(project["id"]) for project in projects]
        flag_rows(notes, project_ids, start, as_of, billing.helpers_refused or "")
    return notes.tables()
