"""Billing limits: the vendor's defaults, limits somebody chose, and limits that cut data."""

from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.sources.sample.draws import Integers, Truths
from audit.sources.sample.frames import text
from audit.sources.sample.further import Further
from audit.sources.sample.plan import Plan
from audit.sources.sample.vocabulary import COUNTER_OF_PRODUCT

CUT_PRODUCTS = ("product_analytics", "session_replay", "feature_flags")
CUT_LIMITS_USD = (50, 75, 100, 150, 200, 250)
GENEROUS_LIMIT_USD = 25_000
DEFAULT_LIMITS_USD = {"data_warehouse": 500, "posthog_ai": 150}


def limits(
    plan: Plan,
    further: Further,
    ids: npt.NDArray[np.object_],
    used: Truths,
    so_far: Integers,
    hidden: Truths,
) -> tuple[pd.DataFrame, Integers]:
    """The rows, and the place in CUT_PRODUCTS of each planted cut (-1: none).

    ``used``: (organizations, counters) with any billed quantity in the window.
    """
    draws = plan.draws
    cut = np.where(plan.has("billing_limit_cuts_data"), draws.below("cut product", 3), -1)
    for place, product in enumerate(CUT_PRODUCTS):
        cut[(cut == place) & ~used[:, COUNTER_OF_PRODUCT[product]]] = 0
    amounts = np.array(CUT_LIMITS_USD)[draws.below("cut limit", len(CUT_LIMITS_USD))]
    generous = further.has("billing_limit_set")
    rows: list[tuple[int, str, int, bool]] = []
    for row in np.flatnonzero(~hidden):
        chosen: dict[str, tuple[int, bool]] = {}
        if not plan.free[row]:
            chosen = {p: (usd, False) for p, usd in DEFAULT_LIMITS_USD.items()}
            if generous[row]:
                chosen["product_analytics"] = (GENEROUS_LIMIT_USD, False)
            if cut[row] >= 0:
                chosen[CUT_PRODUCTS[cut[row]]] = (int(amounts[row]), True)
        rows += [(int(row), p, usd, was_cut) for p, (usd, was_cut) in chosen.items()]
    frame = pd.DataFrame(
        {
            "organization_id": text(ids, np.array([r[0] for r in rows], dtype=np.int64)),
            "product": pd.Series([r[1] for r in rows], dtype="str"),
            "limit_usd": pd.Series([Decimal(r[2]) for r in rows], dtype=object),
            "usage": pd.Series(
                [so_far[r[0], COUNTER_OF_PRODUCT[r[1]]] for r in rows], dtype="Int64"
            ),
            "usage_limit": pd.Series(
                [_usage_limit(int(so_far[r[0], COUNTER_OF_PRODUCT[r[1]]]), cut=r[3]) for r in rows],
                dtype="Int64",
            ),
            "data_was_cut": pd.array([r[3] for r in rows], dtype="boolean"),
        }
    )
    return frame, cut


def _usage_limit(usage: int, *, cut: bool) -> int:
    """A limit in units: reached where data was cut, else far away."""
    return max(usage, 1) if cut else 4 * usage + 1_000_000
