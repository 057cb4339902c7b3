"""What the pulls of a whole store could not read, and why: the data gaps of a portfolio."""

import duckdb
import pandas as pd

from audit.statements import execute
from audit.tables import TABLES

#: Tables that say something of the others, and are read of every organization.
NOT_READ_ABOUT = ("organizations", "coverage", "data_quality")
SILENT = "nothing says that it was read"


def unread(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per subject and reason, the most common first: subject (table, or table.part),
    reason, organizations (how many). A table of which an organization has no word of coverage was
    not read either."""
    tables = [table.name for table in TABLES if table.name not in NOT_READ_ABOUT]
    return execute(connection, _UNREAD, {"tables": tables, "silent": SILENT}).df()


_UNREAD = """
WITH told AS (
    SELECT organization_id, subject, reason FROM coverage WHERE NOT complete
),
silent AS (
    SELECT o.organization_id, t.subject, $silent AS reason
    FROM organizations o
    CROSS JOIN (SELECT unnest($tables) AS subject) t
    ANTI JOIN (
        SELECT DISTINCT organization_id, split_part(subject, '.', 1) AS subject FROM coverage
    ) c ON c.organization_id = o.organization_id AND c.subject = t.subject
)
SELECT subject, reason, CAST(count(DISTINCT organization_id) AS BIGINT) AS organizations
FROM (FROM told UNION ALL FROM silent)
GROUP BY ALL
ORDER BY organizations DESC, subject, reason
"""
