"""Raw rows of one project: what its canonical tables count, and around it what must not count.

Unbilled events, events just outside the window, deleted recordings, queries of the vendor's own
staff, failed syncs, deliveries of other apps.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pandas as pd
from fake_events import BOT_AGENT, HOSTS, Events
from fake_values import plain, quoted

MILLISECONDS = {"under_2_seconds": 1999, "2_to_5_seconds": 2000, "5_seconds_or_longer": 5000}
HALF_AN_HOUR = 1_800_000
QUERY_KINDS = {
    "product_analytics": ("TrendsQuery", "/api/environments/1/query/"),
    "web_analytics": ("WebOverviewQuery", "/api/environments/1/query/"),
    "session_replay": ("RecordingsQuery", "/api/environments/1/query/"),
    "surveys": ("", "/api/projects/1/surveys/responses_count"),
    "error_tracking": ("ErrorTrackingQuery", "/api/environments/1/query/"),
    "llm_analytics": ("TracesQuery", "/api/environments/1/query/"),
    "data_warehouse": ("HogQLQuery", "/api/environments/1/query/"),
    "logs": ("LogsQuery", "/api/environments/1/query/"),
}
#: What the log says of a page that belongs to no product.
NO_PRODUCT = ("", "/api/users/@me/")
FINISHED, FAILED = "QueryFinish", "ExceptionWhileProcessing"
BILLED_BY_EVENT = "_event_trigger"


class Engine(Protocol):
    filters: dict[int, list[Mapping[str, Any]]]

    def table(self, name: str) -> str: ...
    def insert(self, name: str, rows: list[str]) -> None: ...
    def run(self, sql: str) -> None: ...


class Project:
    """Fills one project's raw tables."""

    def __init__(self, warehouse: Engine, team_id: int, own: Mapping[str, pd.DataFrame]) -> None:
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
        self._syncs()
        self._deliveries()
        for row in self.own["ingestion_warnings"].itertuples():
            values = f"({self.team_id}, {quoted(row.type)}, '{row.last_seen_at:%Y-%m-%d %H:%M:%S}')"
            self.warehouse.insert("system.ingestion_warnings", [values] * int(row.quantity))

    def _counted(self, measure: str) -> int:
        return int(self.activity.get(measure, 0))

    def _events(self) -> None:
        filters = self.warehouse.filters[self.team_id]
        events = Events(self.team_id, self.own, self.activity, filters)
        sessions = max(int(self.activity.get("sessions", 1)), 1)
        grouped = self._counted("group_events")
        if events.parts:
            self.warehouse.run(
                f"""INSERT INTO {self.warehouse.table("events")}
                SELECT {self.team_id}, event, properties,
                    toDateTime64('{self.start} 00:00:00', 6, 'UTC')
                        + toIntervalSecond((n * 7919) % (86400 * {self._days()})),
                    'd' || toString(person), 'p' || toString(person), person_properties, mode,
                    's' || toString(n % {sessions}),
                    if(n < {grouped}, 'company:1', ''), '', '', '', ''
                FROM (
                    SELECT c.1 AS event, c.2 AS properties, c.3 AS person_properties,
                        c.4 AS mode, c.11 + i AS n, (c.9 + i) % c.6 AS place,
                        if(place < c.7, c.5 + place, c.8 + place - c.7) AS person
                    FROM (
                        SELECT arrayJoin([{",".join(part.sql() for part in events.parts)}]) AS c
                    )
                    ARRAY JOIN range(toUInt64(c.10)) AS i
                )"""
            )
        people = events.known + events.wasted
        self._unbilled(people, sessions)
        self._reported(people)
        rows = [f"({self.team_id}, 'p{n}', {n < events.known})" for n in range(people)]
        self.warehouse.insert("persons", rows)

    def _unbilled(self, people: int, sessions: int) -> None:
        """Every person and session once, on events nobody is billed for; and outside events."""
        self._many(
            "['$feature_flag_called', '$exception', 'survey sent', '$experiment_exposure', "
            "'$conversations_loaded'][1 + number % 5]",
            {"$lib": "web", "$raw_user_agent": BOT_AGENT, "$lib_custom_api_host": "e.example.com"},
            max(people, sessions),
            person=f"'p' || toString(number % {people})",
            session=f"'s' || toString(number % {sessions})",
            group="company:1",
        )
        properties = quoted(json.dumps({"$lib": "web", "$lib_version": "0.0.1"}))
        outside = [
            f"({self.team_id}, '$pageview', {properties}, '{moment}', 'outsider', 'outsider', "
            "'{}', 'full', 'outside', 'company:1', '', '', '', '')"
            for moment in (f"{self._day_before()} 23:59:59.999999", f"{self.end} 00:00:00")
        ]
        no_session = f"'$exception', '{{}}', '{self.start} 00:00:00', 'd0', 'p0', '{{}}', 'full'"
        outside.append(f"({self.team_id}, {no_session}, '', '', '', '', '', '')")
        self.warehouse.insert("events", outside)

    def _reported(self, people: int) -> None:
        """Flag calls of servers, and AI events: reported as events, billed elsewhere or not."""
        person = f"'p' || toString(number % {people})"
        ids = max(self._counted("server_flag_people"), 1)
        self._many(
            "'$feature_flag_called'",
            {"$lib": "posthog-node"},
            self._counted("server_flag_calls"),
            person=person,
            distinct=f"'flag-' || toString(number % {ids})",
        )
        generations, spans = self._counted("ai_generations"), self._counted("ai_spans")
        others = self._counted("ai_events") - generations - spans
        if others < 0:
            raise ValueError(f"project {self.team_id}: more AI spans than AI events")
        for name, quantity in (
            ("'$ai_generation'", generations),
            ("['$ai_span', '$ai_trace'][1 + number % 2]", spans),
            ("'$ai_embedding'", others),
        ):
            self._many(name, {"$lib": "posthog-python"}, quantity, person=person)

    def _many(
        self,
        event: str,
        properties: Mapping[str, Any],
        quantity: int,
        *,
        person: str,
        distinct: str = "",
        session: str = "''",
        group: str = "",
    ) -> None:
        self.warehouse.run(
            f"""INSERT INTO {self.warehouse.table("events")}
            SELECT {self.team_id}, {event}, {quoted(json.dumps(properties))},
                toDateTime64('{self.start} 00:00:00', 6, 'UTC') + toIntervalSecond(number % 86400),
                {distinct or person}, {person}, '{{}}', 'full', {session}, {quoted(group)},
                '', '', '', ''
            FROM numbers({quantity})"""
        )

    def _recordings(self) -> None:
        usage = self.own["usage_rows"]
        idle = self._counted("idle_recordings")
        #: source, library, first page, milliseconds, of them active, how many, deleted
        groups = []
        for row in usage[usage["meter"].isin(["session_replay", "mobile_replay"])].itertuples():
            source = "mobile" if row.meter == "mobile_replay" else "web"
            host = HOSTS[row.host_class]
            place = (source, row.library, f"https://{host}/start?x=1" if host else "")
            rest = int(row.quantity)
            if row.event == "5_seconds_or_longer":
                still = min(idle, rest) if source == "web" else 0
                idle -= still
                groups.append((*place, HALF_AN_HOUR, 9_999, still, 0))
                # Nearly idle: a moment too short, a moment too active.
                near = min(rest - still, 2) if source == "web" else 0
                groups.append((*place, HALF_AN_HOUR - 1, 0, near // 2, 0))
                groups.append((*place, HALF_AN_HOUR, 10_000, near - near // 2, 0))
                rest -= still + near
            groups.append((*place, MILLISECONDS[row.event], 0, rest, 0))
        if idle:
            raise ValueError(f"project {self.team_id}: {idle} idle recordings too many")
        # Deleted ones, and one that began the day before and went on into the window.
        groups.append(("web", "web", "https://app.example.com/", HALF_AN_HOUR, 0, 3, 1))
        for number, group in enumerate(groups):
            if group[5]:
                self._segments(f"r{number}-", *group)
        for moment in (f"{self._day_before()} 23:59:00", f"{self.start} 00:00:30"):
            self._segment(
                f"'early', toDateTime64('{moment}', 6, 'UTC')", "web", "web", "", 90_000, 0, 1, 0
            )
        late = f"'late', toDateTime64('{self.end} 00:00:00', 6, 'UTC')"
        self._segment(late, "web", "web", "", 10, 0, 1, 0)

    def _segments(
        self,
        prefix: str,
        source: str,
        library: str,
        url: str,
        ms: int,
        active: int,
        quantity: int,
        deleted: int,
    ) -> None:
        start = (
            f"toDateTime64('{self.start} 00:00:00', 6, 'UTC') "
            f"+ toIntervalSecond((number * 7919) % (86400 * {self._days()} - 60))"
        )
        key = f"'{prefix}' || toString(number)"
        # Two segments of one session: the first short, the second as long as the recording.
        first = active // 2
        self._segment(f"{key}, {start}", source, library, url, ms // 2, first, quantity, deleted)
        self._segment(
            f"{key}, {start}",
            source,
            "late",
            "https://late.test/",
            ms,
            active - first,
            quantity,
            0,
            later=1,
        )

    def _segment(
        self,
        key_and_start: str,
        source: str,
        library: str,
        url: str,
        milliseconds: int,
        active: int,
        quantity: int,
        deleted: int,
        later: int = 0,
    ) -> None:
        self.warehouse.run(
            f"""INSERT INTO {self.warehouse.table("raw_session_replay_events")}
            SELECT {self.team_id}, key, start + toIntervalMillisecond({later}),
                start + toIntervalMillisecond({milliseconds}),
                argMinState(CAST('{source}' AS Nullable(String)), seen),
                argMinState(CAST({quoted(library)} AS Nullable(String)), seen),
                argMinState(CAST({quoted(url)} AS Nullable(String)), seen), {active}, {deleted}
            FROM (
                SELECT pair.1 AS key, pair.2 AS start,
                    start + toIntervalMillisecond({later}) AS seen
                FROM (SELECT tuple({key_and_start}) AS pair FROM numbers({quantity}))
            )
            GROUP BY key, start"""
        )

    def _query_log(self) -> None:
        """People in the app, one query for each product at least; keys; and failures of both."""
        seen = [
            (*QUERY_KINDS[measure.removeprefix("people_using_")], user)
            for measure, quantity in self.activity.items()
            if measure.startswith("people_using_")
            for user in range(1, int(quantity) + 1)
        ]
        in_app = int(self.activity.get("app_queries", 2 * len(seen) + 1))
        if in_app < len(seen):
            raise ValueError(f"project {self.team_id}: {in_app} queries of {len(seen)} readers")
        # Twice where there are enough: who looks again is no other person.
        rows = seen * (2 if in_app > 2 * len(seen) else 1)
        by_key = int(self.activity.get("api_queries", 1))
        others = in_app - len(rows)
        failed = self._counted("failed_queries")
        failed_by_key, failed_others = min(failed, by_key), min(max(failed - by_key, 0), others)
        of_rows = failed - failed_by_key - failed_others
        self.warehouse.insert(
            "raw_query_log",
            [
                self._logged(*row, outcome=FAILED if number < of_rows else FINISHED)
                for number, row in enumerate(rows)
            ]
            + [
                # Not counted: the vendor's staff, after the window, a shared link, the start alone.
                self._logged(*QUERY_KINDS["logs"], 901, impersonated=True, outcome=FAILED),
                self._logged(*QUERY_KINDS["logs"], 902, moment=f"{self.end} 00:00:00"),
                self._logged(*QUERY_KINDS["logs"], 0, method="sharing_token", outcome=FAILED),
                self._logged(*QUERY_KINDS["logs"], 904, outcome="QueryStart"),
            ],
        )
        self._logged_many(NO_PRODUCT, 903, "", others, failed_others)
        self._logged_many(
            QUERY_KINDS["product_analytics"], 900, "personal_api_key", by_key, failed_by_key
        )

    def _logged(
        self,
        kind: str,
        path: str,
        user: int,
        *,
        method: str = "",
        impersonated: bool = False,
        moment: str | None = None,
        outcome: str = FINISHED,
    ) -> str:
        at = moment or f"{self.start} 12:00:00"
        return (
            f"({self.team_id}, '{at}', '{kind}', '{path}', {user}, '{method}', {impersonated}, "
            f"'{outcome}')"
        )

    def _logged_many(
        self, page: tuple[str, str], user: int, method: str, quantity: int, failed: int
    ) -> None:
        self.warehouse.run(
            f"""INSERT INTO {self.warehouse.table("raw_query_log")}
            SELECT {self.team_id}, toDateTime64('{self.start} 12:00:00', 6, 'UTC'), '{page[0]}',
                '{page[1]}', {user}, '{method}', false,
                if(number < {failed}, '{FAILED}', '{FINISHED}')
            FROM numbers({quantity})"""
        )

    def _objects(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        rows = self.own["resources"]
        rows = rows[rows["kind"] == kind]
        return [
            (str(row.resource_id), json.loads(plain(row.details) or "{}"))
            for row in rows.itertuples()
        ]

    def _syncs(self) -> None:
        inside, after = f"'{self.start} 03:00:00'", f"'{self.end} 00:00:00'"
        rows = []
        for name, details in self._objects("warehouse_schema"):
            syncs, synced = int(details.get("syncs") or 0), int(details.get("rows_synced") or 0)
            for number in range(syncs):
                part = synced // syncs + (number < synced % syncs)
                rows.append((quoted(name), "'Completed'", part, True, inside))
            rows += [
                # Not counted: failed, not billed, after the window, still running.
                (quoted(name), "'Failed'", 700, True, inside),
                (quoted(name), "'Completed'", 700, False, inside),
                (quoted(name), "'Completed'", 700, True, after),
                (quoted(name), "'Running'", "NULL", True, "NULL"),
            ]
        self._insert("system.source_sync_jobs", rows)

    def _deliveries(self) -> None:
        inside, after = f"'{self.start} 03:00:00'", f"'{self.end} 00:00:00'"
        app = "'hog_function'"
        rows = []
        for name, details in self._objects("destination"):
            for metric, kind in (("succeeded", "success"), ("failed", "failure")):
                whole = int(details.get(metric) or 0)
                for part in (whole // 2, whole - whole // 2):
                    rows.append((app, quoted(name), inside, kind, metric, part))
            # Nobody knows what one destination is billed where the vendor bills by event.
            billed = details.get("billable")
            billed_as, billed = (BILLED_BY_EVENT, 5) if billed is None else (name, billed)
            if details:
                rows.append(
                    (app, quoted(billed_as), inside, "billing", "billable_invocation", billed)
                )
            rows += [
                # Not counted: filtered out, after the window, of a workflow.
                (app, quoted(name), inside, "other", "filtered", 900),
                (app, quoted(name), after, "success", "succeeded", 900),
                ("'hog_flow'", quoted(name), inside, "failure", "failed", 900),
            ]
        self._insert(
            "app_metrics", [(*row[:3], quoted(row[3]), quoted(row[4]), row[5]) for row in rows]
        )

    def _insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        self.warehouse.insert(
            table, [f"({self.team_id}, {', '.join(map(str, row))})" for row in rows]
        )

    def _days(self) -> int:
        return (pd.Timestamp(self.end) - pd.Timestamp(self.start)).days

    def _day_before(self) -> str:
        return (pd.Timestamp(self.start) - pd.Timedelta(days=1)).date().isoformat()
