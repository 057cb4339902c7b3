"""What a store's pulls could not read, by subject and reason."""

import pandas as pd

from audit.findings.unread import NOT_READ_ABOUT, SILENT, unread
from audit.store import Store, publish
from audit.tables import TABLES

ALL = [table.name for table in TABLES if table.name not in NOT_READ_ABOUT]


def gaps(tmp_path, covered):
    """``covered``: organization to {subject: reason, empty where it was read}."""
    tables = {
        "organizations": [
            {"organization_id": name, "name": name, "as_of": "2026-11-01"} for name in covered
        ],
        "coverage": [
            {
                "organization_id": name,
                "project_id": "",
                "subject": subject,
                "complete": not reason,
                "reason": reason,
                "source": "files",
            }
            for name, subjects in covered.items()
            for subject, reason in subjects.items()
        ],
    }
    store = publish(tmp_path / "s.duckdb", {n: pd.DataFrame(r) for n, r in tables.items() if r})
    with Store.open(store) as opened:
        return unread(opened.connection)


def everything(**reasons):
    return dict.fromkeys(ALL, "") | reasons


def test_a_store_of_which_all_was_read_has_no_gap(tmp_path):
    assert gaps(tmp_path, {"a": everything()}).empty


def test_gaps_are_counted_by_organization_the_most_common_first(tmp_path):
    found = gaps(
        tmp_path,
        {
            "a": everything(invoices="no key"),
            "b": everything(invoices="no key", members="no export"),
            "c": everything(**{"resources.action": "no scope"}),
        },
    )

    assert list(found.itertuples(index=False, name=None)) == [
        ("invoices", "no key", 2),
        ("members", "no export", 1),
        ("resources.action", "no scope", 1),
    ]


def test_a_table_nobody_says_anything_of_was_not_read(tmp_path):
    silent = {name: "" for name in ALL if name not in ("invoices", "activity")}
    found = gaps(tmp_path, {"a": silent | {"activity.sessions": ""}, "b": everything()})

    assert list(found.itertuples(index=False, name=None)) == [("invoices", SILENT, 1)]
