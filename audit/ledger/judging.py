"""Which findings are suppressed, which are open again and why. Plain values in and out."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from audit.ledger.model import Suppression


class Why(StrEnum):
    """Why a finding that was suppressed once is open."""

    CAP_PASSED = "cap_passed"
    SAVING_UNKNOWN = "saving_unknown"
    EXPIRED = "expired"


class State(StrEnum):
    """What has become of a suppression."""

    SUPPRESSES = "suppresses"
    REOPENED = "reopened"
    UNUSED = "unused"
    NOT_EVALUATED = "not_evaluated"
    EXPIRED = "expired"
    LIFTED = "lifted"


class Place(NamedTuple):
    """Where a finding is, or a check that could not be evaluated.

    ``saving_alone``: USD a billing month, whole cents; None where it is unknown, which no cap
    can be held against.
    """

    check: str
    organization_id: str
    project_id: str | None = None
    product: str | None = None
    saving_alone: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the ledger says of one finding. Without a ``suppression`` it says nothing.

    ``reopened``: why the finding is open although a suppression covers it; None with a
    suppression means that it is suppressed.
    """

    suppression: Suppression | None = None
    reopened: Why | None = None

    @property
    def suppressed(self) -> bool:
        return self.suppression is not None and self.reopened is None


@dataclass(frozen=True, slots=True)
class Standing:
    """A suppression with what has become of it, and the findings it covers.

    ``reopened`` where any of them has passed its cap, or may have; ``unused`` where there is
    none; ``not_evaluated`` where there is none but the check could not be evaluated.
    """

    suppression: Suppression
    state: State
    covers: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """``rulings``: one per finding, in their order. ``standings``: one per suppression, by id.
    ``overlapping``: pairs that hold and could cover the same finding."""

    rulings: tuple[Ruling, ...] = ()
    standings: tuple[Standing, ...] = ()
    overlapping: tuple[tuple[Suppression, Suppression], ...] = ()

    def in_state(self, state: State) -> tuple[Suppression, ...]:
        """The suppressions of which this has become."""
        return tuple(one.suppression for one in self.standings if one.state is state)

    @property
    def unused(self) -> tuple[Suppression, ...]:
        """Those that hold and match no finding."""
        return self.in_state(State.UNUSED)


def judged(
    findings: Iterable[Place],
    suppressions: Collection[Suppression],
    as_of: date,
    gaps: Iterable[Place] = (),
) -> Judgement:
    """Hold findings against suppressions on a day. The order of suppressions is no matter.

    A finding is suppressed when any suppression that covers it holds: not lifted, not over, and
    its saving alone at most the cap. The narrowest of those is named. ``gaps``: where a check
    could not be evaluated, or with neither project nor product, was not evaluated at all; a
    suppression there is not called unused.
    """
    alive = sorted((one for one in suppressions if one.lifted_on is None), key=_narrowest)
    by_check: defaultdict[tuple[str, str], list[Suppression]] = defaultdict(list)
    for one in alive:
        by_check[one.check, one.organization_id].append(one)
    rulings: list[Ruling] = []
    covered: defaultdict[int, list[Place]] = defaultdict(list)
    for finding in findings:
        here = [
            one
            for one in by_check[finding.check, finding.organization_id]
            if one.covers(*finding[:4])
        ]
        for one in here:
            covered[one.id].append(finding)
        rulings.append(_ruling(finding, here, as_of))
    open_questions = {
        one.id
        for gap in gaps
        for one in by_check[gap.check, gap.organization_id]
        if one.covers(*gap[:4]) or not (gap.project_id or gap.product)
    }
    ordered = sorted(suppressions, key=lambda one: one.id)
    return Judgement(
        rulings=tuple(rulings),
        standings=tuple(
            _standing(one, covered[one.id], one.id in open_questions, as_of) for one in ordered
        ),
        overlapping=tuple(_overlapping([one for one in ordered if one.holds_on(as_of)])),
    )


def _standing(
    one: Suppression, covered: Sequence[Place], in_question: bool, as_of: date
) -> Standing:
    if one.lifted_on is not None:
        return Standing(one, State.LIFTED)
    if not one.holds_on(as_of):
        return Standing(one, State.EXPIRED, tuple(covered))
    if not covered:
        return Standing(one, State.NOT_EVALUATED if in_question else State.UNUSED)
    passed = any(_reopened(one, finding.saving_alone, as_of) for finding in covered)
    return Standing(one, State.REOPENED if passed else State.SUPPRESSES, tuple(covered))


def _ruling(finding: Place, covering: Sequence[Suppression], as_of: date) -> Ruling:
    """``covering`` is narrowest first."""
    reasons = []
    for one in covering:
        why = _reopened(one, finding.saving_alone, as_of)
        if why is None:
            return Ruling(one)
        reasons.append((one, why))
    if reasons:
        return Ruling(*min(reasons, key=_most_telling))
    return Ruling()


def _reopened(one: Suppression, saving_alone: Decimal | None, as_of: date) -> Why | None:
    if not one.holds_on(as_of):
        return Why.EXPIRED
    if one.up_to_usd is None:
        return None
    if saving_alone is None:
        return Why.SAVING_UNKNOWN
    return Why.CAP_PASSED if saving_alone > one.up_to_usd else None


def _most_telling(reopened: tuple[Suppression, Why]) -> tuple[int, Decimal, int, int]:
    """What passed its cap says more than what is over; of two, the higher cap or later end."""
    one, why = reopened
    return list(Why).index(why), -(one.up_to_usd or Decimal(0)), -one.until.toordinal(), one.id


def _narrowest(one: Suppression) -> tuple[bool, int]:
    return one.is_everywhere, one.id


def _overlapping(holding: Sequence[Suppression]) -> list[tuple[Suppression, Suppression]]:
    by_check: defaultdict[tuple[str, str], list[Suppression]] = defaultdict(list)
    for one in holding:
        by_check[one.check, one.organization_id].append(one)
    pairs = [pair for group in by_check.values() for pair in combinations(group, 2)]
    return sorted(
        (pair for pair in pairs if pair[0].overlaps(pair[1])),
        key=lambda pair: (pair[0].id, pair[1].id),
    )
