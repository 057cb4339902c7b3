"""What was decided about findings, kept where no pull can lose it.

Facts can be pulled again; decisions cannot. Importing this package brings plain values only;
the database is behind :class:`audit.ledger.storage.Ledger`.
"""

from audit.ledger.judging import Judgement, Place, Ruling, Standing, State, Why, judged
from audit.ledger.model import Suppression, as_plain, from_plain, kept, suppression

__all__ = [
    "Judgement",
    "Place",
    "Ruling",
    "Standing",
    "State",
    "Suppression",
    "Why",
    "as_plain",
    "from_plain",
    "judged",
    "kept",
    "suppression",
]
