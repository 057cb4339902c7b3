"""How much of a priced cut comes true once its remedy is done: declared priors, by effort.

A saving is priced as if a remedy took away all that it aims at. Once done, some of it stays:
old clients, pages that were forgotten. That share is a Beta distribution, a stated prior that
verified outcomes update.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.checks import Effort, load_checks
from audit.errors import InputError, SettingsError

Floats = npt.NDArray[np.float64]

_FILE = Path(__file__).with_name("effectiveness.toml")


@dataclass(frozen=True)
class Effectiveness:
    """Beta distribution of the share (0 to 1) of a cut that comes true once it is done.

    ``came_true`` and ``did_not`` are its two parameters, in outcomes.
    """

    came_true: float
    did_not: float
    meaning: str = ""
    source: str = "ours"

    @property
    def mean(self) -> float:
        """Expected share."""
        return self.came_true / (self.came_true + self.did_not)

    @property
    def variance(self) -> float:
        """Of the share."""
        outcomes = self.came_true + self.did_not
        return self.mean * (1 - self.mean) / (outcomes + 1)

    def updated(self, outcomes: Iterable[float]) -> "Effectiveness":
        """With the realised shares of verified outcomes counted in; above 1 counts as 1.

        >>> Effectiveness(6, 4).updated([0.7, 1.2])
        Effectiveness(came_true=7.7, did_not=4.3, meaning='', source='ours, and 2 outcomes')

        Raises: InputError for a share that is no number.
        """
        seen = list(outcomes)
        if not all(np.isfinite(seen)):
            raise InputError(f"A realised share is a number from 0 to 1, got {seen}.")
        held = [min(1.0, max(0.0, share)) for share in seen]
        if not held:
            return self
        noun = "outcome" if len(held) == 1 else "outcomes"
        return Effectiveness(
            round(self.came_true + sum(held), 9),
            round(self.did_not + len(held) - sum(held), 9),
            self.meaning,
            f"{self.source}, and {len(held)} {noun}",
        )

    def draws(self, count: int, generator: np.random.Generator) -> Floats:
        """``count`` shares, spread evenly over the distribution and in random order."""
        quantiles = (np.arange(count) + generator.random(count)) / count
        return self._quantiles(quantiles)[generator.permutation(count)]

    def quantile(self, probability: float) -> float:
        """The share that so much of the distribution lies below."""
        return float(self._quantiles(np.asarray([probability]))[0])

    def _quantiles(self, probabilities: Floats) -> Floats:
        """By the distribution function on a fine grid: numpy has no inverse of its own."""
        grid = np.linspace(0.0, 1.0, 4001)
        middle = (grid[1:] + grid[:-1]) / 2
        log = (self.came_true - 1) * np.log(middle) + (self.did_not - 1) * np.log1p(-middle)
        mass = np.exp(log - log.max())
        below = np.concatenate([[0.0], np.cumsum(mass)]) / mass.sum()
        return np.interp(probabilities, below, grid)


@lru_cache(maxsize=1)
def priors() -> Mapping[Effort, Effectiveness]:
    """The declared priors, by effort.

    Raises: SettingsError for a file that leaves out an effort or names another.
    """
    read = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    if set(read) != {str(effort) for effort in Effort}:
        raise SettingsError(
            f"{_FILE.name} has {sorted(read)}; it needs exactly {sorted(Effort)}, one prior each."
        )
    found = {}
    for effort in Effort:
        one = Effectiveness(**read[effort])
        if not (one.came_true >= 1 and one.did_not >= 1):
            raise SettingsError(f"{_FILE.name}: both numbers of [{effort}] are 1 or more.")
        found[effort] = one
    return MappingProxyType(found)


def come_true(findings: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Mean and variance of the share of an account's joint saving that comes true once all of it is
    done: every finding by the declared prior of its effort, by what it saves alone, independently.

    ``findings``: rows of organization_id, check and saving_alone_usd, the open ones.
    """
    checks, known = load_checks(), priors()
    efforts = [known[checks[check].effort] for check in findings["check"]]
    saves = findings["saving_alone_usd"].clip(lower=0).fillna(0)
    whole = saves.groupby(findings["organization_id"]).transform("sum")
    share = (saves / whole.where(whole > 0)).fillna(0).to_numpy()
    told = pd.DataFrame(
        {
            "mean": share * [prior.mean for prior in efforts],
            "variance": share**2 * [prior.variance for prior in efforts],
        }
    )
    sums = told.groupby(findings["organization_id"].to_numpy()).sum()
    return {
        str(identity): (float(mean), float(variance))
        for identity, mean, variance in sums.itertuples()
    }
