"""From a prediction to what came of it, on the command line."""

import csv
import json
from datetime import date

import pytest

from audit.sources.sample import portfolio
from audit.sources.sample.adopting import adopted
from audit.store import publish

pytestmark = pytest.mark.slow

FIXED = "Café Lumière Fleet GmbH"


@pytest.fixture(scope="session")
def later_store(tmp_path_factory):
    made, fixed = adopted(portfolio(12, as_of=date(2027, 1, 6)), 60)
    assert len(fixed)
    return str(publish(tmp_path_factory.mktemp("later") / "later.duckdb", made.tables))


def test_predictions_of_one_month_verify_on_a_later_one(audit, sample_store, later_store, tmp_path):
    assert audit("record", "--all", "--store", sample_store).exit_code == 2
    done = audit("record", "--all", "--by", "Ada", "--store", sample_store, "--json")
    assert done.exit_code == 0, done.output
    recorded = json.loads(done.stdout)
    assert len(recorded["recorded"]) + len(recorded["left_out"]) == 12
    again = json.loads(
        audit("record", FIXED, "--by", "Ada", "--store", sample_store, "--json").stdout
    )
    assert not again["recorded"]
    assert "on record already" in again["left_out"][0]["reason"]

    early = audit("verify", "--store", sample_store)
    assert early.exit_code == 0
    assert "No recorded account has later data" in early.output

    told = audit("contact", FIXED, "--answered", "--by", "Ada", "--on", "2026-11-20",
                 "--note", "they will try it", "--store", sample_store)  # fmt: skip
    assert told.exit_code == 0, told.output
    shown = audit("verify", "--store", later_store, "--keep")
    assert shown.exit_code == 0, shown.output
    assert "achieved" in shown.output
    assert "of it together" in shown.output

    found = json.loads(audit("verify", "--store", later_store, "--keep", "--json").stdout)
    assert found["kept"] == 0, "an outcome of a day is kept once"
    review = next(one for one in found["reviews"] if one["organization_name"] == FIXED)
    (done,) = [o for o in review["outcomes"] if o["verdict"] == "achieved"]
    assert done["check"] == "replay_without_minimum_duration"
    assert float(done["saved_low_usd"]) < float(done["saved_usd"]) < float(done["saved_high_usd"])
    assert review["saved_usd"] == done["saved_usd"]
    known = {one["check"]: one for one in found["calibration"]["checks"]}
    assert known["replay_without_minimum_duration"]["adopted"] == 1
    assert "setting" in found["calibration"]["came_true"]

    taken = audit("ledger", "export", "--out", str(tmp_path / "out"))
    assert taken.exit_code == 0
    rows = list(csv.DictReader((tmp_path / "out" / "contacts.csv").read_text().splitlines()))
    assert [(r["state"], r["contacted_by"], r["note"]) for r in rows] == [
        ("answered", "Ada", "they will try it")
    ]
    tables = json.loads(audit("ledger", "export").stdout)["tables"]
    assert len(tables["outcomes"]) == sum(len(one["outcomes"]) for one in found["reviews"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("record",), "--all"),
        (("contact", FIXED, "--by", "Ada"), "--sent"),
        (("contact", FIXED, "--sent", "--answered", "--by", "Ada"), "one of them"),
        (("contact", FIXED, "--sent"), "--by NAME"),
        (("ledger", "import"), "export"),
        (("verify", "Nobody Ltd"), "Nobody Ltd"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(audit, sample_store, arguments, words):
    store = () if arguments[0] == "ledger" else ("--store", sample_store)

    refused = audit(*arguments, *store)

    assert refused.exit_code == 2
    assert words in refused.output


def test_nothing_on_record_says_how_to_begin(audit, sample_store):
    found = audit("verify", "--store", sample_store)

    assert found.exit_code == 0
    assert "audit record" in found.output


def test_a_ledger_that_was_typed_and_is_not_there_is_not_exported_as_empty(audit):
    result = audit("ledger", "export", "--ledger", "nowhere.sqlite")

    assert result.exit_code == 2
    assert "No ledger at nowhere.sqlite" in result.stderr
    assert result.stdout == ""


def test_an_export_goes_into_a_folder_and_not_over_a_file(audit, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    result = audit("ledger", "export", "--out", "mine.txt")

    assert result.exit_code == 2
    assert "is a file; name a folder" in result.stderr
    assert (tmp_path / "mine.txt").read_text() == "mine"
