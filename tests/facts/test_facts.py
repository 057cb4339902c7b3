"""Facts: what each file counts, and when a fact is missing rather than 0."""

import math

import pandas as pd
import pytest

from audit.checks import load_checks
from audit.checks.contract import SAVING_FACT
from audit.checks.engine_facts import ENGINE_FACTS
from audit.errors import SettingsError
from audit.facts import runner
from audit.facts.runner import _read, fact_files, files_of
from audit.frames import in_memory
from audit.validation import validated

PROJECT = [{"project_id": "1"}]


def test_every_header_is_complete_and_its_facts_are_named_once():
    for file in fact_files():
        assert file.title.endswith(".") or ". " in file.title
        assert all(fact.unit and fact.meaning for fact in file.facts)
    names = [(f.name, file.products) for file in fact_files() for f in file.facts]
    assert len(names) == len(set(names))


def test_a_fact_computed_by_several_files_is_split_by_product():
    said = [set(file.products) for file in files_of("product_users")]

    assert len(said) == 4
    assert not set.intersection(*said)


def test_every_fact_a_check_asks_for_is_computed():
    known = {f.name for file in fact_files() for f in file.facts} | set(ENGINE_FACTS)

    asked = {name for check in load_checks().values() for name in check.all_facts}

    assert asked - known == {SAVING_FACT}


@pytest.mark.parametrize(
    "text",
    [
        "-- T.\n-- scope: project\n-- fact a | b | c\nSELECT 1",
        "-- T.\n-- scope: moon\n-- subject: x\n-- fact a | b | c\nSELECT 1",
        "-- T.\n-- scope: project\n-- subject: x\nSELECT 1",
    ],
)
def test_a_header_that_lacks_something_is_refused(text):
    with pytest.raises(
        SettingsError, match=r"facts/mine\.sql: .* needs (a name|scope), .*subject|needs scope"
    ):
        _read("mine.sql", text)


class TestMissing:
    def test_covered_and_no_rows_is_a_real_zero(self, facts_of):
        read = facts_of("usage_rows.product_analytics", projects=PROJECT)

        assert (read("events", "1"), read("autocapture_events", "1")) == (0, 0)
        assert read.reason("project_events.sql") is None

    def test_rows_without_coverage_are_missing(self, facts_of, row):
        read = facts_of(projects=PROJECT, usage_rows=[row("product_analytics", "x", 5)])

        assert read("events", "1") is None
        assert read.reason("project_events.sql") == (
            "not read: the pull brought no usage_rows.product_analytics"
        )

    def test_a_part_that_failed_gives_its_reason(self, facts_of):
        read = facts_of(("activity.sessions", "", "No scope."), projects=PROJECT)

        assert (read("sessions", "1"), read.reason("project_activity.sql")) == (None, "No scope.")

    def test_a_project_wins_over_the_whole(self, facts_of):
        read = facts_of(
            ("activity.sessions", "", "No scope."),
            ("activity.sessions", "1"),
            ("resources.action", ""),
            ("resources.action", "2", "Timed out."),
            projects=[{"project_id": "1"}, {"project_id": "2"}],
        )

        assert (read("sessions", "1"), read("sessions", "2")) == (0, None)
        assert (read("autocapture_actions", "1"), read("autocapture_actions", "2")) == (0, None)
        assert read.reason("autocapture_actions", 1) == "Timed out."

    def test_one_project_that_failed_makes_the_organization_unknown(self, facts_of):
        read = facts_of(
            "resources.destination", ("resources.destination", "2", "Timed out."), projects=PROJECT
        )

        assert read("active_destinations") is None
        assert read.reason("active_destinations") == "Timed out."

    def test_all_projects_read_one_by_one_are_the_whole(self, facts_of):
        read = facts_of(
            ("resources.destination", "1"),
            ("resources.destination", "2"),
            projects=[{"project_id": "1"}, {"project_id": "2"}],
        )

        assert read("active_destinations") == 0

    def test_a_project_nothing_speaks_of_makes_the_organization_unknown(self, facts_of):
        read = facts_of(
            ("resources.destination", "1"), projects=[{"project_id": "1"}, {"project_id": "2"}]
        )

        assert read("active_destinations") is None
        assert read.reason("active_destinations") == (
            "not read for every project: the pull brought no resources.destination of 1 of 2 "
            "projects"
        )

    def test_a_fact_no_file_speaks_of_for_a_product_is_missing(self, facts_of):
        read = facts_of("limits", limits=[{"product": "boost"}])

        assert read("product_users", "boost") is None


class TestCounts:
    def test_events_by_kind(self, facts_of, row):
        kinds = {"$autocapture": 1, "$identify": 2, "$set": 4, "$groupidentify": 8, "x": 16}
        rows = [row("product_analytics", event, n) for event, n in kinds.items()]
        other = [row("enhanced_persons", "x", 99), row("product_analytics", "x", 99, "2")]

        read = facts_of("usage_rows.product_analytics", usage_rows=[*rows, *other])

        names = ("events", "autocapture_events", "identify_events", "set_events")
        assert [read(name, "1") for name in (*names, "groupidentify_events")] == [31, 1, 2, 4, 8]

    def test_profiles_of_people_never_identified(self, facts_of, row):
        rows = [
            row("enhanced_persons", "x", 3, identified=True, known_person=True),
            row("enhanced_persons", "x", 4, identified=True, known_person=False),
        ]

        read = facts_of("usage_rows.enhanced_persons", usage_rows=rows)

        assert read("never_identified_events", "1") == 4

    def test_recordings_by_length_web_only(self, facts_of, row):
        rows = [
            row("session_replay", "under_2_seconds", 1),
            row("session_replay", "2_to_5_seconds", 2),
            row("session_replay", "5_seconds_or_longer", 4),
            row("mobile_replay", "under_2_seconds", 99),
        ]

        read = facts_of("usage_rows.session_replay", usage_rows=rows)

        names = ("recordings", "recordings_under_2_seconds", "recording_days")
        assert [read(name, "1") for name in names] == [7, 1, 30]

    def test_flag_requests_by_who_makes_them(self, facts_of, row):
        rows = [row("feature_flags", "flags", 5), row("feature_flags", "local_evaluation", 30)]

        read = facts_of("usage_rows.feature_flags", usage_rows=rows)

        names = ("flag_requests", "flag_client_requests", "flag_polling_requests", "flag_days")
        assert [read(name, "1") for name in names] == [35, 5, 30, 30]

    def test_group_events_of_all_projects(self, facts_of):
        rows = [
            {"project_id": p, "measure": m, "quantity": 2}
            for p in "12"
            for m in ("group_events", "sessions")
        ]

        read = facts_of("activity.group_events", "activity.sessions", activity=rows)

        assert (read("group_events"), read("sessions", "1")) == (4, 2)

    def test_costs_are_those_of_the_bill(self, facts_of, row):
        read = facts_of("usage_daily", usage_rows=[row("session_replay", "", 15_000)])

        # 10,000 recordings above the free 5,000 x 0.005.
        assert read("product_cost_usd", "session_replay") == 50
        assert (read("group_analytics_cost_usd"), read("data_pipelines_cost_usd")) == (0, 0)

    def test_a_cost_is_unknown_where_billed_usage_was_not_read(self, facts_of, row):
        read = facts_of(usage_rows=[row("session_replay", "", 15_000)])

        assert read("product_cost_usd", "session_replay") == 50
        assert read("data_pipelines_cost_usd") is None


class TestSettings:
    COVERED = ("projects.replay_controls", "projects.replay_triggers")
    NAMES = ("sampling_is_set", "linked_flag_is_set", "replay_triggers_are_set")

    def claims(self, read):
        return [bool(read(name, "1")) for name in self.NAMES]

    def test_null_settings_are_known_to_be_off(self, facts_of):
        read = facts_of(*self.COVERED, projects=PROJECT)

        assert read("minimum_duration_milliseconds", "1") == 0
        assert self.claims(read) == [False, False, False]

    def test_a_project_that_sent_data_and_was_not_among_those_read_is_unknown(self, facts_of, row):
        read = facts_of(*self.COVERED, projects=PROJECT, usage_rows=[row("x", project="gone")])

        assert read("minimum_duration_milliseconds", "gone") is None
        assert read("replay_triggers_are_set", "gone") is None
        assert "may be deleted" in read.reason("project_replay_controls.sql", 1)
        assert read("minimum_duration_milliseconds", "1") == 0


def computed(text, *covered):
    """The facts of one SQL file about one organization."""
    rows = [
        {"organization_id": "acme", "project_id": "", "subject": subject, "complete": True}
        | {"reason": "", "source": "sample"}
        for subject in covered
    ]
    connection = in_memory({"coverage": validated("coverage", rows).frame})
    connection.execute("CREATE TEMP TABLE audited AS SELECT 0 AS key, 'acme' AS organization_id")
    file = _read("mine.sql", text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "fact_files", lambda: (file,))
        keys = {"organization": pd.DataFrame({"organization_id": ["acme"]})}
        return runner.compute(connection, keys)


def test_a_fact_that_is_untold_takes_no_other_of_its_file_with_it():
    facts = computed(
        "-- T.\n-- scope: organization\n-- subject: subscriptions\n-- unknown: nobody knows\n"
        "-- fact one | x | one\n-- fact two | x | two\n"
        "SELECT organization_id, NULL AS one, 2 AS two FROM audited",
        "subscriptions",
    )

    row = facts.frames["organization"].iloc[0]
    assert (math.isnan(row["one"]), row["two"]) == (True, 2)
    assert facts.reasons["organization"]["mine.sql", ("subscriptions",)] == {0: "nobody knows"}


def test_a_fact_may_need_several_subjects():
    facts = computed(
        "-- T.\n-- scope: organization\n-- subject: subscriptions, limits\n"
        "-- fact one | x | one\n-- fact two | x | two | limits\n"
        "SELECT organization_id, 1 AS one, 2 AS two FROM audited",
        "limits",
    )

    row = facts.frames["organization"].iloc[0]
    why = facts.reasons["organization"]["mine.sql", ("subscriptions", "limits")]
    assert (math.isnan(row["one"]), row["two"]) == (True, 2)
    assert why == {0: "not read: the pull brought no subscriptions"}


def test_a_file_that_answers_twice_is_refused():
    with pytest.raises(SettingsError, match=r"mine\.sql returns more than one row"):
        computed(
            "-- T.\n-- scope: organization\n-- subject: limits\n-- fact one | x | one\n"
            "SELECT organization_id, unnest([1, 2]) AS one FROM audited",
            "limits",
        )
