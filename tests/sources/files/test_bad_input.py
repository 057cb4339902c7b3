"""A broken export stops the load and says where; a hostile name is only text."""

import csv
import io
import json
from datetime import date

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.errors import InputError, TableError
from audit.sources.files import load, recognise
from audit.store import Store, publish

AS_OF = date(2026, 4, 17)
EVENTS = "Event,Project ID,Count\n$pageview,1,1234\n"
DAILY = "day,product,project id,quantity\n"


def quantities(folder, **more):
    return list(load(folder, as_of=AS_OF, **more)["usage_rows"]["quantity"])


@pytest.mark.parametrize(
    "content",
    [
        EVENTS.encode(),
        b"\xef\xbb\xbf" + EVENTS.encode(),
        EVENTS.encode("utf-16"),
        EVENTS.encode("utf-16-le"),
        EVENTS.encode("utf-16-be"),
        EVENTS.replace(",", ";").encode(),
        EVENTS.replace(",", "\t").encode(),
        EVENTS.replace(",", "|").encode(),
        EVENTS.replace("\n", "\r\n").encode(),
        EVENTS.replace("\n", "\r").encode(),
        ("sep=;\n" + EVENTS.replace(",", ";")).encode(),
        (EVENTS + "\n\n").encode(),
        EVENTS.replace("1234", '"1,234"').encode(),
        EVENTS.replace("1234", "1\u202f234").encode(),
        EVENTS.replace("1234", "1234.0").encode(),
        EVENTS.replace(",", ";").replace("1234", "1,234").encode(),
        EVENTS.replace("Event", '"EVENT_NAME"').encode(),
    ],
)
def test_spellings_of_the_same_table_read_the_same(exports, content):
    assert quantities(exports({"key.csv": content})) == [1234]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("-1", "is below 0"),
        ("0.5", "is not a whole number"),
        ("NaN", "is not a number"),
        ("inf", "is not a number"),
        ("9223372036854775808", "is beyond 2^63"),
        ("1.23E+12", "was rounded by a spreadsheet"),
        ("1.234.567", "is not a number"),
        ("=1+1", "is not a number"),
        ("", "is empty"),
        ("12,34", "is not a number"),
        ("٣", "is not a number"),
        ("1_000", "is not a number"),
    ],
)
def test_a_quantity_that_cannot_be_is_refused_with_table_file_line_and_value(exports, value, why):
    folder = exports({"key.csv": f'Event,Count\n$pageview,5\n$identify,"{value}"\n'})

    with pytest.raises(TableError) as refused:
        load(folder, as_of=AS_OF)

    assert f"usage_rows.quantity: key.csv, line 3, column 'Count': {value!r} {why}" in str(
        refused.value
    )


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "1.5", "-1", "1e400", "true", '{"a": 1}'])
def test_a_json_quantity_that_cannot_be_is_refused(exports, value):
    folder = exports({"key.json": f'[{{"event": "a", "count": {value}}}]'})

    with pytest.raises(TableError, match=r"usage_rows.quantity: key.json, row 1, column 'count'"):
        load(folder, as_of=AS_OF)


def test_the_largest_count_stays_exact(exports):
    folder = exports(
        {
            "key.json": '[{"event": "a", "count": "9,223,372,036,854,775,807"},'
            '{"event": "b", "count": 9007199254740993}]'
        }
    )

    assert quantities(folder) == [2**63 - 1, 2**53 + 1]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ('[{"event": "a",\n "count": 5}, {"eve', "line 2, column 16"),
        ('{"data": {"rows": [[1', "line 1, column"),
        ("<!DOCTYPE html>\n<html>Sign in</html>", "HTML"),
        ("Not found", "line 1, column 1"),
        ('{"status": "failed", "error": "timeout", "data": {"rows": [], "cols": []}}', "timeout"),
        ('{"data": {"rows": [[1]], "cols": [{"name": "a"}], "rows_truncated": 2000}}', "2000 rows"),
        ('{"columns": ["event"], "results": [["a"]], "hasMore": true}', "hasMore"),
        ('{"type": "x", "code": "permission_denied", "detail": "No access"}', "No access"),
        ('[{"event": "a", "event": "b", "count": 5}]', "stands twice"),
        ('[{"event": "a"}, 5]', "row 2"),
        ("[" * 100_000, "line 1"),
    ],
)
def test_broken_json_is_an_error_that_says_where(exports, content, where):
    folder = exports({"good.csv": EVENTS, "panel.json": content})

    with pytest.raises(InputError, match=where) as refused:
        load(folder, as_of=AS_OF)

    assert str(refused.value).startswith("panel.json, ")


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"event,count\na,5\nb,6,7\n", "line 3, column 3: the row has 3 cells"),
        (b"event,count\na,5\nb\n", "line 3, column 2: the row has 1 cells"),
        (b'event,count\na,5\n"b,6\n', "line 3, column"),
        (b"event,count\na,5\nb\xff,6\n", "line 3, column 2: byte 0xff is not UTF-8"),
        (b"event,count,count\na,5,6\n", "line 1, column 3: the column 'count' stands twice"),
        (b"<html><body>Sign in</body></html>", "HTML"),
    ],
)
def test_broken_csv_is_an_error_that_says_where(exports, content, where):
    folder = exports({"panel.csv": content})

    with pytest.raises(InputError, match=where):
        load(folder, as_of=AS_OF)


def test_a_line_number_counts_the_lines_inside_quoted_names(exports):
    folder = exports({"key.csv": 'event,count\n"a\nb",5\nc,-1\n'})

    with pytest.raises(TableError, match="line 4"):
        load(folder, as_of=AS_OF)


def test_an_empty_file_is_listed_and_does_not_stop_the_others(exports):
    folder = exports({"empty.csv": b"", "blank.json": "  \n", "none.json": "[]", "key.csv": EVENTS})

    tables = load(folder, as_of=AS_OF)

    quality = tables["data_quality"].set_index("kind")
    assert quality.loc["file_not_recognised", "quantity"] == 3
    assert "empty.csv is empty" in quality.loc["file_not_recognised", "message"]
    assert [seen.mapping for seen in recognise(folder)] == [None, None, "key_event_volume", None]


@pytest.mark.parametrize("files", [{}, {"a.csv": b""}, {"a.csv": "x,y\n1,2\n"}, {"a.xlsx": b"PK"}])
def test_nothing_recognised_is_an_error(exports, files):
    with pytest.raises(InputError, match=r"Nothing in .* was recognised"):
        load(exports(files), as_of=AS_OF)


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(InputError, match="No folder"):
        load(tmp_path / "nowhere")


def test_recognise_lists_broken_files_without_raising(exports):
    [seen] = recognise(exports({"a.json": "[1"}))

    assert seen.broken
    assert "line 1, column 3" in seen.why


def test_an_unrecognised_file_names_the_nearest_export_and_what_it_lacks(exports):
    [seen] = recognise(exports({"a.csv": "Event,Somewhere\n$pageview,x\n"}))

    assert (seen.mapping, seen.nearest, seen.missing) == (
        None,
        "key_event_volume",
        ("quantity ('count')",),
    )
    assert seen.columns_ignored == ("Event", "Somewhere")


@pytest.mark.parametrize(
    "written",
    [
        "2026-04-15", "20260415", "2026-04-15T00:00:00Z", "2026-04-15 00:00:00",
        "2026-04-15T10:30:00", "2026-04-15T00:00:00+02:00", "2026-04-14T23:30:00-02:00",
        "2026-04-15T00:00:00.000Z",
        "2026-W16-3", "April 15, 2026", "Apr 15, 2026, 12:00 AM",
    ],
)  # fmt: skip
def test_days_are_read_in_these_forms(exports, written):
    folder = exports({"u.csv": f'{DAILY}"{written}",Events,1,5\n'})

    assert load(folder)["usage_daily"]["day"].dt.date.tolist() == [date(2026, 4, 15)]


@pytest.mark.parametrize(
    "written", ["15/04/2026", "04/15/2026", "2026-13-01", "yesterday", "9999-01-01", "1776"]
)
def test_days_that_can_be_read_two_ways_are_refused(exports, written):
    folder = exports({"u.csv": f"{DAILY}{written},Events,1,5\n"})

    with pytest.raises(TableError, match=r"usage_daily.day: u.csv, line 2, column 'day'"):
        load(folder)


def test_the_last_report_of_a_day_wins_and_is_said(exports):
    folder = exports({"u.csv": f"{DAILY}2026-04-15,Events,1,5\n2026-04-15,Events,1,7\n"})

    tables = load(folder)

    assert list(tables["usage_daily"]["quantity"]) == [7]
    quality = tables["data_quality"].set_index("kind")
    assert quality.loc["duplicate_day", "quantity"] == 1


def test_an_event_that_stands_twice_is_refused_not_added(exports):
    folder = exports({"key.csv": "event,count\na,5\na,5\n"})

    with pytest.raises(
        TableError, match=r"key.csv, line 3: the key stands twice .*first in line 2"
    ):
        load(folder, as_of=AS_OF)


def test_parquet_keeps_large_integers_and_refuses_rounded_ones(tmp_path):
    good, bad = tmp_path / "good", tmp_path / "bad[1]"
    for folder, kind in ((good, "BIGINT"), (bad, "DOUBLE")):
        folder.mkdir()
        duckdb.sql(f"SELECT '$pageview' AS event, 9007199254740993::{kind} AS count").write_parquet(
            str(folder / "key.parquet")
        )

    assert quantities(good) == [9007199254740993]
    with pytest.raises(TableError, match="stored as a float"):
        load(bad, as_of=AS_OF)


def test_parquet_dates_are_days(tmp_path):
    duckdb.sql(
        "SELECT DATE '2026-04-15' AS day, 'Events' AS product, 1659 AS project_id, 5 AS quantity "
        "UNION ALL SELECT TIMESTAMPTZ '2026-04-16 00:00:00+00', 'Events', 1659, 6"
    ).write_parquet(str(tmp_path / "u.parquet"))

    rows = load(tmp_path)["usage_daily"]

    assert rows["day"].dt.day.tolist() == [15, 16]
    assert set(rows["project_id"]) == {"1659"}


def test_broken_parquet_is_an_error(exports):
    with pytest.raises(InputError, match=r"a.parquet, not readable as Parquet"):
        load(exports({"a.parquet": b"PAR1 no"}), as_of=AS_OF)


def test_formulas_and_markup_stay_text(exports, tmp_path):
    names = [
        '=HYPERLINK("http://x")', "<script>alert(1)</script>", "+1", "@x", "-2", "NULL", "nan",
        " a ", "'; DROP TABLE x", "a\x00b", "\u202egnp", "a\nb", "💩", "-", "1,234",
    ]  # fmt: skip
    folder = exports({"key.json": json.dumps([{"event": name, "count": 1} for name in names])})

    publish(tmp_path / "s.duckdb", load(folder, as_of=AS_OF))

    with Store.open(tmp_path / "s.duckdb") as store:
        assert sorted(store.account("acme")["usage_rows"]["event"]) == sorted(names)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, unique=True
    )
)
def test_any_name_survives_csv_and_json(exports, names):
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "name", "sampling"])
    writer.writerows([n, name, "0.5"] for n, name in enumerate(names))
    rows = [{"id": n, "name": name, "sampling": 0.5} for n, name in enumerate(names)]

    for file, content in (("projects.csv", out.getvalue()), ("projects.json", json.dumps(rows))):
        folder = exports({"projects.csv": b"", "projects.json": b"", file: content})
        projects = load(folder, as_of=AS_OF)["projects"]
        assert dict(zip(projects["project_id"], projects["name"], strict=True)) == {
            str(n): name for n, name in enumerate(names)
        }
