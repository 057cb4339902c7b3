"""What the CRM says of credit and risk: a number it lacks is unknown, a sign it lacks not given."""

import pytest


def crm(**fields):
    return [{"field": field, "value": str(value)} for field, value in fields.items()]


@pytest.fixture
def crm_of(facts_of):
    def build(organization=None, **fields):
        return facts_of("lifecycle", lifecycle=crm(**fields), organization=organization)

    return build


def test_numbers_that_the_crm_lacks_are_unknown_and_signs_are_not_given(crm_of):
    one = crm_of(tickets_30_days=0)

    assert one("tickets_30_days") == 0
    assert one("urgent_tickets") is None
    assert one("noted_urgent_tickets") == 0
    assert (one("evaluates_alternatives"), one("health_poor_weeks")) == (0, 0)


def test_an_organization_the_crm_does_not_know_is_like_one_it_says_nothing_of(facts_of):
    one = facts_of("lifecycle")

    assert (one("urgent_tickets"), one("is_unmanaged")) == (None, 1)


def test_without_the_crm_signs_are_unknown_too(facts_of):
    one = facts_of(("lifecycle", "", "No CRM."))

    assert (one("evaluates_alternatives"), one("is_unmanaged")) == (None, None)
    assert one.reason("organization_risks.sql") == "No CRM."


@pytest.mark.parametrize(
    ("field", "fact", "days"),
    [
        ("owner_removed_at", "days_since_owner_removed", 11),
        ("payment_failed_at", "days_since_payment_failed", 11),
    ],
)
def test_days_since_something_happened(crm_of, field, fact, days):
    assert crm_of(**{field: "2026-10-21"})(fact) == days
    assert crm_of(**{field: "2026-11-21"})(fact) == 0
    assert crm_of()(fact) == 0


def test_what_happens_after_the_audits_day_has_not_happened(crm_of):
    assert crm_of(owner_removed_at="2026-11-02")("owner_was_removed") == 0
    assert crm_of(payment_failed_at="2026-11-02")("crm_payment_failed") == 0


@pytest.mark.parametrize(
    ("organization", "fields", "facts"),
    [
        # has_credit, credit_runway_days, credit_expires_days
        ({}, {}, (0, 0, 3660)),
        ({}, {"credit_runway_days": 40}, (1, 40, 3660)),
        ({}, {"credit_runway_days": -5, "credit_expires_at": "2026-11-11"}, (1, 0, 10)),
        ({}, {"credit_runway_days": 40, "credit_expires_at": "2026-10-11"}, (1, 40, 0)),
        ({"credit_balance_usd": 0}, {"credit_runway_days": 40}, (0, 0, 3660)),
        ({"credit_balance_usd": 100}, {}, (1, None, 3660)),
        ({"credit_balance_usd": 100, "projected_total_usd": 300}, {}, (1, 10, 3660)),
        (
            {
                "credit_balance_usd": 100,
                "projected_total_usd": 300,
                "projected_total_after_discount_usd": 200,
            },
            {},
            (1, 15, 3660),
        ),
        ({}, {"is_startup_plan": "yes"}, (None, None, 3660)),
        ({}, {"segments": "Startup Plan", "startup_plan_end_at": "2026-12-01"}, (None, None, 3660)),
    ],
)
def test_credit(crm_of, organization, fields, facts):
    one = crm_of(organization, **fields)

    found = tuple(one(f) for f in ("has_credit", "credit_runway_days", "credit_expires_days"))

    assert found == facts


@pytest.mark.parametrize(
    ("organization", "fields", "payment"),
    [
        ({}, {"forecasted_mrr_usd": 50}, 0),
        ({}, {"is_startup_plan": "yes", "forecasted_mrr_usd": 50}, 50),
        ({}, {"is_startup_plan": "yes"}, None),
        ({"projected_total_usd": 300}, {"is_startup_plan": "yes"}, None),
        (
            {"projected_total_usd": 300, "credit_balance_usd": 100},
            {"is_startup_plan": "yes"},
            200,
        ),
        ({"projected_total_usd": 300, "credit_balance_usd": 900}, {"is_startup_plan": "yes"}, 0),
    ],
)
def test_what_a_startup_will_pay(crm_of, organization, fields, payment):
    assert crm_of(organization, **fields)("startup_payment_usd") == payment


def test_the_mean_is_of_the_last_three_paid_invoices(facts_of):
    invoices = [
        {
            "invoice_id": str(month),
            "status": "paid",
            "total_usd": month,
            "period_start": f"2026-{month - 1:02}-20",
            "period_end": f"2026-{month:02}-20",
        }
        for month in (6, 7, 8, 9)
    ]

    assert facts_of("invoices", invoices=invoices)("mean_paid_invoice_usd") == 8
    assert facts_of("invoices", invoices=invoices[:1])("mean_paid_invoice_usd") == 6
    assert facts_of("invoices")("mean_paid_invoice_usd") is None


def test_invoices_that_cannot_be_charged(facts_of):
    open_one = {"invoice_id": "1", "status": "open", "total_usd": 90, "attempts": 2}
    one = facts_of(
        "invoices",
        invoices=[
            {**open_one, "amount_due_usd": 80},
            {**open_one, "invoice_id": "2", "attempts": 1},
            {**open_one, "invoice_id": "3", "attempts": 0},
            {**open_one, "invoice_id": "4", "paid_at": "2026-10-30T00:00:00"},
        ],
    )

    assert one("failed_invoices") == 2
    assert (one("failed_invoices_usd"), one("charge_attempts")) == (170, 2)
