"""The measures of the published health score, each from data where we have it and else from the
CRM, and the score."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.health import load_published, score
from audit.pricing import Catalogue

if TYPE_CHECKING:
    from audit.facts.runner import Why
    from audit.findings.world import World

#: Measures with two origins: the CRM's fact that stands in where the data does not tell.
CRM_FACTS = {
    "days_since_last_seen": "crm_days_since_last_seen",
    "active_users_percent": "crm_active_users_percent",
    "users_engaging": "crm_users_engaging",
    "product_count": "crm_product_count",
    "analysing_insights_percent": "crm_analysing_insights_percent",
    "watching_replays_percent": "crm_watching_replays_percent",
    "viewing_surveys_percent": "crm_viewing_surveys_percent",
}


#: Facts of SQL files that tell how queries went.
OF_QUERIES = frozenset({"queries", "failed_queries", "crm_query_failure_percent"})


def add_queries(world: "World") -> None:
    """Add the share of queries that fail, and how many were counted for it: by the query log, else
    by the CRM, which gives the share alone (then 0 were counted)."""
    facts = world.facts.frames["organization"]
    queries = facts["queries"]
    counted = 100 * facts["failed_queries"] / queries.where(queries > 0)
    percent = counted.where(counted.notna(), facts["crm_query_failure_percent"])
    rated = queries.where(counted.notna(), 0.0).where(percent.notna())
    measure = next(m for m in load_published().measures if m.name == "query_failure_percent")
    why = _why(percent, f"it comes from {measure.comes_from}")
    world.facts.add(
        "organization",
        {"query_failure_percent": percent, "rated_queries": rated},
        {"query_failure_percent": why, "rated_queries": why},
    )


def add(world: "World") -> None:
    """Add the measures that no SQL file computes whole, failed payments, score and coverage."""
    facts = world.facts.frames["organization"]
    seen = _from_data(facts, world)
    measures = {
        name: seen[name].where(seen[name].notna(), facts[crm]) for name, crm in CRM_FACTS.items()
    }
    measures["active_users_decrease_percent"] = -facts["active_users_percent_change"]
    published = load_published()
    known = {m.name: measures.get(m.name, facts.get(m.name)) for m in published.measures}
    scores = score(pd.DataFrame(known, index=facts.index), published=published)
    reasons: dict[str, Why] = {
        measure.name: _why(measures[measure.name], f"it comes from {measure.comes_from}")
        for measure in published.measures
        if measure.name in measures
    }
    reasons["health_score"] = _why(
        scores.score,
        f"less than {published.minimum_coverage_percent:g}% of the weight of the published score "
        "is known; `audit health` lists what is missing",
    )
    reasons["health_coverage_percent"] = {}
    more = _failed_payments(facts)
    reasons |= {
        name: _why(more[name], "neither invoices nor the CRM were read")
        for name in ("failed_payments", "failed_payment_days")
    }
    world.facts.add(
        "organization",
        {
            **measures,
            **more,
            "health_score": scores.score,
            "health_coverage_percent": scores.coverage_percent,
        },
        reasons,
    )


def _from_data(facts: pd.DataFrame, world: "World") -> dict[str, "pd.Series[float]"]:
    active = facts["active_members"]

    def of_active(people: str) -> "pd.Series[float]":
        # People who used a product without being among the members are not counted twice.
        return (100 * facts[people] / active.where(active > 0)).clip(upper=100)

    return {
        "days_since_last_seen": facts["days_since_member_seen"],
        "active_users_percent": facts["active_members_percent"],
        "users_engaging": facts["people_using_a_product"],
        "product_count": _products(facts, world),
        "analysing_insights_percent": of_active("people_using_product_analytics"),
        "watching_replays_percent": of_active("people_using_session_replay"),
        "viewing_surveys_percent": of_active("people_using_surveys"),
    }


def _products(facts: pd.DataFrame, world: "World") -> "pd.Series[float]":
    """Products with billed usage in the window, add-ons left out; not known without usage."""
    totals = world.usage.totals
    products = [name for name, one in Catalogue.load().products.items() if one.parent is None]
    used = totals[totals["meter"].isin(products) & (totals["quantity"] > 0)]
    counts = np.bincount(used["key"].to_numpy(dtype=np.int64), minlength=len(facts))
    known = world.usage_is_known()
    known[list(world.unread)] = False
    return pd.Series(np.where(known, counts.astype(np.float64), np.nan), index=facts.index)


def _failed_payments(facts: pd.DataFrame) -> dict[str, "pd.Series[float]"]:
    """Failed payments by open invoices, which are today's; where none were read, by the CRM."""
    by_invoice = facts["failed_invoices"].notna()
    payments = facts["failed_invoices"].where(by_invoice, facts["crm_payment_failed"])
    days = facts["days_since_payment_failed"].mask(by_invoice, 0.0)
    return {"failed_payments": payments, "failed_payment_days": days}


def _why(values: "pd.Series[float]", reason: str) -> "Why":
    return dict.fromkeys(np.flatnonzero(values.isna()).tolist(), reason)
