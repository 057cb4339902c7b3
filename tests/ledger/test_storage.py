"""What is written stays, on SQLite and on PostgreSQL alike."""

import sqlite3
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.errors import InputError, SettingsError, StoreError
from audit.ledger.address import address
from audit.ledger.schema import STEPS
from audit.ledger.storage import Ledger

TODAY = date(2026, 11, 1)


def rows(place, query):
    """Straight from the database."""
    engine = Ledger.at(place)._engine("rw", "BEGIN")
    with engine.begin() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def test_a_decision_is_there_for_the_next_process_with_its_id(place, decision):
    first = Ledger.at(place).suppress(decision(up_to_usd="200.10", project_id="1"))
    second = Ledger.at(place).suppress(decision(check="product_unused"))

    assert (first.id, second.id) == (1, 2)
    assert Ledger.at(place).suppressions() == (first, second)
    assert first.up_to_usd == Decimal("200.10")


def test_those_of_one_organization(ledger, decision):
    ledger.suppress(decision())
    other = ledger.suppress(decision(organization_id="bolt"))

    assert ledger.suppressions("bolt") == (other,)
    assert ledger.suppressions("nobody") == ()


def test_reading_makes_nothing(tmp_path):
    assert Ledger.at(tmp_path / "deep" / "none.sqlite").suppressions() == ()
    assert not list(tmp_path.iterdir())


def test_a_database_without_tables_holds_no_decisions_and_gets_none_by_reading(cluster):
    place = cluster.url(cluster.create())

    assert Ledger.at(place).suppressions() == ()
    assert rows(place, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_a_lift_is_an_event_and_the_decision_stays(place, decision):
    one = Ledger.at(place).suppress(decision())
    lifted = Ledger.at(place).lift(one.id, on=TODAY, owner="Bob", reason="fixed")

    assert Ledger.at(place).suppressions() == (lifted,)
    assert lifted == replace(one, lifted_on=TODAY, lifted_by="Bob", lift_reason="fixed")
    assert rows(place, "SELECT count(*) FROM suppressions") == [(1,)]


def test_it_is_lifted_once(ledger, decision):
    one = ledger.suppress(decision())
    ledger.lift(one.id, on=TODAY)

    with pytest.raises(InputError, match="lifted on 2026-11-01 already"):
        ledger.lift(one.id, on=TODAY)


def test_lifting_what_is_not_there_names_what_is(ledger, decision):
    ledger.suppress(decision())

    with pytest.raises(InputError, match=r"No suppression 7 in .* Not lifted: 1"):
        ledger.lift(7, on=TODAY)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE suppressions SET until = '2099-01-01'",
        "DELETE FROM suppressions",
        "DELETE FROM suppression_lifts",
        "UPDATE ledger_version SET version = 9",
    ],
)
def test_nobody_rewrites_history(place, decision, statement):
    one = Ledger.at(place).suppress(decision())
    Ledger.at(place).lift(one.id, on=TODAY)
    before = Ledger.at(place).suppressions()

    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        rows(place, statement)
    assert Ledger.at(place).suppressions() == before


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO suppressions (check_name, organization_id, project_id, product, reason, owner,"
        " created_on, until) VALUES ('c', 'o', '', '', '', 'Ada', '2026-11-01', '2026-11-01')",
        "INSERT INTO suppressions (check_name, organization_id, project_id, product, reason, owner,"
        " created_on) VALUES ('c', 'o', '', '', 'r', 'Ada', '2026-11-01')",
        "INSERT INTO suppression_lifts VALUES (77, '2026-11-01', '', '')",
    ],
)
def test_the_database_refuses_what_the_rules_refuse(place, ledger, decision, statement):
    ledger.suppress(decision())

    with pytest.raises(sa.exc.IntegrityError):
        rows(place, statement)


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts, texts, st.none() | st.decimals(0, 10**12, places=2))
def test_any_text_and_cap_come_back_as_they_were(ledger, decision, reason, owner, most):
    wanted = replace(decision(up_to_usd=most), reason=reason, owner=owner)
    written = ledger.suppress(wanted)

    assert ledger.suppressions()[-1] == written == replace(wanted, id=written.id)


HOSTILE = "'); DROP TABLE suppressions; -- \x1b[31m \u202e =cmd|'/C calc'!A0 <script>"


def test_hostile_text_is_text(ledger, decision):
    written = ledger.suppress(decision(reason=HOSTILE, owner=HOSTILE))

    assert ledger.suppressions() == (written,)
    assert written.reason == HOSTILE


def _with_a_note(connection):
    connection.execute(sa.text("ALTER TABLE suppressions ADD COLUMN note TEXT"))


def _failing(connection):
    connection.execute(sa.text("CREATE TABLE half_done (x INTEGER)"))
    connection.execute(sa.text("SELECT * FROM no_such_table"))


def test_a_ledger_of_an_earlier_version_becomes_one_of_this(place, decision):
    one = Ledger.at(place).suppress(decision())
    newer = Ledger(address(place), (*STEPS, _with_a_note))

    assert newer.suppressions() == (one,)
    assert rows(place, "SELECT version FROM ledger_version ORDER BY 1") == [
        (number,) for number in range(1, len(STEPS) + 2)
    ]
    assert rows(place, "SELECT note FROM suppressions") == [(None,)]


def test_a_new_ledger_takes_every_step(place, decision):
    Ledger(address(place), (*STEPS, _with_a_note)).suppress(decision())

    assert rows(place, "SELECT note FROM suppressions") == [(None,)]


def test_a_step_that_fails_leaves_the_ledger_as_it_was(place, decision):
    one = Ledger.at(place).suppress(decision())

    with pytest.raises(StoreError, match="no_such_table"):
        Ledger(address(place), (*STEPS, _failing)).suppressions()
    assert Ledger.at(place).suppressions() == (one,)
    with pytest.raises(sa.exc.DBAPIError, match="half_done"):
        rows(place, "SELECT * FROM half_done")


def test_a_ledger_of_a_newer_version_is_left_alone(place, decision):
    Ledger(address(place), (*STEPS, _with_a_note)).suppress(decision())

    with pytest.raises(StoreError, match=r"newer version .* Upgrade the tool"):
        Ledger.at(place).suppressions()
    with pytest.raises(StoreError, match="newer version"):
        Ledger.at(place).suppress(decision())


@pytest.mark.parametrize(
    "content", [b"no database at all, but text" * 90, b"SQLite format 3\0junk"]
)
def test_a_file_that_is_no_database_is_named_and_kept(tmp_path, decision, content):
    file = tmp_path / "ledger.sqlite"
    file.write_bytes(content)

    with pytest.raises(StoreError, match=r"ledger\.sqlite"):
        Ledger.at(file).suppressions()
    with pytest.raises(StoreError, match=r"ledger\.sqlite"):
        Ledger.at(file).suppress(decision())
    assert file.read_bytes() == content


def test_a_database_of_something_else_is_refused_and_kept(tmp_path, decision):
    file = tmp_path / "bookmarks.sqlite"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    before = file.read_bytes()

    with pytest.raises(StoreError, match="something else"):
        Ledger.at(file).suppress(decision())
    with pytest.raises(StoreError, match="something else"):
        Ledger.at(file).suppressions()
    assert file.read_bytes() == before


def test_an_empty_file_is_an_empty_ledger(tmp_path, decision):
    file = tmp_path / "ledger.sqlite"
    file.touch()

    assert Ledger.at(file).suppressions() == ()
    assert Ledger.at(file).suppress(decision()).id == 1


def test_a_folder_is_no_ledger(tmp_path, decision):
    with pytest.raises(StoreError, match="cannot be opened or written"):
        Ledger.at(tmp_path).suppressions()


def test_a_value_that_cannot_be_is_told_and_not_guessed(tmp_path, decision):
    file = tmp_path / "ledger.sqlite"
    Ledger.at(file).suppress(decision())
    with sqlite3.connect(file) as other:
        other.execute("DROP TRIGGER suppressions_no_update")
        other.execute("PRAGMA ignore_check_constraints = ON")
        other.execute("UPDATE suppressions SET until = 'the end of time'")
    other.close()

    with pytest.raises(StoreError, match="a value that cannot be"):
        Ledger.at(file).suppressions()


def test_names_of_files_are_names_and_no_addresses(tmp_path, decision, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (":memory:", "a?mode=memory", "50%41.sqlite", "b#c.sqlite", "Zoë/l.sqlite"):
        Ledger.at(name).suppress(decision())

        assert (tmp_path / name).stat().st_size > 0
        assert len(Ledger.at(name).suppressions()) == 1


def test_the_same_file_by_url(tmp_path, decision):
    one = Ledger.at(tmp_path / "l.sqlite").suppress(decision())

    assert Ledger.at(f"sqlite:///{tmp_path}/l.sqlite").suppressions() == (one,)


@pytest.mark.parametrize("text", ["", "  ", "sqlite://", "sqlite:///:memory:"])
def test_nowhere_is_no_place_for_decisions(text):
    with pytest.raises(SettingsError, match=r"ledger"):
        Ledger.at(text)


def test_a_database_nobody_has_a_driver_for_says_so(decision):
    with pytest.raises(SettingsError, match=r"oracel://host/x .*account-audit\[team\]"):
        Ledger.at("oracel://me:secret@host/x").suppressions()
