"""Two to four faults at once in one account, and what fixing all of them saves."""

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from corpus.customer import Customer
from corpus.planting import PLANTERS, Planter, Truth
from corpus.units import UnsuitableError

if TYPE_CHECKING:
    from corpus.runner import Case, Crowd

MOST = 4


def groups(checks: list[str]) -> dict[str, list[Planter]]:
    """Faults that may stand together, by the group of which only one is chosen."""
    out: dict[str, list[Planter]] = {}
    for check in checks:
        for planter in PLANTERS.get(check, []):
            if planter.kind == "fault" and planter.group:
                out.setdefault(planter.group, []).append(planter)
    return out


def case(checks: list[str], rng: np.random.Generator, crowd: "Crowd") -> "Case":
    from corpus.runner import Case, true_saving

    known = groups(checks)
    names = sorted(known)
    size = int(rng.integers(2, min(MOST, len(names)) + 1)) if len(names) > 1 else len(names)
    picked = sorted(names[i] for i in rng.permutation(len(names))[:size])
    chosen = [known[name][int(rng.integers(len(known[name])))] for name in picked]

    def do(customer: Customer) -> "Case":
        truths: list[Truth] = []
        for place, planter in enumerate(chosen):
            try:
                truths += planter(customer)
            except UnsuitableError:
                if not place:
                    raise
        left = [t for t in truths if t.holds is None or t.holds(customer)]
        diluted = tuple({t.check for t in truths} - {t.check for t in left})
        if not left:
            raise UnsuitableError("all diluted")
        truths = [replace(t, implied=(*t.implied, *diluted)) for t in left]
        joint = joint_saving(customer, truths)
        savings = tuple(true_saving(customer, truth) for truth in truths)
        return Case("combination", "several", customer, tuple(truths), joint, savings)

    return crowd.one(do, " and ".join(p.name for p in chosen))


def joint_saving(customer: Customer, truths: list[Truth]) -> Decimal:
    """All waste gone at once. Faults of different groups waste different units."""
    waste: dict[str, float] = {}
    flat = Decimal(0)
    for truth in truths:
        for product, units in truth.wasted(customer).items():
            waste[product] = waste.get(product, 0) + units
        flat += truth.saving or 0
    return customer.saving(waste) + flat
