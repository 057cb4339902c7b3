"""Savings: the bill minus the counterfactual bill, for one remedy or for all together.

Cuts combine by multiplying what they keep; checks that share a remedy count its strongest cut
once. So overlapping findings are never counted twice and their order does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.findings.flags import Cut, Verdicts
from audit.findings.pricing import Integers, Prices, subtotals

Floats = npt.NDArray[np.float64]

#: Rows are scaled in floating point; a total this close below a whole unit is that unit.
WHOLE_UNIT_TOLERANCE = 1e-3

#: Above this many saving findings the exact Shapley share would need too many bills.
EXACT_SHAPLEY_FINDINGS = 12


@dataclass
class Savings:
    """Prices, usage rows and where each row's line stands; the state all savings share."""

    prices: Prices
    quantity: Floats
    line: Integers
    subtotal: Integers

    @classmethod
    def of(cls, prices: Prices, rows: pd.DataFrame, organizations: int) -> "Savings":
        lines = prices.lines
        meters = rows["meter"].cat.categories
        code = {meter: number for number, meter in enumerate(meters)}
        width = len(meters) + 1
        own = lines["meter"].astype("str").map(code)
        inside = own.notna().to_numpy()
        table = pd.Series(
            np.flatnonzero(inside),
            index=lines["key"].to_numpy(dtype=np.int64)[inside] * width
            + own[inside].to_numpy(dtype=np.int64),
        )
        wanted = rows["key"].to_numpy(dtype=np.int64) * width + rows["meter"].cat.codes.to_numpy(
            dtype=np.int64
        )
        found = table.reindex(wanted).to_numpy()
        line = np.where(np.isnan(found), -1, found).astype(np.int64)
        return cls(prices, rows["quantity"].to_numpy(), line, subtotals(prices, organizations))

    def payable(self) -> Integers:
        """What every organization pays now, in cents, by key."""
        return self.prices.payable(np.arange(len(self.subtotal)), self.subtotal)

    def after(self, group: Integers, line: Integers, removed: Floats, keys: Integers) -> Integers:
        """Cents paid by ``keys`` (one per group) when ``removed`` units leave ``line`` s.

        Entries are (group, line) pairs; pairs may repeat and are added up.
        """
        lines = len(self.prices.lines)
        pair, back = np.unique(group * lines + line, return_inverse=True)
        gone = np.bincount(back, weights=removed, minlength=len(pair))
        at = pair % lines
        before = self.prices.lines["quantity"].to_numpy(dtype=np.int64)[at]
        kept = before - np.floor(gone + WHOLE_UNIT_TOLERANCE).astype(np.int64)
        cents = self.prices.line_cents(at, np.clip(kept, 0, None))
        change = cents - self.prices.lines["cents"].to_numpy(dtype=np.int64)[at]
        total = self.subtotal[keys].copy()
        np.add.at(total, pair // lines, change)
        return self.prices.payable(keys, total)

    def alone(self, keys: Integers, cut: Cut) -> Integers:
        """Cents saved by each fact row's remedy by itself; ``keys``: organization by fact row."""
        priced = self.line[cut.row] >= 0
        row = cut.row[priced]
        removed = self.quantity[row] * cut.share[priced]
        now = self.payable()[keys]
        return now - self.after(cut.fact_row[priced], self.line[row], removed, keys)

    def joint(self, verdicts: Sequence[Verdicts]) -> Integers:
        """Cents saved by all remedies together, by organization key."""
        removed = self.quantity * (1 - kept_shares(verdicts, len(self.quantity)))
        row = np.flatnonzero((removed > 0) & (self.line >= 0))
        keys = np.arange(len(self.subtotal))
        line = self.line[row]
        group = self.prices.lines["key"].to_numpy(dtype=np.int64)[line]
        return self.payable() - self.after(group, line, removed[row], keys)


def kept_shares(verdicts: Sequence[Verdicts], rows: int) -> Floats:
    """What all remedies together keep of every usage row, 0 to 1."""
    strongest: dict[str, Floats] = {}
    for one in verdicts:
        if len(one.cut.row):
            shares = strongest.setdefault(one.check.remedy, np.zeros(rows))
            np.maximum.at(shares, one.cut.row, one.cut.share)
    kept = np.ones(rows)
    for remedy in sorted(strongest):
        kept *= 1 - strongest[remedy]
    return kept


@dataclass(frozen=True)
class Part:
    """One finding's cut in one organization: its remedy, the usage rows and their shares."""

    remedy: str
    row: Integers
    share: Floats


@dataclass(frozen=True)
class Attribution:
    """By part, in cents: alone, on_top (rank order), shapley (None above 12 that save).

    ``order``: the parts, each chosen because it saves most on top of those before it.
    ``joint``: all together. on_top adds up to it, and so does shapley.
    """

    order: list[int]
    alone: list[int]
    on_top: list[int]
    shapley: list[int] | None
    joint: int


def attribution(savings: Savings, key: int, parts: Sequence[Part]) -> Attribution:
    """Split one organization's joint saving over its findings."""
    bills = _Subsets(savings, key, parts)
    count = len(parts)
    alone = [bills.saving(1 << part) for part in range(count)]
    order: list[int] = []
    on_top = [0] * count
    done, saved = 0, 0
    while len(order) < count:
        left = [part for part in range(count) if not done >> part & 1]
        values = bills.savings([done | 1 << part for part in left])
        best = max(range(len(left)), key=lambda i: (values[i], alone[left[i]], -left[i]))
        on_top[left[best]] = values[best] - saved
        saved = values[best]
        done |= 1 << left[best]
        order.append(left[best])
    return Attribution(order, alone, on_top, _shapley(bills, count, saved), saved)


class _Subsets:
    """Bills of one organization with any subset of its remedies done, each priced once."""

    def __init__(self, savings: Savings, key: int, parts: Sequence[Part]) -> None:
        self.savings_of = savings
        self.key = key
        self.parts = parts
        rows = np.unique(np.concatenate([p.row for p in parts])) if parts else np.empty(0, int)
        rows = rows[savings.line[rows] >= 0] if len(rows) else rows.astype(np.int64)
        share = np.zeros((len(parts), len(rows)))
        for number, part in enumerate(parts):
            here = np.isin(part.row, rows)
            share[number, np.searchsorted(rows, part.row[here])] = part.share[here]
        # Rows of one line that all remedies treat alike are one row: the bill sees only sums.
        alike = np.vstack([savings.line[rows][None, :].astype(float), share])
        unique, back = np.unique(alike, axis=1, return_inverse=True)
        self.line = unique[0].astype(np.int64)
        self.share = unique[1:]
        self.quantity = np.bincount(
            back.ravel(), weights=savings.quantity[rows], minlength=unique.shape[1]
        )
        self.now = int(savings.payable()[key])
        self.known: dict[int, int] = {0: 0}

    def saving(self, subset: int) -> int:
        return self.savings([subset])[0]

    def savings(self, subsets: Sequence[int]) -> list[int]:
        """Cents saved by each subset (a bit per part)."""
        new = sorted({s for s in subsets if s not in self.known})
        chunk = max(1, 2_000_000 // max(1, self.share.shape[1]))
        for start in range(0, len(new), chunk):
            self._price(new[start : start + chunk])
        return [self.known[s] for s in subsets]

    def _price(self, subsets: Sequence[int]) -> None:
        numbers = np.asarray([[s >> p & 1 for p in range(len(self.parts))] for s in subsets], float)
        kept = np.ones((len(subsets), self.share.shape[1]))
        for remedy in sorted({part.remedy for part in self.parts}):
            strongest = np.zeros_like(kept)
            for number, part in enumerate(self.parts):
                if part.remedy == remedy:
                    np.maximum(strongest, numbers[:, [number]] * self.share[number], out=strongest)
            kept *= 1 - strongest
        removed = (1 - kept) * self.quantity
        groups = np.repeat(np.arange(len(subsets)), self.share.shape[1])
        lines = np.tile(self.line, len(subsets))
        keys = np.full(len(subsets), self.key, dtype=np.int64)
        paid = self.savings_of.after(groups, lines, removed.ravel(), keys)
        for subset, cents in zip(subsets, paid.tolist(), strict=True):
            self.known[subset] = self.now - cents


def _shapley(bills: _Subsets, count: int, joint: int) -> list[int] | None:
    players = [p for p in range(count) if len(bills.parts[p].row)]
    if len(players) > EXACT_SHAPLEY_FINDINGS:
        return None
    size = len(players)
    subsets = [sum(1 << players[i] for i in range(size) if s >> i & 1) for s in range(1 << size)]
    value = np.asarray(bills.savings(subsets), dtype=np.float64)
    sizes = np.asarray([s.bit_count() for s in range(1 << size)])
    factorial = np.cumprod([1, *range(1, size + 1)])
    exact = [0.0] * count
    for i, player in enumerate(players):
        without = np.flatnonzero((np.arange(1 << size) >> i & 1) == 0)
        weight = factorial[sizes[without]] * factorial[size - sizes[without] - 1] / factorial[size]
        exact[player] = float((weight * (value[without | 1 << i] - value[without])).sum())
    return shared_out(exact, joint)


def shared_out(exact: Sequence[float], total: int) -> list[int]:
    """Whole cents closest to ``exact`` that add up to ``total`` (largest remainders first)."""
    floors = [int(np.floor(value + 1e-9)) for value in exact]
    order = sorted(range(len(exact)), key=lambda i: (floors[i] - exact[i], i))
    for i in order[: max(0, total - sum(floors))]:
        floors[i] += 1
    return floors
