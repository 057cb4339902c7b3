"""The invoices of the past periods, as the vendor of the sample sends them.

The sums are worked out here, from the price files as data and not by ``audit.pricing``: an
invoice that came out of the engine it is compared with would prove nothing.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.sources.sample.draws import Draws, Integers, Truths
from audit.sources.sample.frames import days, text
from audit.sources.sample.periods import PAST_PERIODS
from audit.sources.sample.vocabulary import COUNTERS, PACKAGES

#: Unit prices are whole numbers of this part of a dollar.
PARTS_OF_A_DOLLAR = 10**10
PARTS_OF_A_CENT = PARTS_OF_A_DOLLAR // 100

#: Some customers' first months were billed in one sum, and some who pay nothing now left after
#: theirs. Longer than any billing month, so that no rule about monthly bills counts it.
FIRST_MONTHS_SHARE = 0.6
LEFT_SHARE = 0.7
FIRST_MONTHS = (3, 4, 5)
Tiers = tuple[tuple[int | None, Decimal], ...]


@cache
def _price_files() -> Mapping[str, dict[str, Any]]:
    folder = resources.files("audit.pricing") / "prices"
    read = [
        tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    return {one["product"]: one for one in read}


@cache
def list_tiers(product: str, on: date) -> tuple[Tiers, int]:
    """The public tiers of a metered product on a day, and the metered units of a priced one."""
    tiers = tuple((t.get("up_to"), Decimal(t["unit_amount_usd"])) for t in _tiers(product, on))
    return tiers, _price_files()[product]["divisor"]


@cache
def package_cents(product: str, on: date) -> int:
    return int(Decimal(_tiers(product, on)[0]["flat_amount_usd"]) * 100)


def _tiers(product: str, on: date) -> list[dict[str, Any]]:
    """Of the newest price that had begun; of the oldest for a day before all of them."""
    prices = _price_files()[product]["price"]
    begun = [price for price in prices if price["from"] <= on]
    newest = max(begun or prices, key=lambda price: price["from"] if begun else date.min)
    return list(newest["tiers"])


def line_cents(tiers: Tiers, divisor: int, quantity: Integers) -> Integers:
    """Whole cents, half up: units within a tier pay the price of the tier."""
    total = np.zeros(len(quantity), dtype=np.int64)
    lower = 0
    for up_to, amount in tiers:
        price = int(amount * PARTS_OF_A_DOLLAR / divisor)
        upper = np.iinfo(np.int64).max if up_to is None else up_to * divisor
        total += price * np.clip(quantity - lower, 0, upper - lower)
        lower = upper
    return (total + PARTS_OF_A_CENT // 2) // PARTS_OF_A_CENT


@dataclass(frozen=True)
class Terms:
    """What makes one organization's bill differ from the list; arrays by organization.

    ``own``: by product, who has tiers of their own, and which. ``package``: place in PACKAGES.
    """

    paid: Truths
    own: Mapping[str, tuple[Truths, Tiers]]
    package: Integers
    discount_percent: Integers
    amount_off_cents: Integers
    credit_cents: Integers


def total_cents(quantity: Integers, terms: Terms, on: date) -> Integers:
    """(organizations,): a month's total after discounts, before credit; ``quantity`` is
    (organizations, counters)."""
    total = np.zeros(len(quantity), dtype=np.int64)
    for place, counter in enumerate(COUNTERS):
        if not counter.product or "meter_mismatch" in _price_files()[counter.product]:
            continue
        cents = line_cents(*list_tiers(counter.product, on), quantity[:, place])
        mine, tiers = terms.own.get(counter.product, (None, ()))
        if mine is not None:
            cents = np.where(mine, line_cents(tiers, 1, quantity[:, place]), cents)
        total += cents
    for place, package in enumerate(PACKAGES):
        total += np.where(terms.package == place, package_cents(package, on), 0)
    total -= (total * terms.discount_percent + 50) // 100
    return np.maximum(total - terms.amount_off_cents, 0) * terms.paid


@dataclass(frozen=True)
class First:
    """Whose first months were billed in one sum, by organization.

    ``told``: it is so. ``start`` and ``end``: days from ``as_of``. ``cents``: the sum.
    """

    told: Truths
    start: Integers
    end: Integers
    cents: Integers


def first_months(draws: Draws, before: Integers, age_days: Integers, oldest: Integers) -> First:
    """``before``: first days of the oldest period and of the months before it; ``oldest``: what
    that period was billed, in cents, 0 for who pays nothing."""
    every = np.arange(len(draws))
    months = np.array(FIRST_MONTHS)[draws.below("sum of months", len(FIRST_MONTHS))]
    left = (oldest == 0) & draws.chance("left", LEFT_SHARE)
    told = left | ((oldest > 0) & draws.chance("billed in one sum", FIRST_MONTHS_SHARE))
    start = before[every, months]
    monthly = oldest * draws.between("level of the sum", 0.75, 1.05)
    monthly = np.where(left, draws.between("left level", 40_000, 240_000), monthly)
    # The first organization stands in the documentation, with the invoices it has always had.
    told &= (-start <= age_days) & (draws.numbers != 0)
    return First(told, start, before[:, 0], (monthly * months).astype(np.int64))


def invoices(
    draws: Draws,
    ids: npt.NDArray[np.object_],
    metered: Integers,
    offsets: Integers,
    age_days: Integers,
    terms: Terms,
    failing: Truths,
    first: First,
    as_of: date,
) -> pd.DataFrame:
    """One invoice per finished period of a paying organization that existed by then, and that of
    the first months where these were billed in one sum.

    ``metered``: (organizations, counters, periods). ``failing``: the newest one is still open,
    after several attempts to charge.
    """
    parts = [_of_first_months(ids, first, as_of)]
    for period in range(PAST_PERIODS):
        born = -offsets[:, period + 1] <= age_days
        rows = np.flatnonzero(terms.paid & born)
        total = total_cents(metered[:, :, period], terms, as_of)[rows]
        open_still = failing[rows] & (period == PAST_PERIODS - 1)
        credit = np.minimum(total, terms.credit_cents[rows])
        issued = np.minimum(offsets[rows, period + 1] + 1, 0)
        paid = np.minimum(issued + draws.below(f"paid after {period}", 4)[rows], 0)
        attempts = np.where(open_still, 2 + draws.below("attempts", 3)[rows], 1)
        due = np.where(open_still, total, total - credit)
        parts.append(
            pd.DataFrame(
                {
                    "organization_id": text(ids, rows),
                    "invoice_id": pd.Series(
                        [f"in_{ids[row][-12:]}{period}" for row in rows], dtype="str"
                    ),
                    "status": text(("paid", "open"), open_still.astype(np.int64)),
                    "period_start": days(as_of, offsets[rows, period]),
                    "period_end": days(as_of, offsets[rows, period + 1]),
                    "total_usd": usd(total),
                    "amount_due_usd": usd(due),
                    "issued_at": days(as_of, issued),
                    "attempts": pd.array(np.where(due > 0, attempts, 0), dtype="Int64"),
                    "credited_usd": usd(np.zeros(len(rows), dtype=np.int64)),
                    "paid_at": days(as_of, paid).mask(open_still),
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    return frame.sort_values(["organization_id", "period_start"], ignore_index=True)


def _of_first_months(ids: npt.NDArray[np.object_], first: First, as_of: date) -> pd.DataFrame:
    rows = np.flatnonzero(first.told)
    billed = usd(first.cents[rows])
    return pd.DataFrame(
        {
            "organization_id": text(ids, rows),
            "invoice_id": pd.Series([f"in_{ids[row][-12:]}f" for row in rows], dtype="str"),
            "status": text(("paid",), np.zeros(len(rows), dtype=np.int64)),
            "period_start": days(as_of, first.start[rows]),
            "period_end": days(as_of, first.end[rows]),
            "total_usd": billed,
            "amount_due_usd": billed,
            "issued_at": days(as_of, first.end[rows]),
            "attempts": pd.array(np.ones(len(rows), dtype=np.int64), dtype="Int64"),
            "credited_usd": usd(np.zeros(len(rows), dtype=np.int64)),
            "paid_at": days(as_of, first.end[rows] + 1),
        }
    )


def usd(cents: Integers) -> pd.Series:
    return pd.Series([Decimal(int(c)) / 100 for c in cents], dtype=object)
