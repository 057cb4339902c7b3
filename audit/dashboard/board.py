"""All accounts of a store as the portfolio shows them: judged once, kept in a file, read in a wink.

Judging 5,000 accounts takes seconds, so it is done when a store is new and not when a visitor
comes. A board is plain JSON; the same store and rules give the same board.
"""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from audit.batch.fingerprint import depends_on, digest
from audit.checks import load_checks
from audit.errors import InputError, StoreError
from audit.findings.outlook.effectiveness import come_true
from audit.ledger import Suppression, as_plain
from audit.policy import DEFAULT_POLICY, load_policy
from audit.run import shipped_notebook

FORMAT = 2
FOLDER = "boards"
MOST_KEPT = 8
#: The rest of why an account stands where it stands is one click away.
MOST_WHY = 3

SEGMENTS = "SELECT organization_id, segment FROM lifecycle_segments ORDER BY ALL"


@dataclass(frozen=True)
class Rules:
    """By what the accounts are judged."""

    policy: str = DEFAULT_POLICY
    as_of: str = ""
    lookback_days: int = 30
    thresholds: str = ""


@dataclass(frozen=True)
class Board:
    """``rows``: one per account in the order of the queue. Money as text in USD, estimates a
    billing month; null is unknown. ``comes_true_usd`` and its variance (USD, USD squared) are what
    of the joint saving is expected to come true. Names are customers' text."""

    rows: tuple[Mapping[str, Any], ...]
    rules: Rules
    policy: str
    as_of: str

    @cached_property
    def by_id(self) -> dict[str, Mapping[str, Any]]:
        return {row["organization_id"]: row for row in self.rows}

    @cached_property
    def drawn(self) -> dict[str, list[dict[str, Any]]]:
        """What has been drawn of it, by the link; the same for every visitor."""
        return {}

    @cached_property
    def choices(self) -> dict[str, list[str]]:
        """What each filter can be set to, in order."""

        def of(name: str) -> list[str]:
            return sorted({row[name] for row in self.rows if row[name]}, key=str.casefold)

        def within(name: str) -> list[str]:
            return sorted({one for row in self.rows for one in row[name]}, key=str.casefold)

        return {
            "state": [state for state in ("due", "waiting", "held") if state in of("state")],
            "region": of("region"),
            "owner": of("owner"),
            "segment": within("segments"),
            "product": within("products"),
            "severity": [s for s in SEVERITIES if s in within("severities")],
        }

    def account(self, wanted: str) -> Mapping[str, Any]:
        """The row of an id or an exact name. Raises: InputError naming near ones."""
        if wanted in self.by_id:
            return self.by_id[wanted]
        named = [row for row in self.rows if row["name"] == wanted]
        if len(named) == 1:
            return named[0]
        if named:
            raise InputError(f"{len(named)} organizations have this name; open one by its id.")
        raise InputError("No organization of this store has this id or name.")

    def text(self) -> str:
        return json.dumps({**asdict(self), "rows": list(self.rows)}, ensure_ascii=False)

    @classmethod
    def of_text(cls, text: str) -> "Board":
        told = json.loads(text)
        return cls(tuple(told["rows"]), Rules(**told["rules"]), told["policy"], told["as_of"])


SEVERITIES = ("needs_action", "worth_attention", "opportunity", "information")


def made(
    store: str | Path, rules: Rules | None = None, suppressions: Sequence[Suppression] = ()
) -> Board:
    """Judge a store. Raises: StoreError, SettingsError, InputError."""
    from audit import lifecycle
    from audit.findings.scan import scan
    from audit.queue.ranking import ranking
    from audit.queue.rows import queue
    from audit.store import Store

    rules = rules or Rules()
    asked: dict[str, Any] = {
        "policy": rules.policy,
        "as_of": _day(rules.as_of),
        "lookback_days": rules.lookback_days,
        "thresholds": rules.thresholds or None,
        "suppressions": suppressions,
    }
    scanned = scan(store, **asked)
    ranked = ranking(store, **asked)
    listed = queue(ranked, everything=True)
    with Store.open(store) as opened:
        lifecycle.prepare(opened.connection)
        segments: dict[str, list[str]] = {}
        for identity, segment in opened.connection.execute(SEGMENTS).fetchall():
            segments.setdefault(identity, []).append(segment)
    found = scanned.findings[~scanned.findings["suppressed"]]
    severities = _sets(found, "severity")
    products = _sets(found.dropna(subset=["product"]), "product")
    known = scanned.organizations.set_index("organization_id")
    spread = come_true(found)
    risks = dict(zip(ranked.frame["organization_id"], ranked.frame["risks"], strict=True))
    rows = []
    for row in listed.rows:
        of = known.loc[row.organization_id]
        is_known = bool(of["usage_is_known"])
        saving = float(of["joint_saving_usd"]) if is_known else 0.0
        share, variance = spread.get(row.organization_id, (0.0, 0.0))
        rows.append(
            {
                "organization_id": row.organization_id,
                "name": row.name or row.organization_id,
                "region": row.region,
                "owner": row.owner,
                "segments": segments.get(row.organization_id, []),
                "state": row.state,
                "tasks": list(row.tasks),
                "is_late": row.is_late,
                "due_on": _text(row.due_on),
                "renewal_on": _text(row.renewal_on),
                "renewal_is_assumed": row.renewal_is_assumed,
                "stage": row.stage_word,
                "risks": int(risks[row.organization_id]),
                "bill_usd": _money(of["bill_usd"]) if is_known else None,
                "joint_saving_usd": _money(of["joint_saving_usd"]) if is_known else None,
                "suppressed_saving_usd": _money(of["suppressed_saving_usd"]) if is_known else None,
                "comes_true_usd": round(saving * share, 4),
                "comes_true_variance": round(saving * saving * variance, 6),
                "forecast_usd": None if row.forecast_usd is None else str(row.forecast_usd),
                "worth_usd": str(row.worth_usd),
                "findings": int(of["findings"]),
                "needs_action": int(of["needs_action"]),
                "not_evaluated": int(of["not_evaluated"]),
                "severities": severities.get(row.organization_id, []),
                "products": products.get(row.organization_id, []),
                "why": [*row.held, *row.why][:MOST_WHY],
            }
        )
    days = [str(day.date()) for day in (known["as_of"].min(), known["as_of"].max())] if rows else []
    return Board(tuple(rows), rules, ranked.policy.name, " to ".join(dict.fromkeys(days)))


def opened(
    store: str | Path,
    rules: Rules | None = None,
    suppressions: Sequence[Suppression] = (),
    *,
    folder: Path,
) -> Board:
    """The board of a store from the folder where it is kept, else made and kept there.

    Raises: StoreError, SettingsError, InputError.
    """
    rules = rules or Rules()
    path = folder / FOLDER / f"{version(Path(store), rules, suppressions)}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        return Board.of_text(path.read_text(encoding="utf-8"))
    board = made(store, rules, suppressions)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = path.with_suffix(f".{os.getpid()}.new")
        new.touch(mode=0o600)
        new.write_text(board.text(), encoding="utf-8")
        new.replace(path)
        _swept(path.parent)
    return board


def stamp(store: Path) -> str:
    """Tells one published store from the next. Raises: StoreError where there is none."""
    try:
        found = store.stat()
    except OSError as error:
        raise StoreError(
            f"No store at {store}. Make one with `audit pull` or `audit sample`, or name another "
            "with --store."
        ) from error
    return f"{found.st_dev}-{found.st_ino}-{found.st_size}-{found.st_mtime_ns}"


def version(store: Path, rules: Rules, suppressions: Sequence[Suppression] = ()) -> str:
    """The same for the same facts, rules, decisions and code, whatever the store's file is called.
    An own policy counts by what its file says now. Raises: StoreError, SettingsError."""
    policy = load_policy(rules.policy, load_checks(), rules.thresholds or None)
    options = {
        "format": FORMAT,
        "store": stamp(store),
        "rules": asdict(rules),
        "suppressions": [as_plain(one) for one in suppressions],
    }
    on = depends_on(policy, shipped_notebook("dashboard.ipynb"), options)
    return digest(*(on[name] for name in sorted(on)))[:32]


def _swept(folder: Path) -> None:
    kept = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in kept[MOST_KEPT:]:
        path.unlink(missing_ok=True)


def _sets(frame: pd.DataFrame, column: str) -> dict[str, list[str]]:
    pairs = frame[["organization_id", column]].drop_duplicates().sort_values(column)
    return pairs.groupby("organization_id")[column].agg(list).to_dict()


def _money(amount: float) -> str:
    cents = round(100 * amount)
    sign, cents = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{cents // 100}.{cents % 100:02d}"


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"as_of is a day like 2026-11-01, got {text!r}.") from error
