"""One organization in one file: what goes in comes out, to the byte, or is refused."""

import json
import zipfile
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.account import Account
from audit.errors import InputError, TableError
from audit.tables import SCHEMA_VERSION, TABLES

HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def account(name="Acme", event="$pageview", **organization):
    one = {"organization_id": "acme", "as_of": "2026-11-01", "name": name}
    usage = {
        "organization_id": "acme",
        "project_id": "1",
        "window_start": "2026-10-02",
        "window_end": "2026-11-01",
        "meter": "product_analytics",
        "event": event,
        "library": "web",
        "host_class": "production",
        "identified": True,
        "known_person": False,
        "quantity": 2**63 - 1,
    }
    return Account.from_tables(
        "acme", {"organizations": [{**one, **organization}], "usage_rows": [usage]}
    )


def same(one, other):
    assert one.organization_id == other.organization_id
    for table in TABLES:
        pd.testing.assert_frame_equal(one[table.name], other[table.name])


@given(
    name=HOSTILE,
    event=HOSTILE,
    amount=st.decimals("-999999999999999999", "999999999999999999", places=10),
    seen=st.datetimes(),
    truth=st.sampled_from([True, False, None]),
    features=st.recursive(
        st.none() | st.integers() | HOSTILE,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HOSTILE, inner, max_size=3),
        max_leaves=5,
    ).filter(lambda value: not isinstance(value, str)),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_saved_is_what_is_loaded(
    tmp_path_factory, name, event, amount, seen, truth, features
):
    path = tmp_path_factory.mktemp("account") / "account.zip"
    saved = account(
        name,
        event,
        current_total_usd=str(amount),
        created_at=seen,
        never_drop_data=truth,
        features=features,
    )

    loaded = Account.load(saved.save(path))

    same(loaded, saved)
    assert loaded.fingerprint("organizations") == saved.fingerprint("organizations")


@pytest.mark.parametrize(
    "name",
    [
        "two\u2028lines\u2029and\x85more",
        "a\x00b",
        "\x1e\x1f\x0b\x0c",
        "x" * 10_000,
        '"},{"organization_id": "other"',
        "</script><script>alert(1)</script>",
        "\u202eevil",
        "\r\n",
        "\U0001f994",
        "",
        "null",
        "nan",
    ],
)
def test_a_hostile_name_survives_the_file(tmp_path, name):
    loaded = Account.load(account(name, name).save(tmp_path / "account.zip"))

    assert loaded.organization["name"] == name
    assert loaded["usage_rows"]["event"].tolist() == [name]


def test_half_a_character_never_gets_as_far_as_a_file():
    with pytest.raises(TableError, match="half a character"):
        account("\ud83e")


def test_the_same_account_gives_the_same_bytes(tmp_path):
    first = account(current_total_usd="1.50").save(tmp_path / "a.zip")

    second = account(current_total_usd=Decimal("1.5000")).save(tmp_path / "b.zip")

    assert first.read_bytes() == second.read_bytes()


def test_the_order_of_the_rows_does_not_change_the_bytes(tmp_path):
    rows = [{"organization_id": "acme", "project_id": str(number)} for number in range(20)]
    one = Account.from_tables("acme", {"projects": rows})
    other = Account.from_tables("acme", {"projects": rows[::-1]})

    saved = [account.save(tmp_path / f"{n}.zip") for n, account in enumerate([one, other])]

    assert saved[0].read_bytes() == saved[1].read_bytes()


def test_a_loaded_account_saves_to_the_same_bytes(tmp_path):
    first = account(name="\u2028").save(tmp_path / "a.zip")

    assert Account.load(first).save(tmp_path / "b.zip").read_bytes() == first.read_bytes()


def test_one_changed_cell_changes_the_fingerprint_of_its_table_only():
    one, other = account("Acme"), account("Acmf")

    assert one.fingerprint("organizations") != other.fingerprint("organizations")
    assert one.fingerprint("usage_rows") == other.fingerprint("usage_rows")


def test_what_is_made_of_a_table_is_made_again_of_another_only():
    account = Account("acme", {})
    made = []

    def make():
        made.append(len(made))
        return made[-1]

    def once(what="days"):
        return account.once(what, ("usage_daily", "projects"), make)

    assert (once(), once(), once("projects")) == (0, 0, 1)
    account.frames["projects"] = account["projects"].copy()
    assert (once(), once()) == (2, 2)
    account.frames["limits"] = account["limits"].copy()
    assert once() == 2


def test_other_organizations_are_left_out():
    rows = [{"organization_id": one, "as_of": "2026-11-01"} for one in ("acme", "other")]

    assert len(Account.from_tables("acme", {"organizations": rows})["organizations"]) == 1


def rewritten(path, member, change):
    """The file with one member changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name).decode() for name in archive.namelist()}
    members[member] = change(members[member])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def changed(path, member, **values):
    def change(content):
        return json.dumps({**json.loads(content), **values}) + "\n"

    return rewritten(path, member, change)


@pytest.mark.parametrize(
    ("member", "values", "said"),
    [
        ("usage_rows.jsonl", {"quantity": -1}, r"usage_rows\.quantity, row 0 .* -1 is below 0"),
        ("usage_rows.jsonl", {"host_class": "moon"}, "host_class, row 0 .* 'moon' is none of"),
        ("usage_rows.jsonl", {"extra": 1}, "usage_rows: unknown column 'extra'"),
        ("organizations.jsonl", {"as_of": None}, r"organizations\.as_of, row 0 .* is empty"),
    ],
)
def test_a_tampered_row_is_refused(tmp_path, member, values, said):
    path = changed(account().save(tmp_path / "account.zip"), member, **values)

    with pytest.raises(TableError, match=said):
        Account.load(path)


def test_a_row_of_another_organization_is_refused(tmp_path):
    path = account().save(tmp_path / "account.zip")
    changed(path, "usage_rows.jsonl", organization_id="other")

    with pytest.raises(InputError, match="usage_rows holds a row of 'other', the file is of 'acm"):
        Account.load(path)


def test_a_file_of_a_newer_version_is_refused_and_says_so(tmp_path):
    path = account().save(tmp_path / "account.zip")
    changed(path, "account.json", schema=SCHEMA_VERSION + 1)

    with pytest.raises(InputError, match=rf"newer version \(schema {SCHEMA_VERSION + 1}, this"):
        Account.load(path)


def test_a_table_a_newer_tool_added_is_no_reason_to_fail(tmp_path):
    path = account().save(tmp_path / "account.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("moons.jsonl", '{"organization_id": "acme"}\n')

    same(Account.load(path), account())


@pytest.mark.parametrize(
    "manifest", ["", "[]", "{}", '{"schema": "x", "organization_id": "a"}', '{"schema": 1}', "7"]
)
def test_a_broken_manifest_is_refused(tmp_path, manifest):
    path = account().save(tmp_path / "account.zip")
    rewritten(path, "account.json", lambda _: manifest)

    with pytest.raises(InputError, match="is not an account file"):
        Account.load(path)


def test_no_file_is_said_plainly(tmp_path):
    with pytest.raises(InputError, match="No account file at"):
        Account.load(tmp_path / "account.zip")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_account_is_refused(tmp_path, content):
    path = tmp_path / "account.zip"
    path.write_bytes(content)

    with pytest.raises(InputError, match="is not an account file"):
        Account.load(path)


def test_a_file_damaged_anywhere_is_refused_or_still_the_same(tmp_path):
    saved = account(name="x" * 500)
    whole = saved.save(tmp_path / "account.zip").read_bytes()
    path = tmp_path / "damaged.zip"

    for at in range(0, len(whole), 97):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            loaded = Account.load(path)
        except (InputError, TableError):
            continue
        assert loaded.organization["name"] == "x" * 500


def test_a_file_cut_short_is_refused(tmp_path):
    path = account().save(tmp_path / "account.zip")
    path.write_bytes(path.read_bytes()[:-30])

    with pytest.raises(InputError, match="is not an account file"):
        Account.load(path)


def test_saving_over_a_file_replaces_it_whole(tmp_path):
    path = account("One").save(tmp_path / "folder" / "account.zip")

    account("Two").save(path)

    assert Account.load(path).name == "Two"
    assert [file.name for file in path.parent.iterdir()] == ["account.zip"]


@pytest.mark.parametrize("name", [None, "", "   "])
def test_an_organization_without_a_name_is_called_by_its_id(name):
    assert account(name).name == "acme"


def test_an_account_without_its_organization_says_so():
    with pytest.raises(InputError, match="account of 'acme' has no organization row"):
        _ = Account.from_tables("acme", {}).name
