"""One real run over a sample account whose every name is hostile."""

from decimal import Decimal

import pytest

from audit.account import Account
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


@pytest.fixture
def account_named(sample):
    def named(name, organization_id="one"):
        frame = sample["organizations"].assign(name=name, organization_id=organization_id)
        return Account(organization_id, {"organizations": frame})

    return named


@pytest.fixture
def zero():
    return Decimal(0)
