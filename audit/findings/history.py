"""Daily usage of each product over four billing months, as facts: spikes, steps, this month
against the three before, and the highest day."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.findings.daily import Daily
from audit.findings.pricing import NOT_SUBSCRIBED, packages
from audit.meters import BILLING_MONTH_DAYS
from audit.pricing import Catalogue
from audit.spikes import AUDITED_DAYS, SHORTEST_HISTORY_DAYS, changes, within_account
from audit.statements import execute

if TYPE_CHECKING:
    from audit.facts.runner import Why
    from audit.findings.world import World

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

BASELINE_MONTHS = 3
#: Four billing months: the audited one and the three before.
DAYS = (1 + BASELINE_MONTHS) * BILLING_MONTH_DAYS
#: The highest day is compared with the median of so many days before it, most of them known.
COMPARED_DAYS = 28
LEAST_COMPARED_DAYS = 21

#: Units that still count exactly in 64 bits.
MOST = 2.0**62

NO_DAILY_USAGE = "the daily usage names no counter of this product"
NO_PRICE = "no price of the product is known"
TOO_SHORT = (
    f"fewer than {SHORTEST_HISTORY_DAYS} days of usage are known before the last {AUDITED_DAYS}, "
    "or none of the last week"
)
NOT_ALL_DAYS = f"daily usage is not known for all of the last {DAYS} days"
NO_HIGHEST_DAY = (
    f"fewer than {LEAST_COMPARED_DAYS} of the {COMPARED_DAYS} days before the highest are known"
)

_NOT_COVERED = """
SELECT a.key, coalesce(min(c.reason), 'not read: the pull brought no usage_daily') AS reason
FROM audited a
LEFT JOIN coverage c ON c.organization_id = a.organization_id AND c.subject = 'usage_daily'
GROUP BY a.key
"""


@dataclass(frozen=True)
class _History:
    """Product rows x ``DAYS`` days, the newest last, NaN where a day is unknown; ``key``: the
    organization of each row; ``line``: its line of the bill, -1 without one; ``absent``: why a
    row has no history."""

    units: Floats
    key: Integers
    line: Integers
    absent: "Why"


def add(connection: duckdb.DuckDBPyConnection, world: "World", daily: Daily) -> None:
    """Add the facts of daily usage to every product. A fixed fee neither spikes nor steps."""
    frame = world.facts.frames["product"]
    history = _read(connection, world, daily)
    fixed = frame["product"].isin(packages(Catalogue.load())).to_numpy()
    facts: dict[str, Floats] = {}
    reasons: dict[str, Why] = {}
    for columns, harmless, why in (
        (_changed(world, history), {"ratio": 1.0, "probability": 1.0}, TOO_SHORT),
        (_against_before(world, history), {"quantity": 1.0}, NOT_ALL_DAYS),
        (_highest_day(world, history), {"ratio": 1.0}, NO_HIGHEST_DAY),
    ):
        for name, values in columns.items():
            values[fixed] = harmless.get(name.rpartition("_")[2], 0.0)
            unpriced = name.endswith("_usd")
            facts[name] = values
            reasons[name] = {
                row: history.absent.get(
                    row, NO_PRICE if unpriced and history.line[row] < 0 else why
                )
                for row in np.flatnonzero(np.isnan(values)).tolist()
            }
    world.facts.add("product", facts, reasons)


def _read(connection: duckdb.DuckDBPyConnection, world: "World", daily: Daily) -> _History:
    frame = world.facts.frames["product"]
    key = frame["organization_key"].to_numpy(dtype=np.int64)
    known = daily.reported[:, -DAYS:].copy()
    places = daily.places(key, frame["product"].tolist())
    units, counted = daily.by_day(places, len(frame), DAYS)
    unread = np.asarray(sorted(world.unread), dtype=np.int64)
    known[unread] = False
    units[~(known[key] & counted[:, None])] = np.nan
    absent: Why = dict.fromkeys(np.flatnonzero(~counted).tolist(), NO_DAILY_USAGE)
    if len(unread):
        reason = dict(execute(connection, _NOT_COVERED).fetchall())
        gone = np.isin(key, unread)
        absent |= {row: reason[key[row]] for row in np.flatnonzero(gone).tolist()}
    return _History(units, key, _lines(world, frame), absent)


def _lines(world: "World", frame: pd.DataFrame) -> Integers:
    lines = world.prices.lines
    own = np.flatnonzero((lines["origin"] != NOT_SUBSCRIBED).to_numpy())
    place = pd.Series(own, index=[lines["key"].iloc[own], lines["meter"].iloc[own].astype("str")])
    wanted = pd.MultiIndex.from_frame(frame[["organization_key", "product"]])
    return place.reindex(wanted).fillna(-1).to_numpy(dtype=np.int64)


def _usd(world: "World", history: _History, more: Floats, less: Floats) -> Floats:
    """What a month of ``more`` units costs beyond one of ``less``, on the row's line of the bill
    with its limit, after the percentage discount. NaN without a line or a quantity."""
    line = history.line
    out = np.full(len(line), np.nan)
    told = np.flatnonzero((line >= 0) & ~np.isnan(more) & ~np.isnan(less))
    whole = [np.floor(one[told].clip(0, MOST) + 0.5).astype(np.int64) for one in (more, less)]
    cents = [world.prices.line_cents(line[told], quantity) for quantity in whole]
    out[told] = (cents[0] - cents[1]) / 100.0
    return out * world.prices.paid_share(history.key)


def _month(history: _History) -> Floats:
    """Units of the last billing month, in proportion where some of its days are unknown."""
    last = history.units[:, -BILLING_MONTH_DAYS:]
    known = np.count_nonzero(~np.isnan(last), axis=1)
    scale = BILLING_MONTH_DAYS / np.maximum(1, known)
    return np.where(known > 0, np.nansum(last, axis=1) * scale, np.nan)


def _changed(world: "World", history: _History) -> dict[str, Floats]:
    units = history.units
    tested = np.flatnonzero(
        np.count_nonzero(~np.isnan(units), axis=1) >= SHORTEST_HISTORY_DAYS + LEAST_COMPARED_DAYS
    )
    found = changes(units[tested])
    spike, step, key = found.spike, found.step, history.key[tested]

    def everywhere(values: npt.NDArray[Any]) -> Floats:
        out = np.full(len(units), np.nan)
        out[tested] = np.where(found.too_short, np.nan, values)
        return out

    over = everywhere(spike.units)
    before, after = everywhere(step.before), everywhere(step.after)
    month = _month(history)
    last_known = np.argmax(~np.isnan(units[tested, ::-1]), axis=1)
    monthly = float(BILLING_MONTH_DAYS)
    return {
        "spike_probability": everywhere(within_account(spike.p_value, key)),
        "spike_days_ago": everywhere(DAYS - spike.last),
        "spike_days": everywhere(1 + spike.last - spike.first),
        "spike_is_over": everywhere(spike.last < DAYS - 1 - last_known),
        "spike_units": over,
        "spike_cost_usd": _usd(world, history, month, month - over),
        "spike_ratio": everywhere(spike.ratio),
        "step_probability": everywhere(within_account(step.p_value, key)),
        "step_days_ago": everywhere(DAYS - step.day),
        "step_ratio": after / np.maximum(1, before),
        "step_cost_usd": _usd(world, history, after * monthly, before * monthly),
    }


def _against_before(world: "World", history: _History) -> dict[str, Floats]:
    months = history.units.reshape(len(history.units), 1 + BASELINE_MONTHS, BILLING_MONTH_DAYS)
    sums = months.sum(axis=2)  # NaN where any day is unknown
    period = np.where(np.isnan(sums).any(axis=1), np.nan, sums[:, -1])
    baseline = sums[:, :-1].mean(axis=1) + 0 * period
    return {
        "period_quantity": period,
        "baseline_quantity": baseline,
        "period_over_baseline_usd": _usd(world, history, period, baseline),
    }


def _highest_day(world: "World", history: _History) -> dict[str, Floats]:
    units = history.units
    last = np.nan_to_num(units[:, -BILLING_MONTH_DAYS:], nan=-1.0)
    peak = DAYS - BILLING_MONTH_DAYS + np.argmax(last, axis=1)
    highest = last.max(axis=1)
    before = np.take_along_axis(units, peak[:, None] - np.arange(1, COMPARED_DAYS + 1), axis=1)
    usual = _median(before)
    usual[highest < 0] = np.nan
    month = _month(history)
    return {
        "peak_day_ratio": highest / np.maximum(1, usual),
        "peak_day_days_ago": np.where(np.isnan(usual), np.nan, DAYS - peak),
        "peak_day_cost_usd": _usd(world, history, month, month - (highest - usual)),
    }


def _median(values: Floats) -> Floats:
    """The median of each row's known values; NaN where too few are."""
    known = np.count_nonzero(~np.isnan(values), axis=1)
    ordered = np.sort(values, axis=1)  # NaN last
    at = np.maximum(0, np.stack([(known - 1) // 2, known // 2], axis=1))
    middle = np.take_along_axis(ordered, at, axis=1).mean(axis=1)
    return np.where(known >= LEAST_COMPARED_DAYS, middle, np.nan)
