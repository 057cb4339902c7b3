"""The measure as plain values and as CSV: what ``audit north-star`` prints. See
docs/north_star.md."""

import csv
import io
from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd

from audit.findings.document import money, safe_cell
from audit.north_star.model import Cohort, Group, NorthStar

SCHEMA = "account-audit/north-star/1"

#: Organizations of these statuses are in no cohort and apart from none: a list leaves them out.
UNLISTED = ("never_crossed",)

COHORT_COLUMNS = (
    "cohort",
    "organizations",
    "retained",
    "by_handover",
    "lost",
    "unknown",
    "retention_percent",
    "low_percent",
    "high_percent",
    "least_percent",
    "most_percent",
    "target_percent",
    "against_target",
    "dollar_organizations",
    "base_usd",
    "current_usd",
    "kept_usd",
    "net_percent",
    "gross_percent",
)
ORGANIZATION_COLUMNS = (
    "cohort",
    "organization_id",
    "name",
    "status",
    "reason",
    "first_bill_usd",
    "base_usd",
    "current_usd",
)


def document(of: NorthStar, *, organizations: bool = False) -> dict[str, Any]:
    """Money is text, USD with two decimals; percentages are rounded to two places; what is not
    known is null. ``organizations``: with each one's standing."""
    found = {
        "schema": SCHEMA,
        "as_of": of.as_of.isoformat(),
        "policy": of.policy,
        "policy_source": of.policy_source,
        "threshold_usd": of.threshold_usd,
        "months": of.treatments.months,
        "target": {"percent": of.target_percent, "source": of.target_source},
        "confidence_percent": of.confidence_percent,
        "parameters": [dict(one) for one in of.parameters],
        "pooled": _cohort(of.pooled, of),
        "cohorts": [_cohort(one, of) for one in of.cohorts],
        "apart": [_group(one) for one in of.apart],
        "too_young": [_group(one) for one in of.young],
        "left_out": [_group(one) for one in of.left_out],
        "notes": list(of.notes),
    }
    if organizations:
        found["organizations"] = rows(of)
    return found


def rows(of: NorthStar) -> list[dict[str, Any]]:
    """Who is in a cohort, is shown apart, or could not be evaluated; by cohort, then by id."""
    frame = of.organizations
    frame = frame[~frame["status"].isin(UNLISTED)]
    frame = frame.sort_values(["cohort", "organization_id"], na_position="last", kind="stable")
    return [
        {
            "cohort": _month(None if pd.isna(row.cohort) else row.cohort.date()),
            "organization_id": row.organization_id,
            "name": row.name if isinstance(row.name, str) else None,
            "status": row.status,
            "reason": row.reason,
            "first_bill_usd": _usd(row.first_bill_cents),
            "base_usd": _usd(row.base_cents),
            "current_usd": _usd(row.current_cents),
        }
        for row in frame.itertuples(index=False)
    ]


def cohorts_csv(of: NorthStar) -> str:
    """One row per cohort and one for all; the parameters stand in every row."""
    return _csv(of, COHORT_COLUMNS, [_cohort(one, of) for one in (*of.cohorts, of.pooled)])


def organizations_csv(of: NorthStar) -> str:
    """One row per organization that is listed; the parameters stand in every row."""
    return _csv(of, ORGANIZATION_COLUMNS, rows(of))


def in_words(value: object) -> str:
    """A parameter's value for people.

    >>> in_words(None), in_words(500.0), in_words("no_revenue")
    ('none', '500', 'no revenue')
    """
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:,.10g}"
    return str(value).replace("_", " ")


def _csv(of: NorthStar, columns: tuple[str, ...], lines: Iterable[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    stated = {"as_of": of.as_of, "policy": of.policy}
    stated |= {one["name"]: one["value"] for one in of.parameters}
    # A column of the measure and a parameter may be called alike.
    writer.writerow([*columns, *(f"parameter_{name}" for name in stated)])
    for line in lines:
        values = [*(line[name] for name in columns), *stated.values()]
        writer.writerow(["" if value is None else safe_cell(str(value)) for value in values])
    return out.getvalue()


def _cohort(one: Cohort, of: NorthStar) -> dict[str, Any]:
    return {
        "cohort": _month(one.month) if one.month else "all",
        "organizations": one.organizations,
        "retained": one.retained,
        "by_handover": one.by_handover,
        "lost": one.lost,
        "unknown": one.unknown,
        "retention_percent": _rounded(one.percent),
        "low_percent": _rounded(one.low_percent),
        "high_percent": _rounded(one.high_percent),
        "least_percent": _rounded(one.least_percent),
        "most_percent": _rounded(one.most_percent),
        "target_percent": of.target_percent,
        "against_target": one.target.value,
        "dollar_organizations": one.dollar_organizations,
        "base_usd": money(one.base_usd),
        "current_usd": money(one.current_usd),
        "kept_usd": money(one.kept_usd),
        "net_percent": _rounded(one.net_percent),
        "gross_percent": _rounded(one.gross_percent),
    }


def _group(one: Group) -> dict[str, Any]:
    return {
        "status": one.status,
        "reason": one.reason,
        "organizations": one.organizations,
        "cohorts": [_month(month) for month in one.months],
        "looked_at": one.looked_at,
        "billed_then": one.billed,
    }


def _month(month: date | None) -> str | None:
    return None if month is None else f"{month:%Y-%m}"


def _rounded(percent: float | None) -> float | None:
    return None if percent is None else round(percent, 2)


def _usd(cents: Any) -> str | None:
    return None if pd.isna(cents) else f"{int(cents) // 100}.{int(cents) % 100:02d}"
