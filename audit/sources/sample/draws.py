"""Random numbers that belong to one organization and one purpose, whatever else is drawn."""

import hashlib

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
MANTISSA_STEP = 2.0**-53


def _mixed(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The output function of SplitMix64 (Steele, Lea and Flood, 2014)."""
    state = (state ^ (state >> np.uint64(30))) * FIRST
    state = (state ^ (state >> np.uint64(27))) * SECOND
    return state ^ (state >> np.uint64(31))


class Draws:
    """Draws for some organizations of one seed; one row per organization.

    A draw depends on seed, organization number, purpose and place in the row only. So the
    same organization comes out whether 12 or 20,000 are made, and a new purpose changes
    nothing that was drawn before. A longer row begins with the shorter one.
    """

    def __init__(self, seed: int, numbers: Integers) -> None:
        start = np.random.SeedSequence(seed).generate_state(1, np.uint64)
        self.numbers = numbers
        self._keys = _mixed(start + numbers.astype(np.uint64) * GOLDEN)

    def __len__(self) -> int:
        return len(self.numbers)

    def uniform(self, purpose: str, *shape: int) -> Floats:
        """In [0, 1), of shape (organizations, *shape)."""
        digest = hashlib.blake2b(purpose.encode(), digest_size=8).digest()
        keys = _mixed(self._keys ^ np.uint64(int.from_bytes(digest, "little")))
        width = int(np.prod(shape)) if shape else 1
        steps = np.arange(1, width + 1, dtype=np.uint64) * GOLDEN
        bits = _mixed(keys[:, None] + steps[None, :])
        values = (bits >> np.uint64(11)).astype(np.float64) * MANTISSA_STEP
        return values.reshape(len(self), *shape)

    def normal(self, purpose: str, *shape: int) -> Floats:
        """Standard normal (Box and Muller), of shape (organizations, *shape)."""
        radius = np.sqrt(-2.0 * np.log1p(-self.uniform(purpose + " radius", *shape)))
        angle = 2.0 * np.pi * self.uniform(purpose + " angle", *shape)
        return np.asarray(radius * np.cos(angle))

    def between(self, purpose: str, low: float, high: float, *shape: int) -> Floats:
        return low + (high - low) * self.uniform(purpose, *shape)

    def chance(self, purpose: str, share: float, *shape: int) -> Truths:
        return self.uniform(purpose, *shape) < share

    def below(self, purpose: str, bound: int, *shape: int) -> Integers:
        """Whole numbers in 0 .. bound - 1."""
        return (self.uniform(purpose, *shape) * bound).astype(np.int64)

    def lognormal(self, purpose: str, median: float, sigma: float, *shape: int) -> Floats:
        return median * np.exp(sigma * self.normal(purpose, *shape))
