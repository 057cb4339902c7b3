"""Against the account file of an earlier report, with that report's own numbers beside it."""

from pathlib import Path
from typing import Any

from audit.account import Account
from audit.checks import Audience
from audit.diff.compare import compare
from audit.diff.model import Diff
from audit.diff.reported import reported

ACCOUNT_FILE = "account.zip"
FINDINGS_FILE = "findings.json"


def against(file: str | Path, now: Account, **asked: Any) -> Diff:
    """Compare ``now`` with an earlier account file. ``asked``: as for :func:`compare`.

    Where it is the ``account.zip`` of a report, the numbers of then are those of the report, as
    long as it was for the same audience.

    Raises: what :func:`compare` and ``Account.load`` raise.
    """
    file = Path(file)
    before = Account.load(file)
    was = reported(file.with_name(FINDINGS_FILE)) if file.name == ACCOUNT_FILE else None
    audience = asked.get("audience", Audience.CUSTOMER)
    if before.arguments.get("audience", audience) != audience:
        was = None
    return compare(before, now, was=was, **asked)
