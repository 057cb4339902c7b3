"""Tables that are copied whole again and again."""

from decimal import Decimal

import pytest

CHECK = "warehouse_full_refresh"


def table(one, sync_type, rows, syncs, state="active", **more):
    details = {"sync_type": sync_type, "rows_synced": rows, "syncs": syncs}
    return one.resource("warehouse_schema", state, name=sync_type, details=details, **more)


def daily_copy(acme, rows=30_000_000, syncs=30):
    return table(acme().units("data_warehouse", rows), "full_refresh", rows, syncs)


def test_a_daily_copy_is_flagged_with_what_is_repeated(acme):
    # One copy is 1,000,000 rows; 29 of 30 are repeated.
    assert daily_copy(acme).finding(CHECK).message == (
        "97% of the rows Project 1 synced are copies of tables that were copied whole before."
    )


def test_the_saving_is_all_but_one_copy(acme):
    # 30,000,000 rows: 9,000,000 x 0.000015 + 15,000,000 x 0.00001 + 5,000,000 x 0.000008 = 325.00;
    # the 1,000,000 that stay are free.
    assert daily_copy(acme).finding(CHECK).saving.alone == Decimal("325.00")


@pytest.mark.parametrize("sync_type", ["incremental", "append", "cdc"])
def test_tables_that_send_changes_are_healthy(acme, sync_type):
    one = table(acme().units("data_warehouse", 30_000_000), sync_type, 30_000_000, 30)

    assert one.flagged(CHECK) == []


def test_one_copy_a_month_is_healthy(acme):
    assert daily_copy(acme, rows=5_000_000, syncs=1).flagged(CHECK) == []


@pytest.mark.parametrize(("syncs", "flagged"), [(3, []), (4, ["1"])])
def test_one_copy_a_month_is_healthy_in_three_months_too(acme, syncs, flagged):
    one = table(acme(days=90).units("data_warehouse", 5_000_000), "full_refresh", 5_000_000, syncs)

    assert one.flagged(CHECK) == flagged


@pytest.mark.parametrize(("repeated", "flagged"), [(199, []), (200, ["1"]), (201, ["1"])])
def test_a_fifth_of_the_rows_is_enough(acme, repeated, flagged):
    one = table(acme(), "full_refresh", 2 * repeated, 2)
    table(one, "incremental", 1_000 - 2 * repeated, 30)

    assert one.flagged(CHECK) == flagged


def test_a_table_that_is_off_does_not_count(acme):
    one = table(acme().units("data_warehouse", 9), "full_refresh", 9_000, 30, "inactive")

    assert one.flagged(CHECK) == []


def test_a_table_whose_rows_nobody_told_is_not_evaluated(acme):
    one = table(acme().units("data_warehouse", 9), "full_refresh", None, None)

    assert one.gap(CHECK).reason == "the details of one of them do not tell it"


def test_without_the_tables_it_is_not_evaluated(acme):
    assert daily_copy(acme).without("resources.warehouse_schema").gap(CHECK).missing == (
        "repeated_rows"
    )
