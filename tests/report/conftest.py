"""Two real runs over a sample account whose every name is hostile."""

import shutil
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from audit.account import Account
from audit.ledger import suppression
from audit.open import load_account
from audit.run import run

NAMES = (
    "<script>alert(1)</script>",
    "<img src=https://evil.example/x onerror=alert(1)>",
    '"><svg onload=alert(1)></style></script>',
    "[x](javascript:alert(1)) **bold**\n# heading",
    "\u202egnp.exe\u2066",
    "x" * 10_000,
)

#: A check that the customer sees, and one for the team.
DECIDED = ("autocapture_unread", "outreach_due")
OWNER, REASON = "Ada Insider", "they never listen <b>anyway</b>"


def renamed(account, organization, projects):
    """The account under other names."""
    frames = dict(account.frames)
    frames["organizations"] = frames["organizations"].assign(name=organization)
    count = len(frames["projects"])
    frames["projects"] = frames["projects"].assign(
        name=[projects[i % len(projects)] for i in range(count)]
    )
    return Account(account.organization_id, frames)


@pytest.fixture(scope="session")
def sample():
    return load_account()


@pytest.fixture(scope="session")
def hostile(sample):
    return renamed(sample, NAMES[0] + NAMES[4] + "\n../../etc", NAMES)


@pytest.fixture(scope="session")
def hostile_report(hostile, tmp_path_factory):
    return run(account=hostile, out=tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="session")
def second_report(hostile, hostile_report, tmp_path_factory):
    """For a customer, a day after the first, with a decision about what the customer sees and one
    about what only the team does."""
    out = tmp_path_factory.mktemp("second")
    first = hostile_report.folder
    shutil.copytree(first, out / first.parent.name / first.name)
    decided = [accepted(number, check, hostile) for number, check in enumerate(DECIDED, 1)]
    day = hostile.as_of + timedelta(days=1)
    return run(account=hostile, out=out, as_of=day, suppressions=decided)


def accepted(number, check, account):
    one = suppression(
        check=check,
        organization_id=account.organization_id,
        reason=REASON,
        owner=OWNER,
        on=account.as_of,
        until=account.as_of + timedelta(days=90),
    )
    return replace(one, id=number)


@pytest.fixture
def account_named(sample):
    def named(name, organization_id="one"):
        frame = sample["organizations"].assign(name=name, organization_id=organization_id)
        return Account(organization_id, {"organizations": frame})

    return named


@pytest.fixture
def zero():
    return Decimal(0)
