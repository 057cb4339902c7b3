"""Usage reports kept as JSON: one day each, counters by project."""

import json

import pytest

from audit.errors import TableError
from audit.sources.files import load
from audit.sources.files.coverage import MEASURES
from audit.sources.posthog.observed import MEASURED

COUNTERS = {"event_count_in_period": 10, "recording_count_in_period": 2, "dashboard_count": 7}


def rows(tables):
    usage = tables["usage_daily"]
    columns = ("project_id", "day", "usage_type", "quantity")
    found = zip(*(usage[name] for name in columns), strict=True)
    return sorted((project, day.day, kind, quantity) for project, day, kind, quantity in found)


def export(*reports):
    items = [{"Date": day, "Usage report": report} for day, report in reports]
    return {"reports.json": json.dumps(items)}


def test_counters_stand_by_project_where_the_report_tells_projects_apart(exports):
    teams = {"1659": {**COUNTERS, "event_count_in_period": 9}, "1660": {"event_count_in_period": 1}}
    tables = load(exports(export(("2026-04-15", {**COUNTERS, "teams": teams}))))

    assert rows(tables) == [
        ("1659", 15, "event_count_in_period", 9),
        ("1659", 15, "recording_count_in_period", 2),
        ("1660", 15, "event_count_in_period", 1),
    ]
    assert "all_projects_left_out" not in set(tables["data_quality"]["kind"])


def test_a_report_without_projects_is_of_all_of_them(exports):
    tables = load(exports(export(("2026-04-15", json.dumps(COUNTERS)))))

    assert rows(tables) == [
        ("all", 15, "event_count_in_period", 10),
        ("all", 15, "recording_count_in_period", 2),
    ]


def test_the_last_report_of_a_day_wins(exports):
    later = {**COUNTERS, "event_count_in_period": 12}
    tables = load(exports(export(("2026-04-15", COUNTERS), ("2026-04-15", later))))

    assert ("all", 15, "event_count_in_period", 12) in rows(tables)
    assert "duplicate_day" in set(tables["data_quality"]["kind"])


@pytest.mark.parametrize(
    ("report", "said"),
    [
        ({"event_count_in_period": 0.5}, r"0\.5' \(event_count_in_period\) is not a whole number"),
        ({"event_count_in_period": -1}, r"-1 \(event_count_in_period\) is below 0"),
        ("[1, 2]", "is no usage report"),
        ("{", "is not valid JSON"),
    ],
)
def test_a_report_that_cannot_be_is_refused_with_its_place(exports, report, said):
    with pytest.raises(TableError, match=rf"reports.json, row 1, column 'Usage report'.*{said}"):
        load(exports(export(("2026-04-15", report))))


def test_files_speak_of_every_measure_that_a_pull_takes():
    pulled = {measure for names in MEASURED.values() for measure in names}

    assert set(MEASURES) == pulled | {"idle_recordings"}
