"""A customer's tables again, with the bills, invoices and CRM sums that follow from its usage."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from audit.tables import BY_NAME
from audit.validation import empty, validated
from corpus import money
from corpus.customer import Customer
from corpus.units import COUNTERS, WINDOW

Frames = dict[str, pd.DataFrame]


def frames(customers: Iterable[Customer]) -> Frames:
    """Canonical tables of all customers together."""
    everyone = list(customers)
    for one in everyone:
        settle(one)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in BY_NAME}
    for one in everyone:
        _collect(one, rows)
    tables = {}
    for name in BY_NAME:
        if name == "usage_daily":
            tables[name] = validated(name, _daily(everyone)).frame
        elif rows[name]:
            frame = pd.DataFrame(rows[name])
            tables[name] = validated(name, frame.astype(_kinds(name, frame))).frame
        else:
            tables[name] = empty(name)
    return tables


def _kinds(name: str, frame: pd.DataFrame) -> dict[str, str]:
    kinds = {"text": "str", "json": "str", "integer": "Int64", "boolean": "boolean"}
    column = BY_NAME[name].column
    return {c: kinds[column[c].kind] for c in frame if column[c].kind in kinds}


def settle(one: Customer) -> None:
    """Bill lines, invoices and sums of the CRM, unless a planter wrote them itself."""
    if "bill_lines" not in one.fixed and one.coverage.get(("", "bill_lines"), (False,))[0]:
        one.lists["bill_lines"] = lines(one)
    if "invoices" not in one.fixed:
        for invoice in one.lists["invoices"]:
            total = period_total(one, _day(invoice["period_start"]), _day(invoice["period_end"]))
            invoice["total_usd"] = total
            credit = one.organization["credit_balance_usd"] or Decimal(0)
            owed = total if invoice["status"] == "open" else max(total - credit, Decimal(0))
            invoice["amount_due_usd"] = owed
    newest = max(one.lists["invoices"], key=lambda i: i["period_start"], default=None)
    if "crm" not in one.fixed and "forecasted_mrr_usd" in one.crm and newest is not None:
        one.crm["mrr_usd"] = str(newest["total_usd"])
        # Who goes on as ever is forecast what was paid last, not the last 30 days.
        coming = one.bill() if one.moved else newest["total_usd"]
        one.crm["forecasted_mrr_usd"] = str(coming)
    for limit in one.lists["limits"]:
        if "limits" not in one.fixed and not limit.get("data_was_cut"):
            usage = one.quantities().get(limit["product"], 0)
            limit["usage"], limit["usage_limit"] = usage, 4 * usage + 1_000_000


def periods(one: Customer) -> list[tuple[date, date, bool]]:
    """(first day, day after, is over), oldest first."""
    known = one.notes["periods"]
    return list(known)


def used_in(one: Customer, start: date, end: date) -> dict[str, int]:
    """Billed units by product between two days, as far as the history goes."""
    first = one.as_of - timedelta(days=one.days)
    low, high = max((start - first).days, 0), max((end - first).days, 0)
    of_counter = {counter: product for product, counter in COUNTERS.items()}
    out: dict[str, int] = {}
    for (_, counter), series in one.daily.items():
        if counter in of_counter:
            product = of_counter[counter]
            out[product] = out.get(product, 0) + int(series[low:high].sum())
    return out


def lines(one: Customer) -> list[dict[str, Any]]:
    out = []
    for start, end, over in periods(one):
        for product, quantity in used_in(one, start, end).items():
            out.append(
                {
                    "organization_id": one.id,
                    "period_start": start,
                    "period_end": end,
                    "product": product,
                    "quantity": quantity,
                    "is_complete": over,
                }
            )
    return out


def period_total(one: Customer, start: date, end: date) -> Decimal:
    return money.bill(used_in(one, start, end), one.terms())


def _day(value: Any) -> date:
    return value.date() if hasattr(value, "date") else value


def _collect(one: Customer, rows: dict[str, list[dict[str, Any]]]) -> None:
    identity = {"organization_id": one.id}
    window = {"window_start": one.ago(WINDOW), "window_end": one.ago(0)}
    rows["organizations"].append(one.organization)
    rows["projects"] += list(one.projects.values())
    for row, quantity in one.rows.items():
        if quantity > 0:
            rows["usage_rows"].append(
                {
                    **identity,
                    **window,
                    "project_id": row.project,
                    "meter": row.meter,
                    "event": row.event,
                    "library": row.library,
                    "host_class": row.host,
                    "identified": row.identified,
                    "known_person": row.known,
                    "quantity": quantity,
                }
            )
    for (project, measure), quantity in one.activity.items():
        rows["activity"].append(
            {**identity, **window, "project_id": project, "measure": measure, "quantity": quantity}
        )
    for (project, subject), (complete, reason) in one.coverage.items():
        rows["coverage"].append(
            {
                **identity,
                "project_id": project,
                "subject": subject,
                "complete": complete,
                "reason": reason,
                "source": "sample",
            }
        )
    for field, value in one.crm.items():
        rows["lifecycle"].append({**identity, "field": field, "value": str(value)})
    for name, listed in one.lists.items():
        rows[name] += listed


def _daily(everyone: list[Customer]) -> pd.DataFrame:
    keys: list[tuple[str, str, str]] = []
    series, ages = [], []
    for one in everyone:
        for (project, counter), values in one.daily.items():
            kept = values[-one.kept_days :]
            first = int(np.argmax(kept > 0)) if one.notes.get("young") else 0
            if not kept.any():
                continue
            keys.append((one.id, project, counter))
            series.append(kept[first:])
            ages.append(np.arange(len(kept) - first, 0, -1))
    sizes = [len(s) for s in series]
    which = np.repeat(np.arange(len(keys)), sizes)
    as_of = np.datetime64(everyone[0].as_of, "D")
    days = as_of - np.concatenate(ages).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "organization_id": pd.array([k[0] for k in keys], dtype="str").take(which),
            "project_id": pd.array([k[1] for k in keys], dtype="str").take(which),
            "day": days.astype("datetime64[us]"),
            "usage_type": pd.array([k[2] for k in keys], dtype="str").take(which),
            "quantity": pd.array(np.concatenate(series), dtype="Int64"),
        }
    )
