"""Named HogQL queries: read from ``queries/*.sql``, run to the last row.

A query file starts with comments: what it answers, from where, and ``-- sums: column`` when
its rows may be added up over days. Only such a query is cut into shorter windows when the
vendor's time or memory is not enough; distinct counts are not.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from audit.sources.posthog.client import Client
from audit.sources.posthog.failures import QueryTooLargeError, RequestError

#: The vendor's maximum for one answer; without a LIMIT it would silently give 100.
LARGEST_PAGE_ROWS = 50_000
NAME_PREFIX = "account-audit "

_SUMS = re.compile(r"^-- sums: (\w+)$", re.MULTILINE)


@dataclass(frozen=True)
class Query:
    """One query. ``sums`` names the column that may be added up over days, or is None."""

    name: str
    text: str
    sums: str | None


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
    body = "\n".join(line for line in whole.splitlines() if not line.startswith("--"))
    return Query(name, body.strip(), sums.group(1) if sums else None)


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
            if query.sums is None or days < 2:
                raise
            middle = start + timedelta(days=days // 2)
            return _added(
                query.sums, self._window(query, start, middle) + self._window(query, middle, end)
            )

    def _pages(self, query: Query, start: date, end: date) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while True:
            page, more = self._page(query, start, end, offset=len(rows))
            rows += page
            if more and not page:
                raise self._refused(query, "announced more rows and sent none")
            if not more and len(page) < self.page_rows:
                break
        keys = [tuple(v for k, v in row.items() if k != query.sums) for row in rows]
        if query.sums and len(set(keys)) != len(keys):
            raise self._refused(query, "changed between its pages")
        return rows

    def _page(
        self, query: Query, start: date, end: date, *, offset: int
    ) -> tuple[list[dict[str, Any]], bool]:
        text = f"{query.text}\nLIMIT {self.page_rows} OFFSET {offset}"
        day_before = start - timedelta(days=1)
        moments = {"start": start, "end": end, "day_before": day_before}
        values = {k: f"{v.isoformat()} 00:00:00" for k, v in moments.items() if f"{{{k}}}" in text}
        body = {
            "query": {"kind": "HogQLQuery", "query": text, "values": values},
            "name": NAME_PREFIX + query.name,
            "refresh": "blocking",
        }
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
        return [dict(zip(columns, row, strict=True)) for row in results], bool(
            answer.get("hasMore")
        )

    def _refused(self, query: Query, what: str) -> RequestError:
        return RequestError(
            f"The query {query.name} on project {self.project_id} {what}. Nothing of it was used; "
            "pull again."
        )


def _added(column: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    totals: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        key = tuple(value for name, value in row.items() if name != column)
        if key in totals:
            totals[key][column] += row[column]
        else:
            totals[key] = dict(row)
    return list(totals.values())
