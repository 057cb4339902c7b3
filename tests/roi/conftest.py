"""Small accounts, examined without simulated periods: ``examined(rows, activity={...}, ...)``."""

import pytest

from audit.account import Account
from audit.findings.examine import examine

AS_OF = "2026-11-01"
WINDOW = {"window_start": "2026-10-02", "window_end": AS_OF}
READERS = ("insight", "action", "cohort", "experiment", "survey", "destination")
COVERED = (
    "usage_daily",
    "usage_rows.product_analytics",
    "usage_rows.enhanced_persons",
    "usage_rows.group_analytics",
    "usage_rows.session_replay",
    "usage_rows.feature_flags",
    *(f"resources.{kind}" for kind in (*READERS, "flag", "batch_export")),
    "activity.people",
    "activity.group_events",
    "activity.ai_generations",
    "activity.people_using_product_analytics",
    "activity.people_using_web_analytics",
    "activity.people_using_session_replay",
    "activity.people_using_error_tracking",
    "projects.replay_controls",
    "projects.replay_triggers",
    "subscriptions",
    "limits",
)


def row(meter, event, quantity, *, project="1"):
    return {
        "organization_id": "acme",
        "project_id": project,
        "meter": meter,
        "event": event,
        "library": "web",
        "host_class": "production",
        "identified": False,
        "known_person": False,
        "quantity": quantity,
        **WINDOW,
    }


def resource(kind, *, refers_to="[]", project="1", state="active", name="", details=None):
    return {
        "organization_id": "acme",
        "project_id": project,
        "kind": kind,
        "resource_id": f"{kind}{refers_to}{project}{name}",
        "name": name,
        "state": state,
        "refers_to": refers_to,
        "details": details,
    }


def account(rows=(), *, activity=None, resources=(), missing=(), window=WINDOW, **tables):
    frames = {
        "organizations": [
            {
                "organization_id": "acme",
                "name": "Acme",
                "as_of": AS_OF,
                "subscription_level": "paid",
                "has_active_subscription": True,
            }
        ],
        "projects": [
            {"organization_id": "acme", "project_id": one, "name": f"Project {one}"}
            for one in sorted({one["project_id"] for one in rows} | {"1"})
        ],
        "usage_rows": list(rows),
        "activity": [
            {
                "organization_id": "acme",
                "project_id": "1",
                "measure": measure,
                "quantity": quantity,
                **window,
            }
            for measure, quantity in (activity or {}).items()
        ],
        "resources": list(resources),
        "coverage": [
            {
                "organization_id": "acme",
                "project_id": "",
                "subject": subject,
                "complete": True,
                "reason": "",
                "source": "sample",
            }
            for subject in COVERED
            if subject not in missing
        ],
        **tables,
    }
    return Account.from_tables("acme", {name: rows for name, rows in frames.items() if rows})


@pytest.fixture(scope="session")
def build():
    """The builders: build.row(...), build.resource(...), build.examined(...)."""

    class Builders:
        pass

    builders = Builders()
    builders.row = row
    builders.resource = resource
    builders.account = account
    builders.examined = lambda *rows, audience="customer", **told: examine(
        account(rows, **told), audience=audience, draws=0
    )
    return builders
