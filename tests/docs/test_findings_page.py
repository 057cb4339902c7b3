"""docs/findings.md, the JSON Schema and real documents say the same."""

import copy
import json
import re
from dataclasses import replace
from datetime import timedelta
from importlib import resources

import jsonschema
import pytest

from audit.account import Account
from audit.docs import FOLDER
from audit.findings.document import SCHEMA, document
from audit.findings.examine import examine
from audit.ledger import suppression
from audit.sources.sample import portfolio

ORGANIZATIONS = 2


@pytest.fixture(scope="module")
def documents():
    sample = portfolio()
    tables = sample.tables
    whole = tables["organizations"]["organization_id"].head(ORGANIZATIONS)
    chosen = [*whole, sample.missing["organization_id"].iloc[0]]
    accounts = [Account.from_tables(one, tables) for one in chosen]
    first = examine(accounts[0])
    decided = suppression(
        check=first.findings[0].check,
        organization_id=first.organization_id,
        reason="known",
        owner="Ada",
        on=first.as_of,
        until=first.as_of,
        up_to_usd="0.01",
    )
    accepted = examine(accounts[0], suppressions=[replace(decided, id=1)])
    # Weeks after the billing period of the data: what follows has to be assumed, and is said.
    later = examine(accounts[1], as_of=first.as_of + timedelta(days=45))
    return [document(one) for one in [accepted, *map(examine, accounts[1:]), later]]


@pytest.fixture(scope="module")
def schema():
    return json.loads((resources.files("audit.findings") / "schema.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def documented():
    page = (FOLDER / "findings.md").read_text("utf-8")
    return re.findall(r"^\| `([^`]+)` \|", page, flags=re.MULTILINE)


RANGE = {"mean", "p50", "p10", "p90", "p025", "p975"}


def paths(value, path=""):
    """Every key down to plain values; thresholds are named by their check, so they are ``*``, and
    so are the six numbers of a range."""
    if isinstance(value, dict) and set(value) == RANGE:
        yield f"{path}.*"
    elif isinstance(value, dict):
        for key, inner in value.items():
            name = "*" if path.endswith("thresholds") else key
            yield from paths(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and path != "checks_run":
        for inner in value:
            yield from paths(inner, f"{path}[]")
    else:
        yield path


def schema_paths(part, schema, path=""):
    if "$ref" in part and part["$ref"].endswith("range"):
        yield f"{path}.*"
        return
    if "anyOf" in part and part["anyOf"][0].get("$ref", "").endswith("range"):
        yield f"{path}.*"
        return
    if "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    if "properties" in part:
        for key, inner in part["properties"].items():
            yield from schema_paths(inner, schema, f"{path}.{key}" if path else key)
    elif part.get("type") == "array" and path != "checks_run":
        yield from schema_paths(part["items"], schema, f"{path}[]")
    elif part.get("type") == "object":
        yield f"{path}.*"
    else:
        yield path


def test_every_key_of_a_real_document_is_documented_and_the_other_way_round(documents, documented):
    real = {path for one in documents for path in paths(one)}
    # A part that is null in one document stands with its keys in another.
    real = {path for path in real if not any(other.startswith(f"{path}.") for other in real)}

    assert sorted(real) == sorted(documented)


def test_every_key_of_the_schema_is_documented_and_the_other_way_round(schema, documented):
    assert sorted(schema_paths(schema, schema)) == sorted(documented)


def test_real_documents_pass_the_schema(documents, schema):
    jsonschema.Draft202012Validator.check_schema(schema)

    for one in documents:
        jsonschema.validate(one, schema, cls=jsonschema.Draft202012Validator)


def test_page_schema_and_code_name_the_same_version(schema):
    page = (FOLDER / "findings.md").read_text("utf-8")

    assert schema["$id"] == schema["properties"]["schema"]["const"] == SCHEMA
    assert f"`{SCHEMA}`" in page


def broken(one, *path, value=...):
    """A copy with one value changed, or its key gone."""
    changed = copy.deepcopy(one)
    at = changed
    for step in path[:-1]:
        at = at[step]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["schema"], "account-audit/findings/2"),
        (["joint_saving"], 12.5),
        (["joint_saving"], None),
        (["joint_saving"], "12.5"),
        (["suppressed_saving"], None),
        (["suppressions", 0, "owner"], ""),
        (["suppressions", 0, "until"], None),
        (["suppressions", 0, "state"], "lifted"),
        (["findings", 0, "reopened"], "because"),
        (["findings", 0, "suppressed"], None),
        (["bill", "total"], ...),
        (["bill", "extra"], 1),
        (["findings", 0, "severity"], "red"),
        (["findings", 0, "saving", "alone"], None),
        (["findings", 0, "evidence", 0, "data_sha256"], "0"),
        (["period", "days"], 0),
        (["as_of"], "1 November 2026"),
    ],
)
def test_the_schema_refuses_what_the_page_rules_out(documents, schema, path, value):
    wrong = broken(documents[0], *path, value=value)

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema, cls=jsonschema.Draft202012Validator)
