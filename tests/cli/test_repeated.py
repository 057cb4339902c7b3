"""An account file repeats the audit it was kept beside."""

import json

import pytest

from audit import examine, load_account, write
from audit.findings.document import to_json


@pytest.mark.slow
def test_findings_of_an_account_file_are_those_of_its_report(audit, sample_store, tmp_path):
    asked = {"lookback_days": 14, "policy": "2026-11", "as_of": "2026-10-25"}
    reported = examine(load_account("Marigold & Daughters", store=sample_store), **asked)
    write(reported, tmp_path)

    result = audit("findings", "--account", str(tmp_path / "account.zip"), "--json")

    assert json.loads(result.stdout) == json.loads(to_json(reported))
