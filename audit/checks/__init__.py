"""The checks: one module per fault, found by file name.

A check module has a docstring (its page in ``docs/checks.md``), ``SEVERITY``, ``EFFORT``,
``DOCS``, ``AREA``, ``RULES`` (ids of the handbook rules it covers) and a function ``flag``.
Parameters of ``flag`` before the ``*`` are facts, after it thresholds with defaults. It gets
whole columns without missing values and returns a mask. Optional: ``cut`` (share of each usage
row that the remedy removes; may also name usage row columns), ``message`` (one sentence for one
row), ``severity`` (a column of severities), ``REMEDY`` (checks with one remedy count the
stronger cut once), ``AUDIENCE`` (who reads it), ``PRODUCTS`` (the products it speaks of).
"""

from audit.checks.contract import (
    IDENTIFIED_METERS,
    Area,
    Audience,
    Check,
    Count,
    Days,
    Effort,
    Months,
    Percent,
    PerSession,
    Ratio,
    Score,
    Seconds,
    Severity,
    Usd,
    counted,
    load_checks,
)
from audit.meters import BILLING_MONTH_DAYS, EVENT_METERS

__all__ = [
    "BILLING_MONTH_DAYS",
    "EVENT_METERS",
    "IDENTIFIED_METERS",
    "Area",
    "Audience",
    "Check",
    "Count",
    "Days",
    "Effort",
    "Months",
    "PerSession",
    "Percent",
    "Ratio",
    "Score",
    "Seconds",
    "Severity",
    "Usd",
    "counted",
    "load_checks",
]
