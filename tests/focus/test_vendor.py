from datetime import date
from decimal import Decimal

import pytest

from audit import focus

D = Decimal
#: 2.5M events at the public price: 1M free, 50.00 to 2M, 17.15 for the rest.
EVENTS = {"product": "product_analytics", "quantity": 2_500_000}
SEPTEMBER = {"period_start": "2026-09-01", "period_end": "2026-10-01"}
RUNNING = {"period_start": "2026-10-15", "period_end": "2026-11-15"}


def line(amount, *, of=EVENTS, period=SEPTEMBER):
    return {**period, **of, "amount_usd": amount, "is_complete": period is SEPTEMBER}


def invoice(total, due=None, *, period=SEPTEMBER, number="in_1", **more):
    amounts = {"total_usd": total, "amount_due_usd": total if due is None else due}
    return {"invoice_id": number, **period, **amounts, **more}


def short(found, *fields):
    return [tuple(row[field] for field in fields) for row in found.rows]


def test_a_line_that_its_price_makes_is_written_tier_by_tier(actual):
    found = actual(lines=[line("67.15")])

    assert short(found, "ChargeCategory", "PricingQuantity", "BilledCost", "InvoiceId") == [
        ("Usage", 1_000_000, 0, None),
        ("Usage", 1_000_000, 50, None),
        ("Usage", 500_000, D("17.15"), None),
    ]
    assert {row["x_Basis"] for row in found.rows} == {"actual"}


@pytest.mark.parametrize("amount", ["67.14", "67.16", "50.00", "0.00"])
def test_a_line_that_its_price_does_not_make_claims_no_price(actual, amount):
    found = actual(lines=[line(amount)])

    assert short(found, "ChargeCategory", "BilledCost", "PricingQuantity", "ListUnitPrice") == [
        ("Adjustment", D(amount), 2_500_000, None)
    ]
    assert found.rows[0]["SkuId"] == "product_analytics"


def test_a_line_that_its_limit_holds_is_written_tier_by_tier(actual):
    # At 20 percent off, a limit of 40.00 is met by 50.00 of usage: 17.15 are cut.
    found = actual(
        lines=[line("50.00")],
        limits=[{"product": "product_analytics", "limit_usd": 40}],
        discount_percent=20,
    )

    assert short(found, "ChargeCategory", "BilledCost", "x_LimitReduction") == [
        ("Usage", 0, 0),
        ("Usage", 50, 0),
        ("Usage", 0, D("17.15")),
    ]


def test_a_line_of_unknown_quantity_is_its_amount_alone(actual):
    found = actual(lines=[line("12.00", of={"product": "product_analytics"})])

    assert short(found, "ChargeCategory", "BilledCost", "PricingQuantity", "PricingUnit") == [
        ("Adjustment", 12, None, None)
    ]


def test_a_package_needs_no_quantity(actual):
    found = actual(lines=[line("2000.00", of={"product": "enterprise"})])

    assert short(found, "ChargeCategory", "PricingQuantity", "BilledCost") == [
        ("Purchase", 1, 2000)
    ]


def test_a_product_nobody_knows_keeps_its_name(actual):
    found = actual(lines=[line("3.00", of={"product": "time_travel", "quantity": 4})])

    assert short(found, "ServiceName", "SkuId", "BilledCost", "PricingUnit") == [
        ("time_travel", "time_travel", 3, "Units")
    ]


def test_quantities_in_units_of_the_meter_are_written_in_priced_units(actual):
    # 60,000 MB of logs are 60 GB; the amount is not the price's, so only the quantity is known.
    found = actual(lines=[line("999.00", of={"product": "logs", "quantity": 60_000})])

    assert short(found, "PricingQuantity", "PricingUnit") == [(60, "GB")]


def test_the_rows_of_an_invoice_carry_its_id_and_sum_to_what_is_due(actual):
    # 67.15 of lines, 60.00 on the invoice, 45.00 to pay: 7.15 unexplained, 15.00 of credit.
    found = actual(lines=[line("67.15")], invoices=[invoice("60.00", "45.00")])

    assert short(found, "ChargeCategory", "BilledCost", "InvoiceId")[-2:] == [
        ("Adjustment", D("-7.15"), "in_1"),
        ("Credit", D("-15.00"), "in_1"),
    ]
    assert {row["InvoiceId"] for row in found.rows} == {"in_1"}
    assert found.billed_cost == 45


def test_the_accounts_own_discount_is_taken_off_the_lines(actual):
    # 10 percent of 67.15 are 6.72: 60.43 on the invoice, which is 45.00 + 15.43 by share.
    found = actual(lines=[line("67.15")], invoices=[invoice("60.43")], discount_percent=10)

    assert short(found, "ChargeCategory", "BilledCost", "x_BillDiscount") == [
        ("Usage", 0, 0),
        ("Usage", 45, 5),
        ("Usage", D("15.43"), D("1.72")),
    ]


def test_an_amount_discount_counts_after_the_percentage(actual):
    found = actual(
        lines=[line("67.15")],
        invoices=[invoice("50.43")],
        discount_percent=10,
        discount_amount_usd=10,
    )

    assert {row["ChargeCategory"] for row in found.rows} == {"Usage"}
    assert found.billed_cost == D("50.43")


def test_a_discount_is_not_shared_out_over_a_line_below_zero(actual):
    # 67.15 - 4.00 = 63.15, less 10 percent 56.83.
    below = line("-4.00", of={"product": "surveys"})

    found = actual(lines=[line("67.15"), below], invoices=[invoice("56.83")], discount_percent=10)

    assert short(found, "ChargeCategory", "BilledCost")[-2:] == [
        ("Adjustment", -4),
        ("Adjustment", D("-6.32")),
    ]
    assert found.billed_cost == D("56.83")


def test_another_discount_is_not_made_out_to_be_the_accounts_own(actual):
    found = actual(lines=[line("67.15")], invoices=[invoice("60.42")], discount_percent=10)

    assert short(found, "ChargeCategory", "BilledCost")[-1] == ("Adjustment", D("-6.73"))
    assert found.billed_cost == D("60.42")


def test_an_invoice_is_explained_by_quantities_and_prices_to_the_cent(actual):
    uncounted = {**SEPTEMBER, **EVENTS, "is_complete": True}

    found = actual(lines=[uncounted], invoices=[invoice("67.15", "0.00")])

    assert short(found, "ChargeCategory", "BilledCost") == [
        ("Usage", 0),
        ("Usage", 50),
        ("Usage", D("17.15")),
        ("Credit", D("-67.15")),
    ]


def test_the_list_cost_of_a_set_is_that_of_priced_units_whoever_paid(actual):
    found = actual(lines=[line("67.15")], invoices=[invoice("60.00", "45.00")])

    assert (found.billed_cost, found.list_cost) == (45, D("67.15"))


def test_a_cent_off_leaves_the_invoice_unexplained(actual):
    uncounted = {**SEPTEMBER, **EVENTS, "is_complete": True}

    found = actual(lines=[uncounted], invoices=[invoice("67.16")])

    assert short(found, "ChargeCategory", "BilledCost", "SkuId") == [
        ("Adjustment", D("67.16"), None)
    ]


def test_an_invoice_is_explained_with_a_limit_or_without(an_audit):
    # The limit of 60.00 was set at some time: September may have had it or not.
    for total in ("60.00", "67.15"):
        audit = an_audit(
            lines=[{**SEPTEMBER, **EVENTS, "is_complete": True}],
            invoices=[invoice(total)],
            limits=[{"product": "product_analytics", "limit_usd": 60}],
        )

        found = focus.row_sets(audit)[0]

        assert {row["ChargeCategory"] for row in found.rows} == {"Usage"}
        assert found.billed_cost == D(total)


def test_an_invoice_is_explained_with_the_packages_of_the_account(actual):
    found = actual(
        lines=[{**SEPTEMBER, **EVENTS, "is_complete": True}],
        invoices=[invoice("2067.15")],
        subscriptions=[{"product": "enterprise", "subscribed": True}],
    )

    assert {row["ChargeCategory"] for row in found.rows} == {"Usage", "Purchase"}
    assert found.billed_cost == D("2067.15")


def test_an_invoice_alone_is_one_row(actual):
    found = actual(invoices=[invoice("12.30")])

    assert short(found, "ChargeCategory", "BilledCost", "ServiceName", "InvoiceId") == [
        ("Adjustment", D("12.30"), "PostHog", "in_1")
    ]


def test_a_credit_note_is_a_correction_on_no_invoice(actual):
    found = actual(invoices=[invoice("12.30", credited_usd=5)])

    assert short(found, "ChargeCategory", "ChargeClass", "BilledCost", "InvoiceId") == [
        ("Adjustment", None, D("12.30"), "in_1"),
        ("Credit", "Correction", D("-5.00"), None),
    ]


@pytest.mark.parametrize("status", ["draft", "void"])
def test_an_invoice_that_was_not_sent_is_not_billed(actual, status):
    found = actual(invoices=[invoice("12.30", status=status)])

    assert found.rows == ()
    assert found.notes == ("No source tells an amount that the vendor billed.",)


def test_an_invoice_over_the_days_of_other_lines_is_left_out_and_said(actual):
    whole = {"period_start": "2026-08-01", "period_end": "2026-10-01"}

    found = actual(lines=[line("67.15")], invoices=[invoice("99.00", period=whole)])

    assert found.billed_cost == D("67.15")
    assert "in_1" in found.notes[0]
    assert "99.00 USD" in found.notes[0]


def test_an_invoice_that_ends_where_lines_begin_is_another_period(actual):
    august = {"period_start": "2026-08-01", "period_end": "2026-09-01"}

    found = actual(lines=[line("67.15")], invoices=[invoice("99.00", period=august)])

    assert found.billed_cost == D("166.15")
    assert found.notes == ()


def test_of_two_invoices_the_lines_belong_to_the_nearer(actual):
    found = actual(
        lines=[line("67.15")],
        invoices=[invoice("5.00", number="in_1"), invoice("67.15", number="in_2")],
    )

    assert found.billed_cost == D("72.15")
    assert short(found, "InvoiceId", "ChargeCategory")[:2] == [
        ("in_1", "Adjustment"),
        ("in_2", "Usage"),
    ]


def test_an_invoice_without_a_period_is_left_out_and_said(actual):
    found = actual(invoices=[{"invoice_id": "in_9", "total_usd": 4, "amount_due_usd": 4}])

    assert found.rows == ()
    assert "in_9 (4 USD) is left out: it names no period" in found.notes[0]


def test_a_total_that_is_not_told_is_taken_from_the_amount_due(actual):
    found = actual(invoices=[{"invoice_id": "in_1", **SEPTEMBER, "amount_due_usd": "7.00"}])

    assert found.billed_cost == 7


def test_lines_without_an_amount_are_said_and_their_money_is_in_the_adjustment(actual):
    silent = {**SEPTEMBER, "product": "surveys", "quantity": 2000, "is_complete": True}

    found = actual(lines=[line("67.15"), silent], invoices=[invoice("87.15")])

    assert found.billed_cost == D("87.15")
    assert short(found, "ChargeCategory", "BilledCost")[-1] == ("Adjustment", 20)
    assert found.notes == ("1 of 2 lines of 2026-09-01 to 2026-10-01 have no amount.",)


def test_a_running_period_is_charged_until_the_day_of_the_audit(actual):
    found = actual(lines=[line("67.15", period=RUNNING)], **RUNNING)

    assert {row["ChargePeriodEnd"] for row in found.rows} == {date(2026, 11, 1)}
    assert {row["BillingPeriodEnd"] for row in found.rows} == {date(2026, 11, 15)}


def test_the_running_period_comes_to_the_vendors_total_so_far(actual):
    found = actual(
        lines=[line("67.15", period=RUNNING)], current_total_after_discount_usd=60, **RUNNING
    )

    assert found.billed_cost == 60
    assert {row["InvoiceId"] for row in found.rows} == {None}


def test_the_vendors_total_so_far_is_of_the_running_period_alone(actual):
    found = actual(lines=[line("67.15")], current_total_after_discount_usd=60, **RUNNING)

    assert found.billed_cost == D("67.15")


def test_a_prepaid_plan_is_said(actual):
    found = actual(lines=[line("67.15")], is_annual_plan_customer=True)

    assert "prepaid plan" in found.notes[0]


def test_every_case_keeps_the_rules_of_focus(actual, broken):
    cases = [
        {"lines": [line("67.15"), line("3.00", of={"product": "time_travel", "quantity": 4})]},
        {"lines": [line("1.00", of={"product": "surveys"})], "invoices": [invoice("9.00", "2.00")]},
        {"lines": [line("-4.00")], "invoices": [invoice("3.00", credited_usd=1)]},
        {"lines": [line("2000.00", of={"product": "enterprise"}, period=RUNNING)], **RUNNING},
    ]

    assert [broken(focus.to_csv(actual(**case).rows)) for case in cases] == [[], [], [], []]
