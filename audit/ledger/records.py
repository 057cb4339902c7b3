"""What the ledger keeps beside decisions: what was predicted, who was told, what came of it.

Plain values, none of them ever changed: a prediction is what was said on a day, an outcome what
was measured on another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Contacted(StrEnum):
    """How far a message to an account has come, or that something was noted of it."""

    NOTED = "noted"
    DRAFTED = "drafted"
    SENT = "sent"
    ANSWERED = "answered"


class Verdict(StrEnum):
    """What came of a prediction."""

    ACHIEVED = "achieved"
    PARTIAL = "partial"
    WITHOUT_REPLY = "adopted without reply"
    MASKED = "masked by growth"
    NOT_ADOPTED = "not adopted"
    INCONCLUSIVE = "inconclusive"

    @property
    def adopted(self) -> bool:
        """Whether the change was made, by all that is measured."""
        return self not in (Verdict.NOT_ADOPTED, Verdict.INCONCLUSIVE)


@dataclass(frozen=True)
class Run:
    """One audit whose predictions are on record. ``id`` is 0 until the ledger has it.

    ``bill`` and ``joint_saving``: USD of the billing month it priced. ``people``: tracked users of
    the window, None where unknown. ``findings``: one plain object per open finding. ``usage``: the
    usage rows it priced, by column, see :mod:`audit.verify.basis`.
    """

    organization_id: str
    as_of: date
    policy: str
    price_list: str
    window_start: date
    window_end: date
    bill: Decimal
    joint_saving: Decimal
    people: int | None
    recorded_on: date
    recorded_by: str
    findings: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    usage: Mapping[str, list[Any]] = field(default_factory=dict, repr=False)
    id: int = 0


@dataclass(frozen=True)
class Prediction:
    """What fixing one finding was said to save. Money: USD of a billing month, an estimate.

    ``alone``: at the usage of the window. ``low``, ``mid``, ``high``: 10, 50 and 90% of simulated
    outcomes of the next billing period, None where it could not be forecast. ``came_true`` and
    ``came_true_low``: mean and 10% of the declared share of the cut that comes true once done.
    ``due_on``: the first day on which it can be verified. ``basis``: what its cut is about and
    what the forecast said of its meters, see :mod:`audit.verify`.
    """

    organization_id: str
    finding_id: str
    check: str
    project_id: str
    product: str
    effort: str
    as_of: date
    due_on: date
    alone: Decimal
    low: Decimal | None
    mid: Decimal | None
    high: Decimal | None
    came_true: float
    came_true_low: float
    basis: Mapping[str, Any] = field(repr=False)
    run_id: int = 0
    id: int = 0


@dataclass(frozen=True)
class Contact:
    """A message to an account, drafted, sent on a day by somebody, or answered; or a note."""

    organization_id: str
    state: Contacted
    on: date
    by: str
    note: str = ""
    id: int = 0


@dataclass(frozen=True)
class Outcome:
    """What came of one prediction, measured in a later window.

    ``share``: of the cut, how much is gone against what traffic would have made of it; 1 is all of
    it; with 80% of outcomes from ``share_low`` to ``share_high``. ``saved``: USD of a billing month
    at today's usage and prices, likewise. ``why``: one sentence on how it was judged.
    """

    prediction_id: int
    organization_id: str
    finding_id: str
    check: str
    effort: str
    measured_as_of: date
    verdict: Verdict
    share: float | None
    share_low: float | None
    share_high: float | None
    predicted: Decimal
    saved: Decimal | None
    saved_low: Decimal | None
    saved_high: Decimal | None
    why: str
    id: int = 0
