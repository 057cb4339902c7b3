"""Everything an audit looks at, for one organization or for a whole store at once."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

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

#: Tables the engine reads beside those of the fact files.
TABLES_READ = frozenset(
    {
        "organizations",
        "projects",
        "subscriptions",
        "bill_lines",
        "limits",
        "usage_daily",
        "usage_rows",
        "activity",
        "coverage",
    }
)

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
    "subscription_level",
    "has_active_subscription",
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
    unread: frozenset[int]

    def usage_is_known(self) -> "np.ndarray[Any, Any]":
        """By organization, whether a bill of 0 means free: some usage is known, or the pull read
        all and found none."""
        known = np.ones(len(self.audited), dtype=bool)
        known[list(self.unread)] = False
        known[self.usage.totals["key"].to_numpy(dtype=np.int64)] = True
        return known

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
    used = usage(connection, _metered(connection), lookback_days=lookback_days)
    prices = fleet_prices(connection, audited, used.totals)
    facts = _facts(connection, audited, used, prices, project_id)
    rows = placed(used.rows, facts)
    savings = Savings.of(prices, used.rows, len(audited))
    unread = frozenset(row[0] for row in connection.execute(_UNREAD).fetchall())
    world = World(audited, facts, used, prices, rows, savings, {}, unread)

    def priced_alone(scope: str, frame: pd.DataFrame, cut: Cut) -> Integers:
        column = "key" if scope == "organization" else "organization_key"
        return savings.alone(frame[column].to_numpy(dtype=np.int64), cut)

    for name, check in checks.items():
        world.verdicts[name] = run(check, facts, rows, policy.thresholds(check), priced_alone)
    return world


def _audited(
    connection: duckdb.DuckDBPyConnection, as_of: date | None, lookback_days: int
) -> pd.DataFrame:
    spec = BY_NAME["organizations"].column
    columns = ", ".join(selected(spec[name]) for name in _AUDITED)
    query = f"SELECT {columns} FROM organizations ORDER BY organization_id"  # noqa: S608
    frame = fetched("organizations", connection.execute(query), _AUDITED)
    if as_of is not None:
        frame["as_of"] = pd.Timestamp(as_of).as_unit("us")
    frame["window_start"] = frame["as_of"] - timedelta(days=lookback_days)
    frame["window_end"] = frame["as_of"]
    frame.insert(0, "key", np.arange(len(frame), dtype=np.int64))
    return frame


def _metered(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Counters and the product each meters: the catalogue's, by any name, and for products it
    does not know what an organization's own subscriptions say."""
    catalogue = Catalogue.load()
    rows = [
        (alias, product, None)
        for alias, product in catalogue.names.items()
        if alias != product or alias == catalogue.products[product].usage_type
    ]
    own = connection.execute(
        "SELECT s.usage_type, s.product, a.key FROM subscriptions s "
        "JOIN audited a ON a.organization_id = s.organization_id "
        "WHERE s.usage_type IS NOT NULL AND NOT list_contains(?, s.product) ORDER BY ALL",
        [list(catalogue.products)],
    ).fetchall()
    rows += [row for row in own if row[0] not in catalogue.names]
    frame = pd.DataFrame(rows, columns=["usage_type", "product", "key"])
    return frame.astype({"key": "Int64"})


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
    UNION ALL SELECT x.organization_id, u.project_id, NULL FROM unseen u
    JOIN audited x ON x.key = u.key
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
    UNION SELECT a.key, l.product FROM bill_lines l
    JOIN audited a ON a.organization_id = l.organization_id
    WHERE NOT coalesce(l.is_complete, false)
        AND coalesce(l.projected_amount_usd, l.amount_usd) > 0
    UNION SELECT a.key, l.product FROM limits l
    JOIN audited a ON a.organization_id = l.organization_id
) p
JOIN audited a ON a.key = p.key
ORDER BY organization_key, p.product
"""


def _facts(
    connection: duckdb.DuckDBPyConnection,
    audited: pd.DataFrame,
    used: Usage,
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
        unseen=used.unseen,
    )
    _add_bill_facts(facts, _known_costs(connection, costs, prices))
    return facts


_VENDOR_COSTS = """
SELECT a.key, l.product AS meter,
    CAST(coalesce(l.projected_amount_usd, l.amount_usd) AS DOUBLE) AS usd
FROM bill_lines l
JOIN audited a ON a.organization_id = l.organization_id
JOIN organizations o ON o.organization_id = l.organization_id AND o.period_start = l.period_start
WHERE NOT coalesce(l.is_complete, false)
    AND a.as_of >= l.period_start AND a.as_of <= l.period_end
    AND coalesce(o.period_interval, 'month') <> 'year'
"""

_UNREAD = """
SELECT a.key FROM audited a
WHERE a.organization_id NOT IN (
    SELECT organization_id FROM coverage WHERE subject = 'usage_daily' AND complete
)
"""


@dataclass(frozen=True)
class _Costs:
    """USD by (key, meter); NaN where there is usage without a price. ``unread``: organizations
    whose billed usage was not read, where an absent meter may cost anything."""

    usd: "pd.Series[float]"
    unread: frozenset[int]


def _known_costs(
    connection: duckdb.DuckDBPyConnection, costs: pd.DataFrame, prices: Prices
) -> _Costs:
    priced = costs.set_index(["key", "meter"])["cents"] / 100.0
    vendor = connection.execute(_VENDOR_COSTS).df().set_index(["key", "meter"])["usd"]
    without = pd.Series(
        np.nan,
        index=pd.MultiIndex.from_tuples(
            [(one.key, one.meter) for one in prices.unpriced if one.quantity],
            names=["key", "meter"],
        ),
        dtype="float64",
    )
    known = pd.concat([priced, vendor[vendor > 0].dropna()])
    known = known[~known.index.duplicated()]
    usd = pd.concat([known, without[~without.index.isin(known.index)]])
    unread = frozenset(row[0] for row in connection.execute(_UNREAD).fetchall())
    return _Costs(usd, unread)


def _add_bill_facts(facts: Facts, costs: _Costs) -> None:
    """Costs as facts: our estimate, else what the vendor bills; missing where neither tells."""
    for name, (scope, _, _) in BILL_FACTS.items():
        frame = facts.frames[scope]  # type: ignore[index]
        if scope == "product":
            at = pd.MultiIndex.from_frame(frame[["organization_key", "product"]])
        else:
            meter = name.removesuffix("_cost_usd")
            at = pd.MultiIndex.from_product([frame["key"], [meter]])
        found = costs.usd.reindex(at)
        silent = ~at.isin(costs.usd.index)
        read = ~at.get_level_values(0).isin(list(costs.unread))
        frame[name] = np.where(silent & read, 0.0, found.to_numpy())
