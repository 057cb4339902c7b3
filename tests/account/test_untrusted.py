"""Account files from elsewhere: too large, doubled, and what an audit was asked for."""

import zipfile

import pytest

from audit.account import MANIFEST, MOST_UNPACKED_BYTES, Account
from audit.errors import InputError

ROW = {"organization_id": "acme", "as_of": "2026-11-01"}


def account():
    return Account.from_tables("acme", {"organizations": [ROW]})


def test_an_account_remembers_what_its_audit_was_asked_for(tmp_path):
    asked = {"policy": "2026-11", "lookback_days": 7}

    saved = account().save(tmp_path / "account.zip", asked)

    assert Account.load(saved).arguments == asked
    again = Account.load(saved).save(tmp_path / "again.zip")
    assert again.read_bytes() == saved.read_bytes()


def test_a_zip_that_unpacks_beyond_any_account_is_refused_unread(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, "{}")
        with archive.open("usage_daily.jsonl", "w", force_zip64=True) as member:
            for _ in range(MOST_UNPACKED_BYTES // 10_000_000 + 1):
                member.write(b" " * 10_000_000)

    with pytest.raises(InputError, match="unpacks to"):
        Account.load(path)


def test_a_member_named_twice_is_refused(tmp_path):
    path = account().save(tmp_path / "account.zip")
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(path, "a") as archive,
    ):
        archive.writestr("organizations.jsonl", "")

    with pytest.raises(InputError, match="names a member twice"):
        Account.load(path)
