"""A portfolio of organizations nobody has met, with the faults that were put into them."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.errors import InputError
from audit.sources.sample import faults as planting
from audit.sources.sample.coverage import coverage, without_missing
from audit.sources.sample.crm import Crm, Known
from audit.sources.sample.daily import Rhythm, Series
from audit.sources.sample.draws import Draws, Integers
from audit.sources.sample.frames import days, names, organization_ids, project_ids, same_day, text
from audit.sources.sample.further import Further
from audit.sources.sample.invoices import first_months, invoices, total_cents
from audit.sources.sample.limits import CUT_PRODUCTS, limits
from audit.sources.sample.mix import Mix
from audit.sources.sample.people import member_count, members
from audit.sources.sample.periods import PAST_PERIODS, Periods
from audit.sources.sample.plan import Plan
from audit.sources.sample.products import UNUSED, Products
from audit.sources.sample.records import Records
from audit.sources.sample.resources import Resources
from audit.sources.sample.surroundings import Surroundings
from audit.sources.sample.vocabulary import (
    COUNTERS,
    EVENTS,
    HOSTS,
    KINDS,
    LIBRARIES,
    METERS,
    PRODUCTION,
)
from audit.tables import BY_NAME
from audit.validation import empty, validated

DEFAULT_AS_OF = date(2026, 11, 1)
BATCH = 512
#: The days that planned volumes are for.
PLANNED_DAYS = 30
LEGACY_PIPELINES_SHARE = 0.04
LEGACY_PIPELINES_EVENTS = 1_300_000
PAYMENT_FAILS_SHARE = 0.03
MOST_BILLS = 36
LIMITED_PRODUCT = "product_analytics"
#: Large tables are built in canonical dtypes; the others pass the gate here.
BUILT_CANONICAL = ("usage_daily", "usage_rows", "activity", "sdk_versions", "coverage")

Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Sample:
    """``truth``: one row per planted fault: organization_id, project_id (null unless project
    scope), product (null unless product scope), check, near_limit (planted just beyond it).

    ``lookalikes``: organization_id, project_id, kind of what only looks like a fault.
    ``missing``: organization_id, project_id ("" = all), subject, reason of what was not read.
    """

    tables: Frames
    truth: pd.DataFrame
    lookalikes: pd.DataFrame
    missing: pd.DataFrame


def portfolio(
    organizations: int = 12,
    *,
    seed: int = 7,
    as_of: date = DEFAULT_AS_OF,
    history_days: int = 120,
    lookback_days: int = 30,
    faults: bool = True,
    scale: float = 1.0,
) -> Sample:
    """Usage and settings of made-up organizations; the same arguments give the same rows.

    Organization k of a seed is the same in a portfolio of any size. ``scale`` multiplies every
    volume; checks with an absolute floor (recordings, requests, dollars) then stay silent
    although ``truth`` names what was planted.

    Raises:
        InputError: for fewer than one organization, a window or history of no days, or a scale
            that is not positive.
    """
    if organizations < 1:
        raise InputError(f"A sample of {organizations} organizations is empty. Ask for 1 or more.")
    if lookback_days < 1 or history_days < lookback_days:
        raise InputError(
            f"history_days={history_days} does not hold a window of lookback_days={lookback_days}. "
            "Give a window of at least one day and a history at least as long."
        )
    if not 0 < scale <= 1_000:
        raise InputError(f"scale={scale} is out of range. Give a number above 0, at most 1,000.")
    window = (as_of - timedelta(days=lookback_days), as_of)
    batches = []
    for first in range(0, organizations, BATCH):
        numbers = np.arange(first, min(first + BATCH, organizations))
        plan = Plan(Draws(seed, numbers), scale * lookback_days / PLANNED_DAYS, faults)
        batches.append(_batch(plan, seed, as_of, window, history_days))
    # Taken out of the batches, so that only one table stands twice in memory at a time.
    tables = {name: _joined([batch.tables.pop(name) for batch in batches]) for name in BY_NAME}
    return Sample(
        tables,
        _joined([batch.truth for batch in batches]),
        _joined([batch.lookalikes for batch in batches]),
        _joined([batch.missing for batch in batches]),
    )


def single(
    number: int,
    *,
    seed: int,
    as_of: date,
    history_days: int = 120,
    faults: bool = True,
    scale: float = 1.0,
) -> Sample:
    """One organization of a seed by its number, as it stands in every portfolio."""
    window = (as_of - timedelta(days=PLANNED_DAYS), as_of)
    plan = Plan(Draws(seed, np.array([number])), scale, faults)
    return _batch(plan, seed, as_of, window, history_days)


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return frames[0]
    return filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True)


def _batch(
    plan: Plan, seed: int, as_of: date, window: tuple[date, date], history_days: int
) -> Sample:
    draws = plan.draws
    ids, projects = organization_ids(seed, draws.numbers), project_ids(seed, draws.numbers)
    unused_pipelines = plan.has("data_pipelines_unused")
    legacy = draws.chance("legacy pipelines", LEGACY_PIPELINES_SHARE) & ~plan.free
    legacy &= plan.events > LEGACY_PIPELINES_EVENTS
    legacy |= unused_pipelines
    products = Products(plan)
    further = Further(plan, products)
    mix = Mix(plan, products, further, legacy)
    days_back = (window[1] - window[0]).days
    rhythm = Rhythm(plan, as_of, days_back, history_days)
    series = rhythm.series(mix.billed)
    periods = Periods(draws, as_of)
    metered = periods.metered(series)
    used = np.zeros((plan.size, len(COUNTERS)), dtype=bool)
    used[series.organization, series.counter] = True

    records = Records(plan, products, rhythm, periods, ids, projects, legacy, further)
    around = Surroundings(mix, products, further, ids, projects, as_of, window)
    covered, missing = coverage(draws, ids, projects, plan.present)
    gaps = planting.gap_places(draws)
    hidden = {gap.subject: gaps == place for place, gap in enumerate(planting.GAPS)}
    limited, cut = limits(plan, further, ids, used, metered[:, :, -1], hidden["limits"])
    named = names(seed, draws.numbers)
    tables: Frames = {
        "organizations": records.organizations(named, as_of),
        "members": members(draws, ids, named, rhythm.age_days, as_of),
        "projects": records.projects(as_of, hidden["projects.replay_triggers"]),
        "subscriptions": records.subscriptions(used),
        "bill_lines": periods.bill_lines(metered, ids, rhythm.age_days),
        "limits": limited,
        "usage_daily": _usage_daily(series, rhythm, ids, projects, as_of, history_days),
        "usage_rows": _usage_rows(mix, ids, projects, window),
        "activity": around.activity(member_count(draws)),
        "resources": Resources(mix, products, further, ids, projects, as_of).frame(
            legacy & ~unused_pipelines
        ),
        "sdk_versions": around.sdk_versions(),
        "ingestion_warnings": around.ingestion_warnings(),
        **_money(records, rhythm, periods, series, metered, ids, as_of, days_back),
        "coverage": covered,
    }
    without_missing(tables, missing)
    canonical = {name: _canonical(name, tables.get(name)) for name in BY_NAME}
    truth = _truth(plan, products, further, cut, ids, projects)
    return Sample(canonical, truth, _lookalikes(plan, ids, projects), missing)


def _money(
    records: Records,
    rhythm: Rhythm,
    periods: Periods,
    series: Series,
    metered: Integers,
    ids: npt.NDArray[np.object_],
    as_of: date,
    days_back: int,
) -> Frames:
    """The invoices, and the CRM that knows of them."""
    plan, terms = records.plan, records.terms()
    moves = planting.moving(plan.draws, faults=plan.faults) & (plan.draws.numbers != 0)
    failing = moves & ~plan.free & plan.draws.chance("payment fails", PAYMENT_FAILS_SHARE)
    window = np.zeros(metered.shape[:2], dtype=np.int64)
    now = series.quantity[:, :days_back].sum(axis=1) * PLANNED_DAYS // days_back
    np.add.at(window, (series.organization, series.counter), now)
    past = [total_cents(metered[:, :, period], terms, as_of) for period in range(PAST_PERIODS)]
    first = first_months(plan.draws, periods.before, rhythm.age_days, past[0])
    months = np.clip(-(periods.offsets[:, -2] + rhythm.age_days) // -PLANNED_DAYS, 0, MOST_BILLS)
    told = 1 + np.sum([total > 0 for total in past], axis=0) - failing
    known = Known(
        members=member_count(plan.draws),
        period_end=periods.current()[1],
        last_bill_cents=past[-1],
        forecast_cents=total_cents(window, terms, as_of),
        # Of whom all invoices are there, the CRM counts as many; of others it knows of older ones.
        paid_bills=np.where(first.told, told, np.where(past[-1] > 0, months, 0)),
        products=(window > 0).sum(axis=1),
        startup=records.program >= 0,
        payment_failed=failing,
    )
    sent = invoices(
        plan.draws, ids, metered, periods.offsets, rhythm.age_days, terms, failing, first, as_of
    )
    return {"invoices": sent, "lifecycle": Crm(plan, known, as_of).frame(ids)}


def _canonical(name: str, frame: pd.DataFrame | None) -> pd.DataFrame:
    if frame is None:
        return empty(name)
    if name not in BUILT_CANONICAL:
        return validated(name, frame).frame
    absent = {c: empty(name)[c].reindex(frame.index) for c in BY_NAME[name].names if c not in frame}
    return frame.assign(**absent)[BY_NAME[name].names]


def _usage_daily(
    series: Series,
    rhythm: Rhythm,
    ids: npt.NDArray[np.object_],
    projects: npt.NDArray[np.object_],
    as_of: date,
    history_days: int,
) -> pd.DataFrame:
    quantity = series.quantity[:, :history_days][:, ::-1]
    known = rhythm.known(history_days)[series.organization][:, ::-1]
    # A series of nothing but zeros would only have been rounded to one.
    known = known & (quantity.sum(axis=1, keepdims=True) > 0)
    row, column = np.nonzero(known)
    place = series.organization * KINDS + series.kind
    return pd.DataFrame(
        {
            "organization_id": text(ids, series.organization[row]),
            "project_id": text(projects.ravel(), place[row]),
            "day": days(as_of, column - quantity.shape[1]),
            "usage_type": text([c.usage_type for c in COUNTERS], series.counter[row]),
            "quantity": quantity[row, column],
        }
    )


def _usage_rows(
    mix: Mix,
    ids: npt.NDArray[np.object_],
    projects: npt.NDArray[np.object_],
    window: tuple[date, date],
) -> pd.DataFrame:
    rows = mix.rows
    size = len(rows.quantity)
    return pd.DataFrame(
        {
            "organization_id": text(ids, rows.organization),
            "project_id": text(projects.ravel(), rows.organization * KINDS + rows.kind),
            "window_start": same_day(window[0], size),
            "window_end": same_day(window[1], size),
            "meter": text(METERS, rows.meter),
            "event": text(EVENTS, rows.event),
            "library": text(LIBRARIES, rows.library),
            "host_class": text(HOSTS, rows.host),
            "identified": rows.identified,
            "known_person": rows.known,
            "quantity": rows.quantity,
        }
    )


def _truth(
    plan: Plan,
    products: Products,
    further: Further,
    cut: Integers,
    ids: npt.NDArray[np.object_],
    projects: npt.NDArray[np.object_],
) -> pd.DataFrame:
    rows = []
    for place, check in enumerate(planting.CHECKS):
        near = plan.near_faulty(check)
        for row in np.flatnonzero(plan.planted[:, place]):
            project, product = None, None
            if check == "product_unused":
                product = UNUSED[products.unused[row]]
            elif check == "billing_limit_cuts_data":
                product = CUT_PRODUCTS[cut[row]]
            elif check not in planting.ORGANIZATION_SCOPE:
                project = projects[row, plan.target[row, place]]
            close = bool(near[row]) and project is not None
            rows.append((int(row), (ids[row], project, product, check, close)))
    for check in planting.FURTHER:
        for row in np.flatnonzero(further.has(check)):
            of_product = check in planting.PRODUCT_SCOPE
            product = LIMITED_PRODUCT if of_product else None
            wide = of_product or check in planting.ORGANIZATION_SCOPE
            project = None if wide else projects[row, PRODUCTION]
            rows.append((int(row), (ids[row], project, product, check, False)))
    rows.sort(key=lambda item: item[0])
    columns = ["organization_id", "project_id", "product", "check", "near_limit"]
    frame = pd.DataFrame([row for _, row in rows], columns=columns)
    texts = dict.fromkeys(columns[:-1], "str")
    return frame.astype({**texts, "near_limit": "bool"})


def _lookalikes(
    plan: Plan, ids: npt.NDArray[np.object_], projects: npt.NDArray[np.object_]
) -> pd.DataFrame:
    rows = []
    for kind, mask in plan.lookalikes.items():
        organization, project = np.nonzero(mask & plan.present)
        rows += [
            (int(o), (ids[o], projects[o, p], kind))
            for o, p in zip(organization, project, strict=True)
        ]
    rows.sort(key=lambda item: item[0])
    columns = ["organization_id", "project_id", "kind"]
    return pd.DataFrame([row for _, row in rows], columns=columns).astype("str")
