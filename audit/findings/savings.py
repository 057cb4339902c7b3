"""Savings: the bill minus the counterfactual bill, for one remedy or for all together.

Cuts combine by multiplying what they keep; checks that share a remedy count its strongest cut
once. So overlapping findings are never counted twice and their order does not matter.
"""

from collections.abc import Collection, Sequence
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
        gone = np.bincount(back, removed, len(pair)).astype(np.float64)
        at = pair % lines
        before = self.prices.lines["quantity"].to_numpy(dtype=np.int64)[at]
        cents = self.prices.line_cents(at, left_over(before, gone))
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
        row = np.flatnonzero((removed != 0) & (self.line >= 0))
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

    ``order``: the parts, each chosen because it saves most on top of those before it; those
    that were put last come after all others. ``joint``: all others together; their on_top adds
    up to it, and so does shapley. ``joint_last``: what those put last save beyond that.
    """

    order: list[int]
    alone: list[int]
    on_top: list[int]
    shapley: list[int] | None
    joint: int
    joint_last: int = 0


def attribution(
    savings: Savings, key: int, parts: Sequence[Part], last: Collection[int] = frozenset()
) -> Attribution:
    """Split one organization's joint saving over its findings, without those put ``last``."""
    bills = _Remedies(savings, key, parts)
    alone = bills.savings_on_top()
    every = _Remedies(savings, key, parts)
    first = [part for part in range(len(parts)) if part not in last]
    joint = every.do_all(first)
    joint_last = every.do_all(last)
    order: list[int] = []
    on_top = [0] * len(parts)
    for group, total in ((first, joint), (sorted(last), joint_last)):
        left, saved = list(group), 0
        while left:
            values = bills.savings_on_top() if order else alone
            best = max(left, key=lambda part: (values[part], alone[part], -part))
            on_top[best] = values[best]
            saved += values[best]
            bills.do(best)
            order.append(best)
            left.remove(best)
            if saved == total:
                # The rest keeps its order and adds nothing. Not sooner: below a billing limit
                # two remedies may save only together.
                for part in left if last else ():
                    bills.do(part)
                order += left
                break
    shares = _shapley(savings, key, [parts[part] for part in first], joint)
    shapley = None
    if shares is not None:
        shapley = [0] * len(parts)
        for part, share in zip(first, shares, strict=True):
            shapley[part] = share
    return Attribution(order, alone, on_top, shapley, joint, joint_last)


class _Remedies:
    """One organization's bill with some remedies done, and what each further one would save.

    Only the lines that a remedy touches are priced again, for all remedies at once.
    """

    def __init__(self, savings: Savings, key: int, parts: Sequence[Part]) -> None:
        self.savings_of = savings
        self.key = key
        self.parts = parts
        self.done: set[int] = set()
        rows = np.unique(np.concatenate([p.row for p in parts])) if parts else np.empty(0, int)
        self.rows = rows[savings.line[rows] >= 0] if len(rows) else rows.astype(np.int64)
        self.line = savings.line[self.rows]
        self.quantity = savings.quantity[self.rows]
        self.strongest: dict[str, Floats] = {}
        self.kept = np.ones(len(self.rows))
        self.column: list[Integers] = []
        self.share: list[Floats] = []
        for part in parts:
            here = np.isin(part.row, self.rows)
            self.column.append(np.searchsorted(self.rows, part.row[here]))
            self.share.append(part.share[here])

    def savings_on_top(self) -> list[int]:
        """Cents that each part not yet done would save now; 0 for those done."""
        groups, lines, gone = [], [], []
        now = 1 - self.kept
        for number in range(len(self.parts)):
            if number in self.done:
                continue
            column = self.column[number]
            kept = self._kept_with(number)
            groups.append(np.full(len(column), number, dtype=np.int64))
            lines.append(self.line[column])
            gone.append((1 - kept - now[column]) * self.quantity[column])
        if not groups or not sum(len(g) for g in groups):
            return [0] * len(self.parts)
        return self._saved(np.concatenate(groups), np.concatenate(lines), np.concatenate(gone))

    def _saved(self, group: Integers, line: Integers, more: Floats) -> list[int]:
        prices = self.savings_of.prices
        width = len(prices.lines)
        removed = self._removed()
        pair, back = np.unique(group * width + line, return_inverse=True)
        extra = np.bincount(back, weights=more, minlength=len(pair))
        at = pair % width
        subtotal = self._subtotal(removed)
        change = self._cents(at, removed[at] + extra) - self._cents(at, removed[at])
        totals = np.full(len(self.parts), subtotal, dtype=np.int64)
        np.add.at(totals, pair // width, change)
        keys = np.full(len(self.parts), self.key, dtype=np.int64)
        before = prices.payable(keys[:1], np.asarray([subtotal]))
        return (before - prices.payable(keys, totals)).tolist()

    def _subtotal(self, removed: Floats) -> int:
        lines = np.unique(self.line)
        before = self.savings_of.prices.lines["cents"].to_numpy(dtype=np.int64)[lines]
        change = self._cents(lines, removed[lines]) - before
        return int(self.savings_of.subtotal[self.key] + change.sum())

    def _cents(self, line: Integers, removed: Floats) -> Integers:
        prices = self.savings_of.prices
        before = prices.lines["quantity"].to_numpy(dtype=np.int64)[line]
        return prices.line_cents(line, left_over(before, removed))

    def _kept_with(self, number: int) -> Floats:
        """What the part's rows keep when it is done too."""
        remedy, column = self.parts[number].remedy, self.column[number]
        kept = np.ones(len(column))
        for name in sorted({*self.strongest, remedy}):
            done = self.strongest[name][column] if name in self.strongest else 0.0
            share = np.maximum(done, self.share[number]) if name == remedy else done
            kept *= 1 - share
        return kept

    def do(self, number: int) -> None:
        """Count a part as done."""
        part, column = self.parts[number], self.column[number]
        self.kept[column] = self._kept_with(number)
        strongest = self.strongest.setdefault(part.remedy, np.zeros(len(self.rows)))
        np.maximum.at(strongest, column, self.share[number])
        self.done.add(number)

    def do_all(self, some: Collection[int]) -> int:
        """Count some parts as done; the cents that saves beyond what is done already."""
        if not some:
            return 0
        before = self._payable(self._removed())
        for number in some:
            self.do(number)
        return before - self._payable(self._removed())

    def _removed(self) -> Floats:
        gone = (1 - self.kept) * self.quantity
        width = len(self.savings_of.prices.lines)
        return np.bincount(self.line, gone, minlength=width).astype(np.float64)

    def _payable(self, removed: Floats) -> int:
        keys = np.asarray([self.key], dtype=np.int64)
        subtotal = np.asarray([self._subtotal(removed)], dtype=np.int64)
        return int(self.savings_of.prices.payable(keys, subtotal)[0])


def left_over(before: Integers, removed: Floats) -> Integers:
    """Whole units left of lines; a part of a unit stays, so savings are never rounded up."""
    return np.clip(before - np.floor(removed + WHOLE_UNIT_TOLERANCE).astype(np.int64), 0, None)


def _shapley(savings: Savings, key: int, parts: Sequence[Part], joint: int) -> list[int] | None:
    """Exact shares: the mean of what a part adds over all orders, from every subset's bill."""
    players = [p for p in range(len(parts)) if len(parts[p].row)]
    if len(players) > EXACT_SHAPLEY_FINDINGS:
        return None
    size = len(players)
    value = _subset_savings(savings, key, [parts[p] for p in players])
    sizes = np.asarray([s.bit_count() for s in range(1 << size)])
    factorial = np.cumprod([1, *range(1, size + 1)])
    exact = [0.0] * len(parts)
    for i, player in enumerate(players):
        without = np.flatnonzero((np.arange(1 << size) >> i & 1) == 0)
        weight = factorial[sizes[without]] * factorial[size - sizes[without] - 1] / factorial[size]
        exact[player] = float((weight * (value[without | 1 << i] - value[without])).sum())
    return shared_out(exact, joint)


def _subset_savings(savings: Savings, key: int, parts: Sequence[Part]) -> Floats:
    """Cents saved by every subset of the parts, a bit per part."""
    size = len(parts)
    if not size:
        return np.zeros(1)
    rows = np.unique(np.concatenate([part.row for part in parts]))
    rows = rows[savings.line[rows] >= 0]
    share = np.zeros((size, len(rows)))
    for number, part in enumerate(parts):
        here = np.isin(part.row, rows)
        share[number, np.searchsorted(rows, part.row[here])] = part.share[here]
    # Rows of one line that all remedies treat alike are one row: the bill sees only sums.
    alike, back = np.unique(
        np.vstack([savings.line[rows][None, :].astype(float), share]), axis=1, return_inverse=True
    )
    line, share = alike[0].astype(np.int64), alike[1:]
    weights = savings.quantity[rows]
    quantity = np.bincount(back.ravel(), weights, alike.shape[1]).astype(np.float64)
    now = int(savings.payable()[key])
    chunk = max(1, 2_000_000 // max(1, alike.shape[1]))
    out = [
        now - _paid(savings, key, parts, line, share, quantity, subsets)
        for subsets in np.array_split(np.arange(1 << size), -(-(1 << size) // chunk))
    ]
    return np.concatenate(out).astype(np.float64)


def _paid(
    savings: Savings,
    key: int,
    parts: Sequence[Part],
    line: Integers,
    share: Floats,
    quantity: Floats,
    subsets: Integers,
) -> Integers:
    """Cents paid with each of some subsets of the parts done."""
    kept = np.ones((len(subsets), len(line)))
    for remedy in sorted({part.remedy for part in parts}):
        strongest = np.zeros_like(kept)
        for number, part in enumerate(parts):
            if part.remedy == remedy:
                chosen = (subsets >> number & 1)[:, None]
                np.maximum(strongest, chosen * share[number], out=strongest)
        kept *= 1 - strongest
    removed = (1 - kept) * quantity
    groups = np.repeat(np.arange(len(subsets)), len(line))
    lines = np.tile(line, len(subsets))
    keys = np.full(len(subsets), key, dtype=np.int64)
    return savings.after(groups, lines, removed.ravel(), keys)


def shared_out(exact: Sequence[float], total: int) -> list[int]:
    """Whole cents closest to ``exact`` that add up to ``total`` (largest remainders first)."""
    floors = [int(np.floor(value + 1e-9)) for value in exact]
    order = sorted(range(len(exact)), key=lambda i: (floors[i] - exact[i], i))
    for i in order[: max(0, total - sum(floors))]:
        floors[i] += 1
    return floors
