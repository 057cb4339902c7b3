"""One scenario on an account's simulated usage: units, prices and bills of every month.

Draw i is the same fortune in every scenario, so differences are those of the scenario alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.errors import InputError, PriceError, unknown_name
from audit.findings.model import Audit
from audit.findings.outlook.ahead import came_true_draws
from audit.findings.outlook.model import Outlook
from audit.findings.outlook.terms import Priced, Remedied, Terms
from audit.findings.outlook.usage import MOST_UNITS
from audit.findings.pricing import NOT_SUBSCRIBED, own_prices, packages
from audit.meters import EVENT_METERS
from audit.pricing import Catalogue, Schedule
from audit.scenarios.changes import (
    MONTHS,
    Add,
    AutocaptureOff,
    Change,
    Drop,
    Fixes,
    Growth,
    Less,
    Prices,
    Sampling,
    Scenario,
)

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

RECORDINGS = ("session_replay", "mobile_replay")
AUTOCAPTURE = "$autocapture"
NEVER = MONTHS + 1


@dataclass(frozen=True)
class Bills:
    """(draws, 12) cents: ``bill`` after discounts and limits, before credit; ``listed`` the lines
    together, before discounts. ``by_line``: mean cents of the twelve months by product."""

    bill: Integers
    listed: Integers
    by_line: dict[str, float]
    notes: tuple[str, ...]


def bills(audit: Audit, ahead: Outlook, scenario: Scenario) -> Bills:
    """Price a scenario over the twelve billing periods after the running one.

    Raises: InputError for a product, project, event or finding that the account does not have, or
    a product without a price.
    """
    terms = audit.terms
    if terms is None:
        raise InputError("Nothing can be priced for this account: its usage is not known.")
    notes: list[str] = []
    if terms.prices.percent.get(0) == 100:
        notes.append("Nothing is billed: there is no paid plan, or all of the bill is taken off.")
    starts = [period.start for period in ahead.periods[1:]]
    units = ahead.simulated.units[:, 1:, :].astype(np.float64)
    chosen = _fixes(terms, scenario)
    terms = terms.with_fixes([fix for fix in terms.fixes if fix.finding_id in chosen])
    terms, units, following = _added(audit, terms, units, scenario)
    growth = _growth(terms, scenario, following, notes)
    whole = np.rint(np.clip(units * growth, 0, MOST_UNITS)).astype(np.int64)
    cancelled = _cancelled(terms, scenario)
    came_true = came_true_draws(terms, len(whole))
    bill = np.zeros(whole.shape[:2], dtype=np.int64)
    listed = np.zeros_like(bill)
    by_line = np.zeros(len(terms.meters))
    for months in _spans(scenario):
        at = slice(months.start - 1, months.stop - 1)
        now = [change for change in scenario.changes if change.from_month <= months.start]
        priced = Priced(_repriced(audit, terms, now, notes), whole[:, at], starts[at])
        remedied = Remedied(priced, came_true, _factor(audit, terms, now, notes))
        done = [
            number
            for number, fix in enumerate(terms.fixes)
            if chosen[fix.finding_id] <= months.start
            # What is cancelled already needs no fix, and nothing takes its place.
            and not any(cancelled.get(n, NEVER) <= months.start for n in remedied.lines_of(number))
        ]
        events = EVENT_METERS[0]
        for line in range(len(terms.meters)):
            if line in following:
                parent = terms.meters.index(events)
                left = remedied.left(parent, done) if parent in remedied.touched else None
                counted = priced.units[:, :, parent] if left is None else left
                share = following[line][at] * growth[at, line]
                priced.units[:, :, line] = np.rint(counted * share)
            touched = line in remedied.touched
            cents = remedied.held(line, done) if touched else priced.held(line)
            listed[:, at] += cents
            by_line[line] += cents.mean(axis=0).sum()
        bill[:, at] = priced.payable(listed[:, at])
    named = {meter: float(c) for meter, c in zip(terms.meters, by_line, strict=True) if c}
    return Bills(bill, listed, named, tuple(dict.fromkeys(notes)))


def _spans(scenario: Scenario) -> list[range]:
    """Months, 1 to 12, between which nothing begins."""
    begins = sorted({1, *(change.from_month for change in scenario.changes)})
    return [range(a, b) for a, b in zip(begins, [*begins[1:], MONTHS + 1], strict=True)]


def _fixes(terms: Terms, scenario: Scenario) -> dict[str, int]:
    """The month each chosen finding is fixed in, by id."""
    known = [fix.finding_id for fix in terms.fixes]
    chosen: dict[str, int] = {}
    for change in scenario.changes:
        if isinstance(change, Fixes):
            for finding in change.ids or known:
                if finding not in known:
                    raise InputError(unknown_name("open finding with a saving", finding, known))
                chosen[finding] = min(change.from_month, chosen.get(finding, MONTHS))
    return chosen


def _cancelled(terms: Terms, scenario: Scenario) -> dict[int, int]:
    """The month each package is cancelled in, by line."""
    found: dict[int, int] = {}
    for change in scenario.changes:
        if isinstance(change, Drop):
            line = _known_meter(terms, change.product)
            if terms.is_package[line] and terms.month[line]:
                found[line] = min(change.from_month, found.get(line, NEVER))
    return found


def _growth(
    terms: Terms, scenario: Scenario, following: Mapping[int, Floats], notes: list[str]
) -> Floats:
    """(12, lines): what usage is multiplied by. Packages do not grow; what follows the events of
    the scenario grows by itself only where it is named."""
    found = np.ones((MONTHS, len(terms.meters)))
    for change in scenario.changes:
        if not isinstance(change, Growth):
            continue
        if change.product:
            _known_meter(terms, change.product)
        hit = np.array([change.product in ("", meter) for meter in terms.meters], dtype=bool)
        steps = np.clip(np.arange(1, MONTHS + 1) - change.from_month + 1, 0, change.over_months)
        factor = (1 + change.percent / 100) ** (steps / change.over_months)
        hit &= ~terms.is_package
        if not change.product:
            hit[list(following)] = False
        found[:, hit] *= factor[:, None]
        alike = [meter for meter in terms.meters if meter in EVENT_METERS[1:]]
        alike = [meter for meter in alike if terms.meters.index(meter) not in following]
        if change.product == EVENT_METERS[0] and alike:
            notes.append(f"Growth of {change.product} alone leaves {', '.join(alike)} as forecast.")
    for change in scenario.changes:
        if isinstance(change, Drop):
            line = _known_meter(terms, change.product)
            found[change.from_month - 1 :, line] = 0
    return found


def _known_meter(terms: Terms, product: str) -> int:
    if product not in terms.meters:
        raise InputError(unknown_name("product of this account", product, terms.meters))
    return terms.meters.index(product)


def _factor(
    audit: Audit, terms: Terms, changes: Sequence[Change], notes: list[str]
) -> Floats | None:
    """By usage row, what is left of it with what is set differently; None for all of it."""
    rows = terms.rows
    found = _sampled(audit, terms, changes, notes)
    for change in changes:
        if isinstance(change, AutocaptureOff):
            hit = (rows["event"] == AUTOCAPTURE).to_numpy() & _of_project(rows, change.project)
            _something(hit, f"{AUTOCAPTURE} event{_in(change.project)}")
            found[hit] = 0
        elif isinstance(change, Less):
            hit = (rows["event"] == change.event).to_numpy() & _of_project(rows, change.project)
            _something(hit, f"{change.event} event{_in(change.project)}")
            found[hit] *= 1 - change.percent / 100
    return found if (found != 1).any() else None


def _sampled(audit: Audit, terms: Terms, changes: Sequence[Change], notes: list[str]) -> Floats:
    """The same of recordings: the rate that was set last is in force, in a project its own."""
    rows = terms.rows
    found = np.ones(len(rows))
    asked = [change for change in changes if isinstance(change, Sampling)]
    for change in sorted(asked, key=lambda one: (one.from_month, bool(one.project))):
        hit = rows["meter"].isin(RECORDINGS).to_numpy() & _of_project(rows, change.project)
        _something(hit, f"recording{_in(change.project)}")
        found[hit] = _resampled(audit, rows[hit], change, notes)
    return found


def _resampled(audit: Audit, rows: pd.DataFrame, change: Sampling, notes: list[str]) -> Floats:
    """The new rate over the one in force; a project without one records every session."""
    projects = audit.account["projects"]
    now = {
        str(project): 1.0 if said is None or pd.isna(said) else float(said)
        for project, said in zip(
            projects["project_id"], projects["session_recording_sample_rate"], strict=True
        )
    }
    rates = set(now.values())
    elsewhere = rates.pop() if len(rates) == 1 else 1.0
    if rates and not rows["project_id"].astype(str).isin(list(now)).all():
        notes.append("Of which project some recordings are is unknown: taken as not sampled now.")
    found = np.ones(len(rows))
    for number, project in enumerate(rows["project_id"].astype(str)):
        current = now.get(project, elsewhere)
        name = f"Project {project}" if project else "What is of no known project"
        if current == 0:
            notes.append(f"{name} records nothing now: what more it would is unknown.")
            continue
        rate = min(change.rate, current) if change.at_most else change.rate
        found[number] = rate / current
        if current < 1:
            notes.append(f"{name} is sampled at {current:.0%} now.")
    return found


def _of_project(rows: pd.DataFrame, project: str) -> npt.NDArray[np.bool_]:
    if not project:
        return np.ones(len(rows), dtype=bool)
    return (rows["project_id"].astype(str) == project).to_numpy()


def _something(hit: npt.NDArray[np.bool_], what: str) -> None:
    if not hit.any():
        raise InputError(f"No {what} is known in the audited days, so it cannot be changed.")


def _in(project: str) -> str:
    return f" of project {project!r}" if project else ""


def _added(
    audit: Audit, terms: Terms, units: Floats, scenario: Scenario
) -> tuple[Terms, Floats, dict[int, Floats]]:
    """The account with lines for what is added: nothing before its month. By line, the add-ons that
    count all events there are by then: 1 or 0 a month."""
    following: dict[int, Floats] = {}
    for change in scenario.changes:
        if not isinstance(change, Add):
            continue
        catalogue = Catalogue.load()
        if change.product not in catalogue.products:
            raise InputError(unknown_name("product", change.product, list(catalogue.products)))
        flat = change.product in packages(catalogue)
        there = change.product in terms.meters
        if not there:
            schedule = _schedule(change.product, audit.as_of)
            origin = "subscriptions" if flat else "added"
            terms = terms.with_line(change.product, schedule, origin)
            units = np.concatenate([units, np.zeros((*units.shape[:2], 1))], axis=2)
        line = terms.meters.index(change.product)
        begun = (np.arange(1, MONTHS + 1) >= change.from_month).astype(np.float64)
        units = units.copy()
        if flat:
            units[:, :, line] = np.maximum(units[:, :, line], begun)
        elif change.units is not None:
            # Priced units, as in ``audit price``: logs are given in GB and counted in MB.
            metered = change.units * catalogue.products[change.product].divisor
            units[:, :, line] += begun * metered
        elif change.product in EVENT_METERS[1:] and EVENT_METERS[0] in terms.meters and not there:
            following[line] = begun
        else:
            already = " more" if there else ""
            raise InputError(
                f"How much{already} of {change.product} is added? Give its units a billing month."
            )
    return terms, units, following


def _repriced(audit: Audit, terms: Terms, changes: Sequence[Change], notes: list[str]) -> Terms:
    """The terms with the price list that is in force by then."""
    listed = [change for change in changes if isinstance(change, Prices)]
    if not listed:
        return terms
    last = max(listed, key=lambda change: change.from_month)
    own = _own(audit)
    schedules = list(terms.prices.schedules)
    lines = terms.prices.lines
    numbers = lines["schedule"].to_numpy(dtype=np.int64).copy()
    for line, meter in enumerate(terms.meters):
        if meter in own and not last.own_too:
            notes.append(f"The account's own prices of {meter} stay in force.")
            continue
        if meter not in Catalogue.load().products:
            notes.append(f"The public list has no price of {meter}; its own stays in force.")
            continue
        if lines["origin"].iloc[line] == NOT_SUBSCRIBED and not _is_sold(meter, last.on):
            continue
        if not _is_sold(meter, last.on):
            raise InputError(
                f"No price of {meter!r} is public for {last.on}: choose another day for the list."
            )
        schedules.append(_schedule(meter, last.on))
        numbers[line] = len(schedules) - 1
    prices = replace(terms.prices, lines=lines.assign(schedule=numbers), schedules=schedules)
    return replace(terms, savings=replace(terms.savings, prices=prices))


def _is_sold(product: str, on: date) -> bool:
    try:
        Catalogue.load().schedule(product, on)
    except PriceError:
        return False
    return True


def _own(audit: Audit) -> set[str]:
    """Products whose price is the account's own: not that of the public list of the day."""
    catalogue = Catalogue.load()
    found = set()
    for product, schedule in own_prices(audit.account).items():
        try:
            public = catalogue.schedule(product, audit.as_of)
        except PriceError:
            public = None
        if schedule != public:
            found.add(product)
    return found


def _schedule(product: str, on: date) -> Schedule:
    try:
        return Catalogue.load().metered_schedule(product, on)
    except PriceError as error:
        raise InputError(str(error)) from error
