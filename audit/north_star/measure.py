"""Logo, net and gross dollar retention over a whole store, by monthly cohort. Nothing loops over
organizations.

Source: PostHog handbook, onboarding team page and team objectives (the measure and its target),
growth/revops (dollar retention). What these leave open is in ``treatments``.
"""

import math
from collections.abc import Collection
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from audit.checks import load_checks
from audit.errors import InputError
from audit.findings.pricing import usd
from audit.north_star.model import Cohort, Group, NorthStar, Target
from audit.north_star.published import published
from audit.north_star.standing import APART, KNOWN, MEMBERS, Status, standings
from audit.north_star.treatments import Treatments, stated
from audit.policy import DEFAULT_POLICY, Policy, load_policy
from audit.store import Store

FORECASTS = (
    "Past forecasts are not kept: a store holds the forecast of the running month only. So the "
    "first bill over the threshold, by the invoices, stands for the first forecast over it, and "
    "the forecast stands for the running month alone."
)
MONTHS = (
    "A month is that of the last day of a billing period. An invoice for a longer term is spread "
    "evenly over its months."
)
NOT_ADJUSTED = (
    "Of the adjustments of RevOps only the one for one-off credits is made; not those for trials, "
    "spikes, discounts of annual plans and organizations that were merged."
)


def north_star(
    store: str | Path,
    *,
    policy: str = DEFAULT_POLICY,
    as_of: date | str | None = None,
    treatments: Treatments | None = None,
) -> NorthStar:
    """The measure over a store. ``as_of``: empty takes the newest day of a pull in it.

    Raises: StoreError, SettingsError; InputError for a day that is none, or an excluded
    organization that is not there.
    """
    chosen = treatments or Treatments()
    pack = load_policy(policy, load_checks())
    with Store.open(store) as opened:
        excluded = tuple(opened.organization_id(name) for name in chosen.exclude)
        day = _day(as_of) or _newest(opened)
        return measured(opened.connection, pack, day, chosen, excluded)


def measured(
    connection: duckdb.DuckDBPyConnection,
    pack: Policy,
    as_of: date,
    treatments: Treatments,
    excluded: Collection[str] = (),
) -> NorthStar:
    """The same over the tables that a connection sees. ``excluded``: ids. Raises: SettingsError
    for a pack without a threshold."""
    threshold = treatments.threshold_usd
    if threshold is None:
        threshold = pack.number("scope.forecast_usd")
    frame = standings(connection, as_of, treatments, threshold, excluded)
    is_member = frame["status"].isin(MEMBERS)
    members, rest = frame[is_member], frame[~is_member]
    is_apart = rest["status"].isin(APART)
    is_young = rest["status"].eq(Status.TOO_YOUNG)
    facts = published()
    return NorthStar(
        as_of=as_of,
        policy=pack.name,
        policy_source=pack.source,
        treatments=treatments,
        threshold_usd=float(threshold),
        parameters=tuple(stated(treatments, threshold)),
        target_percent=facts.target_percent,
        target_source=facts.sources["target"],
        confidence_percent=facts.confidence_percent,
        cohorts=tuple(
            _cohort(month.date(), mine, treatments) for month, mine in members.groupby("cohort")
        ),
        pooled=_cohort(None, members, treatments),
        apart=_groups(rest[is_apart], ["status", "reason"]),
        young=_groups(rest[is_young], ["cohort", "status", "reason"]),
        left_out=_groups(rest[~is_apart & ~is_young], ["status", "reason"]),
        notes=tuple(_notes(frame)),
        organizations=frame,
    )


def wilson(retained: int, known: int, z: float) -> tuple[float, float]:
    """Wilson's score interval of a share, in percent.

    >>> [round(bound, 1) for bound in wilson(9, 10, 1.959964)]
    [59.6, 98.2]
    """
    share = retained / known
    middle = (share + z * z / (2 * known)) / (1 + z * z / known)
    spread = (
        z
        / (1 + z * z / known)
        * math.sqrt(share * (1 - share) / known + z * z / (4 * known * known))
    )
    # Exact at the ends, where rounding would leave 99.99999999999999.
    low = 0.0 if retained == 0 else 100 * (middle - spread)
    high = 100.0 if retained == known else 100 * (middle + spread)
    return low, high


def _cohort(month: date | None, members: pd.DataFrame, treatments: Treatments) -> Cohort:
    counts = members["status"].value_counts()
    handed, lost = (int(counts.get(s, 0)) for s in (Status.RETAINED_BY_HANDOVER, Status.LOST))
    unknown = int(counts.get(Status.UNKNOWN, 0))
    retained = int(counts.get(Status.RETAINED, 0)) + handed
    known, whole = retained + lost, len(members)
    low, high = wilson(retained, known, published().z) if known else (None, None)
    dollars = members[members["status"].isin(KNOWN)]
    if treatments.least_arr_usd is not None:
        dollars = dollars[12 * dollars["base_cents"] >= round(100 * treatments.least_arr_usd)]
    base, current = (dollars[name].astype("int64") for name in ("base_cents", "current_cents"))
    kept = int(base.where(base < current, current).sum())
    return Cohort(
        month=month,
        organizations=whole,
        retained=retained,
        by_handover=handed,
        lost=lost,
        unknown=unknown,
        percent=_percent(retained, known),
        low_percent=low,
        high_percent=high,
        least_percent=_percent(retained, whole),
        most_percent=_percent(retained + unknown, whole),
        target=_against_target(low, high),
        dollar_organizations=len(dollars),
        base_usd=usd(int(base.sum())),
        current_usd=usd(int(current.sum())),
        kept_usd=usd(kept),
        net_percent=_percent(int(current.sum()), int(base.sum())),
        gross_percent=_percent(kept, int(base.sum())),
    )


def _against_target(low: float | None, high: float | None) -> Target:
    if low is None or high is None:
        return Target.UNKNOWN
    target = published().target_percent
    if low >= target:
        return Target.ABOVE
    return Target.BELOW if high < target else Target.UNDECIDED


def _groups(frame: pd.DataFrame, by: list[str]) -> tuple[Group, ...]:
    """Largest first, but cohorts in order."""
    found = []
    for _, mine in frame.groupby(by, dropna=False):
        months = mine["cohort"].dropna().sort_values().unique()
        billed = mine["is_billed"].dropna()
        found.append(
            Group(
                status=str(mine["status"].iloc[0]),
                reason=str(mine["reason"].iloc[0]),
                organizations=len(mine),
                months=tuple(month.date() for month in months),
                looked_at=len(billed),
                billed=int(billed.astype(bool).sum()),
            )
        )
    if "cohort" not in by:
        found.sort(key=lambda one: (-one.organizations, one.status, one.reason))
    return tuple(found)


def _notes(frame: pd.DataFrame) -> list[str]:
    notes = [FORECASTS, MONTHS, NOT_ADJUSTED]
    lost = frame[frame["status"].eq(Status.LOST)]
    unread = int((~lost["crm_read"].astype(bool)).sum())
    for number, text in (
        (int(frame["is_open"].sum()), "retained by a bill that is not paid yet"),
        (int(frame["is_one_off"].sum()), "with a one-off credit that was put back into revenue"),
        (unread, "lost whose CRM was not read: a handover to Sales would not show"),
    ):
        if number:
            notes.append(f"{number:,} {text}.")
    return notes


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


def _day(given: date | str | None) -> date | None:
    if not given or isinstance(given, date):
        return given or None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InputError(f"as_of is a day like 2026-11-01, got {given!r}.") from None


def _newest(store: Store) -> date:
    row = store.connection.execute("SELECT CAST(max(as_of) AS DATE) FROM organizations").fetchone()
    if row is None or row[0] is None:
        raise InputError(f"{store.path} holds no organization. Pull one first.")
    return date.fromisoformat(str(row[0]))
