"""The score of one organization in words, ready to be shown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from audit.health.published import Band, Measure, Published, load_published
from audit.health.rules import Judged, Sign, State, signs
from audit.health.score import score

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Part:
    """One measure of one organization.

    ``value`` in the measure's unit, None where not known; then ``band``, ``points`` (0, 5 or 10)
    and ``contribution`` are None too. ``contribution``: its part of the score; ``lost``: what it
    would add if it were healthy; both None where no score is given. ``weight_percent``: its
    share of the published score.
    """

    measure: Measure
    value: float | None
    band: Band | None
    points: int | None
    contribution: Decimal | None
    lost: Decimal | None
    weight_percent: Decimal

    @property
    def title(self) -> str:
        return self.measure.title

    @property
    def is_known(self) -> bool:
        return self.value is not None

    @property
    def value_in_words(self) -> str:
        """Value and unit, a decrease said as one: ``12.5% down``, ``3 people``."""
        if self.value is None:
            return "not known"
        number = f"{abs(self.value):,.1f}".removesuffix(".0")
        if self.measure.is_decrease:
            direction = "up" if self.value < 0 else "down"
            return f"{number}% {direction}" if number != "0" else "unchanged"
        if self.measure.unit == "percent":
            return f"{number}%"
        unit = self.measure.unit
        if number == "1":
            unit = "person" if unit == "people" else unit.removesuffix("s")
        return f"{number} {unit}"


@dataclass(frozen=True)
class Health:
    """The published health score of one organization, as an approximation.

    ``score`` is 0 to 10 in hundredths, None where too little is known: then ``reason`` says so.
    The contributions of the parts add up to it exactly. ``coverage_percent``: how much of the
    weight is known, in whole percent, rounded down. ``signs``: the published indicators and
    warnings, empty where only measures were given.
    """

    organization_id: str
    organization_name: str
    score: Decimal | None
    label: Band | None
    coverage_percent: int
    minimum_coverage_percent: float
    parts: tuple[Part, ...]
    reason: str
    published: Published
    signs: tuple[Sign, ...] = ()

    @property
    def given(self) -> tuple[Sign, ...]:
        """Indicators and warnings that are on."""
        return tuple(sign for sign in self.signs if sign.state is State.GIVEN)

    @property
    def missing(self) -> tuple[Part, ...]:
        """Measures that are not known; each says where it would come from."""
        return tuple(part for part in self.parts if not part.is_known)

    @property
    def worst(self) -> tuple[Part, ...]:
        """Measures that cost some of the score, those that cost most first."""
        costly = [part for part in self.parts if part.lost]
        return tuple(sorted(costly, key=lambda part: part.lost or CENT, reverse=True))

    @property
    def in_words(self) -> str:
        """One sentence that can stand alone: score, label, coverage, and that it approximates."""
        if self.score is None or self.label is None:
            return f"No health score: {self.reason}"
        return (
            f"Health {self.score.quantize(Decimal('0.1'))} of 10 ({self.label}), an approximation "
            f"of the published score from {self.coverage_percent}% of its weight."
        )


def of(audit: Judged, *, minimum_coverage_percent: float | None = None) -> Health:
    """The health of an audited organization: the score from the audit's facts, and the rules.

    Rules that are judged by checks for the team are known only in an audit for the team.
    """
    facts = audit.facts["organization"].iloc[0]
    measures = {m.name: float(facts[m.name]) for m in load_published().measures}
    health = health_of(
        audit.organization_id,
        audit.organization_name,
        measures,
        minimum_coverage_percent=minimum_coverage_percent,
    )
    return replace(health, signs=signs(audit))


def health_of(
    organization_id: str,
    organization_name: str,
    values: Mapping[str, float | None],
    *,
    minimum_coverage_percent: float | None = None,
    published: Published | None = None,
) -> Health:
    """Score one organization by its measures (name to value; absent, None or NaN is not known)."""
    published = published or load_published()
    known = {m.name: values.get(m.name) for m in published.measures}
    frame = pd.DataFrame([known], dtype="float64")
    scores = score(frame, minimum_coverage_percent=minimum_coverage_percent, published=published)
    least = published.minimum_coverage_percent
    if minimum_coverage_percent is not None:
        least = minimum_coverage_percent
    coverage = int(scores.coverage_percent.iloc[0])
    bands = scores.bands.iloc[0]
    is_given = bool(scores.score.notna().iloc[0])
    contributions, lost = _exact(published, bands, is_given)
    parts = []
    for measure in published.measures:
        value = frame[measure.name].iloc[0]
        word = bands[measure.name]
        found = None if pd.isna(word) else Band(word)
        parts.append(
            Part(
                measure=measure,
                value=None if found is None else float(value),
                band=found,
                points=None if found is None else published.points[found],
                contribution=contributions.get(measure.name),
                lost=lost.get(measure.name),
                weight_percent=_share(measure, published),
            )
        )
    label = scores.label.iloc[0]
    reason = (
        ""
        if is_given
        else (
            f"only {coverage}% of the published weight is known, and below {least:g}% (ours) the "
            "number would say more about the data than about the account."
        )
    )
    return Health(
        organization_id=organization_id,
        organization_name=organization_name,
        score=sum(contributions.values(), start=Decimal("0.00")) if is_given else None,
        label=None if pd.isna(label) else Band(label),
        coverage_percent=coverage,
        minimum_coverage_percent=least,
        parts=tuple(parts),
        reason=reason,
        published=published,
    )


def _exact(
    published: Published, bands: "pd.Series[str]", is_given: bool
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Contributions, which add up to the score, and what each measure lost, in hundredths."""
    if not is_given:
        return {}, {}
    known = {m.name: m for m in published.measures if not pd.isna(bands[m.name])}
    total = sum(measure.weight_units for measure in known.values())
    points = {name: published.points[Band(bands[name])] for name in known}
    best = max(published.points.values())
    gained = {n: Fraction(m.weight_units * points[n], total) for n, m in known.items()}
    lost = {n: Fraction(m.weight_units * (best - points[n]), total) for n, m in known.items()}
    return _hundredths(gained), _hundredths(lost)


def _share(measure: Measure, published: Published) -> Decimal:
    share = Fraction(10_000 * measure.weight_units, published.weight_units)
    return round(share) * CENT


def _hundredths(exact: Mapping[str, Fraction]) -> dict[str, Decimal]:
    """Amounts in hundredths that add up to the rounded sum (half up): what is left over goes to
    the largest remainders, earlier measures first."""
    whole = {name: int(100 * amount) for name, amount in exact.items()}
    rest = int(100 * sum(exact.values()) + Fraction(1, 2)) - sum(whole.values())
    order = sorted(exact, key=lambda name: whole[name] - 100 * exact[name])
    for name in order[:rest]:
        whole[name] += 1
    return {name: number * CENT for name, number in whole.items()}
