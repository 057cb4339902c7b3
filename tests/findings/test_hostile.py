"""Odd and hostile accounts go all the way to a document."""

import json

import pytest

from audit import Account, examine
from audit.findings.document import to_csv, to_json
from audit.sources.sample import edge_account_tables, hostile_account_tables

KINDS = ("no_usage", "one_day_old", "free", "zero_day_period", "future_dates")


def only_account(tables):
    return Account.from_tables(tables["organizations"]["organization_id"].iloc[0], tables)


@pytest.mark.parametrize("kind", KINDS)
def test_an_edge_account_is_an_audit_that_says_so(kind):
    audit = examine(only_account(edge_account_tables(kind)))

    document = json.loads(to_json(audit))
    assert document["bill"]["total"] >= "0.00"
    assert audit.joint_saving <= audit.bill.total


def test_on_the_first_day_of_a_period_nothing_is_counted_and_all_is_forecast():
    audit = examine(only_account(edge_account_tables("zero_day_period")))

    assert {line.counted for line in audit.forecast.lines} == {0}
    assert all(line.units.p025 >= 0 for line in audit.forecast.lines)


def test_a_period_without_days_has_no_forecast_and_a_reason():
    tables = edge_account_tables("no_usage")
    day = tables["organizations"]["as_of"]
    tables["organizations"] = tables["organizations"].assign(period_start=day, period_end=day)

    audit = examine(only_account(tables))

    assert audit.forecast.lines == ()
    assert audit.forecast.reason == "The billing period has no days."


def test_hostile_names_are_kept_as_text():
    audit = examine(only_account(hostile_account_tables()))

    # Whole, as text: JSON escapes it, CSV quotes it and defuses formulas.
    assert json.loads(to_json(audit))["organization_name"] == audit.organization_name
    for line in to_csv(audit).splitlines():
        assert not line.startswith(("=", "+", "@"))
    assert not set(to_csv(audit)) & {"\x1b", "\x07", "\x9b", "\u202e"}
