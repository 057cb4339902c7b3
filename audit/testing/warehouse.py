"""The vendor's own PostHog project with its mirrors of billing and the CRM, behind HogQL.

Queries run on DuckDB over tables of the same names, so what is asked must be plain SQL with the
few functions of HogQL that are defined here.

Source: PostHog API (query endpoint); handbook, onboarding/onboarding-data (names of the mirrors).
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd

from audit.testing.server import Answer, Asked, Fake

FUNCTIONS = (
    "CREATE MACRO toString(x) AS CAST(x AS VARCHAR)",
    "CREATE MACRO toDate(x) AS CAST(x AS DATE)",
    "CREATE MACRO argMax(x, y) AS arg_max(x, y)",
    "CREATE MACRO JSONHas(x, k) AS json_exists(x, '$.' || k)",
    "CREATE MACRO JSONExtractInt(x, k) AS CAST(json_extract_string(x, '$.' || k) AS BIGINT)",
)
DEFAULT_ROWS = 100
MOST_ROWS = 50_000


class FakeWarehouse(Fake):
    """One project; ``add_table`` puts a mirror in it."""

    name = "posthog"
    own_limits = ((240, 60.0), (2400, 3600.0))

    def __init__(
        self, *, key: str = "phx_test-key-0123456789", project_id: str = "2", **options: Any
    ) -> None:
        super().__init__(key=key, **options)
        self.project_id = project_id
        self.connection = duckdb.connect()
        for statement in FUNCTIONS:
            self.connection.execute(statement)

    def add_table(self, name: str, frame: pd.DataFrame) -> None:
        """A table; ``name`` may have a database and a schema before it, parted by dots."""
        spaces = name.split(".")[:-1]
        self.connection.register("incoming", frame)
        if len(spaces) == 2:
            self.connection.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {spaces[0]}")
            self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {spaces[0]}.{spaces[1]}")
        self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS FROM incoming")
        self.connection.unregister("incoming")

    def unknown_key(self) -> Answer:
        return _error(401, "authentication_failed", "Invalid personal API key.")

    def throttled(self) -> Answer:
        answer = _error(429, "throttled", "Request was throttled.")
        return Answer(answer.body, 429, {"Retry-After": "1"})

    def answer(self, asked: Asked) -> Answer:
        if asked.path != f"/api/projects/{self.project_id}/query/" or asked.method != "POST":
            return _error(404, "not_found", "Not found.")
        query = asked.body["query"]
        text = query["query"]
        for name, value in (query.get("values") or {}).items():
            text = text.replace(f"{{{name}}}", _literal(value))
        if re.search(r"\bOFFSET\b", text):
            return _error(400, "invalid_input", "OFFSET is not allowed with a personal API key.")
        limit = re.search(r"\bLIMIT (\d+)\s*$", text)
        rows_asked = min(int(limit[1]) if limit else DEFAULT_ROWS, MOST_ROWS)
        try:
            found = self.connection.execute(f"SELECT * FROM ({text}) LIMIT {rows_asked + 1}")  # noqa: S608
        except duckdb.Error as error:
            return _error(400, "invalid_input", str(error).splitlines()[0])
        columns = [column[0] for column in found.description or ()]
        rows = [[_plain(value) for value in row] for row in found.fetchall()]
        return Answer(
            {
                "columns": columns,
                "results": rows[:rows_asked],
                "hasMore": len(rows) > rows_asked or len(rows) == rows_asked,
            }
        )


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _error(status: int, code: str, detail: str) -> Answer:
    body = {"type": "server_error", "code": code, "detail": detail, "attr": None}
    return Answer(body, status)
