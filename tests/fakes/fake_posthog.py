"""A PostHog on loopback: answers over real HTTP what one organization's tables came from.

It pages, authenticates, checks scopes, limits and fails as the vendor does, and runs HogQL on
an embedded ClickHouse. Shapes follow the vendor's generated API schema and its end-to-end
specifications (PostHog/posthog products/billing, MIT).
"""

import json
import logging
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode

import pandas as pd
from fake_billing import BillingAnswers
from fake_clickhouse import HogQLError, Warehouse
from fake_objects import RESOURCES
from fake_values import answer, error, moment, plain
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from audit.tables import SETTINGS

# One line per request would drown what a failing test has to say.
logging.getLogger("werkzeug").setLevel(logging.ERROR)

KEY = "phx_test-key-0123456789"
SCOPES = (
    (r"/api/projects/\d+/query/", "query:read"),
    (r"/api/projects/\d+/(actions)/", "action:read"),
    (r"/api/projects/\d+/(insights)/", "insight:read"),
    (r"/api/projects/\d+/(dashboards)/", "dashboard:read"),
    (r"/api/projects/\d+/(cohorts)/", "cohort:read"),
    (r"/api/projects/\d+/(feature_flags)/", "feature_flag:read"),
    (r"/api/projects/\d+/(experiments)/", "experiment:read"),
    (r"/api/projects/\d+/(surveys)/", "survey:read"),
    (r"/api/projects/\d+/(hog_functions)/", "hog_function:read"),
    (r"/api/projects/\d+/(batch_exports)/", "batch_export:read"),
    (r"/api/projects/\d+/(external_data_schemas)/", "external_data_schema:read"),
    (r"/api/projects/\d+/$", "project:read"),
    (r"/api/organizations/[^/]+/members/", "organization_member:read"),
    (r"/api/organizations/[^/]+/billing/", "billing:read"),
    (r"/api/billing/", "billing:read"),
    (r"/api/organizations/", "organization:read"),
)


class Vendor(BillingAnswers):
    """One organization of ``tables`` behind ``url``. Change the attributes to change the vendor."""

    def __init__(
        self, server: HTTPServer, tables: Mapping[str, pd.DataFrame], organization_id: str
    ) -> None:
        self.url = server.url_for("").rstrip("/")
        self.organization_id = organization_id
        self.tables = {n: f[f["organization_id"] == organization_id] for n, f in tables.items()}
        self.warehouse = Warehouse(tables, organization_id)
        self.lock = threading.Lock()
        self.reset()
        server.expect_request(re.compile(".*")).respond_with_handler(self.handle)

    def reset(self) -> None:
        """Well again: no faults, no missing scopes, nothing logged."""
        self.page_rows = 100
        self.missing_scopes: set[str] = set()
        self.key = KEY
        self.organization_billing = True
        self.helper_counters = True
        self.current_organization = self.organization_id
        #: Spend by (product, ISO day), for finished bills.
        self.spend: dict[tuple[str, str], float] = {}
        #: Answers given once, in turn, to requests whose path contains the text.
        self.faults: dict[str, list[Response]] = defaultdict(list)
        self.requests: list[tuple[str, str]] = []
        self.query_names: list[str] = []
        #: What was asked, as it came.
        self.queries: list[dict[str, Any]] = []
        #: By name of a query: what is wrong with it every time, or its whole answer.
        self.failing: dict[str, str | dict[str, Any]] = {}
        self.busiest: Counter[str] = Counter()
        self.running: Counter[str] = Counter()
        self.warehouse.hidden.clear()

    def handle(self, request: Request) -> Response:
        with self.lock:
            self.requests.append((request.method, request.full_path.rstrip("?")))
            for part, answers in self.faults.items():
                if part in request.full_path and answers:
                    given = answers.pop(0)
                    return (
                        given(request)
                        if callable(given) and not isinstance(given, Response)
                        else given
                    )
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return error(
                401, "authentication_failed", "Invalid personal API key.", "authentication_error"
            )
        for pattern, scope in SCOPES:
            if re.match(pattern, request.path):
                if scope in self.missing_scopes:
                    detail = f"API key missing required scope '{scope}'"
                    return error(403, "permission_denied", detail, "authentication_error")
                break
        for pattern, view in self._routes():
            if found := re.fullmatch(pattern, request.path):
                return view(request, *found.groups())
        return error(404, "not_found", "Not found.")

    def _routes(self) -> Iterable[tuple[str, Callable[..., Response]]]:
        yield r"/api/organizations/", self._organizations
        yield r"/api/organizations/([^/]+)/", self._organization
        yield r"/api/organizations/([^/]+)/members/", self._members
        yield r"/api/organizations/([^/]+)/billing/(usage|spend)/timeseries/", self._timeseries
        yield r"/api/organizations/([^/]+)/billing/(\w+)/", self._billing
        yield r"/api/billing/", self._overview
        yield r"/api/billing/(usage|spend)/", self._older_timeseries
        yield r"/api/projects/(\d+)/", self._project
        yield r"/api/projects/(\d+)/query/", self._query
        yield r"/api/projects/(\d+)/(\w+)/", self._resources

    def _organizations(self, request: Request) -> Response:
        return self._paged(request, [self._organization_body()])

    def _organization(self, request: Request, wanted: str) -> Response:
        if wanted == "@current":
            if self.current_organization != self.organization_id:
                return answer({"id": self.current_organization, "name": "Another", "projects": []})
        elif wanted != self.organization_id:
            return error(404, "not_found", "Not found.")
        return answer(self._organization_body())

    def _organization_body(self) -> dict[str, Any]:
        row = self.tables["organizations"].iloc[0]
        projects = self.tables["projects"]
        return {
            "id": self.organization_id,
            "name": plain(row["name"]),
            "created_at": moment(row["created_at"]),
            "projects": [
                {
                    "id": int(p.project_id),
                    "organization": self.organization_id,
                    "name": plain(p.name),
                }
                for p in projects.itertuples(index=False)
            ],
        }

    def _members(self, request: Request, organization: str) -> Response:
        items = [
            {
                "id": f"membership-{row.member_id}",
                "user": {
                    "uuid": row.member_id,
                    "first_name": plain(row.name) or "",
                    "last_name": "",
                    "email": plain(row.email),
                },
                "level": int(row.level),
                "joined_at": moment(row.joined_at),
                "last_login": moment(row.last_seen_at),
            }
            for row in self.tables["members"].itertuples(index=False)
        ]
        return self._paged(request, items)

    def _project(self, request: Request, project_id: str) -> Response:
        rows = self.tables["projects"]
        rows = rows[rows["project_id"] == project_id]
        if rows.empty:
            return error(404, "not_found", "Not found.")
        row = rows.iloc[0]
        body = {
            "id": int(project_id),
            "organization": self.organization_id,
            "name": plain(row["name"]),
        }
        body["created_at"] = moment(row["created_at"])
        for column in SETTINGS:
            value = plain(row[column.name])
            if value is not None and column.kind == "json":
                value = json.loads(value)
            elif value is not None and column.kind == "decimal":
                value = str(value)
            body[column.name] = value
        return answer(body)

    def _query(self, request: Request, project_id: str) -> Response:
        with self.lock:
            self.running[project_id] += 1
            self.busiest[project_id] = max(self.busiest[project_id], self.running[project_id])
        try:
            body = request.get_json()
            self.query_names.append(body.get("name", ""))
            query = body["query"]
            self.queries.append(query)
            given = self.failing.get(self.query_names[-1].removeprefix("account-audit "))
            if isinstance(given, dict):
                return answer(given)
            if given:
                return error(400, "illegal_hogql", given, "validation_error")
            try:
                found = self.warehouse.answer(
                    int(project_id),
                    query["query"],
                    query.get("values") or {},
                    query.get("filters"),
                )
            except HogQLError as problem:
                return error(400, "illegal_hogql", str(problem), "validation_error")
            return answer({**found, "error": None, "is_cached": False, "limit": 100})
        finally:
            with self.lock:
                self.running[project_id] -= 1

    def _resources(self, request: Request, project_id: str, path: str) -> Response:
        if path not in RESOURCES:
            return error(404, "not_found", "Not found.")
        kinds, shape = RESOURCES[path]
        rows = self.tables["resources"]
        rows = rows[(rows["project_id"] == project_id) & rows["kind"].isin(kinds)]
        items = [shape(row) for row in rows.to_dict("records")]
        if path == "hog_functions":
            wanted = request.args.get("types", "destination").split(",")
            items = [item for item in items if item["type"] in wanted]
        items.append({"id": "deleted", "name": "Deleted", "key": "deleted", "deleted": True})
        return self._paged(request, items)

    def _paged(self, request: Request, items: list[Any]) -> Response:
        limit = min(int(request.args.get("limit", 100)), self.page_rows)
        offset = int(request.args.get("offset", 0))
        more = offset + limit < len(items)
        following = self._link(request, limit=limit, offset=offset + limit) if more else None
        page = items[offset : offset + limit]
        return answer({"count": len(items), "next": following, "previous": None, "results": page})

    def _link(self, request: Request, **changes: Any) -> str:
        query = {k: v[-1] for k, v in parse_qs(request.query_string.decode()).items()}
        return f"{self.url}{request.path}?{urlencode({**query, **changes})}"


@contextmanager
def serve(tables: Mapping[str, pd.DataFrame], organization_id: str) -> Iterator[Vendor]:
    """A running vendor with one organization's data; its address is ``url``."""
    with HTTPServer(host="127.0.0.1", threaded=True) as server:
        vendor = Vendor(server, tables, organization_id)
        try:
            yield vendor
        finally:
            vendor.warehouse.drop()
            server.check_assertions()


__all__ = ["KEY", "Vendor", "answer", "error", "serve"]
