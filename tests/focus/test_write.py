import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import duckdb
import pandas as pd
import pytest

from audit import focus
from audit.errors import InputError, PriceError
from audit.pricing import bill

D = Decimal
ON = date(2026, 11, 1)
HOSTILE = "=cmd|' /C calc'!A0\", \"\n\x1b[2J\u202e"
COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")


def rows(name="Acme", scenario="baseline", **quantities):
    place = focus.Place(
        payer=focus.Payer("acme", name, "us"),
        start=date(2026, 10, 2),
        end=ON,
        as_of=ON,
        basis="estimate",
        scenario=scenario,
        price_list="the list",
    )
    priced = bill(quantities or {"product_analytics": 2_500_000}, on=ON, credit_usd=20)
    return focus.bill_rows(priced, place, on=ON)


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture(scope="module")
def audit(sample):
    """The organization with the most terms: own prices, a discount or a limit."""
    return max(sample, key=lambda one: len(one.bill.lines))


def queried(path, what, rest="", **settings):
    with duckdb.connect() as connection:
        for name, value in settings.items():
            connection.execute(f"SET {name} = '{value}'")
        return connection.sql(f"SELECT {what} FROM {source(path)} {rest}").fetchall()


def source(path):
    """A file as DuckDB reads it. Left to guess, it takes decimals in CSV for floats."""
    exact = {
        column.name: "DECIMAL(38, 18)" for column in focus.columns() if column.type == "Decimal"
    }
    return f"read_csv('{path}', types = {exact})" if path.suffix == ".csv" else f"'{path}'"


def test_csv_is_rfc_4180():
    text = focus.to_csv(rows())

    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert '"Product analytics: 1,000,000 Events at 0 USD' in text
    assert len({len(line) for line in csv.reader(io.StringIO(text, newline=""))}) == 1


def test_null_is_an_empty_field_and_a_decimal_has_a_point():
    *_, credit = read(focus.to_csv(rows()))

    assert (credit["SkuId"], credit["PricingQuantity"]) == ("", "")
    assert (credit["BilledCost"], credit["x_BillDiscount"]) == ("-20.0", "0.0")


def test_small_prices_are_written_without_an_exponent():
    prices = {row["ListUnitPrice"] for row in read(focus.to_csv(rows()))}

    assert {"0.00005", "0.0000343"} <= prices


def test_what_the_customer_wrote_is_no_formula_and_numbers_stay_numbers():
    *_, credit = read(focus.to_csv(rows(name=HOSTILE, scenario="-1+1")))

    assert credit["BillingAccountName"] == "'=cmd|' /C calc'!A0\", \"\n[U+001B][2J[U+202E]"
    assert credit["x_Scenario"] == "'-1+1"
    assert D(credit["BilledCost"]) == -20


def test_a_field_of_several_lines_and_quotes_reads_back_whole(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(focus.to_csv(rows(name='a "quoted",\nname')), encoding="utf-8", newline="")

    frame = pd.read_csv(path)

    assert set(frame["BillingAccountName"]) == {'a "quoted",\nname'}
    assert len(frame) == 4


def test_parquet_holds_the_name_as_it_is(sample, tmp_path):
    hostile = replace(sample[0], organization_name=HOSTILE + "\udc80")

    [_, estimate, _] = focus.write(hostile, tmp_path, format="parquet")

    names = queried(estimate.path, "DISTINCT BillingAccountName")
    assert names == [(HOSTILE + "?",)]


def test_a_folder_gets_a_file_for_each_set(audit, tmp_path):
    written = focus.write(audit, tmp_path / "new" / "folder")

    names = ["actual.csv", "estimate.csv", "counterfactual.csv"]
    assert [one.path.name for one in written] == names
    assert sorted(path.name for path in written[0].path.parent.iterdir()) == sorted(names)


def test_no_file_mixes_what_must_not_be_added(audit, tmp_path):
    for one in focus.write(audit, tmp_path):
        kinds = {(row["x_Basis"], row["x_Scenario"]) for row in read(one.path.read_text("utf-8"))}

        assert len(kinds) == 1


def test_the_files_sum_to_the_bills(sample, tmp_path):
    for audit in sample:
        _, now, after = focus.write(audit, tmp_path / audit.organization_id)

        for one, expected in ((now, audit.bill), (after, audit.counterfactual_bill)):
            found = [D(row["BilledCost"]) for row in read(one.path.read_text("utf-8"))]
            assert sum(found) == expected.total
        saved = now.sets[0].billed_cost - after.sets[0].billed_cost
        assert saved == audit.joint_saving


def test_what_was_billed_sums_to_the_invoices(sample):
    for audit in sample:
        actual = focus.row_sets(audit)[0]
        due = audit.account["invoices"].set_index("invoice_id")["amount_due_usd"]

        for number in {row["InvoiceId"] for row in actual.rows}:
            mine = [row["BilledCost"] for row in actual.rows if row["InvoiceId"] == number]
            assert sum(mine) == due[number]
        assert {row["InvoiceId"] for row in actual.rows} == set(due.index)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_duckdb_reads_the_costs_exactly(audit, tmp_path, kind):
    for one in focus.write(audit, tmp_path, format=kind):
        what = ", ".join(f"SUM({cost})" for cost in COSTS)
        found = queried(one.path, what)[0]

        expected = [sum(row[cost] for row in one.sets[0].rows) for cost in COSTS]
        assert list(found) == expected


def test_parquet_has_types_that_need_no_guess(audit, tmp_path):
    path = focus.write(audit, tmp_path, format="parquet")[0].path
    with duckdb.connect() as connection:
        types = dict(connection.sql(f"SELECT name, type FROM parquet_schema('{path}')").fetchall())
        logical = dict(
            connection.sql(
                f"SELECT name, logical_type FROM parquet_schema('{path}') "
                "WHERE logical_type IS NOT NULL"
            ).fetchall()
        )

    assert types["ChargeDescription"] == "BYTE_ARRAY"
    assert "scale=18, precision=38" in logical["BilledCost"]
    assert "isAdjustedToUTC=1" in logical["BillingPeriodStart"]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_times_are_midnight_utc_wherever_they_are_read(audit, tmp_path, kind):
    path = focus.write(audit, tmp_path, format=kind)[1].path
    what = "DISTINCT epoch(BillingPeriodStart), epoch(ChargePeriodEnd)"

    for zone in ("UTC", "Asia/Tokyo"):
        assert queried(path, what, TimeZone=zone) == [(1790899200.0, 1793491200.0)]


def test_pandas_reads_the_csv(audit, tmp_path):
    path = focus.write(audit, tmp_path)[1].path

    frame = pd.read_csv(path, parse_dates=["BillingPeriodStart"])

    assert round(frame["BilledCost"].sum(), 2) == float(audit.bill.total)
    assert str(frame["BillingPeriodStart"].iloc[0]) == "2026-10-02 00:00:00+00:00"
    assert frame["CommitmentDiscountId"].isna().all()


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_same_audit_gives_the_same_bytes(audit, tmp_path, kind):
    first, second = (
        [one.path.read_bytes() for one in focus.write(audit, tmp_path / place, format=kind)]
        for place in "ab"
    )

    assert first == second


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_an_empty_set_still_has_its_columns(an_audit, tmp_path, kind):
    actual, *_ = focus.write(an_audit(), tmp_path, format=kind)

    with duckdb.connect() as connection:
        found = connection.sql(f"SELECT * FROM {source(actual.path)}")
        assert found.columns == [column.name for column in focus.columns()]
        assert found.fetchall() == []


def test_unknown_usage_is_no_estimate_even_where_a_package_is_known(an_audit):
    audit = an_audit(subscriptions=[{"product": "enterprise", "subscribed": True}])
    assert (audit.bill.total, audit.usage_is_known) == (2000, False)

    _, now, after = focus.row_sets(audit)

    assert (now.rows, after.rows) == ((), ())
    assert now.notes == ("No usage is known, so there is no estimate.",)


@pytest.mark.parametrize("name", ["all.csv", "all.parquet"])
def test_one_file_holds_all_three_and_tells_them_apart(audit, tmp_path, name):
    path = focus.write_one(audit, tmp_path / name).path

    found = queried(path, "x_Basis, x_Scenario, SUM(BilledCost)", "GROUP BY ALL ORDER BY ALL")
    actual = focus.row_sets(audit)[0]
    assert found == [
        ("actual", "baseline", actual.billed_cost),
        ("estimate", "baseline", audit.bill.total),
        ("estimate", "counterfactual", audit.counterfactual_bill.total),
    ]


def test_a_failure_leaves_the_files_of_before(audit, tmp_path):
    before = {one.path: one.path.read_bytes() for one in focus.write(audit, tmp_path)}
    fine = audit.bill.lines[0].tiers[-1]
    finer = replace(fine, unit_amount_usd=D("1E-19"))
    lines = (replace(audit.bill.lines[0], price="public", tiers=(finer,), quantity=fine.quantity),)
    broken = replace(audit, counterfactual_bill=replace(audit.bill, lines=lines))

    with pytest.raises(PriceError):
        focus.write(broken, tmp_path)

    assert {path: path.read_bytes() for path in before} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(p.name for p in before)


def test_a_folder_in_the_place_of_a_file_is_refused_before_anything_is_written(audit, tmp_path):
    (tmp_path / "estimate.csv").mkdir()

    with pytest.raises(InputError, match=r"estimate\.csv is a folder"):
        focus.write(audit, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["estimate.csv"]


def test_a_folder_that_is_a_file_is_refused(audit, tmp_path):
    (tmp_path / "taken").write_text("mine")

    with pytest.raises(InputError, match="is a file"):
        focus.write(audit, tmp_path / "taken")

    assert (tmp_path / "taken").read_text() == "mine"


def test_a_file_that_is_a_folder_is_refused(audit, tmp_path):
    (tmp_path / "all.csv").mkdir()

    with pytest.raises(InputError, match="is a folder"):
        focus.write_one(audit, tmp_path / "all.csv")


@pytest.mark.parametrize("kind", ["xlsx", "CSV", ""])
def test_another_format_is_refused(audit, tmp_path, kind):
    with pytest.raises(InputError, match="csv or parquet"):
        focus.write(audit, tmp_path, format=kind)
