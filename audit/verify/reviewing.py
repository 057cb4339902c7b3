"""Many accounts: their audits put on record, and later held to what was recorded."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from audit.errors import InputError
from audit.findings.examine import examine
from audit.ledger.book import Book
from audit.ledger.records import Run
from audit.open import load_account
from audit.store import Store
from audit.verify.measure import Review, measured
from audit.verify.prediction import recorded

Told = Callable[[str], None]


def _silent(_: str) -> None:
    pass


def organizations(store: str | Path) -> list[str]:
    """The organizations of a store, by id."""
    with Store.open(store) as opened:
        found = opened.connection.execute(
            "SELECT organization_id FROM organizations ORDER BY organization_id"
        ).fetchall()
    return [str(row[0]) for row in found]


def record(
    store: str | Path,
    book: Book,
    wanted: Iterable[str],
    *,
    by: str,
    on: date,
    asked: Mapping[str, Any],
    told: Told = _silent,
) -> tuple[list[tuple[Run, int]], list[tuple[str, str]]]:
    """Audit organizations and put what they predict on record.

    ``asked``: arguments of :func:`audit.examine`. Returns the new runs, each with its number of
    predictions, and of the others the organization and why nothing was written.
    """
    done: list[tuple[Run, int]] = []
    left: list[tuple[str, str]] = []
    for identity in wanted:
        audit = examine(load_account(identity, store=str(store)), **asked)
        told(f"auditing {audit.organization_name}")
        try:
            run, predictions = recorded(audit, by=by, on=on)
        except InputError as error:
            left.append((audit.organization_name, str(error)))
            continue
        written = book.record(run, predictions)
        if written is None:
            left.append((audit.organization_name, f"the audit of {run.as_of} is on record already"))
        else:
            done.append((written, len(predictions)))
    return done, left


def review(
    store: str | Path,
    book: Book,
    *,
    organization_id: str = "",
    asked: Mapping[str, Any],
    told: Told = _silent,
) -> list[Review]:
    """What came of every recorded run whose organization is in the store, oldest first.

    ``asked``: arguments of :func:`audit.examine`; the policy is always the run's own.
    """
    runs = book.runs(organization_id or None)
    there = set(organizations(store)) if runs else set()
    reviews = []
    for run in runs:
        if run.organization_id not in there:
            continue
        account = load_account(run.organization_id, store=str(store))
        told(f"verifying {account.name}")
        audit = examine(account, **{**asked, "policy": run.policy}, draws=0)
        if audit.as_of <= run.as_of:
            continue
        predictions = book.predictions(run.organization_id)
        reviews.append(measured(audit, run, predictions, book.contacts(run.organization_id)))
    return reviews
