"""``acme``: a small organization, built in a line or three, audited by one check."""

import json
from datetime import date, timedelta

import pytest

from audit.account import Account
from audit.findings.examine import examine
from audit.policy import DEFAULT_POLICY

MEASURES = (
    "ai_events",
    "ai_generations",
    "ai_spans",
    "api_queries",
    "app_queries",
    "behaviour_events",
    "behaviour_people",
    "bot_events",
    "failed_queries",
    "group_events",
    "idle_recordings",
    "people",
    "people_using_data_warehouse",
    "people_using_product_analytics",
    "people_using_session_replay",
    "people_using_web_analytics",
    "proxied_web_events",
    "server_flag_calls",
    "server_flag_people",
    "sessions",
    "web_events",
)
RESOURCES = (
    "action",
    "batch_export",
    "cohort",
    "dashboard",
    "destination",
    "experiment",
    "flag",
    "insight",
    "survey",
    "transformation",
    "warehouse_schema",
)
COVERED = (
    *(f"activity.{measure}" for measure in MEASURES),
    *(f"resources.{kind}" for kind in RESOURCES),
    "bill_lines",
    "ingestion_warnings",
    "invoices",
    "lifecycle",
    "limits",
    "members",
    "organizations",
    "projects",
    "projects.replay_controls",
    "projects.replay_triggers",
    "projects.settings",
    "sdk_versions",
    "subscriptions",
    "usage_rows.enhanced_persons",
    "usage_rows.feature_flags",
    "usage_rows.product_analytics",
    "usage_rows.session_replay",
)
PERIOD_START = "2026-10-20"

#: Logs are metered by the megabyte and priced by the gigabyte.
MB_PER_UNIT = 1_000


class Acme:
    """Everything is covered until ``without`` says otherwise; one project unless named."""

    def __init__(self, as_of="2026-11-01", days=30):
        start = (date.fromisoformat(as_of) - timedelta(days=days)).isoformat()
        self.window = {"window_start": start, "window_end": as_of}
        self.days = days
        self.organization = {"as_of": as_of, "name": "Acme", "period_start": PERIOD_START}
        self.projects = {}
        self.audience = "customer"
        self.covered = dict.fromkeys(COVERED, "")
        self.tables = {"usage_rows": [], "activity": [], "resources": []}

    def _add(self, table, **row):
        self.tables.setdefault(table, []).append({"organization_id": "acme", **row})
        return self

    def _usage(
        self,
        meter,
        event,
        quantity,
        project,
        identified=False,
        known=False,
        library="web",
        host="production",
    ):
        self.projects.setdefault(project, {})
        return self._add(
            "usage_rows",
            project_id=project,
            meter=meter,
            event=event,
            library=library,
            host_class=host,
            identified=identified,
            known_person=known,
            quantity=quantity,
            **self.window,
        )

    def events(
        self, event, quantity, *, on=(), known=True, project="1", library="web", host="production"
    ):
        """``on``: further meters the events stand on, identified then."""
        for meter in ("product_analytics", *on):
            person = (bool(on), bool(on) and known)
            self._usage(meter, event, quantity, project, *person, library, host)
        return self

    def recordings(
        self,
        under_2=0,
        to_5=0,
        longer=0,
        *,
        project="1",
        meter="session_replay",
        host="production",
        **settings,
    ):
        for event, quantity in (
            ("under_2_seconds", under_2),
            ("2_to_5_seconds", to_5),
            ("5_seconds_or_longer", longer),
        ):
            self._usage(meter, event, quantity, project, host=host)
        self.projects[project].update({f"session_recording_{k}": v for k, v in settings.items()})
        return self

    def flags(self, requests=0, polling=0, *, project="1"):
        self._usage("feature_flags", "flags", requests, project)
        return self._usage("feature_flags", "local_evaluation", polling, project)

    def units(self, meter, quantity, *, project="1"):
        return self._usage(meter, "", quantity, project)

    def activity(self, measure, quantity, *, project="1"):
        self.projects.setdefault(project, {})
        row = {"project_id": project, "measure": measure, "quantity": quantity}
        return self._add("activity", **row, **self.window)

    def resource(self, kind, state="active", *, project="1", name="", refers_to=None, **more):
        """``more``: moments such as updated_at, and ``details`` as a mapping."""
        self.projects.setdefault(project, {})
        number = str(len(self.tables["resources"]))
        row = {"kind": kind, "state": state, "name": name, "refers_to": refers_to, **more}
        return self._add("resources", project_id=project, resource_id=number, **row)

    def settings(self, *, project="1", **values):
        """Settings of a project, by the names of the table."""
        self.projects.setdefault(project, {}).update(values)
        return self

    def for_team(self):
        """Only the team may read what the CRM says."""
        self.audience = "team"
        return self

    def of(self, **values):
        """Columns of the organization, such as discount_percent."""
        self.organization.update(values)
        return self

    def crm(self, **fields):
        """Fields of the CRM, by canonical name."""
        for field, value in fields.items():
            self._add("lifecycle", field=field, value=None if value is None else str(value))
        return self

    def invoice(self, total_usd, *, status="paid", **more):
        number = str(len(self.tables.get("invoices", ())))
        return self._add("invoices", invoice_id=number, status=status, total_usd=total_usd, **more)

    def member(self, *, level=1, **more):
        number = str(len(self.tables.get("members", ())))
        return self._add("members", member_id=number, level=level, **more)

    def warning(self, kind, quantity, *, project="1"):
        self.projects.setdefault(project, {})
        row = {"project_id": project, "type": kind, "quantity": quantity}
        return self._add("ingestion_warnings", **row, **self.window)

    def version(self, library, version, events, *, project="1"):
        self.projects.setdefault(project, {})
        row = {"project_id": project, "library": library, "version": version, "events": events}
        return self._add("sdk_versions", **row, **self.window)

    def daily(self, usage_type, quantity, *, days=30, ago=1, project="1"):
        """The same quantity on each of ``days`` days, the last of them ``ago`` days before the
        audit's day; usage_daily then counts as read."""
        self.covered["usage_daily"] = ""
        self.projects.setdefault(project, {})
        last = date.fromisoformat(self.organization["as_of"])
        for back in range(days):
            day = (last - timedelta(days=ago + back)).isoformat()
            row = {"project_id": project, "day": day, "usage_type": usage_type}
            self._add("usage_daily", quantity=quantity, **row)
        return self

    def line(self, product, usd, *, start, end, **more):
        """What the vendor billed for a product in one period, complete unless said otherwise."""
        row = {"is_complete": True, **more}
        return self._add(
            "bill_lines", product=product, amount_usd=usd, period_start=start, period_end=end, **row
        )

    def subscription(self, product, **row):
        return self._add("subscriptions", product=product, subscribed=True, **row)

    def limit(self, product, usd, *, billed=None, **row):
        if billed is not None:
            line = {"period_start": PERIOD_START, "period_end": "2026-11-20"}
            self._add("bill_lines", product=product, amount_usd=billed, **line)
        return self._add("limits", product=product, limit_usd=usd, **row)

    def without(self, subject, reason="The key lacks a scope."):
        """The subject could not be read; without a reason nothing speaks of it."""
        if reason:
            self.covered[subject] = reason
        else:
            del self.covered[subject]
        return self

    def account(self):
        identity = {"organization_id": "acme"}
        projects = [
            {**identity, "project_id": p, "name": f"Project {p}", **settings}
            for p, settings in self.projects.items()
            if settings is not None
        ]
        coverage = [
            {
                **identity,
                "project_id": "",
                "subject": subject,
                "complete": not reason,
                "reason": reason,
                "source": "sample",
            }
            for subject, reason in self.covered.items()
        ]
        tables = {
            "organizations": [{**identity, **self.organization}],
            "projects": projects,
            "coverage": coverage,
            **self.tables,
        }
        return Account.from_tables("acme", {n: rows for n, rows in tables.items() if rows})

    def spends(self, usd, *, project="1"):
        """A bill of whole dollars a month, on a product that no check has anything to say of."""
        tiers = [{"up_to": None, "unit_amount_usd": "1"}]
        self.subscription("logs", usage_type="logs_mb_in_period", tiers=json.dumps(tiers))
        return self.units("logs", usd * MB_PER_UNIT, project=project)

    def audit(self, check, *, policy=DEFAULT_POLICY, **thresholds):
        return examine(
            self.account(),
            only=[check],
            audience=self.audience,
            policy=policy,
            thresholds={check: thresholds},
            lookback_days=self.days,
        )

    def findings(self, check, **thresholds):
        audit = self.audit(check, **thresholds)
        assert not audit.not_evaluated, audit.not_evaluated
        return sorted(
            audit.findings, key=lambda found: (found.project_id or "", found.product or "")
        )

    def flagged(self, check, **thresholds):
        """The projects that are flagged; a test names them after the case they stand for."""
        return [found.project_id for found in self.findings(check, **thresholds)]

    def finding(self, check, **thresholds):
        (one,) = self.findings(check, **thresholds)
        return one

    def gap(self, check):
        """The one place where the check was not evaluated, and nothing was found there."""
        audit = self.audit(check)
        assert not audit.findings
        (one,) = audit.not_evaluated
        return one


@pytest.fixture
def acme():
    """Builds an organization: ``acme()`` or ``acme(as_of=..., days=...)``."""
    return Acme
