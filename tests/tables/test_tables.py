"""The definitions that everything is built from."""

import duckdb
import pytest

from audit.tables import BY_NAME, TABLES

EACH_TABLE = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


def test_table_names_are_unique():
    assert len(BY_NAME) == len(TABLES)


@EACH_TABLE
def test_column_names_are_unique_and_each_says_what_it_is(table):
    assert len(table.column) == len(table.columns)
    assert all(c.meaning.endswith(".") for c in table.columns)
    assert table.meaning


@EACH_TABLE
def test_the_key_is_of_required_columns_and_starts_with_the_organization(table):
    assert table.key[0] == "organization_id"
    assert all(table.column[name].required for name in table.key)


@EACH_TABLE
def test_every_number_has_a_unit(table):
    numbers = [c for c in table.columns if c.kind in ("integer", "decimal", "day", "timestamp")]

    assert [c.name for c in numbers if not c.unit] == []


@EACH_TABLE
def test_duckdb_makes_the_table(table):
    with duckdb.connect() as connection:
        connection.execute(table.ddl)
        described = connection.execute(f"DESCRIBE {table.name}").fetchall()

    assert [row[0] for row in described] == table.names
    assert [row[2] == "NO" for row in described] == [c.required for c in table.columns]
