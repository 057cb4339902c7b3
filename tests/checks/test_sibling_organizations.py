"""Other organizations of one company."""

import pandas as pd
import pytest

import audit
from audit.account import Account
from audit.store import publish

CHECK = "sibling_organizations"


def member(organization, email, level=8):
    return {
        "organization_id": organization,
        "member_id": f"{organization}-{email}",
        "email": email,
        "level": level,
    }


def found_in(tmp_path, *members, unread=()):
    ids = sorted({row["organization_id"] for row in members})
    tables = {
        "organizations": [{"organization_id": one, "as_of": "2026-11-01"} for one in ids],
        "members": list(members),
        "coverage": [
            {"organization_id": one, "project_id": "", "subject": "members", "source": "sample"}
            | {"complete": one not in unread, "reason": "No scope." if one in unread else ""}
            for one in ids
        ],
    }
    frames = {}
    for one in ids:
        account = Account.from_tables(
            one, {n: [r for r in rows if r["organization_id"] == one] for n, rows in tables.items()}
        )
        for name, frame in account.frames.items():
            frames.setdefault(name, []).append(frame)
    whole = {
        name: pd.concat([f for f in parts if len(f)] or parts[:1], ignore_index=True)
        for name, parts in frames.items()
    }
    store = publish(tmp_path / "s.duckdb", whole)
    found = audit.scan(store, only=[CHECK]).findings
    return sorted(found["organization_id"])


def test_admins_on_one_company_domain_are_siblings(tmp_path):
    members = [member("a", "x@acme.io"), member("b", "y@ACME.io"), member("c", "z@other.io")]

    assert found_in(tmp_path, *members) == ["a", "b"]


@pytest.mark.parametrize("domain", ["gmail.com", "outlook.com", "proton.me"])
def test_public_mail_says_nothing_of_a_company(tmp_path, domain):
    assert found_in(tmp_path, member("a", f"x@{domain}"), member("b", f"y@{domain}")) == []


def test_plain_members_do_not_count(tmp_path):
    assert found_in(tmp_path, member("a", "x@acme.io", 1), member("b", "y@acme.io", 1)) == []


def test_one_account_alone_cannot_tell(acme):
    gap = acme().member(level=15, email="x@acme.io").gap(CHECK)

    assert gap.reason == "only a store of several organizations can tell"


def test_without_the_members_it_is_not_evaluated(tmp_path):
    members = [member("a", "x@acme.io"), member("b", "y@acme.io")]

    assert found_in(tmp_path, *members, unread=("a",)) == ["b"]
