"""Three-line builders of small accounts."""

import pytest

from audit.account import Account

AS_OF = "2026-11-01"
WINDOW = {"window_start": "2026-10-02", "window_end": AS_OF}
EVERYTHING = (
    "usage_daily",
    "usage_rows.product_analytics",
    "usage_rows.enhanced_persons",
    "usage_rows.session_replay",
    "usage_rows.feature_flags",
    "projects.replay_controls",
    "projects.replay_triggers",
    "activity.sessions",
    "activity.group_events",
    "resources.action",
    "resources.flag",
    "resources.destination",
    "resources.batch_export",
    "subscriptions",
    "limits",
)


def usage_row(meter, event, quantity, *, project="1", identified=False, known=False):
    return {
        "organization_id": "acme",
        "project_id": project,
        "meter": meter,
        "event": event,
        "library": "web",
        "host_class": "production",
        "identified": identified,
        "known_person": known,
        "quantity": quantity,
        **WINDOW,
    }


def activity(measure, quantity, *, project="1"):
    return {
        "organization_id": "acme",
        "project_id": project,
        "measure": measure,
        "quantity": quantity,
        **WINDOW,
    }


def daily(usage_type, quantity, *, days=30, project="1"):
    """The same quantity on each of the last days of the window."""
    return [
        {
            "organization_id": "acme",
            "project_id": project,
            "day": f"2026-10-{31 - back:02d}",
            "usage_type": usage_type,
            "quantity": quantity,
        }
        for back in range(days)
    ]


def account(*, rows=(), covered=EVERYTHING, organization=None, **tables):
    projects = sorted({row["project_id"] for row in rows} | {"1"})
    frames = {
        "organizations": [
            {"organization_id": "acme", "name": "Acme", "as_of": AS_OF, **(organization or {})}
        ],
        "projects": [
            {"organization_id": "acme", "project_id": one, "name": f"Project {one}"}
            for one in projects
        ],
        "usage_rows": list(rows),
        "coverage": [
            {
                "organization_id": "acme",
                "project_id": "",
                "subject": subject,
                "complete": True,
                "reason": "",
                "source": "sample",
            }
            for subject in covered
        ],
        **tables,
    }
    return Account.from_tables("acme", {name: rows for name, rows in frames.items() if rows})


@pytest.fixture
def build():
    """The builders: build.account(...), build.usage_row(...), build.activity(...), build.daily."""

    class Builders:
        pass

    builders = Builders()
    builders.account = account
    builders.usage_row = usage_row
    builders.activity = activity
    builders.daily = daily
    return builders
