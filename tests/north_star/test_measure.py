"""The interval, the target, the parameters and the documents."""

import csv
import io
import json
from datetime import date

import pytest
from logos import Logo, published

from audit.errors import InputError, StoreError
from audit.north_star import CHOICES, Target, Treatments, north_star
from audit.north_star.document import cohorts_csv, document, organizations_csv
from audit.north_star.measure import wilson

MARCH = "2026-03-01"
Z = 1.959963984540054


@pytest.mark.parametrize(
    ("retained", "known", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3 (Wilson).
        (81, 263, 25.53, 36.62),
        (15, 148, 6.24, 16.05),
        (0, 20, 0.0, 16.11),
        (1, 29, 0.61, 17.18),
    ],
)
def test_the_interval_is_wilsons(retained, known, low, high):
    assert wilson(retained, known, Z) == pytest.approx((low, high), abs=0.006)


def test_the_interval_of_all_ends_at_all():
    low, high = wilson(29, 29, Z)

    # The mirror of 0 of 29: z^2 / (n + z^2) = 3.8415 / 32.8415 = 11.70%.
    assert (round(low, 2), high) == (88.3, 100.0)


def kept_and_gone(kept, gone):
    return [
        *(Logo(f"kept {n}").bills(MARCH, 600, 0, 0, 600) for n in range(kept)),
        *(Logo(f"gone {n}").bill(MARCH, 600) for n in range(gone)),
    ]


@pytest.mark.parametrize(
    ("kept", "gone", "target"),
    [
        # Of n of n the interval begins at n / (n + 3.8415): 89.8% of 34, 90.1% of 35.
        (34, 0, Target.UNDECIDED),
        (35, 0, Target.ABOVE),
        (9, 1, Target.UNDECIDED),
        # 31.3% to 83.2%.
        (6, 4, Target.BELOW),
    ],
)
def test_the_target_is_held_against_the_interval(star, kept, gone, target):
    assert star(*kept_and_gone(kept, gone)).pooled.target is target


def test_every_treatment_is_stated_with_its_meaning_and_source(star):
    stated = {one["name"]: one for one in star(Logo("a")).parameters}

    assert set(stated) == set(Treatments.__dataclass_fields__)
    assert all(one["meaning"] and one["source"] for one in stated.values())
    assert stated["threshold_usd"]["value"] == 500


@pytest.mark.parametrize("name", list(CHOICES))
def test_a_choice_that_is_none_is_refused_with_those_there_are(name):
    with pytest.raises(InputError, match="Known: " + ", ".join(CHOICES[name])):
        Treatments.of(**{name: "perhaps"})


@pytest.mark.parametrize(
    "given",
    [
        {"months": -1},
        {"months": 25},
        {"threshold_usd": -5},
        {"threshold_usd": float("nan")},
        {"least_arr_usd": float("inf")},
        {"invoices_since": "last year"},
        {"startups": "apart"},
    ],
)
def test_impossible_treatments_are_refused(given):
    with pytest.raises(InputError):
        Treatments.of(**given)


def test_plain_values_of_a_notebook_are_defaults_where_they_say_nothing():
    empty = {"startup_credit": "", "months": 0, "threshold_usd": 0, "exclude": ""}

    assert Treatments.of(**empty) == Treatments()


def test_a_day_or_organization_that_is_none_is_refused(tmp_path):
    store = published([Logo("a")], tmp_path / "store.duckdb")

    with pytest.raises(InputError, match="as_of is a day"):
        north_star(store, as_of="yesterday")
    with pytest.raises(InputError, match="No organization 'b'"):
        north_star(store, treatments=Treatments(exclude=("b",)))


def test_a_store_that_is_none_is_refused(tmp_path):
    with pytest.raises(StoreError, match="No store at"):
        north_star(tmp_path / "none.duckdb")


def test_both_policies_have_the_threshold_and_the_target_its_source(star):
    for policy in ("2025-06", "2026-11"):
        found = star(Logo("a"), policy=policy)

        assert (found.threshold_usd, found.target_percent) == (500, 90)
        assert "90%" in found.target_source


def test_the_day_is_the_newest_of_the_pulls(tmp_path):
    logos = [Logo("a", as_of="2026-09-01"), Logo("b")]

    assert north_star(published(logos, tmp_path / "store.duckdb")).as_of == date(2026, 11, 1)


def test_the_document_is_json_and_says_what_it_left_out(star):
    one = Logo("<b>x</b>").bills(MARCH, 600, 0, 0, 600)
    found = star(one, Logo("dark").unread("invoices"), Logo("young").bill("2026-10-01", 900))
    told = json.loads(json.dumps(document(found, organizations=True), allow_nan=False))

    assert told["pooled"]["retention_percent"] == 100.0
    assert told["pooled"]["base_usd"] == "600.00"
    assert [group["cohorts"] for group in told["too_young"]] == [["2026-10"]]
    assert [group["status"] for group in told["left_out"]] == ["not_evaluated"]
    assert [row["status"] for row in told["organizations"]] == [
        "retained",
        "too_young",
        "not_evaluated",
    ]


def test_a_document_of_nobody_has_nulls_and_no_nan(star):
    told = document(star(Logo("none")))

    assert told["pooled"]["retention_percent"] is None
    assert told["pooled"]["net_percent"] is None
    json.dumps(told, allow_nan=False)


def test_csv_has_the_parameters_in_every_row_and_no_formula(star):
    one = Logo("=cmd()").bills(MARCH, 600, 0, 0, 600)
    one.organization["name"] = "=cmd()"
    found = star(one, handovers="apart")
    rows = list(csv.DictReader(io.StringIO(cohorts_csv(found))))
    listed = list(csv.DictReader(io.StringIO(organizations_csv(found))))

    assert [row["cohort"] for row in rows] == ["2026-03", "all"]
    assert {row["parameter_handovers"] for row in (*rows, *listed)} == {"apart"}
    assert listed[0]["name"] == "'=cmd()"
