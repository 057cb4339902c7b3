"""Runs, predictions, contacts and outcomes on record: nothing lost, nothing changed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from audit.errors import InputError, StoreError
from audit.ledger.address import address
from audit.ledger.book import Book
from audit.ledger.records import Contact, Contacted, Outcome, Prediction, Run, Verdict
from audit.ledger.schema import STEPS, TABLES
from audit.ledger.storage import Ledger

THEN, NOW = date(2026, 11, 1), date(2027, 1, 6)
HOSTILE = "'; DROP TABLE runs; --\u202e<script>"


def run(**changed):
    given = {
        "organization_id": "acme", "as_of": THEN, "policy": "2025-06", "price_list": "public",
        "window_start": date(2026, 10, 2), "window_end": THEN, "bill": Decimal("120.37"),
        "joint_saving": Decimal("20.00"), "people": 2**40, "recorded_on": THEN,
        "recorded_by": "Ada", "findings": ({"id": "f"},), "usage": {"quantity": [1.5]},
    }  # fmt: skip
    return Run(**{**given, **changed})


def prediction(**changed):
    given = {
        "organization_id": "acme", "finding_id": "f", "check": "c", "project_id": "1",
        "product": "", "effort": "setting", "as_of": THEN, "due_on": date(2026, 11, 2),
        "alone": Decimal("20.00"), "low": Decimal("15.01"), "mid": None, "high": None,
        "came_true": 0.9, "came_true_low": 0.8, "basis": {"groups": [], "ahead": {}},
    }  # fmt: skip
    return Prediction(**{**given, **changed})


def outcome(of, **changed):
    given = {
        "prediction_id": of.id, "organization_id": of.organization_id,
        "finding_id": of.finding_id, "check": of.check, "effort": of.effort,
        "measured_as_of": NOW, "verdict": Verdict.MASKED, "share": 0.5, "share_low": -0.25,
        "share_high": 1.25, "predicted": Decimal("20.00"), "saved": Decimal("-3.01"),
        "saved_low": None, "saved_high": None, "why": HOSTILE,
    }  # fmt: skip
    return Outcome(**{**given, **changed})


@pytest.fixture
def book(place):
    return Book.at(place)


def test_what_was_written_is_read_again(book):
    written = book.record(run(), [prediction(), prediction(finding_id="g", low=None)])
    told = book.contact(Contact("acme", Contacted.SENT, THEN, "Ada", HOSTILE))
    first, second = book.predictions()
    assert book.keep([outcome(first), outcome(second, saved=None)]) == 2

    assert book.runs("acme") == (written,)
    assert written == run(id=written.id)
    assert first == prediction(id=first.id, run_id=written.id)
    assert book.contacts("acme") == (told,)
    assert [replace(one, id=0) for one in book.outcomes("acme")] == [
        outcome(first),
        outcome(second, saved=None),
    ]
    assert book.runs("other") == book.outcomes("other") == book.contacts("other") == ()


def test_an_audit_of_a_day_is_recorded_once_and_an_outcome_of_a_day_is_kept_once(book):
    assert book.record(run(), [prediction()])
    assert book.record(run(bill=Decimal(1)), [prediction()]) is None
    assert book.record(run(as_of=NOW), [prediction(as_of=NOW)])
    (first, _) = book.predictions()

    assert book.keep([outcome(first)]) == 1
    assert book.keep([outcome(first, share=0.9), outcome(first, measured_as_of=THEN)]) == 1
    assert [one.share for one in book.outcomes()] == [0.5, 0.5]


def test_nobody_changes_or_deletes_what_is_on_record(book, place):
    book.record(run(), [prediction()])
    book.contact(Contact("acme", Contacted.SENT, THEN, "Ada"))
    book.keep([outcome(book.predictions()[0])])

    engine = book._engine("rw", "BEGIN")
    for change in (
        "UPDATE runs SET bill_cents = 0",
        "DELETE FROM predictions",
        "UPDATE contacts SET state = 'answered'",
        "DELETE FROM outcomes",
    ):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(sa.text(change))


def test_somebody_has_to_say_who(book):
    with pytest.raises(InputError, match="--by NAME"):
        book.record(run(recorded_by=" "), [])
    with pytest.raises(InputError, match="--by NAME"):
        book.contact(Contact("acme", Contacted.SENT, THEN, ""))
    assert book.runs() == book.contacts() == ()


def test_a_run_whose_prediction_is_refused_is_not_there_either(book):
    with pytest.raises(StoreError):
        book.record(run(), [prediction(), prediction()])

    assert book.runs() == book.predictions() == ()


def test_a_ledger_of_decisions_alone_takes_predictions(place, decision):
    one = Ledger(address(place), STEPS[:1]).suppress(decision())

    book = Book.at(place)
    assert book.predictions() == ()
    assert book.record(run(), [prediction()])
    assert book.suppressions() == (one,)


def test_everything_is_taken_out_and_of_nothing_there_is_nothing(book, decision):
    assert set(book.everything()) == {table.name for table in TABLES}
    assert not any(book.everything().values())

    book.suppress(decision())
    book.record(run(), [prediction()])
    book.contact(Contact("acme", Contacted.ANSWERED, THEN, "Ada"))
    found = book.everything()

    assert {name: len(rows) for name, rows in found.items() if rows} == {
        "suppressions": 1,
        "runs": 1,
        "predictions": 1,
        "contacts": 1,
    }
    assert found["runs"][0]["bill_cents"] == 12037
    assert found["contacts"][0]["on_day"] == "2026-11-01"


WRITE = """
from dataclasses import replace
from decimal import Decimal
from audit.ledger.book import Book
from audit.ledger.records import Contact, Contacted, Run

book, day = Book.at(sys.argv[1]), date(2026, 11, 1)
sys.stdin.readline()
for number in range(5):
    book.contact(Contact("acme", Contacted.SENT, day, f"{name} {{number}}"))
    book.record(Run(f"{name} {{number}}", day, "p", "l", day, day, Decimal(1), Decimal(0), None,
                    day, "Ada"), [])
    book.record(Run(f"shared {{number}}", day, "p", "l", day, day, Decimal(1), Decimal(0), None,
                    day, "{name}"), [])
"""


@pytest.mark.slow
def test_ten_processes_at_once_lose_nothing(place, program):
    writers = [program(WRITE.format(name=f"w{n}"), place) for n in range(10)]
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors

    book = Book.at(place)
    assert sorted(one.by for one in book.contacts()) == sorted(
        f"w{n} {number}" for n in range(10) for number in range(5)
    )
    found = sorted(one.organization_id for one in book.runs())
    assert found == sorted(
        [f"w{n} {number}" for n in range(10) for number in range(5)]
        + [f"shared {number}" for number in range(5)]
    ), "what all of them record is there once"
