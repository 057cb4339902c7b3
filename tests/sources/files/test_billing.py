"""The vendor's billing answers and billing CSVs load unchanged."""

import json
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from audit.errors import InputError, TableError
from audit.sources.billing import overview_tables
from audit.sources.files import load, recognise
from audit.store import Store, publish
from audit.tables import BY_NAME

REAL = Path(__file__).parents[2] / "data" / "billing"
HEADER = "Product,Project,Project ID,Total"


def kinds(tables):
    return set(tables["data_quality"]["kind"])


def test_the_real_answers_load_together_as_they_are(tmp_path):
    tables = load(REAL)

    publish(tmp_path / "store.duckdb", tables)
    with Store.open(tmp_path / "store.duckdb") as store:
        paid = store.account("billing-overview_paid")
        usage = store.account("billing")
    assert paid.organization["current_total_usd"] == Decimal("128.40")
    assert dict(
        zip(paid["bill_lines"]["product"], paid["bill_lines"]["amount_usd"], strict=True)
    ) == {
        "product_analytics": Decimal("60"),
        "group_analytics": Decimal("10"),
        "session_replay": Decimal("8.10"),
        "feature_flags": Decimal("50.30"),
        "data_warehouse": Decimal("0"),
    }
    assert list(usage["usage_daily"]["quantity"]) == [11667, 0]
    assert list(usage["projects"]["name"]) == ["Hedgebox"]
    assert usage.as_of == date(2026, 4, 17)


@pytest.mark.parametrize("file", ["overview_free.json", "overview_paid.json", "usage_series.json"])
def test_each_real_answer_loads_alone(tmp_path, file):
    shutil.copy(REAL / file, tmp_path / file)

    tables = load(tmp_path, organization_id="acme")

    assert list(tables["organizations"]["organization_id"]) == ["acme"]


def test_an_overview_without_usage_is_read_as_of_the_last_day_of_its_period(tmp_path):
    shutil.copy(REAL / "overview_paid.json", tmp_path / "billing.json")

    tables = load(tmp_path)

    assert tables["organizations"]["as_of"][0] == pd.Timestamp("2026-04-30")
    assert "as_of_assumed" in kinds(tables)


def test_a_forecast_panel_takes_the_period_of_the_overview_and_yields_to_it(exports):
    folder = exports(
        {
            "billing.json": (REAL / "overview_paid.json").read_bytes(),
            "forecast.csv": "product,forecast\nsession_replay,99\nsurveys,5\n",
        }
    )

    lines = load(folder)["bill_lines"].set_index("product")

    assert lines.loc["session_replay", "projected_amount_usd"] == Decimal("21")
    assert lines.loc["surveys", "projected_amount_usd"] == Decimal("5")
    assert lines.loc["surveys", "period_end"] == pd.Timestamp("2026-05-01")


def test_exports_that_disagree_are_said(exports):
    folder = exports(
        {
            "billing.json": (REAL / "overview_paid.json").read_bytes(),
            "forecast.csv": "product,forecast\nsession_replay,99\n",
        }
    )

    assert "conflicting_exports" in kinds(load(folder))


def test_two_overviews_of_one_organization_are_refused():
    with pytest.raises(InputError, match=r"overview_free.json and overview_paid.json are both"):
        load(REAL, organization_id="acme")


def test_the_daily_csv_fills_usage_by_project_day_and_counter(exports):
    folder = exports(
        {
            "posthog_usage_2026-04-15_2026-04-16.csv": f"{HEADER},2026-04-15,2026-04-16\n"
            'Identified events,"Hedge, box",1659,11667,11667,0\n'
            "Recordings,Staging,1660,5,,5\n"
        }
    )

    tables = load(folder)

    rows = tables["usage_daily"]
    assert sorted(
        zip(
            rows["project_id"],
            rows["day"].dt.day,
            rows["usage_type"],
            rows["quantity"],
            strict=True,
        )
    ) == [
        ("1659", 15, "enhanced_persons_event_count_in_period", 11667),
        ("1659", 16, "enhanced_persons_event_count_in_period", 0),
        ("1660", 16, "recording_count_in_period", 5),  # The blank day is unknown, not zero.
    ]
    assert dict(zip(tables["projects"]["project_id"], tables["projects"]["name"], strict=True)) == {
        "1659": "Hedge, box",
        "1660": "Staging",
    }
    assert "total_differs" not in kinds(tables)


def test_totals_without_days_are_spread_over_the_days_in_the_name(exports):
    folder = exports(
        {
            "posthog_usage_2026-04-13_2026-04-16.csv": f"{HEADER}\nEvents,Hedgebox,1659,10\n",
        }
    )

    tables = load(folder)

    rows = tables["usage_daily"]
    assert list(rows["quantity"]) == [3, 3, 2, 2]
    assert list(rows["day"].dt.day) == [13, 14, 15, 16]
    assert tables["organizations"]["as_of"][0] == pd.Timestamp("2026-04-17")
    assert "totals_spread_evenly" in kinds(tables)


def test_totals_without_days_are_spread_over_the_window_when_no_name_says(exports):
    folder = exports({"usage.csv": f"{HEADER}\nEvents,Hedgebox,1659,3000\n"})

    rows = load(folder, as_of=date(2026, 4, 17))["usage_daily"]

    assert list(rows["quantity"]) == [100] * 30
    assert rows["day"].min() == pd.Timestamp("2026-03-18")


def test_an_export_without_rows_is_usage_of_none(exports):
    tables = load(exports({"usage.csv": f"{HEADER}\n"}), as_of=date(2026, 4, 17))

    assert len(tables["usage_daily"]) == 0
    coverage = tables["coverage"].set_index("subject")
    assert coverage.loc["usage_daily", "complete"]
    assert coverage.loc["usage_daily", "row_count"] == 0


def test_the_screen_download_splits_series_into_project_and_product(exports):
    folder = exports(
        {"usage.csv": "Series,Total,2026-04-15\nA::B::Feature flag requests,7,7\nRecordings,2,2\n"}
    )

    rows = load(folder)["usage_daily"]

    assert list(zip(rows["project_id"], rows["usage_type"], rows["quantity"], strict=True)) == [
        ("A::B", "billable_feature_flag_requests_count_in_period", 7),
        ("all", "recording_count_in_period", 2),
    ]


def test_all_other_projects_keep_their_name_as_id(exports):
    folder = exports({"u.csv": f"{HEADER},2026-04-15\nEvents,All other projects,,9,9\n"})

    assert list(load(folder)["usage_daily"]["project_id"]) == ["All other projects"]


def test_a_total_that_is_not_the_sum_of_its_days_is_said(exports):
    folder = exports({"u.csv": f"{HEADER},2026-04-15\nEvents,A,1,10,9\n"})

    assert "total_differs" in kinds(load(folder))


def test_spend_is_never_read_as_usage(exports):
    folder = exports(
        {"posthog_spend_2026-04-15_2026-04-15.csv": f"{HEADER},2026-04-15\nEvents,A,1,9,9\n"}
    )

    [seen] = recognise(folder)

    assert seen.mapping is None
    assert "dollars" in seen.why


def test_spend_under_another_name_is_refused_by_its_fractions(exports):
    folder = exports({"u.csv": f"{HEADER},2026-04-15\nEvents,A,1,9.25,9.25\n"})

    with pytest.raises(
        TableError, match=r"u.csv, line 2, column '2026-04-15': '9.25' is not a whole"
    ):
        load(folder)


def test_columns_a_week_apart_are_refused(exports):
    folder = exports({"u.csv": f"{HEADER},2026-04-06,2026-04-13\nEvents,A,1,9,4,5\n"})

    with pytest.raises(TableError, match="weeks or months"):
        load(folder)


def test_one_page_of_a_series_is_refused(exports):
    answer = json.loads((REAL / "usage_series.json").read_text())
    folder = exports({"s.json": json.dumps({**answer, "next": "abc"})})

    with pytest.raises(InputError, match="one page of several"):
        load(folder)


def test_a_product_nobody_knows_among_known_ones_is_kept_and_said(exports):
    folder = exports({"u.csv": f"{HEADER},2026-04-15\nRecordings,A,1,2,2\nRecordigns 2,A,1,9,9\n"})

    tables = load(folder)

    assert "Recordigns 2" in set(tables["usage_daily"]["usage_type"])
    [note] = tables["data_quality"].query("kind == 'unknown_product'")["message"]
    assert "u.csv names products unknown here" in note
    assert "'Recordigns 2' (line 3; nearest 'Recordings')" in note


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("u.csv", f"{HEADER},2026-04-15\nRecordigns,A,1,9,9\nWidgets,A,1,9,9\n"),
        ("u.csv", "day,product,quantity\n2026-04-15,Recordigns,9\n"),
        ("u.csv", "Series,Total,2026-04-15\nA::Recordigns,9,9\n"),
        ("limits.csv", "product,limit\nRecordigns,5\n"),
        ("forecast.csv", "product,forecast\nRecordigns,5\nTotal,5\n"),
        ("usage_daily.csv", "project_id,day,usage_type,quantity\n1,2026-04-15,Recordigns,9\n"),
    ],
)
def test_a_file_of_unknown_products_alone_is_refused(exports, file, content):
    with pytest.raises(InputError) as refused:
        load(exports({file: content}), as_of=date(2026, 4, 17))

    assert str(refused.value).startswith(f"{file}, line 2, column ")
    assert "'Recordigns' is no product" in str(refused.value)
    assert "Nearest: 'Recordings'." in str(refused.value)


def test_a_counter_the_vendor_adds_to_its_own_answer_is_said_not_refused(exports):
    answer = json.loads((REAL / "usage_series.json").read_text())
    for item in answer["results"]:
        item["breakdown_value"][0] = "quantum_hops_in_period"
    folder = exports({"s.json": json.dumps(answer)})

    tables = load(folder)

    assert "unknown_product" in kinds(tables)
    assert set(tables["usage_daily"]["usage_type"]) == {"quantum_hops_in_period"}


class Watched(dict):
    """An answer that remembers which of its keys were read."""

    def __init__(self, *given):
        super().__init__(*given)
        self.read = set()

    def get(self, key, default=None):
        self.read.add(key)
        return super().get(key, default)

    def __getitem__(self, key):
        self.read.add(key)
        return super().__getitem__(key)


@pytest.mark.parametrize("file", ["overview_free.json", "overview_paid.json"])
def test_a_key_of_an_overview_is_ignored_only_when_nothing_reads_it(tmp_path, file):
    shutil.copy(REAL / file, tmp_path / file)
    answer = Watched(json.loads((REAL / file).read_text()))
    overview_tables(answer, organization_id="acme", as_of=date(2026, 4, 17))

    [seen] = recognise(tmp_path)

    read = {*answer.read, "organization_id"}
    assert set(seen.columns_ignored) == set(answer) - read
    assert set(seen.columns_used) == set(answer) & read


def test_limits_without_the_dollars_billed_say_what_is_lacking(exports):
    folder = exports({"limits.csv": "product,limit,usage\nRecordings,100,6000\n"})

    tables = load(folder, as_of=date(2026, 4, 17))

    [note] = tables["data_quality"].query("kind == 'limits_without_dollars'")["message"]
    assert "dollars billed so far" in note


def test_limits_with_the_dollars_billed_lack_nothing(exports):
    folder = exports(
        {
            "limits.csv": "product,limit\nRecordings,100\n",
            "forecast.csv": "product,forecast,billed so far\nRecordings,40,12\n",
        }
    )

    assert "limits_without_dollars" not in kinds(load(folder, as_of=date(2026, 4, 17)))


def test_limits_in_units_alone_are_told_to_need_dollars(exports):
    [seen] = recognise(
        exports({"billing_limits.csv": "Product,Usage limit,Usage\nRecordings,5,4\n"})
    )

    assert (seen.nearest, seen.missing) == ("billing_limits", ("limit_usd ('limit', in dollars)",))


def test_tables_written_as_files_load_back_the_same(tmp_path):
    first = load(REAL)

    folder = tmp_path / "again"
    folder.mkdir()
    for name, frame in first.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    second = load(folder)

    assert all(seen.mapping == f"canonical {seen.file.stem}" for seen in recognise(folder))
    for name, frame in first.items():
        key = list(BY_NAME[name].key)
        pd.testing.assert_frame_equal(
            frame.sort_values(key, ignore_index=True),
            second[name].sort_values(key, ignore_index=True),
        )


def test_rows_of_an_api_list_need_a_mapping_and_load_with_one(exports):
    folder = exports(
        {
            "flags.json": json.dumps(
                {"count": 1, "next": None, "results": [{"id": 3, "key": "new", "status": "ACTIVE"}]}
            ),
            "mine.toml": "table = 'resources'\n[columns]\nresource_id = 'id'\nname = 'key'\n"
            "[columns.state]\nspellings = ['status']\nvalues = {ACTIVE = 'active'}\n"
            "[constants]\nkind = 'flag'\n",
        }
    )

    tables = load(folder, mapping=folder / "mine.toml", as_of=date(2026, 4, 17))

    assert list(tables["resources"]["state"]) == ["active"]
    assert list(tables["coverage"].query("complete")["subject"]) == ["resources.flag"]
