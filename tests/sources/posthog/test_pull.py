"""A whole pull over real HTTP gives back the tables the vendor's data was made from."""

import json
from decimal import Decimal

import pandas as pd
import pytest
from fake_posthog import KEY, serve

from audit.sources.posthog import Key, pull
from audit.store import Store, publish
from audit.tables import BY_NAME, SETTINGS

pytestmark = pytest.mark.slow

#: Kinds whose answers say which events they read; for the others nobody knows.
READING_KINDS = ("action", "insight", "cohort", "destination", "transformation", "experiment")
SAME = ("members", "projects", "usage_daily", "activity", "sdk_versions", "ingestion_warnings")


def subscribers(sample, product):
    rows = sample.tables["subscriptions"]
    return rows.loc[(rows["product"] == product) & rows["subscribed"], "organization_id"]


def organizations(sample):
    """One organization for each thing that bills in its own way, and one with many projects."""
    activity = sample.tables["activity"]
    groups = activity[(activity["measure"] == "group_events") & (activity["quantity"] > 0)]
    rows = sample.tables["usage_rows"]
    used = subscribers(sample, "group_analytics")
    return {
        "group_analytics": used[used.isin(groups["organization_id"])].iloc[0],
        "data_pipelines": subscribers(sample, "data_pipelines").iloc[0],
        "mobile_replay": rows.loc[rows["meter"] == "mobile_replay", "organization_id"].iloc[0],
        "localhost_replay": rows.loc[
            (rows["meter"] == "session_replay") & (rows["host_class"] == "localhost"),
            "organization_id",
        ].iloc[0],
        "local_evaluation": rows.loc[rows["event"] == "local_evaluation", "organization_id"].iloc[
            0
        ],
        "many_projects": sample.tables["projects"]["organization_id"].value_counts().index[0],
    }


@pytest.fixture(
    scope="module",
    params=[
        "group_analytics",
        "data_pipelines",
        "mobile_replay",
        "localhost_replay",
        "local_evaluation",
        "many_projects",
    ],
)
def both(request, sample, as_of):
    """The tables of one organization as generated, and as pulled."""
    organization_id = organizations(sample)[request.param]
    with serve(sample.tables, organization_id) as vendor:
        pulled = pull(organization_id, host=vendor.url, as_of=as_of, key=Key(KEY))
    generated = {
        name: frame[frame["organization_id"] == organization_id]
        for name, frame in sample.tables.items()
    }
    return generated, pulled


def rows(frame, columns):
    """Rows as text, in one order, decimals without trailing zeros."""
    shown = frame[list(columns)].map(
        lambda v: f"{v.normalize():f}" if isinstance(v, Decimal) else str(v)
    )
    return sorted(map(tuple, shown.to_numpy().tolist()))


def same(generated, pulled, columns=None):
    columns = columns or list(generated.columns)
    assert rows(pulled, columns) == rows(generated, columns)


@pytest.mark.parametrize("table", SAME)
def test_the_table_comes_back(both, table):
    generated, pulled = both

    same(generated[table], pulled[table])


def test_every_setting_comes_back(both):
    generated, pulled = both

    same(generated["projects"], pulled["projects"], [column.name for column in SETTINGS])


def test_the_joint_breakdown_comes_back_on_every_meter(both):
    generated, pulled = ({**t, "r": t["usage_rows"]} for t in both)
    of_events = generated["r"]["meter"] != "feature_flags"

    same(generated["r"][of_events], pulled["r"][pulled["r"]["meter"] != "feature_flags"])
    assert pulled["r"]["meter"].nunique() > 2


def test_flag_rows_are_the_counters_of_the_window_with_polls_ten_times(both, as_of):
    generated, pulled = both
    daily = generated["usage_daily"]
    window = daily[daily["day"] >= pd.Timestamp(as_of) - pd.Timedelta(days=30)]
    counted = window.groupby("usage_type")["quantity"].sum()
    flags = pulled["usage_rows"][pulled["usage_rows"]["meter"] == "feature_flags"]
    found = flags.groupby("event")["quantity"].sum()

    assert found.get("flags", 0) == counted.get("decide_requests_count_in_period", 0)
    polls = counted.get("local_evaluation_requests_count_in_period", 0)
    assert found.get("local_evaluation", 0) == 10 * polls


def kept(generated):
    there = generated["resources"]
    return there[(there["kind"] != "action") | (there["state"] == "active")]


def test_objects_come_back_without_the_deleted_ones(both):
    generated, pulled = both
    columns = ["project_id", "kind", "resource_id", "name", "state", "created_at", "updated_at"]

    same(kept(generated), pulled["resources"], columns)


def test_objects_come_back_with_what_they_read_and_what_they_did(both):
    generated, pulled = both
    columns = ["project_id", "kind", "resource_id"]

    def read(frame):
        mine = frame[frame["kind"].isin(READING_KINDS)]
        names = mine["refers_to"].map(lambda text: str(sorted(json.loads(text))))
        return rows(mine.assign(names=names), [*columns, "names"])

    def did(frame):
        mine = frame[frame["details"].notna()]
        # Sorted keys: which details there are counts, not their order.
        texts = mine["details"].map(lambda text: json.dumps(json.loads(text), sort_keys=True))
        return rows(mine.assign(texts=texts), [*columns, "texts"])

    assert read(pulled["resources"]) == read(kept(generated))
    assert did(pulled["resources"]) == did(kept(generated))


def test_subscriptions_with_their_own_tiers_come_back(both):
    generated, pulled = both
    listed = pulled["subscriptions"]
    wanted = listed[listed["product"].isin(generated["subscriptions"]["product"])]

    same(generated["subscriptions"], wanted)
    assert not listed[~listed["product"].isin(wanted["product"])]["subscribed"].any()


def test_limits_come_back(both):
    generated, pulled = both

    same(generated["limits"], pulled["limits"])


def test_bills_come_back_for_this_period_and_the_finished_ones(both, as_of):
    first = pd.Timestamp(as_of) - pd.Timedelta(days=120)
    columns = ["period_start", "period_end", "product", "quantity", "is_complete"]
    frames = [tables["bill_lines"] for tables in both]
    frames = [f[(f["period_start"] >= first) & (f["quantity"] > 0)] for f in frames]

    same(*frames, columns)
    assert frames[0]["is_complete"].any()


def test_invoices_come_back_without_what_the_vendor_does_not_tell(both):
    generated, pulled = both
    untold = ["paid_at", "attempts", "credited_usd"]
    columns = [c for c in BY_NAME["invoices"].names if c not in untold]

    same(generated["invoices"], pulled["invoices"], columns)
    assert pulled["invoices"][untold].isna().all(axis=None)


def test_the_organization_comes_back(both):
    generated, pulled = both
    unknown = ("region", "account_owner", "credit_balance_usd", "never_drop_data")
    columns = [c for c in BY_NAME["organizations"].names if c not in unknown]

    same(generated["organizations"], pulled["organizations"], columns)


def test_everything_was_read_and_says_by_which_query(both):
    _, pulled = both
    coverage = pulled["coverage"]

    assert coverage["complete"].all()
    observed = coverage[coverage["subject"].str.startswith("activity.")]
    assert observed["query"].str.contains("SELECT").all()
    assert observed["query_name"].notna().all()


def test_the_sample_and_the_pull_speak_of_the_same_subjects(both):
    generated, pulled = both
    not_ours = {"lifecycle"}

    assert set(pulled["coverage"]["subject"]) == set(generated["coverage"]["subject"]) - not_ours


def test_a_pull_can_be_published(both, tmp_path):
    _, pulled = both
    path = publish(tmp_path / "store.duckdb", pulled)

    with Store.open(path) as store:
        organization_id = pulled["organizations"]["organization_id"][0]
        account = store.account(organization_id)
    assert len(account["usage_rows"]) == len(pulled["usage_rows"])
