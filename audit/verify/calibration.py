"""Whether predictions come true: predicted against realised, by check, and what that teaches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from audit.checks import Effort
from audit.findings.outlook.effectiveness import Effectiveness, priors
from audit.ledger.records import Outcome, Prediction, Verdict


@dataclass(frozen=True)
class CheckCalibration:
    """One check's outcomes, the latest of each prediction.

    ``adopted``: those that were changed. ``predicted`` and ``saved``: of the adopted ones that
    have both, USD of a billing month, summed; ``within``: of those with a predicted range, how
    many came out inside it, of ``ranged``.
    """

    check: str
    verified: int
    adopted: int
    inconclusive: int
    predicted: Decimal
    saved: Decimal
    within: int
    ranged: int


@dataclass(frozen=True)
class Calibration:
    """``checks``: by name. ``learned``: by effort, the declared prior and the same with the
    outcomes of adopted changes counted in."""

    checks: tuple[CheckCalibration, ...]
    learned: Mapping[Effort, tuple[Effectiveness, Effectiveness]]

    @property
    def verified(self) -> int:
        """Predictions that were verified."""
        return sum(one.verified for one in self.checks)


def calibration(outcomes: Iterable[Outcome], predictions: Iterable[Prediction]) -> Calibration:
    """Of everything that was measured."""
    known = {one.id: one for one in predictions}
    latest = {one.prediction_id: one for one in sorted(outcomes, key=lambda o: o.measured_as_of)}
    by_check: dict[str, list[Outcome]] = {}
    for one in latest.values():
        by_check.setdefault(one.check, []).append(one)
    checks = tuple(_check(name, by_check[name], known) for name in sorted(by_check))
    adopted = [one for one in latest.values() if one.verdict.adopted and one.share is not None]
    learned = {}
    for effort, prior in priors().items():
        seen = sorted(one.share for one in adopted if one.effort == effort if one.share is not None)
        if seen:
            learned[effort] = (prior, prior.updated(seen))
    return Calibration(checks, learned)


def _check(
    name: str, outcomes: Sequence[Outcome], known: Mapping[int, Prediction]
) -> CheckCalibration:
    adopted = [one for one in outcomes if one.verdict.adopted]
    priced = [one for one in adopted if one.saved is not None]
    ranged = [
        (one.saved, prediction.low, prediction.high)
        for one in priced
        if (prediction := known.get(one.prediction_id)) is not None
    ]
    inside = [
        low <= saved <= high
        for saved, low, high in ranged
        if saved is not None and low is not None and high is not None
    ]
    return CheckCalibration(
        check=name,
        verified=len(outcomes),
        adopted=len(adopted),
        inconclusive=sum(one.verdict is Verdict.INCONCLUSIVE for one in outcomes),
        predicted=sum((one.predicted for one in priced), Decimal(0)),
        saved=sum((one.saved for one in priced if one.saved is not None), Decimal(0)),
        within=sum(inside),
        ranged=len(inside),
    )
