"""The gate into the canonical tables: what it takes, what it refuses, and how it says so."""

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import TableError
from audit.tables import TABLES
from audit.validation import empty, validated

DAY = {
    "organization_id": "acme",
    "project_id": "1",
    "day": "2026-10-02",
    "usage_type": "event_count_in_period",
    "quantity": 5,
}
ORGANIZATION = {"organization_id": "acme", "as_of": "2026-11-01"}


def days(*changes):
    rows = [{**DAY, "day": f"2026-10-{number + 2:02d}"} for number in range(len(changes))]
    return [{**row, **change} for row, change in zip(rows, changes, strict=True)]


def organization(**changes):
    return validated("organizations", [{**ORGANIZATION, **changes}]).frame.iloc[0]


@pytest.mark.parametrize(
    ("quantity", "shown", "why"),
    [
        (-1, "-1", "is below 0; it counts metered units."),
        (1.5, "1.5", "is not a whole number."),
        ("1.5", "'1.5'", "is not a whole number."),
        (float("nan"), "nan", "is empty; the column needs a value."),
        (None, "None", "is empty; the column needs a value."),
        (float("inf"), "inf", "is not a whole number."),
        (2**63, "9223372036854775808", "is beyond 2^63; no counter reaches that."),
        ("1e999999999", "'1e999999999'", "is beyond 2^63; no counter reaches that."),
        (True, "True", "is not a whole number."),
        ("many", "'many'", "is not a whole number."),
        ([5], "[5]", "is not a whole number."),
    ],
)
@pytest.mark.parametrize("as_frame", [False, True])
def test_a_bad_quantity_is_refused_with_table_column_row_and_value(quantity, shown, why, as_frame):
    rows = days({}, {"quantity": quantity})

    with pytest.raises(TableError) as refused:
        validated("usage_daily", pd.DataFrame(rows, dtype=object) if as_frame else rows)

    assert str(refused.value) == (
        "usage_daily.quantity, row 1 (organization_id='acme', project_id='1', day='2026-10-03', "
        f"usage_type='event_count_in_period'): {shown} {why}"
    )


@pytest.mark.parametrize("quantity", [0, 7, 7.0, "7", np.int64(7), np.uint8(7), Decimal("7.0")])
def test_a_whole_number_may_be_spelled_in_many_ways(quantity):
    frame = validated("usage_daily", [{**DAY, "quantity": quantity}]).frame

    assert frame["quantity"].tolist() == [int(quantity)]
    assert frame["quantity"].dtype == "int64"


@pytest.mark.parametrize("others", [[], [None]])
def test_a_large_counter_is_not_rounded_on_the_way_in(others):
    largest = 2**63 - 1
    rows = [
        {"organization_id": "acme", "product": str(number), "usage": usage}
        for number, usage in enumerate([largest, *others])
    ]

    assert validated("limits", rows).frame["usage"][0] == largest


def test_a_negative_quantity_in_a_column_of_integers_is_refused_with_its_row():
    frame = pd.DataFrame(days({}, {}, {"quantity": -3}))

    with pytest.raises(TableError, match=r"quantity, row 2 .*: -3 is below 0"):
        validated("usage_daily", frame)


def test_a_frame_keeps_its_own_row_numbers_out_of_the_message():
    frame = pd.DataFrame(days({}, {"quantity": -3}), index=[90, 91])

    with pytest.raises(TableError, match="row 1 "):
        validated("usage_daily", frame)


def test_the_row_labels_of_a_frame_do_not_mix_its_columns():
    frame = pd.DataFrame(days({"quantity": 1}, {"quantity": 2}), index=[1, 0])

    read = validated("usage_daily", frame).frame

    assert [
        (day.day, quantity) for day, quantity in zip(read["day"], read["quantity"], strict=True)
    ] == [
        (2, 1),
        (3, 2),
    ]


def test_how_many_rows_are_wrong_is_said():
    with pytest.raises(TableError, match=r"\(2 such rows\)"):
        validated("usage_daily", days({"quantity": -1}, {"quantity": -1}))


def test_a_day_reported_twice_keeps_the_last_report():
    checked = validated("usage_daily", [DAY, {**DAY, "quantity": 9}, {**DAY, "quantity": 7}])

    assert (checked.frame["quantity"].tolist(), checked.replaced_rows) == ([7], 2)


def test_one_day_spelled_in_two_ways_is_one_day():
    rows = [DAY, {**DAY, "day": "2026-10-02T13:00:00Z", "quantity": 9}]

    assert validated("usage_daily", rows).frame["quantity"].tolist() == [9]


def test_a_repeated_key_of_any_other_table_is_refused_with_the_key():
    rows = [{"organization_id": "acme", "project_id": "1"}] * 2

    with pytest.raises(TableError) as refused:
        validated("projects", rows)

    assert str(refused.value) == (
        "projects, row 0: the key stands twice (organization_id='acme', project_id='1'). "
        "Keep one row per key."
    )


def test_an_unknown_table_names_those_there_are():
    with pytest.raises(TableError, match=r"No table 'usage'\. Tables: organizations, members"):
        validated("usage", [])


def test_an_unknown_column_names_those_there_are():
    with pytest.raises(TableError, match=r"usage_daily: unknown column 'amount'\. Columns: org"):
        validated("usage_daily", [{**DAY, "amount": 1}])


def test_a_missing_column_says_what_it_is_for():
    rows = [{name: value for name, value in DAY.items() if name != "day"}]

    with pytest.raises(TableError, match=r"column 'day' is missing\. It says: Day of usage\."):
        validated("usage_daily", rows)


@pytest.mark.parametrize(
    "day",
    [
        "2026-10-32",
        "2026-02-29",
        "2026-10-02T24:01:00",
        "02/10/2026",
        "",
        "yesterday",
        1_790_000_000,
        "10000-01-01",
    ],
)
def test_what_is_no_day_is_refused(day):
    with pytest.raises(TableError, match="is not an ISO 8601 date"):
        validated("usage_daily", [{**DAY, "day": day}])


@pytest.mark.parametrize(
    "day",
    [
        "2026-10-02",
        date(2026, 10, 2),
        pd.Timestamp("2026-10-02 23:59"),
        "2026-10-01T20:30:00-05:00",
        "2026-10-02T00:00:00+00:00",
    ],
)
def test_a_day_is_a_day_in_utc(day):
    frame = validated("usage_daily", [{**DAY, "day": day}]).frame

    assert frame["day"].tolist() == [pd.Timestamp("2026-10-02")]


@given(
    moments=st.lists(st.none() | st.datetimes(), min_size=1, max_size=5),
    written=st.sampled_from([" ", "T"]),
    zone=st.sampled_from(["", "Z", "+00:00"]),
)
def test_a_moment_is_the_same_however_it_is_written(moments, written, zone):
    """Our own files name no zone, and are read by another way than the rest."""
    texts = [None if one is None else one.isoformat(written) + zone for one in moments]
    rows = [
        {**ORGANIZATION, "organization_id": str(place), "period_end": text, "created_at": text}
        for place, text in enumerate(texts)
    ]

    frame = validated("organizations", rows).frame

    read = frame[["created_at", "period_end"]].astype(object)
    read = read.where(read.notna(), None)
    midnight = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
    assert read["created_at"].tolist() == moments
    assert read["period_end"].tolist() == [one and one.replace(**midnight) for one in moments]


def test_days_of_any_resolution_and_zone_are_read():
    stamps = pd.Series(pd.to_datetime(["2026-10-01T22:00:00"])).dt.tz_localize("America/New_York")
    frame = pd.DataFrame([DAY]).assign(day=stamps)

    assert validated("usage_daily", frame).frame["day"].tolist() == [pd.Timestamp("2026-10-02")]


@pytest.mark.parametrize(
    "amount",
    [
        "nan",
        "-inf",
        "1e18",
        "-1e18",
        "1E+9999999",
        "1E-99999999",
        "0.00000000001",
        "123456789012345678.12345678915",
        0.1 + 0.2,
        "12 USD",
        False,
    ],
)
def test_money_that_does_not_fit_is_refused_and_never_rounded(amount):
    with pytest.raises(TableError, match=r"current_total_usd, row 0 .* at most 10 decimals"):
        organization(current_total_usd=amount)


@pytest.mark.parametrize(
    ("amount", "read"),
    [
        ("999999999999999999.9999999999", "999999999999999999.9999999999"),
        ("-5", "-5"),
        (0.1, "0.1"),
        ("1.50000000000000000000", "1.5"),
        ("0E-99", "0"),
        (" 12.50 ", "12.50"),
    ],
)
def test_money_is_read_as_it_is_written(amount, read):
    assert organization(current_total_usd=amount)["current_total_usd"] == Decimal(read)


@pytest.mark.parametrize(
    ("value", "read"),
    [(True, True), ("false", False), (1, True), ("0", False), ("Yes", True), (None, None)],
)
def test_truth_may_be_spelled_in_many_ways(value, read):
    got = organization(never_drop_data=value)["never_drop_data"]

    assert (None if pd.isna(got) else bool(got)) is read


def test_what_is_neither_true_nor_false_is_refused():
    with pytest.raises(TableError, match=r"never_drop_data, row 0 .*: 'maybe' is neither"):
        organization(never_drop_data="maybe")


@pytest.mark.parametrize("name", ["\ud800", "a\udfffb", 5, ["x"]])
def test_half_a_character_and_what_is_no_text_are_refused(name):
    with pytest.raises(TableError, match=r"organizations\.name, row 0 .* is not text"):
        organization(name=name)


def test_a_choice_names_the_choices():
    row = {"project_id": "1", "kind": "poster", "resource_id": "1", "state": "active"}

    with pytest.raises(TableError, match=r"resources\.kind, row 0 .*: 'poster' is none of action"):
        validated("resources", [{"organization_id": "acme", **row}])


@pytest.mark.parametrize(
    "value",
    ["{", "[NaN]", {"a": float("nan")}, {1, 2}, '"\\ud800"', ["\ud800"], "[" * 100_000, "01"],
)
def test_what_is_not_json_is_refused(value):
    with pytest.raises(TableError, match=r"features, row 0 .* is not JSON"):
        organization(features=value)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ('{"b": 1, "a": [2]}', '{"a": [2], "b": 1}'),
        ({"b": 1, "a": [2]}, '{"a": [2], "b": 1}'),
        (["$autocapture"], '["$autocapture"]'),
        ('"\u00e9"', '"\\u00e9"'),
        ([], "[]"),
    ],
)
def test_json_is_kept_in_one_spelling(value, read):
    assert organization(features=value)["features"] == read


@pytest.mark.parametrize("value", [None, float("nan"), pd.NA, "null"])
def test_no_json_is_null(value):
    assert pd.isna(organization(features=value)["features"])


def test_a_long_value_is_cut_in_the_message():
    with pytest.raises(TableError) as refused:
        validated("usage_daily", [{**DAY, "quantity": "x" * 10_000}])

    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_no_rows_are_a_table_with_all_columns_and_what_passed_once_passes_again(table):
    nothing = empty(table)

    again = validated(table, nothing)

    assert again.replaced_rows == 0
    pd.testing.assert_frame_equal(again.frame, nothing)


def test_an_empty_table_can_be_changed_without_changing_the_next():
    one = empty("members")

    one["added"] = 1

    assert "added" not in empty("members")


@given(st.integers(0, 2**63 - 1), st.sampled_from([int, str, Decimal]))
def test_every_counter_is_read_exactly(quantity, spelling):
    frame = validated("usage_daily", [{**DAY, "quantity": spelling(quantity)}]).frame

    assert frame["quantity"].tolist() == [quantity]


@settings(max_examples=30)
@given(st.decimals("-999999999999999999", "999999999999999999", places=10))
def test_every_amount_is_read_exactly(amount):
    assert organization(current_total_usd=str(amount))["current_total_usd"] == amount
