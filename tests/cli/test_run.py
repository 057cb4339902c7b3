"""``audit run``, with the real notebook, in a process of its own."""

import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from test_process import audit as shell

ORGANIZATION = "Rowan Labs Oy"


@pytest.mark.slow
def test_run_writes_the_report_and_says_where(sample_store, tmp_path):
    done = shell(
        "run", ORGANIZATION, "--store", sample_store, "--fail-on", "needs_action", cwd=tmp_path
    )

    assert done.returncode == 1, done.stderr
    page = tmp_path / done.stdout.splitlines()[-1]
    assert page.name == "audit.html"
    assert page.is_file()
    found = json.loads((page.parent / "findings.json").read_text("utf-8"))
    assert f"joint saving ${found['joint_saving']} a billing month (estimate)" in done.stdout


@pytest.mark.slow
def test_run_makes_a_report_of_an_account_file(sample_store, tmp_path):
    from audit.store import Store

    with Store.open(sample_store) as store:
        store.account(ORGANIZATION).save(tmp_path / "account.zip")

    done = shell("run", "--account", "account.zip", "--out", "here", "--json", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / json.loads(done.stdout)["html"]).is_file()


@pytest.mark.slow
def test_own_thresholds_reach_the_report(sample_store, tmp_path):
    (tmp_path / "audit.toml").write_text("[thresholds.flag_polling_dominates]\npolling_percent=100")
    organization = ("run", ORGANIZATION, "--store", sample_store, "--json")

    done = shell(*organization, cwd=tmp_path)

    found = json.loads((tmp_path / json.loads(done.stdout)["findings"]).read_text("utf-8"))
    assert "flag_polling_dominates" not in [one["check"] for one in found["findings"]]
    assert found["findings"]


def test_run_wants_an_organization(audit):
    result = audit("run")

    assert result.exit_code == 2
    assert "Name an organization" in result.stderr


def test_own_assumptions_of_the_roi_reach_the_report(audit, sample_store, tmp_path):
    (tmp_path / "ours.toml").write_text("engineer_hour_usd = 61.5\n")
    found = audit(
        *("run", "Marigold & Daughters", "--store", sample_store, "--out", str(tmp_path / "out")),
        *("--assumptions", str(tmp_path / "ours.toml")),
    )

    assert found.exit_code == 0, found.output
    page = next((tmp_path / "out").glob("*/*/audit.html")).read_text("utf-8")
    assert "61.5" in page


def test_assumptions_that_cannot_be_stop_the_run_before_anything_is_written(
    audit, sample_store, tmp_path
):
    (tmp_path / "ours.toml").write_text("engineer_hours_usd = 61\n")
    found = audit(
        *("run", "Marigold & Daughters", "--store", sample_store, "--out", str(tmp_path / "out")),
        *("--assumptions", str(tmp_path / "ours.toml")),
    )

    assert found.exit_code == 2
    assert "engineer_hour_usd" in found.stderr
    assert not list(tmp_path.glob("out/*/*"))
