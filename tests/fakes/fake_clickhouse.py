"""Raw events behind the canonical tables, in an embedded ClickHouse that answers HogQL.

From usage rows, activity, versions and warnings this makes events, persons, replay segments
and query-log rows which, counted the vendor's way, give those tables again. Around them lies
what must not be counted: unbilled events, events just outside the window, deleted recordings,
queries by key.
"""

import itertools
import json
import re
import threading
from collections.abc import Mapping
from typing import Any

import chdb.session
import pandas as pd

SESSION_LOCK = threading.Lock()
_numbers = itertools.count()
_session: list[chdb.session.Session] = []

HOSTS = {
    "production": "app.example.com",
    "staging": "staging.example.com",
    "localhost": "localhost:3000",
    "unknown": "",
}
MILLISECONDS = {"under_2_seconds": 1999, "2_to_5_seconds": 2000, "5_seconds_or_longer": 5000}
QUERY_KINDS = {
    "product_analytics": ("TrendsQuery", "/api/environments/1/query/"),
    "session_replay": ("RecordingsQuery", "/api/environments/1/query/"),
    "surveys": ("", "/api/projects/1/surveys/responses_count"),
    "error_tracking": ("ErrorTrackingQuery", "/api/environments/1/query/"),
    "llm_analytics": ("TracesQuery", "/api/environments/1/query/"),
    "data_warehouse": ("HogQLQuery", "/api/environments/1/query/"),
    "logs": ("LogsQuery", "/api/environments/1/query/"),
}
MOMENT = "DateTime64(6, 'UTC')"
TABLES = {
    "events": f"""team_id Int64, event String, properties String, timestamp {MOMENT},
        person_id String, person_mode String, `$session_id` String, `$group_0` String,
        `$group_1` String, `$group_2` String, `$group_3` String, `$group_4` String""",
    "persons": "team_id Int64, id String, is_identified Bool",
    "raw_session_replay_events": f"""team_id Int64, session_id String,
        min_first_timestamp SimpleAggregateFunction(min, {MOMENT}),
        max_last_timestamp SimpleAggregateFunction(max, {MOMENT}),
        snapshot_source AggregateFunction(argMin, Nullable(String), {MOMENT}),
        snapshot_library AggregateFunction(argMin, Nullable(String), {MOMENT}),
        first_url AggregateFunction(argMin, Nullable(String), {MOMENT}),
        is_deleted SimpleAggregateFunction(max, UInt8)""",
    "raw_query_log": f"""team_id Int64, event_time {MOMENT}, lc_query__kind String, lc_id String,
        lc_user_id Int64, lc_access_method String, lc_is_impersonated Bool""",
    "system.ingestion_warnings": f"team_id Int64, type String, timestamp {MOMENT}",
}
KNOWN, WASTED, ANONYMOUS = range(3)
PERSON_MODES = {KNOWN: "full", WASTED: "force_upgrade", ANONYMOUS: "propertyless"}


def _run(sql: str, form: str = "CSV") -> str:
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
        _run(f"CREATE DATABASE {self.database}")
        for name, columns in TABLES.items():
            engine = "AggregatingMergeTree" if "Aggregate" in columns else "MergeTree"
            order = "(team_id, session_id)" if "Aggregate" in columns else "team_id"
            _run(f"CREATE TABLE {self._table(name)} ({columns}) ENGINE = {engine} ORDER BY {order}")
        mine = {n: f[f["organization_id"] == organization_id] for n, f in tables.items()}
        for project_id in mine["projects"]["project_id"]:
            own = {
                n: f[f["project_id"] == project_id] for n, f in mine.items() if "project_id" in f
            }
            _Project(self, int(project_id), own).fill()

    def _table(self, name: str) -> str:
        return f"{self.database}.{name.replace('.', '_')}"

    def drop(self) -> None:
        _run(f"DROP DATABASE {self.database}")

    def insert(self, name: str, rows: list[str]) -> None:
        for start in range(0, len(rows), 2000):
            _run(f"INSERT INTO {self._table(name)} VALUES {','.join(rows[start : start + 2000])}")

    def run(self, sql: str) -> None:
        _run(sql)

    def answer(self, team_id: int, query: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Columns, rows and hasMore. At most 50,000 rows, 100 without a LIMIT."""
        found = re.search(r"\sLIMIT (\d+)(?: OFFSET (\d+))?\s*$", query)
        limit, offset = (int(found[1]), int(found[2] or 0)) if found else (100, 0)
        limit = min(limit, 50_000)
        text = query[: found.start()] if found else query
        sql = f"{self._clickhouse(team_id, text, values)} LIMIT {limit + 1} OFFSET {offset}"
        sql += " SETTINGS output_format_json_quote_64bit_integers = 0"
        try:
            answer = json.loads(_run(sql, "JSONCompact"))
        except RuntimeError as error:
            raise HogQLError(str(error).splitlines()[0]) from error
        rows = answer["data"]
        return {
            "columns": [column["name"] for column in answer["meta"]],
            "results": rows[:limit],
            "hasMore": len(rows) > limit,
        }

    def _clickhouse(self, team_id: int, query: str, values: Mapping[str, Any]) -> str:
        for name, value in values.items():
            query = query.replace(f"{{{name}}}", _quoted(value))
        if unfilled := re.search(r"\{\w+\}", query):
            raise HogQLError(f"Unresolved placeholder: {unfilled[0]}")
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
            return f"FROM (SELECT * FROM {self._table(name)} WHERE team_id = {team_id})"

        return re.sub(r"FROM ([a-z_]+(?:\.[a-z_]+)?)", table, query)


def _quoted(value: Any) -> str:
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


class _Project:
    """Fills one project's raw tables."""

    def __init__(self, warehouse: Warehouse, team_id: int, own: Mapping[str, pd.DataFrame]) -> None:
        self.warehouse, self.team_id, self.own = warehouse, team_id, own
        rows = own["activity"]
        self.activity = dict(zip(rows["measure"], rows["quantity"], strict=True))
        self.start = self.end = None
        if len(rows):
            self.start = rows["window_start"].iloc[0].date().isoformat()
            self.end = rows["window_end"].iloc[0].date().isoformat()

    def fill(self) -> None:
        if self.start is None:
            return
        self._events()
        self._recordings()
        self._query_log()
        for row in self.own["ingestion_warnings"].itertuples():
            values = (
                f"({self.team_id}, {_quoted(row.type)}, '{row.last_seen_at:%Y-%m-%d %H:%M:%S}')"
            )
            self.warehouse.insert("system.ingestion_warnings", [values] * int(row.quantity))

    def _events(self) -> None:
        usage = self.own["usage_rows"]
        usage = usage[usage["meter"] == "product_analytics"]
        versions = self.own["sdk_versions"].set_index("library")["version"].to_dict()
        known, wasted = self._people(usage)
        sessions = int(self.activity.get("sessions", 1))
        grouped = int(self.activity.get("group_events", 0))
        combinations, first = [], 0
        for row in usage.itertuples():
            mode = KNOWN if row.known_person else WASTED if row.identified else ANONYMOUS
            properties = {"$lib": row.library, "$lib_version": versions.get(row.library)}
            if row.library == "unknown":
                properties = {}
            if HOSTS[row.host_class]:
                properties["$host"] = HOSTS[row.host_class]
            pool = {KNOWN: (0, known), WASTED: (known, wasted), ANONYMOUS: (0, known + wasted)}[
                mode
            ]
            combinations.append(
                f"({_quoted(row.event)}, {_quoted(json.dumps(properties))}, "
                f"'{PERSON_MODES[mode]}', {pool[0]}, {max(pool[1], 1)}, "
                f"{row.quantity}, {first})"
            )
            first += int(row.quantity)
        table = self.warehouse._table("events")
        if combinations:
            self.warehouse.run(
                f"""INSERT INTO {table}
                SELECT {self.team_id}, event, properties,
                    toDateTime64('{self.start} 00:00:00', 6, 'UTC')
                        + toIntervalSecond((n * 7919) % (86400 * {self._days()})),
                    'p' || toString(low + n % size), mode,
                    's' || toString(n % {max(sessions, 1)}),
                    if(n < {grouped}, 'company:1', ''), '', '', '', ''
                FROM (
                    SELECT c.1 AS event, c.2 AS properties, c.3 AS mode, c.4 AS low, c.5 AS size,
                        c.7 + i AS n
                    FROM (SELECT arrayJoin([{",".join(combinations)}]) AS c)
                    ARRAY JOIN range(toUInt64(c.6)) AS i
                )"""
            )
        self._unbilled(table, known + wasted, sessions)
        people = [f"({self.team_id}, 'p{n}', {n < known})" for n in range(known + wasted)]
        self.warehouse.insert("persons", people)

    def _people(self, usage: pd.DataFrame) -> tuple[int, int]:
        """How many people were identified, and how many never."""
        people = int(self.activity.get("people", 1))
        needs = (
            int(usage["known_person"].any()),
            int((usage["identified"] & ~usage["known_person"]).any()),
        )
        if sum(needs) > people:
            raise ValueError(f"project {self.team_id} has {people} people, {needs} are needed")
        known = max(needs[0], people // 2 if needs[0] else 0)
        known = min(known, people - needs[1])
        return known, people - known

    def _unbilled(self, table: str, people: int, sessions: int) -> None:
        """Every person and session once, on events nobody is billed for; and outside events."""
        self.warehouse.run(
            f"""INSERT INTO {table}
            SELECT {self.team_id},
                ['$feature_flag_called', '$exception', 'survey sent', '$ai_generation',
                 '$conversations_loaded'][1 + number % 5], '{{}}',
                toDateTime64('{self.start} 00:00:00', 6, 'UTC') + toIntervalSecond(number % 86400),
                'p' || toString(number % {people}), 'full', 's' || toString(number % {sessions}),
                'company:1', '', '', '', ''
            FROM numbers({max(people, sessions)})"""
        )
        outside = [
            f'({self.team_id}, \'$pageview\', \'{{"$lib": "web", "$lib_version": "0.0.1"}}\', '
            f"'{moment}', 'outsider', 'full', 'outside', 'company:1', '', '', '', '')"
            for moment in (f"{self._day_before()} 23:59:59.999999", f"{self.end} 00:00:00")
        ]
        no_session = f"'$exception', '{{}}', '{self.start} 00:00:00', 'p0', 'full', ''"
        outside.append(f"({self.team_id}, {no_session}, '', '', '', '', '')")
        self.warehouse.insert("events", outside)

    def _recordings(self) -> None:
        usage = self.own["usage_rows"]
        groups = []
        for row in usage[usage["meter"].isin(["session_replay", "mobile_replay"])].itertuples():
            source = "mobile" if row.meter == "mobile_replay" else "web"
            host = HOSTS[row.host_class]
            url = f"https://{host}/start?x=1" if host else ""
            groups.append((source, row.library, url, MILLISECONDS[row.event], int(row.quantity), 0))
        # Deleted ones, and one that began the day before and went on into the window.
        groups.append(("web", "web", "https://app.example.com/", 9000, 3, 1))
        for number, (source, library, url, milliseconds, quantity, deleted) in enumerate(groups):
            self._segments(f"r{number}-", source, library, url, milliseconds, quantity, deleted)
        for moment in (f"{self._day_before()} 23:59:00", f"{self.start} 00:00:30"):
            self._segment(
                f"'early', toDateTime64('{moment}', 6, 'UTC')", "web", "web", "", 90_000, 1, 0
            )
        late = f"'late', toDateTime64('{self.end} 00:00:00', 6, 'UTC')"
        self._segment(late, "web", "web", "", 10, 1, 0)

    def _segments(
        self, prefix: str, source: str, library: str, url: str, ms: int, quantity: int, deleted: int
    ) -> None:
        start = (
            f"toDateTime64('{self.start} 00:00:00', 6, 'UTC') "
            f"+ toIntervalSecond((number * 7919) % (86400 * {self._days()} - 60))"
        )
        key = f"'{prefix}' || toString(number)"
        # Two segments of one session: the first short, the second as long as the recording.
        self._segment(f"{key}, {start}", source, library, url, ms // 2, quantity, deleted)
        self._segment(
            f"{key}, {start}", source, "late", "https://late.test/", ms, quantity, 0, later=1
        )

    def _segment(
        self,
        key_and_start: str,
        source: str,
        library: str,
        url: str,
        milliseconds: int,
        quantity: int,
        deleted: int,
        later: int = 0,
    ) -> None:
        self.warehouse.run(
            f"""INSERT INTO {self.warehouse._table("raw_session_replay_events")}
            SELECT {self.team_id}, key, start + toIntervalMillisecond({later}),
                start + toIntervalMillisecond({milliseconds}),
                argMinState(CAST('{source}' AS Nullable(String)), seen),
                argMinState(CAST({_quoted(library)} AS Nullable(String)), seen),
                argMinState(CAST({_quoted(url)} AS Nullable(String)), seen), {deleted}
            FROM (
                SELECT pair.1 AS key, pair.2 AS start,
                    start + toIntervalMillisecond({later}) AS seen
                FROM (SELECT tuple({key_and_start}) AS pair FROM numbers({quantity}))
            )
            GROUP BY key, start"""
        )

    def _query_log(self) -> None:
        rows = []
        for measure, quantity in self.activity.items():
            product = measure.removeprefix("people_using_")
            if product == measure:
                continue
            kind, path = QUERY_KINDS[product]
            for user in range(1, int(quantity) + 1):
                rows += [self._logged(kind, path, user)] * 2
        rows += [
            self._logged(
                "TrendsQuery", "/api/environments/1/query/", 900, method="personal_api_key"
            ),
            self._logged("LogsQuery", "/api/environments/1/query/", 901, impersonated=True),
            self._logged(
                "LogsQuery", "/api/environments/1/query/", 902, moment=f"{self.end} 00:00:00"
            ),
            self._logged("", "/api/users/@me/", 903),
        ]
        self.warehouse.insert("raw_query_log", rows)

    def _logged(
        self,
        kind: str,
        path: str,
        user: int,
        *,
        method: str = "",
        impersonated: bool = False,
        moment: str | None = None,
    ) -> str:
        at = moment or f"{self.start} 12:00:00"
        return f"({self.team_id}, '{at}', '{kind}', '{path}', {user}, '{method}', {impersonated})"

    def _days(self) -> int:
        return (pd.Timestamp(self.end) - pd.Timestamp(self.start)).days

    def _day_before(self) -> str:
        return (pd.Timestamp(self.start) - pd.Timedelta(days=1)).date().isoformat()
