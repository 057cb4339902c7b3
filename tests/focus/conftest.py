"""Small accounts, the sample portfolio, and the rules of FOCUS."""

import csv
import importlib.util
import io
from datetime import date
from pathlib import Path

import pytest

from audit import focus
from audit.account import Account
from audit.findings.examine import examine
from audit.sources.sample import portfolio

AS_OF = "2026-11-01"
SAVERS = ("autocapture_unread", "group_analytics_unused", "replay_without_minimum_duration")
_PLACE = Path(__file__).parent / "specification.py"
_spec = importlib.util.spec_from_file_location("focus_specification", _PLACE)
specification = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(specification)


@pytest.fixture(scope="session")
def spec():
    """The rules of FOCUS 1.2, written without a look at the export."""
    return specification


@pytest.fixture(scope="session")
def broken():
    """The rules that CSV text breaks."""

    def check(text):
        header, rows = parsed(text)
        return specification.violations(header, rows)

    return check


def parsed(text):
    reader = csv.DictReader(io.StringIO(text, newline=""))
    rows = [{name: value or None for name, value in row.items()} for row in reader]
    return reader.fieldnames, rows


@pytest.fixture(scope="session")
def sample():
    """One audit per organization of the sample portfolio, with a few checks that save."""
    tables = portfolio(12, as_of=date(2026, 11, 1)).tables
    return [
        examine(Account.from_tables(one, tables), draws=0, only=SAVERS)
        for one in tables["organizations"]["organization_id"]
    ]


def audited(*, lines=(), invoices=(), limits=(), subscriptions=(), **organization):
    """An audit of an organization with these lines and invoices, and nothing else."""
    mine = {"organization_id": "acme"}
    frames = {
        "organizations": [{**mine, "name": "Acme", "as_of": AS_OF, "region": "eu", **organization}],
        "bill_lines": [{**mine, **line} for line in lines],
        "subscriptions": [{**mine, **one} for one in subscriptions],
        "limits": [{**mine, **limit} for limit in limits],
        "invoices": [{**mine, "status": "paid", **invoice} for invoice in invoices],
    }
    account = Account.from_tables("acme", {name: rows for name, rows in frames.items() if rows})
    # Which checks run makes no difference to bills.
    return examine(account, draws=0, only=("billing_limit_set",))


@pytest.fixture
def actual():
    """The actual rows of an organization with these lines and invoices."""

    def rows(**given):
        return focus.row_sets(audited(**given))[0]

    return rows


@pytest.fixture
def an_audit():
    return audited
