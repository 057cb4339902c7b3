"""Three-line builders of what is published, and processes that publish or read for real."""

import subprocess
import sys

import pandas as pd
import pytest

from audit.store import Store, publish

PROGRAM = """
import sys
import pandas as pd
from audit.store import publish, Store

def organizations(*names):
    return pd.DataFrame(
        [{"organization_id": n, "as_of": "2026-11-01", "name": n + " by program"} for n in names]
    )

def usage(name, quantity, days=1):
    return pd.DataFrame([
        {"organization_id": name, "project_id": "1", "day": pd.Timestamp("2020-01-01")
         + pd.Timedelta(days=n), "usage_type": "x", "quantity": quantity} for n in range(days)
    ])

def say(text):
    print(text, flush=True)

path = sys.argv[1]
"""


class Shelf:
    """A store at a path of its own."""

    def __init__(self, path):
        self.path = path

    def publish(self, *names, merge=False, **tables):
        """Publish organizations by name; further tables as rows without organization_id when
        there is one organization."""
        frames = {
            "organizations": [
                name
                if isinstance(name, dict)
                else {"organization_id": name, "as_of": "2026-11-01", "name": name.title()}
                for name in names
            ]
        }
        identity = frames["organizations"][0]["organization_id"]
        for table, rows in tables.items():
            frames[table] = [{"organization_id": identity, **row} for row in rows]
        frames = {table: pd.DataFrame(rows) for table, rows in frames.items() if rows}
        return publish(self.path, frames, merge=merge)

    def names(self):
        with Store.open(self.path) as store:
            return store.organizations()["name"].tolist()

    def account(self, wanted):
        with Store.open(self.path) as store:
            return store.account(wanted)

    def rows(self, wanted, table, *columns):
        """Rows of one organization's table as tuples."""
        frame = self.account(wanted)[table][list(columns)]
        return [tuple(None if pd.isna(v) else v for v in row) for row in frame.to_numpy()]

    def files(self):
        return sorted(file.name for file in self.path.parent.iterdir())

    def program(self, body):
        """A process of its own that runs ``body`` with ``path`` and the builders above."""
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM + body, str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "store.duckdb")


@pytest.fixture
def usage():
    """A day of usage without its organization."""
    return {"project_id": "1", "day": "2026-10-02", "usage_type": "x", "quantity": 5}


@pytest.fixture
def coverage():
    def row(subject, complete=True, project="", reason=""):
        return {
            "project_id": project,
            "subject": subject,
            "complete": complete,
            "reason": reason or ("" if complete else "The key lacks a scope."),
            "source": "posthog",
        }

    return row
