"""The usage that drives the bill: billed totals per meter, and the rows behind them.

Observed rows come from queries and billed totals from the vendor's counters; they differ.
Rows are scaled to the billed totals, so that a share of rows is a share of the bill.
"""

from dataclasses import dataclass

import duckdb
import pandas as pd

from audit.store import materialise

#: Ours: a billing month has 30 days; a window of another length is scaled to it.
BILLING_MONTH_DAYS = 30

_TOTALS = """
WITH daily AS (
    SELECT a.key, m.product AS meter, sum(u.quantity) AS billed
    FROM usage_daily u
    JOIN audited a ON a.organization_id = u.organization_id
    JOIN metered m ON m.usage_type = u.usage_type
    WHERE u.day >= a.window_start AND u.day < a.window_end
    GROUP BY ALL
),
observed AS (
    SELECT a.key, r.meter, sum(r.quantity) AS observed
    FROM usage_rows r JOIN audited a ON a.organization_id = r.organization_id
    GROUP BY ALL
),
vendor AS (
    SELECT a.key, l.product AS meter,
        nullif(coalesce(l.projected_quantity, l.quantity), 0) AS forecast
    FROM bill_lines l
    JOIN audited a ON a.organization_id = l.organization_id
    JOIN organizations o
        ON o.organization_id = l.organization_id AND o.period_start = l.period_start
    WHERE NOT coalesce(l.is_complete, false)
),
meters AS (
    SELECT key, meter FROM daily UNION SELECT key, meter FROM observed
    UNION SELECT key, meter FROM vendor WHERE forecast IS NOT NULL
)
SELECT
    key,
    meter,
    coalesce(daily.billed, vendor.forecast, observed.observed) AS window_quantity,
    observed.observed,
    CASE
        WHEN daily.billed IS NOT NULL THEN 'usage_daily'
        WHEN vendor.forecast IS NOT NULL THEN 'bill_lines'
        ELSE 'usage_rows'
    END AS origin
FROM meters
LEFT JOIN daily USING (key, meter)
LEFT JOIN vendor USING (key, meter)
LEFT JOIN observed USING (key, meter)
ORDER BY key, meter
"""

_ROWS = """
WITH observed AS (
    SELECT a.key, r.project_id, r.meter, r.event, r.library, r.host_class, r.identified,
        r.known_person, r.quantity * (t.quantity / CAST(t.observed AS DOUBLE)) AS quantity
    FROM usage_rows r
    JOIN audited a ON a.organization_id = r.organization_id
    JOIN totals t ON t.key = a.key AND t.meter = r.meter
    WHERE t.observed > 0 AND r.quantity > 0
),
unseen AS (
    SELECT a.key, u.project_id, t.meter, '' AS event, 'unknown' AS library,
        'unknown' AS host_class, false AS identified, false AS known_person,
        sum(u.quantity) * (any_value(t.quantity) / CAST(any_value(t.window_quantity) AS DOUBLE))
            AS quantity
    FROM usage_daily u
    JOIN audited a ON a.organization_id = u.organization_id
    JOIN metered m ON m.usage_type = u.usage_type
    JOIN totals t ON t.key = a.key AND t.meter = m.product
    WHERE coalesce(t.observed, 0) = 0 AND t.origin = 'usage_daily' AND t.quantity > 0
        AND u.day >= a.window_start AND u.day < a.window_end
    GROUP BY a.key, u.project_id, t.meter
    HAVING sum(u.quantity) > 0
),
forecast AS (
    SELECT key, '' AS project_id, meter, '' AS event, 'unknown' AS library,
        'unknown' AS host_class, false AS identified, false AS known_person, quantity
    FROM totals
    WHERE coalesce(observed, 0) = 0 AND origin = 'bill_lines' AND quantity > 0
)
SELECT
    key,
    project_id::enum_project AS project_id,
    meter::enum_meter AS meter,
    event::enum_event AS event,
    library::enum_library AS library,
    host_class::enum_host AS host_class,
    identified, known_person, quantity
FROM (SELECT * FROM observed UNION ALL SELECT * FROM unseen UNION ALL SELECT * FROM forecast)
ORDER BY key, project_id, meter, event, library, host_class, identified, known_person
"""


@dataclass(frozen=True)
class Usage:
    """``totals``: one row per (key, meter): window_quantity, observed, origin, and quantity,
    the whole units of one billing month. ``rows``: the usage rows, float64 quantity scaled to
    the totals, texts as categories. ``key`` numbers the organizations."""

    totals: pd.DataFrame
    rows: pd.DataFrame


def usage(
    connection: duckdb.DuckDBPyConnection, metered: pd.DataFrame, *, lookback_days: int
) -> Usage:
    """Usage of the ``audited`` organizations (a registered frame: key, organization_id,
    window_start, window_end). ``metered``: usage_type and the product it meters."""
    materialise(connection, "metered", metered)
    totals = connection.execute(_TOTALS).df()
    window = totals["window_quantity"].astype("int64")
    totals["window_quantity"] = window
    totals["observed"] = totals["observed"].astype("float64")
    monthly = window
    if lookback_days != BILLING_MONTH_DAYS:
        scaled = (2 * window * BILLING_MONTH_DAYS + lookback_days) // (2 * lookback_days)
        monthly = scaled.where(totals["origin"] != "bill_lines", window)
    totals["quantity"] = monthly
    materialise(connection, "totals", totals)
    _make_enums(connection)
    rows = connection.execute(_ROWS).df()
    return Usage(totals, rows)


def _make_enums(connection: duckdb.DuckDBPyConnection) -> None:
    """Texts of the usage rows as DuckDB enums, so that they reach pandas as categories."""
    for name, values in {
        "project": "SELECT project_id FROM usage_rows UNION SELECT project_id FROM usage_daily "
        "UNION SELECT ''",
        "meter": "SELECT meter FROM usage_rows UNION SELECT meter FROM totals",
        "event": "SELECT event FROM usage_rows UNION SELECT ''",
        "library": "SELECT library FROM usage_rows UNION SELECT 'unknown'",
        "host": "SELECT host_class FROM usage_rows UNION SELECT 'unknown'",
    }.items():
        connection.execute(f"DROP TYPE IF EXISTS enum_{name}")
        ordered = f"SELECT * FROM ({values}) ORDER BY 1"  # noqa: S608 - the queries above
        connection.execute(f"CREATE TEMP TYPE enum_{name} AS ENUM ({ordered})")
