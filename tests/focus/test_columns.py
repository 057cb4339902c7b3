import tomllib
from importlib import resources
from pathlib import Path

from audit import focus
from audit.focus.services import service, whole_bill
from audit.pricing import Catalogue

PAGE = (Path(__file__).parents[2] / "docs" / "focus.md").read_text("utf-8")
SERVICES = tomllib.loads((resources.files("audit.focus") / "services.toml").read_text("utf-8"))
CUSTOM = [column for column in focus.columns() if column.level == "custom"]


def by_level(level):
    return {column.name for column in focus.columns() if column.level == level}


def test_all_57_columns_of_the_version_are_there_at_their_level(spec):
    assert len(focus.columns()) - len(CUSTOM) == 57
    assert by_level("mandatory") == set(spec.MANDATORY)
    assert by_level("recommended") == set(spec.RECOMMENDED)
    assert by_level("conditional") == set(spec.CONDITIONAL)


def test_types_and_allowed_values_are_those_of_the_specification(spec):
    ours = {column.name: column for column in focus.columns()}

    assert {n for n, c in ours.items() if c.type == "Decimal" and c not in CUSTOM} == set(
        spec.DECIMALS
    )
    assert {n for n, c in ours.items() if c.type == "Date/Time" and c not in CUSTOM} == set(
        spec.TIMES
    )
    assert {n for n, c in ours.items() if c.type == "JSON"} == set(spec.JSON_OBJECTS)
    for name, values in spec.ALLOWED.items():
        assert set(ours[name].values) == values


def test_rows_hold_only_values_that_the_table_names(sample):
    allowed = {column.name: column.values for column in focus.columns() if column.values}
    required = [column.name for column in focus.columns() if not column.nulls]

    for audit in sample:
        for one in focus.row_sets(audit):
            for row in one.rows:
                for name, values in allowed.items():
                    assert row[name] is None or row[name] in values
                assert [name for name in required if row[name] is None] == []


def test_every_product_of_the_price_list_has_a_service_and_a_unit():
    for product, known in Catalogue.load().products.items():
        assert product in SERVICES["products"]
        assert known.unit in SERVICES["units"]


def test_every_assigned_category_is_a_pair_of_the_specification(spec):
    for category, subcategory in [*SERVICES["products"].values(), SERVICES["whole_bill"]]:
        assert subcategory in spec.SUBCATEGORIES[category]


def test_every_unit_is_written_as_focus_writes_units(spec):
    units = [*SERVICES["units"].values(), *(one["unit"] for one in SERVICES["metered"].values())]

    assert [unit for unit in units if not spec.UNIT.fullmatch(unit)] == []


def test_a_product_that_nobody_knows_is_other():
    of = service("time_travel", Catalogue.load(), name="Time travel", unit="leap")

    assert (of.category, of.subcategory) == ("Other", "Other (Other)")
    assert (of.name, of.pricing_unit, of.consumed_unit) == ("Time travel", "Leap", "Leap")
    assert whole_bill().sku is None


def test_the_page_says_of_every_column_what_it_holds():
    table = [
        f"| `{one.name}` | {one.level} | {one.type} | {one.holds} |" for one in focus.columns()
    ]

    assert "\n".join(table) in PAGE
    assert all(one.source for one in focus.columns() if one not in CUSTOM)
