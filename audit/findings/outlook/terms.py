"""What stays of an examined account to price other usage on the same terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.checks import Effort
from audit.findings.pricing import NO_LIMIT, NOT_SUBSCRIBED, Integers, Prices
from audit.findings.savings import WHOLE_UNIT_TOLERANCE, Part, Savings
from audit.pricing import Schedule
from audit.pricing.bill import usage_at_limit
from audit.pricing.columns import cents

Floats = npt.NDArray[np.float64]

#: Origins of lines that are flat packages: one, or none, a month.
PACKAGES = ("subscriptions", NOT_SUBSCRIBED)


@dataclass(frozen=True)
class Fix:
    """The remedy of one open finding: its cut, and what it takes."""

    finding_id: str
    part: Part
    effort: Effort


@dataclass(frozen=True)
class Terms:
    """One organization's prices, usage rows and open fixes, in the order of the ranking.

    ``rows``: the usage rows of the priced month with packages, as checks saw them; ``savings``
    prices them. ``amount_off_until``: last day of the amount discount, None without an end.
    ``next_limits``: USD by product, limits that are set from the next billing period on.
    """

    savings: Savings
    rows: pd.DataFrame
    fixes: tuple[Fix, ...]
    amount_off_until: date | None
    next_limits: Mapping[str, int]

    @property
    def prices(self) -> Prices:
        """Lines and terms; every line is of organization 0."""
        return self.savings.prices

    @property
    def meters(self) -> list[str]:
        """The product of every line."""
        return [str(meter) for meter in self.prices.lines["meter"]]

    @property
    def month(self) -> Integers:
        """Metered units of every line in the priced month."""
        return self.prices.lines["quantity"].to_numpy(dtype=np.int64)

    @property
    def is_package(self) -> npt.NDArray[np.bool_]:
        """Whether a line is a flat package."""
        return self.prices.lines["origin"].isin(PACKAGES).to_numpy()

    def with_fixes(self, fixes: Sequence[Fix]) -> "Terms":
        """The same account with other fixes, in this order."""
        return replace(self, fixes=tuple(fixes))

    def with_line(self, product: str, schedule: Schedule, origin: str) -> "Terms":
        """The same account with one line more, of which the priced month has nothing; held to the
        limit that is set for the product."""
        prices = self.prices
        limit = prices.limits.get((0, product))
        percent = prices.percent.get(0, Decimal(0))
        held = NO_LIMIT
        if limit is not None and percent < 100:
            held = int(usage_at_limit(limit, percent) * 100)
        line = {
            "key": 0,
            "meter": product,
            "quantity": 0,
            "origin": origin,
            "schedule": len(prices.schedules),
            "cents": 0,
        }
        lines = prices.lines.assign(meter=prices.lines["meter"].astype("str"))
        lines = pd.concat([lines, pd.DataFrame([line])], ignore_index=True)
        more = replace(
            prices,
            lines=lines.astype({"quantity": np.int64, "schedule": np.int64, "cents": np.int64}),
            schedules=[*prices.schedules, schedule],
            limit_cents=np.append(prices.limit_cents, held),
        )
        return replace(self, savings=replace(self.savings, prices=more))


class Priced:
    """Bills of simulated units: ``units`` (draws, periods, lines), whole metered units.

    ``starts``: first day of every period; ``first_limited_anew``: from which period on the limits
    of the next one hold.
    """

    def __init__(
        self, terms: Terms, units: Integers, starts: Sequence[date], first_limited_anew: int = 0
    ) -> None:
        self.terms = terms
        self.units = units
        self.draws, self.periods, _ = units.shape
        off = int(terms.prices.amount_off_cents[0])
        until = terms.amount_off_until
        self.amount_off = np.array(
            [off if until is None or start <= until else 0 for start in starts], dtype=np.int64
        )
        numbers = terms.prices.lines["schedule"].to_numpy(dtype=np.int64)
        self.schedules = [terms.prices.schedules[number] for number in numbers]
        self.limit = np.tile(terms.prices.limit_cents, (self.periods, 1))
        for line, meter in enumerate(terms.meters):
            if meter in terms.next_limits:
                self.limit[first_limited_anew:, line] = terms.next_limits[meter]

    def held(self, line: int) -> Integers:
        """(draws, periods) cents of one line, held to its limit."""
        return np.minimum(self.listed(line), self.limit[:, line][None, :])

    def listed(self, line: int, units: Integers | None = None) -> Integers:
        """(draws, periods) cents of one line by its tiers, before its limit."""
        chosen = self.units[:, :, line] if units is None else units
        return cents(self.schedules[line], np.ascontiguousarray(chosen))

    def payable(self, subtotal: Integers) -> Integers:
        """Of (draws, periods) subtotals, what is to be paid after discounts, before credit."""
        key = np.zeros(subtotal.size, dtype=np.int64)
        off = np.broadcast_to(self.amount_off[None, :], subtotal.shape)
        paid = self.terms.prices.payable(key, subtotal.ravel(), amount_off=off.ravel())
        return paid.reshape(subtotal.shape)


class Remedied:
    """The same bills with fixes done one after the other.

    ``came_true``: (draws,) by remedy, the share of its cut that comes true; 1 where absent.
    ``factor``: by usage row, what is left of it before any fix; above 1 it grows.
    """

    def __init__(
        self, priced: Priced, came_true: Mapping[str, Floats], factor: Floats | None = None
    ) -> None:
        self.priced = priced
        self.came_true = came_true
        terms = priced.terms
        self.fixes = terms.fixes
        touched = [fix.part.row for fix in self.fixes]
        if factor is not None:
            touched.append(np.flatnonzero(factor != 1))
        rows = np.unique(np.concatenate(touched)) if touched else np.empty(0, dtype=np.int64)
        rows = rows[terms.savings.line[rows] >= 0].astype(np.int64)
        line = terms.savings.line[rows]
        share = np.zeros((len(self.fixes), len(rows)))
        for number, fix in enumerate(self.fixes):
            here = np.isin(fix.part.row, rows)
            share[number, np.searchsorted(rows, fix.part.row[here])] = fix.part.share[here]
        before = np.ones(len(rows)) if factor is None else factor[rows]
        # Rows of one line that all remedies treat alike are one row: the bill sees only sums.
        alike, back = np.unique(
            np.vstack([line.astype(float), before, share]), axis=1, return_inverse=True
        )
        self.line = alike[0].astype(np.int64)
        self.factor = alike[1]
        self.share = alike[2:]
        self.quantity = np.bincount(
            back.ravel(), terms.savings.quantity[rows], alike.shape[1]
        ).astype(np.float64)
        self.package = terms.is_package[self.line]
        self.month = terms.month
        self.known: dict[tuple[int, tuple[int, ...]], Integers] = {}

    @property
    def touched(self) -> list[int]:
        """Lines that a fix or a factor touches."""
        return [int(line) for line in np.unique(self.line)]

    def lines_of(self, number: int) -> list[int]:
        """Lines that a fix touches."""
        return [int(line) for line in np.unique(self.line[self.share[number] > 0])]

    def listed(self, line: int, done: Sequence[int]) -> Integers:
        """(draws, periods) cents of a line by its tiers after some fixes, before its limit."""
        here = self.share[:, self.line == line]
        touching = tuple(sorted(number for number in done if (here[number] > 0).any()))
        if (line, touching) not in self.known:
            self.known[line, touching] = self.priced.listed(line, self.left(line, touching))
        return self.known[line, touching]

    def held(self, line: int, done: Sequence[int]) -> Integers:
        """The same, held to its limit."""
        return np.minimum(self.listed(line, done), self.priced.limit[:, line][None, :])

    def left(self, line: int, done: Sequence[int]) -> Integers:
        """(draws, periods) units of a line after some fixes, whole; a part of a unit stays."""
        here = np.flatnonzero(self.line == line)
        package = bool(self.package[here].any())
        kept = np.tile(self.factor[here], (self.priced.draws, 1))
        strongest: dict[str, Floats] = {}
        for number in done:
            share = strongest.setdefault(self.fixes[number].part.remedy, np.zeros(len(here)))
            np.maximum(share, self.share[number, here], out=share)
        for remedy, share in sorted(strongest.items()):
            # A package that is cancelled is gone whole.
            came_true = None if package else self.came_true.get(remedy)
            kept *= 1 - (share if came_true is None else share * came_true[:, None])
        gone = (1 - kept) @ self.quantity[here]
        units = self.priced.units[:, :, line]
        month = int(self.month[line])
        if package:
            removed = np.broadcast_to(gone[:, None], units.shape)
        else:
            share_gone = np.minimum(1.0, gone / month) if month else np.zeros_like(gone)
            removed = units * share_gone[:, None]
        whole_units = np.floor(removed + WHOLE_UNIT_TOLERANCE).astype(np.int64)
        return np.clip(units - whole_units, 0, None)


def next_limit_cents(limits: pd.DataFrame, percent: Decimal) -> dict[str, int]:
    """Cents by product of the limits that are set from the next billing period on, at full price:
    ``percent`` is the discount, after which a limit is met."""
    found = {}
    for product, limit in zip(limits["product"], limits["next_period_limit_usd"], strict=True):
        if limit is not None and not pd.isna(limit) and percent < 100:
            found[str(product)] = int(usage_at_limit(limit, percent) * 100)
    return found
