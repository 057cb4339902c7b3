"""All accounts of a store at once: who can save most, who is due, what is kept, what is missing."""

import csv
import io
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from audit.errors import InputError
from audit.findings.document import safe_cell
from audit.findings.scan import Scan, scan
from audit.findings.unread import unread
from audit.ledger import Suppression, from_plain
from audit.north_star import NorthStar, Treatments, north_star
from audit.north_star.document import cohorts_csv, document
from audit.policy import DEFAULT_POLICY, OwnThresholds
from audit.queue.ranking import ranking
from audit.queue.rows import Queue, queue
from audit.store import Store, publish

#: How many accounts that are due are shown at once, unless asked otherwise.
MOST_DUE = 20


@dataclass(frozen=True)
class Portfolio:
    """A store as the team looks at it.

    ``unread``: what the pulls could not read, as :func:`audit.findings.unread.unread` returns it.
    ``is_sample``: nobody named a store, so it is the sample portfolio.
    """

    scan: Scan
    queue: Queue
    north_star: NorthStar
    unread: pd.DataFrame
    policy: str
    lookback_days: int
    is_sample: bool

    def write(self, folder: str | Path) -> list[Path]:
        """accounts.csv (the scan), north_star.json and north_star.csv (the cohorts)."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        star = self.north_star
        texts = {
            "accounts.csv": _accounts_csv(self.scan),
            "north_star.json": json.dumps(document(star, organizations=True), indent=2) + "\n",
            "north_star.csv": cohorts_csv(star),
        }
        written = []
        for name, text in texts.items():
            path = folder / name
            path.write_text(text, encoding="utf-8", newline="")
            written.append(path)
        return written


def portfolio(
    store: str | Path = "",
    *,
    policy: str = DEFAULT_POLICY,
    as_of: date | str = "",
    lookback_days: int = 30,
    thresholds: OwnThresholds = None,
    suppressions: str = "",
    treatments: Treatments | Mapping[str, Any] | None = None,
    most_due: int = MOST_DUE,
) -> Portfolio:
    """Look at every account of a store.

    ``store``: empty is the sample portfolio. ``suppressions``: decisions of the ledger as JSON.
    ``treatments``: of the north star, by name.

    Raises: StoreError, SettingsError; InputError for a day, decision or treatment that is none.
    """
    if isinstance(treatments, Treatments):
        chosen = treatments
    else:
        chosen = Treatments.of(**(treatments or {}))
    day = _day(as_of)
    path = Path(store) if store else sample_store()
    decided = _decided(suppressions)
    scanned = scan(
        path,
        policy=policy,
        as_of=day,
        lookback_days=lookback_days,
        thresholds=thresholds,
        suppressions=decided,
    )
    ranked = ranking(
        path,
        policy=policy,
        as_of=day,
        lookback_days=lookback_days,
        thresholds=thresholds,
        suppressions=decided,
    )
    with Store.open(path) as opened:
        gaps = unread(opened.connection)
    star = north_star(path, policy=policy, as_of=day, treatments=chosen)
    return Portfolio(
        scan=scanned,
        queue=queue(ranked, top=most_due),
        north_star=star,
        unread=gaps,
        policy=star.policy,
        lookback_days=lookback_days,
        is_sample=not store,
    )


@cache
def _kept() -> "tempfile.TemporaryDirectory[str]":
    """A folder that lives as long as the process; a store is a file, even that of the sample."""
    return tempfile.TemporaryDirectory(prefix="account-audit-sample-")


def sample_store() -> Path:
    """The sample portfolio as a store file, which lives as long as this process."""
    from audit.sources.sample import portfolio as sample

    path = Path(_kept().name) / "sample.duckdb"
    return path if path.exists() else publish(path, sample().tables)


def _day(given: date | str) -> date | None:
    if not given or isinstance(given, date):
        return given or None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InputError(f"as_of is a day like 2026-11-01, got {given!r}.") from None


def _decided(text: str) -> tuple[Suppression, ...]:
    try:
        values = json.loads(text) if text else []
    except ValueError as error:
        raise InputError(f"The suppressions are not JSON ({error}).") from None
    if not isinstance(values, list):
        raise InputError(f"Suppressions are a list, got {text!r:.80}.")
    return tuple(one for one in map(from_plain, values) if one.lifted_on is None)


def _accounts_csv(of: Scan) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    frame = of.organizations
    writer.writerow(["rank", *frame.columns, "basis", "period"])
    for rank, row in enumerate(frame.itertuples(index=False), 1):
        writer.writerow([rank, *(safe_cell(_cell(v)) for v in row), "estimate", "billing month"])
    return out.getvalue()


def _cell(value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return f"{value:.2f}" if isinstance(value, float) else str(value)
