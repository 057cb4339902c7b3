"""Errors, AI events, the warehouse and destinations."""

import json

from corpus.customer import Customer
from corpus.planting import Truth, fault, inside, lookalike, outside
from corpus.units import UnsuitableError

UNSUPPRESSED = "exceptions_without_suppression"
SILENT = "error_tracking_silent"
NO_GENERATIONS = "ai_generations_absent"
SPANS = "ai_spans_dominate"
REFRESH = "warehouse_full_refresh"
SYNC = "warehouse_sync_failing"
DEAD = "destination_failing"
UNFILTERED = "destination_unfiltered"


def costing(one: Customer, project: str, product: str, usd: float) -> int:
    """The product's usage, all of it in one project, costs this much."""
    for other in one.projects:
        one.drop(other, product)
    return one.use(project, product, one.units_costing(usd, [product]))


def _exceptions(one: Customer, usd: float, *, ignores: bool, automatic: bool = True) -> Truth:
    project = one.project()
    costing(one, project, "error_tracking", usd)
    one.activity[project, "people_using_error_tracking"] = 3
    one.configure(
        project,
        autocapture_exceptions_opt_in=automatic,
        autocapture_exceptions_errors_to_ignore=json.dumps(["Script error."]) if ignores else None,
    )
    return Truth(UNSUPPRESSED, project)


@fault(UNSUPPRESSED, group="errors")
def every_error_of_every_browser(one: Customer) -> Truth:
    return _exceptions(one, one.between(28, 600), ignores=False)


@inside(UNSUPPRESSED)
def just_over_25_dollars(one: Customer) -> Truth:
    return _exceptions(one, one.between(25.1, 26), ignores=False)


@outside(UNSUPPRESSED)
def just_under_25_dollars(one: Customer) -> Truth:
    return _exceptions(one, one.between(23, 24.8), ignores=False)


@lookalike(UNSUPPRESSED)
def many_errors_some_of_them_ignored(one: Customer) -> Truth:
    return _exceptions(one, one.between(40, 400), ignores=True)


@lookalike(UNSUPPRESSED)
def errors_sent_by_hand(one: Customer) -> Truth:
    return _exceptions(one, one.between(40, 400), ignores=False, automatic=False)


def _silent(one: Customer, events: float | None, *, exceptions: int = 0) -> Truth:
    project = one.project()
    for other in one.projects:
        one.drop(other, "error_tracking")
        one.configure(other, autocapture_exceptions_opt_in=False)
    one.configure(project, autocapture_exceptions_opt_in=True)
    if exceptions:
        one.bill_more(project, "error_tracking", exceptions)
    if events is not None:
        # A small site beside a busy backend.
        for row in [r for r in one.rows if r.project == project and r.library == "web"]:
            kept = events / one.activity[project, "web_events"]
            one.rows[row] = round(one.rows[row] * min(kept, 1))
        one.activity[project, "web_events"] = round(events)
        one.activity[project, "proxied_web_events"] = round(events * 0.95)
    return Truth(SILENT, project, implied=("expected_product_missing",))


@fault(SILENT, group="errors")
def switched_on_and_not_one_error(one: Customer) -> Truth:
    if one.activity[one.project(), "web_events"] < 12_000:
        raise UnsuitableError("small")
    return _silent(one, None)


@lookalike(SILENT)
def switched_on_and_a_few_errors(one: Customer) -> Truth:
    return _silent(one, None, exceptions=500)


def _ai(one: Customer, usd: float, *, generations: float, spans: float) -> Truth:
    """``spans`` for each generation; ``generations`` 0 or 1."""
    project = one.project()
    one.drop(project, "llm_analytics")
    units = costing(one, project, "llm_analytics", usd)
    one.activity[project, "people_using_llm_analytics"] = 2
    made = units / (1 + spans) if generations else 0
    one.activity[project, "ai_events"] = units
    one.activity[project, "ai_generations"] = round(made)
    one.activity[project, "ai_spans"] = round(made * spans) if made else round(units * 0.9)
    beyond = max(spans - 10, 0) * made
    waste = {"llm_analytics": beyond} if generations else None
    return Truth(SPANS if generations else NO_GENERATIONS, project, waste=waste)


@fault(NO_GENERATIONS, group="ai")
def spans_arrive_and_no_generation(one: Customer) -> Truth:
    return _ai(one, one.between(0.5, 60), generations=0, spans=1)


@lookalike(NO_GENERATIONS)
def few_generations_among_many_spans(one: Customer) -> Truth:
    truth = _ai(one, one.between(5, 60), generations=1, spans=9)
    return Truth(NO_GENERATIONS, truth.project)


@fault(SPANS, group="ai")
def every_step_is_a_span(one: Customer) -> Truth:
    return _ai(one, one.between(5, 200), generations=1, spans=one.between(12, 60))


@inside(SPANS)
def just_over_ten_spans(one: Customer) -> Truth:
    return _ai(one, one.between(20, 60), generations=1, spans=one.between(10.05, 10.5))


@outside(SPANS)
def just_under_ten_spans(one: Customer) -> Truth:
    return _ai(one, one.between(20, 60), generations=1, spans=one.between(9.3, 9.95))


@lookalike(SPANS)
def three_spans_for_a_generation(one: Customer) -> Truth:
    return _ai(one, one.between(20, 200), generations=1, spans=one.between(1, 4))


def _synced(one: Customer, usd: float, copied_share: float, syncs: int) -> Truth:
    """``copied_share`` of the rows are of a table that every sync copies whole."""
    project = one.project()
    for other in one.projects:
        one.remove("warehouse_schema", other)
    rows = costing(one, project, "data_warehouse", usd)
    one.activity[project, "people_using_data_warehouse"] = 2
    copied = round(rows * copied_share)
    common = {"sync_frequency": "6h", "latest_error": None, "syncs": syncs}
    one.resource(
        project,
        "warehouse_schema",
        "tickets",
        sync_type="incremental",
        incremental_field="updated_at",
        rows_synced=rows - copied,
        **common,
    )
    one.resource(
        project,
        "warehouse_schema",
        "customers",
        sync_type="full_refresh",
        incremental_field=None,
        rows_synced=copied,
        **common,
    )
    # One copy would do: the table itself stays in the warehouse.
    waste = {"data_warehouse": copied - copied / syncs}
    return Truth(REFRESH, project, waste=waste)


@fault(REFRESH, group="warehouse")
def a_large_table_copied_whole_every_time(one: Customer) -> Truth:
    return _synced(one, one.between(15, 300), one.between(0.25, 1.0), round(one.between(8, 120)))


@inside(REFRESH)
def just_over_a_fifth(one: Customer) -> Truth:
    return _synced(one, one.between(1, 6), one.between(0.2065, 0.212), 40)


@outside(REFRESH)
def just_under_a_fifth_and_cheap(one: Customer) -> Truth:
    return _synced(one, one.between(10, 30), one.between(0.19, 0.203), 40)


@inside(REFRESH)
def a_small_share_for_over_ten_dollars(one: Customer) -> Truth:
    return _synced(one, one.between(200, 300), one.between(0.12, 0.17), 40)


@lookalike(REFRESH)
def a_table_copied_whole_once(one: Customer) -> Truth:
    return _synced(one, one.between(15, 200), one.between(0.5, 1.0), 1)


@lookalike(REFRESH)
def a_small_table_copied_whole(one: Customer) -> Truth:
    return _synced(one, one.between(15, 60), one.between(0.005, 0.05), 40)


def _failing(one: Customer, count: int) -> Truth:
    project = one.project()
    truth = _synced(one, 20, 0.01, 40)
    for number in range(count):
        one.resource(
            project,
            "warehouse_schema",
            f"contacts_{number}",
            state="failed",
            sync_type="incremental",
            sync_frequency="24h",
            incremental_field="id",
            latest_error="permission denied",
            rows_synced=0,
            syncs=0,
        )
    return Truth(SYNC, truth.project)


@fault(SYNC, group="warehouse")
def a_table_was_renamed_at_the_source(one: Customer) -> Truth:
    return _failing(one, round(one.between(1, 6)))


@outside(SYNC)
def every_sync_succeeds(one: Customer) -> Truth:
    return _failing(one, 0)


@lookalike(SYNC)
def a_table_that_was_switched_off(one: Customer) -> Truth:
    truth = _failing(one, 0)
    one.resource(truth.project or "", "warehouse_schema", "old", state="inactive", rows_synced=0)
    return truth


def _delivering(one: Customer, succeeded: int, failed: int) -> Truth:
    project = one.project()
    one.resource(
        project,
        "destination",
        "To the partner",
        has_filters=True,
        succeeded=succeeded,
        failed=failed,
        billable=succeeded,
    )
    return Truth(DEAD, project)


@fault(DEAD, group="pipelines")
def the_partner_changed_the_address(one: Customer) -> Truth:
    return _delivering(one, 0, round(one.between(5, 90_000)))


@outside(DEAD)
def one_delivery_in_thousands(one: Customer) -> Truth:
    return _delivering(one, 1, round(one.between(500, 9_000)))


@lookalike(DEAD)
def nothing_to_deliver(one: Customer) -> Truth:
    return _delivering(one, 0, 0)


@lookalike(DEAD)
def every_tenth_delivery_fails(one: Customer) -> Truth:
    return _delivering(one, 9_000, 1_000)


def _everything(one: Customer, usd: float, *, filtered: bool = False) -> Truth:
    project = one.project()
    for other in one.projects:
        one.remove("destination", other)
    units = costing(one, project, "realtime_destinations", usd)
    one.resource(
        project,
        "destination",
        "Mirror of all events",
        has_filters=filtered,
        succeeded=units,
        failed=0,
        billable=units,
    )
    return Truth(UNFILTERED, project)


@fault(UNFILTERED, group="pipelines")
def every_event_goes_out(one: Customer) -> Truth:
    return _everything(one, one.between(12, 400))


@inside(UNFILTERED)
def just_over_ten_dollars(one: Customer) -> Truth:
    return _everything(one, one.between(10.05, 10.6))


@outside(UNFILTERED)
def just_under_ten_dollars(one: Customer) -> Truth:
    return _everything(one, one.between(9, 9.9))


@lookalike(UNFILTERED)
def dear_and_filtered(one: Customer) -> Truth:
    return _everything(one, one.between(20, 300), filtered=True)
