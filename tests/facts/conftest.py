"""``facts_of``: the facts of raw tables, by scope, as every check would get them."""

from datetime import date

import pytest

from audit.account import Account
from audit.checks import load_checks
from audit.findings.world import look
from audit.frames import in_memory
from audit.policy import load_policy

IDENTITY = {"organization_id": "acme"}
WINDOW = {"window_start": "2026-10-02", "window_end": "2026-11-01"}


def world_of(covered=(), *, lookback_days=30, as_of=None, organization=None, **tables):
    """``covered``: subject, or (subject, project) or (subject, project, reason)."""
    coverage = []
    for one in covered:
        subject, project, reason = (*((one,) if isinstance(one, str) else one), "", "")[:3]
        row = {"project_id": project, "subject": subject, "complete": not reason}
        coverage.append({**IDENTITY, **row, "reason": reason, "source": "sample"})
    one = {**IDENTITY, "as_of": "2026-11-01", "name": "Acme", **(organization or {})}
    frames = {"organizations": [one], "coverage": coverage}
    for table, rows in tables.items():
        window = WINDOW if table in ("usage_rows", "activity") else {}
        frames[table] = [{**IDENTITY, **window, **row} for row in rows]
    account = Account.from_tables("acme", {n: rows for n, rows in frames.items() if rows})
    checks = load_checks()
    return look(
        in_memory(account.frames),
        {},
        load_policy("2025-06", checks),
        as_of=as_of and date.fromisoformat(as_of),
        lookback_days=lookback_days,
    )


class Read:
    def __init__(self, world):
        self.world = world
        self.facts = world.facts

    def __call__(self, fact, place=None):
        """A fact of the organization, or of a project or product; None when it is missing."""
        scope = self.facts.scope_of(fact)
        frame = self.facts.frames[scope]
        if place is not None:
            column = "project_id" if scope == "project" else "product"
            frame = frame[frame[column] == place]
        (value,) = frame[fact].tolist()
        return None if value != value else value

    def reason(self, name, row=0):
        """Why a fact, or the facts of a file, are missing in a row; None when they are not."""
        if not name.endswith(".sql"):
            return self.facts.reason(name, row)
        of_file = (
            why
            for reasons in self.facts.reasons.values()
            for (file, _), why in reasons.items()
            if file == name
        )
        return next(of_file).get(row)


@pytest.fixture
def facts_of():
    def build(*covered, **tables):
        return Read(world_of(covered, **tables))

    return build


@pytest.fixture
def usage_of():
    def build(**options):
        return world_of(**options).usage

    return build


@pytest.fixture
def row():
    """A usage row without its organization and window."""

    def build(meter, event="", quantity=1, project="1", **more):
        return {
            "project_id": project,
            "meter": meter,
            "event": event,
            "library": "web",
            "host_class": "production",
            "identified": False,
            "known_person": False,
            "quantity": quantity,
            **more,
        }

    return build
