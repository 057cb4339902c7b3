"""``audit pull --portfolio`` and ``--systems``, and ``audit push``, as a user types them."""

import json
from datetime import date

import pytest
import stamina

from audit.testing import Answer, FakeSystems, drops

AS_OF = date(2026, 11, 1)
DAY = "2026-11-01"
NAME = "Marigold & Daughters"


@pytest.fixture(autouse=True)
def without_waits():
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


@pytest.fixture(scope="module")
def running(tables):
    with FakeSystems(tables, AS_OF) as systems:
        yield systems


@pytest.fixture
def fakes(running, tmp_path):
    for fake in running.all:
        fake.well()
    running.write(tmp_path)
    return running


@pytest.fixture
def typed(audit, fakes):
    """Run the command with all keys in the environment."""

    def run(*arguments, **environment):
        result = audit(*arguments, **{**fakes.keys, **environment})
        shown = result.output
        assert not any(key in shown for key in fakes.keys.values())
        return result

    return run


def test_one_command_pulls_a_portfolio_from_all_systems(typed, fakes, tmp_path):
    result = typed("pull", "--portfolio", "--as-of", DAY)

    assert result.exit_code == 0, result.output
    assert "12 organizations" in result.stdout
    for name in ("warehouse", "vitally", "metabase", "stripe", "zendesk", "calendly"):
        assert name in result.stderr
    assert not (tmp_path / "audit.duckdb.pulling").exists()
    assert fakes.vitally.writes == fakes.zendesk.writes == fakes.calendly.writes == []


def test_the_queue_reflects_the_words_of_the_crm(typed, fakes, tables):
    typed("pull", "--portfolio", "--as-of", DAY)
    rows = json.loads(typed("queue", "--all", "--json").stdout)["rows"]

    words = tables["lifecycle"]
    stage = dict(
        words[words["field"] == "onboarding_pipeline"][["organization_id", "value"]].to_numpy()
    )
    shown = {row["organization_id"]: row["stage_word"] for row in rows}
    assert {one: word for one, word in shown.items() if word} == stage

    account = next(a for a in fakes.vitally.lists["accounts"].values() if a["name"] == NAME)
    before = dict(account["traits"])
    account["traits"]["vitally.custom.onboardingPipeline"] = "6c. Sales Handoff"
    account["updatedAt"] = "2026-11-01T09:00:00.000Z"
    try:
        typed("pull", "--portfolio", "--as-of", DAY)
        rows = json.loads(typed("queue", "--all", "--json").stdout)["rows"]
    finally:
        account["traits"] = before
    (mine,) = [row for row in rows if row["name"] == NAME]
    assert mine["stage_word"] == "6c. Sales Handoff"
    assert mine["state"] == "held"


def test_a_system_that_fails_is_named_and_the_rest_is_there(typed, fakes, tmp_path):
    typed("pull", "--portfolio", "--as-of", DAY)
    fakes.zendesk.fail("/search", *[Answer({"error": "down"}, 500)] * 5)
    result = typed("pull", "--portfolio", "--as-of", DAY)

    assert result.exit_code == 4
    assert "Not read: zendesk." in result.stderr
    assert "What it said before stays" in result.stderr
    assert "stamina" not in result.output
    assert (tmp_path / "audit.duckdb.pulling").exists()
    again = typed("pull", "--portfolio", "--as-of", DAY)
    assert again.exit_code == 0
    assert not (tmp_path / "audit.duckdb.pulling").exists()


def test_one_organization_by_name_after_the_portfolio(typed, fakes):
    typed("pull", "--portfolio", "--as-of", DAY)
    for fake in fakes.all:
        fake.well()
    result = typed("pull", NAME, "--systems", "--as-of", DAY, "--json")

    assert result.exit_code == 0, result.output
    assert len(json.loads(result.stdout)["organizations"]) == 1
    assert any("/dashboard/139/" in one.path for one in fakes.metabase.asked)
    assert {one.query["customer"] for one in fakes.stripe.asked if "customer" in one.query}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--portfolio", "acme"), "or none with --portfolio"),
        (("--systems",), "Name one organization with --systems"),
        (("--portfolio", "--current"), "--current and --host"),
        (("--portfolio", "--host", "eu"), "--current and --host"),
    ],
)
def test_what_does_not_go_together_is_said(typed, arguments, said):
    result = typed("pull", *arguments)

    assert result.exit_code == 2
    assert said in result.stderr


def test_without_a_section_or_a_key_it_says_what_to_do(audit, fakes, tmp_path):
    assert (
        "VITALLY_API_KEY" in audit("pull", "--portfolio", POSTHOG_PERSONAL_API_KEY="phx_x").stderr
    )
    (tmp_path / "audit.toml").unlink()
    result = audit("pull", "--portfolio")
    assert result.exit_code == 2
    assert "[systems.vitally]" in result.stderr


def test_a_key_in_the_settings_is_refused_without_being_shown(audit, tmp_path):
    (tmp_path / "audit.toml").write_text('[systems.vitally]\napi_key = "sk_live_secret"\n')
    result = audit("pull", "--portfolio")

    assert result.exit_code == 2
    assert "keys are not settings" in result.stderr
    assert "secret" not in result.output


def test_a_push_shows_and_writes_nothing(typed, fakes, tmp_path):
    typed("pull", "--portfolio", "--as-of", DAY)
    for fake in fakes.all:
        fake.well()
    result = typed("push", NAME, "--note", "--task", "2026-11-20", "--message")

    assert result.exit_code == 0, result.output
    assert 'Nothing was written. To write it: --apply --by NAME --confirm "3 changes".' in (
        result.stdout
    )
    assert all(fake.asked == [] for fake in fakes.all)
    assert not (tmp_path / "audit-ledger.sqlite").exists()


def test_a_note_and_a_task_appear_once(typed, fakes, tables):
    typed("pull", "--portfolio", "--as-of", DAY)
    push = ("push", NAME, "--note", "--task", "2026-11-20", "--apply", "--by", "Ada")
    first = typed(*push, "--confirm", "2 changes")
    second = typed(*push, "--confirm", "2 changes")

    assert first.exit_code == second.exit_code == 0, first.output
    assert first.stdout.count("written.") == 2
    assert second.stdout.count("already there.") == 2
    organization = tables["organizations"].set_index("name").loc[NAME, "organization_id"]
    for kind in ("notes", "tasks"):
        ours = [i for i in fakes.vitally.of(kind, organization) if i.get("externalId")]
        assert len(ours) == 1
        assert ours[0]["externalId"].startswith("audit:")
    exported = json.loads(typed("ledger", "export").stdout)["tables"]
    assert [row["state"] for row in exported["write_states"]] == ["pending", "done"] * 2
    assert {row["planned_by"] for row in exported["writes"]} == {"Ada"}


def test_a_wrong_count_writes_nothing(typed, fakes):
    typed("pull", "--portfolio", "--as-of", DAY)
    result = typed("push", NAME, "--note", "--apply", "--by", "Ada", "--confirm", "2 changes")

    assert result.exit_code == 2
    assert "1 change" in result.stderr
    assert fakes.vitally.writes == []


def test_a_change_that_may_have_been_made_is_said_so(typed, fakes):
    typed("pull", "--portfolio", "--as-of", DAY)
    fakes.slack.fail("chat.postMessage", drops)
    push = ("push", NAME, "--message", "--apply", "--by", "Ada", "--confirm", "1 change")
    result = typed(*push)

    assert result.exit_code == 4
    assert "open" in result.stdout
    assert len(fakes.slack.channels["C0123456789"]) == 1
    fakes.slack.channels["C0123456789"].clear()


def test_the_key_for_reading_does_not_write(typed, fakes):
    typed("pull", "--portfolio", "--as-of", DAY)
    push = ("push", NAME, "--note", "--remark", "other", "--apply", "--by", "Ada")
    result = typed(
        *push, "--confirm", "1 change", VITALLY_WRITE_KEY=fakes.vitally.key, AUDIT_LEDGER="x.sqlite"
    )

    assert result.exit_code == 4
    assert "refused" in result.stdout


def test_doctor_says_which_keys_of_which_systems_are_there(typed):
    result = typed("doctor", VITALLY_WRITE_KEY="", STRIPE_RESTRICTED_KEY="sk_live_1")

    lines = {line.split("  ")[0].strip(): line for line in result.stdout.splitlines()}
    assert "key present (VITALLY_API_KEY)" in lines["vitally, read"]
    assert "missing" in lines["vitally, write"]
    assert "missing" in lines["stripe, read"]
    assert "sk_live_1" not in result.output
    assert "key present (SLACK_BOT_TOKEN)" in lines["slack, write"]
