"""Which report came before, and the copy of it that the next one keeps."""

from datetime import date

import pytest

from audit.account import Account
from audit.errors import InputError
from audit.reports import (
    RunResult,
    earlier,
    folder_name,
    previous_at,
    previous_of,
    reports_of,
)

NOW = date(2026, 11, 1)


@pytest.fixture
def reported(account_named, tmp_path):
    """Writes what a report of a day leaves behind, and says where."""

    def written(day, *, identity="acme", name="Acme", out=tmp_path, findings="{}", **arguments):
        account = account_named(name, identity)
        folder = out / day / folder_name(account)
        folder.mkdir(parents=True)
        account.save(folder / "account.zip", {"as_of": day, **arguments})
        (folder / "findings.json").write_text(findings)
        return RunResult(folder)

    return written


@pytest.fixture
def acme(account_named):
    return account_named("Acme", "acme")


def test_reports_from_before_a_day_come_newest_first(reported, tmp_path):
    for day in ("2026-09-01", "2026-10-15", "2026-11-01", "2026-12-01"):
        reported(day)

    found = [one.folder.parent.name for one in earlier(reports_of("acme", tmp_path), NOW)]
    assert found == ["2026-10-15", "2026-09-01"]


def test_a_report_is_compared_with_the_newest_one_from_before(reported, acme, tmp_path):
    reported("2026-09-01")
    newest = reported("2026-10-15")
    reported("2026-11-01")

    assert previous_of(acme, NOW, tmp_path).account == newest.account


def test_the_first_report_is_compared_with_nothing(acme, tmp_path):
    assert previous_of(acme, NOW, tmp_path) is None
    assert previous_of(acme, NOW, tmp_path / "none") is None


def test_a_report_of_another_name_is_still_of_the_organization(reported, acme, tmp_path):
    before = reported("2026-10-15", name="Before the rename Ltd")

    assert previous_of(acme, NOW, tmp_path).account == before.account


def test_an_organization_whose_id_ends_alike_is_another_one(reported, acme, tmp_path):
    reported("2026-10-15", identity="big-acme")

    assert previous_of(acme, NOW, tmp_path) is None


def test_a_file_that_cannot_be_read_is_passed_over(reported, acme, tmp_path):
    older = reported("2026-09-01")
    reported("2026-10-15").account.write_bytes(b"no zip")

    assert previous_of(acme, NOW, tmp_path).account == older.account


def test_an_account_audited_again_is_compared_with_what_it_was_compared_with(
    reported, acme, tmp_path
):
    now = reported("2026-11-01")
    copied = previous_at(reported("2026-09-01").account, acme, NOW).copy(now.folder, "customer")
    reported("2026-10-15")

    assert previous_of(acme, NOW, tmp_path, now.account).account == copied.account


def test_of_an_earlier_day_that_copy_is_no_earlier_report(reported, acme, tmp_path):
    now = reported("2026-11-01")
    previous_at(reported("2026-10-15").account, acme, NOW).copy(now.folder, "customer")

    day = date(2026, 10, 1)
    assert previous_of(acme, day, tmp_path, now.account) is None


@pytest.mark.parametrize(
    ("day", "identity", "message"),
    [("2026-10-15", "other", "is of other, not of acme"), ("2026-11-02", "acme", "after 2026-11")],
)
def test_a_file_that_is_no_earlier_report_is_refused(reported, acme, day, identity, message):
    with pytest.raises(InputError, match=message):
        previous_at(reported(day, identity=identity).account, acme, NOW)


@pytest.mark.parametrize(
    ("was_for", "is_for", "files"),
    [
        ("customer", "customer", ["account.zip", "findings.json"]),
        ("team", "team", ["account.zip", "findings.json"]),
        ("team", "customer", ["account.zip"]),
        ("customer", "team", ["account.zip"]),
    ],
)
def test_findings_are_copied_between_reports_for_the_same_reader_only(
    reported, acme, tmp_path, was_for, is_for, files
):
    before = reported("2026-10-15", audience=was_for)
    (tmp_path / "new").mkdir()

    copied = previous_at(before.account, acme, NOW).copy(tmp_path / "new", is_for)

    assert sorted(path.name for path in copied.folder.iterdir()) == files
    kept = Account.load(copied.account)
    assert kept.arguments == Account.load(before.account).arguments
    assert kept["usage_daily"].equals(acme["usage_daily"])
    if is_for == "team":
        assert copied.account.read_bytes() == before.account.read_bytes()
    else:
        assert kept["lifecycle"].empty
    assert Account.load(copied.account).organization_id == "acme"
