"""A password in the ledger's URL stays there."""

import pytest

from audit.errors import AuditError
from audit.ledger.address import address
from audit.ledger.storage import Ledger

SECRET = "correct-horse-battery"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{SECRET}@127.0.0.1:1/audit",
        f"postgresql://127.0.0.1:1/audit?user=me&password={SECRET}",
        f"postgresql://me:{SECRET}@[::1/audit",
        f"postgresql://me:{SECRET}@host:port/audit",
        f"mongodb://me:{SECRET}@host/audit",
        f"postgresql://127.0.0.1:1/audit?pasword={SECRET}",
    ],
)
def test_no_error_repeats_the_password(url):
    with pytest.raises(AuditError) as caught:
        Ledger.at(url).suppressions()

    error = caught.value
    assert SECRET not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_the_name_of_a_place_has_no_user_or_password():
    assert str(address(f"postgres://me:{SECRET}@db.example.com:6432/audit?sslmode=require")) == (
        "postgresql://db.example.com:6432/audit"
    )
    assert str(address("postgresql:///audit?host=/run/pg")) == "postgresql:///run/pg/audit"


def test_a_server_that_refuses_the_password_is_told_without_it(cluster):
    place = cluster.url_by_network(cluster.create(), SECRET)

    with pytest.raises(AuditError, match="password authentication failed") as caught:
        Ledger.at(place).suppressions()

    assert SECRET not in str(caught.value)


def test_the_right_password_opens_it(cluster, decision):
    place = cluster.url_by_network(cluster.create(), cluster.password)

    assert Ledger.at(place).suppress(decision()).id == 1


def test_a_database_that_is_not_there_is_named(cluster):
    with pytest.raises(AuditError, match=r'"nowhere" does not exist.*AUDIT_LEDGER'):
        Ledger.at(cluster.url("nowhere")).suppressions()
