"""What a person asks, and what only a person can know: typed, never guessed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType

from audit.account import Account
from audit.errors import InputError
from audit.meters import BY_ANY_NAME, product_of
from audit.refunds.spans import ONE_DAY, Span
from audit.refunds.usage import Usage

#: Longer than this, it is no incident.
LONGEST_INCIDENT_DAYS = 92
NO_BASELINE: Mapping[str, int] = MappingProxyType({})


class Scenario(StrEnum):
    """The four stories the handbook pays back."""

    LEARNING_CURVE = "learning_curve"
    UNEXPECTED_STARDOM = "unexpected_stardom"
    UNDER_ATTACK = "under_attack"
    WRONG_SETUP = "wrong_setup"


@dataclass(frozen=True)
class Request:
    """A refund somebody asked for.

    ``first_day`` to ``last_day``, both included, is the incident. Without ``products`` every
    product that spiked is meant, without ``scenario`` each is tried. ``request_day`` None is the
    account's day. What is None below is not known, and so never held for true.
    ``spike_percent`` None takes the policy's reading of "by more than 200 percent".
    ``baseline``: units a month of a product, over what the usage says.
    """

    first_day: date
    last_day: date
    products: tuple[str, ...] = ()
    scenario: Scenario | None = None
    request_day: date | None = None
    explanation: str = ""
    signs_of_abuse: bool | None = None
    ceased: bool | None = None
    measures_taken: bool | None = None
    no_revenue: bool | None = None
    earlier_refunds: int | None = None
    fixed_in_good_faith: bool | None = None
    spike_percent: int | None = None
    tax_percent: str = ""
    baseline: Mapping[str, int] = field(default_factory=lambda: NO_BASELINE)

    @property
    def incident(self) -> Span:
        return Span(self.first_day, self.last_day + ONE_DAY)


def checked(request: Request, account: Account, usage: Usage) -> Request:
    """The request with product keys for whatever names were used.

    Raises: InputError for days that are no incident, or a product the account does not have.
    """
    if request.last_day < request.first_day:
        raise InputError(
            f"The incident ends on {request.last_day}, before it starts on {request.first_day}."
        )
    if request.incident.days > LONGEST_INCIDENT_DAYS:
        raise InputError(
            f"{request.incident} are {request.incident.days} days; an incident has at most "
            f"{LONGEST_INCIDENT_DAYS}. A longer one is another level of usage, not a spike."
        )
    if request.last_day >= account.as_of:
        raise InputError(
            f"The incident ends on {request.last_day}, but usage is known up to "
            f"{account.as_of - ONE_DAY}. Name an earlier day, or pull the account again."
        )
    asked = request.request_day
    if asked is not None and asked < request.first_day:
        raise InputError(f"The request of {asked} is before the incident of {request.first_day}.")
    if request.earlier_refunds is not None and request.earlier_refunds < 0:
        raise InputError(f"Earlier refunds are 0 or more, got {request.earlier_refunds}.")
    products = tuple(dict.fromkeys(_known(name, usage) for name in request.products))
    baseline = {_known(name, usage): units for name, units in request.baseline.items()}
    return Request(**{**vars(request), "products": products, "baseline": baseline})


def _known(name: str, usage: Usage) -> str:
    product = product_of(name)
    every = sorted({*usage.products, *usage.subscribed})
    if product in every:
        return product
    spellings = [*every, *(alias for alias in BY_ANY_NAME if product_of(alias) in every)]
    near = get_close_matches(name, spellings, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise InputError(
        f"The account has no {name!r}.{hint} It has {', '.join(every) or 'no usage at all'}."
    )
