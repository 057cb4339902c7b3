"""Everything an audit looks at, for one organization or for a whole store at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from audit import lifecycle
from audit.checks.contract import Audience, Check
from audit.checks.engine_facts import QUERY_FACTS
from audit.errors import InputError
from audit.facts.releases import releases
from audit.facts.runner import FactFile, Facts, compute, fact_files
from audit.facts.usage import Usage, usage
from audit.findings import computed, scores, standing
from audit.findings.flags import Cut, Rows, Verdicts, placed, run
from audit.findings.pricing import Integers, Prices, fleet_prices, with_packages
from audit.findings.savings import Savings
from audit.findings.suppressed import Rulings, opened, rulings
from audit.frames import fetched, materialise, selected
from audit.ledger import Suppression
from audit.policy import Policy
from audit.pricing import DEFAULT_BILLING_LIMITS_USD, Catalogue
from audit.statements import execute
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
        "resources",
        "lifecycle",
        "invoices",
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
    """Facts, usage, prices and verdicts of the audited organizations, by key (row number).

    ``unread_words``: values of the CRM that could not be read. ``rulings``: what the ledger says of
    findings, by check and fact row.
    """

    audited: pd.DataFrame
    facts: Facts
    usage: Usage
    prices: Prices
    rows: Rows
    savings: Savings
    verdicts: dict[str, Verdicts]
    unread: frozenset[int]
    unread_words: pd.DataFrame
    lookback_days: int
    rulings: dict[str, Rulings] = field(default_factory=dict)

    @property
    def open_verdicts(self) -> list[Verdicts]:
        """The verdicts without what is suppressed."""
        return [opened(one, self.rulings.get(name, {})) for name, one in self.verdicts.items()]

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
    checks: Mapping[str, Check],
    policy: Policy,
    *,
    as_of: date | None,
    lookback_days: int,
    project_id: str | None = None,
    suppressions: Sequence[Suppression] = (),
    wanted: frozenset[str] | None = None,
    priced_on: date | None = None,
    crm: bool = True,
) -> World:
    """Compute facts and prices of every organization the connection sees, and run the checks.

    ``as_of``: None takes each organization's own. ``project_id`` keeps project checks to one.
    ``suppressions``: the ledger's, of any of the organizations. ``wanted``: facts that are made
    beside those the checks ask for; None makes all there are. ``priced_on``: the day whose public
    prices count, if not that of the audit. ``crm``: whether what the CRM says may be used; where
    the reader is the customer it is as if nothing stood there.
    """
    if not 1 <= lookback_days <= LONGEST_LOOKBACK_DAYS:
        raise InputError(
            f"lookback_days is 1 to {LONGEST_LOOKBACK_DAYS}, got {lookback_days}. "
            "The default is 30, one billing month."
        )
    audited = _audited(connection, as_of, lookback_days, priced_on)
    # Tables, not registered frames: DuckDB would read a frame's columns anew for every query.
    materialise(connection, "audited", audited.drop(columns=list(_TERMS)))
    materialise(connection, "default_limits", _default_limits())
    materialise(connection, "sdk_releases", releases())
    lifecycle.prepare(connection, read=crm)
    used = usage(connection, _metered(connection), lookback_days=lookback_days)
    prices = fleet_prices(connection, audited, used.totals)
    every_row = with_packages(used.rows, prices.lines)
    if wanted is not None:
        wanted = all_wanted(checks, policy, wanted)
    facts = _facts(connection, audited, used, prices, project_id, wanted)
    unread = frozenset(row[0] for row in execute(connection, _UNREAD).fetchall())
    rows = placed(every_row, facts)
    savings = Savings.of(prices, every_row, len(audited))
    words = lifecycle.unknown_values(connection)
    world = World(audited, facts, used, prices, rows, savings, {}, unread, words, lookback_days)
    computed.add_first(connection, world, wanted)
    verdicts = _judged(world, checks, policy, suppressions)
    world.verdicts.update({name: verdicts[name] for name in checks})
    world.rulings.update(
        {name: rulings(world, one, suppressions) for name, one in world.verdicts.items()}
    )
    return world


def all_wanted(checks: Mapping[str, Check], policy: Policy, more: frozenset[str]) -> frozenset[str]:
    """Facts that some checks, and those that run with them, ask for, and more."""
    asked = _run_with(checks, policy).values()
    return more | {fact for check in asked for fact in check.all_facts}


def _run_with(checks: Mapping[str, Check], policy: Policy) -> dict[str, Check]:
    """The chosen checks, and those that have to run with them: what an account as a whole would
    save, and whether it is in scope, does not depend on which checks were chosen."""
    asked = {fact for check in checks.values() if check.is_second for fact in check.all_facts}
    if not asked:
        return dict(checks)
    scope = standing.SCOPE_CHECKS if "is_in_scope" in asked else ()
    with_them = {
        name: check
        for name, check in policy.in_force().items()
        if not check.is_second and (check.audience is Audience.CUSTOMER or name in scope)
    }
    return with_them | dict(checks)


def _judged(
    world: World,
    checks: Mapping[str, Check],
    policy: Policy,
    suppressions: Sequence[Suppression],
) -> dict[str, Verdicts]:
    """The verdicts of the checks, those that ask for what others found, and is open, after
    these."""

    def priced_alone(scope: str, frame: pd.DataFrame, cut: Cut) -> Integers:
        column = "key" if scope == "organization" else "organization_key"
        return world.savings.alone(frame[column].to_numpy(dtype=np.int64), cut)

    def judged(some: Mapping[str, Check]) -> dict[str, Verdicts]:
        return {
            name: run(check, world.facts, world.rows, policy.thresholds(check), priced_alone)
            for name, check in some.items()
        }

    every = _run_with(checks, policy)
    verdicts = judged({name: check for name, check in every.items() if not check.is_second})
    second = {name: check for name, check in every.items() if check.is_second}
    if second:
        found = [one for one in verdicts.values() if one.check.audience is Audience.CUSTOMER]
        computed.add_second(
            world, [opened(one, rulings(world, one, suppressions)) for one in found]
        )
        standing.add_scope(world, verdicts)
        verdicts |= judged(second)
    return verdicts


def _audited(
    connection: duckdb.DuckDBPyConnection,
    as_of: date | None,
    lookback_days: int,
    priced_on: date | None,
) -> pd.DataFrame:
    spec = BY_NAME["organizations"].column
    columns = ", ".join(selected(spec[name]) for name in _AUDITED)
    query = f"SELECT {columns} FROM organizations ORDER BY organization_id"  # noqa: S608
    frame = fetched("organizations", execute(connection, query), _AUDITED)
    if as_of is not None:
        frame["as_of"] = pd.Timestamp(as_of).as_unit("us")
    frame["window_start"] = frame["as_of"] - timedelta(days=lookback_days)
    frame["window_end"] = frame["as_of"]
    frame["priced_on"] = frame["as_of"] if priced_on is None else pd.Timestamp(priced_on)
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
    own = execute(
        connection,
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
    wanted: frozenset[str] | None,
) -> Facts:
    costs = prices.lines[["key", "meter", "cents"]].astype({"meter": "str"})
    materialise(connection, "costs", costs)
    projects = execute(connection, _PROJECTS, {"project": project_id}).df()
    products = execute(connection, _PRODUCTS).df()
    if project_id is not None and projects.empty:
        raise InputError(f"No project {project_id!r} in this organization.")
    projects["project_name"] = projects["project_name"].fillna(projects["project_id"]).astype("str")
    names = {name: product.name for name, product in Catalogue.load().products.items()}
    products["product_name"] = products["product"].map(names).fillna(products["product"])
    organizations = audited[["organization_id"]].assign(
        organization_name=audited["name"].fillna(audited["organization_id"])
    )
    return compute(
        connection,
        {"organization": organizations, "project": projects, "product": products},
        unseen=used.unseen,
        files=wanted if wanted is None else needed_files(wanted),
    )


def needed_files(wanted: frozenset[str]) -> list[FactFile]:
    """Fact files of wanted facts, with those that other facts are made from."""
    whole = computed.needs_files(wanted)
    if wanted & QUERY_FACTS.keys():
        wanted |= scores.OF_QUERIES
    return [
        file
        for file in fact_files()
        if (whole and file.scope == "organization") or any(f.name in wanted for f in file.facts)
    ]


_UNREAD = """
SELECT a.key FROM audited a
WHERE a.organization_id NOT IN (
    SELECT organization_id FROM coverage WHERE subject = 'usage_daily' AND complete
)
"""
