"""Many accounts: their audits put on record, and later held to what was recorded."""

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.errors import InputError
from audit.findings.examine import examine
from audit.ledger.records import Contact, Contacted, Run
from audit.open import load_account
from audit.policy import DEFAULT_POLICY, OwnThresholds
from audit.store import Store, publish
from audit.verify.calibration import Calibration, calibration
from audit.verify.document import document
from audit.verify.measure import Review, measured
from audit.verify.prediction import recorded

if TYPE_CHECKING:
    from audit.ledger.book import Book

Told = Callable[[str], None]

#: When the sample is audited, and when it is held to that; so many of its faults are fixed.
SAMPLE_THEN, SAMPLE_NOW, SAMPLE_ADOPTED = date(2026, 11, 1), date(2027, 1, 6), 60.0
SAMPLE_ORGANIZATIONS = 30


@dataclass(frozen=True)
class SavingsReview:
    """What was predicted and what came of it. ``is_sample``: nobody named a ledger, so it is that
    of the sample, made for this."""

    reviews: tuple[Review, ...]
    calibration: Calibration
    is_sample: bool

    @property
    def saved(self) -> Decimal:
        """By all accounts together. Of an account with several recorded audits only the one that
        saves most counts: they may be about the same usage."""
        most: dict[str, Decimal] = {}
        for one in self.reviews:
            known = most.get(one.run.organization_id, Decimal(0))
            most[one.run.organization_id] = max(known, one.saved or Decimal(0))
        return sum(most.values(), Decimal(0))

    def write(self, folder: str | Path) -> list[Path]:
        """savings_review.json, as ``audit verify --json`` prints it."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "savings_review.json"
        text = json.dumps(document(self.reviews, self.calibration), indent=2) + "\n"
        path.write_text(text, encoding="utf-8", newline="")
        return [path]


def savings_review(
    store: str | Path = "",
    ledger: str = "",
    *,
    organization_id: str = "",
    as_of: date | str = "",
    lookback_days: int = 30,
    thresholds: OwnThresholds = None,
) -> SavingsReview:
    """Hold a store to the predictions of a ledger. Without a ledger, the sample: audited on one
    day, partly fixed, and looked at again.

    Raises: InputError where only one of the two is named; StoreError, SettingsError.
    """
    if bool(store) != bool(ledger):
        raise InputError("Name both, the store of now and the ledger with what was predicted.")
    from audit.ledger.book import Book  # a database's library, which no other notebook needs

    asked = {"as_of": as_of, "lookback_days": lookback_days, "thresholds": thresholds}
    if store:
        book = Book.at(ledger)
        found = review(store, book, organization_id=organization_id, asked=asked)
        return SavingsReview(tuple(found), _calibrated(book, found), is_sample=False)
    with tempfile.TemporaryDirectory(prefix="account-audit-review-") as room:
        book, now = _sample(Path(room))
        found = review(now, book, organization_id=organization_id, asked=asked)
        return SavingsReview(tuple(found), _calibrated(book, found), is_sample=True)


def _calibrated(book: "Book", found: Iterable[Review]) -> Calibration:
    outcomes = [outcome for one in found for outcome in one.outcomes]
    return calibration([*book.outcomes(), *outcomes], book.predictions())


def _sample(room: Path) -> "tuple[Book, Path]":
    """The sample's ledger, and its store of two months later."""
    from audit.ledger.book import Book
    from audit.sources.sample import portfolio
    from audit.sources.sample.adopting import REMEDIES, adopted

    made = portfolio(SAMPLE_ORGANIZATIONS, as_of=SAMPLE_THEN)
    with_remedy = made.truth[made.truth["check"].isin(list(REMEDIES))]["organization_id"]
    wanted = [str(one) for one in dict.fromkeys(with_remedy)]
    then = publish(room / "then.duckdb", made.tables)
    later, _ = adopted(portfolio(SAMPLE_ORGANIZATIONS, as_of=SAMPLE_NOW), SAMPLE_ADOPTED)
    now = publish(room / "now.duckdb", later.tables)
    book = Book.at(room / "ledger.sqlite")
    asked = {"policy": DEFAULT_POLICY}
    record(then, book, wanted, by="sample", on=SAMPLE_THEN, asked=asked)
    for place, identity in enumerate(wanted):
        if place % 2 == 0:  # the others did not answer
            book.contact(Contact(identity, Contacted.ANSWERED, SAMPLE_THEN, "sample"))
    return book, now


def _silent(_: str) -> None:
    pass


def organizations(store: str | Path) -> list[str]:
    """The organizations of a store, by id."""
    with Store.open(store) as opened:
        return sorted(map(str, opened.organizations()["organization_id"]))


def record(
    store: str | Path,
    book: "Book",
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
        account = load_account(identity, store=str(store))
        told(f"auditing {account.name}")
        audit = examine(account, **asked)
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
    book: "Book",
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
