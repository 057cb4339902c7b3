"""``audit north-star``: the table, who is listed, the treatments, and what is refused."""

import csv
import io
import json
import re

import pytest

from audit.cli import north_star as command
from audit.north_star import CHOICES

ALL_TREATMENTS = ("--startup-credit", "--never-billed", "--handovers", "--credits", "--refunds")


@pytest.fixture
def star(audit, sample_store):
    return lambda *arguments: audit("north-star", *arguments, "--store", sample_store)


def test_it_shows_cohorts_intervals_the_target_and_every_parameter(star):
    result = star()

    assert result.exit_code == 0, result.output
    for part in (
        "retained 3 months after the first bill over $500. Target 90%.",
        "2026-05",
        "95% from",
        "(1 by handover)",
        "too young",
        "Past forecasts are not kept",
        "Policy 2025-06",
    ):
        assert part in result.stdout
    for name in CHOICES:
        assert name.replace("_", " ") in result.stdout


def test_the_sample_has_a_lost_one_and_one_whose_first_bill_is_not_known(star):
    found = json.loads(star("--json", "--list").stdout)
    statuses = {row["status"] for row in found["organizations"]}

    assert {"retained", "retained_by_handover", "lost", "too_young", "not_evaluated"} <= statuses
    assert found["pooled"]["organizations"] == sum(c["organizations"] for c in found["cohorts"])


def test_the_list_names_each_with_its_standing_and_reason(star):
    result = star("--list")

    assert "Kestrel Social & Co" in result.stdout
    assert "no bill in the month" in result.stdout


def test_a_treatment_changes_the_measure_and_is_stated(star):
    by_revenue = json.loads(star("--handovers", "by_revenue", "--json").stdout)
    usual = json.loads(star("--json").stdout)

    assert by_revenue["pooled"]["retained"] == usual["pooled"]["retained"] - 1
    stated = {one["name"]: one["value"] for one in by_revenue["parameters"]}
    assert stated["handovers"] == "by_revenue"


def test_csv_is_of_cohorts_or_of_organizations(star):
    cohorts = list(csv.DictReader(io.StringIO(star("--csv").stdout)))
    listed = list(csv.DictReader(io.StringIO(star("--csv", "--list").stdout)))

    assert cohorts[-1]["cohort"] == "all"
    assert {"organization_id", "status", "parameter_months"} <= set(listed[0])


def test_with_strict_what_could_not_be_evaluated_is_exit_code_3(star):
    assert star("--strict").exit_code == 3
    assert star("--strict", "--exclude", "Marigold & Daughters").exit_code == 0


def test_a_day_before_every_bill_says_that_no_cohort_is_old_enough(star):
    result = star("--as-of", "2026-02-01")

    assert result.exit_code == 0
    assert "No cohort is old enough yet." in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--handovers", "maybe"),
        ("--months", "0"),
        ("--months", "25"),
        ("--threshold-usd", "-1"),
        ("--threshold-usd", "nan"),
        ("--invoices-since", "May"),
        ("--as-of", "yesterday"),
        ("--exclude", "Nobody Inc"),
        ("--policy", "2020-01"),
        ("--json", "--csv"),
    ],
)
def test_what_is_impossible_is_refused_in_one_line(star, arguments):
    result = star(*arguments)

    assert result.exit_code == 2
    assert len([line for line in result.stderr.splitlines() if line.startswith("audit:")]) == 1


def test_without_a_store_it_says_how_to_make_one(audit):
    result = audit("north-star")

    assert result.exit_code == 2
    assert "audit sample" in result.stderr


def test_the_help_names_the_choices_that_there_are(audit):
    page = audit("north-star", "--help").output

    for choices in CHOICES.values():
        assert "|".join(choices) in re.sub(r"\s+", "", page)
    assert command.EXAMPLES.count("audit north-star") >= 4
