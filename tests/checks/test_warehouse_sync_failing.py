"""A sync that fails is mended, and saves nothing."""

import pytest

CHECK = "warehouse_sync_failing"


def tables(acme, *states):
    one = acme().units("data_warehouse", 40_000_000)
    for state in states:
        one.resource("warehouse_schema", state, details={"sync_type": "incremental"})
    return one


def test_a_failed_table_is_flagged(acme):
    assert tables(acme, "failed", "active", "active").finding(CHECK).message == (
        "1 of Project 1's 3 synced tables failed to sync."
    )


def test_mending_it_is_never_a_saving(acme):
    assert tables(acme, "failed").finding(CHECK).saving.alone == 0


@pytest.mark.parametrize("states", [(), ("active",), ("inactive",)])
def test_tables_that_work_or_are_off_are_healthy(acme, states):
    assert tables(acme, *states).flagged(CHECK) == []


def test_the_threshold_can_be_set(acme):
    assert tables(acme, "failed").flagged(CHECK, failed_count=2) == []
    assert tables(acme, "failed", "failed").flagged(CHECK, failed_count=2) == ["1"]


def test_without_the_tables_it_is_not_evaluated(acme):
    one = tables(acme, "failed").without("resources.warehouse_schema")

    assert one.gap(CHECK).missing == "failed_warehouse_schemas"
