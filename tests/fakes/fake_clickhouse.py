"""Raw data behind the canonical tables, in an embedded ClickHouse that answers HogQL.

What lies in it is made by ``fake_project`` and ``fake_events``. This knows the vendor's dialect:
its tables, its functions, its placeholders, and what it refuses.
"""

import itertools
import json
import re
import threading
from collections.abc import Mapping
from typing import Any

import chdb.session
import pandas as pd
from fake_project import Project
from fake_values import plain, quoted

SESSION_LOCK = threading.Lock()
_numbers = itertools.count()
_session: list[chdb.session.Session] = []

MOMENT = "DateTime64(6, 'UTC')"
TABLES = {
    "events": f"""team_id Int64, event String, properties String, timestamp {MOMENT},
        distinct_id String, person_id String, person_properties String, person_mode String,
        `$session_id` String, `$group_0` String, `$group_1` String, `$group_2` String,
        `$group_3` String, `$group_4` String""",
    "persons": "team_id Int64, id String, is_identified Bool",
    "raw_session_replay_events": f"""team_id Int64, session_id String,
        min_first_timestamp SimpleAggregateFunction(min, {MOMENT}),
        max_last_timestamp SimpleAggregateFunction(max, {MOMENT}),
        snapshot_source AggregateFunction(argMin, Nullable(String), {MOMENT}),
        snapshot_library AggregateFunction(argMin, Nullable(String), {MOMENT}),
        first_url AggregateFunction(argMin, Nullable(String), {MOMENT}),
        active_milliseconds SimpleAggregateFunction(sum, Int64),
        is_deleted SimpleAggregateFunction(max, UInt8)""",
    "raw_query_log": f"""team_id Int64, event_time {MOMENT}, lc_query__kind String, lc_id String,
        lc_user_id Int64, lc_access_method String, lc_is_impersonated Bool,
        type Enum8('QueryStart' = 1, 'QueryFinish' = 2, 'ExceptionBeforeStart' = 3,
            'ExceptionWhileProcessing' = 4)""",
    "app_metrics": f"""team_id Int64, app_source String, app_source_id String, timestamp {MOMENT},
        metric_kind String, metric_name String, count Int64""",
    "system.source_sync_jobs": f"""team_id Int64, schema_id String, status String,
        rows_synced Nullable(Int64), billable Bool, finished_at Nullable({MOMENT})""",
    "system.ingestion_warnings": f"team_id Int64, type String, timestamp {MOMENT}",
}
#: What the vendor says of an OFFSET (posthog/hogql/user_query_validator.py).
NO_OFFSET = "OFFSET is not supported on queries made with a personal API key."
#: A user agent that getBotName knows has this in it.
BOT = "bot"


def run(sql: str, form: str = "CSV") -> str:
    with SESSION_LOCK:
        if not _session:
            # chdb allows one session in a process; it lives as long as the process.
            _session.append(chdb.session.Session())
        return str(_session[0].query(sql, form))


class HogQLError(Exception):
    """What the vendor answers with 400: an unknown table, a syntax error."""


class Warehouse:
    """One organization's raw data. Use ``answer`` as the vendor's query endpoint would."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], organization_id: str) -> None:
        self.database = f"vendor_{next(_numbers)}"
        self.hidden: set[str] = set()
        run(f"CREATE DATABASE {self.database}")
        for name, columns in TABLES.items():
            engine = "AggregatingMergeTree" if "Aggregate" in columns else "MergeTree"
            order = "(team_id, session_id)" if "Aggregate" in columns else "team_id"
            run(f"CREATE TABLE {self.table(name)} ({columns}) ENGINE = {engine} ORDER BY {order}")
        mine = {n: f[f["organization_id"] == organization_id] for n, f in tables.items()}
        #: The test account filters of each project.
        self.filters: dict[int, list[Mapping[str, Any]]] = {}
        for row in mine["projects"].itertuples():
            team_id = int(row.project_id)
            self.filters[team_id] = json.loads(plain(row.test_account_filters) or "[]")
            own = {
                n: f[f["project_id"] == row.project_id]
                for n, f in mine.items()
                if "project_id" in f
            }
            Project(self, team_id, own).fill()

    def table(self, name: str) -> str:
        return f"{self.database}.{name.replace('.', '_')}"

    def drop(self) -> None:
        run(f"DROP DATABASE {self.database}")

    def insert(self, name: str, rows: list[str]) -> None:
        for start in range(0, len(rows), 2000):
            run(f"INSERT INTO {self.table(name)} VALUES {','.join(rows[start : start + 2000])}")

    def run(self, sql: str) -> None:
        run(sql)

    def answer(
        self,
        team_id: int,
        query: str,
        values: Mapping[str, Any],
        filters: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Columns and rows. At most 50,000 rows, 100 without a LIMIT; then hasMore tells.

        With a LIMIT of its own a query has no hasMore, as with the vendor.
        """
        if re.search(r"\bOFFSET\b", query):
            raise HogQLError(NO_OFFSET)
        found = re.search(r"\sLIMIT (\d+)\s*$", query)
        limit = min(int(found[1]) if found else 100, 50_000)
        text = query[: found.start()] if found else query
        sql = f"{self._clickhouse(team_id, text, values, filters)} LIMIT {limit + 1}"
        sql += " SETTINGS output_format_json_quote_64bit_integers = 0"
        try:
            answer = json.loads(run(sql, "JSONCompact"))
        except RuntimeError as error:
            raise HogQLError(str(error).splitlines()[0]) from error
        rows = answer["data"]
        return {
            "columns": [column["name"] for column in answer["meta"]],
            "results": rows[:limit],
            **({} if found else {"hasMore": len(rows) > limit}),
        }

    def _clickhouse(
        self,
        team_id: int,
        query: str,
        values: Mapping[str, Any],
        filters: Mapping[str, Any] | None,
    ) -> str:
        # Values are filled in first, and then nothing else may be open: posthog/hogql/
        # placeholders.py runs every placeholder with the values as its only globals.
        if values and "{filters}" in query:
            raise HogQLError("Global variable not found: filters")
        for name, value in values.items():
            query = query.replace(f"{{{name}}}", _quoted(value))
        if filters is not None and "{filters}" in query:
            wanted = self.filters[team_id] if filters.get("filterTestAccounts") else []
            query = query.replace("{filters}", _conditions(wanted))
        if unfilled := re.search(r"\{\w+\}", query):
            raise HogQLError(f"Unresolved placeholder: {unfilled[0]}")
        query = re.sub(
            r"getBotName\((properties\.\$?\w+)\)",
            rf"if(match(lower(coalesce(\1, '')), '{BOT}'), 'A bot', '')",
            query,
        )
        query = re.sub(
            r"properties\.(\$?\w+)",
            r"nullIf(nullIf(JSONExtractString(properties, '\1'), ''), 'null')",
            query,
        )
        query = re.sub(r"(?<=[\s(])(\$session_id|\$group_\d)\b", r"`\1`", query)

        def table(match: "re.Match[str]") -> str:
            name = match[1]
            if name not in TABLES or name in self.hidden:
                raise HogQLError(f"Unknown table `{name}`.")
            return f"FROM (SELECT * FROM {self.table(name)} WHERE team_id = {team_id})"

        return re.sub(r"FROM ([a-z_]+(?:\.[a-z_]+)?)", table, query)


def _quoted(value: Any) -> str:
    if isinstance(value, bool | int):
        return str(value).lower()
    return quoted(value)


OPERATORS = {
    "exact": "{0} IN ({1})",
    "is_not": "{0} NOT IN ({1})",
    "icontains": "positionCaseInsensitive({0}, {1}) > 0",
    "not_icontains": "positionCaseInsensitive({0}, {1}) = 0",
    "regex": "match({0}, {1})",
    "not_regex": "NOT match({0}, {1})",
}
COLUMNS = {"person": "person_properties", "event": "properties"}


def _conditions(filters: list[Mapping[str, Any]]) -> str:
    """Test account filters as the vendor turns them into SQL; none is true."""
    parts = []
    for one in filters:
        value = one["value"] if isinstance(one["value"], list) else [one["value"]]
        read = f"JSONExtractString({COLUMNS[one['type']]}, {quoted(one['key'])})"
        listed = ", ".join(quoted(v) for v in value)
        parts.append(f"({OPERATORS[one['operator']].format(read, listed)})")
    return " AND ".join(parts) or "true"
