"""What a reader should know about the data behind the numbers."""

from datetime import timedelta

import pandas as pd

from audit.account import Account
from audit.facts.usage import BILLING_MONTH_DAYS, Usage
from audit.findings.model import Period, QualityKind, QualityNote, VendorLine
from audit.findings.pricing import Prices, line_estimate, own_prices

#: Ours: observed and billed usage may differ this much before it is a warning.
RECONCILED_WITHIN_PERCENT = 5

#: Ours: a recomputed line may differ this much from the vendor's before it is said.
SAME_AMOUNT_WITHIN_PERCENT = 1

_ORIGINS = {
    "bill_lines": "the vendor's own forecast of the current billing period",
    "usage_rows": "what queries observed, not what was billed",
}


def notes(
    account: Account, period: Period, usage: Usage, prices: Prices, vendor: tuple[VendorLine, ...]
) -> tuple[QualityNote, ...]:
    """All notes, warnings first."""
    found = [
        *_window(account, period),
        *_reconciliation(usage),
        *_origins(usage),
        *_unpriced(prices, vendor, usage),
        *_vendor(account, vendor),
        *_source(account),
    ]
    return tuple(sorted(found, key=lambda n: (n.kind is not QualityKind.WARNING, n.subject)))


def _window(account: Account, period: Period) -> list[QualityNote]:
    out = []
    if period.observed_days < period.days and len(account["usage_daily"]):
        days = f"{period.observed_days} of {period.days}"
        out.append(
            _warning(
                "usage_daily",
                f"Usage is known for {days} days of the window; it is not scaled up, so the "
                "bill and the savings may be below a full month's.",
            )
        )
    future = account["usage_daily"]["day"] >= pd.Timestamp(period.end)
    if future.any():
        out.append(
            _warning(
                "usage_daily",
                f"{int(future.sum())} rows lie on or after {period.end} and were left out.",
            )
        )
    if period.days != BILLING_MONTH_DAYS:
        out.append(
            _note(
                "usage_daily",
                f"The window of {period.days} days is scaled to a billing month of "
                f"{BILLING_MONTH_DAYS} days.",
            )
        )
    windows = account["usage_rows"][["window_start", "window_end"]].drop_duplicates()
    for start, end in windows.itertuples(index=False):
        if start.date() != period.start or end.date() != period.end:
            out.append(
                _warning(
                    "usage_rows",
                    f"The breakdown covers {start.date()} to {end.date() - timedelta(days=1)}, "
                    f"not the audited window; its shares are applied to the window's totals.",
                )
            )
    return out


def _reconciliation(usage: Usage) -> list[QualityNote]:
    out = []
    for row in usage.totals.itertuples():
        if row.origin != "usage_daily" or not row.observed > 0:
            continue
        off = 100 * (row.observed / row.window_quantity - 1) if row.window_quantity else 100.0
        text = (
            f"Queries observed {int(row.observed):,} units of {row.meter}, the bill counts "
            f"{row.window_quantity:,} ({off:+.1f}%); rows are scaled to the bill."
        )
        beyond = abs(off) > RECONCILED_WITHIN_PERCENT
        out.append(_warning("usage_rows", text) if beyond else _note("usage_rows", text))
    return out


def _origins(usage: Usage) -> list[QualityNote]:
    out = []
    for origin, words in _ORIGINS.items():
        meters = usage.totals.loc[usage.totals["origin"] == origin, "meter"].astype("str")
        if len(meters):
            out.append(_note("usage_daily", f"Quantities of {', '.join(meters)} are {words}."))
    return out


def _unpriced(prices: Prices, vendor: tuple[VendorLine, ...], usage: Usage) -> list[QualityNote]:
    out = [
        _warning("bill", f"{one.quantity:,} units of {one.meter} are not on the bill: {one.reason}")
        for one in prices.unpriced
        if one.quantity
    ]
    priced = set(usage.totals["meter"].astype("str")) | set(prices.lines["meter"].astype("str"))
    for line in vendor:
        billed = line.projected or line.amount
        if not line.is_complete and billed and line.product not in priced:
            out.append(
                _warning(
                    "bill",
                    f"The vendor bills {line.product} ({billed:.2f} USD) without a quantity; it "
                    "is not in the estimate.",
                )
            )
    return out


def _vendor(account: Account, vendor: tuple[VendorLine, ...]) -> list[QualityNote]:
    """Lines whose amount the price list does not reproduce. The vendor's amount is actual."""
    own = own_prices(account)
    out = []
    for line in vendor:
        if line.quantity is None or line.amount is None:
            continue
        amount = line_estimate(line.product, line.quantity, line.period_start, own)
        if amount is None:
            continue
        if abs(amount - line.amount) * 100 > SAME_AMOUNT_WITHIN_PERCENT * max(amount, line.amount):
            out.append(
                _warning(
                    "bill_lines",
                    f"{line.product} from {line.period_start}: the vendor says {line.amount:.2f} "
                    f"USD (actual), {line.quantity:,} units at the price list give {amount:.2f} "
                    "USD (estimate). The prices of this account differ from the list, or the "
                    "amount covers more than this meter.",
                )
            )
    return out


def _source(account: Account) -> list[QualityNote]:
    return [_note(row.subject, row.message) for row in account["data_quality"].itertuples()]


def _warning(subject: str, message: str) -> QualityNote:
    return QualityNote(QualityKind.WARNING, subject, message)


def _note(subject: str, message: str) -> QualityNote:
    return QualityNote(QualityKind.NOTE, subject, message)
