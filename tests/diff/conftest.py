"""Two small accounts of one organization, a month apart."""

from datetime import date, timedelta

import pytest

from audit.account import Account

THEN, NOW = date(2026, 10, 1), date(2026, 11, 1)
COVERED = (
    "usage_daily",
    "usage_rows.product_analytics",
    "usage_rows.enhanced_persons",
    "activity.group_events",
    "resources.action",
    "subscriptions",
    "limits",
)


def row(meter, event, quantity, *, project="1"):
    return {
        "project_id": project,
        "meter": meter,
        "event": event,
        "library": "web",
        "host_class": "production",
        "identified": False,
        "known_person": False,
        "quantity": quantity,
    }


def account(as_of, *rows, projects=None, covered=COVERED, arguments=None, **tables):
    """Usage rows of the 30 days before ``as_of``; an organization's columns by ``organization``."""
    organization = tables.pop("organization", {})
    window = {"window_start": (as_of - timedelta(days=30)).isoformat(), "window_end": str(as_of)}
    known = projects or sorted({one["project_id"] for one in rows} | {"1"})
    frames = {
        "organizations": [{"as_of": str(as_of), "name": "Acme", **organization}],
        "projects": [{"project_id": one, "name": f"Project {one}"} for one in known],
        "usage_rows": [{**one, **window} for one in rows],
        "coverage": [
            {"project_id": "", "subject": one, "complete": True, "reason": "", "source": "sample"}
            for one in covered
        ],
        **tables,
    }
    owned = {
        name: [{"organization_id": "acme", **one} for one in some]
        for name, some in frames.items()
        if some
    }
    made = Account.from_tables("acme", owned)
    made.arguments = {"as_of": str(as_of), **(arguments or {})}
    return made


@pytest.fixture(scope="session")
def build():
    """``build.then(rows...)``, ``build.now(rows...)`` and ``build.row(meter, event, quantity)``."""

    class Builders:
        pass

    builders = Builders()
    builders.row = row
    builders.account = account
    builders.then = lambda *rows, **more: account(THEN, *rows, **more)
    builders.now = lambda *rows, **more: account(NOW, *rows, **more)
    builders.captured = lambda quantity, **more: row(
        "product_analytics", "$autocapture", quantity, **more
    )
    builders.viewed = lambda quantity, **more: row(
        "product_analytics", "$pageview", quantity, **more
    )
    return builders
