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
class Judgement:
    """``rulings``: one per finding, in their order. The rest, by id: suppressions that hold and
    match no finding (``unused``), those whose only matches could not be evaluated
    (``not_evaluated``), and pairs that hold and could cover the same finding."""

    rulings: tuple[Ruling, ...]
    unused: tuple[Suppression, ...]
    not_evaluated: tuple[Suppression, ...]
    overlapping: tuple[tuple[Suppression, Suppression], ...]


def judged(
    findings: Iterable[Place],
    suppressions: Collection[Suppression],
    as_of: date,
    gaps: Iterable[Place] = (),
) -> Judgement:
    """Hold findings against suppressions on a day. The order of suppressions is no matter.

    A finding is suppressed when any suppression that covers it holds: not lifted, not over, and
    its saving alone at most the cap. The narrowest of those is named. ``gaps``: where a check
    could not be evaluated; a suppression there is not called unused.
    """
    alive = sorted((one for one in suppressions if one.lifted_on is None), key=_narrowest)
    by_check: defaultdict[tuple[str, str], list[Suppression]] = defaultdict(list)
    for one in alive:
        by_check[one.check, one.organization_id].append(one)
    rulings, used = [], set()
    for finding in findings:
        here = _covering(finding, by_check[finding.check, finding.organization_id])
        used.update(here)
        rulings.append(_ruling(finding, here, as_of))
    open_questions = {
        one
        for gap in gaps
        for one in by_check[gap.check, gap.organization_id]
        if one.covers(*gap[:4]) or not (gap.project_id or gap.product)
    }
    holding = sorted((one for one in alive if one.holds_on(as_of)), key=lambda one: one.id)
    idle = [one for one in holding if one not in used]
    return Judgement(
        rulings=tuple(rulings),
        unused=tuple(one for one in idle if one not in open_questions),
        not_evaluated=tuple(one for one in idle if one in open_questions),
        overlapping=tuple(_overlapping(holding)),
    )


def _covering(place: Place, among: Sequence[Suppression]) -> list[Suppression]:
    return [one for one in among if one.covers(*place[:4])]


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
