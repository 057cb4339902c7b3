"""A store from elsewhere reaches no other file."""

import duckdb
import pytest

from audit.errors import StoreError
from audit.store import Store, publish


def test_a_store_with_a_view_is_none_of_ours(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP SECRET")
    path = publish(
        tmp_path / "s.duckdb",
        {"organizations": [{"organization_id": "acme", "as_of": "2026-11-01"}]},
    )
    with duckdb.connect(str(path)) as connection:
        connection.execute("ALTER TABLE organizations RENAME TO real_organizations")
        connection.execute(
            "CREATE VIEW organizations AS SELECT * REPLACE (content AS name) "
            f"FROM real_organizations, read_text('{secret}')"
        )

    with pytest.raises(StoreError, match="not a store of this tool"):
        Store.open(path)


def test_an_open_store_reaches_no_other_file(tmp_path):
    path = publish(
        tmp_path / "s.duckdb",
        {"organizations": [{"organization_id": "acme", "as_of": "2026-11-01"}]},
    )

    with Store.open(path) as store, pytest.raises(duckdb.Error, match="disabled"):
        store.connection.execute(f"SELECT * FROM read_text('{tmp_path / 'secret.txt'}')")
