"""A customer's folder, searched byte by byte for what only the team may know."""

import base64
import gzip
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

import audit
from audit.account import Account
from audit.checks import Audience, load_checks
from audit.ledger import suppression
from audit.run import run

SECRETS = (
    "Olga Insider",
    "gut feeling they churn",
    "health red",
    "they never listen",
    "acct-exec-77",
)
OTHER = "Other Customer Ltd"


@pytest.fixture(scope="module")
def planted(sample):
    """The sample account with a secret in every field that the team fills in."""
    frames = dict(sample.frames)
    moment = pd.Timestamp("2026-10-30")
    fields = ["csm_sentiment", "payment_risk", "notes", "onboarding_specialist", "segments"]
    rows = [
        {"field": field, "value": f"{secret}; {OTHER}", "updated_at": moment}
        for field, secret in zip(fields, SECRETS, strict=True)
    ]
    old = frames["lifecycle"]
    frames["lifecycle"] = old[~old["field"].isin(fields)]
    more = pd.DataFrame(rows).assign(organization_id=sample.organization_id)
    frames["lifecycle"] = pd.concat([frames["lifecycle"], more], ignore_index=True)
    frames["organizations"] = frames["organizations"].assign(account_owner=SECRETS[0])
    return Account.from_tables(sample.organization_id, frames)


@pytest.fixture(scope="module")
def folder(planted, tmp_path_factory):
    """For the customer, compared with a report that was for the team."""

    out = tmp_path_factory.mktemp("customer")
    run(account=planted, out=out, as_of=planted.as_of - timedelta(days=7), audience="team")
    decided = [
        replace(
            suppression(
                check=check,
                organization_id=planted.organization_id,
                reason=SECRETS[3],
                owner=SECRETS[0],
                on=planted.as_of,
                until=planted.as_of + timedelta(days=90),
            ),
            id=number,
        )
        for number, check in enumerate(("autocapture_unread", "outreach_due"), 1)
    ]
    return run(account=planted, out=out, suppressions=decided).folder


def texts(name, content):
    """Every text in a file, also in archives and packed parts of a page."""
    yield name, content
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                yield from texts(f"{name}/{inner}", archive.read(inner))
    if name.endswith(".html"):
        for packed in re.findall(rb'type="application/gzip" id="data">([^<]+)<', content):
            yield f"{name}/data", gzip.decompress(base64.b64decode(packed))
    if name.endswith((".json", ".ipynb")):
        yield f"{name} decoded", json.dumps(json.loads(content), ensure_ascii=False).encode()


@pytest.mark.slow
def test_nothing_of_the_teams_is_in_any_file_of_a_customers_folder(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    found = [
        (name, secret)
        for path in files
        for name, content in texts(path.relative_to(folder).as_posix(), path.read_bytes())
        for secret in (*SECRETS, OTHER)
        if secret.encode() in content
    ]

    assert {path.name for path in files} >= {"audit.html", "audit.ipynb", "account.zip"}
    assert (folder / "previous" / "account.zip").is_file()
    assert found == []


@pytest.mark.slow
def test_no_check_for_the_team_is_named_in_a_customers_findings(folder):
    document = json.loads((folder / "findings.json").read_text())
    team = {name for name, one in load_checks().items() if one.audience is Audience.TEAM}

    named = {one["check"] for key in ("findings", "not_evaluated") for one in document[key]}
    assert not named & team
    assert not set(document["checks_run"]) & team
    assert team


@pytest.mark.slow
def test_a_customers_account_file_gives_the_customers_findings_again(folder, planted):
    saved = Account.load(folder / "account.zip")

    assert saved["lifecycle"].empty
    assert audit.document(audit.examine(saved)) == audit.document(audit.examine(planted))
