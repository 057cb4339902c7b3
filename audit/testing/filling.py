"""The state of the fakes out of canonical tables: what each system would know of a portfolio."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd

from audit.testing.calendly import FakeCalendly
from audit.testing.metabase import FakeMetabase
from audit.testing.stripe import FakeStripe
from audit.testing.vitally import FakeVitally
from audit.testing.warehouse import FakeWarehouse
from audit.testing.zendesk import FakeZendesk

Tables = Mapping[str, pd.DataFrame]

USAGE_CARD = 555
DASHBOARD = 139
#: Fields of the CRM that are the account's own in Vitally, and no traits.
OWN = {"mrr_usd": "mrr", "next_renewal_date": "nextRenewalDate", "users_count": "usersCount"}
#: The fields Zendesk and Calendly are the source of.
TICKETS, URGENT = "tickets_30_days", "urgent_tickets"
SINCE_TICKET, SINCE_MEETING = "days_since_ticket", "days_since_meeting"
FROM_ELSEWHERE = (TICKETS, URGENT, SINCE_TICKET, SINCE_MEETING)
LINES_OF_A_LONG_INVOICE = 25
#: What counts as a ticket of the last 30 days is no older.
RECENT_DAYS = 30


def crm_fields(tables: Tables) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Organization, its name and its fields, of every organization that the CRM knows."""
    names = dict(zip(*_columns(tables, "organizations", "organization_id", "name"), strict=True))
    for organization, rows in tables["lifecycle"].groupby("organization_id", sort=False):
        fields = {str(f): str(v) for f, v in zip(rows["field"], rows["value"], strict=True)}
        yield str(organization), str(names.get(organization, organization)), fields


def vitally(fake: FakeVitally, tables: Tables) -> None:
    """Accounts with traits and people; a note and a task here and there."""
    customers = dict(
        zip(*_columns(tables, "organizations", "organization_id", "customer_id"), strict=True)
    )
    for number, (organization, name, fields) in enumerate(crm_fields(tables)):
        traits: dict[str, Any] = {"stripe.customerId": customers.get(organization)}
        own: dict[str, Any] = {}
        for field, value in fields.items():
            if field in OWN:
                own[OWN[field]] = value
            elif field == "segments":
                own["segments"] = [{"id": one, "name": one} for one in value.split(", ") if one]
            elif field == "onboarding_specialist":
                person = {"id": value, "name": value, "email": "os@example.com"}
                own["keyRoles"] = [{"vitallyUser": person, "keyRole": "Onboarding Specialist"}]
            elif field not in FROM_ELSEWHERE:
                traits[f"vitally.custom.{_camel(field)}"] = value
        if own.get("mrr") is not None:
            own["mrr"] = float(own["mrr"])
        account = fake.add_account(organization, name, traits, **own)
        if number % 5 == 0:
            at = "2026-10-20T09:00:00.000Z"
            fake.add("notes", accountId=account["id"], note="<p>Called.</p>", noteDate=at)
            fake.add("tasks", accountId=account["id"], name="Check in", completedAt=None)
    accounts = {a["externalId"]: a["id"] for a in fake.lists["accounts"].values()}
    for organization, email in zip(
        *_columns(tables, "members", "organization_id", "email"), strict=True
    ):
        if organization in accounts:
            fake.add(
                "users", externalId=email, email=email, accounts=[{"id": accounts[organization]}]
            )
    fake.custom_fields = [
        {"label": "Onboarding Pipeline", "path": "onboardingPipeline", "type": "STRING"}
    ]


def stripe(fake: FakeStripe, tables: Tables, as_of: date) -> None:
    """Customers, a subscription of each with its coming bill, and all invoices with their lines."""
    customer_of: dict[str, str] = {}
    invoices = tables["invoices"].set_index("organization_id")
    for row in tables["organizations"].itertuples():
        if pd.isna(row.customer_id):
            continue
        customer_of[str(row.organization_id)] = customer = str(row.customer_id)
        born = _seconds(row.created_at)
        fake.lists["customers"].append(
            {
                "id": customer,
                "object": "customer",
                "name": row.name,
                "created": born,
                "balance": 0,
                "delinquent": False,
                "discount": None,
                "metadata": {"organization_id": row.organization_id},
            }
        )
        if pd.isna(row.period_start) or not bool(row.has_active_subscription):
            continue
        number = customer.replace("cus_", "sub_")
        fake.lists["subscriptions"].append(
            {
                "id": number,
                "object": "subscription",
                "customer": customer,
                "status": "active",
                "created": born,
                "items": {
                    "data": [
                        {
                            "current_period_start": _seconds(row.period_start),
                            "current_period_end": _seconds(row.period_end),
                            "price": {"recurring": {"interval": "month"}},
                        }
                    ]
                },
            }
        )
        fake.previews[number] = {"object": "invoice", "subtotal": 12345, "total": 12345}
    for place, row in enumerate(invoices.itertuples()):
        if str(row.Index) in customer_of:
            _invoice(fake, customer_of[str(row.Index)], row, long=place % 7 == 0)
    for place, (organization, customer) in enumerate(customer_of.items()):
        if place % 6 == 5:
            at = _seconds(as_of - timedelta(days=4))
            fake.lists["charges"].append(
                {
                    "id": f"ch_{organization[-12:]}",
                    "object": "charge",
                    "customer": customer,
                    "status": "failed",
                    "created": at,
                    "failure_code": "card_declined",
                }
            )


def _invoice(fake: FakeStripe, customer: str, row: Any, *, long: bool) -> None:
    total = int(row.total_usd * 100)
    credited = 0 if pd.isna(row.credited_usd) else int(row.credited_usd * 100)
    issued = _seconds(row.issued_at)
    fake.lists["invoices"].append(
        {
            "id": row.invoice_id,
            "object": "invoice",
            "customer": customer,
            "status": row.status,
            "currency": "usd",
            "created": issued,
            "subtotal": total,
            "total": total,
            "amount_due": int(row.amount_due_usd * 100),
            "attempt_count": None if pd.isna(row.attempts) else int(row.attempts),
            "period_start": _seconds(row.period_start),
            "period_end": _seconds(row.period_end),
            "pre_payment_credit_notes_amount": 0,
            "post_payment_credit_notes_amount": credited,
            "status_transitions": {
                "finalized_at": issued,
                "paid_at": None if pd.isna(row.paid_at) else _seconds(row.paid_at),
            },
        }
    )
    if credited:
        fake.lists["credit_notes"].append(
            {
                "id": f"cn_{row.invoice_id}",
                "object": "credit_note",
                "customer": customer,
                "invoice": row.invoice_id,
                "status": "issued",
                "amount": credited,
                "created": issued,
            }
        )
    parts = LINES_OF_A_LONG_INVOICE if long else 1
    amounts = [total // parts] * (parts - 1)
    amounts.append(total - sum(amounts))
    fake.lines[row.invoice_id] = [
        {"id": f"il_{row.invoice_id}_{n}", "object": "line_item", "amount": amount}
        for n, amount in enumerate(amounts)
    ]


def zendesk(fake: FakeZendesk, tables: Tables, as_of: date) -> None:
    """An organization for each of the CRM, with as many tickets as the CRM counted."""
    number = 0
    for place, (organization, name, fields) in enumerate(crm_fields(tables), start=1):
        fake.organizations.append({"id": place, "name": name, "external_id": organization})
        urgent, since = int(fields.get(URGENT, 0)), int(fields.get(SINCE_TICKET, 0))
        for nth in range(int(fields.get(TICKETS, 0))):
            number += 1
            at = f"{as_of - timedelta(days=min(since, RECENT_DAYS))}T08:00:00Z"
            fake.tickets.append(
                {
                    "id": number,
                    "organization_id": place,
                    "subject": "Question",
                    "status": "open" if nth < urgent else "solved",
                    "priority": "urgent" if nth < urgent else "normal",
                    "created_at": at,
                    "updated_at": at,
                }
            )


def calendly(fake: FakeCalendly, tables: Tables, as_of: date) -> None:
    """A meeting with the first person of every fourth organization, ahead or held in turn."""
    first = tables["members"].drop_duplicates("organization_id")
    for number, email in enumerate(first["email"].iloc[::4]):
        day = as_of + timedelta(days=3 if number % 2 else -3)
        fake.book(number, f"{day}T10:00:00.000000Z", [str(email)])


def metabase(fake: FakeMetabase, tables: Tables) -> None:
    """A card with usage by day and counter, and dashboard 139 that filters it."""
    daily = tables["usage_daily"]
    whole = daily.groupby(["organization_id", "day", "usage_type"], as_index=False)[
        "quantity"
    ].sum()
    rows = [
        [o, pd.Timestamp(d).date().isoformat(), u, int(q)]
        for o, d, u, q in whole[["organization_id", "day", "usage_type", "quantity"]].to_numpy()
    ]
    columns = ("organization_id", "day", "usage_type", "quantity")
    fake.add_card(USAGE_CARD, "Usage by day", columns, rows)
    fake.add_dashboard(DASHBOARD, [USAGE_CARD])


def warehouse(fake: FakeWarehouse, tables: Tables) -> None:
    """The mirrors of billing and of the CRM."""
    organizations = tables["organizations"]
    customers = pd.DataFrame(
        {
            "id": organizations["customer_id"].astype("str"),
            "organization_id": organizations["organization_id"],
            "name": organizations["name"],
            "billing_period_starts": organizations["period_start"],
            "billing_period_ends": organizations["period_end"],
            "amount_off": pd.Series([None] * len(organizations), dtype="object"),
            "account_executive_id": organizations["account_owner"],
        }
    )
    fake.add_table("postgres.prod.billing_customer", customers)
    number_of = customers.set_index("organization_id")["id"]
    bills = tables["invoices"]
    totals = bills["total_usd"].astype("float64")
    fake.add_table(
        "postgres.prod.billing_invoice",
        pd.DataFrame(
            {
                "customer_id": bills["organization_id"].map(number_of),
                "period_start": bills["period_start"],
                "period_end": bills["period_end"],
                "mrr": totals,
                "mrr_per_product": [json.dumps({"product_analytics": t}) for t in totals],
            }
        ),
    )
    newest = bills.assign(total=totals).groupby("organization_id")["total"].last()
    fake.add_table(
        "postgres.prod.billing_upcominginvoice",
        pd.DataFrame(
            {
                "customer_id": newest.index.map(number_of),
                "mrr": newest.to_numpy(),
                "mrr_per_product": [json.dumps({"product_analytics": t}) for t in newest],
            }
        ),
    )
    fake.add_table("postgres.prod.billing_usagereport", _reports(tables["usage_daily"]))
    accounts = [
        {
            "external_id": organization,
            "name": name,
            "traits": json.dumps({f"vitally.custom.{_camel(f)}": v for f, v in fields.items()}),
            "updated_at": "2026-10-30 00:00:00",
        }
        for organization, name, fields in crm_fields(tables)
    ]
    columns = ["external_id", "name", "traits", "updated_at"]
    fake.add_table("vitally_accounts", pd.DataFrame(accounts, columns=columns))


def _reports(daily: pd.DataFrame) -> pd.DataFrame:
    """One report a day, of the whole organization, as JSON of its counters."""
    wide = daily.pivot_table(
        index=["organization_id", "day"], columns="usage_type", values="quantity", aggfunc="sum"
    )
    names = [str(name) for name in wide.columns]
    reports = [
        json.dumps({n: int(v) for n, v in zip(names, row, strict=True) if not pd.isna(v)})
        for row in wide.to_numpy()
    ]
    organizations = wide.index.get_level_values(0)
    days = pd.to_datetime(wide.index.get_level_values(1))
    return pd.DataFrame(
        {
            "organization_id": organizations,
            "date": days,
            "timestamp": days + pd.Timedelta(hours=26),
            "report": reports,
        }
    )


def _columns(tables: Tables, name: str, *columns: str) -> list[list[Any]]:
    return [list(tables[name][column]) for column in columns]


def _camel(field: str) -> str:
    first, *rest = field.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _seconds(moment: Any) -> int:
    at = pd.Timestamp(moment)
    return int(datetime(at.year, at.month, at.day, tzinfo=UTC).timestamp())
