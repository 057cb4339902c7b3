"""``audit diff``: against which report, what it prints, and what it refuses."""

import json
import shutil
from datetime import date

import pytest

from audit import Account, examine, write
from audit.run import folder_name
from audit.sources.sample import portfolio

MARIGOLD = "Marigold & Daughters"
CSI = "\x1b["


@pytest.fixture(scope="session")
def earlier():
    """An account of Marigold at a day, with a fifth less usage and a discount of ten percent."""
    tables = portfolio(12, as_of=date(2026, 11, 1)).tables
    organizations = tables["organizations"]
    identity = organizations.loc[organizations["name"] == MARIGOLD, "organization_id"].iloc[0]

    def at(day, **columns):
        mine = {
            name: rows[rows["organization_id"] == identity].copy() for name, rows in tables.items()
        }
        usage = mine["usage_daily"]
        less = (usage["quantity"] * 4 // 5).astype("int64")
        mine["usage_daily"] = usage.assign(quantity=less)
        mine["organizations"] = mine["organizations"].assign(
            as_of=day, discount_percent="10", **columns
        )
        return Account.from_tables(identity, mine)

    return at


@pytest.fixture
def store(sample_store, tmp_path):
    shutil.copy(sample_store, tmp_path / "audit.duckdb")


@pytest.fixture(scope="session")
def written(earlier, tmp_path_factory):
    """The report files of a day, made once."""
    shelf = tmp_path_factory.mktemp("reports")

    def of(day, **columns):
        account = earlier(day, **columns)
        folder = shelf / day / folder_name(account)
        if not folder.exists():
            write(examine(account), folder)
        return folder

    return of


@pytest.fixture
def report(written, tmp_path):
    """Put the report of a day into the folder of reports; its own folder."""

    def of(day, **columns):
        made = written(day, **columns)
        return shutil.copytree(made, tmp_path / "reports" / day / made.name)

    return of


def told(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def said(result):
    assert result.exit_code == 2, result.output
    assert len(result.stderr.splitlines()) == 1
    return result.stderr


@pytest.mark.slow
def test_the_newest_earlier_report_is_taken_whatever_its_name(audit, store, report):
    report("2026-09-01")
    newest = report("2026-10-01", name="Marigold before it had daughters")
    report("2026-11-01")

    found = told(audit("diff", MARIGOLD, "--json"))

    assert found["against"].endswith(f"{newest.name}/account.zip")
    assert found["before"]["as_of"] == "2026-10-01"
    assert found["bill"]["before"] < found["bill"]["now"]
    effects = {name for name, amount in found["bill"]["effects"].items() if amount != "0.00"}
    assert effects == {"usage", "plan"}
    assert found["notes"] == []


@pytest.mark.slow
def test_people_read_the_effects_and_what_became_of_each_finding(audit, store, report):
    report("2026-10-01")

    shown = audit("diff", MARIGOLD).stdout

    assert "bill after all fixes" in shown
    assert [word for word in shown.split() if word in ("usage", "price", "plan")][:3] == [
        "usage",
        "price",
        "plan",
    ]
    assert "worse" in shown
    assert "discounts" in shown
    assert "autocapture_unread-201b3290afa3" in shown
    assert "plan +$" in shown


@pytest.mark.slow
def test_another_report_is_named_by_day_folder_or_file(audit, store, report):
    folder = report("2026-09-01")
    report("2026-10-01")

    for name in ("2026-09-01", str(folder), str(folder / "account.zip")):
        found = told(audit("diff", MARIGOLD, "--against", name, "--json"))
        assert found["before"]["as_of"] == "2026-09-01"


def test_without_an_earlier_report_it_says_how_to_get_one(audit, store, report):
    report("2026-11-01")

    message = said(audit("diff", MARIGOLD))

    assert "No report of Marigold & Daughters from before 2026-11-01 in reports" in message
    assert "there are: 2026-11-01" in message
    assert "`audit run`" in message


@pytest.mark.parametrize(
    ("against", "message"),
    [
        ("2026-09-02", "There are: 2026-10-01"),
        ("yesterday", "an account.zip or the day of a report, got 'yesterday'"),
        ("none.zip", "No account file at none.zip"),
        ("audit.duckdb", "is not an account file"),
    ],
)
def test_what_cannot_be_compared_is_one_line(audit, store, report, against, message):
    report("2026-10-01")

    assert message in said(audit("diff", MARIGOLD, "--against", against))


def test_another_organization_is_refused(audit, store, report):
    file = report("2026-10-01") / "account.zip"

    assert "two organizations" in said(audit("diff", "Rowan Labs Oy", "--against", str(file)))


def test_a_later_report_is_refused(audit, store, report):
    file = report("2026-12-01") / "account.zip"

    assert "after 2026-11-01" in said(audit("diff", MARIGOLD, "--against", str(file)))


def test_half_finished_reports_are_no_reports(audit, store, report, tmp_path):
    folder = report("2026-10-01")
    folder.rename(folder.with_name(f".{folder.name}.before"))

    assert "there are: none" in said(audit("diff", MARIGOLD))


def test_a_hostile_name_of_then_acts_on_no_terminal(audit, store, report, earlier):
    folder = report("2026-10-01")
    path = folder / "findings.json"
    document = json.loads(path.read_text())
    for one in document["findings"]:
        one["message"] = one["project_name"] = f"{CSI}31m\u202e"
        one["id"] = one["id"][:-1] + ("0" if one["id"][-1] != "0" else "1")
    path.write_text(json.dumps(document))

    result = audit("diff", MARIGOLD)

    assert "method" in result.stdout
    assert "[U+001B]" in result.stdout
    assert CSI not in result.stdout
    assert "\u202e" not in result.stdout


def test_a_spoiled_report_costs_only_what_it_told(audit, store, report):
    folder = report("2026-10-01")
    (folder / "findings.json").write_text("{")

    found = told(audit("diff", MARIGOLD, "--json"))

    assert found["notes"][0].startswith("The report of then does not say")
    assert found["bill"]["effects"]["method"] == "0.00"
