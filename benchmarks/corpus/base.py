"""Healthy customers to plant into: from the sample portfolio without faults, made calm.

The portfolio's healthy accounts may still have opportunities (no heatmaps, no cohort) and words of
the CRM that concern the team. A calm customer has none of these either, so that whatever is found
beside what was planted is false.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from audit.sources.sample import Sample, portfolio
from corpus.customer import Customer

AS_OF = date(2026, 11, 1)
HISTORY_DAYS = 156
LEAST_BILL_USD = 20
POOL = 128
#: Seeds of the portfolio are spread so that no two corpora share a customer.
SEED_STEP = 1_009

CALM_CRM = {
    # Filled in once the bills are known.
    "forecasted_mrr_usd": "0",
    "mrr_usd": "0",
    "onboarding_pipeline": "3. Onboarding Completed",
    "paid_nonzero_bills": "14",
    "users_engaging": "12",
    "days_since_last_seen": "0",
    "active_users_percent": "62",
    "active_users_percent_change": "1",
    "query_failure_percent_7_days": "1",
    "days_since_insight_analyzed": "1",
    "billing_page_visits_7_days": "0",
    "tickets_30_days": "1",
    "urgent_tickets": "0",
    "docs_visits_7_days": "4",
    "days_since_meeting": "14",
    "days_since_ticket": "14",
    "analysing_insights_percent": "60",
    "watching_replays_percent": "55",
    "creating_flags_percent": "30",
    "using_experiments_percent": "30",
    "viewing_surveys_percent": "30",
    "csm_sentiment": "4",
    "health_poor_weeks": "0",
    "days_since_slack_message": "3",
}
GONE_FROM_THE_CRM = (
    "advised_at",
    "temporary_owner",
    "account_executive_id",
    "is_startup_plan",
    "credit_expires_at",
    "credit_runway_days",
    "payment_failed_at",
    "open_conversation",
)
MONEY_EVENT = "subscription_paid"


def customers(seed: int) -> Iterator[Customer]:
    """An endless row of calm customers; paying, grown-up, without discounts of their own."""
    batch = 0
    while True:
        sample = portfolio(
            POOL,
            seed=seed * SEED_STEP + batch,
            as_of=AS_OF,
            history_days=HISTORY_DAYS,
            faults=False,
        )
        for one in read(sample, seed=seed * SEED_STEP + batch):
            # Who pays next to nothing has a first bill in every month that moves.
            if calm(one).bill() >= LEAST_BILL_USD:
                yield one
        batch += 1


def read(sample: Sample, seed: int) -> Iterator[Customer]:
    """The paying customers of a portfolio, with all their data read."""
    incomplete = set(sample.missing["organization_id"])
    rows = {
        name: _by_organization(frame)
        for name, frame in sample.tables.items()
        if name != "usage_daily"
    }
    daily = sample.tables["usage_daily"]
    series: dict[str, dict[tuple[str, str], Any]] = {}
    for (organization, *key), values in daily.groupby(
        ["organization_id", "project_id", "usage_type"], sort=False
    )["quantity"]:
        if len(values) == HISTORY_DAYS:
            series.setdefault(organization, {})[key[0], key[1]] = values.to_numpy(dtype=np.int64)
    for number, row in enumerate(sample.tables["organizations"].itertuples()):
        if row.subscription_level != "paid" or row.organization_id in incomplete:
            continue
        tables = {name: of.get(row.organization_id, []) for name, of in rows.items()}
        one = Customer(tables, seed=seed * 1_000_003 + number, days=HISTORY_DAYS, as_of=AS_OF)
        one.daily = series[row.organization_id]
        spans = {
            (r["period_start"], r["period_end"], r["is_complete"]) for r in tables["bill_lines"]
        }
        one.notes["periods"] = sorted((_day(s), _day(e), bool(over)) for s, e, over in spans)
        yield one


def _by_organization(frame: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Plain rows, None for what is not known."""
    out: dict[str, list[dict[str, Any]]] = {}
    plain = frame.astype(object).where(frame.notna(), None)
    for row in plain.to_dict("records"):
        out.setdefault(row["organization_id"], []).append(row)
    return out


def _day(value: Any) -> date:
    return value.date()


def calm(one: Customer) -> Customer:
    """Takes every opportunity and signal away that nobody planted."""
    main = one.project()
    _organization(one)
    _people(one)
    _products(one, main)
    for project in one.projects:
        one.configure(project, heatmaps_opt_in=True)
        one.resource(project, "cohort", "Active customers", age_days=100, refers_to=["$pageview"])
        one.resource(project, "insight", "Money in", refers_to=[MONEY_EVENT, "$screen"])
        one.resource(project, "action", "Any click", refers_to=["$autocapture"])
        one.send(
            project, MONEY_EVENT, max(40, one.total(project) * 0.001), library=_main(one, project)
        )
    one.crm = {**one.crm, **CALM_CRM}
    for name in GONE_FROM_THE_CRM:
        one.crm.pop(name, None)
    one.crm["segments"] = "Onboarding Completed, Paid three nonzero bills"
    return one


def _main(one: Customer, project: str) -> str:
    """The library that sends most."""
    of: dict[str, int] = {}
    for row, quantity in one.rows.items():
        if (row.project, row.meter) == (project, "product_analytics"):
            of[row.library] = of.get(row.library, 0) + quantity
    return max(of, key=lambda name: of[name])


def _organization(one: Customer) -> None:
    given = one.organization
    given["startup_program"] = None
    given["account_owner"] = None
    given["credit_balance_usd"] = None
    given["is_annual_plan_customer"] = False
    given["discount_percent"] = None
    given["discount_amount_usd"] = None
    given["never_drop_data"] = False
    for name in ("teams", "scale", "enterprise"):
        one.unsubscribe(name)
    one.unsubscribe("data_pipelines")
    for project in one.projects:
        one.drop(project, "data_pipelines")
    one.lists["limits"] = [r for r in one.lists["limits"] if r["product"] != "product_analytics"]


def _people(one: Customer) -> None:
    """A dozen people who were there this week."""
    # A domain that no other customer of the corpus has, whatever its name.
    domain = f"{one.id[:13]}.example"
    for member in one.lists["members"]:
        member["email"] = f"{member['email'].partition('@')[0]}@{domain}"
    while len(one.lists["members"]) < 12:
        number = len(one.lists["members"])
        one.lists["members"].append(
            {
                "organization_id": one.id,
                "member_id": f"{one.id[:8]}-more-{number}",
                "email": f"colleague{number}@{domain}",
                "name": f"Colleague {number}",
                "level": 1,
                "joined_at": one.ago(200),
                "last_seen_at": one.ago(1),
            }
        )
    for member in one.lists["members"]:
        member["last_seen_at"] = one.ago(1)
        member["joined_at"] = min(pd.Timestamp(member["joined_at"]), pd.Timestamp(one.ago(60)))


def _products(one: Customer, main: str) -> None:
    """Replay, flags and errors are used, a little, where they were not."""
    if not one.recordings(main):
        one.record(main, 600)
        one.configure(main, session_recording_opt_in=True)
        one.activity[main, "people_using_session_replay"] = 4
    if not one.billed(main, "feature_flags"):
        one.ask_flags(main, min(one.sessions(main) * 1.2, 40_000))
        one.resource(main, "flag", "new-page", rollout_percentage=25)
    if not one.billed(main, "error_tracking"):
        one.bill_more(main, "error_tracking", 20_000)
        one.configure(
            main,
            autocapture_exceptions_opt_in=True,
            autocapture_exceptions_errors_to_ignore=json.dumps(["Script error."]),
        )
    for product, people in (
        ("product_analytics", 10),
        ("session_replay", 8),
        ("error_tracking", 3),
    ):
        one.activity[main, "people_using_" + product] = people
    if one.billed(main, "surveys"):
        one.activity[main, "people_using_surveys"] = 6


def lines_of(one: Customer) -> list[dict[str, Any]]:
    """The bill lines as they follow from the usage so far."""
    from corpus.books import lines

    return lines(one)
