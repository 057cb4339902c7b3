"""``audit doctor``: what is there, what is not, and what that costs."""

import json

import pytest
from fake_posthog import KEY
from pytest_httpserver import HTTPServer

from audit.cli.doctor import costs

KEYED = {"POSTHOG_PERSONAL_API_KEY": KEY}


def items(result):
    return {item["name"]: item for item in json.loads(result.stdout)["items"]}


def test_without_a_key_no_host_is_asked(audit):
    result = audit("doctor", "--json")

    found = items(result)
    assert result.exit_code == 0
    assert found["key"]["state"] == "missing"
    assert "host" not in found
    assert json.loads(result.stdout)["scopes"] == []


def test_a_good_key_reads_everything_and_is_never_shown(audit, vendor):
    result = audit("doctor", "--host", vendor.url, "--strict", "--json", **KEYED)

    assert result.exit_code == 0, result.output
    assert all(scope["readable"] for scope in json.loads(result.stdout)["scopes"])
    assert items(result)["key"]["what"] == (
        "present, from the environment (POSTHOG_PERSONAL_API_KEY)"
    )
    assert KEY not in result.output


def test_a_missing_scope_names_the_checks_it_costs(audit, vendor):
    vendor.missing_scopes = {"action:read"}

    result = audit("doctor", "--host", vendor.url, "--json", **KEYED)

    lost = [scope for scope in json.loads(result.stdout)["scopes"] if not scope["readable"]]
    assert result.exit_code == 0
    assert [scope["scope"] for scope in lost] == ["action:read"]
    assert "autocapture_unread" in lost[0]["not_evaluated"]
    assert "replay_without_controls" not in lost[0]["not_evaluated"]


def test_a_missing_scope_is_code_3_when_strict(audit, vendor):
    vendor.missing_scopes = {"action:read"}

    result = audit("doctor", "--host", vendor.url, "--strict", **KEYED)

    assert result.exit_code == 3
    said = " ".join(result.stdout.split())
    assert "autocapture_unread" in said.partition("Not evaluated: ")[2].partition(".")[0]


def test_a_refused_key_is_code_4(audit, vendor):
    vendor.key = "phx_another"

    assert audit("doctor", "--host", vendor.url, **KEYED).exit_code == 4


def test_a_project_key_is_code_2(audit):
    result = audit("doctor", "--json", POSTHOG_PERSONAL_API_KEY="phc_0123456789")

    assert result.exit_code == 2
    assert "project key" in items(result)["key"]["what"]


def test_a_host_given_by_hand_is_asked_without_a_key(audit):
    with HTTPServer(host="127.0.0.1") as server:
        server.expect_request("/_health").respond_with_data("ok")
        url = server.url_for("").rstrip("/")
        result = audit("doctor", "--host", url, "--json")

    assert result.exit_code == 0
    assert items(result)["host"]["what"] == f"{url} answers (200)"


def test_a_host_that_does_not_answer_is_code_4_at_once(audit):
    with HTTPServer(host="127.0.0.1") as server:
        gone = server.url_for("").rstrip("/")

    result = audit("doctor", "--host", gone, "--json", **KEYED)

    assert result.exit_code == 4
    assert "no answer from" in items(result)["host"]["what"]


def test_a_broken_store_is_code_2(audit, tmp_path):
    (tmp_path / "audit.duckdb").write_text("not a database")

    result = audit("doctor", "--json")

    assert result.exit_code == 2
    assert items(result)["store"]["state"] == "broken"


def test_a_misspelt_variable_is_pointed_out(audit):
    found = items(audit("doctor", "--json", AUDIT_STROE="x"))

    assert "AUDIT_STROE" in found["environment"]["what"]


@pytest.mark.parametrize(
    ("subject", "lost", "kept"),
    [
        ("activity.people_using_logs", "product_unused (logs)", "autocapture_unread"),
        (
            "activity.people_using_session_replay",
            "product_unused (mobile_replay, session_replay)",
            "autocapture_unread",
        ),
        ("resources.destination", "data_pipelines_unused", "autocapture_unread"),
        ("resources.action", "autocapture_unread", "data_pipelines_unused"),
    ],
)
def test_the_cost_of_a_subject_comes_from_the_fact_files(subject, lost, kept):
    found = costs([subject])

    assert lost in found
    assert kept not in found


def test_what_no_fact_needs_costs_nothing():
    assert costs(["resources.dashboard"]) == []
