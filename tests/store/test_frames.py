"""Frames reach DuckDB as they are: whole numbers, absences and texts, whatever stands in them."""

from contextlib import closing
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.frames import OBJECTS_ARE_TEXTS, array, in_memory, materialise
from audit.statements import execute, parsed
from audit.validation import validated

WHOLE = st.integers(-(2**63), 2**63 - 1)
# DuckDB takes no lone surrogate; a store has none either.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
COLUMNS = {
    "whole": (WHOLE, "int64"),
    "count": (st.none() | WHOLE, "Int64"),
    "share": (st.floats(allow_nan=False), "float64"),
    "claim": (st.booleans(), "bool"),
    "said": (st.none() | st.booleans(), "boolean"),
    "name": (st.none() | TEXT, "str"),
    "day": (st.none() | st.datetimes(), "datetime64[us]"),
}


def made(rows):
    return pd.DataFrame(
        {
            name: pd.Series([row[place] for row in rows], dtype=kind)
            for place, (name, (_, kind)) in enumerate(COLUMNS.items())
        }
    )


@pytest.fixture(scope="module")
def memory():
    with duckdb.connect(config={"threads": 1, **OBJECTS_ARE_TEXTS}) as connection:
        yield connection


@given(rows=st.lists(st.tuples(*(values for values, _ in COLUMNS.values())), min_size=1))
def test_every_value_arrives_as_it_is(memory, rows):
    materialise(memory, "arrived", made(rows))

    assert memory.execute("FROM arrived").fetchall() == rows
    types = [kind for _, kind, *_ in memory.execute("DESCRIBE arrived").fetchall()]
    assert types == ["BIGINT", "BIGINT", "DOUBLE", "BOOLEAN", "BOOLEAN", "VARCHAR", "TIMESTAMP"]


def test_a_number_that_is_absent_is_null(memory):
    materialise(memory, "arrived", pd.DataFrame({"share": [0.5, np.nan]}))

    assert memory.execute("FROM arrived").fetchall() == [(0.5,), (None,)]


def test_a_text_that_stands_far_below_absent_ones_arrives(memory):
    texts = [None] * 5000 + ["12 rue Cuvier"]

    materialise(memory, "arrived", pd.DataFrame({"note": pd.Series(texts, dtype="str")}))

    assert memory.execute("SELECT max(note), count(note) FROM arrived").fetchone() == (
        "12 rue Cuvier",
        1,
    )


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([Decimal("0.1")]),
        pd.Series([pd.Timestamp("2026-11-01").date()]),
        pd.Series([["a"]]),
        pd.Series(["a", 1], dtype=object),
        pd.Series(["a"], dtype="category"),
        pd.Series(pd.to_datetime(["2026-11-01T12:00:00+02:00"])),
        pd.Series(pd.to_timedelta(["1 day"])),
    ],
    ids=lambda column: str(column.dtype),
)
def test_what_would_arrive_as_another_value_is_refused(column):
    with pytest.raises(TypeError, match=r"amount of .* would not arrive"):
        array(column.rename("amount"))


def test_what_is_no_column_of_the_table_is_left_at_home():
    frame = validated("limits", [{"organization_id": "Acme", "product": "logs"}]).frame

    with closing(in_memory({"limits": frame.assign(mine=1)}, {"limits"})) as connection:
        assert connection.execute("SELECT product FROM limits").fetchall() == [("logs",)]


def test_money_in_memory_is_exact():
    subscription = {
        "organization_id": "Acme",
        "product": "product_analytics",
        "flat_amount_usd": Decimal("12345678901234567.0123456789"),
    }
    frame = validated("subscriptions", [subscription]).frame

    with closing(in_memory({"subscriptions": frame}, {"subscriptions"})) as connection:
        told = connection.execute("SELECT flat_amount_usd FROM subscriptions").fetchall()

    assert told == [(subscription["flat_amount_usd"],)]


def test_a_text_is_parsed_once_and_runs_on_any_connection(memory):
    sql = "SELECT 2 * $by"
    once = parsed(memory, sql)

    for by in (3, 5):
        with duckdb.connect() as connection:
            assert parsed(connection, sql) is once
            assert execute(connection, sql, {"by": by}).fetchall() == [(2 * by,)]


def test_all_statements_of_a_text_run(memory):
    execute(memory, "CREATE OR REPLACE TEMP TABLE one AS SELECT 1 AS n; INSERT INTO one VALUES (2)")

    assert memory.execute("SELECT sum(n) FROM one").fetchone() == (3,)
