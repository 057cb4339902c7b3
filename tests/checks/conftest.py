"""``acme``: a small organization, built in a line or three, audited by one check."""

from datetime import date, timedelta

import pytest

from audit.account import Account
from audit.findings.examine import examine

COVERED = (
    "activity.group_events",
    "activity.people_using_data_warehouse",
    "activity.people_using_product_analytics",
    "activity.people_using_session_replay",
    "activity.sessions",
    "bill_lines",
    "limits",
    "projects.replay_controls",
    "projects.replay_triggers",
    "resources.action",
    "resources.batch_export",
    "resources.destination",
    "resources.flag",
    "subscriptions",
    "usage_rows.enhanced_persons",
    "usage_rows.feature_flags",
    "usage_rows.product_analytics",
    "usage_rows.session_replay",
)
PERIOD_START = "2026-10-20"


class Acme:
    """Everything is covered until ``without`` says otherwise; one project unless named."""

    def __init__(self, as_of="2026-11-01", days=30):
        start = (date.fromisoformat(as_of) - timedelta(days=days)).isoformat()
        self.window = {"window_start": start, "window_end": as_of}
        self.days = days
        self.organization = {"as_of": as_of, "name": "Acme", "period_start": PERIOD_START}
        self.projects = {}
        self.covered = dict.fromkeys(COVERED, "")
        self.tables = {"usage_rows": [], "activity": [], "resources": []}

    def _add(self, table, **row):
        self.tables.setdefault(table, []).append({"organization_id": "acme", **row})
        return self

    def _usage(self, meter, event, quantity, project, identified=False, known=False):
        self.projects.setdefault(project, {})
        return self._add(
            "usage_rows",
            project_id=project,
            meter=meter,
            event=event,
            library="web",
            host_class="production",
            identified=identified,
            known_person=known,
            quantity=quantity,
            **self.window,
        )

    def events(self, event, quantity, *, on=(), known=True, project="1"):
        """``on``: further meters the events stand on, identified then."""
        for meter in ("product_analytics", *on):
            self._usage(meter, event, quantity, project, bool(on), bool(on) and known)
        return self

    def recordings(
        self, under_2=0, to_5=0, longer=0, *, project="1", meter="session_replay", **settings
    ):
        for event, quantity in (
            ("under_2_seconds", under_2),
            ("2_to_5_seconds", to_5),
            ("5_seconds_or_longer", longer),
        ):
            self._usage(meter, event, quantity, project)
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

    def resource(self, kind, state="active", *, project="1", name="", refers_to=None):
        number = str(len(self.tables["resources"]))
        row = {"kind": kind, "state": state, "name": name, "refers_to": refers_to}
        return self._add("resources", project_id=project, resource_id=number, **row)

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

    def audit(self, check, **thresholds):
        return examine(
            self.account(), only=[check], thresholds={check: thresholds}, lookback_days=self.days
        )

    def findings(self, check, **thresholds):
        audit = self.audit(check, **thresholds)
        assert not audit.not_evaluated
        return sorted(audit.findings, key=lambda found: (found.project_id, found.product))

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
