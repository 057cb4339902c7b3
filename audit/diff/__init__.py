"""Two audits of one account: what became of each finding, and what moved the bill.

The bill's change is split by auditing the account of now on the terms of then and changing
these one after the other: usage, price list, plan, thresholds, decisions. Each state is a whole
audit with an exact bill, so the effects add up to the change to the cent, and each is on top of
those before it. The order is part of the answer: another order gives other effects.
"""

from audit.diff.compare import compare
from audit.diff.document import diff_document
from audit.diff.files import ACCOUNT_FILE, FINDINGS_FILE, against
from audit.diff.model import (
    ORDER,
    Decomposition,
    Diff,
    Effect,
    LineChange,
    Movement,
    Side,
    Status,
)
from audit.diff.reported import Reported, reported

__all__ = [
    "ACCOUNT_FILE",
    "FINDINGS_FILE",
    "ORDER",
    "Decomposition",
    "Diff",
    "Effect",
    "LineChange",
    "Movement",
    "Reported",
    "Side",
    "Status",
    "against",
    "compare",
    "diff_document",
    "reported",
]
