"""Opening: what is no store says so, other versions are migrated or refused, names are found."""

from decimal import Decimal

import duckdb
import pandas as pd
import pytest

from audit import store
from audit.errors import InputError, StoreError
from audit.store import Store
from audit.tables import SCHEMA_VERSION


def run(path, *statements):
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_no_store_says_how_to_make_one(shelf):
    with pytest.raises(StoreError, match=r"No store at .*store\.duckdb\. Make one with `audit pu"):
        Store.open(shelf.path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"a,b\n1,2\n",
        b'{"a": 1}',
        b"PK\x03\x04" + bytes(100),
        b"PAR1" + bytes(100),
        b"SQLite format 3\x00" + bytes(4080),
    ],
)
@pytest.mark.parametrize("act", ["open", "publish"])
def test_what_is_no_duckdb_file_is_refused_and_left_alone(shelf, content, act):
    shelf.path.write_bytes(content)

    with pytest.raises(StoreError, match=r"not a readable store .* Name another file with --store"):
        Store.open(shelf.path) if act == "open" else shelf.publish("a")

    assert shelf.path.read_bytes() == content


def test_a_store_cut_short_is_refused(shelf):
    shelf.publish("a")
    shelf.path.write_bytes(shelf.path.read_bytes()[:5000])

    with pytest.raises(StoreError, match="is not a readable store"):
        Store.open(shelf.path)


def test_a_folder_is_no_store(shelf):
    with pytest.raises(StoreError, match="is not a readable store"):
        Store.open(shelf.path.parent)


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE mine (x INTEGER)"],
        ["CREATE TABLE store_version (x INTEGER)"],
        ["CREATE TABLE store_version (version INTEGER)"],
        ["CREATE TABLE store_version AS SELECT 'one' AS version"],
    ],
)
@pytest.mark.parametrize("act", ["open", "publish"])
def test_a_foreign_duckdb_file_is_refused_and_left_alone(shelf, statements, act):
    run(shelf.path, *statements)
    before = shelf.path.read_bytes()

    with pytest.raises(StoreError, match="is a DuckDB file but not a store of this tool"):
        Store.open(shelf.path) if act == "open" else shelf.publish("a")

    assert shelf.path.read_bytes() == before


@pytest.mark.parametrize("act", ["open", "publish"])
def test_a_store_of_a_newer_version_is_refused_and_left_alone(shelf, act):
    shelf.publish("a")
    run(shelf.path, f"UPDATE store_version SET version = {SCHEMA_VERSION + 1}")
    before = shelf.path.read_bytes()

    with pytest.raises(StoreError, match=rf"newer version \(store version {SCHEMA_VERSION + 1}"):
        Store.open(shelf.path) if act == "open" else shelf.publish("b")

    assert shelf.path.read_bytes() == before


@pytest.fixture
def older(shelf, usage):
    """A store of version 0: one table is not there yet, a column has its old name."""
    shelf.publish("a", usage_daily=[usage], members=[{"member_id": "m", "name": "M"}])
    run(
        shelf.path,
        "DROP TABLE lifecycle",
        "ALTER TABLE members RENAME COLUMN name TO full_name",
        f"UPDATE store_version SET version = {SCHEMA_VERSION - 1}",
    )
    return shelf


RENAME = ("ALTER TABLE members RENAME COLUMN full_name TO name",)


@pytest.mark.parametrize("act", ["open", "publish"])
def test_a_store_of_an_older_version_is_migrated_with_all_it_holds(older, monkeypatch, act):
    monkeypatch.setitem(store.MIGRATIONS, SCHEMA_VERSION - 1, RENAME)

    if act == "publish":
        older.publish("b")

    assert older.rows("a", "members", "member_id", "name") == [("m", "M")]
    assert older.rows("a", "usage_daily", "quantity") == [(5,)]
    assert older.rows("a", "lifecycle", "field") == []
    assert older.names() == (["A"] if act == "open" else ["A", "B"])
    assert older.files() == ["store.duckdb", "store.duckdb.lock"]


def test_a_migrated_store_is_migrated_once(older, monkeypatch):
    monkeypatch.setitem(store.MIGRATIONS, SCHEMA_VERSION - 1, RENAME)
    older.names()
    before = older.path.read_bytes()

    older.names()

    assert older.path.read_bytes() == before


@pytest.mark.parametrize("act", ["open", "publish"])
def test_a_migration_that_fails_leaves_the_store_and_says_so(older, monkeypatch, act):
    broken = (*RENAME, "ALTER TABLE no_such_table ADD COLUMN x INTEGER")
    monkeypatch.setitem(store.MIGRATIONS, SCHEMA_VERSION - 1, broken)
    before = older.path.read_bytes()

    said = f"of store version {SCHEMA_VERSION - 1} and cannot become version {SCHEMA_VERSION}"
    with pytest.raises(StoreError, match=said):
        older.names() if act == "open" else older.publish("b")

    assert older.path.read_bytes() == before


def test_a_store_of_the_first_version_gets_what_invoices_lack(shelf):
    invoice = {"invoice_id": "i", "status": "paid", "total_usd": "12.50"}
    shelf.publish("a", invoices=[{"organization_id": "a", **invoice}])
    added = ("paid_at", "attempts", "credited_usd")
    run(shelf.path, *(f"ALTER TABLE invoices DROP COLUMN {column}" for column in added))
    run(shelf.path, "UPDATE store_version SET version = 1")

    with store.Store.open(shelf.path) as opened:
        account = opened.account("a")

    (row,) = account["invoices"].to_dict("records")
    assert (row["invoice_id"], row["total_usd"]) == ("i", Decimal("12.50"))
    assert pd.isna(row["attempts"])
    assert row["credited_usd"] is None


class TestNames:
    @pytest.fixture
    def shelf(self, shelf):
        names = {"1": "Acme", "2": "Acme Labs", "3": "Twin", "4": "Twin", "5": None, "6": "5"}
        shelf.publish(
            *({"organization_id": i, "as_of": "2026-11-01", "name": n} for i, n in names.items())
        )
        return shelf

    @pytest.mark.parametrize(("wanted", "found"), [("2", "2"), ("Acme", "1"), ("Acme Labs", "2")])
    def test_an_organization_is_found_by_id_or_exact_name(self, shelf, wanted, found):
        assert shelf.account(wanted).organization_id == found

    def test_an_id_wins_over_a_name(self, shelf):
        assert shelf.account("5").organization_id == "5"

    def test_two_of_one_name_are_named_by_id(self, shelf):
        with pytest.raises(InputError, match=r"2 organizations are named 'Twin': 3, 4\. Use the"):
            shelf.account("Twin")

    @pytest.mark.parametrize(
        ("wanted", "near"),
        [("acme", "1 (Acme)"), ("Acme Lab", "2 (Acme Labs)"), ("labs", "2 (Acme Labs)")],
    )
    def test_an_unknown_name_names_the_near_ones(self, shelf, wanted, near):
        with pytest.raises(InputError) as refused:
            shelf.account(wanted)

        assert str(refused.value).startswith(f"No organization {wanted!r} in ")
        assert near in str(refused.value).partition(" (6 organizations). Near: ")[2]

    @pytest.mark.parametrize("wanted", ["zzzzzzzz", "", "'; DROP TABLE organizations"])
    def test_a_name_like_no_other_says_where_all_are(self, shelf, wanted):
        with pytest.raises(InputError, match=r"\(6 organizations\)\. `audit list` shows all\."):
            shelf.account(wanted)
