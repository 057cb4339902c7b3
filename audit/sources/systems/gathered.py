"""What one system said: canonical rows, what was read whole, what was not and why."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from audit.validation import validated

Row = dict[str, Any]

#: Rows that know a billing customer or a person and no organization yet, and the key they are by.
CUSTOMER, EMAIL = "customer", "email"


@dataclass
class Gathered:
    """One system's answers.

    ``rows``: canonical rows by table, each with its organization_id, or with ``customer`` or
    ``email`` in its place. ``frames``: the same where there are very many. ``read``: subjects read
    to the end, with their rows; ``missing``: subjects that were not, with the reason.
    ``noticed``: (organization or its customer, subject, kind, message, quantity). ``remarks``: what
    is about none alone.
    ``customers`` and ``emails``: to organization. ``names``: of organizations.
    """

    system: str
    rows: dict[str, list[Row]] = field(default_factory=dict)
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    noticed: list[tuple[str, str, str, str, int]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    customers: dict[str, str] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    requests: int = 0

    def add(self, table: str, rows: Iterable[Row]) -> int:
        """Rows of a table; how many."""
        some = list(rows)
        self.rows.setdefault(table, []).extend(some)
        return len(some)

    def check(self) -> None:
        """Raises: TableError for a row that no table takes, so that it costs this system alone."""
        for table, rows in self.rows.items():
            day = {"as_of": SOME_DAY} if table == "organizations" else {}
            # Whose a row is, and whether there are two, is seen when all are joined.
            alone = [
                {k: v for k, v in row.items() if k not in (CUSTOMER, EMAIL)}
                | {"organization_id": str(number), **day}
                for number, row in enumerate(rows)
            ]
            validated(table, alone)

    def field(self, who: Mapping[str, Any], name: str, value: Any, updated_at: Any = None) -> None:
        """One field of the CRM's table; ``who`` holds organization_id, customer or email."""
        self.add("lifecycle", [{**who, "field": name, "value": value, "updated_at": updated_at}])

    def say(self, organization_id: str, subject: str, kind: str, message: str, n: int = 1) -> None:
        """Something a reader should know."""
        self.noticed.append((organization_id, subject, kind, message, n))


@dataclass(frozen=True)
class Who:
    """One organization, for a pull that reads no other."""

    organization_id: str
    customer_id: str = ""
    emails: tuple[str, ...] = ()


SOME_DAY = date(2000, 1, 1)

#: Reads one system: all of it, or of one organization.
Reader = Callable[[Who | None], Gathered]
