"""Mappings are data: the ready-made ones are sound and a user's one works as documented."""

import re
from datetime import date
from pathlib import Path

import pytest

from audit.errors import InputError, SettingsError, TableError
from audit.sources.files import load, recognise
from audit.sources.files.coverage import Subjects
from audit.sources.files.coverage import rows as coverage_rows
from audit.sources.files.mapping import ready_made
from audit.tables import BY_NAME

AS_OF = date(2026, 4, 17)
PAGE = (Path(__file__).parents[3] / "docs" / "files.md").read_text("utf-8")


def block(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


def documented(exports, csv):
    folder = exports({"flags.csv": csv})
    mapping = folder.parent / "flags.toml"
    mapping.write_text(block("toml"))
    return folder, mapping


def test_the_documented_mapping_loads_the_documented_file(exports):
    folder, mapping = documented(exports, block("csv").replace(";1,5;", ";1.5;"))

    tables = load(folder, mapping=mapping, as_of=AS_OF)

    rows = tables["usage_rows"]
    assert list(zip(rows["project_id"], rows["event"], rows["quantity"], strict=True)) == [
        ("1659", "flags", 82_000),
        ("1659", "local_evaluation", 1_500),
    ]
    coverage = tables["coverage"].set_index("subject")
    assert coverage.loc["usage_rows.feature_flags", "complete"]


def test_the_documented_file_is_refused_as_documented(exports):
    folder, mapping = documented(exports, block("csv"))

    with pytest.raises(TableError, match=r"flags.csv, line 3, .* '1,5'"):
        load(folder, mapping=mapping, as_of=AS_OF)


def test_explain_shows_what_a_users_mapping_does(exports):
    folder, mapping = documented(exports, block("csv"))

    [seen] = recognise(folder, mapping=mapping)

    assert (seen.mapping, seen.tables) == ("flags", ("usage_rows",))
    assert seen.columns_ignored == ("Comment",)
    assert seen.subjects == ("usage_rows.feature_flags",)


def test_a_mapping_that_fits_no_file_is_an_error(exports):
    folder, mapping = documented(exports, "event,count\na,1\n")

    with pytest.raises(InputError, match="fits no file"):
        load(folder, mapping=mapping, as_of=AS_OF)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("table = 'usage'", "no table 'usage'"),
        ("table = 'limits'\ncolums = 1", "Did you mean 'columns'"),
        ("table = 'limits'", "Name at least one column"),
        ("table = 'limits'\n[columns.limit]\nspellings = ['x']", "has no column 'limit'"),
        ("table = 'limits'\n[columns.product]\nas = 'word'", "as = 'word' is none of"),
        ("table = 'limits'\n[columns.product]\nmultiply = 'x'", "is not a number"),
        ("table = 'limits'\n[columns]\nproduct = 3", "neither a header nor"),
        ("table = 'limits'\n[columns]\nproduct = 'p'\n[constants]\nx = 1", "no column 'x'"),
        ("table = ", "is not valid TOML"),
        ("reader = 'overview'", "for the tool's own mappings"),
        ("reader = 'python'", "no reader 'python'"),
    ],
)
def test_a_bad_mapping_file_names_the_file_and_the_field(exports, source, said):
    folder = exports({"a.csv": "x\n1\n"})
    mapping = folder.parent / "mine.toml"
    mapping.write_text(source)

    with pytest.raises(SettingsError, match=re.escape(said)) as refused:
        recognise(folder, mapping=mapping)

    assert "mine.toml" in str(refused.value)


def test_a_missing_mapping_file_is_an_error(exports, tmp_path):
    with pytest.raises(SettingsError, match="cannot be read"):
        recognise(exports({}), mapping=tmp_path / "none.toml")


def test_a_mapping_without_coverage_completes_the_parts_it_has_rows_of(exports):
    folder = exports(
        {
            "a.csv": "what,n\nsessions,5\n",
            "map.toml": "table = 'activity'\n[columns]\nmeasure = 'what'\nquantity = 'n'\n",
        }
    )

    tables = load(folder, mapping=folder / "map.toml", as_of=AS_OF)

    complete = tables["coverage"].query("complete")["subject"]
    assert list(complete) == ["activity.sessions"]


def test_every_ready_made_mapping_is_documented():
    listed = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))

    assert {mapping.name for mapping in ready_made()} <= listed


def headers():
    """(mapping, minimal header) of every example on the page."""
    section = PAGE.split("## The least a file needs", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", section, re.MULTILINE)


@pytest.mark.parametrize(("mapping", "header"), headers())
def test_a_documented_header_is_taken_for_its_mapping(exports, mapping, header):
    folder = exports({"export.csv": header + "\n"})

    [seen] = recognise(folder)

    assert (seen.mapping, seen.columns_ignored) == (mapping, ())
    assert len(seen.columns_as) == header.count(",") + 1


@pytest.mark.parametrize(("mapping", "header"), headers())
def test_a_documented_header_has_no_column_to_spare(exports, mapping, header):
    columns = header.split(",")
    for spared in range(len(columns)):
        rest = ",".join(columns[:spared] + columns[spared + 1 :])
        if rest:
            [seen] = recognise(exports({"export.csv": rest + "\n"}))
            assert seen.mapping != mapping, rest


def test_every_ready_made_mapping_of_columns_has_a_header_example():
    assert {name for name, _ in headers()} == {m.name for m in ready_made() if not m.reader}


def test_explain_pairs_each_column_with_what_it_becomes(exports):
    folder = exports({"u.csv": "Product,Project,Project ID,Total,2026-04-15\nEvents,A,1,9,9\n"})

    [seen] = recognise(folder)

    assert seen.columns_as == (
        ("Product", "usage_type"),
        ("Project", "project_name"),
        ("Project ID", "project_id"),
        ("2026-04-15", "quantity by day"),
    )


def test_ready_made_mappings_complete_only_subjects_that_exist():
    known = {row["subject"] for row in coverage_rows("x", Subjects())}

    for mapping in ready_made():
        named = {*mapping.complete, *mapping.needs, *mapping.missing}
        assert named <= known, mapping.name
        assert mapping.table in (*BY_NAME, ""), mapping.name
