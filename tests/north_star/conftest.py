"""``star``: the measure over some organizations; ``logos`` builds these."""

import sys
from datetime import date
from pathlib import Path

import pytest

from audit.checks import load_checks
from audit.frames import in_memory
from audit.north_star import Treatments, north_star
from audit.north_star.measure import measured
from audit.policy import load_policy
from audit.validation import validated

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.append(HERE)


@pytest.fixture
def star(tmp_path):
    """The measure over logos; treatments by name."""
    from logos import frames, published

    def of(*logos, as_of="", policy="2025-06", **treatments):
        chosen = Treatments.of(**treatments)
        if chosen.exclude:
            path = published(logos, tmp_path / "store.duckdb")
            return north_star(path, as_of=as_of, policy=policy, treatments=chosen)
        tables = {name: validated(name, rows).frame for name, rows in frames(logos).items()}
        day = as_of or max(logo.organization["as_of"] for logo in logos)
        pack = load_policy(policy, load_checks())
        with in_memory(tables) as connection:
            return measured(connection, pack, date.fromisoformat(day), chosen)

    return of
