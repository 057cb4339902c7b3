"""``star``: the measure over some organizations; ``logos`` builds these."""

import sys
from pathlib import Path

import pytest

from audit.north_star import Treatments, north_star

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.append(HERE)


@pytest.fixture
def star(tmp_path):
    """The measure over logos; treatments by name."""
    from logos import published

    number = iter(range(1_000))

    def of(*logos, as_of="", policy="2025-06", **treatments):
        path = published(logos, tmp_path / f"{next(number)}.duckdb")
        return north_star(path, as_of=as_of, policy=policy, treatments=Treatments.of(**treatments))

    return of
