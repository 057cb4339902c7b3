"""A publish replaces what it brings, keeps the rest, and refuses without a trace."""

from decimal import Decimal

import pandas as pd
import pytest

from audit.errors import StoreError, TableError
from audit.store import Store, publish
from audit.tables import TABLES


def test_what_is_published_is_what_is_read(shelf, usage):
    shelf.publish({"organization_id": "a", "as_of": "2026-11-01", "credit_balance_usd": "0.1"})
    shelf.publish("b", usage_daily=[{**usage, "quantity": 2**63 - 1}])

    assert shelf.account("a").organization["credit_balance_usd"] == Decimal("0.1")
    assert shelf.rows("b", "usage_daily", "project_id", "quantity") == [("1", 2**63 - 1)]


def test_frames_come_back_in_the_canonical_types(shelf, usage):
    shelf.publish("a", usage_daily=[usage], projects=[{"project_id": "1"}])

    read = shelf.account("a")

    again = type(read).from_tables("a", {table.name: read[table.name] for table in TABLES})
    for table in TABLES:
        pd.testing.assert_frame_equal(read[table.name], again[table.name])


def test_an_organization_pulled_again_replaces_all_it_had(shelf, usage):
    shelf.publish("a", usage_daily=[usage], members=[{"member_id": "m"}])

    shelf.publish("a", usage_daily=[{**usage, "quantity": 9}])

    assert shelf.rows("a", "usage_daily", "quantity") == [(9,)]
    assert shelf.rows("a", "members", "member_id") == []


def test_other_organizations_stay_as_they_were(shelf, usage):
    shelf.publish("a", usage_daily=[usage])

    shelf.publish("b")

    assert shelf.names() == ["A", "B"]
    assert shelf.rows("a", "usage_daily", "quantity") == [(5,)]


def test_a_day_reported_twice_keeps_the_last_report_and_says_so(shelf, usage):
    shelf.publish("a", usage_daily=[usage, {**usage, "quantity": 9}])

    assert shelf.rows("a", "usage_daily", "quantity") == [(9,)]
    assert shelf.rows("a", "data_quality", "subject", "kind", "quantity", "message") == [
        (
            "usage_daily",
            "duplicate_day",
            1,
            "A day was reported more than once; the last report was kept.",
        )
    ]


def test_a_day_spelled_in_two_ways_is_said_to_be_reported_twice(shelf, usage):
    shelf.publish("a", usage_daily=[usage, {**usage, "day": "20261002"}])

    assert shelf.rows("a", "data_quality", "kind", "quantity") == [("duplicate_day", 1)]


def test_the_note_of_repeats_stands_beside_the_notes_of_the_source(shelf, usage):
    note = {"project_id": "", "subject": "members", "kind": "no_email", "message": "M."}

    shelf.publish("a", usage_daily=[usage] * 3, data_quality=[{**note, "quantity": 1}])

    assert shelf.rows("a", "data_quality", "kind", "quantity") == [
        ("no_email", 1),
        ("duplicate_day", 2),
    ]


@pytest.mark.parametrize(
    "bad", [{"quantity": -1}, {"quantity": 0.5}, {"quantity": float("nan")}, {"quantity": 2**64}]
)
def test_a_bad_row_leaves_the_store_to_the_byte(shelf, usage, bad):
    shelf.publish("a", usage_daily=[usage])
    before = shelf.path.read_bytes()

    with pytest.raises(TableError, match=r"usage_daily\.quantity, row 1 .*organization_id='a'"):
        shelf.publish("a", usage_daily=[usage, {**usage, **bad}])

    assert shelf.path.read_bytes() == before
    assert shelf.files() == ["store.duckdb", "store.duckdb.lock"]


@pytest.mark.parametrize("tables", [{}, {"organizations": pd.DataFrame()}])
def test_a_pull_that_brought_nothing_is_refused(shelf, tables):
    with pytest.raises(StoreError, match="Nothing to publish: the pull brought no organization"):
        publish(shelf.path, tables)

    assert shelf.files() == []


@pytest.mark.parametrize("name", ["it's.duckdb", "[a]*?.duckdb", "a b;c.duckdb", "äöü.duckdb"])
def test_a_store_may_have_any_name(shelf, name):
    shelf.path = shelf.path.with_name(name)
    shelf.publish("a")
    shelf.path.with_name(f"{name}.new.1").write_bytes(b"left by a pull that died")

    shelf.publish("b")

    assert shelf.names() == ["A", "B"]
    assert shelf.files() == sorted([name, f"{name}.lock"])


@pytest.mark.parametrize("name", ["a\x00b", "two\u2028lines", "x" * 10_000, "'; DROP TABLE x"])
def test_a_hostile_name_survives_the_store(shelf, name):
    shelf.publish({"organization_id": name, "as_of": "2026-11-01", "name": name})

    assert shelf.account(name).name == name


def test_a_table_a_pull_did_not_bring_is_there_and_empty(shelf):
    shelf.publish("a")

    read = shelf.account("a")
    assert {t.name for t in TABLES if len(read[t.name])} == {"organizations"}


class TestMerge:
    """An export folder on top of a pull."""

    def test_only_tables_that_bring_rows_replace_theirs(self, shelf, usage):
        shelf.publish("a", usage_daily=[usage], members=[{"member_id": "m"}])

        shelf.publish("a", merge=True, usage_daily=[{**usage, "quantity": 9}])

        assert shelf.rows("a", "usage_daily", "quantity") == [(9,)]
        assert shelf.rows("a", "members", "member_id") == [("m",)]

    def test_what_the_new_organization_row_leaves_empty_keeps_its_value(self, shelf):
        pulled = {"organization_id": "a", "as_of": "2026-10-01", "name": "A"}
        shelf.publish({**pulled, "period_start": "2026-09-20", "credit_balance_usd": "7.5"})

        row = {"organization_id": "a", "as_of": "2026-11-01", "name": None, "region": "eu"}
        shelf.publish(row, merge=True)

        read = shelf.account("a").organization
        assert (read["name"], read["region"], str(read["as_of"].date())) == (
            "A",
            "eu",
            "2026-11-01",
        )
        assert (str(read["period_start"].date()), read["credit_balance_usd"]) == (
            "2026-09-20",
            Decimal("7.5"),
        )

    def test_an_organization_the_store_does_not_know_is_added(self, shelf, usage):
        shelf.publish("a", usage_daily=[usage])

        shelf.publish("b", merge=True, usage_daily=[usage])

        assert shelf.names() == ["A", "B"]
        assert shelf.rows("a", "usage_daily", "quantity") == [(5,)]

    def test_into_no_store_it_is_a_publish(self, shelf, usage, coverage):
        shelf.publish("a", merge=True, usage_daily=[usage], coverage=[coverage("usage_daily")])

        assert shelf.rows("a", "coverage", "subject") == [("usage_daily",)]

    def test_not_in_this_folder_does_not_undo_what_the_pull_read(self, shelf, coverage):
        shelf.publish("a", coverage=[coverage("subscriptions"), coverage("limits", False)])
        said = [coverage(one, False, reason="No export.") for one in ("subscriptions", "limits")]

        shelf.publish("a", merge=True, coverage=said)

        assert shelf.rows("a", "coverage", "subject", "complete", "reason") == [
            ("limits", False, "No export."),
            ("subscriptions", True, ""),
        ]

    def test_the_organization_row_that_every_folder_brings_undoes_no_coverage(
        self, shelf, coverage
    ):
        shelf.publish("a", coverage=[coverage("organizations")])

        shelf.publish("a", merge=True, coverage=[coverage("organizations", False)])

        assert shelf.rows("a", "coverage", "complete") == [(True,)]

    def test_what_the_folder_read_replaces_what_the_pull_could_not(self, shelf, coverage):
        shelf.publish("a", coverage=[coverage("limits", False), coverage("limits", False, "7")])

        shelf.publish("a", merge=True, coverage=[coverage("limits")])

        assert shelf.rows("a", "coverage", "project_id", "complete") == [("", True)]

    def test_coverage_falls_with_the_rows_it_spoke_of(self, shelf, usage, coverage):
        rows = [coverage("usage_daily"), coverage("members"), coverage("usage_daily.x", True, "7")]
        shelf.publish("a", usage_daily=[usage], coverage=rows)

        said = [coverage("usage_daily", False)]
        shelf.publish("a", merge=True, usage_daily=[usage], coverage=said)

        assert shelf.rows("a", "coverage", "subject", "complete") == [
            ("members", True),
            ("usage_daily", False),
        ]

    def test_a_project_that_was_read_stays_read(self, shelf, coverage):
        read = coverage("resources.action", True, "1")
        shelf.publish("a", coverage=[read, coverage("resources.action", False, "2")])

        shelf.publish("a", merge=True, coverage=[coverage("resources.action", False)])

        assert shelf.rows("a", "coverage", "project_id", "complete") == [("1", True), ("2", False)]

    def test_notes_about_tables_that_stayed_stay(self, shelf, usage):
        note = {"project_id": "", "kind": "k", "message": "M.", "quantity": 1}
        notes = [{**note, "subject": "members"}, {**note, "subject": "usage_daily"}]
        shelf.publish("a", usage_daily=[usage], data_quality=notes)

        shelf.publish("a", merge=True, usage_daily=[usage, usage])

        assert shelf.rows("a", "data_quality", "subject", "kind") == [
            ("members", "k"),
            ("usage_daily", "duplicate_day"),
        ]


def test_progress_names_every_table(shelf):
    organization = pd.DataFrame([{"organization_id": "a", "as_of": "2026-11-01"}])
    told = []

    publish(shelf.path, {"organizations": organization}, progress=told.append)

    assert told == [table.name for table in TABLES]


def test_reading_and_publishing_in_one_process_see_what_they_should(shelf):
    shelf.publish("a")
    with Store.open(shelf.path) as opened_before:
        shelf.publish({"organization_id": "a", "as_of": "2026-11-01", "name": "New"})

        assert opened_before.organizations()["name"].tolist() == ["A"]
        assert shelf.names() == ["New"]
        shelf.publish("b")
        assert shelf.names() == ["New", "B"]


def test_nobody_writes_through_an_open_store(shelf):
    shelf.publish("a")
    with Store.open(shelf.path) as store, pytest.raises(Exception, match="read-only"):
        store.connection.execute("DELETE FROM organizations")
