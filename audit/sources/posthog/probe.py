"""What a key can read: one request for each scope, for ``audit doctor``."""

from collections.abc import Callable
from dataclasses import dataclass

from audit.sources.posthog import people
from audit.sources.posthog.client import Client
from audit.sources.posthog.key import Key, api_key
from audit.sources.posthog.objects import LISTINGS
from audit.sources.posthog.observed import MEASURED
from audit.web.failures import RequestError

QUERY_SUBJECTS = (
    "usage_rows.product_analytics",
    "usage_rows.enhanced_persons",
    "usage_rows.group_analytics",
    "usage_rows.data_pipelines",
    "usage_rows.session_replay",
    "usage_rows.mobile_replay",
    "activity.idle_recordings",
    *(f"activity.{m}" for query, names in MEASURED.items() if query != "query_log" for m in names),
    "sdk_versions",
)
QUERY_LOG_SUBJECTS = tuple(f"activity.{measure}" for measure in MEASURED["query_log"])


@dataclass(frozen=True)
class Probe:
    """One thing a pull reads. ``subjects`` are the coverage subjects it feeds.

    ``status`` is the HTTP status, None without an answer; ``reason`` is empty when readable.
    """

    name: str
    scope: str
    readable: bool
    status: int | None
    reason: str
    subjects: tuple[str, ...]


def probe(host: str = "us", *, key: Key | None = None) -> list[Probe]:
    """Every scope in turn, on the key's own organization and its first project.

    A key that is refused outright gives one row; nothing else could be tried.

    Raises: SettingsError without a key, InputError for a bad host.
    """
    with Client(host, key or api_key()) as client:
        answer: dict[str, object] = {}

        def organization() -> None:
            answer.update(people.organization(client, None))

        found = [
            _tried("organization", "organization:read", ("organizations", "projects"), organization)
        ]
        if not found[0].readable:
            return found
        base = f"/api/organizations/{answer['id']}"
        reads = [
            ("members", "organization_member:read", ("members",), f"{base}/members/"),
            (
                "billing",
                "billing:read",
                ("subscriptions", "bill_lines"),
                f"{base}/billing/subscription/",
            ),
            ("billing limits", "billing:read", ("limits",), f"{base}/billing/limits/"),
            ("invoices", "billing:read", ("invoices",), f"{base}/billing/invoices/"),
            (
                "billed usage",
                "billing:read",
                ("usage_daily", "usage_rows.feature_flags"),
                f"{base}/billing/usage/timeseries/",
            ),
        ]
        projects = people.listed_projects(answer)
        if projects:
            project = f"/api/projects/{projects[0]['id']}"
            reads.append(
                ("project settings", "project:read", people.PROJECT_SUBJECTS, f"{project}/")
            )
            reads += [
                (
                    listing.path.replace("_", " "),
                    listing.scope,
                    listing.subjects,
                    f"{project}/{listing.path}/",
                )
                for listing in LISTINGS
            ]
        found += [
            _tried(name, scope, subjects, _get(client, path))
            for name, scope, subjects, path in reads
        ]
        if projects:
            project_id = str(projects[0]["id"])
            for name, table, subjects in (
                ("events", "events", QUERY_SUBJECTS),
                ("query log", "raw_query_log", QUERY_LOG_SUBJECTS),
                ("ingestion warnings", "system.ingestion_warnings", ("ingestion_warnings",)),
                # Details of objects that are read anyhow: no subject is lost with them.
                ("warehouse syncs", "system.source_sync_jobs", ()),
                ("deliveries", "app_metrics", ()),
            ):
                found.append(_tried(name, "query:read", subjects, _ask(client, project_id, table)))
        return found


def _get(client: Client, path: str) -> Callable[[], object]:
    return lambda: client.get(path, {"limit": 1})


def _ask(client: Client, project_id: str, table: str) -> Callable[[], object]:
    body = {
        "query": {"kind": "HogQLQuery", "query": f"SELECT 1 FROM {table} LIMIT 1"},  # noqa: S608
        "name": f"account-audit probe {table}",
    }
    return lambda: client.query(project_id, body)


def _tried(
    name: str, scope: str, subjects: tuple[str, ...], request: Callable[[], object]
) -> Probe:
    try:
        request()
    except RequestError as error:
        return Probe(name, error.scope or scope, False, error.status, str(error), subjects)
    return Probe(name, scope, True, 200, "", subjects)
