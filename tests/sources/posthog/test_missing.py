"""A part cannot be read: its facts are missing with a reason, and the rest is there."""

import json
import re
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from fake_posthog import KEY, answer, error

from audit.errors import InputError, SettingsError, SourceError
from audit.sources.posthog import Key, pull
from audit.sources.posthog.money import finished_periods
from audit.sources.posthog.observed import MEASURED

pytestmark = pytest.mark.slow

QUERY_SUBJECTS = {"sdk_versions", "ingestion_warnings"}


def missing(tables):
    """Reason by subject, of what was not read."""
    rows = tables["coverage"]
    rows = rows[~rows["complete"]]
    return dict(zip(rows["subject"], rows["reason"], strict=True))


SCOPES = {
    "organization_member:read": {"members"},
    "project:read": {"projects.settings", "projects.replay_controls", "projects.replay_triggers"},
    "action:read": {"resources.action"},
    "insight:read": {"resources.insight"},
    "dashboard:read": {"resources.dashboard"},
    "cohort:read": {"resources.cohort"},
    "feature_flag:read": {"resources.flag"},
    "experiment:read": {"resources.experiment"},
    "survey:read": {"resources.survey"},
    "hog_function:read": {"resources.destination", "resources.transformation"},
    "batch_export:read": {"resources.batch_export"},
    "external_data_schema:read": {"resources.warehouse_schema"},
}


@pytest.mark.parametrize(("scope", "subjects"), SCOPES.items(), ids=SCOPES)
def test_a_missing_scope_costs_its_own_facts_and_no_other(vendor, pulled, scope, subjects):
    vendor.missing_scopes = {scope}
    found = missing(pulled())

    assert set(found) == subjects
    assert all(f"lacks the scope {scope}" in reason for reason in found.values())


def test_without_query_scope_only_what_queries_feed_is_missing(vendor, pulled):
    vendor.missing_scopes = {"query:read"}
    tables = pulled()
    found = missing(tables)
    observed = {s for s in found if s.startswith(("usage_rows.", "activity."))}

    assert set(found) - observed == QUERY_SUBJECTS
    assert "usage_rows.feature_flags" not in found
    assert len(tables["usage_daily"]) > 0


def test_without_billing_scope_the_audit_goes_on(vendor, pulled):
    vendor.missing_scopes = {"billing:read"}
    tables = pulled()
    found = missing(tables)

    assert {"subscriptions", "bill_lines", "limits", "usage_daily", "invoices"} <= set(found)
    assert "billing:read" in found["usage_rows.group_analytics"]
    assert "lacks the scope billing:read" in found["usage_rows.feature_flags"]
    assert "usage_rows.product_analytics" not in found
    assert len(tables["usage_rows"]) > 0


def test_a_wrong_key_is_one_line(vendor, as_of):
    with pytest.raises(SourceError, match=r"does not know this key \(401") as caught:
        pull(host=vendor.url, as_of=as_of, key=Key("phx_wrong-key"))
    assert "\n" not in str(caught.value)
    assert "--host" in str(caught.value)
    assert "wrong-key" not in str(caught.value)


def test_a_key_revoked_half_way_ends_the_pull(vendor, pulled):
    vendor.faults["/surveys/"] = [error(401, "authentication_failed", "Gone.")]

    with pytest.raises(SourceError, match="does not know this key"):
        pulled()


def test_no_key_at_all_is_a_setting(monkeypatch, as_of):
    monkeypatch.delenv("POSTHOG_PERSONAL_API_KEY", raising=False)
    monkeypatch.setattr("keyring.get_password", lambda *_: None)

    with pytest.raises(SettingsError, match="POSTHOG_PERSONAL_API_KEY"):
        pull(as_of=as_of)


def test_an_unknown_organization_names_those_the_key_sees(vendor, pulled):
    with pytest.raises(SourceError, match=r"No organization 'nope/\.\.' on 127") as caught:
        pulled("nope/..")
    assert vendor.organization_id in str(caught.value)


def test_a_hostile_name_stays_inside_its_quotes(vendor, pulled):
    hostile = "x\n\x1b[31m'); DROP"
    body = {"count": 1, "next": None, "results": [{"id": "1", "name": hostile}]}
    vendor.faults["/api/organizations/?"] = [answer(body)]

    with pytest.raises(SourceError) as caught:
        pulled("nope")
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("identity", ["", " ", "@current"])
def test_what_is_no_id_is_refused_before_anything_is_sent(vendor, pulled, identity):
    with pytest.raises(InputError, match="no organization id"):
        pulled(identity)
    assert vendor.requests == []


def test_without_an_id_the_key_s_own_organization_is_read(vendor, pulled):
    assert pulled()["organizations"]["organization_id"][0] == vendor.organization_id


def test_the_older_billing_api_gives_the_same_tables(vendor, pulled):
    newer = pulled()
    vendor.organization_billing = False
    older = pulled()

    assert missing(older).keys() == {"invoices"}
    for table in ("usage_daily", "subscriptions", "limits", "usage_rows"):
        assert older[table].equals(newer[table])


def test_the_older_billing_api_is_never_asked_about_another_organization(vendor, pulled):
    vendor.organization_billing = False
    vendor.current_organization = "another"
    found = missing(pulled(vendor.organization_id))

    assert "switch to this one in PostHog" in found["subscriptions"]
    assert not [path for _, path in vendor.requests if path.startswith("/api/billing/")]


def test_a_member_who_may_not_see_limits_still_gets_the_rest(vendor, pulled):
    vendor.faults["/billing/limits/"] = [error(403, "permission_denied", "Owners only.")]
    found = missing(pulled())

    assert set(found) == {"limits"}
    assert "Owners only" in found["limits"]


def test_a_vendor_that_does_not_split_flag_requests_says_so(vendor, pulled):
    vendor.helper_counters = False
    tables = pulled()
    found = missing(tables)

    assert set(found) == {"usage_rows.feature_flags"}
    assert "does not split flag requests into visits and polls" in found["usage_rows.feature_flags"]
    assert not (tables["usage_rows"]["meter"] == "feature_flags").any()


TABLES = {
    "raw_query_log": {f"activity.{measure}" for measure in MEASURED["query_log"]},
    "raw_session_replay_events": {
        "usage_rows.session_replay",
        "usage_rows.mobile_replay",
        "activity.idle_recordings",
    },
    "system.ingestion_warnings": {"ingestion_warnings"},
}


@pytest.mark.parametrize(("table", "subjects"), TABLES.items(), ids=TABLES)
def test_a_missing_table_costs_what_it_feeds(vendor, pulled, table, subjects):
    vendor.warehouse.hidden = {table}
    found = missing(pulled())

    assert set(found) == subjects
    assert all(f"Unknown table `{table}`" in reason for reason in found.values())


@pytest.mark.parametrize("query", MEASURED)
def test_a_query_that_fails_costs_its_own_measures(vendor, pulled, query):
    vendor.failing = {query: "Memory limit exceeded."}
    tables = pulled()
    measures = set(MEASURED[query])

    assert set(missing(tables)) == {f"activity.{measure}" for measure in measures}
    assert not measures & set(tables["activity"]["measure"])


def test_a_measure_that_is_no_count_is_missing_with_the_others_of_its_query(vendor, pulled):
    columns = list(MEASURED["flag_calls"])
    vendor.failing = {"flag_calls": {"columns": columns, "results": [[5, None]]}}
    tables = pulled()

    assert set(missing(tables)) == {f"activity.{column}" for column in columns}
    assert "server_flag_people is None, not a count" in missing(tables)[f"activity.{columns[1]}"]
    assert not set(columns) & set(tables["activity"]["measure"])


def test_a_proxy_is_not_judged_over_a_window_that_the_vendor_forgot(vendor, pulled):
    found = missing(pulled(lookback_days=61))

    assert set(found) == {"activity.proxied_web_events"}
    assert "60 days, and the window has 61" in found["activity.proxied_web_events"]


def test_internal_users_that_cannot_be_told_apart_are_noted(vendor, pulled):
    projects = vendor.tables["projects"].copy()
    projects["test_account_filters"] = ['[{"a": 1}]'] * (len(projects) - 1) + [None]
    vendor.tables["projects"], before = projects, vendor.tables["projects"]
    quality = pulled()["data_quality"]
    vendor.tables["projects"] = before

    noted = quality[quality["kind"] == "internal_users_included"]
    assert list(noted["project_id"]) == [projects["project_id"].iloc[-1]]


DETAILS = {
    "warehouse_schema": ("system.source_sync_jobs", "syncs_unknown", ("rows_synced", "syncs")),
    "destination": ("app_metrics", "deliveries_unknown", ("succeeded", "failed", "billable")),
}


@pytest.mark.parametrize("kind", DETAILS)
def test_details_that_cannot_be_read_are_null_and_said_and_the_objects_stay(rich, kind):
    vendor, pulled = rich
    table, note, names = DETAILS[kind]
    vendor.warehouse.hidden = {table}
    tables = pulled()
    rows = tables["resources"][tables["resources"]["kind"] == kind]
    details = [json.loads(text) for text in rows["details"]]

    assert details
    assert all(one[name] is None for one in details for name in names)
    quality = tables["data_quality"].set_index("kind")
    assert quality.loc[note, "subject"] == f"resources.{kind}"
    assert f"Unknown table `{table}`" in quality.loc[note, "message"]
    assert missing(tables) == {}


def test_a_table_the_key_s_owner_may_not_see_says_what_to_ask_for(vendor, pulled):
    vendor.failing = {"query_log": "You don't have access to table `raw_query_log`."}
    found = missing(pulled())

    assert all("The owner of the key" in reason for reason in found.values())
    assert all("external_data_source:read" in reason for reason in found.values())


def test_a_query_log_read_whole_makes_nobody_a_real_zero(pulled):
    activity = pulled()["activity"]
    readers = activity[activity["measure"].str.startswith("people_using_")]

    assert (readers["quantity"] == 0).any()


def test_a_list_that_repeats_is_missing_and_not_half_there(vendor, pulled):
    page = {"count": 9, "next": f"{vendor.url}/api/x/", "results": [{"id": 1, "name": "a"}]}
    vendor.faults["/actions/"] = [answer(page)]
    vendor.faults["/api/x/"] = [answer(page)]
    tables = pulled()
    project_id = tables["projects"]["project_id"][0]
    coverage = tables["coverage"]
    there = tables["resources"]

    rows = coverage[(coverage["subject"] == "resources.action") & ~coverage["complete"]]
    assert list(rows["project_id"]) == [project_id]
    assert "repeats a page" in rows["reason"].iloc[0]
    assert there[(there["kind"] == "action") & (there["project_id"] == project_id)].empty


def test_an_older_server_without_triggers_does_not_count_as_no_triggers(vendor, pulled):
    project_id = vendor.tables["projects"]["project_id"].iloc[0]
    body = {
        "id": int(project_id),
        "name": "Old",
        "autocapture_opt_out": None,
        "session_recording_opt_in": True,
        "session_recording_minimum_duration_milliseconds": None,
        "session_recording_sample_rate": None,
        "session_recording_linked_flag": None,
    }
    vendor.faults[f"/api/projects/{project_id}/"] = [answer(body)]
    tables = pulled()

    assert set(missing(tables)) == {"projects.replay_triggers"}
    assert "absent_setting" in set(tables["data_quality"]["kind"])


def test_an_unknown_shape_costs_its_own_facts_only(vendor, pulled):
    vendor.faults["/members/"] = [
        answer({"count": 1, "next": None, "results": [{"id": 1, "user": "a name"}]})
    ]
    found = missing(pulled())

    assert set(found) == {"members"}
    assert "a shape this tool does not know" in found["members"]


def test_a_fraction_of_an_event_costs_the_series_and_not_the_pull(vendor, pulled):
    item = {
        "dates": ["2026-10-01"],
        "data": [0.5],
        "breakdown_value": ["event_count_in_period", "1"],
    }
    vendor.faults["/usage/timeseries/"] = [answer({"count": 1, "next": None, "results": [item]})]
    found = missing(pulled())

    assert "usage_daily" in found
    assert "counters are whole numbers" in found["usage_daily"]


def test_small_pages_bring_the_same_tables(vendor, pulled):
    whole = pulled()
    vendor.page_rows = 2
    paged = pulled()

    for name in ("members", "resources", "usage_daily", "usage_rows", "projects"):
        assert paged[name].equals(whole[name]), name


def test_a_vendor_in_trouble_for_a_moment_changes_nothing(vendor, pulled):
    whole = pulled()
    vendor.faults["/query/"] = [error(503, "busy", "At capacity."), error(500, "x", "x")]
    vendor.faults["/billing/usage/"] = [error(429, "throttled", "Slow down.")]
    shaken = pulled()

    for name, frame in whole.items():
        assert shaken[name].equals(frame), name


def test_every_query_has_a_name_and_three_at_most_run_at_once(vendor, pulled):
    pulled()

    assert all(name.startswith("account-audit ") for name in vendor.query_names)
    assert max(vendor.busiest.values()) <= 3


def test_the_key_is_in_no_table_path_or_progress_line(vendor, pulled):
    shown = []
    tables = pulled(progress=shown.append)

    everything = " ".join(frame.to_csv() for frame in tables.values())
    assert KEY not in everything
    assert not any(KEY in path for _, path in vendor.requests)
    assert not any(KEY in line for line in shown)


def test_progress_names_every_project(vendor, pulled):
    shown = []
    pulled(progress=shown.append)
    projects = len(vendor.tables["projects"])

    assert shown[:3] == ["organization", "members", "billing"]
    assert f"project {projects} of {projects}: queries" in shown


def test_series_are_asked_for_a_year_at_a_time(vendor, pulled):
    pulled(history_days=800)
    asked = Counter()
    for _, path in vendor.requests:
        if "/usage/timeseries/" in path and "usage_types" not in path:
            query = parse_qs(urlsplit(path).query)
            asked[query["start_date"][0], query["end_date"][0]] += 1

    assert sorted(asked) == [
        ("2024-08-23", "2025-08-22"),
        ("2025-08-23", "2026-08-22"),
        ("2026-08-23", "2026-10-31"),
    ]


def test_spend_by_day_becomes_finished_bills(vendor, pulled, as_of):
    start = vendor.tables["organizations"]["period_start"].iloc[0].date()
    (first, end) = finished_periods(start, as_of - timedelta(days=120))[-1]
    days = (first, end - timedelta(days=1), end, first - timedelta(days=1))
    for day, usd in zip(days, (10.05, 0.1, 99.0, 7.0), strict=True):
        vendor.spend["product_analytics", day.isoformat()] = usd
    lines = pulled()["bill_lines"]

    mine = lines[
        (lines["period_start"].dt.date == first) & (lines["product"] == "product_analytics")
    ]
    assert mine["amount_usd"].iloc[0] == Decimal("10.15")
    assert mine["is_complete"].iloc[0]


def test_refused_spend_leaves_quantities_and_a_note(vendor, pulled):
    vendor.faults["/spend/timeseries/"] = [error(400, "usage_breakdown_too_large", "Too large.")]
    tables = pulled()

    assert "past_amounts_missing" in set(tables["data_quality"]["kind"])
    assert tables["bill_lines"]["is_complete"].any()
    assert missing(tables) == {}


def test_a_window_of_nothing_is_refused(as_of):
    with pytest.raises(InputError, match="0 days"):
        pull(as_of=as_of, lookback_days=0, key=Key(KEY))


def test_nothing_but_reads_is_ever_sent(vendor, pulled):
    pulled()
    posts = {path for method, path in vendor.requests if method != "GET"}

    assert all(re.fullmatch(r"/api/projects/\d+/query/", path) for path in posts)
