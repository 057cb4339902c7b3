"""``acme``: an organization with four calendar months of usage, built in a line or three."""

from datetime import date, timedelta

import pytest

from audit.account import Account
from audit.checks import load_checks
from audit.policy import DEFAULT_POLICY, load_policy
from audit.refunds import Request, decide

EVENTS = "event_count_in_period"
IDENTIFIED = "enhanced_persons_event_count_in_period"
GROUPS = "group_analytics"
REPLAY = "recording_count_in_period"
MONTHS = ("2026-07", "2026-08", "2026-09", "2026-10")


def first_of(month):
    return date.fromisoformat(f"{month}-01")


def next_month(month):
    return (first_of(month) + timedelta(days=31)).replace(day=1)


class Acme:
    """Billed by calendar month, as of 2026-11-01: October is the last period that is over."""

    def __init__(self, as_of="2026-11-01", *, periods=MONTHS, **organization):
        self.as_of = date.fromisoformat(as_of)
        self.organization = {"as_of": as_of, "name": "Acme", **organization}
        self.days = {}
        self.repeated = False
        self.tables = {"subscriptions": [], "limits": [], "invoices": [], "lifecycle": []}
        self.tables["activity"] = []
        self.tables["bill_lines"] = [
            {
                "organization_id": "acme",
                "period_start": first_of(month).isoformat(),
                "period_end": next_month(month).isoformat(),
                "product": "posthog_ai",
                "is_complete": next_month(month) <= self.as_of,
            }
            for month in periods
        ]
        self.covered = ["invoices", "usage_daily", "limits", "subscriptions", "lifecycle"]

    def month(self, month, quantity, *, meter=EVENTS, project="1", until=None):
        """Spread over its days, the remainder on the first; a day is added to, not replaced."""
        start, end = first_of(month), min(next_month(month), self.as_of)
        days = (end - start).days
        for n in range(days):
            each = quantity // days + (quantity % days if n == 0 else 0)
            self.day(start + timedelta(days=n), each, meter=meter, project=project)
        return self

    def usual(self, *quantities, meter=EVENTS, project="1"):
        """July, August and September; one quantity stands for all three."""
        three = quantities * 3 if len(quantities) == 1 else quantities
        for month, quantity in zip(MONTHS, three, strict=False):
            self.month(month, quantity, meter=meter, project=project)
        return self

    def day(self, day, quantity, *, meter=EVENTS, project="1"):
        key = (project, str(day), meter)
        self.days[key] = self.days.get(key, 0) + quantity
        return self

    def row(self, table, **row):
        self.tables[table].append({"organization_id": "acme", **row})
        return self

    def subscription(self, product, **row):
        return self.row("subscriptions", product=product, subscribed=True, **row)

    def limit(self, product, usd):
        return self.row("limits", product=product, limit_usd=usd)

    def invoice(self, month, total, status="paid", **row):
        return self.row(
            "invoices",
            invoice_id=f"in_{month}",
            status=status,
            period_start=first_of(month).isoformat(),
            period_end=next_month(month).isoformat(),
            total_usd=total,
            issued_at=row.pop("issued_at", next_month(month).isoformat()),
            **row,
        )

    def billed(self, month, product, **row):
        return self.row(
            "bill_lines",
            product=product,
            period_start=first_of(month).isoformat(),
            period_end=next_month(month).isoformat(),
            is_complete=True,
            **row,
        )

    def group_events(self, quantity):
        """Events with a group in the 30 days before the audit; group analytics is used by them."""
        self.covered.append("activity.group_events")
        end = self.as_of.isoformat()
        return self.row(
            "activity",
            project_id="1",
            window_start=(self.as_of - timedelta(days=30)).isoformat(),
            window_end=end,
            measure="group_events",
            quantity=quantity,
        )

    def crm(self, **fields):
        for field, value in fields.items():
            self.row("lifecycle", field=field, value=value)
        return self

    def without(self, subject):
        self.covered.remove(subject)
        return self

    def account(self):
        daily = [
            {
                "organization_id": "acme",
                "project_id": project,
                "day": day,
                "usage_type": meter,
                "quantity": quantity,
            }
            for (project, day, meter), quantity in self.days.items()
        ]
        if self.repeated:  # as where the usage report ran twice a day, the first time too early
            daily = [{**row, "quantity": row["quantity"] // 2} for row in daily] + daily
        coverage = [
            {
                "organization_id": "acme",
                "project_id": "",
                "subject": subject,
                "complete": True,
                "reason": "",
                "source": "sample",
            }
            for subject in self.covered
        ]
        tables = {
            "organizations": [{"organization_id": "acme", **self.organization}],
            "usage_daily": daily,
            "coverage": coverage,
            **self.tables,
        }
        return Account.from_tables("acme", {n: rows for n, rows in tables.items() if rows})

    def decide(self, first="2026-10-01", last="2026-10-31", *products, **request):
        return self.decide_spiked(
            first, last, products=products or ("product_analytics",), **request
        )

    def decide_spiked(self, first="2026-10-01", last="2026-10-31", **request):
        """With no product named, those that spiked."""
        days = date.fromisoformat(first), date.fromisoformat(last)
        policy = load_policy(request.pop("policy", DEFAULT_POLICY), load_checks())
        return decide(self.account(), Request(*days, **request), policy)


@pytest.fixture
def acme():
    """Builds an organization: ``acme()`` or ``acme(as_of=..., created_at=...)``."""
    return Acme


@pytest.fixture
def rule():
    """``rule(decision, "first_bill")``: the one rule of that name."""

    def find(decision, name):
        found = [one for one in decision.rules if one.name == name]
        assert len(found) == 1, [one.name for one in decision.rules]
        return found[0]

    return find
