"""The numbers a report was written with, from the ``findings.json`` beside its account file.

An old account is audited again by today's checks; what that changes is the toolkit's doing, and
only this file can tell.
"""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from audit.checks import Severity
from audit.diff.state import NOT_PRICED, Seen, State, Where
from audit.findings.document import SCHEMA

#: A large document has some 1,000 findings of some 10 kB.
MOST_BYTES = 100_000_000


@dataclass(frozen=True)
class Reported:
    """A report's numbers, and what they were asked for."""

    organization_id: str
    as_of: date
    policy: str
    project_id: str
    days: int
    state: State


def reported(path: str | Path) -> Reported | None:
    """A ``findings.json``; None where there is none, or it is of another version or changed."""
    path = Path(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        document = json.loads(path.read_text(encoding="utf-8"))
        return _read(document)
    except (OSError, ArithmeticError, KeyError, RecursionError, TypeError, ValueError):
        return None


def _read(document: Any) -> Reported | None:
    if document["schema"] != SCHEMA:
        return None
    known = document["bill"]["usage_is_known"] is True
    gaps = {
        Where(gap["check"], gap["project_id"], gap["product"]): str(gap["reason"])
        for gap in document["not_evaluated"]
    }
    return Reported(
        organization_id=str(document["organization_id"]),
        as_of=date.fromisoformat(document["as_of"]),
        policy=str(document["policy"]),
        project_id=str(document["project_id"] or ""),
        days=int(document["period"]["days"]),
        state=State(
            bill=_usd(document["bill"]["total"]) if known else None,
            joint_saving=_usd(document["joint_saving"]) if known else None,
            lines={str(x["product"]): _usd(x["amount"]) for x in document["bill"]["lines"]},
            discount=_usd(document["bill"]["discount"]),
            found={str(one["id"]): _seen(one, known, gaps) for one in document["findings"]},
            gaps=gaps,
            checks_run=frozenset(map(str, document["checks_run"])),
            projects=None,
            products=None,
        ),
    )


def _seen(one: dict[str, Any], known: bool, gaps: dict[Where, str]) -> Seen:
    where = Where(str(one["check"]), _text(one["project_id"]), _text(one["product"]))
    priced = known and NOT_PRICED not in gaps.get(where, "")
    return Seen(
        where=where,
        title=str(one["title"]),
        message=str(one["message"]),
        project_name=_text(one["project_name"]),
        severity=Severity(one["severity"]),
        alone=_usd(one["saving"]["alone"]) if priced else None,
        suppressed=one.get("suppressed", False) is True,
        version=str(one.get("check_version", "")),
    )


def _usd(text: Any) -> Decimal:
    if not isinstance(text, str):
        raise TypeError("money is text")
    amount = Decimal(text)
    if not amount.is_finite() or amount != amount.quantize(Decimal("0.01")):
        raise InvalidOperation
    return amount.quantize(Decimal("0.01"))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
