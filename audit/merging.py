"""Which rows a table of the store has after a publish: those brought, and those that stay.

The statements read ``old`` (the store before) and ``brought`` (organization, table name: whose
earlier rows go).
"""

from collections.abc import Mapping

import pandas as pd

from audit.columns import Table
from audit.tables import TABLES

#: The rows of a table after a publish, where there was a store before.
REPLACED = """
{incoming} UNION ALL
SELECT {columns} FROM old.{table} stored
WHERE NOT EXISTS (
    FROM brought b WHERE b.organization_id = stored.organization_id AND b.name = '{table}'
)
"""

#: The same for a merge, of tables that speak about other tables or bring half a row. Coverage
#: falls with the rows it spoke of; "not in this folder" does not undo what a pull read.
MERGED = {
    "organizations": """
SELECT {filled} FROM ({incoming}) incoming
LEFT JOIN old.organizations stored ON stored.organization_id = incoming.organization_id
UNION ALL
SELECT {columns} FROM old.organizations stored
WHERE NOT EXISTS (FROM incoming i WHERE i.organization_id = stored.organization_id)
""",
    "coverage": """
WITH stored AS (
    SELECT {columns} FROM old.coverage o WHERE NOT EXISTS (
        FROM brought b
        WHERE b.organization_id = o.organization_id AND b.name = split_part(o.subject, '.', 1)
    )
),
said AS (
    SELECT * FROM ({incoming}) i WHERE complete OR NOT EXISTS (
        FROM stored o
        WHERE o.organization_id = i.organization_id AND o.subject = i.subject AND o.complete
            AND i.project_id IN ('', o.project_id)
    )
)
SELECT * FROM said UNION ALL
SELECT * FROM stored o WHERE NOT EXISTS (
    FROM said i
    WHERE i.organization_id = o.organization_id AND i.subject = o.subject
        AND i.project_id IN ('', o.project_id)
)
""",
    "data_quality": """
{incoming} UNION ALL
SELECT {columns} FROM old.data_quality o
WHERE NOT EXISTS (
    FROM brought b
    WHERE b.organization_id = o.organization_id AND b.name = split_part(o.subject, '.', 1)
) AND NOT EXISTS (
    FROM incoming i
    WHERE i.organization_id = o.organization_id AND i.project_id = o.project_id
        AND i.subject = o.subject AND i.kind = o.kind
)
""",
}


def brought(frames: Mapping[str, pd.DataFrame], *, merge: bool) -> pd.DataFrame:
    """Organization and table (``name``) whose earlier rows go: all tables of an organization
    that was pulled, or with ``merge`` those that bring rows for it."""
    organizations = frames["organizations"][["organization_id"]]
    if merge:
        parts = [
            frame[["organization_id"]].drop_duplicates().assign(name=name)
            for name, frame in frames.items()
            if name not in MERGED
        ]
    else:
        parts = [organizations.assign(name=table.name) for table in TABLES]
    nothing = organizations.iloc[:0].assign(name=pd.Series(dtype="str"))
    return pd.concat([nothing, *parts], ignore_index=True)


def rows_after(table: Table, incoming: str, *, merge: bool) -> str:
    """The query for the table's rows; ``incoming`` is the query for those brought."""
    query = MERGED.get(table.name, REPLACED) if merge else REPLACED
    return query.format(
        incoming=incoming,
        table=table.name,
        columns=", ".join(f'"{name}"' for name in table.names),
        filled=", ".join(
            f'coalesce(incoming."{name}", stored."{name}") AS "{name}"' for name in table.names
        ),
    )
