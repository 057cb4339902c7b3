"""Facts that no SQL file computes: costs and bills, and what the first checks found."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from audit.checks.contract import Severity
from audit.checks.engine_facts import (
    HEALTH_FACTS,
    HISTORY_FACTS,
    QUERY_FACTS,
    REFUND_FACTS,
    STANDING_FACTS,
)
from audit.facts.runner import Why
from audit.findings import history, refundable, scores, standing
from audit.findings.daily import Daily, read_daily
from audit.findings.pricing import NOT_SUBSCRIBED, Prices
from audit.meters import BILLING_MONTH_DAYS
from audit.statements import execute

if TYPE_CHECKING:
    from audit.findings.flags import Verdicts
    from audit.findings.world import World

#: Facts of what a product costs, and which; empty is the product of the row.
COSTS = {
    "product_cost_usd": "",
    "group_analytics_cost_usd": "group_analytics",
    "data_pipelines_cost_usd": "data_pipelines",
    "error_tracking_cost_usd": "error_tracking",
    "destinations_cost_usd": "realtime_destinations",
}

#: Facts of what usage costs in two windows, and of when an insight was read.
USAGE_COSTS = ("usage_cost_usd", "previous_usage_cost_usd")
READ = "days_since_insight_read"

NO_PRICE = "no price is known for the product's usage, and the vendor names no amount"
NOT_READ = "the billed usage was not read, so what it costs is not known"
NO_USAGE = "no usage of these days is known"
NO_EARLIER_USAGE = "daily usage is not known for the whole window before this one"
NOT_TOLD_READ = "no saved insight tells when it was viewed last, and the CRM does not say it"
NO_LAST_BILL = "no complete billing period with an amount, and no paid invoice, is known"

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

# What is forecast and what was last billed, by organization. An invoice is what was really asked
# for; the lines of a period are before the percentage discount.
_BILLS = """
WITH crm AS (
    SELECT organization_id, any_value(number) AS usd FROM lifecycle_values
    WHERE field = 'forecasted_mrr_usd' GROUP BY ALL
),
complete AS (
    SELECT l.organization_id, l.period_end,
        CAST(sum(l.amount_usd) AS DOUBLE) AS usd
    FROM bill_lines l JOIN audited a USING (organization_id)
    WHERE l.is_complete AND l.period_end <= a.as_of AND l.amount_usd IS NOT NULL
    GROUP BY ALL
),
last_complete AS (
    SELECT organization_id, arg_max(usd, period_end) AS usd FROM complete GROUP BY ALL
),
paid AS (
    SELECT i.organization_id,
        CAST(arg_max(i.total_usd, coalesce(i.period_end, CAST(i.issued_at AS DATE))) AS DOUBLE)
            AS usd
    FROM invoices i JOIN audited a USING (organization_id)
    WHERE i.status = 'paid' AND i.total_usd > 0
        AND coalesce(i.period_end, CAST(i.issued_at AS DATE)) <= a.as_of
        AND coalesce(date_diff('day', i.period_start, i.period_end), 0) <= 62
    GROUP BY ALL
)
SELECT
    coalesce(
        crm.usd,
        CAST(o.projected_total_after_discount_usd AS DOUBLE),
        CAST(o.projected_total_usd AS DOUBLE)
    ) AS forecast,
    coalesce(
        last_complete.usd * (1 - coalesce(CAST(o.discount_percent AS DOUBLE), 0) / 100),
        paid.usd
    ) AS last
FROM audited a
JOIN organizations o USING (organization_id)
LEFT JOIN crm USING (organization_id)
LEFT JOIN last_complete USING (organization_id)
LEFT JOIN paid USING (organization_id)
ORDER BY a.key
"""


#: Makers that read facts of the organization's SQL files, and what each makes.
FROM_FILES = (HEALTH_FACTS, STANDING_FACTS, REFUND_FACTS)


def needs_files(wanted: frozenset[str]) -> bool:
    """Whether facts made from facts of the organization's SQL files are wanted."""
    return any(wanted & made.keys() for made in FROM_FILES) or READ in wanted


def add_first(
    connection: duckdb.DuckDBPyConnection, world: "World", wanted: frozenset[str] | None = None
) -> None:
    """Facts that checks of the first round may ask for: the wanted ones, or all."""

    def are_wanted(made: Collection[str]) -> bool:
        return wanted is None or bool(wanted & frozenset(made))

    _add_costs(connection, world)
    _add_bills(connection, world)
    if are_wanted((*USAGE_COSTS, *HISTORY_FACTS)):
        days = max(history.DAYS, 2 * world.lookback_days)
        daily = read_daily(connection, len(world.audited), days)
        _add_usage_costs(world, daily)
        history.add(connection, world, daily)
    if are_wanted(QUERY_FACTS) or wanted is None or needs_files(wanted):
        scores.add_queries(world)
    if wanted is None or needs_files(wanted):
        _add_insights(world)
        scores.add(world)
        standing.add(world)
        refundable.add(world)


def add_second(world: "World", verdicts: "Sequence[Verdicts]") -> None:
    """What the customer's checks found, by organization; ``verdicts`` are all of them."""
    count = len(world.audited)
    urgent = np.zeros(count, dtype=np.int64)
    saving = np.zeros(count, dtype=np.int64)
    for one in verdicts:
        keys = world.organization_keys(one)
        needs = np.asarray([s is Severity.NEEDS_ACTION for s in one.severities], dtype=bool)
        np.add.at(urgent, keys[one.flagged[needs]] if len(needs) else keys[:0], 1)
        alone = world.savings.alone(keys, one.cut)[one.flagged]
        np.add.at(saving, keys[one.flagged], (alone > 0).astype(np.int64))
    joint = world.savings.joint(verdicts) / 100.0
    unknown = ~world.usage_is_known()
    why: Why = dict.fromkeys(np.flatnonzero(unknown).tolist(), NO_USAGE)
    joint[unknown] = np.nan
    world.facts.add(
        "organization",
        {
            "joint_saving_usd": joint,
            "bill_after_fixes_usd": world.savings.payable() / 100.0 - joint,
            "needs_action_findings": urgent.astype(np.float64),
            "findings_with_saving": saving.astype(np.float64),
        },
        {
            "joint_saving_usd": why,
            "bill_after_fixes_usd": why,
            "needs_action_findings": {},
            "findings_with_saving": {},
        },
    )


def _add_bills(connection: duckdb.DuckDBPyConnection, world: "World") -> None:
    found = execute(connection, _BILLS).fetchnumpy()
    forecast, last = (
        np.ma.filled(np.ma.asarray(found[name], dtype=np.float64), np.nan)
        for name in ("forecast", "last")
    )
    bill = world.savings.payable() / 100.0
    bill[~world.usage_is_known()] = np.nan
    columns = {
        "bill_usd": bill,
        "forecasted_bill_usd": np.where(np.isnan(forecast), bill, forecast),
        "last_bill_usd": last,
    }
    reasons = {"bill_usd": NO_USAGE, "forecasted_bill_usd": NO_USAGE, "last_bill_usd": NO_LAST_BILL}
    world.facts.add(
        "organization",
        columns,
        {name: _why(columns[name], reason) for name, reason in reasons.items()},
    )


def _add_usage_costs(world: "World", daily: Daily) -> None:
    """What the usage of the window and of the one before cost, at the prices of today."""
    prices, count, window = world.prices, len(world.audited), world.lookback_days
    lines = prices.lines
    metered = np.flatnonzero((lines["origin"] == "usage_daily").to_numpy())
    keys = lines["key"].to_numpy(dtype=np.int64)[metered]
    earlier = daily.between(window, 2 * window)
    place = daily.places(keys, lines["meter"].astype("str").iloc[metered].tolist())
    units = np.zeros(len(metered))
    priced = place >= 0
    np.add.at(units, place[priced], earlier[priced])
    month = np.floor(units * (BILLING_MONTH_DAYS / window) + 0.5).astype(np.int64)
    now, before = np.zeros(count), np.zeros(count)
    np.add.at(now, keys, prices.list_cents(metered) / 100.0)
    np.add.at(before, keys, prices.list_cents(metered, month) / 100.0)
    known = daily.reported[:, -2 * window : -window].all(axis=1)
    # A product that was used before and has no price now would make the earlier cost too low.
    known &= ~((earlier > 0) & daily.is_metered & ~priced).any(axis=1)
    share = prices.paid_share(np.arange(count))
    now, before = now * share, before * share
    before[~known] = np.nan
    now[~world.usage_is_known()] = np.nan
    world.facts.add(
        "organization",
        {"usage_cost_usd": now, "previous_usage_cost_usd": before},
        {
            "usage_cost_usd": _why(now, NO_USAGE),
            "previous_usage_cost_usd": _why(before, NO_EARLIER_USAGE),
        },
    )


def _add_insights(world: "World") -> None:
    facts = world.facts.frames["organization"]
    viewed, analyzed = (
        facts[name].to_numpy(dtype=np.float64)
        for name in ("days_since_insight_viewed", "crm_days_since_insight_analyzed")
    )
    days = np.fmin(viewed, analyzed)
    name = "days_since_insight_read"
    world.facts.add("organization", {name: days}, {name: _why(days, NOT_TOLD_READ)})


def _why(values: Any, reason: str) -> Why:
    return dict.fromkeys(np.flatnonzero(np.isnan(values)).tolist(), reason)


@dataclass(frozen=True)
class _Costs:
    """USD by (key, meter); NaN where there is usage without a price. ``unread``: organizations
    whose billed usage was not read, where an absent meter may cost anything."""

    usd: dict[tuple[int, str], float]
    unread: frozenset[int]


def _add_costs(connection: duckdb.DuckDBPyConnection, world: "World") -> None:
    """Costs as facts: our estimate, else what the vendor bills; missing where neither tells."""
    costs = _known_costs(connection, world.prices, world.unread)
    unread = np.zeros(len(world.audited), dtype=bool)
    unread[list(costs.unread)] = True
    for name, product in COSTS.items():
        scope = "organization" if product else "product"
        frame = world.facts.frames[scope]  # type: ignore[index]
        keys = frame["key" if product else "organization_key"].to_numpy(dtype=np.int64)
        products = [product] * len(frame) if product else frame["product"].astype(object)
        known = [costs.usd.get(at) for at in zip(keys.tolist(), products, strict=True)]
        silent = np.asarray([cost is None for cost in known], dtype=bool)
        values = np.asarray([np.nan if cost is None else cost for cost in known], dtype=np.float64)
        values[silent & ~unread[keys]] = 0.0
        values *= world.prices.paid_share(keys)
        gone = np.isnan(values)
        why: Why = dict.fromkeys(np.flatnonzero(gone & ~silent).tolist(), NO_PRICE)
        why |= dict.fromkeys(np.flatnonzero(gone & silent).tolist(), NOT_READ)
        world.facts.add(scope, {name: values}, {name: why})  # type: ignore[arg-type]


def _known_costs(
    connection: duckdb.DuckDBPyConnection, prices: Prices, unread: frozenset[int]
) -> _Costs:
    lines = prices.lines[prices.lines["origin"] != NOT_SUBSCRIBED]
    usd: dict[tuple[int, str], float] = {
        (one.key, one.meter): np.nan for one in prices.unpriced if one.quantity
    }
    for key, meter, vendor in execute(connection, _VENDOR_COSTS).fetchall():
        if vendor is not None and vendor > 0:
            usd[key, meter] = vendor
    ours = zip(lines["key"].tolist(), lines["meter"].astype(object), strict=True)
    usd |= dict(zip(ours, (lines["cents"] / 100.0).tolist(), strict=True))
    return _Costs(usd, unread)
