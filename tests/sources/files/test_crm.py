"""Accounts of the CRM become fields as it writes them; nothing of it is taken for usage."""

import json
from datetime import date

import pytest

from audit.errors import InputError, TableError
from audit.lifecycle import fields
from audit.sources.files import load, recognise
from audit.sources.files.mapping import ready_made

AS_OF = date(2026, 4, 17)
HEADER = "External ID,Account Name,Onboarding Pipeline,MRR,temporary owner,Favourite colour\n"


def crm(tables):
    rows = tables["lifecycle"]
    return {
        (row.organization_id, row.field): None if row.value != row.value else row.value
        for row in rows.itertuples()
    }


def account(**more):
    return {
        "id": "vitally-7",
        "externalId": "org-a",
        "name": "Acme",
        "mrr": 512.4,
        "usersCount": 14,
        "csmId": None,
        "segments": [{"id": "s1", "name": "Onboarding Lead"}],
        "traits": {
            "vitally.custom.onboardingPipeline": "1. New Account",
            "vitally.custom.isStartup": False,
            "stripe.subscriptionInterval": "month",
            "vitally.custom.empty": None,
        },
        **more,
    }


def test_every_column_of_an_account_is_a_field_as_the_crm_writes_it(exports):
    folder = exports(
        {
            "accounts.csv": HEADER
            + 'org-a,Acme,1. New Account,"1,234.50",,=teal\n'
            + "org-b,Bolt,3. Onboarding Completed,0,00Q7,\n"
        }
    )

    tables = load(folder, as_of=AS_OF)

    assert crm(tables) == {
        ("org-a", "Onboarding Pipeline"): "1. New Account",
        ("org-a", "MRR"): "1,234.50",
        # Nobody owns it: known, and not the same as unknown.
        ("org-a", "temporary owner"): None,
        ("org-a", "Favourite colour"): "=teal",
        ("org-b", "Onboarding Pipeline"): "3. Onboarding Completed",
        ("org-b", "MRR"): "0",
        ("org-b", "temporary owner"): "00Q7",
    }
    assert list(tables["organizations"]["name"]) == ["Acme", "Bolt"]
    coverage = tables["coverage"].set_index(["organization_id", "subject"])
    assert coverage.loc[("org-b", "lifecycle"), "complete"]


def test_the_crm_s_own_answer_gives_traits_segments_and_roles(exports):
    roles = [
        {"vitallyUser": {"id": "u", "name": "Magda", "email": "m@x.com"}, "keyRole": "Specialist"},
        {"vitallyUser": None, "keyRole": "Nobody"},
    ]
    answer = {"results": [account(keyRoles=roles)], "next": None}
    tables = load(exports({"accounts.json": json.dumps(answer)}), as_of=AS_OF)

    found = {field: value for (_, field), value in crm(tables).items()}
    assert found == {
        "id": "vitally-7",
        "mrr": "512.4",
        "usersCount": "14",
        "csmId": None,
        "segments": '[{"id": "s1", "name": "Onboarding Lead"}]',
        "traits.vitally.custom.onboardingPipeline": "1. New Account",
        "traits.vitally.custom.isStartup": "false",
        "traits.stripe.subscriptionInterval": "month",
        "Specialist": "Magda",
    }
    assert set(tables["lifecycle"]["organization_id"]) == {"org-a"}


def test_one_page_of_several_is_refused(exports):
    answer = {"results": [account()], "next": "c29tZWJhc2U2NA=="}

    with pytest.raises(InputError, match="one page of several"):
        load(exports({"accounts.json": json.dumps(answer)}), as_of=AS_OF)


def test_the_long_form_keeps_when_a_field_was_set(exports):
    folder = exports(
        {
            "fields.csv": "Organization ID,Trait,Value,Updated at\n"
            "org-a,segments,Leads,2026-04-01T10:00:00Z\norg-a,csmId,,\n"
        }
    )

    tables = load(folder, as_of=AS_OF)

    assert crm(tables) == {("org-a", "segments"): "Leads", ("org-a", "csmId"): None}
    assert tables["lifecycle"]["updated_at"][0].isoformat() == "2026-04-01T10:00:00"


def test_an_account_that_stands_twice_is_refused(exports):
    folder = exports({"a.csv": HEADER + "org-a,Acme,x,1,,\norg-a,Acme,y,1,,\n"})

    with pytest.raises(TableError, match=r"a.csv, line 3: the key stands twice \(field='Onboard"):
        load(folder, as_of=AS_OF)


def test_hostile_values_stay_text_and_half_a_character_names_its_cell(exports):
    hostile = '<img src=x onerror=alert(1)>"; DROP TABLE lifecycle; --\x1b[31m\u202e'
    answer = {"results": [account(mrr=hostile, traits={"<script>": {"deep": [1, {"a": None}]}})]}
    found = crm(load(exports({"accounts.json": json.dumps(answer)}), as_of=AS_OF))

    assert found["org-a", "mrr"] == hostile
    assert found["org-a", "traits.<script>"] == '{"deep": [1, {"a": null}]}'
    half = exports({"accounts.json": json.dumps({"results": [account(mrr="\ud83d")]})})
    with pytest.raises(TableError, match=r"accounts.json, row 1, .*half a character"):
        load(half, as_of=AS_OF)


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        ("Organization ID,Email,Level,MRR", "members"),
        ("Organization ID,Product,Forecasted MRR", "forecast_by_product"),
        ("Organization ID,Event,Count,Segments", "key_event_volume"),
        ("Organization ID,ID,Status,Total,CSM", "invoices_export"),
        ("External ID,traits.vitally.custom.onboardingPipeline", "crm_accounts"),
        ("External ID,Favourite colour", None),
        ("Onboarding Pipeline,MRR", None),
    ],
)
def test_only_what_nothing_else_fits_and_a_known_field_marks_is_an_account(
    exports, header, mapping
):
    [seen] = recognise(exports({"x.csv": header + "\n"}))

    assert seen.mapping == mapping


def test_headers_that_mark_an_account_are_fields_that_rules_read():
    [mapping] = [m for m in ready_made() if m.name == "crm_accounts"]
    spelled = {spelling.replace(" ", "") for spelling in fields().spellings}

    assert mapping.telltale - {"traits"} <= spelled
