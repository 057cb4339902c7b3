"""The checks: one module per fault, found by file name.

A check module has a docstring (its page in ``docs/checks.md``), ``SEVERITY``, ``EFFORT``,
``DOCS`` and a function ``flag``. Parameters of ``flag`` before the ``*`` are facts, after it
thresholds with defaults. It gets whole columns without missing values and returns a mask.
Optional: ``cut`` (share of each usage row that the remedy removes; may also name usage row
columns), ``message`` (one sentence for one row), ``severity`` (a column of severities),
``REMEDY`` (checks with one remedy count the stronger cut once).
"""

from audit.checks.contract import (
    IDENTIFIED_METERS,
    Check,
    Count,
    Days,
    Effort,
    Percent,
    PerSession,
    Seconds,
    Severity,
    Usd,
    load_checks,
)
from audit.meters import BILLING_MONTH_DAYS, EVENT_METERS

__all__ = [
    "BILLING_MONTH_DAYS",
    "EVENT_METERS",
    "IDENTIFIED_METERS",
    "Check",
    "Count",
    "Days",
    "Effort",
    "PerSession",
    "Percent",
    "Seconds",
    "Severity",
    "Usd",
    "load_checks",
]
