"""What was used of each product on given days, over all projects, and who says so."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from audit.account import Account
from audit.meters import EVENT_METERS
from audit.pricing import Catalogue
from audit.refunds.spans import Span

#: Add-ons that bill every unit of the meter they stand on, so that its counts are theirs.
#: Source: posthog.com billing-products.json, as the price files say under ``meter``.
BILLS_EVERY_UNIT = ("group_analytics", "data_pipelines")


@dataclass(frozen=True)
class Counted:
    """Metered units of one product over some days.

    ``quantity`` covers ``known_days`` of ``days``; None: nothing tells any of them.
    """

    span: Span
    quantity: int | None
    known_days: int
    source: str

    @property
    def complete(self) -> bool:
        return self.quantity is not None and self.known_days == self.span.days


class Usage:
    """One account's usage by product and day, before ``as_of``.

    A day is known when the account has any report of it; a product without a row on such a day
    used none. The canonical table keeps the last report of a day, project and counter, so that
    a usage report that ran two or three times a day is counted once.
    """

    def __init__(self, account: Account) -> None:
        self.as_of = account.as_of
        created = account.organization["created_at"]
        self.born: date | None = None if pd.isna(created) else created.date()
        self._catalogue = Catalogue.load()
        daily = account["usage_daily"]
        daily = daily[daily["day"] < pd.Timestamp(self.as_of)]
        self.known_days = frozenset(day.date() for day in daily["day"].unique())
        products = daily["usage_type"].map(_meters(account))
        totals = daily.groupby([products, "day"], observed=True)["quantity"].sum()
        self._daily: dict[str, dict[date, int]] = {}
        for (product, day), quantity in totals.items():
            self._daily.setdefault(str(product), {})[day.date()] = int(quantity)
        self._billed = _billed(account)
        subscribed = account["subscriptions"]
        on = subscribed["subscribed"].fillna(False).astype(bool)
        self._subscribed = frozenset(subscribed.loc[on, "product"])

    @property
    def products(self) -> tuple[str, ...]:
        """Products with usage, and subscribed add-ons that bill the usage of another, by name."""
        billed = {product for product, _ in self._billed}
        addons = {p for p in self._subscribed if self._counts_of(p) is not None}
        return tuple(sorted({*self._daily, *billed, *addons}))

    @property
    def subscribed(self) -> frozenset[str]:
        """Products and add-ons the organization has."""
        return self._subscribed

    def family(self, product: str) -> tuple[str, ...]:
        """The product, and the add-ons of the account that bill its units once more."""
        on = {p: self._catalogue.products[p].metered_on for p in EVENT_METERS}
        named, size = {product}, 0
        while size < len(named):
            size = len(named)
            named |= {p for p, parent in on.items() if parent in named and p in self.products}
        return (product, *sorted(named - {product}))

    def counted(self, product: str, span: Span) -> Counted:
        """Daily reports where any day is known; else what the vendor billed for just this
        period."""
        known = [day for day in span.each() if day in self.known_days]
        billed = self._billed.get((product, span))
        if billed is not None and len(known) < span.days:
            return Counted(span, billed, span.days, "bill_lines")
        of = self._counts_of(product)
        if of is None or not known:
            return Counted(span, None, 0, "nothing")
        days = self._daily[of]
        source = "usage_daily" if of == product else f"usage_daily of {of}, billed again"
        return Counted(span, sum(days.get(day, 0) for day in known), len(known), source)

    def _counts_of(self, product: str) -> str | None:
        """Whose daily counts meter a product: its own, or those of the one it bills again."""
        if product in self._daily:
            return product
        on = self._catalogue.products[product].metered_on if product in BILLS_EVERY_UNIT else None
        return on if on in self._daily and self._is_billed(product) else None

    def _is_billed(self, product: str) -> bool:
        return product in self._subscribed or any(p == product for p, _ in self._billed)


def _meters(account: Account) -> dict[str, str]:
    """Counters to products: the catalogue's, and what the subscriptions say of strangers."""
    catalogue = Catalogue.load()
    rows = account["subscriptions"]
    own = {
        usage_type: product
        for usage_type, product in zip(rows["usage_type"], rows["product"], strict=True)
        if isinstance(usage_type, str) and product not in catalogue.products
    }
    return {**own, **catalogue.names}


def _billed(account: Account) -> dict[tuple[str, Span], int]:
    """Metered units of complete billing periods, as the vendor billed them."""
    rows = account["bill_lines"]
    rows = rows[rows["is_complete"].fillna(False).astype(bool) & rows["quantity"].notna()]
    return {
        (str(row.product), Span(row.period_start.date(), row.period_end.date())): int(row.quantity)
        for row in rows.itertuples()
    }
