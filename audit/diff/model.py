"""What a comparison says: values that views and the command show.

Money is ``Decimal`` USD in whole cents, per billing month of the whole organization, an
estimate, as in an audit. Texts from the customer are unescaped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from audit.checks import Severity
from audit.errors import PriceError

NOTHING = Decimal("0.00")


class Effect(StrEnum):
    """What moved a number, in the order in which it is changed from then to now.

    ``method``: the toolkit itself, its checks and shipped price lists. ``usage``: everything
    that was counted or seen, how projects are set up, and the window. ``price``: the public
    price list of the day. ``plan``: subscriptions, own tiers, discounts, limits. ``threshold``:
    policy pack and own thresholds. ``decision``: suppressions written, lifted or over.
    """

    METHOD = "method"
    USAGE = "usage"
    PRICE = "price"
    PLAN = "plan"
    THRESHOLD = "threshold"
    DECISION = "decision"


ORDER: tuple[Effect, ...] = tuple(Effect)


class Status(StrEnum):
    """What became of a finding. By its saving alone first, then by its severity."""

    NEW = "new"
    WORSE = "worse"
    BETTER = "better"
    FIXED = "fixed"
    NOT_EVALUATED = "not_evaluated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Decomposition:
    """One number then and now, and what each effect adds. Every effect of ``ORDER`` is there.

    Raises: PriceError when the effects do not add up to the change: a bug, never shown.
    """

    before: Decimal
    effects: Mapping[Effect, Decimal]
    now: Decimal

    def __post_init__(self) -> None:
        if self.before + sum(self.effects.values(), NOTHING) != self.now:
            raise PriceError(
                f"The effects on {self.before} USD do not add up to {self.now} USD. This is a bug "
                "in the audit, not in the data: please report it with both account files."
            )

    @property
    def change(self) -> Decimal:
        return self.now - self.before


@dataclass(frozen=True)
class LineChange:
    """A product's line of the bill; ``product`` is ``discounts`` for what goes off their sum, a
    negative amount. The lines add up to the bill, effect by effect."""

    product: str
    amount: Decomposition


@dataclass(frozen=True)
class Movement:
    """One finding then and now.

    ``saving_before`` and ``saving_now`` are its saving alone; None where there was no finding,
    or no price. ``effects``: what each moved the saving by, where that is known and not zero;
    ``moved_by``: every effect after which it was found, gone, dearer, cheaper, of another
    severity or suppressed otherwise. ``reason``: why it could not be evaluated, now or then.
    """

    id: str
    status: Status
    check: str
    title: str
    project_id: str | None
    project_name: str | None
    product: str | None
    message: str
    severity_before: Severity | None
    severity_now: Severity | None
    saving_before: Decimal | None
    saving_now: Decimal | None
    suppressed_before: bool
    suppressed_now: bool
    moved_by: tuple[Effect, ...]
    effects: Mapping[Effect, Decimal]
    reason: str


@dataclass(frozen=True)
class Side:
    """One of the two audits."""

    as_of: date
    policy: str
    price_list: str
    lookback_days: int


@dataclass(frozen=True)
class Diff:
    """The comparison. Decompositions are None where ``unknown`` says why.

    ``bill_after_fixes`` is bill less joint saving, in every effect. ``lines``: the bill's, those
    that moved most first, discounts last. ``findings``: in order of status, then of how much
    their saving moved. ``notes``: what a reader of the numbers should know.
    """

    organization_id: str
    organization_name: str
    project_id: str
    before: Side
    now: Side
    bill: Decomposition | None
    joint_saving: Decomposition | None
    bill_after_fixes: Decomposition | None
    lines: tuple[LineChange, ...]
    unknown: str
    findings: tuple[Movement, ...]
    notes: tuple[str, ...]

    def of_status(self, status: Status) -> tuple[Movement, ...]:
        """The findings of which this became."""
        return tuple(one for one in self.findings if one.status is status)
