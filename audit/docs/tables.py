"""The page of the canonical tables."""

from collections.abc import Iterable

from audit.columns import DUCKDB_TYPES, Column, Table
from audit.docs.text import listed, page
from audit.docs.text import table as markdown_table
from audit.tables import SCHEMA_VERSION, TABLES


def tables_page() -> str:
    """Every canonical table: columns with type, unit, rules and meaning, and its key."""
    kinds = [(f"`{kind}`", f"`{stored}`", _KINDS[kind]) for kind, stored in DUCKDB_TYPES.items()]
    return page(
        "Tables",
        "What every source returns and every fact is computed from. A row on its way in is "
        "checked against these rules; one that breaks them is refused with the table, the column, "
        "the row and the value, and nothing is published.",
        f"The store is one DuckDB file of these tables (version {SCHEMA_VERSION}).",
        "*Required* columns refuse an empty value; in the others an empty value means unknown, "
        "or what the column says. An absent row is unknown unless `coverage` says that the "
        "subject was read to the end.",
        "## Types",
        markdown_table(("Type", "Stored as", "Read from"), kinds),
        *(part for table in TABLES for part in _table_part(table)),
    )


_KINDS = {
    "text": "text without halves of characters",
    "integer": "a whole number below 2^63, also as text or as 7.0",
    "decimal": "an exact number below 10^18 with at most 10 decimals; never rounded",
    "day": "an ISO 8601 day or moment; a moment counts as its day in UTC",
    "timestamp": "an ISO 8601 moment, kept in UTC",
    "boolean": "true, false, yes, no, 1 or 0",
    "json": "JSON as text or as a value; kept in one spelling",
}


def _table_part(table: Table) -> Iterable[str]:
    repeated = (
        "Of rows with the same key the last one wins, and `data_quality` says so."
        if table.last_row_wins
        else "A repeated key is an error."
    )
    yield f"## {table.name}"
    yield table.meaning
    yield f"Key: {listed(table.key)}. {repeated}"
    yield markdown_table(
        ("Column", "Type", "Unit", "Rules", "Meaning"),
        [(f"`{c.name}`", c.kind, c.unit, _rules(table, c), c.meaning) for c in table.columns],
    )


def _rules(table: Table, column: Column) -> str:
    rules = ["key"] if column.name in table.key else []
    if column.required:
        rules.append("required")
    if column.minimum is not None:
        rules.append(f"at least {column.minimum}")
    if column.maximum is not None:
        rules.append(f"at most {column.maximum}")
    if column.choices:
        rules.append(f"one of {listed(column.choices)}")
    return ", ".join(rules)
