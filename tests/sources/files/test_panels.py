"""Each panel of the usage dashboard, as Metabase exports it, fills its table."""

import json
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from audit.errors import InputError
from audit.sources.files import load, recognise

AS_OF = date(2026, 4, 17)


def covered(tables: dict[str, pd.DataFrame]) -> dict[str, bool]:
    coverage = tables["coverage"]
    return dict(zip(coverage["subject"], coverage["complete"], strict=True))


def reason(tables: dict[str, pd.DataFrame], subject: str) -> str:
    coverage = tables["coverage"].set_index("subject")
    return str(coverage.loc[subject, "reason"])


def noted(tables: dict[str, pd.DataFrame]) -> dict[str, int]:
    quality = tables["data_quality"]
    return dict(zip(quality["kind"], quality["quantity"], strict=True))


def test_key_event_volume_fills_events_of_unknown_identity(exports):
    folder = exports(
        {
            "key_event_volume_2026-04-17.csv": "Event,Project ID,Count\n"
            "$autocapture,1659,800\n$pageview,1659,150\n$pageview,1660,50\n"
        }
    )

    tables = load(folder, as_of=AS_OF)

    rows = tables["usage_rows"]
    assert list(zip(rows["project_id"], rows["event"], rows["quantity"], strict=True)) == [
        ("1659", "$autocapture", 800),
        ("1659", "$pageview", 150),
        ("1660", "$pageview", 50),
    ]
    assert set(rows["meter"]) == {"product_analytics"}
    assert set(rows["library"]) == set(rows["host_class"]) == {"unknown"}
    assert not rows["identified"].any()
    assert not rows["known_person"].any()
    assert set(rows["window_start"]) == {pd.Timestamp("2026-03-18")}
    assert set(rows["window_end"]) == {pd.Timestamp("2026-04-17")}


def test_key_event_volume_says_that_identified_events_are_missing(exports):
    tables = load(exports({"key.csv": "event,count\n$pageview,5\n"}), as_of=AS_OF)

    assert covered(tables)["usage_rows.product_analytics"]
    assert not covered(tables)["usage_rows.enhanced_persons"]
    assert "does not tell identified from anonymous" in reason(
        tables, "usage_rows.enhanced_persons"
    )
    assert not covered(tables)["usage_rows.session_replay"]
    assert not covered(tables)["usage_daily"]


def test_key_event_volume_by_day_is_added_up_over_the_window(exports):
    folder = exports(
        {
            "key.csv": "day,event,count\n2026-04-16,$pageview,5\n2026-04-15,$pageview,7\n"
            "2026-01-01,$pageview,100\n"
        }
    )

    tables = load(folder)

    assert list(tables["usage_rows"]["quantity"]) == [12]
    assert noted(tables)["outside_window"] == 1


def test_unbilled_events_are_left_out_and_said(exports):
    folder = exports(
        {"key.csv": "event,count\n$pageview,5\n$feature_flag_called,900\n$ai_span,4\n"}
    )

    tables = load(folder, as_of=AS_OF)

    assert list(tables["usage_rows"]["event"]) == ["$pageview"]
    assert noted(tables)["unbilled_events"] == 2


def test_events_without_any_day_ask_for_as_of(exports):
    with pytest.raises(InputError, match="--as-of"):
        load(exports({"key.csv": "event,count\n$pageview,5\n"}))


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("total_event_counts.csv", "day,count\n2026-04-15,1000\n2026-04-16,1200\n"),
        ("x.csv", "Day,Total events\n2026-04-15,1000\n2026-04-16,1200\n"),
        (
            "Total event counts.json",
            '[{"Day": "2026-04-15T00:00:00Z", "Count": "1,000"},'
            ' {"Day": "2026-04-16", "Count": 1200}]',
        ),
        (
            "total_event_counts.json",
            json.dumps(
                {
                    "data": {
                        "rows": [["2026-04-15", "1000"], ["2026-04-16", 1200]],
                        "cols": [
                            {"name": "day", "display_name": "Day", "base_type": "type/Date"},
                            {
                                "name": "count",
                                "display_name": "Anything",
                                "base_type": "type/Integer",
                            },
                        ],
                    },
                    "status": "completed",
                    "row_count": 2,
                }
            ),
        ),
        (
            "total_event_counts.jsonl",
            '{"day": "2026-04-15", "count": 1000}\n{"day": "2026-04-16", "count": 1200}\n',
        ),
    ],
)
def test_total_event_counts_are_billed_events_by_day(exports, file, content):
    tables = load(exports({file: content}))

    rows = tables["usage_daily"]
    assert list(zip(rows["day"].dt.date, rows["quantity"], strict=True)) == [
        (date(2026, 4, 15), 1000),
        (date(2026, 4, 16), 1200),
    ]
    assert set(rows["usage_type"]) == {"event_count_in_period"}
    assert set(rows["project_id"]) == {"all"}
    assert list(tables["projects"]["name"]) == ["All projects"]
    assert tables["organizations"]["as_of"].iloc[0].date() == date(2026, 4, 17)
    assert noted(tables)["projects_unknown"] == 1


def test_event_counts_alone_say_which_counters_are_missing(exports):
    tables = load(exports({"total_event_counts.csv": "day,count\n2026-04-15,1000\n"}))

    assert covered(tables)["usage_daily"]
    assert not covered(tables)["usage_daily.recording_count_in_period"]
    assert "usage_daily.event_count_in_period" not in covered(tables)


def test_a_bare_count_by_day_is_not_taken_for_events(exports):
    folder = exports({"signups.csv": "day,count\n2026-04-15,1000\n"})

    [seen] = recognise(folder)

    assert seen.mapping is None
    assert seen.nearest == "usage_by_day"
    assert seen.missing == ("usage_type ('product')",)


def test_projects_fill_replay_controls_and_say_that_triggers_are_not_shown(exports):
    folder = exports(
        {
            "projects.csv": "Project ID,Project name,Minimum duration (seconds),Sample rate,"
            "Linked flag\n"
            "1659,Hedgebox,2,50%,\n1660,Staging,,,record-me\n"
        }
    )

    tables = load(folder, as_of=AS_OF)

    projects = tables["projects"]
    assert list(projects["name"]) == ["Hedgebox", "Staging"]
    minimum = projects["session_recording_minimum_duration_milliseconds"]
    assert minimum[0] == 2000
    assert minimum[1] is pd.NA
    assert projects["session_recording_sample_rate"][0] == Decimal("0.5")
    assert projects["session_recording_linked_flag"][1] == '{"key": "record-me"}'
    assert covered(tables)["projects.replay_controls"]
    assert not covered(tables)["projects.replay_triggers"]
    assert "does not show URL or event triggers" in reason(tables, "projects.replay_triggers")
    assert not covered(tables)["projects.settings"]


def test_a_control_that_is_not_exported_does_not_pass_for_unset(exports):
    tables = load(exports({"p.csv": "id,name,sampling\n1,A,0.5\n"}), as_of=AS_OF)

    assert covered(tables)["projects"]
    assert not covered(tables)["projects.replay_controls"]


def test_billing_limits_keep_zero_apart_from_none(exports):
    folder = exports(
        {"billing_limits.csv": 'Product,Limit\nFeature flags,0\nRecordings,"$1,500.50"\nSurveys,\n'}
    )

    tables = load(folder, as_of=AS_OF)

    limits = tables["limits"].set_index("product")["limit_usd"]
    assert limits["feature_flags"] == 0
    assert limits["session_replay"] == Decimal("1500.50")
    assert limits["surveys"] is None
    assert covered(tables)["limits"]


def test_forecast_by_product_is_the_projection_of_the_current_period(exports):
    folder = exports(
        {
            "forecast.json": '[{"Product": "Identified events", "Forecast": 248.00000000000003},'
            '{"Product": "product_analytics", "Forecast": "372"},'
            '{"Product": "Total", "Forecast": 620}]'
        }
    )

    tables = load(folder, as_of=AS_OF)

    lines = tables["bill_lines"].set_index("product")
    assert sorted(lines.index) == ["enhanced_persons", "product_analytics"]
    assert lines.loc["enhanced_persons", "projected_amount_usd"] == Decimal("248")
    assert lines.loc["enhanced_persons", "amount_usd"] is None
    assert set(lines["period_start"]) == {pd.Timestamp("2026-04-01")}
    assert set(lines["period_end"]) == {pd.Timestamp("2026-05-01")}
    assert not lines["is_complete"].any()
    assert noted(tables)["total_row_left_out"] == 1
    assert noted(tables)["period_assumed"] == 1


def test_members_get_their_level_from_words_or_numbers(exports):
    folder = exports(
        {
            "members.csv": "Email,Membership level,Last login\n"
            "a@x.com,Owner,2026-04-01\nb@x.com,8,\nc@x.com,member,\n"
        }
    )

    tables = load(folder, as_of=AS_OF)

    members = tables["members"].set_index("email")
    assert dict(members["level"]) == {"a@x.com": 15, "b@x.com": 8, "c@x.com": 1}
    assert list(members["member_id"]) == ["a@x.com", "b@x.com", "c@x.com"]
    assert covered(tables)["members"]


def test_the_list_of_admins_and_owners_does_not_pass_for_all_members(exports):
    folder = exports({"m.csv": 'all_admins_owners\n"a@x.com, b@x.com"\n'})

    tables = load(folder, as_of=AS_OF)

    assert list(tables["members"]["email"]) == ["a@x.com", "b@x.com"]
    assert set(tables["members"]["level"]) == {8}
    assert not covered(tables)["members"]
    assert noted(tables)["level_unknown"] == 2


def test_usage_reports_in_wide_form_keep_the_last_report_of_a_day(exports):
    folder = exports(
        {
            "reports.csv": "date,event_count_in_period,recording_count_in_period,dashboard_count\n"
            "2026-04-15,100,3,9\n2026-04-15,110,4,9\n"
        }
    )

    tables = load(folder)

    rows = tables["usage_daily"]
    assert dict(zip(rows["usage_type"], rows["quantity"], strict=True)) == {
        "event_count_in_period": 110,
        "recording_count_in_period": 4,
    }
    assert noted(tables)["duplicate_day"] == 2
    assert recognise(folder)[0].columns_ignored == ("dashboard_count",)


def test_usage_over_all_projects_is_not_added_to_the_same_by_project(exports):
    folder = exports(
        {
            "total_event_counts.csv": "day,count\n2026-04-14,90\n2026-04-15,100\n",
            "by_project.csv": "day,product,project id,quantity\n"
            "2026-04-15,Events,1,60\n2026-04-15,Events,2,40\n",
        }
    )

    tables = load(folder)

    rows = tables["usage_daily"]
    assert set(zip(rows["day"].dt.day, rows["project_id"], rows["quantity"], strict=True)) == {
        (14, "all", 90),
        (15, "1", 60),
        (15, "2", 40),
    }
    assert noted(tables)["all_projects_left_out"] == 1


def test_a_file_named_after_a_canonical_table_loads_as_it_is(exports):
    folder = exports(
        {
            "activity.csv": "project_id,measure,quantity\n"
            "1,sessions,100\n1,people_using_surveys,0\n",
            "resources.jsonl": json.dumps(
                {
                    "project_id": 1,
                    "kind": "action",
                    "resource_id": 7,
                    "state": "active",
                    "refers_to": ["$autocapture"],
                }
            ),
        }
    )

    tables = load(folder, as_of=AS_OF)

    assert list(tables["activity"]["quantity"]) == [100, 0]
    assert tables["resources"]["refers_to"][0] == '["$autocapture"]'
    assert tables["resources"]["resource_id"][0] == "7"
    assert covered(tables)["activity.people_using_surveys"]
    assert not covered(tables)["activity.group_events"]
    assert covered(tables)["resources.action"]
    assert not covered(tables)["resources.flag"]


def test_every_subject_has_a_row_that_says_why(exports):
    tables = load(exports({"key.csv": "event,count\n$pageview,5\n"}), as_of=AS_OF)

    coverage = tables["coverage"]
    missing = coverage[~coverage["complete"]]
    assert (missing["reason"].str.len() > 20).all()
    assert (coverage.loc[coverage["complete"], "reason"] == "").all()
    assert set(coverage["source"]) == {"files"}
    assert (
        coverage.set_index("subject").loc["usage_rows.product_analytics", "query_name"] == "key.csv"
    )
