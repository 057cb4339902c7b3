"""``Logo``: an organization and its invoices in a line each."""

from datetime import date

import pandas as pd

from audit.store import publish

AS_OF = "2026-11-01"


def later(day, months):
    """The same day of a later month, or its last day."""
    place = day.year * 12 + day.month - 1 + months
    first = date(place // 12, place % 12 + 1, 1)
    following = date((place + 1) // 12, (place + 1) % 12 + 1, 1)
    return min(first.replace(day=1).toordinal() + day.day, following.toordinal()) - 1


class Logo:
    """Everything was read unless ``unread`` says otherwise."""

    def __init__(self, name, **organization):
        self.organization = {"organization_id": name, "name": name.title(), "as_of": AS_OF}
        self.organization |= organization
        self.invoices, self.crm_fields, self.missing = [], {}, {}

    def bill(self, start, total, *, end=None, status="paid", **more):
        """The invoice of the month that begins at ``start``, or of a longer term."""
        first = date.fromisoformat(start)
        until = end or date.fromordinal(later(first, 1)).isoformat()
        row = {
            "organization_id": self.organization["organization_id"],
            "invoice_id": f"in_{len(self.invoices)}",
            "status": status,
            "period_start": start,
            "period_end": until,
            "total_usd": total,
            "amount_due_usd": total,
            "issued_at": until,
            "credited_usd": 0,
        }
        self.invoices.append(row | more)
        return self

    def bills(self, start, *totals, **more):
        """Monthly invoices one after the other; None leaves a month without one."""
        first = date.fromisoformat(start)
        for place, total in enumerate(totals):
            if total is not None:
                self.bill(date.fromordinal(later(first, place)).isoformat(), total, **more)
        return self

    def crm(self, **fields):
        self.crm_fields |= fields
        return self

    def unread(self, subject, reason="the export was not there"):
        self.missing[subject] = reason
        return self

    def tables(self):
        who = self.organization["organization_id"]
        return {
            "organizations": [self.organization],
            "invoices": self.invoices,
            "lifecycle": [
                {"organization_id": who, "field": name, "value": str(value)}
                for name, value in self.crm_fields.items()
            ],
            "coverage": [
                {
                    "organization_id": who,
                    "project_id": "",
                    "subject": subject,
                    "complete": subject not in self.missing,
                    "reason": self.missing.get(subject, ""),
                    "source": "files",
                }
                for subject in ("invoices", "lifecycle")
            ],
        }


def frames(logos):
    parts = {}
    for logo in logos:
        for name, rows in logo.tables().items():
            parts.setdefault(name, []).extend(rows)
    return {name: pd.DataFrame(rows) for name, rows in parts.items() if rows}


def published(logos, path):
    return publish(path, frames(logos))


def statuses(found):
    rows = found.organizations
    return dict(zip(rows["organization_id"], rows["status"], strict=True))
