"""Invoices of the payment system, as CSV in dollars and as its own list in cents."""

import json
from datetime import date
from decimal import Decimal

import pytest

from audit.errors import InputError, TableError
from audit.sources.files import load, recognise

AS_OF = date(2026, 4, 17)
HEADER = (
    "id,Customer,Status,Currency,Total,Amount Due,Minimum Line Item Period Start (UTC),"
    "Maximum Line Item Period End (UTC),Finalized At (UTC),Paid At (UTC),Attempt Count,"
    "Credit Notes\n"
)
PAID = (
    "in_1,cus_1,Paid,usd,512.40,0.00,2026-03-01 00:00,2026-04-01 00:00,2026-04-01 06:10,"
    "2026-04-02 07:00,2,100.25\n"
)
#: The shape of the API's documentation.
INVOICE = {
    "id": "in_1",
    "object": "invoice",
    "customer": "cus_1",
    "status": "open",
    "currency": "usd",
    "total": 51240,
    "amount_due": 51240,
    "attempt_count": 1,
    "created": 1775000000,
    "period_start": 1772323200,
    "period_end": 1775001600,
    "pre_payment_credit_notes_amount": 0,
    "post_payment_credit_notes_amount": 1005,
    "status_transitions": {"finalized_at": 1775005200, "paid_at": None, "voided_at": None},
}


def first(tables):
    return tables["invoices"].iloc[0].to_dict()


def listed(*invoices, **more):
    return json.dumps({"object": "list", "has_more": False, "data": list(invoices), **more})


def test_a_csv_is_in_dollars_and_tells_attempts_payment_and_credit(exports):
    row = first(load(exports({"invoices.csv": HEADER + PAID}), as_of=AS_OF))

    assert (row["invoice_id"], row["status"], row["attempts"]) == ("in_1", "paid", 2)
    assert row["total_usd"] == Decimal("512.40")
    assert row["amount_due_usd"] == 0
    assert row["credited_usd"] == Decimal("100.25")
    days = [row[name].date().isoformat() for name in ("period_start", "period_end")]
    assert days == ["2026-03-01", "2026-04-01"]
    assert row["issued_at"].isoformat() == "2026-04-01T06:10:00"
    assert row["paid_at"].isoformat() == "2026-04-02T07:00:00"


def test_a_list_is_in_cents_and_seconds(exports):
    tables = load(exports({"stripe.json": listed(INVOICE)}), as_of=AS_OF, organization_id="org-a")
    row = first(tables)

    assert (row["organization_id"], row["status"], row["attempts"]) == ("org-a", "open", 1)
    assert row["total_usd"] == Decimal("512.40")
    assert row["credited_usd"] == Decimal("10.05")
    assert [row[name].date() for name in ("period_start", "period_end")] == [
        date(2026, 3, 1),
        date(2026, 4, 1),
    ]
    assert row["issued_at"].isoformat() == "2026-04-01T01:00:00"
    assert row["paid_at"] is None or row["paid_at"] != row["paid_at"]
    assert tables["coverage"].set_index("subject").loc["invoices", "complete"]


def test_the_bare_items_of_a_list_are_that_list(exports):
    tables = load(exports({"stripe.json": json.dumps([INVOICE])}), as_of=AS_OF)

    assert first(tables)["total_usd"] == Decimal("512.40")


def test_what_no_export_tells_stays_unknown(exports):
    row = first(load(exports({"x.csv": "ID,Status,Total\nin_1,void,5\n"}), as_of=AS_OF))

    unknown = [name for name, value in row.items() if value is None or value != value]
    assert set(unknown) == {
        "period_start", "period_end", "amount_due_usd", "issued_at", "paid_at", "attempts",
        "credited_usd",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "status"),
    [("PAID", "paid"), ("Past due", "open"), ("unpaid", "open"), ("voided", "void")],
)
def test_statuses_are_read_as_the_payment_system_spells_them(exports, written, status):
    folder = exports({"x.csv": f"ID,Status,Total\nin_1,{written},5\n"})

    assert first(load(folder, as_of=AS_OF))["status"] == status


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("Paid", "Refunded"), "line 2, column 'Status': 'Refunded' is no status"),
        (("usd", "eur"), "line 2, column 'Currency': 'eur' is not 'usd'"),
        (("512.40", "5.1240E+02"), "was rounded by a spreadsheet"),
        (("512.40", "five"), "column 'Total': 'five' is not a number"),
        ((",2,", ",1.5,"), "column 'Attempt Count': '1.5' is not a whole number"),
        ((",2,", ",-1,"), "is below 0"),
        (("2026-03-01 00:00", "01/03/2026"), "is not an ISO date"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_place(exports, change, said):
    folder = exports({"x.csv": HEADER + PAID.replace(*change)})

    with pytest.raises(TableError) as refused:
        load(folder, as_of=AS_OF)
    assert "x.csv, line 2" in str(refused.value)
    assert said in str(refused.value)


def test_invoices_of_several_customers_need_to_say_whose_they_are(exports):
    second = PAID.replace("in_1,cus_1", "in_2,cus_2")
    with pytest.raises(TableError, match=r"line 3, column 'Customer': 'cus_2' is another than in"):
        load(exports({"x.csv": HEADER + PAID + second}), as_of=AS_OF)

    whose = "organization_id (metadata)," + HEADER
    folder = exports({"x.csv": f"{whose}org-a,{PAID}org-b,{second}"})
    rows = load(folder, as_of=AS_OF)["invoices"]
    assert dict(zip(rows["organization_id"], rows["invoice_id"], strict=True)) == {
        "org-a": "in_1",
        "org-b": "in_2",
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"currency": "eur"}, "is in 'eur'; the audit reads US dollars"),
        ({"status": "deleted"}, "has the status 'deleted', none of draft"),
        ({"total": 512.4}, "not whole cents"),
        ({"total": True}, "not whole cents"),
        ({"amount_due": 10**16}, "not whole cents"),
        ({"created": "2026", "status_transitions": None}, "not a time in whole seconds"),
        ({"period_end": 9_999_999_999}, "outside the years 2000 to 2100"),
        ({"attempt_count": "two"}, "not a whole number"),
    ],
)
def test_a_list_with_a_value_that_cannot_be_is_refused(exports, change, said):
    folder = exports({"stripe.json": listed({**INVOICE, **change})})

    with pytest.raises(InputError) as refused:
        load(folder, as_of=AS_OF)
    assert str(refused.value).startswith("stripe.json: ")
    assert said in str(refused.value)


def test_a_list_of_several_customers_or_in_pages_is_refused(exports):
    other = {**INVOICE, "id": "in_2", "customer": "cus_2"}
    with pytest.raises(InputError, match="invoices of 2 customers"):
        load(exports({"stripe.json": listed(INVOICE, other)}), as_of=AS_OF)
    with pytest.raises(InputError, match="one page of several"):
        load(exports({"stripe.json": listed(INVOICE, has_more=True)}), as_of=AS_OF)


def test_an_invoice_that_stands_twice_is_refused(exports):
    with pytest.raises(TableError, match="the key stands twice"):
        load(exports({"stripe.json": listed(INVOICE, INVOICE)}), as_of=AS_OF)


def test_a_list_of_something_else_is_no_list_of_invoices(exports):
    charge = {"object": "charge", "id": "ch_1", "amount": 5}
    [seen] = recognise(exports({"stripe.json": listed(charge)}))

    assert seen.mapping is None


def test_a_canonical_file_of_invoices_still_loads_as_it_is(exports):
    folder = exports({"invoices.csv": "invoice_id,status,attempts\nin_1,paid,3\n"})

    assert recognise(folder)[0].mapping == "canonical invoices"
    assert first(load(folder, as_of=AS_OF))["attempts"] == 3
