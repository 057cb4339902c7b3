"""The published score as data: components with weights, measures with bands, their source."""

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any

from audit.errors import SettingsError

MEASURES = 20
_BOUND = re.compile(r"(<=|>=|<|>)?\s*(\d+)")


class Band(StrEnum):
    """Where a measure, or the whole score, stands."""

    POOR = "poor"
    CONCERNING = "concerning"
    HEALTHY = "healthy"


@dataclass(frozen=True)
class Bound:
    """One side of a band as published, e.g. ``<= 5``; a bare number is that number alone."""

    published: str
    sign: str
    edge: int

    @property
    def is_lower(self) -> bool:
        """The band holds what lies below its edge."""
        return self.sign in ("<", "<=", "=")

    @property
    def owns_the_edge(self) -> bool:
        return self.sign in ("<=", ">=", "=")

    def holds(self, values: Any) -> Any:
        """Whether a number, or each of an array, lies inside; NaN lies nowhere.

        >>> read_bound("", "> 20").holds(20), read_bound("", "<= 5").holds(5)
        (False, True)
        """
        at_the_edge = values == self.edge
        if self.sign == "=":
            return at_the_edge
        beyond = values < self.edge if self.is_lower else values > self.edge
        return beyond | at_the_edge if self.owns_the_edge else beyond


@dataclass(frozen=True)
class Bands:
    """Poor and healthy as published; concerning is what lies between, edges that neither owns
    included."""

    poor: Bound
    healthy: Bound

    @property
    def concerning(self) -> str:
        """The band between in words of the page, e.g. ``5-20``."""
        low, high = sorted((self.poor.edge, self.healthy.edge))
        return f"{low}-{high}"


@dataclass(frozen=True)
class Measure:
    """One of the twenty. ``ours``: how what we can measure differs from the page, or empty.

    A decrease is of the last 30 days against the 30 before, both up to the day before the audit's
    now; growth is a negative decrease. ``weight_units``: its share of the score; the units of all
    measures add up to :attr:`Published.weight_units`.
    """

    name: str
    title: str
    component: str
    unit: str
    bands: Bands
    is_decrease: bool
    weight_units: int
    comes_from: str
    ours: str


@dataclass(frozen=True)
class Component:
    """Measures that share one weight, in percent of the score."""

    name: str
    title: str
    asks: str
    weight_percent: int
    measures: tuple[Measure, ...]


@dataclass(frozen=True)
class Published:
    """The score as published, with what is ours: ``points``, ``split`` and the coverage below
    which no score is given."""

    name: str
    title: str
    source: str
    components: tuple[Component, ...]
    points: Mapping[Band, int]
    split: str
    minimum_coverage_percent: float
    label: Bands
    label_source: str

    @property
    def measures(self) -> tuple[Measure, ...]:
        return tuple(m for component in self.components for m in component.measures)

    @property
    def weight_units(self) -> int:
        return sum(measure.weight_units for measure in self.measures)


@lru_cache(maxsize=1)
def load_published() -> Published:
    """The score that ships with the toolkit. Raises: SettingsError."""
    folder = resources.files("audit.health")
    return read_published((folder / "published.toml").read_text(encoding="utf-8"))


def read_published(text: str) -> Published:
    """A score from TOML.

    Raises: SettingsError where weights do not add up to 100, the measures are not twenty of
    different names, or the bands of one overlap.
    """
    try:
        data = tomllib.loads(text)
        weights = [int(c["weight_percent"]) for c in data["component"]]
        # Equal shares as whole numbers: 15 / 4 and 17 / 3 of a percent have no exact float.
        parts = math.lcm(*(len(c["measure"]) for c in data["component"]))
        components = tuple(_component(c, parts) for c in data["component"])
        ours, label = data["ours"], data["label"]
        published = Published(
            name=data["name"],
            title=data["title"],
            source=data["source"],
            components=components,
            points={band: int(ours["points"][band]) for band in Band},
            split=ours["split"],
            minimum_coverage_percent=float(ours["minimum_coverage_percent"]),
            label=_bands("label", label),
            label_source=label["source"],
        )
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"health/published.toml is not TOML: {error}.") from None
    except KeyError as error:
        raise SettingsError(f"health/published.toml has no {error}.") from None
    if sum(weights) != 100:
        raise SettingsError(
            f"health/published.toml: the weights add up to {sum(weights)} percent, not 100."
        )
    names = {measure.name for measure in published.measures}
    if len(published.measures) != MEASURES or len(names) != MEASURES:
        raise SettingsError(
            f"health/published.toml has {len(published.measures)} measures of {len(names)} names; "
            f"the published score has {MEASURES}."
        )
    return published


def _component(data: Mapping[str, Any], parts: int) -> Component:
    name, weight = data["name"], int(data["weight_percent"])
    units = weight * parts // len(data["measure"])
    measures = tuple(
        Measure(
            name=one["name"],
            title=one["title"],
            component=name,
            unit=one["unit"],
            bands=_bands(one["name"], one),
            is_decrease=bool(one.get("decrease", False)),
            weight_units=units,
            comes_from=one["comes_from"],
            ours=one.get("ours", ""),
        )
        for one in data["measure"]
    )
    return Component(name, data["title"], data["asks"], weight, measures)


def _bands(name: str, data: Mapping[str, Any]) -> Bands:
    poor, healthy = read_bound(name, data["poor"]), read_bound(name, data["healthy"])
    between = healthy.edge - poor.edge if poor.is_lower else poor.edge - healthy.edge
    if poor.is_lower == healthy.is_lower or between <= 0:
        raise SettingsError(
            f"health/published.toml: the bands of {name} overlap or leave no middle: poor "
            f"{poor.published!r}, healthy {healthy.published!r}."
        )
    return Bands(poor, healthy)


def read_bound(name: str, published: str) -> Bound:
    """A bound as published. Raises: SettingsError, naming what it is of."""
    match = _BOUND.fullmatch(published)
    if match is None:
        raise SettingsError(
            f"health: {published!r} of {name} is no band like '> 20', '<= 5' or '0'."
        )
    return Bound(published, match[1] or "=", int(match[2]))
