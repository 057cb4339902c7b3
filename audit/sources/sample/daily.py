"""Day by day: week rhythm, growth, noise, spikes and steps that add up to the window."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from audit.sources.sample import faults as planting
from audit.sources.sample.draws import Floats, Integers, Truths
from audit.sources.sample.plan import Plan
from audit.sources.sample.vocabulary import (
    COUNTERS,
    DECIDE,
    EVENT_FAMILY,
    FAMILIES,
    FLAG_FAMILY,
    FLAGS,
    KINDS,
    LOCAL,
    REPLAY_FAMILY,
    STEADY_FAMILY,
)

#: Four billing periods back from any day.
SIMULATED_DAYS = 156
NOISE = 0.07
CALM_GROWTH = (-0.015, 0.04)
CLIENT_FAMILIES = (EVENT_FAMILY, REPLAY_FAMILY, FLAG_FAMILY)
FAMILY = np.array([counter.family for counter in COUNTERS])


@dataclass
class Series:
    """Daily values; column 0 is the day before ``as_of``, later columns lie further back."""

    organization: Integers
    kind: Integers
    counter: Integers
    quantity: Integers


class Rhythm:
    """How usage of some organizations moves; ages count days back from ``as_of``."""

    def __init__(self, plan: Plan, as_of: date, lookback_days: int, days: int) -> None:
        self.plan, self.as_of, self.lookback_days = plan, as_of, lookback_days
        self.days = max(days, lookback_days, SIMULATED_DAYS)
        draws = plan.draws
        moves = planting.moving(draws, faults=plan.faults) & (draws.numbers != 0)
        trend = draws.uniform("trend")
        growing, declining = moves & (trend < 0.05), moves & (trend > 0.95)
        #: Calm growth stays below what tiers could turn into a jump of the bill.
        calm = (0.012 + 0.012 * draws.normal("growth")).clip(*CALM_GROWTH)
        self.monthly_growth = np.select(
            [growing, declining],
            [draws.between("strong growth", 0.2, 0.5), draws.between("decline", -0.3, -0.15)],
            calm,
        )
        spiking = draws.chance("spike", 0.12) & moves
        self.spike_age = np.where(spiking, draws.below("spike age", 90), -1)
        self.spike = draws.between("spike factor", 3, 10)
        stepping = draws.chance("step", 0.07) & moves
        self.step_age = np.where(stepping, 2 + draws.below("step age", 45), 0)
        up = draws.chance("step up", 0.7)
        self.step = np.where(up, draws.between("rise", 1.5, 2.4), draws.between("fall", 0.4, 0.65))
        outage = draws.chance("outage", 0.03) & moves
        self.outage_age = np.where(outage, draws.below("outage age", 120), -1)
        young = draws.chance("young", 0.07) & moves
        self.age_days = np.where(
            young,
            lookback_days + 5 + draws.below("age in days", 75),
            180 + draws.below("age in more days", 1_500),
        )
        production = np.arange(KINDS) == 0
        for kind, mask in (
            ("spike", spiking),
            ("launch", stepping & (self.step > 1)),
            ("fall", stepping & (self.step < 1)),
            ("outage", outage),
            ("growing", growing),
            ("declining", declining),
            ("young", young),
        ):
            plan.lookalikes[kind] = mask[:, None] & production

    def shape(self) -> Floats:
        """(organizations, kinds, families, days) of relative size."""
        plan, draws = self.plan, self.plan.draws
        age = np.arange(self.days)
        days = [self.as_of - timedelta(days=int(a) + 1) for a in age]
        weekday = np.array([day.weekday() for day in days])
        weekend = np.where(
            plan.consumer,
            draws.between("weekend", 0.9, 1.35),
            draws.between("quiet weekend", 0.2, 0.5),
        )
        midweek = 1 + 0.06 * np.sin(np.arange(5))
        week = np.concatenate(
            [np.tile(midweek, (plan.size, 1)), weekend[:, None], 0.95 * weekend[:, None]], axis=1
        )[:, weekday]
        trend = np.exp(np.log1p(self.monthly_growth)[:, None] * (-age / 30))
        step = np.where(age < self.step_age[:, None], self.step[:, None], 1.0)
        spike = np.where(age == self.spike_age[:, None], self.spike[:, None], 1.0)
        outage = np.where(age == self.outage_age[:, None], 0.0, 1.0)
        noise = np.moveaxis(draws.normal("noise", self.days, KINDS, FAMILIES), 1, 3)
        out = np.exp(NOISE * noise) * (trend * step * outage)[:, None, None, :]
        busy = np.isin(np.arange(FAMILIES), CLIENT_FAMILIES)[None, None, :, None]
        out = np.where(busy, out * spike[:, None, None, :], out)
        steady = (np.arange(FAMILIES) == STEADY_FAMILY)[None, None, :, None]
        out = np.where(steady, out, out * week[:, None, None, :])
        old_enough = age < self.age_days[:, None]
        return np.asarray(out * old_enough[:, None, None, :])

    def series(self, billed: Floats) -> Series:
        """Whole numbers a day whose window sums meet ``billed`` to within one."""
        organization, kind, counter = np.nonzero(billed)
        shape = self.shape()[organization, kind, FAMILY[counter]]
        window = shape[:, : self.lookback_days].sum(axis=1, keepdims=True)
        total = billed[organization, kind, counter][:, None]
        # Rounding the running sum, not each day, keeps the sum.
        running = np.rint(np.cumsum(shape * (total / window), axis=1))
        quantity = np.diff(running, axis=1, prepend=0).astype(np.int64)
        return _with_billed_flags(
            Series(organization, kind, counter, quantity), len(self.plan.draws)
        )

    def known(self, days: int) -> Truths:
        """(organizations, days): the organization existed."""
        return np.asarray(np.arange(days) < self.age_days[:, None])


def _with_billed_flags(series: Series, size: int) -> Series:
    """Billed flag requests are requests plus ten per poll, day by day."""
    place = np.full((size, KINDS, len(COUNTERS)), -1)
    place[series.organization, series.kind, series.counter] = np.arange(len(series.counter))
    decide, local = place[:, :, DECIDE], place[:, :, LOCAL]
    organization, kind = np.nonzero((decide >= 0) | (local >= 0))
    padded = np.concatenate([series.quantity, np.zeros((1, series.quantity.shape[1]), np.int64)])
    requests = padded[decide[organization, kind]] + 10 * padded[local[organization, kind]]
    joined = Series(
        np.concatenate([series.organization, organization]),
        np.concatenate([series.kind, kind]),
        np.concatenate([series.counter, np.full(len(kind), FLAGS)]),
        np.concatenate([series.quantity, requests]),
    )
    order = np.lexsort((joined.counter, joined.kind, joined.organization))
    return Series(
        joined.organization[order],
        joined.kind[order],
        joined.counter[order],
        joined.quantity[order],
    )
