"""SQL of the package, parsed once in a process.

DuckDB parses a text whenever it is executed; in an audit of one account, a hundred short queries
over a few rows, that was a tenth of the time.
"""

from typing import Any

import duckdb

_parsed: dict[str, tuple[duckdb.Statement, ...]] = {}


def parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[duckdb.Statement, ...]:
    """The statements of a text that the package itself holds: each text is kept for good."""
    if sql not in _parsed:
        _parsed[sql] = tuple(connection.extract_statements(sql))
    return _parsed[sql]


def execute(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Any = None
) -> duckdb.DuckDBPyConnection:
    """``connection.execute``, parsed once. ``parameters`` are for a text of one statement."""
    for statement in parsed(connection, sql):
        connection.execute(statement, parameters)
    return connection
