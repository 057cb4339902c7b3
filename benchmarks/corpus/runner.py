"""Build the corpus, publish it, look at it once, and compare with what was planted."""

import sys
import tempfile
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from audit.checks import Audience, Check, Severity, load_checks
from audit.findings.world import World, look
from audit.policy import DEFAULT_POLICY, load_policy
from audit.sources.sample import portfolio
from audit.store import Store, publish
from corpus import base, books, combined, lacking
from corpus.customer import Customer
from corpus.planting import NO_PLANTERS, Kind, Planter, Truth, planters
from corpus.units import UnsuitableError

#: Seeds the published table is made with; nobody looks at them while checks are written.
PUBLISHED_SEEDS = (901, 902)
TUNING_SEEDS = (11,)
BATCH = 600
#: Customers a planter may refuse before it is called broken.
MOST_REFUSED = 400
HEALTHY_HISTORY_DAYS = 120

Place = tuple[str, str | None, str | None]


@dataclass(frozen=True)
class Sizes:
    """Cases per check; of look-alikes and faults, per planter."""

    fault: int = 40
    inside: int = 15
    outside: int = 15
    lookalike: int = 15
    missing: int = 15
    combinations: int = 400
    healthy: int = 3_000


SMALL = Sizes(fault=2, inside=1, outside=1, lookalike=1, missing=2, combinations=12, healthy=200)


@dataclass(frozen=True)
class Case:
    """One customer with what was planted; ``truths`` are places where it holds or, for
    look-alikes and boundaries outside, does not. ``joint``: the true joint saving."""

    kind: Kind
    name: str
    customer: Customer
    truths: tuple[Truth, ...]
    joint: Decimal | None = None
    savings: tuple[Decimal | None, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """One labelled place: what was expected there and what came of it. Savings in USD."""

    check: str
    kind: Kind
    name: str
    found: bool
    not_evaluated: bool
    true_saving: Decimal | None = None
    saving: Decimal | None = None


@dataclass(frozen=True)
class Stray:
    """A finding nobody planted."""

    check: str
    kind: Kind
    name: str
    place: Place


@dataclass
class Result:
    outcomes: list[Outcome] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    #: (true, found) joint savings of combinations.
    joint: list[tuple[Decimal, Decimal]] = field(default_factory=list)
    customers: int = 0
    healthy: int = 0
    #: False findings on healthy accounts, by organization.
    false_findings: list[tuple[str, str]] = field(default_factory=list)

    def merge(self, other: "Result") -> None:
        self.outcomes += other.outcomes
        self.strays += other.strays
        self.joint += other.joint
        self.customers += other.customers
        self.healthy += other.healthy
        self.false_findings += other.false_findings


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def chosen(checks: Collection[str] = ()) -> dict[str, Check]:
    """The checks to measure, by name."""
    known = load_checks()
    unknown = set(checks) - set(known)
    if unknown:
        raise SystemExit(f"No check {', '.join(sorted(unknown))}. See `audit checks`.")
    return {name: known[name] for name in checks or known if name not in NO_PLANTERS}


def measured(
    seeds: Sequence[int],
    sizes: Sizes = Sizes(),
    checks: Collection[str] = (),
    progress: Callable[[str], None] = say,
) -> Result:
    result = Result()
    wanted = chosen(checks)
    for seed in seeds:
        batch: list[Case] = []
        for case in cases(wanted, seed, sizes):
            batch.append(case)
            if len(batch) == BATCH:
                result.merge(judged(batch))
                progress(f"seed {seed}: {result.customers} customers")
                batch = []
        if batch:
            result.merge(judged(batch))
        progress(f"seed {seed}: {result.customers} customers, now healthy accounts")
        result.merge(healthy(seed, sizes.healthy))
    return result


def cases(checks: dict[str, Check], seed: int, sizes: Sizes) -> Iterator[Case]:
    """Every case of one seed, each with a customer of its own."""
    crowd = Crowd(seed)
    for name, check in checks.items():
        for kind in ("fault", "inside", "outside", "lookalike"):
            every = planters(name, kind)
            count = getattr(sizes, kind)
            share = count if kind == "lookalike" else -(-count // max(len(every), 1))
            for planter in every:
                for _ in range(share):
                    yield crowd.planted(planter)
        for number in range(sizes.missing):
            found = lacking.case(check, number, crowd)
            if found is not None:
                yield found
    if len(checks) > 1:
        rng = np.random.default_rng(seed)
        for _ in range(sizes.combinations):
            yield combined.case(sorted(checks), rng, crowd)


class Crowd:
    """Hands every planter a customer it can use, each customer once."""

    def __init__(self, seed: int) -> None:
        self._fresh = base.customers(seed)
        self._spare: deque[Customer] = deque()

    def planted(self, planter: Planter) -> Case:
        def do(customer: Customer) -> Case:
            truths = planter(customer)
            return case_of(planter.kind, planter.name, customer, truths)

        return self.one(do, planter.name)

    def one(self, do: Callable[[Customer], Case], name: str) -> Case:
        """A planter must refuse a customer before it changes it."""
        for _ in range(len(self._spare)):
            customer = self._spare.popleft()
            try:
                return do(customer)
            except UnsuitableError:
                self._spare.append(customer)
        for _ in range(MOST_REFUSED):
            customer = next(self._fresh)
            try:
                return do(customer)
            except UnsuitableError:
                self._spare.append(customer)
        raise SystemExit(f"No customer of {MOST_REFUSED} suits {name!r}.")


def case_of(kind: Kind, name: str, customer: Customer, truths: Sequence[Truth]) -> Case:
    savings = tuple(true_saving(customer, truth) for truth in truths)
    return Case(kind, name, customer, tuple(truths), None, savings)


def true_saving(customer: Customer, truth: Truth) -> Decimal | None:
    if truth.saving is not None:
        return truth.saving
    return None if truth.waste is None else customer.saving(truth.wasted(customer))


def judged(batch: Sequence[Case]) -> Result:
    """One store, one look, for many cases."""
    with tempfile.TemporaryDirectory() as folder:
        tables = books.frames(case.customer for case in batch)
        store = publish(Path(folder) / "corpus.duckdb", tables)
        world = looked(store)
    found, missing = places(world)
    result = Result(customers=len(batch))
    keys = {organization: n for n, organization in enumerate(world.audited["organization_id"])}
    joint = world.savings.joint(list(world.verdicts.values()))
    for case in batch:
        result.outcomes += list(_outcomes(case, found, missing))
        result.strays += list(_strays(case, found))
        if case.joint is not None:
            cents = int(joint[keys[case.customer.id]])
            result.joint.append((case.joint, Decimal(cents) / 100))
    return result


def looked(store: Path) -> World:
    known = load_checks()
    policy = load_policy(DEFAULT_POLICY, known, None)
    with Store.open(store) as opened:
        return look(opened.connection, known, policy, as_of=None, lookback_days=30)


Found = dict[str, dict[Place, Decimal]]


@dataclass(frozen=True)
class Missing:
    """Where one check was not evaluated, of all places it was asked about."""

    places: set[Place]
    asked: set[Place]
    organizations: set[str]

    def covers(self, place: Place) -> bool:
        """Not evaluated there; or there is no such place any more, because nothing that was read
        tells of the product, and the check says so for the organization's others."""
        return place in self.places or (place not in self.asked and place[0] in self.organizations)


def places(world: World) -> tuple[Found, dict[str, Missing]]:
    """By check: where it was found, with what it saves alone, and where it was not evaluated."""
    found: Found = {}
    missing: dict[str, Missing] = {}
    for name, verdict in world.verdicts.items():
        frame = verdict.frame
        organization = frame["organization_id"].tolist()
        none = [None] * len(frame)
        project = frame["project_id"].tolist() if verdict.scope == "project" else none
        product = frame["product"].tolist() if verdict.scope == "product" else none
        every = list(zip(organization, project, product, strict=True))
        saved = world.savings.alone(world.organization_keys(verdict), verdict.cut)
        check = verdict.check
        alarms = check.severity in ALARMS and check.audience is Audience.CUSTOMER
        found[name] = {
            every[row]: Decimal(int(saved[row])) / 100
            for row, severity in zip(verdict.flagged, verdict.severities, strict=True)
            # What alarms a customer may tell a milder case as information: that is no alarm.
            if not (alarms and severity is Severity.INFORMATION)
        }
        gone = set(every) if verdict.error else {every[row] for row in verdict.missing}
        missing[name] = Missing(gone, set(every), {place[0] for place in gone})
    return found, missing


def _outcomes(case: Case, found: Found, missing: dict[str, Missing]) -> Iterator[Outcome]:
    for truth, true in zip(case.truths, case.savings, strict=True):
        place = (case.customer.id, truth.project, truth.product)
        here = found[truth.check].get(place)
        yield Outcome(
            check=truth.check,
            kind=case.kind,
            name=case.name,
            found=here is not None,
            not_evaluated=missing[truth.check].covers(place),
            true_saving=true,
            saving=here,
        )


def _strays(case: Case, found: Found) -> Iterator[Stray]:
    mine = case.customer.id
    labelled = {(t.check, (mine, t.project, t.product)) for t in case.truths}
    implied = {check for truth in case.truths for check in truth.implied}
    for check, here in found.items():
        if check in implied or check in ONLY_WHERE_LABELLED:
            continue
        for place in here:
            if place[0] == mine and (check, place) not in labelled:
                yield Stray(check, case.kind, case.name, place)


#: Every account stands somewhere between new, in scope, handled and large: no customer is outside
#: all of these, so they are judged only where a planter says which side it is on.
ONLY_WHERE_LABELLED = frozenset(
    {
        "advice_not_followed",
        "already_handled",
        "annual_tier_eligible",
        "check_in_due",
        "commercial_ask_paused",
        "first_payment_large",
        "onboarding_in_scope",
        "onboarding_out_of_scope",
        "outreach_due",
        "paid_bills_reached",
        "product_led_sales_overlap",
        "sales_engaged",
        "sales_handover_ready",
        "self_serve_credits_eligible",
        "slack_connect_reached",
        "startup_roll_off_in_scope",
    }
)


def healthy(seed: int, count: int) -> Result:
    """The portfolio's own accounts without faults: every alarm is false."""
    result = Result()
    known = load_checks()
    alarming = {name for name, check in known.items() if check.audience is Audience.CUSTOMER}
    for number, first in enumerate(range(0, count, BATCH)):
        size = min(BATCH, count - first)
        sample = portfolio(
            size,
            seed=seed * 7_919 + 500_000 + number,
            as_of=base.AS_OF,
            history_days=HEALTHY_HISTORY_DAYS,
            faults=False,
        )
        with tempfile.TemporaryDirectory() as folder:
            world = looked(publish(Path(folder) / "healthy.duckdb", sample.tables))
        result.healthy += size
        for name in alarming:
            verdict = world.verdicts[name]
            at = verdict.frame["organization_id"].to_numpy()[verdict.flagged]
            for organization, severity in zip(at, verdict.severities, strict=True):
                if severity in ALARMS:
                    result.false_findings.append((name, organization))
    return result


#: What a customer is told to act on; opportunities and information are no alarm.
ALARMS = (Severity.NEEDS_ACTION, Severity.WORTH_ATTENTION)


def wilson(hits: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """95 percent interval of a share (Wilson, 1927).

    >>> [round(x, 4) for x in wilson(0, 1000)]
    [0.0, 0.0038]
    """
    if not count:
        return 0.0, 1.0
    share = hits / count
    middle = share + z * z / (2 * count)
    half = z * ((share * (1 - share) + z * z / (4 * count)) / count) ** 0.5
    whole = 1 + z * z / count
    # Rounding must not leave the share itself outside.
    return max(min((middle - half) / whole, share), 0.0), max((middle + half) / whole, share)


__all__: Sequence[Any] = ("Case", "Crowd", "Outcome", "Result", "Sizes", "measured", "wilson")
