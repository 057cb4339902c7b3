"""Everything an audit looks at, for one organization or for a whole store at once."""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd

from audit.checks.contract import BILL_FACTS, Check
from audit.errors import InputError
from audit.facts.runner import Facts, compute
from audit.facts.usage import Usage, usage
from audit.findings.flags import Cut, Rows, Verdicts, placed, run
from audit.findings.pricing import Integers, Prices, fleet_prices
from audit.findings.savings import Savings
from audit.policy import Policy
from audit.pricing import DEFAULT_BILLING_LIMITS_USD, Catalogue
from audit.store import fetched, materialise, selected
from audit.tables import BY_NAME

LONGEST_LOOKBACK_DAYS = 366

_TERMS = ("discount_percent", "discount_amount_usd")

_AUDITED = (
    "organization_id",
    "name",
    "as_of",
    "period_start",
    "period_end",
    "discount_percent",
    "discount_amount_usd",
    "discount_expires_at",
)


@dataclass
class World:
    """Facts, usage, prices and verdicts of the audited organizations, by key (row number)."""

    audited: pd.DataFrame
    facts: Facts
    usage: Usage
    prices: Prices
    rows: Rows
    savings: Savings
    verdicts: dict[str, Verdicts]

    def organization_keys(self, verdict: Verdicts) -> Integers:
        """The organization of every fact row of a verdict."""
        frame = verdict.frame
        column = "key" if verdict.scope == "organization" else "organization_key"
        return frame[column].to_numpy(dtype=np.int64)


def look(
    connection: duckdb.DuckDBPyConnection,
    checks: dict[str, Check],
    policy: Policy,
    *,
    as_of: date | None,
    lookback_days: int,
    project_id: str | None = None,
) -> World:
    """Compute facts and prices of every organization the connection sees, and run the checks.

    ``as_of``: None takes each organization's own. ``project_id`` keeps project checks to one.
    """
    if not 1 <= lookback_days <= LONGEST_LOOKBACK_DAYS:
        raise InputError(
            f"lookback_days is 1 to {LONGEST_LOOKBACK_DAYS}, got {lookback_days}. "
            "The default is 30, one billing month."
        )
    audited = _audited(connection, as_of, lookback_days)
    # Tables, not registered frames: DuckDB would read a frame's columns anew for every query.
    materialise(connection, "audited", audited.drop(columns=list(_TERMS)))
    materialise(connection, "default_limits", _default_limits())
    used = usage(connection, _metered(), lookback_days=lookback_days)
    prices = fleet_prices(connection, audited, used.totals)
    facts = _facts(connection, audited, prices, project_id)
    rows = placed(used.rows, facts)
    savings = Savings.of(prices, used.rows, len(audited))
    world = World(audited, facts, used, prices, rows, savings, {})

    def priced_alone(scope: str, frame: pd.DataFrame, cut: Cut) -> Integers:
        column = "key" if scope == "organization" else "organization_key"
        return savings.alone(frame[column].to_numpy(dtype=np.int64), cut)

    for name, check in checks.items():
        world.verdicts[name] = run(check, facts, rows, policy.thresholds(check), priced_alone)
    return world


def _audited(
    connection: duckdb.DuckDBPyConnection, as_of: date | None, lookback_days: int
) -> pd.DataFrame:
    spec = BY_NAME["organizations"]
    columns = ", ".join(selected(column) for column in spec.columns)
    query = f"SELECT {columns} FROM organizations ORDER BY organization_id"  # noqa: S608
    whole = fetched("organizations", connection.execute(query))
    frame = whole[list(_AUDITED)].copy()
    if as_of is not None:
        frame["as_of"] = pd.Timestamp(as_of).as_unit("us")
    frame["window_start"] = frame["as_of"] - timedelta(days=lookback_days)
    frame["window_end"] = frame["as_of"]
    frame.insert(0, "key", np.arange(len(frame), dtype=np.int64))
    return frame


def _metered() -> pd.DataFrame:
    products = Catalogue.load().products
    known = [(p.usage_type, name) for name, p in products.items() if p.usage_type]
    return pd.DataFrame(known, columns=["usage_type", "product"])


def _default_limits() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "product": list(DEFAULT_BILLING_LIMITS_USD),
            "amount_usd": [float(v) for v in DEFAULT_BILLING_LIMITS_USD.values()],
        }
    )


_PROJECTS = """
SELECT a.organization_id, p.project_id, any_value(p.name) AS project_name,
    any_value(a.key) AS organization_key
FROM (
    SELECT organization_id, project_id, name FROM projects
    UNION ALL SELECT DISTINCT organization_id, project_id, NULL FROM usage_rows
    UNION ALL SELECT DISTINCT organization_id, project_id, NULL FROM activity
) p
JOIN audited a ON a.organization_id = p.organization_id
WHERE $project IS NULL OR p.project_id = $project
GROUP BY a.organization_id, p.project_id
ORDER BY organization_key, p.project_id
"""

_PRODUCTS = """
SELECT a.organization_id, p.product, a.key AS organization_key
FROM (
    SELECT key, meter AS product FROM costs WHERE cents > 0
    UNION SELECT a.key, l.product FROM limits l
    JOIN audited a ON a.organization_id = l.organization_id
) p
JOIN audited a ON a.key = p.key
ORDER BY organization_key, p.product
"""


def _facts(
    connection: duckdb.DuckDBPyConnection,
    audited: pd.DataFrame,
    prices: Prices,
    project_id: str | None,
) -> Facts:
    costs = prices.lines[["key", "meter", "cents"]].astype({"meter": "str"})
    materialise(connection, "costs", costs)
    projects = connection.execute(_PROJECTS, {"project": project_id}).df()
    products = connection.execute(_PRODUCTS).df()
    if project_id is not None and projects.empty:
        raise InputError(f"No project {project_id!r} in this organization.")
    projects["project_name"] = projects["project_name"].fillna(projects["project_id"]).astype("str")
    names = {name: product.name for name, product in Catalogue.load().products.items()}
    products["product_name"] = products["product"].map(names).fillna(products["product"])
    organizations = audited[["organization_id"]].assign(
        organization_name=audited["name"].fillna(audited["organization_id"])
    )
    facts = compute(
        connection,
        {"organization": organizations, "project": projects, "product": products},
    )
    _add_bill_facts(facts, costs)
    return facts


def _add_bill_facts(facts: Facts, costs: pd.DataFrame) -> None:
    """Costs as facts: known wherever there is a bill, so they are never missing."""
    by_line = costs.set_index(["key", "meter"])["cents"] / 100.0
    for name, (scope, _, _) in BILL_FACTS.items():
        frame = facts.frames[scope]  # type: ignore[index]
        if scope == "product":
            at = pd.MultiIndex.from_frame(frame[["organization_key", "product"]])
        else:
            meter = name.removesuffix("_cost_usd")
            at = pd.MultiIndex.from_product([frame["key"], [meter]])
        frame[name] = by_line.reindex(at, fill_value=0.0).to_numpy()
