"""What planters are, and the register of all of them.

A planter is a function of one :class:`~corpus.customer.Customer`. It changes the customer and
returns where the fault is (or, for a look-alike, where it is not). A check has planters of these
kinds; ``missing`` cases are made from the faults by taking away what the check reads.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from corpus.customer import Customer

Waste = Mapping[str, float] | Callable[[Customer], Mapping[str, float]]
Kind = Literal["fault", "inside", "outside", "lookalike", "missing", "combination"]


@dataclass(frozen=True)
class Truth:
    """A place and what is true of it.

    ``waste``: billed units a month, by product, that the remedy would do away with, or a function
    that tells them once all is planted. ``saving``: the true saving where units cannot tell it.
    ``implied``: checks that rightly see this world too, wherever they see it; they count neither
    way. ``holds``: whether it is still so once more was planted beside it; what others diluted
    below its threshold is no fault any more.
    """

    check: str
    project: str | None = None
    product: str | None = None
    waste: Waste | None = None
    saving: Decimal | None = None
    implied: tuple[str, ...] = ()
    holds: Callable[[Customer], bool] | None = None

    def wasted(self, customer: Customer) -> Mapping[str, float]:
        if self.waste is None:
            return {}
        return self.waste(customer) if callable(self.waste) else self.waste


Plant = Callable[[Customer], Truth | Sequence[Truth]]


@dataclass(frozen=True)
class Planter:
    check: str
    kind: Kind
    name: str
    plant: Plant
    group: str = ""

    def __call__(self, customer: Customer) -> list[Truth]:
        found = self.plant(customer)
        return [found] if isinstance(found, Truth) else list(found)


PLANTERS: dict[str, list[Planter]] = {}


def _register(check: str, kind: Kind, group: str = "") -> Callable[[Plant], Plant]:
    def keep(plant: Plant) -> Plant:
        name = plant.__name__.removeprefix("_").replace("_", " ")
        PLANTERS.setdefault(check, []).append(Planter(check, kind, name, plant, group))
        return plant

    return keep


def fault(check: str, group: str = "") -> Callable[[Plant], Plant]:
    """The fault as it happens. ``group``: faults of one group are never combined; without one the
    fault is not combined at all."""
    return _register(check, "fault", group)


def inside(check: str) -> Callable[[Plant], Plant]:
    """Just far enough to be the fault."""
    return _register(check, "inside")


def outside(check: str) -> Callable[[Plant], Plant]:
    """Just not far enough."""
    return _register(check, "outside")


def lookalike(check: str) -> Callable[[Plant], Plant]:
    """Healthy, and looks like the fault."""
    return _register(check, "lookalike")


def planters(check: str, kind: Kind) -> list[Planter]:
    importlib.import_module("corpus.planters")
    return [one for one in PLANTERS.get(check, []) if one.kind == kind]


#: Checks without planters, and why.
NO_PLANTERS: Mapping[str, str] = {}
