"""What a reader should know about the data behind the numbers."""

from datetime import timedelta

import pandas as pd

from audit.account import Account
from audit.facts.usage import Usage
from audit.findings.model import Period, QualityKind, QualityNote, VendorLine
from audit.findings.pricing import Prices, line_estimate, own_prices, unpaid
from audit.meters import BILLING_MONTH_DAYS, UNBILLED_COUNTERS
from audit.pricing import Catalogue

#: Ours: observed and billed usage may differ this much before it is a warning.
RECONCILED_WITHIN_PERCENT = 5

#: Ours: a recomputed line may differ this much from the vendor's before it is said.
SAME_AMOUNT_WITHIN_PERCENT = 1

#: Ours: usage older than this before the audit's day is said to be old.
NEWEST_DAY_WITHIN = timedelta(days=3)

#: A week shows every weekday once; on less a run rate by weekday guesses.
FORECAST_FROM_DAYS = 7

#: What the CRM says is for the team, and so is what could not be read of it.
CRM_TABLE = "lifecycle"

#: Names of unknown products listed before "and N more".
SHOWN_PRODUCTS = 5

_ORIGINS = {
    "bill_lines": "the vendor's own forecast of the current billing period",
    "usage_rows": "what queries observed, not what was billed",
    "so_far": "counted so far in the current billing period, less than a full month",
}


def notes(
    account: Account,
    period: Period,
    usage: Usage,
    prices: Prices,
    vendor: tuple[VendorLine, ...],
    unread: pd.DataFrame | None,
) -> tuple[QualityNote, ...]:
    """All notes, warnings first. ``unread``: words of the CRM that could not be read (field, kind,
    value); None where nothing of the CRM is for the reader."""
    other = _other_windows(account, period)
    found = [
        *_window(account, period, usage),
        *other,
        *([] if other else _reconciliation(usage)),
        *_origins(usage),
        *_unknown_products(account, usage),
        *_unpriced(prices, vendor, usage),
        *_unknown_counters(account, period),
        *_free_plan(account),
        *_vendor(account, vendor),
        *_source(account),
    ]
    if unread is None:
        found = [note for note in found if note.subject.split(".")[0] != CRM_TABLE]
    else:
        found += _unread_words(unread)
    return tuple(sorted(found, key=lambda n: (n.kind is not QualityKind.WARNING, n.subject)))


def _window(account: Account, period: Period, usage: Usage) -> list[QualityNote]:
    out = []
    days = account["usage_daily"]["day"]
    read = usage.totals["origin"].eq("usage_daily").any()
    if usage.totals.empty and not _is_read(account, "usage_daily"):
        out.append(
            _warning("usage_daily", "No usage of these days is known, so the bill is unknown.")
        )
    elif read and period.observed_days < period.days:
        out.append(
            _warning(
                "usage_daily",
                f"Usage is known for {period.observed_days} of {period.days} days of the window; "
                "it is not scaled up, so the bill and the savings may be below a full month's.",
            )
        )
    future = days >= pd.Timestamp(period.end)
    if future.any():
        out.append(
            _warning(
                "usage_daily",
                f"{int(future.sum())} rows lie on or after {period.end} and were left out.",
            )
        )
    known = int(days[~future].nunique())
    if 0 < known < FORECAST_FROM_DAYS:
        out.append(
            _warning(
                "usage_daily",
                f"The forecast of the period rests on {known} days of usage and may be far off.",
            )
        )
    newest = days.max()
    if not pd.isna(newest) and newest < pd.Timestamp(period.end) - NEWEST_DAY_WITHIN:
        out.append(
            _warning(
                "usage_daily",
                f"The newest day with usage is {newest.date()}, the audit is as of {period.end}. "
                "Pull again, or audit as of an earlier day.",
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
    return out


def _other_windows(account: Account, period: Period) -> list[QualityNote]:
    """Breakdowns of other days than the audited ones; they cannot be compared with the bill."""
    both = [account[table][["window_start", "window_end"]] for table in ("usage_rows", "activity")]
    windows = pd.concat(both).drop_duplicates()
    return [
        _warning(
            "usage_rows",
            f"The breakdown and the facts cover {start.date()} to "
            f"{end.date() - timedelta(days=1)}, not the audited window; the shares of the "
            "breakdown are applied to the window's totals.",
        )
        for start, end in windows.itertuples(index=False)
        if start.date() != period.start or end.date() != period.end
    ]


def _is_read(account: Account, subject: str) -> bool:
    covered = account["coverage"]
    return bool((covered["subject"].eq(subject) & covered["complete"]).any())


def _reconciliation(usage: Usage) -> list[QualityNote]:
    out = []
    for row in usage.totals.itertuples():
        if row.origin == "usage_rows" or not row.observed > 0:
            continue
        off = 100 * (row.observed / row.window_quantity - 1) if row.window_quantity else 100.0
        said = "the usage reports count"
        if row.origin == "bill_lines":
            said = "the vendor's forecast of its billing period, which has other days, is"
        text = (
            f"Queries observed {int(row.observed):,} units of {_name(row.meter)}, {said} "
            f"{row.window_quantity:,} ({off:+.1f}%); the breakdown is scaled to that."
        )
        beyond = abs(off) > RECONCILED_WITHIN_PERCENT
        out.append(_warning("usage_rows", text) if beyond else _note("usage_rows", text))
    return out


def _unknown_products(account: Account, usage: Usage) -> list[QualityNote]:
    """Products that no source speaks of: they may be on the real bill."""
    covered = account["coverage"]
    unread = set(covered.loc[~covered["complete"], "subject"])
    billed = set(account["bill_lines"].dropna(subset=["quantity"])["product"])
    known = set(usage.totals["meter"].astype("str")) | billed
    whole = _is_read(account, "usage_daily")
    missing = [
        product.name
        for key, product in Catalogue.load().products.items()
        if product.usage_type
        and not product.legacy
        and key not in known
        and (not whole or f"usage_daily.{product.usage_type}" in unread)
    ]
    if not missing or usage.totals.empty:
        return []
    names = ", ".join(missing[:SHOWN_PRODUCTS])
    more = len(missing) - SHOWN_PRODUCTS
    rest = f" and {more} more" if more > 0 else ""
    return [
        _warning(
            "bill",
            f"The bill covers the products whose usage is known. Not known: {names}{rest}. Add "
            "the billing usage export with all products, or pull with a personal API key.",
        )
    ]


def _name(meter: str) -> str:
    product = Catalogue.load().products.get(meter)
    return product.name if product else meter


def _origins(usage: Usage) -> list[QualityNote]:
    out = []
    for origin, words in _ORIGINS.items():
        meters = usage.totals.loc[usage.totals["origin"] == origin, "meter"].astype("str")
        if len(meters):
            names = ", ".join(_name(meter) for meter in meters)
            out.append(_note("usage_daily", f"Quantities of {names} are {words}."))
    return out


def _unpriced(prices: Prices, vendor: tuple[VendorLine, ...], usage: Usage) -> list[QualityNote]:
    out = [
        _warning(
            "bill",
            f"{one.quantity:,} units of {_name(one.meter)} are not on the bill: {one.reason}",
        )
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
                    f"The vendor bills {_name(line.product)} ({billed:.2f} USD) without a "
                    "quantity; it is not in the estimate.",
                )
            )
    return out


def _unknown_counters(account: Account, period: Period) -> list[QualityNote]:
    """Usage that no product of the price list is metered on."""
    names = Catalogue.load().names
    own = set(account["subscriptions"]["usage_type"].dropna())
    daily = account["usage_daily"]
    inside = (daily["day"] >= pd.Timestamp(period.start)) & (
        daily["day"] < pd.Timestamp(period.end)
    )
    total = daily[inside].groupby("usage_type")["quantity"].sum()
    return [
        _warning("bill", f"{quantity:,} units of {counter} are not on the bill: no price is known.")
        for counter, quantity in total.items()
        if quantity and counter not in names and counter not in own | UNBILLED_COUNTERS
    ]


def _free_plan(account: Account) -> list[QualityNote]:
    if not unpaid(account["organizations"]).any():
        return []
    return [
        _note(
            "bill",
            "The organization has no paid plan and is billed nothing; the lines say what the "
            "usage would cost.",
        )
    ]


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
                    f"{_name(line.product)} from {line.period_start}: the vendor says "
                    f"{line.amount:.2f} USD (actual), {line.quantity:,} units at the price list "
                    f"give {amount:.2f} USD (estimate). The prices of this account differ from "
                    "the list, or the amount covers more than this meter.",
                )
            )
    return out


def _source(account: Account) -> list[QualityNote]:
    return [_note(row.subject, row.message) for row in account["data_quality"].itertuples()]


#: What is said of each kind of value of the CRM that could not be read.
_UNREAD = {
    "unknown_word": "a status that no vocabulary has; it is kept, and counts as no stage",
    "unknown_segment": "a segment that no vocabulary has",
    "bad_number": "no number",
    "number_out_of_bounds": "a number that cannot be",
    "bad_day": "no day that can be read",
    "bad_claim": "neither yes nor no",
    "two_values": "an older value of a field that is there twice",
    "two_stages": "a status that the pipeline overrules",
    "field_not_read": "a field that no rule reads",
}


def _unread_words(unread: pd.DataFrame) -> list[QualityNote]:
    """Values of the CRM that nobody has seen: shown, and counted."""
    out = []
    for kind, rows in unread.groupby("kind", sort=True):
        shown = [
            f"{field} {value!r}" if value else str(field)
            for field, value in zip(rows["field"], rows["value"], strict=True)
        ]
        more = f" and {len(shown) - SHOWN_PRODUCTS} more" if len(shown) > SHOWN_PRODUCTS else ""
        listed = ", ".join(shown[:SHOWN_PRODUCTS])
        what = _UNREAD.get(str(kind), str(kind).replace("_", " "))
        times = "1 value is" if len(shown) == 1 else f"{len(shown)} values are"
        out.append(_note(CRM_TABLE, f"Of the CRM, {times} {what}: {listed}{more}."))
    return out


def _warning(subject: str, message: str) -> QualityNote:
    return QualityNote(QualityKind.WARNING, subject, message)


def _note(subject: str, message: str) -> QualityNote:
    return QualityNote(QualityKind.NOTE, subject, message)
