"""The usage that drives the bill: billed totals per meter, and the rows behind them.

Observed rows come from queries and billed totals from the vendor's counters; they differ.
Rows are scaled to the billed totals, so that a share of rows is a share of the bill.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from audit.errors import InputError
from audit.frames import materialise
from audit.meters import BILLING_MONTH_DAYS, EVENT_METERS
from audit.statements import execute

_TOTALS = """
WITH daily AS (
    SELECT key, meter, sum(billed) AS billed FROM billed_by_project GROUP BY ALL
),
observed AS (
    SELECT key, meter, sum(observed) AS observed, max(days) AS observed_days
    FROM observed_by_project GROUP BY ALL
),
vendor AS (
    SELECT a.key, l.product AS meter, l.projected_quantity AS forecast, l.quantity AS so_far
    FROM bill_lines l
    JOIN audited a ON a.organization_id = l.organization_id
    JOIN organizations o
        ON o.organization_id = l.organization_id AND o.period_start = l.period_start
    -- A forecast of a period says nothing of a day outside it, and a year is not a month.
    WHERE NOT coalesce(l.is_complete, false)
        AND a.as_of >= l.period_start AND a.as_of <= l.period_end
        AND coalesce(o.period_interval, 'month') <> 'year'
),
meters AS (
    SELECT key, meter FROM daily UNION SELECT key, meter FROM observed
    UNION SELECT key, meter FROM vendor WHERE forecast > 0 OR so_far > 0
)
SELECT
    key,
    meter,
    CAST(CASE
        WHEN daily.billed IS NOT NULL THEN daily.billed
        WHEN vendor.forecast > 0 THEN vendor.forecast
        WHEN observed.observed > 0 THEN observed.observed
        ELSE coalesce(vendor.so_far, 0)
    END AS BIGINT) AS window_quantity,
    CAST(observed.observed AS BIGINT) AS observed,
    CASE
        WHEN daily.billed IS NOT NULL THEN 'usage_daily'
        WHEN vendor.forecast > 0 THEN 'bill_lines'
        WHEN observed.observed > 0 THEN 'usage_rows'
        WHEN vendor.so_far > 0 THEN 'so_far'
        ELSE 'usage_rows'
    END AS origin,
    coalesce(observed_days, 0) AS observed_days
FROM meters
LEFT JOIN daily USING (key, meter)
LEFT JOIN vendor USING (key, meter)
LEFT JOIN observed USING (key, meter)
ORDER BY key, meter
"""

_BY_PROJECT = """
CREATE OR REPLACE TEMP TABLE billed_by_project AS
    SELECT a.key, u.project_id, m.product AS meter, sum(u.quantity) AS billed
    FROM usage_daily u
    JOIN audited a ON a.organization_id = u.organization_id
    JOIN metered m ON m.usage_type = u.usage_type AND (m.key IS NULL OR m.key = a.key)
    WHERE u.day >= a.window_start AND u.day < a.window_end
        -- The same for all: it is tested before the costly joins.
        AND u.day >= $first_day AND u.day < $end_day
    GROUP BY ALL
"""

_WINDOWS = "SELECT min(window_start) AS first_day, max(window_end) AS end_day FROM audited"

_OBSERVED_BY_PROJECT = """
CREATE OR REPLACE TEMP TABLE observed_by_project AS
    SELECT a.key, r.project_id, r.meter, sum(r.quantity) AS observed,
        max(date_diff('day', r.window_start, r.window_end)) AS days
    FROM usage_rows r JOIN audited a ON a.organization_id = r.organization_id
    GROUP BY ALL;
"""

# How many units of the priced month one observed unit stands for. By project where the billed
# counters name the observed projects; by organization where they do not (an export without
# projects). A billed project nobody observed keeps its usage as one row of unknown make.
_RATIOS = """
CREATE OR REPLACE TEMP TABLE named AS
    SELECT DISTINCT b.key, b.meter FROM billed_by_project b
    JOIN observed_by_project o USING (key, project_id, meter);
CREATE OR REPLACE TEMP TABLE ratios AS
    SELECT t.key, t.meter, o.project_id,
        CASE
            WHEN t.origin = 'usage_daily' AND n.key IS NOT NULL
                THEN coalesce(b.billed, 0) / CAST(o.observed AS DOUBLE) * t.month
            ELSE t.quantity / CAST(t.observed AS DOUBLE)
        END AS ratio
    FROM totals t
    JOIN observed_by_project o ON o.key = t.key AND o.meter = t.meter AND o.observed > 0
    LEFT JOIN named n ON n.key = t.key AND n.meter = t.meter
    LEFT JOIN billed_by_project b
        ON b.key = t.key AND b.meter = t.meter AND b.project_id = o.project_id;
CREATE OR REPLACE TEMP TABLE unseen AS
    SELECT b.key, b.project_id, b.meter, b.billed * t.month AS quantity
    FROM billed_by_project b
    JOIN totals t ON t.key = b.key AND t.meter = b.meter AND t.origin = 'usage_daily'
    LEFT JOIN named n ON n.key = b.key AND n.meter = b.meter
    LEFT JOIN observed_by_project o
        ON o.key = b.key AND o.meter = b.meter AND o.project_id = b.project_id
    WHERE b.billed > 0
        AND (coalesce(t.observed, 0) = 0 OR (n.key IS NOT NULL AND coalesce(o.observed, 0) = 0));
"""

#: Events that something of their project reads. What is inactive reads nothing; an active
#: destination without a filter takes, and so reads, every event.
_REFERENCED = """
CREATE OR REPLACE TEMP TABLE referenced AS
    SELECT DISTINCT
        organization_id, project_id, unnest(from_json(refers_to, '["VARCHAR"]')) AS event
    FROM resources
    WHERE kind IN ('insight', 'action', 'cohort', 'experiment', 'survey', 'destination')
        AND state <> 'inactive'
        AND refers_to IS NOT NULL
    UNION
    SELECT r.organization_id, r.project_id, r.event
    FROM usage_rows r
    SEMI JOIN (
        SELECT organization_id, project_id FROM resources
        WHERE kind = 'destination' AND state = 'active'
            AND details ->> 'has_filters' = 'false'
    ) d ON d.organization_id = r.organization_id AND d.project_id = r.project_id;
"""

_ROWS = """
WITH observed AS (
    SELECT a.key, r.project_id, r.meter, r.event, r.library, r.host_class, r.identified,
        r.known_person, f.event IS NOT NULL AS is_referenced, r.quantity * x.ratio AS quantity
    FROM usage_rows r
    JOIN audited a ON a.organization_id = r.organization_id
    JOIN ratios x ON x.key = a.key AND x.meter = r.meter AND x.project_id = r.project_id
    LEFT JOIN referenced f ON f.organization_id = r.organization_id
        AND f.project_id = r.project_id AND f.event = r.event
    WHERE r.quantity > 0
),
unknown AS (
    SELECT key, project_id, meter, quantity FROM unseen
    UNION ALL
    SELECT key, '', meter, quantity FROM totals
    WHERE coalesce(observed, 0) = 0 AND origin IN ('bill_lines', 'so_far') AND quantity > 0
)
SELECT
    key,
    project_id::enum_project AS project_id,
    meter::enum_meter AS meter,
    event::enum_event AS event,
    library::enum_library AS library,
    host_class::enum_host AS host_class,
    identified, known_person, is_referenced, quantity
FROM (
    SELECT * FROM observed
    UNION ALL
    SELECT key, project_id, meter, '', 'unknown', 'unknown', false, false, false, quantity
    FROM unknown
)
ORDER BY key, project_id, meter, event, library, host_class, identified, known_person
"""

_UNSEEN = """
SELECT a.organization_id, u.project_id, u.meter, u.quantity
FROM unseen u JOIN audited a ON a.key = u.key
ORDER BY 1, 2, 3
"""


@dataclass(frozen=True)
class Usage:
    """``totals``: one row per (key, meter): window_quantity, observed, origin, month (what scales
    the window to a billing month) and quantity, the whole units of one billing month.

    ``rows``: the usage rows, float64 quantity scaled to the totals, texts as categories.
    ``unseen``: billed usage without a breakdown: organization_id, project_id, meter, quantity.
    ``key`` numbers the organizations.
    """

    totals: pd.DataFrame
    rows: pd.DataFrame
    unseen: pd.DataFrame


def usage(
    connection: duckdb.DuckDBPyConnection, metered: pd.DataFrame, *, lookback_days: int
) -> Usage:
    """Usage of the ``audited`` organizations (a table: key, organization_id, as_of,
    window_start, window_end). ``metered``: usage_type, the product it meters, and the key of
    the organization that calls it so, or null for all.

    Raises: InputError for usage beyond 2^63 in one window.
    """
    materialise(connection, "metered", metered)
    first_day, end_day = execute(connection, _WINDOWS).fetchall()[0]
    execute(connection, _BY_PROJECT, {"first_day": first_day, "end_day": end_day})
    execute(connection, _OBSERVED_BY_PROJECT)
    try:
        totals = execute(connection, _TOTALS).df()
    except duckdb.ConversionException as error:
        raise InputError(
            "The usage of one meter adds up to more than 2^63 in the window; no counter reaches "
            "that. Look for a wrong row in usage_daily or usage_rows."
        ) from error
    totals = _monthly(totals, lookback_days)
    materialise(connection, "totals", totals)
    execute(connection, _RATIOS)
    execute(connection, _REFERENCED)
    _make_enums(connection)
    return Usage(totals, execute(connection, _ROWS).df(), execute(connection, _UNSEEN).df())


def _monthly(totals: pd.DataFrame, lookback_days: int) -> pd.DataFrame:
    """Quantities of one billing month, in whole units, half up.

    Billed counters cover the audited window, observed rows their own, the vendor's figures
    their month. An add-on without a counter of its own follows its parent's.
    """
    window = totals["window_quantity"].astype("int64")
    totals["observed"] = totals["observed"].astype("float64")
    days = pd.Series(float(BILLING_MONTH_DAYS), index=totals.index)
    days = days.mask(totals["origin"] == "usage_daily", float(lookback_days))
    own_window = (totals["origin"] == "usage_rows") & (totals["observed_days"] > 0)
    days = days.mask(own_window, totals["observed_days"].astype("float64"))
    totals["month"] = BILLING_MONTH_DAYS / days
    parent = totals[(totals["meter"] == EVENT_METERS[0]) & (totals["origin"] == "usage_daily")]
    parent = parent[parent["observed"] > 0].set_index("key")
    follows = totals["meter"].isin(EVENT_METERS[1:]) & (totals["origin"] == "usage_rows")
    grown = (parent["window_quantity"] * parent["month"] / parent["observed"]).reindex(
        totals["key"]
    )
    grown.index = totals.index
    scale = totals["month"].mask(follows & grown.notna(), grown)
    exact = scale == 1
    scaled = (window.astype("float64") * scale + 0.5).where(~exact, 0.0)
    totals["quantity"] = window.where(exact, np.floor(scaled).astype("int64"))
    return totals


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
        execute(connection, f"DROP TYPE IF EXISTS enum_{name}")
        ordered = f"SELECT * FROM ({values}) ORDER BY 1"  # noqa: S608 - the queries above
        execute(connection, f"CREATE TEMP TYPE enum_{name} AS ENUM ({ordered})")
