"""The CRM's table as values, stages and segments; whatever cannot be read is kept and told."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.frames import in_memory
from audit.lifecycle import elements, fields, prepare, sentences, unknown_values
from audit.validation import validated


class Read:
    """``lifecycle`` of one or more organizations after :func:`prepare`."""

    def __init__(self, **organizations):
        rows = [
            {
                "organization_id": identity,
                "field": field,
                "value": value[0] if isinstance(value, tuple) else value,
                "updated_at": value[1] if isinstance(value, tuple) else None,
            }
            for identity, given_fields in organizations.items()
            for field, value in given_fields.items()
        ]
        frames = {"lifecycle": validated("lifecycle", rows).frame} if rows else {}
        self.connection = in_memory(frames, {"lifecycle"})
        prepare(self.connection)

    def rows(self, query):
        return self.connection.execute(query).fetchall()

    def value(self, field):
        return self.rows(
            f"SELECT text, number, day, claim FROM lifecycle_values WHERE field = '{field}'"
        )

    def stage(self):
        return self.rows("SELECT stage, is_terminal, is_known, raw, check_in FROM lifecycle_stage")

    def unread(self):
        return [tuple(row)[1:] for row in unknown_values(self.connection).itertuples(index=False)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("512.4", 512.4),
        ("0", 0),
        ("-12", -12),
        ("$1,667", 1667),
        ("1,234,567.89", 1234567.89),
        (" 12 ", 12),
        ("1e3", 1000),
        ("1000000000", 1e9),
    ],
)
def test_a_number_is_read_as_programs_and_spreadsheets_write_it(text, number):
    read = Read(acme={"mrr": text})

    assert read.value("mrr_usd") == [(text.strip(), number, None, None)]
    assert read.unread() == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1.234,5", "bad_number"),
        ("12,34", "bad_number"),
        ("about 12", "bad_number"),
        ("0x10", "bad_number"),
        ("inf", "bad_number"),
        ("1000000001", "number_out_of_bounds"),
        ("1e99", "number_out_of_bounds"),
    ],
)
def test_a_number_that_is_none_is_unknown_and_told(text, kind):
    read = Read(acme={"mrr": text})

    assert read.value("mrr_usd") == [(text, None, None, None)]
    assert read.unread() == [("mrr_usd", kind, text)]


@pytest.mark.parametrize(
    ("percent", "number"), [("0", 0), ("100", 100), ("12.5%", 12.5), ("100.1", None), ("-1", None)]
)
def test_a_percentage_lies_from_0_to_100(percent, number):
    read = Read(acme={"query_failure_percent_7_days": percent})

    assert read.value("query_failure_percent_7_days")[0][1] == number


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-01", date(2026, 12, 1)),
        ("2026-12-01T00:00:00.000Z", date(2026, 12, 1)),
        ("2026-12-01 23:59:59", date(2026, 12, 1)),
        ("2026-12-01T23:00:00-05:00", date(2026, 12, 2)),
        ("2026-12-01T01:00+0200", date(2026, 11, 30)),
        ("1796083200", date(2026, 12, 1)),
        ("1796083199000", date(2026, 11, 30)),
        ("Dec 1, 2026", date(2026, 12, 1)),
        ("1 December 2026", date(2026, 12, 1)),
        ("2026/12/01", date(2026, 12, 1)),
        ("2026-02-29", None),
        ("12/01/2026", None),
        ("01.12.2026", None),
        ("2026-13-01", None),
        ("next month", None),
        ("infinity", None),
        ("0001-01-01", None),
        ("2101-01-01", None),
        ("17960832000000", None),
    ],
)
def test_a_day_is_read_only_where_it_can_mean_one_day(text, day):
    read = Read(acme={"Next Renewal Date": text})

    assert read.value("next_renewal_date") == [(text, None, day, None)]
    assert read.unread() == ([] if day else [("next_renewal_date", "bad_day", text)])


@pytest.mark.parametrize(
    ("text", "claim"),
    [("true", True), ("Yes", True), ("1", True), ("FALSE", False), ("no", False), ("maybe", None)],
)
def test_a_claim_is_yes_no_or_unknown(text, claim):
    read = Read(acme={"is_yc": text})

    assert read.value("is_yc") == [(text, None, None, claim)]
    assert read.unread() == ([] if claim is not None else [("is_yc", "bad_claim", text)])


@pytest.mark.parametrize("nothing", [None, "", "  ", "null", "None", "NaN", "\u00a0"])
def test_an_empty_field_says_that_nobody_is_in_charge_and_nothing_else(nothing):
    read = Read(acme={"csmId": nothing, "is_yc": nothing, "mrr": nothing, "segments": nothing})

    assert read.value("csm_id") == [(None, None, None, False)]
    assert read.value("is_yc") == [(None, None, None, None)]
    assert read.value("mrr_usd") == [(None, None, None, None)]
    assert read.rows("FROM lifecycle_segments") == []
    assert read.unread() == []


def test_a_field_the_crm_does_not_have_has_no_row():
    read = Read(acme={"mrr": "1"})

    assert read.value("csm_id") == []


def test_someone_in_charge_is_a_claim_whatever_the_id():
    assert Read(acme={"temporary owner": "005f..."}).value("temporary_owner")[0][3] is True


def test_the_pipeline_goes_before_the_older_status():
    read = Read(acme={"Onboarding Status": "Churned", "Onboarding Pipeline": "1. New Account"})

    assert read.stage() == [("new", False, True, "1. New Account", False)]
    assert read.unread() == [("onboarding_status", "two_stages", "Churned")]


def test_an_empty_pipeline_leaves_the_word_to_the_status():
    read = Read(acme={"onboardingPipeline": "", "onboarding_status": "Onboarded (Done)"})

    assert read.stage() == [("completed", True, True, "Onboarded (Done)", False)]


def test_a_check_in_stands_beside_the_pipeline_without_contradiction():
    read = Read(
        acme={"onboardingPipeline": "2. Onboarding Initiated", "onboarding_status": "Check-in"}
    )

    assert read.stage() == [("outreach_sent", False, True, "2. Onboarding Initiated", True)]
    assert read.unread() == []


def test_a_word_nobody_has_seen_has_no_stage_and_is_kept():
    read = Read(acme={"onboarding_pipeline": "8. Dormant", "onboarding_status": "Churned"})

    assert read.stage() == [(None, None, False, "8. Dormant", False)]
    assert ("onboarding_pipeline", "unknown_word", "8. Dormant") in read.unread()


def test_of_two_spellings_the_one_set_last_counts():
    read = Read(
        acme={
            "mrr": ("100", "2026-10-01"),
            "vitally.custom.mrr": ("200", "2026-10-03"),
            "mrr_usd": ("300", None),
        }
    )

    assert read.value("mrr_usd") == [("200", 200, None, None)]
    assert read.unread() == [("mrr_usd", "two_values", "100"), ("mrr_usd", "two_values", "300")]


def test_two_spellings_that_agree_are_nothing_to_tell():
    read = Read(acme={"mrr": "100", "mrr_usd": "100"}, other={"mrr_usd": "7"})

    assert read.value("mrr_usd") == [("100", 100, None, None), ("7", 7, None, None)]
    assert read.unread() == []


def test_segments_have_roles_and_unknown_ones_are_kept():
    read = Read(acme={"segments": '["Onboarding Lead", {"name": "Top Dog"}]', "tags": "Churn Risk"})

    assert sorted(read.rows("SELECT field, segment, role FROM lifecycle_segments")) == [
        ("segments", "Onboarding Lead", "onboarding"),
        ("segments", "Top Dog", None),
        ("tags", "Churn Risk", "churn_risk"),
    ]
    assert read.unread() == [("segments", "unknown_segment", "Top Dog")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A; B", ["A", "B"]),
        ("A, B,", ["A", "B"]),
        ("A;B, C", ["A", "B, C"]),
        ("A\nB", ["A", "B"]),
        ('["A", "A", 3, null, {"id": 1}]', ["A"]),
        ('{"name": "A"}', ["A"]),
        ("[broken", ["[broken"]),
        ("[" * 100_000, ["[" * 100_000]),
    ],
)
def test_a_list_is_read_as_it_is_exported(text, found):
    assert elements(text) == found


def test_a_list_without_end_is_cut():
    assert len(elements(";".join(str(n) for n in range(1000)))) == 500


def test_organizations_do_not_mix():
    read = Read(
        one={"onboarding_pipeline": "1. New Account", "segments": "Leads"},
        two={"onboarding_pipeline": "6d. Churned", "segments": "Leads;Top 20"},
    )

    stages = read.rows("SELECT organization_id, stage FROM lifecycle_stage ORDER BY ALL")
    count = "SELECT organization_id, count(*) FROM lifecycle_segments GROUP BY 1 ORDER BY 1"
    assert stages == [("one", "new"), ("two", "churned")]
    assert read.rows(count) == [("one", 1), ("two", 2)]


def test_no_crm_at_all_is_empty_tables():
    read = Read()

    assert read.rows("FROM lifecycle_values") == []
    assert read.stage() == []
    assert read.unread() == []


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(fields().by_name)), st.text(max_size=30))
def test_nothing_a_crm_holds_is_an_error_or_lost(field, text):
    read = Read(acme={field: text})

    ((_, kept, _, _, _, _, _, _),) = read.rows(
        "SELECT organization_id, text, 1, 1, 1, 1, 1, 1 FROM lifecycle_values"
    )
    assert kept is None or kept in text


def test_notes_name_what_could_not_be_read():
    read = Read(acme={"onboarding_pipeline": "8. Dormant", "mrr": "lots", "healthScore": "7"})

    told = dict(sentences(unknown_values(read.connection)))
    assert told["unknown_word"].startswith("onboarding_pipeline has the value '8. Dormant'")
    assert told["bad_number"].startswith("mrr_usd is 'lots', which is no number.")
    assert told["field_not_read"] == "Fields that no rule reads are kept: healthScore."


def test_notes_are_short_however_much_there_is():
    many = {f"field {n}": "x" for n in range(100)}
    read = Read(acme={**many, "onboarding_pipeline": "y" * 10_000})

    told = dict(sentences(unknown_values(read.connection)))
    assert told["field_not_read"].endswith("and 95 more.")
    assert all(len(sentence) < 400 for sentence in told.values())


def test_no_notes_without_anything_to_tell():
    empty = pd.DataFrame({"organization_id": [], "field": [], "kind": [], "value": []})

    assert sentences(empty) == []
