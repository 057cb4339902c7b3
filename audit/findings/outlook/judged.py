"""How the forecast did on an account's own past: what ``audit backtest`` and its view show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from audit.account import Account
from audit.findings.outlook.history import history
from audit.findings.outlook.period import running_period
from audit.forecast.backtest import (
    ELAPSED_SHARES,
    METHODS,
    SHORTEST_PERIOD_DAYS,
    Backtest,
    Score,
    backtest,
    not_judged,
    pooled,
    score,
)
from audit.forecast.choice import Choice, choices

ALL = "all"


@dataclass(frozen=True)
class Judged:
    """``meters``: product keys, the series of ``found``; ``choices``: one for each. ``last_day``:
    the newest that counts, the day before the audit."""

    organization_id: str
    name: str
    meters: tuple[str, ...]
    last_day: date
    found: Backtest
    choices: tuple[Choice, ...]

    @property
    def shown(self) -> list[int]:
        """Series with usage in a past period, the least sure forecast last."""
        return [int(place) for place in np.flatnonzero(self.found.is_used)]

    @property
    def replaced(self) -> list[int]:
        return [place for place in self.shown if self.choices[place].is_replaced]

    @property
    def periods(self) -> int:
        return len(self.found.first_days)


#: What is judged is told by these.
TABLES = ("organizations", "subscriptions", "usage_daily")


def judged(account: Account, as_of: date) -> Judged:
    """Past periods as long as the running billing period, the newest ending the day before
    ``as_of``. Made once: the outlook goes by it, and two parts of a page show it."""
    return account.once(("judged", as_of), TABLES, lambda: _judged(account, as_of))


def _judged(account: Account, as_of: date) -> Judged:
    known = history(account, as_of)
    period, _ = running_period(account, as_of)
    days = (period.end - period.start).days
    if days < SHORTEST_PERIOD_DAYS:
        found = not_judged(len(known.meters), days)
    else:
        found = backtest(known.values, last_day=known.last_day, period_days=days)
    return Judged(
        organization_id=account.organization_id,
        name=account.name,
        meters=known.meters,
        last_day=known.last_day,
        found=found,
        choices=choices(found),
    )


def scores(of: Judged) -> Iterator[tuple[str, int | None, Score]]:
    """Of every meter shown and of ``all`` pooled; at every moment (days elapsed) and over all
    (None); of every method."""
    if of.found.reason:
        return
    for name, series in [(ALL, None), *((of.meters[place], place) for place in of.shown)]:
        for elapsed in (*of.found.elapsed_days, None):
            for method in METHODS:
                yield name, elapsed, score(of.found, method, series=series, elapsed_days=elapsed)


def portfolio_scores(accounts: Sequence[Judged]) -> Iterator[tuple[float | None, Score]]:
    """Of all accounts pooled; at every share of the period and over all (None)."""
    found = [one.found for one in accounts if not one.found.reason]
    for moment, share in [*enumerate(ELAPSED_SHARES), (None, None)]:
        for method in METHODS:
            yield share, pooled(found, method, moment=moment)


def document(of: Judged) -> dict[str, Any]:
    """For JSON. Percentages are 0-100 with two decimals; null where nothing can be said."""
    return {
        "organization_id": of.organization_id,
        "name": of.name,
        "last_day": of.last_day,
        "period_days": of.found.period_days,
        "periods": of.periods,
        "first_days": list(of.found.first_days),
        "reason": of.found.reason,
        "meters": [
            {
                "meter": meter,
                "method": choice.method,
                "is_replaced": choice.is_replaced,
                "periods": choice.periods,
                "words": choice.words,
            }
            for meter, choice in zip(of.meters, of.choices, strict=True)
        ],
        "scores": [
            {"meter": meter, "elapsed_days": elapsed, **figures(one)}
            for meter, elapsed, one in scores(of)
        ],
    }


def figures(of: Score) -> Mapping[str, Any]:
    """A score, rounded to two decimals."""
    return {
        name: round(value, 2) if isinstance(value, float) else value
        for name, value in vars(of).items()
    }
