import json
from datetime import date

import pytest

import audit
from audit.outreach import draft
from audit.sources.sample import portfolio


@pytest.fixture(scope="session")
def accounts():
    """Every account of the sample with its findings, as a report has them: (account, bytes)."""
    tables = portfolio(12, as_of=date(2026, 11, 1)).tables
    made = []
    for identity in sorted(tables["organizations"]["organization_id"]):
        account = audit.Account.from_tables(identity, tables)
        found = audit.document(audit.examine(account, audience="customer"))
        made.append((account, json.dumps(found).encode()))
    return made


@pytest.fixture(scope="session")
def of_one(accounts):
    """The account with the largest joint saving."""
    return max(accounts, key=lambda one: float(json.loads(one[1])["joint_saving"]))


@pytest.fixture
def drafted(of_one):
    """A draft of it, with arguments of one's own, or of findings that were changed."""

    def make(change=lambda document: None, **given):
        account, findings = of_one
        document = json.loads(findings)
        change(document)
        settings = {"booking": "https://cal.example.com/ada", "sender": "Ada", **given}
        return draft(document, account, findings=findings, **settings)

    return make
