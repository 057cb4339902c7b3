"""Whose rows they are, and as of when."""

from datetime import date

import pandas as pd
import pytest

from audit.errors import InputError
from audit.sources.files import load
from audit.store import Store, publish

AS_OF = date(2026, 4, 17)
TWO = "organization_id,organization_name,day,product,project_id,quantity\n" \
    "o1,One,2026-04-15,Events,1,5\no2,Two,2026-04-16,Events,1,7\n"  # fmt: skip


def kinds(tables):
    return set(tables["data_quality"]["kind"])


def test_the_organization_comes_from_the_folder_when_nothing_says(exports):
    folder = exports({"key.csv": "event,count\na,1\n"}, name="Acme exports (May)")

    tables = load(folder, as_of=AS_OF)

    assert list(tables["organizations"]["organization_id"]) == ["acme-exports-may"]
    assert list(tables["organizations"]["name"]) == ["Acme exports (May)"]
    assert "organization_id_from_folder" in kinds(tables)


def test_the_given_organization_and_name_win(exports):
    folder = exports({"key.csv": "event,count\na,1\n"})

    tables = load(folder, as_of=AS_OF, organization_id="0182", name="Acme <Inc>")

    assert list(tables["organizations"]["organization_id"]) == ["0182"]
    assert list(tables["organizations"]["name"]) == ["Acme <Inc>"]
    assert "organization_id_from_folder" not in kinds(tables)


def test_one_file_may_hold_several_organizations(exports, tmp_path):
    tables = load(exports({"u.csv": TWO}))

    publish(tmp_path / "s.duckdb", tables)
    with Store.open(tmp_path / "s.duckdb") as store:
        assert list(store.organizations()["name"]) == ["One", "Two"]
        assert list(store.account("Two")["usage_daily"]["quantity"]) == [7]
        assert store.account("o1").as_of == AS_OF


def test_rows_of_other_organizations_are_left_out_and_said(exports):
    tables = load(exports({"u.csv": TWO}), organization_id="o2")

    assert list(tables["usage_daily"]["quantity"]) == [7]
    assert list(tables["projects"]["organization_id"]) == ["o2"]
    assert "other_organizations_left_out" in kinds(tables)


def test_files_of_other_organizations_alone_are_refused(exports):
    with pytest.raises(InputError, match=r"of other organizations \(2: o1, o2\), none of 'o3'"):
        load(exports({"u.csv": TWO}), organization_id="o3")


def test_a_file_without_organization_joins_the_only_one(exports):
    one = TWO.splitlines(keepends=True)
    folder = exports({"u.csv": "".join(one[:2]), "limits.csv": "product,limit\nsurveys,5\n"})

    assert list(load(folder)["limits"]["organization_id"]) == ["o1"]


def test_a_file_without_organization_among_several_is_refused(exports):
    folder = exports({"u.csv": TWO, "limits.csv": "product,limit\nsurveys,5\n"})

    with pytest.raises(InputError, match=r"limits.csv does not say which organization"):
        load(folder)


def test_as_of_is_the_day_after_the_newest_usage(exports):
    assert load(exports({"u.csv": TWO}))["organizations"]["as_of"][0] == pd.Timestamp(AS_OF)


def test_the_day_assumed_is_said_with_the_file_it_comes_from(exports):
    derived = load(exports({"u.csv": TWO}))["data_quality"].query("kind == 'as_of_derived'")
    given = load(exports({"u.csv": TWO}), as_of=AS_OF)

    assert list(derived["organization_id"]) == ["o1", "o2"]
    assert derived["message"].str.contains(r"2026-04-17, the day after .*\(u.csv\)").all()
    assert "as_of_derived" not in kinds(given)


def test_days_from_as_of_on_are_left_out_and_said(exports):
    tables = load(exports({"u.csv": TWO}), as_of=date(2026, 4, 16))

    assert list(tables["usage_daily"]["quantity"]) == [5]
    assert "days_after_as_of" in kinds(tables)


def test_days_of_the_window_that_no_export_has_are_said(exports):
    tables = load(exports({"u.csv": TWO}), organization_id="o1", as_of=AS_OF, lookback_days=3)

    quality = tables["data_quality"].set_index("kind")
    assert quality.loc["days_missing", "quantity"] == 2


def test_lookback_days_set_the_window(exports):
    tables = load(exports({"key.csv": "event,count\na,1\n"}), as_of=AS_OF, lookback_days=7)

    assert tables["usage_rows"]["window_start"][0] == pd.Timestamp("2026-04-10")


def test_a_window_of_no_days_is_refused(exports):
    with pytest.raises(InputError, match="lookback_days is 0"):
        load(exports({"key.csv": "event,count\na,1\n"}), as_of=AS_OF, lookback_days=0)


def test_the_same_folder_gives_the_same_tables(exports):
    folder = exports({"u.csv": TWO})

    first, second = load(folder), load(folder)

    assert list(first) == list(second)
    for name in first:
        pd.testing.assert_frame_equal(first[name], second[name])


def test_progress_names_each_file(exports):
    seen: list[str] = []

    load(exports({"u.csv": TWO, "x.csv": "a,b\n1,2\n"}), progress=seen.append)

    assert seen == ["u.csv"]
