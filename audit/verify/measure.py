"""What came of the predictions of one account: a later audit held to what was recorded.

Realised units are the usage a cut was about, grown by the traffic of what nobody touched, less
what was used. They are put back on today's bill and priced by its tiers, limits and discounts;
the difference is what was saved.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.errors import PriceError
from audit.findings.model import Audit
from audit.findings.outlook.terms import Terms
from audit.ledger.records import Contact, Contacted, Outcome, Prediction, Run, Verdict
from audit.pricing import Catalogue
from audit.roi.account import tracked_users
from audit.verify.basis import NAMES, Group, any_of, read_groups, usage
from audit.verify.traffic import Traffic, traffic

Floats = npt.NDArray[np.float64]

#: Outcomes are spread evenly over what traffic may have been: the same every time.
DRAWS = 401
#: Ours: a change that took less than a tenth of its cut is none.
NONE_SHARE = 0.1
#: Ours: where nine of ten outcomes are below half of the cut, nobody adopted it.
HALF_SHARE = 0.5
#: Ours: of a cut that other changes explain but for less than this, nothing can be told.
LEAST_LEFT = 0.05
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Realised:
    """Units that are no longer used, by meter and draw; what was ``expected`` of them to go, and
    ``cut``: that before traffic changed it."""

    gone: Mapping[str, Floats]
    expected: Mapping[str, Floats]
    cut: Mapping[str, float]
    used: float
    would_be: float
    traffic: Mapping[str, Traffic]


@dataclass(frozen=True)
class _Measured:
    """``share`` and ``saved``: 50, 10 and 90%; without where too little is left to look at, which
    may be ``hidden_by`` other changes."""

    realised: Realised
    share: tuple[float, float, float] | None
    saved: tuple[Decimal, Decimal, Decimal] | None
    hidden_by: tuple[str, ...]

    @property
    def explains(self) -> float:
        """How much of the bill's change, and how well."""
        if self.share is None:
            return 0.0
        return self.share[0] * float(self.saved[0] if self.saved else 0)


@dataclass(frozen=True)
class Review:
    """One account's predictions and what came of them.

    ``outcomes``: of what could be measured; ``waiting``: predictions whose clock has not run, with
    the reason. ``saved``: by all that was adopted together, USD a billing month at today's usage,
    80% of outcomes from ``saved_low`` to ``saved_high``, None where a product has no price; never
    the sum of the outcomes, which may be about the same usage. ``sentence``: what may be told to
    the customer where something was adopted, or empty.
    """

    run: Run
    organization_name: str
    outcomes: tuple[Outcome, ...]
    waiting: tuple[tuple[Prediction, str], ...]
    saved: Decimal | None
    saved_low: Decimal | None
    saved_high: Decimal | None
    bill_then: Decimal
    bill_now: Decimal
    sentence: str


def measured(
    audit: Audit, run: Run, predictions: Sequence[Prediction], contacts: Sequence[Contact]
) -> Review:
    """Hold a later ``audit`` of the account to a ``run`` and its predictions."""
    assert audit.organization_id == run.organization_id
    ours = [one for one in predictions if one.run_id == run.id]
    waiting = [(one, why) for one in ours if (why := _not_yet(one, audit))]
    due = [one for one in ours if not _not_yet(one, audit)]
    outcomes: list[Outcome] = []
    told: list[Prediction] = []
    saved: tuple[Decimal, Decimal, Decimal] | None = (CENT * 0, CENT * 0, CENT * 0)
    if due and audit.terms is not None:
        held = _Held(audit, audit.terms, run, ours)
        answered = _answered(contacts, run)
        outcomes = held.outcomes(due, answered=answered)
        adopted = {one.prediction_id for one in outcomes if one.verdict.adopted}
        told = [one for one in due if one.id in adopted]
        if told:
            saved = held.together(told)
    return Review(
        run=run,
        organization_name=audit.organization_name,
        outcomes=tuple(outcomes),
        waiting=tuple(waiting),
        saved=saved[0] if saved else None,
        saved_low=saved[1] if saved else None,
        saved_high=saved[2] if saved else None,
        bill_then=run.bill,
        bill_now=audit.bill.total,
        sentence=_sentence(audit, run) if told else "",
    )


def _not_yet(one: Prediction, audit: Audit) -> str:
    """Why a prediction cannot be held to this audit, empty where it can."""
    if audit.as_of < one.due_on:
        return f"its clock runs until {one.due_on}"
    if audit.period.start < one.as_of:
        return (
            f"the usage from {audit.period.start} on was partly before it: audit as of a later "
            "day, or with fewer --lookback-days"
        )
    if not audit.usage_is_known or audit.terms is None:
        return "no usage is known now"
    return ""


def _answered(contacts: Sequence[Contact], run: Run) -> bool:
    return any(
        one.state is Contacted.ANSWERED and one.on >= run.as_of
        for one in contacts
        if one.organization_id == run.organization_id
    )


class _Held:
    """A later audit beside the usage of a run."""

    def __init__(self, audit: Audit, terms: Terms, run: Run, every: Sequence[Prediction]) -> None:
        self.audit, self.terms, self.run = audit, terms, run
        self.before = pd.DataFrame(dict(run.usage), columns=[*NAMES, "quantity"])
        self.later = usage(terms)
        touched = [group for one in every for group in read_groups(one.basis["groups"])]
        for rows in (self.before, self.later):
            rows["free"] = ~any_of(touched, rows)
        self.z = np.array([NormalDist().inv_cdf((place + 0.5) / DRAWS) for place in range(DRAWS)])

    def outcomes(self, due: Sequence[Prediction], *, answered: bool) -> list[Outcome]:
        """What came of each. The change that explains most comes first; what it explains is no
        sign of any other, whose usage is then looked at without it."""
        alone = {one.id: self._measured(one, ()) for one in due}
        done: dict[int, Outcome] = {}
        taken: list[Prediction] = []
        for one in sorted(due, key=lambda one: (-alone[one.id].explains, one.id)):
            found = self._measured(one, taken) if taken else alone[one.id]
            done[one.id] = self._outcome(one, found, answered=answered)
            if done[one.id].verdict.adopted:
                taken.append(one)
        return [done[one.id] for one in due]

    def _measured(self, one: Prediction, taken: Sequence[Prediction]) -> "_Measured":
        others = tuple(g for other in taken for g in read_groups(other.basis["groups"]))
        mine = read_groups(one.basis["groups"])
        whole = sum(_cut_units(self.before, mine, np.ones(len(self.before), dtype=bool)).values())
        found = self.realised(mine, one.basis["ahead"], others)
        expected = sum(found.expected.values(), np.zeros(DRAWS))
        left = sum(found.cut.values())
        if not expected.min() > 0 or left < LEAST_LEFT * whole:
            return _Measured(found, None, None, tuple(other.check for other in taken))
        share = _three(sum(found.gone.values(), np.zeros(DRAWS)) / expected)
        return _Measured(found, share, self.priced(found.gone), ())

    def _outcome(self, one: Prediction, found: "_Measured", *, answered: bool) -> Outcome:
        if found.share is None:
            why = "The usage it was about cannot be compared: it, or all usage beside it, is gone."
            if found.hidden_by:
                names = ", ".join(dict.fromkeys(found.hidden_by))
                why = f"All of the usage it was about is explained by {names} as well."
            return _outcome(one, self.audit, Verdict.INCONCLUSIVE, None, None, why)
        verdict = self._verdict(one, found.share, answered=answered)
        return _outcome(one, self.audit, verdict, found.share, found.saved, _why(found.realised))

    def together(self, some: Sequence[Prediction]) -> tuple[Decimal, Decimal, Decimal] | None:
        """What several save together, each unit counted once."""
        every = [group for one in some for group in read_groups(one.basis["groups"])]
        ahead = {meter: told for one in some for meter, told in one.basis["ahead"].items()}
        return self.priced(self.realised(every, ahead).gone)

    def realised(
        self,
        groups: Sequence[Group],
        ahead: Mapping[str, Sequence[float]],
        without: Sequence[Group] = (),
    ) -> Realised:
        """Units of some groups that would be there, and are not; ``without`` those of others."""
        gone, expected, known = {}, {}, {}
        own = ~any_of(without, self.before), ~any_of(without, self.later)
        cut = _cut_units(self.before, groups, own[0])
        used = would_be = 0.0
        for meter in sorted({group.meter for group in groups}):
            mine = [group for group in groups if group.meter == meter]
            was, now = any_of(mine, self.before) & own[0], any_of(mine, self.later) & own[1]
            moved = self._traffic(meter, set(self.before.loc[was, "project_id"]), ahead.get(meter))
            grown = moved.factor * np.exp(moved.strays * self.z)
            units_then = float(self.before.loc[was, "quantity"].sum())
            units_now = float(self.later.loc[now, "quantity"].sum())
            gone[meter] = units_then * grown - units_now
            expected[meter] = cut[meter] * grown
            known[meter] = moved
            used += units_now
            would_be += units_then * moved.factor
        return Realised(gone, expected, cut, used, would_be, known)

    def _traffic(
        self, meter: str, projects: Collection[str], ahead: Sequence[float] | None
    ) -> Traffic:
        low_mid_high = None if ahead is None else (ahead[0], ahead[1], ahead[2])
        return traffic(self.before, self.later, meter, projects, low_mid_high)

    def priced(self, gone: Mapping[str, Floats]) -> tuple[Decimal, Decimal, Decimal] | None:
        """USD of a billing month that these units would cost on top of today's bill: 50, 10 and
        90%; None where one of the products has no price."""
        meters = sorted(gone)
        try:
            terms = self._with(meters)
        except PriceError:
            return None
        savings = terms.savings
        lines = [terms.meters.index(meter) for meter in meters]
        draw = np.repeat(np.arange(DRAWS), len(lines))
        line = np.tile(np.asarray(lines, dtype=np.int64), DRAWS)
        removed = -np.stack([gone[meter] for meter in meters], axis=1).ravel()
        keys = np.zeros(DRAWS, dtype=np.int64)
        paid = savings.after(draw, line, removed, keys)
        return _money(paid - savings.payable()[0])

    def _with(self, meters: Sequence[str]) -> Terms:
        """Today's terms, with a line for every product, also one that is no longer used."""
        terms = self.terms
        for meter in meters:
            if meter not in terms.meters:
                schedule = Catalogue.load().metered_schedule(meter, self.audit.as_of)
                terms = terms.with_line(meter, schedule, "added")
        return terms

    def _verdict(
        self, one: Prediction, share: tuple[float, float, float], *, answered: bool
    ) -> Verdict:
        mid, low, high = share
        if low <= NONE_SHARE:
            return Verdict.NOT_ADOPTED if high < HALF_SHARE else Verdict.INCONCLUSIVE
        if self.grew:
            return Verdict.MASKED
        if not answered:
            return Verdict.WITHOUT_REPLY
        return Verdict.ACHIEVED if mid >= one.came_true_low else Verdict.PARTIAL

    @cached_property
    def grew(self) -> bool:
        """Whether the bill is no smaller than it was."""
        return self.audit.bill.total >= self.run.bill


def _cut_units(
    rows: pd.DataFrame, groups: Sequence[Group], own: npt.NDArray[np.bool_]
) -> dict[str, float]:
    """By meter, units that a remedy was to remove."""
    units: dict[str, float] = {}
    for group in groups:
        mine = group.members(rows).to_numpy() & own
        cut = float(rows["quantity"].to_numpy()[mine].sum()) * group.share
        units[group.meter] = units.get(group.meter, 0.0) + cut
    return units


def _three(values: Floats) -> tuple[float, float, float]:
    mid, low, high = np.percentile(values, (50, 10, 90))
    return round(float(mid), 4), round(float(low), 4), round(float(high), 4)


def _money(cents: npt.NDArray[np.int64]) -> tuple[Decimal, Decimal, Decimal]:
    mid, low, high = (
        (Decimal(float(value)) / 100).quantize(CENT, "ROUND_HALF_UP")
        for value in np.percentile(cents, (50, 10, 90))
    )
    return mid, low, high


def _outcome(
    one: Prediction,
    audit: Audit,
    verdict: Verdict,
    share: tuple[float, float, float] | None,
    saved: tuple[Decimal, Decimal, Decimal] | None,
    why: str,
) -> Outcome:
    return Outcome(
        prediction_id=one.id,
        organization_id=one.organization_id,
        finding_id=one.finding_id,
        check=one.check,
        effort=one.effort,
        measured_as_of=audit.as_of,
        verdict=verdict,
        share=share[0] if share else None,
        share_low=share[1] if share else None,
        share_high=share[2] if share else None,
        predicted=one.alone if one.mid is None else one.mid,
        saved=saved[0] if saved else None,
        saved_low=saved[1] if saved else None,
        saved_high=saved[2] if saved else None,
        why=why,
    )


def _why(found: Realised) -> str:
    moved = max(found.traffic.values(), key=lambda one: one.kinds)
    change = f"{100 * (moved.factor - 1):+.0f}%"
    told = f"{moved.source} ({moved.kinds} kinds)" if moved.kinds else moved.source
    return (
        f"By {told}, traffic changed by {change}: {found.would_be:,.0f} units would be there "
        f"now, {found.used:,.0f} are."
    )


def _sentence(audit: Audit, run: Run) -> str:
    """What the customer may be told; says no cause, and nothing where nothing fell."""
    people = tracked_users(audit).value
    if not run.people or not people or run.bill <= 0:
        return ""
    then, now = run.bill / run.people, audit.bill.total / people
    fell = 100 * (1 - now / then)
    if fell < 5:
        return ""
    return (
        f"Your cost per tracked user dropped {fell:.0f}% since {run.as_of}: "
        f"from ${then:.4f} to ${now:.4f} a month."
    )
