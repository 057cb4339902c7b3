"""Named HogQL queries: read from ``queries/*.sql``, run to the last row.

A query file starts with comments: what it answers, from where, and ``-- sums: columns`` when
its rows may be added up over days. Only such a query is cut into shorter windows when the
vendor's time or memory is not enough; distinct counts are not.

Two rules of the vendor's shape what is sent (PostHog/posthog, both answered with 400):
OFFSET is refused to a personal API key, so a further page starts after the last key read
(posthog/hogql/user_query_validator.py); and ``{filters}`` cannot stand beside values, because
values are filled in first (posthog/hogql_queries/hogql_query_runner.py), so a query with the
project's test account filters carries its moments in the text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from audit.sources.posthog.client import Client
from audit.sources.posthog.failures import QueryTooLargeError
from audit.web.failures import RequestError

#: The vendor's maximum for one answer; without a LIMIT it would silently give 100.
LARGEST_PAGE_ROWS = 50_000
NAME_PREFIX = "account-audit "
#: The vendor fills in the project's own filters of internal and test users here.
FILTERS = "{filters}"
WITHOUT_TEST_ACCOUNTS = {"filterTestAccounts": True}

_SUMS = re.compile(r"^-- sums: (\w+(?:, \w+)*)$", re.MULTILINE)
_KEYS = re.compile(r"^GROUP BY (.+)\nORDER BY", re.MULTILINE)


@dataclass(frozen=True)
class Query:
    """One query. ``sums``: columns that may be added up over days. ``keys``: its GROUP BY."""

    name: str
    text: str
    sums: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def after(self, last: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The text that goes on after a row, and the values it needs."""
        names = [f"after_{place}" for place in range(len(self.keys))]
        beyond = ", ".join(f"{{{name}}}" for name in names)
        having = f"HAVING tuple({', '.join(self.keys)}) > tuple({beyond})"
        head, mark, tail = self.text.rpartition("\nORDER BY")
        values = dict(zip(names, (last[key] for key in self.keys), strict=True))
        return f"{head}\n{having}{mark}{tail}", values


@dataclass(frozen=True)
class Answer:
    """All rows of one query, by column name."""

    query: Query
    rows: list[dict[str, Any]]


@cache
def named(name: str) -> Query:
    """The query in ``queries/<name>.sql``."""
    whole = files("audit.sources.posthog").joinpath("queries", f"{name}.sql").read_text("utf-8")
    sums = _SUMS.search(whole)
    body = "\n".join(line for line in whole.splitlines() if not line.startswith("--")).strip()
    keys = _KEYS.search(body)
    return Query(name, body, *(tuple(m[1].split(", ")) if m else () for m in (sums, keys)))


class Runner:
    """Runs queries on one project over one window of UTC days."""

    def __init__(
        self,
        client: Client,
        project_id: str,
        start: date,
        end: date,
        *,
        page_rows: int = LARGEST_PAGE_ROWS,
    ) -> None:
        self.client = client
        self.project_id = project_id
        self.start = start
        self.end = end
        self.page_rows = page_rows

    def run(self, name: str) -> Answer:
        """Every row of a query over the window.

        Raises: RequestError; never returns a part.
        """
        query = named(name)
        return Answer(query, self._window(query, self.start, self.end))

    def _window(self, query: Query, start: date, end: date) -> list[dict[str, Any]]:
        try:
            return self._pages(query, start, end)
        except QueryTooLargeError:
            days = (end - start).days
            if not query.sums or days < 2:
                raise
            middle = start + timedelta(days=days // 2)
            return _added(
                query.sums, self._window(query, start, middle) + self._window(query, middle, end)
            )

    def _pages(self, query: Query, start: date, end: date) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while True:
            page, more = self._page(query, start, end, rows[-1] if rows else None)
            rows += page
            if more and not page:
                raise self._refused(query, "announced more rows and sent none")
            if not query.keys and len(rows) != 1:
                raise self._refused(query, "came back without its one row of totals")
            # One row of totals has no next page.
            if not query.keys or (not more and len(page) < self.page_rows):
                break
        if len({tuple(row[key] for key in query.keys) for row in rows}) < len(rows):
            raise self._refused(query, "changed between its pages")
        return rows

    def _page(
        self, query: Query, start: date, end: date, last: dict[str, Any] | None
    ) -> tuple[list[dict[str, Any]], bool]:
        text, values = (query.text, {}) if last is None else query.after(last)
        days = {"start": start, "end": end, "day_before": start - timedelta(days=1)}
        moments = {k: f"{v.isoformat()} 00:00:00" for k, v in days.items() if f"{{{k}}}" in text}
        asked: dict[str, Any] = {"kind": "HogQLQuery"}
        if FILTERS in text:
            for name, moment in moments.items():
                text = text.replace(f"{{{name}}}", f"'{moment}'")
            asked["filters"] = WITHOUT_TEST_ACCOUNTS
        else:
            asked["values"] = {**moments, **values}
        asked["query"] = f"{text}\nLIMIT {self.page_rows}"
        body = {"query": asked, "name": NAME_PREFIX + query.name, "refresh": "blocking"}
        answer = self.client.query(self.project_id, body)
        return self._rows(query, answer)

    def _rows(self, query: Query, answer: Mapping[str, Any]) -> tuple[list[dict[str, Any]], bool]:
        if answer.get("error"):
            raise self._refused(query, f"failed: {' '.join(str(answer['error']).split())[:200]}")
        results, columns = answer.get("results"), answer.get("columns")
        if not isinstance(results, list) or not isinstance(columns, list):
            raise self._refused(query, "came back without rows")
        if any(not isinstance(row, list) or len(row) != len(columns) for row in results):
            raise self._refused(query, "came back with rows of another width than its columns")
        if not set(query.keys) <= set(columns):
            raise self._refused(query, "came back without the columns it is grouped by")
        return [dict(zip(columns, row, strict=True)) for row in results], bool(
            answer.get("hasMore")
        )

    def _refused(self, query: Query, what: str) -> RequestError:
        return RequestError(
            f"The query {query.name} on project {self.project_id} {what}. Nothing of it was used; "
            "pull again."
        )


def _added(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    totals: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        key = tuple(value for name, value in row.items() if name not in columns)
        if key in totals:
            for column in columns:
                totals[key][column] += row[column]
        else:
            totals[key] = dict(row)
    return list(totals.values())
