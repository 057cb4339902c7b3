"""What the sample promises: sameness, plausibility, and faults that are where it says."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from audit.account import Account
from audit.errors import InputError
from audit.lifecycle import fields
from audit.meters import BY_PRODUCT
from audit.pricing import bill
from audit.sources.sample import edge_account_tables, hostile_account_tables, portfolio
from audit.sources.sample.faults import (
    CHECKS,
    DEMONSTRATION,
    DEMONSTRATION_FURTHER,
    FURTHER,
    ORGANIZATION_SCOPE,
    PRODUCT_SCOPE,
)
from audit.sources.sample.periods import boundaries
from audit.sources.sample.vocabulary import PACKAGES
from audit.store import Store, publish
from audit.tables import BY_NAME
from audit.validation import validated

AS_OF = date(2026, 11, 1)
EDGES = ("no_usage", "one_day_old", "free", "zero_day_period", "future_dates")
PROJECT = ["organization_id", "project_id"]


@pytest.fixture(scope="module")
def sample() -> Any:
    return portfolio(240, history_days=35)


def of(tables: dict[str, pd.DataFrame], table: str, organization: str) -> pd.DataFrame:
    frame = tables[table]
    return frame[frame["organization_id"] == organization].reset_index(drop=True)


def planted(sample: Any, check: str) -> set[tuple[str, str]]:
    rows = sample.truth[sample.truth["check"] == check]
    return set(zip(rows["organization_id"], rows["project_id"], strict=True))


def share_of(sample: Any, event: str) -> pd.Series:
    rows = sample.tables["usage_rows"]
    rows = rows[rows["meter"] == "product_analytics"]
    mine = rows["quantity"].where(rows["event"] == event, 0).groupby([rows[c] for c in PROJECT])
    return mine.sum() / rows.groupby(PROJECT)["quantity"].sum()


def test_the_same_arguments_give_the_same_frames() -> None:
    first, second = portfolio(4, seed=3), portfolio(4, seed=3)

    for name in BY_NAME:
        pd.testing.assert_frame_equal(first.tables[name], second.tables[name])
    pd.testing.assert_frame_equal(first.truth, second.truth)


def test_another_seed_gives_other_organizations() -> None:
    first, second = portfolio(3, seed=1), portfolio(3, seed=2)

    ids = [set(s.tables["organizations"]["organization_id"]) for s in (first, second)]
    projects = [set(s.tables["projects"]["project_id"]) for s in (first, second)]
    assert not ids[0] & ids[1]
    assert not projects[0] & projects[1]


@pytest.mark.parametrize("number", [0, 5, 11])
def test_an_organization_does_not_depend_on_the_size_of_the_portfolio(
    sample: Any, number: int
) -> None:
    small = portfolio(12, history_days=35)
    organization = small.tables["organizations"]["organization_id"].iloc[number]

    for name in BY_NAME:
        pd.testing.assert_frame_equal(
            of(small.tables, name, organization), of(sample.tables, name, organization)
        )


def test_an_organization_is_the_same_on_both_sides_of_a_batch() -> None:
    large, small = portfolio(514, history_days=30), portfolio(513, history_days=30)
    organization = small.tables["organizations"]["organization_id"].iloc[512]

    for name in ("organizations", "usage_rows", "usage_daily", "resources"):
        pd.testing.assert_frame_equal(
            of(small.tables, name, organization), of(large.tables, name, organization)
        )


def test_a_longer_history_only_adds_older_days() -> None:
    short, long = portfolio(3, history_days=40), portfolio(3, history_days=200)

    key = ["organization_id", "project_id", "usage_type", "day"]
    oldest = short.tables["usage_daily"]["day"].min()
    recent = long.tables["usage_daily"].query("day >= @oldest")
    left = short.tables["usage_daily"].sort_values(key).reset_index(drop=True)
    right = recent.sort_values(key).reset_index(drop=True)
    merged = left.merge(right, on=key, how="left")
    assert (merged["quantity_x"] == merged["quantity_y"]).all()
    assert long.tables["usage_daily"]["day"].min() < oldest


@pytest.mark.parametrize("name", list(BY_NAME))
def test_tables_are_canonical_and_keep_their_keys(sample: Any, name: str) -> None:
    checked = validated(name, sample.tables[name])

    pd.testing.assert_frame_equal(checked.frame, sample.tables[name])
    assert checked.replaced_rows == 0


def test_a_portfolio_can_be_published_and_read_again(tmp_path: Any) -> None:
    sample = portfolio(2, history_days=30)

    with Store.open(publish(tmp_path / "store.duckdb", sample.tables)) as store:
        found = store.organizations()
    assert set(found["organization_id"]) == set(sample.tables["organizations"]["organization_id"])


def test_twelve_organizations_show_every_check_of_the_rounds() -> None:
    truth = portfolio(12, history_days=30).truth

    assert set(CHECKS) <= set(truth["check"])


def test_a_large_portfolio_shows_every_further_fault(sample: Any) -> None:
    assert set(FURTHER) <= set(sample.truth["check"])


def test_the_first_organization_is_worth_opening() -> None:
    sample = portfolio(1)
    organization = sample.tables["organizations"]["organization_id"].iloc[0]

    mine = of({"t": sample.truth}, "t", organization)
    assert set(mine["check"]) == {*DEMONSTRATION, *DEMONSTRATION_FURTHER}
    assert len(sample.tables["projects"]) == 4
    rows = sample.tables["usage_rows"].query("meter == 'product_analytics'")
    assert rows["quantity"].sum() > 10_000_000


def test_truth_names_project_or_product_by_the_scope_of_the_check(sample: Any) -> None:
    truth = sample.truth
    of_product = truth["check"].isin(PRODUCT_SCOPE)
    of_organization = truth["check"].isin(ORGANIZATION_SCOPE)

    assert (truth["product"].notna() == of_product).all()
    assert (truth["project_id"].isna() == (of_product | of_organization)).all()
    projects = set(map(tuple, sample.tables["projects"][PROJECT].to_numpy()))
    named = truth.dropna(subset="project_id")
    assert set(map(tuple, named[PROJECT].to_numpy())) <= projects


def test_without_faults_there_is_no_truth_and_nothing_moves() -> None:
    sample = portfolio(240, history_days=30, faults=False)

    assert sample.truth.empty
    moves = {"spike", "launch", "fall", "outage", "growing", "declining", "young"}
    assert not moves & set(sample.lookalikes["kind"])


@pytest.mark.parametrize(
    ("check", "event"),
    [
        ("identify_too_often", "$identify"),
        ("set_too_often", "$set"),
        ("groupidentify_too_often", "$groupidentify"),
    ],
)
def test_calls_are_above_the_limit_exactly_where_planted(
    sample: Any, check: str, event: str
) -> None:
    share = share_of(sample, event)

    assert set(share[share > 0.05].index) == planted(sample, check)
    assert ((share > 0.044) & (share < 0.05)).any(), "nothing lies just below the limit"
    assert ((share > 0.05) & (share < 0.057)).any(), "nothing lies just above the limit"


def test_developers_send_much_exactly_where_planted(sample: Any) -> None:
    rows = sample.tables["usage_rows"].query("meter == 'product_analytics'")
    local = rows["quantity"].where(rows["host_class"] == "localhost", 0)
    share = local.groupby([rows[c] for c in PROJECT]).sum()
    share = share / rows.groupby(PROJECT)["quantity"].sum()
    staging = sample.tables["projects"].query("name == 'Staging'")
    share = share[~share.index.isin(set(map(tuple, staging[PROJECT].to_numpy())))]

    assert set(share[share > 0.02].index) == planted(sample, "nonproduction_traffic")
    assert ((share > 0) & (share < 0.02)).any(), "no healthy project has a little"


def test_own_events_are_read_unless_planted(sample: Any) -> None:
    rows = sample.tables["usage_rows"].query("meter == 'product_analytics'")
    own = rows[~rows["event"].str.startswith("$") & (rows["event"] != "Application Backgrounded")]
    read = sample.tables["resources"][[*PROJECT, "kind", "refers_to"]]
    read = read[read["kind"].isin(["action", "insight", "cohort", "survey", "destination"])]
    read = read.assign(event=read["refers_to"].map(json.loads)).explode("event")
    both = own.merge(read[[*PROJECT, "event"]].drop_duplicates(), how="left", indicator=True)
    unread = both[both["_merge"] == "left_only"]

    unread = set(map(tuple, unread[PROJECT].to_numpy()))
    assert unread == planted(sample, "custom_events_unread")


def test_old_surveys_without_an_end_are_planted(sample: Any) -> None:
    rows = sample.tables["resources"].query("kind == 'survey'")
    details = pd.DataFrame([json.loads(d) for d in rows["details"]], index=rows.index)
    old = pd.to_datetime(details["start_date"]) < pd.Timestamp(AS_OF) - pd.Timedelta(days=90)

    endless = rows[old & details["responses_limit"].isna()]
    assert set(map(tuple, endless[PROJECT].to_numpy())) == planted(
        sample, "survey_running_for_months"
    )
    assert (old & details["responses_limit"].notna()).any(), "no old survey has a limit"


def test_days_are_calm_where_nothing_was_said_to_move() -> None:
    sample = portfolio(60, history_days=120, faults=False)
    daily = sample.tables["usage_daily"].query("usage_type == 'event_count_in_period'")
    table = daily.pivot_table(index="day", columns=PROJECT, values="quantity", aggfunc="sum")
    table = table.loc[:, table.median() > 1_000]
    weekday = table.groupby(table.index.day_of_week).transform("median")

    assert (table / weekday).max(axis=None) < 1.6
    assert (table / weekday).min(axis=None) > 0.6


def first_months(invoices: pd.DataFrame) -> pd.Series:
    return (invoices["period_end"] - invoices["period_start"]).dt.days > 62


def test_the_first_months_in_one_sum_end_where_the_monthly_invoices_begin() -> None:
    invoices = portfolio(300, history_days=30).tables["invoices"]
    early = invoices[first_months(invoices)].set_index("organization_id")
    monthly = invoices[~first_months(invoices)].groupby("organization_id")["period_start"].min()
    both = early.index.intersection(monthly.index)

    assert early.index.is_unique
    assert (early["total_usd"] > 0).all()
    assert len(both) > 100
    assert (early.loc[both, "period_end"] == monthly[both]).all()
    assert len(early.index.difference(monthly.index)) > 3, "nobody has left"


def test_of_whom_all_invoices_are_there_the_crm_counts_as_many() -> None:
    tables = portfolio(300, history_days=30).tables
    invoices = tables["invoices"]
    told = invoices.loc[first_months(invoices), "organization_id"]
    paid = invoices[(invoices["status"] == "paid") & (invoices["total_usd"] > 0)]
    counted = paid[paid["organization_id"].isin(told)].groupby("organization_id").size()
    crm = tables["lifecycle"].query("field == 'paid_nonzero_bills'").set_index("organization_id")
    crm = crm["value"].astype(int)
    both = counted.index.intersection(crm.index)

    assert len(both) > 60
    assert (counted[both] == crm[both]).all()
    assert (crm.drop(both) > 4).any(), "of nobody is an older bill missing"


def test_an_invoice_is_what_the_price_list_gives_for_its_period() -> None:
    sample = portfolio(40, history_days=156)
    tables = sample.tables
    own = tables["subscriptions"].dropna(subset="tiers")["organization_id"]
    plain = tables["organizations"]
    plain = plain[plain["discount_amount_usd"].isna() & ~plain["organization_id"].isin(own)]
    checked = 0

    for row in plain.itertuples():
        mine = of(tables, "bill_lines", row.organization_id)
        packages = of(tables, "subscriptions", row.organization_id)["product"]
        packages = {p: 1 for p in packages if p in PACKAGES}
        sent = of(tables, "invoices", row.organization_id)
        for invoice in sent[~first_months(sent)].itertuples():
            lines = mine[mine["period_start"] == invoice.period_start]
            # The vendor counts credits of the inbox and prices pull requests.
            lines = lines[lines["product"] != "inbox"]
            quantities = {
                BY_PRODUCT[p].usage_type or p: int(q)
                for p, q in zip(lines["product"], lines["quantity"], strict=True)
            }
            expected = bill(
                quantities | packages, on=AS_OF, discount_percent=row.discount_percent or Decimal(0)
            )
            assert invoice.total_usd == expected.total
            checked += 1
    assert checked > 60


def test_the_crm_speaks_words_that_rules_read(sample: Any) -> None:
    known = {name: fields().field(name) for name in sample.tables["lifecycle"]["field"].unique()}

    assert all(known.values()), known


def test_every_organization_has_a_domain_of_its_own(sample: Any) -> None:
    members = sample.tables["members"]
    domains = members["email"].str.partition("@")[2].groupby(members["organization_id"]).unique()

    assert domains.map(len).eq(1).all()
    assert domains.map(lambda one: one[0]).is_unique


def test_heavy_autocapture_is_planted_or_read_by_an_action(sample: Any) -> None:
    share = share_of(sample, "$autocapture")
    heavy = set(share[share > 0.5].index)
    looks = sample.lookalikes.query("kind == 'autocapture_read_by_actions'")
    read = set(zip(looks["organization_id"], looks["project_id"], strict=True))

    assert heavy == planted(sample, "autocapture_unread") | read
    assert read


def test_window_sums_meet_usage_rows_within_the_observed_ratio(sample: Any) -> None:
    rows, daily = sample.tables["usage_rows"], sample.tables["usage_daily"]
    observed = (
        rows[rows["meter"] == "enhanced_persons"].groupby("organization_id")["quantity"].sum()
    )
    billed = daily[
        (daily["usage_type"] == "enhanced_persons_event_count_in_period")
        & (daily["day"] >= rows["window_start"].iloc[0])
    ]

    ratio = observed / billed.groupby("organization_id")["quantity"].sum()
    assert ratio.between(0.9, 1.1).all()
    assert ratio.between(0.97, 1.03).mean() > 0.85
    assert 0 < (~ratio.between(0.95, 1.05)).mean() < 0.15


@pytest.mark.parametrize("meter", ["enhanced_persons", "group_analytics"])
def test_identified_rows_repeat_the_identified_events(sample: Any, meter: str) -> None:
    rows = sample.tables["usage_rows"]
    combination = [*PROJECT, "event", "library", "host_class", "identified", "known_person"]
    layer = rows[rows["meter"] == meter].set_index(combination)["quantity"]
    events = rows[(rows["meter"] == "product_analytics") & rows["identified"]]
    events = events[events["organization_id"].isin(layer.index.get_level_values(0))]

    expected = events.set_index(combination)["quantity"]
    assert layer.sort_index().equals(expected.sort_index())


def test_pipelines_count_every_event_again(sample: Any) -> None:
    rows = sample.tables["usage_rows"]
    totals = rows.pivot_table(
        index="organization_id", columns="meter", values="quantity", aggfunc="sum"
    )
    legacy = totals.dropna(subset="data_pipelines")

    assert len(legacy)
    assert (legacy["data_pipelines"] == legacy["product_analytics"]).all()


def test_anonymous_events_know_no_person(sample: Any) -> None:
    rows = sample.tables["usage_rows"]

    assert not rows.loc[~rows["identified"], "known_person"].any()


def test_billed_flag_requests_are_requests_plus_ten_per_poll_every_day(sample: Any) -> None:
    daily = sample.tables["usage_daily"]
    table = daily.pivot_table(
        index=[*PROJECT, "day"], columns="usage_type", values="quantity", fill_value=0
    )

    assert (
        table["billable_feature_flag_requests_count_in_period"]
        == table["decide_requests_count_in_period"]
        + 10 * table["local_evaluation_requests_count_in_period"]
    ).all()


def test_bill_lines_hold_what_was_metered_in_the_period() -> None:
    sample = portfolio(6, history_days=156)
    daily, lines = sample.tables["usage_daily"], sample.tables["bill_lines"]
    events = daily[daily["usage_type"] == "event_count_in_period"]

    for line in lines[lines["product"] == "product_analytics"].itertuples():
        mine = events[events["organization_id"] == line.organization_id]
        inside = mine["day"].between(line.period_start, line.period_end, inclusive="left")
        assert mine.loc[inside, "quantity"].sum() == line.quantity


def test_nothing_is_priced(sample: Any) -> None:
    amounts = [
        sample.tables["bill_lines"][["amount_usd", "projected_amount_usd"]],
        sample.tables["organizations"][["current_total_usd", "projected_total_usd"]],
    ]

    assert all(frame.isna().all(axis=None) for frame in amounts)


def test_one_in_twelve_lacks_something_and_says_what(sample: Any) -> None:
    missing, coverage = sample.missing, sample.tables["coverage"]
    incomplete = coverage[~coverage["complete"]]

    assert missing["organization_id"].nunique() == 240 // 12
    key = ["organization_id", "project_id", "subject", "reason"]
    assert set(map(tuple, incomplete[key].to_numpy())) == set(map(tuple, missing[key].to_numpy()))
    assert missing["reason"].str.endswith(".").all()
    without_actions = set(missing.query("subject == 'resources.action'")["organization_id"])
    actions = sample.tables["resources"].query("kind == 'action'")
    assert not without_actions & set(actions["organization_id"])


def test_every_product_appears_across_a_portfolio(sample: Any) -> None:
    products = set(sample.tables["subscriptions"]["product"])

    assert {"logs", "surveys", "data_warehouse", "llm_analytics", "workflows_emails"} <= products
    assert {"posthog_ai", "replay_vision", "inbox", "mobile_replay", "boost", "teams"} <= products


def test_names_are_unique_and_some_are_awkward(sample: Any) -> None:
    names = sample.tables["organizations"]["name"]

    assert names.is_unique
    assert names.str.contains("&").any()
    assert names.str.contains("'").any()
    assert (~names.map(str.isascii)).any()


def test_some_organizations_are_free_and_sizes_differ(sample: Any) -> None:
    rows = sample.tables["usage_rows"].query("meter == 'product_analytics'")
    events = rows.groupby("organization_id")["quantity"].sum()

    assert (sample.tables["organizations"]["subscription_level"] == "free").any()
    assert events.quantile(0.95) > 5 * events.quantile(0.25)
    per_organization = len(sample.tables["usage_rows"]) / 240
    assert 30 < per_organization < 110


def test_scale_multiplies_volumes_and_keeps_the_shares() -> None:
    whole, small = portfolio(2), portfolio(2, scale=0.002)

    events = [s.tables["usage_rows"].query("meter == 'product_analytics'") for s in (whole, small)]
    ratio = events[1]["quantity"].sum() / events[0]["quantity"].sum()
    assert ratio == pytest.approx(0.002, rel=0.02)
    share = share_of(small, "$identify") - share_of(whole, "$identify")
    assert share.abs().max() < 0.005


@pytest.mark.parametrize(
    "arguments",
    [{"organizations": 0}, {"lookback_days": 0}, {"history_days": 10}, {"scale": 0.0}],
)
def test_impossible_arguments_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        portfolio(**arguments)


@pytest.mark.parametrize(
    ("as_of", "anchor", "expected"),
    [
        (date(2026, 11, 1), 1, [date(2026, m, 1) for m in (8, 9, 10, 11, 12)]),
        (date(2026, 1, 5), 6, [date(2025, m, 6) for m in (9, 10, 11, 12)] + [date(2026, 1, 6)]),
        (date(2026, 3, 28), 28, [date(2025, 12, 28), *(date(2026, m, 28) for m in (1, 2, 3, 4))]),
    ],
)
def test_billing_periods_run_between_anchor_days(
    as_of: date, anchor: int, expected: list[date]
) -> None:
    assert boundaries(as_of, anchor) == expected


def test_hostile_names_stand_in_every_customer_text() -> None:
    tables = hostile_account_tables(AS_OF)

    events = tables["usage_rows"]["event"]
    for text in (tables["organizations"]["name"], events, tables["resources"]["name"]):
        assert text.str.contains("<script>", regex=False).any()
    names = pd.concat([tables["projects"]["name"], tables["resources"]["name"], events])
    assert names.str.len().max() >= 10_000
    assert names.str.startswith("=cmd|").any()
    assert names.str.contains("\u202e").any()
    assert Account.from_tables(tables["organizations"]["organization_id"].iloc[0], tables).name


@pytest.mark.parametrize("kind", EDGES)
def test_edge_accounts_are_canonical(kind: Any) -> None:
    tables = edge_account_tables(kind, AS_OF)

    assert set(tables) == set(BY_NAME)
    assert len(tables["organizations"]) == 1
    assert not tables["coverage"].empty


def test_an_unknown_edge_account_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="half_a_day"):
        edge_account_tables("half_a_day", AS_OF)  # type: ignore[arg-type]


def test_edge_accounts_are_at_their_edge() -> None:
    edges = {kind: edge_account_tables(kind, AS_OF) for kind in EDGES}  # type: ignore[arg-type]
    now = np.datetime64(AS_OF)

    assert edges["no_usage"]["usage_daily"].empty
    assert set(edges["one_day_old"]["usage_daily"]["day"]) == {pd.Timestamp("2026-10-31")}
    assert edges["free"]["organizations"]["subscription_level"].iloc[0] == "free"
    assert (edges["zero_day_period"]["organizations"]["period_start"] == now).all()
    assert (edges["future_dates"]["usage_daily"]["day"] >= now).any()
