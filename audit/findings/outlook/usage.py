"""Simulated units of every line of the bill over the running and the twelve following periods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.account import Account
from audit.errors import InputError
from audit.findings.outlook.history import History, history
from audit.findings.outlook.judged import judged
from audit.findings.outlook.model import Period
from audit.findings.outlook.period import running_period
from audit.findings.outlook.terms import Terms
from audit.forecast.backtest import OURS
from audit.forecast.baselines import BASELINES
from audit.forecast.months import boundaries
from audit.forecast.paths import Paths, simulate
from audit.meters import BILLING_MONTH_DAYS, EVENT_METERS

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

#: The same for every account: a draw is the same fortune everywhere.
SEED = 20_260_601

#: Usage of a line whose days nobody knows is taken as even over so many days: few enough that its
#: spread comes from what is usual elsewhere, not from its own evenness.
UNSEEN_DAYS = 13

#: More than the price columns can hold is no usage that happens; paths are cut there.
MOST_UNITS = float(2**53)

#: A simple forecast moves ours within these bounds.
FACTORS = (0.2, 5.0)

#: Past billing periods that are looked at for a trend.
PAST_PERIODS = 24

#: Origins of lines whose month is the vendor's, of the running period.
OF_VENDOR = ("bill_lines", "so_far")


@dataclass(frozen=True)
class Units:
    """``units``: (draws, 13, lines), whole metered units; ``counted``: by line, so far in the
    running period. ``history_days``: days with a report. ``methods``: by line, what it is forecast
    by. ``said``: notes on a line; ``stays``: units of the running period if the last days, far
    from what was usual, are the new usual."""

    units: Integers
    counted: Integers
    notes: tuple[str, ...]
    periods: tuple[Period, ...]
    history_days: int
    methods: tuple[str, ...]
    said: Mapping[int, str]
    stays: Mapping[int, int]


def units_ahead(terms: Terms, account: Account, as_of: date, draws: int) -> Units:
    """Forecast every line of the bill.

    Raises: InputError when the days are too old, or the forecast cannot read them.
    """
    period, assumed = running_period(account, as_of)
    known = history(account, as_of)
    _current(terms, known)
    days = (period.end - period.start).days
    followed = _followed(terms, known, days)
    cuts = boundaries(period.start, period.end)
    lines = len(terms.meters)
    units = np.zeros((draws, len(cuts) - 1, lines), dtype=np.int64)
    counted = np.zeros(lines, dtype=np.int64)
    flat = terms.is_package
    units[:, :, flat] = counted[flat] = terms.month[flat]
    notes = dict(followed.notes)
    methods = ["package" if one else "" for one in flat]
    stays: dict[int, int] = {}
    if len(followed.values):
        paths = simulate(
            followed.values,
            last_day=known.last_day,
            period_start=period.start,
            period_end=period.end,
            draws=draws,
            seed=SEED,
            monthly=_monthly(account, followed.meters, period.start),
            series=followed.meters,
        )
        chosen = _chosen(followed, account, as_of, period, paths)
        by_vendor = _counted_by_vendor(account, period)
        for line in np.flatnonzero(followed.series >= 0):
            row, share = followed.series[line], followed.share[line]
            choice = chosen.get(int(row), _Chosen())
            totals = paths.totals[:, row, :] * share
            so_far = paths.so_far[row] * share
            if followed.by_day[row]:
                totals[:, 0] = so_far + (totals[:, 0] - so_far) * choice.factor
                unknown = _unknown_days(followed.values[row], known.last_day, period)
                if unknown and totals[:, 1].any():
                    # An ended period's paths count what is known; its bill is of all its days.
                    usual = totals[:, 1] / totals[:, 1].mean()
                    totals[:, 0] += paths.level[row] * share * unknown * usual
                    notes.setdefault(
                        int(line), f"{unknown} days of the period unknown, counted as expected."
                    )
            else:
                # None of its days were counted here: the whole period is as unsure as the next.
                expected = followed.values[row, -1] * share * days
                told = by_vendor.get(followed.meters[row], 0) * share
                usual = totals[:, 1].mean()
                rest = max(0.0, expected - told) / usual if usual > 0 else 0.0
                totals[:, 0] = told + totals[:, 1] * rest
                counted[line] = int(np.rint(told))
            units[:, :, line] = np.rint(np.clip(totals, 0, MOST_UNITS)).astype(np.int64)
            methods[line] = choice.method
            if choice.words:
                notes.setdefault(int(line), choice.words)
            if np.isfinite(paths.if_it_stays[row]):
                stays[int(line)] = int(np.rint(paths.if_it_stays[row] * share))
            if followed.by_day[row]:
                counted[line] = int(np.rint(paths.so_far[row] * share))
            if paths.notes[row]:
                notes.setdefault(int(line), paths.notes[row])
    return Units(
        units=units,
        counted=counted,
        notes=(assumed,) if assumed else (),
        periods=tuple(Period(start, end) for start, end in pairwise(cuts)),
        history_days=int((~np.isnan(known.values)).any(axis=0).sum()),
        methods=tuple(methods),
        said=notes,
        stays=stays,
    )


def _unknown_days(values: Floats, last_day: date, period: Period) -> int:
    """Days of a period that has just ended without a report, since the first there is."""
    if (period.end - last_day).days > 1:
        return 0
    first = int(np.argmax(np.isfinite(values)))
    inside = max(first, len(values) - (period.end - period.start).days)
    return int(np.isnan(values[inside:]).sum())


def _current(terms: Terms, known: History) -> None:
    """Raises: InputError where usage was reported once and none of it is of the last month: that
    is not known, and not zero."""
    days = np.flatnonzero((~np.isnan(known.values)).any(axis=0))
    if not len(days) or not terms.is_package.all():
        return
    newest = known.last_day - timedelta(days=known.values.shape[1] - 1 - int(days[-1]))
    if (known.last_day - newest).days >= BILLING_MONTH_DAYS:
        raise InputError(
            f"No usage of the last {BILLING_MONTH_DAYS} days is known, the newest is of {newest}: "
            "pull again, or audit as of an earlier day."
        )


@dataclass(frozen=True)
class _Chosen:
    """What forecasts the rest of the running period, and what it is to our own forecast."""

    method: str = OURS
    factor: float = 1.0
    words: str = ""


def _chosen(
    followed: "_Followed", account: Account, as_of: date, period: Period, paths: Paths
) -> dict[int, _Chosen]:
    """By series with days of its own: a forecast that loses to a simple one on this account's own
    past is replaced by it for the rest of the running period, and says so."""
    rows = np.flatnonzero(followed.by_day)
    left = (period.end - as_of).days
    if not len(rows) or left <= 0:
        return {}
    past = judged(account, as_of)
    days = (period.end - period.start).days
    choices = dict(zip(past.meters, past.choices, strict=True))
    found = {}
    for row in rows:
        choice = choices[followed.meters[row]]
        if not choice.is_replaced:
            continue
        simple = BASELINES[choice.method](
            followed.values[[row]], elapsed_days=days - left, horizon_days=left
        )[0]
        ours = float(np.median(paths.totals[:, row, 0]) - paths.so_far[row])
        usable = np.isfinite(simple) and ours > 0
        factor = float(np.clip(simple / ours, *FACTORS)) if usable else 1.0
        found[int(row)] = _Chosen(choice.method, factor, choice.words)
    return found


@dataclass(frozen=True)
class _Followed:
    """``values`` (series, days), with its ``meters`` and whether its days are known ``by_day``.
    By line: the ``series`` it follows, -1 for a package, and its ``share`` of that series."""

    values: Floats
    meters: list[str]
    by_day: list[bool]
    series: Integers
    share: Floats
    notes: Mapping[int, str]


def _followed(terms: Terms, known: History, period_days: int) -> _Followed:
    """A line with daily usage goes by its own days; an add-on that is only observed follows product
    analytics, whose events it counts; any other is spread evenly from its month, which the vendor
    tells of the running period and its ``period_days``."""
    meters, month, package = terms.meters, terms.month, terms.is_package
    origin = terms.prices.lines["origin"].astype("str").tolist()
    place = {meter: row for row, meter in enumerate(known.meters)}
    days = max(known.values.shape[1], UNSEEN_DAYS)
    rows: list[Floats] = []
    named: list[str] = []
    by_day: list[bool] = []
    series = np.full(len(meters), -1, dtype=np.int64)
    share = np.ones(len(meters))
    notes: dict[int, str] = {}

    def add(line: int, values: Floats, *, told: bool) -> None:
        series[line] = len(rows)
        rows.append(np.concatenate([np.full(days - len(values), np.nan), values]))
        named.append(meters[line])
        by_day.append(told)

    for line, meter in enumerate(meters):
        if not package[line] and meter in place and origin[line] == "usage_daily":
            add(line, known.values[place[meter]], told=True)
    for line, meter in enumerate(meters):
        if package[line] or series[line] >= 0:
            continue
        parent = _parent(meters, series, meter)
        if parent is not None and month[parent] and month[line]:
            series[line], share[line] = series[parent], month[line] / month[parent]
            notes[line] = "follows product analytics, whose events it counts."
        else:
            of_days = period_days if origin[line] in OF_VENDOR else BILLING_MONTH_DAYS
            add(line, np.full(UNSEEN_DAYS, month[line] / of_days), told=False)
            notes[line] = "no usage by day is known; its month is spread evenly."
    values = np.stack(rows) if rows else np.zeros((0, days))
    return _Followed(values, named, by_day, series, share, notes)


def _counted_by_vendor(account: Account, period: Period) -> dict[str, int]:
    """By product, the units of the running period so far, where the vendor says it."""
    lines = account["bill_lines"]
    running = lines[
        lines["period_start"].eq(pd.Timestamp(period.start))
        & ~lines["is_complete"].eq(True).fillna(False)
        & lines["quantity"].notna()
    ]
    return {
        str(product): int(quantity)
        for product, quantity in zip(running["product"], running["quantity"], strict=True)
    }


def _parent(meters: Sequence[str], source: Integers, meter: str) -> int | None:
    """The line of product analytics, for an add-on that counts its events."""
    if meter not in EVENT_METERS[1:] or EVENT_METERS[0] not in meters:
        return None
    line = meters.index(EVENT_METERS[0])
    return line if source[line] >= 0 else None


def _monthly(account: Account, meters: Sequence[str], start: date) -> Floats | None:
    """(meters, months) units of past billing periods, the one before ``start`` last."""
    lines = account["bill_lines"]
    over = lines[lines["is_complete"].eq(True).fillna(False) & lines["quantity"].notna()]
    place: Mapping[str, int] = {meter: row for row, meter in enumerate(meters)}
    found = np.full((len(meters), PAST_PERIODS), np.nan)
    for product, first, last, quantity in zip(
        over["product"], over["period_start"], over["period_end"], over["quantity"], strict=True
    ):
        days = (last - first).days
        back = (start - first.date()) / timedelta(days=365.25 / 12)
        ago = round(back)
        if product in place and 25 <= days <= 35 and 1 <= ago <= PAST_PERIODS:
            found[place[product], PAST_PERIODS - ago] = float(quantity)
    known = ~np.isnan(found)
    if not known.any():
        return None
    return found[:, int(np.argmax(known.any(axis=0))) :]
