"""A store from elsewhere reaches no other file."""

import duckdb
import pytest

from audit.errors import StoreError
from audit.store import Store, publish


def test_a_view_in_a_store_cannot_read_a_file(tmp_path):
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

    with Store.open(path) as store, pytest.raises(StoreError, match="disabled"):
        store.account("acme")
