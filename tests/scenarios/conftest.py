"""Accounts whose coming usage is known, so that scenarios can be worked by hand."""

from dataclasses import replace

import numpy as np
import pytest

from audit import examine
from audit.account import Account

AS_OF = "2026-11-01"
WINDOW = {"window_start": "2026-10-02", "window_end": AS_OF}


def usage_row(meter, event, quantity, project="1", identified=False):
    return {
        "organization_id": "acme",
        "project_id": project,
        "meter": meter,
        "event": event,
        "library": "web",
        "host_class": "production",
        "identified": identified,
        "known_person": False,
        "quantity": quantity,
        **WINDOW,
    }


def daily(usage_type, quantity, project="1"):
    return [
        {
            "organization_id": "acme",
            "project_id": project,
            "day": f"2026-10-{31 - back:02d}",
            "usage_type": usage_type,
            "quantity": quantity,
        }
        for back in range(30)
    ]


def audited(policy="2026-11", organization=None, **tables):
    projects = tables.pop("projects", [{"project_id": "1"}])
    organization = {"organization_id": "acme", "name": "Acme", "as_of": AS_OF} | (
        organization or {}
    )
    coverage = [
        {
            "organization_id": "acme",
            "project_id": "",
            "subject": subject,
            "complete": True,
            "reason": "",
            "source": "sample",
        }
        for subject in (
            "organizations",
            "usage_daily",
            "usage_rows.product_analytics",
            "subscriptions",
        )
    ]
    frames = {
        "organizations": [organization],
        "projects": [{"organization_id": "acme", "name": "P", **one} for one in projects],
        "coverage": coverage,
        **tables,
    }
    account = Account.from_tables("acme", frames)
    return examine(account, policy=policy, draws=100)


def steady(audit, months=1.0):
    """The audit with every coming month like the priced one, times a factor by month."""
    factor = np.broadcast_to(np.asarray(months, dtype=float), 12)
    units = np.repeat(audit.terms.month[None, None, :], 13, axis=1).astype(float)
    units[:, 1:, :] *= factor[None, :, None]
    units = np.repeat(np.rint(units).astype(np.int64), 100, axis=0)
    return replace(
        audit,
        outlook=replace(audit.outlook, simulated=replace(audit.outlook.simulated, units=units)),
    )


@pytest.fixture
def events():
    """3M events a month (84.30), a third of them $autocapture, in two projects."""
    rows = [
        usage_row("product_analytics", "$autocapture", 600_000),
        usage_row("product_analytics", "page", 900_000),
        usage_row("product_analytics", "$autocapture", 400_000, project="2"),
        usage_row("product_analytics", "page", 1_100_000, project="2"),
    ]
    billed = daily("event_count_in_period", 50_000) + daily(
        "event_count_in_period", 50_000, project="2"
    )
    projects = [{"project_id": "1"}, {"project_id": "2"}]
    return steady(audited(usage_rows=rows, usage_daily=billed, projects=projects))


@pytest.fixture
def make():
    """make.audited(...), make.steady(audit, months), make.usage_row(...), make.daily(...)."""

    class Makers:
        pass

    makers = Makers()
    makers.audited, makers.steady = audited, steady
    makers.usage_row, makers.daily = usage_row, daily
    return makers
