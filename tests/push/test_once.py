"""At most one note, task, trait or message for a key, whatever breaks and however often it is
tried; and the ledger never says that something is there which is not."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import stamina
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from audit.errors import InputError
from audit.ledger.writes import Stood, Writes
from audit.push import Change, SlackSink, VitallySink, apply
from audit.push.apply import AT_WORK, confirmation
from audit.push.change import key_of
from audit.sources.systems.connecting import bearer, connect
from audit.sources.systems.vitally import connected
from audit.testing import Answer, FakeSlack, FakeVitally, drops
from audit.web.key import Key
from audit.web.keys import WRITE
from audit.web.systems import Vitally

ORGANIZATION = "acme"
CHANNEL = "C0123456789"
START = datetime(2026, 11, 1, 12, tzinfo=UTC)


def change(action, run="2026-11-01", text="Words"):
    payload = {
        "note": {"subject": "S", "note": f"<p>{text}</p>", "noteDate": "2026-11-01T00:00:00Z"},
        "task": {"name": text, "description": "", "dueDate": "2026-11-20"},
        "trait": {"trait": "vitally.custom.stage", "value": text},
        "message": {"text": text},
    }[action]
    system = "slack" if action == "message" else "vitally"
    key = key_of(ORGANIZATION, run, f"{system} {action}")
    return Change(system, action, ORGANIZATION, action, payload, text, key)


def half_done(_, right):
    """Slack: posted, and then an error of which nobody knows how far it came."""
    right()
    return Answer({"ok": False, "error": "fatal_error"})


class Systems:
    """Both fakes with their sinks, a ledger in a file, and a clock that is set by hand."""

    def __init__(self, folder):
        self.vitally = FakeVitally(key="w").__enter__()
        self.slack = FakeSlack(key="xoxb-w", channels=(CHANNEL,), limits=()).__enter__()
        self.vitally.limits = ()
        self.vitally.add_account(ORGANIZATION, "Acme")
        self.ledger = Writes.at(folder / "ledger.sqlite")
        self.now = START
        self.open = []

    def sinks(self):
        key = Key("xoxb-w")
        vitally = connected(Vitally(url=self.vitally.url), Key("w"))
        slack = connect("slack", self.slack.url, WRITE["slack"], key, bearer(key))
        self.open += [vitally, slack]
        return {"vitally": VitallySink(vitally), "slack": SlackSink(slack, CHANNEL)}

    def apply(self, *plan, by="Ada"):
        try:
            return apply(
                plan, confirmation(plan), self.ledger, self.sinks(), by=by, now=lambda: self.now
            )
        finally:
            while self.open:
                self.open.pop().http.close()

    def made(self, wanted):
        """How often a change is there."""
        if wanted.action == "message":
            posted = self.slack.channels[CHANNEL]
            return sum(m["metadata"]["event_payload"]["key"] == wanted.key for m in posted)
        if wanted.action == "trait":
            (account,) = self.vitally.lists["accounts"].values()
            return int(account["traits"].get("vitally.custom.stage") == wanted.payload["value"])
        items = self.vitally.of(f"{wanted.action}s", ORGANIZATION)
        return sum(item.get("externalId") == wanted.key for item in items)

    def close(self):
        self.vitally.__exit__(None, None, None)
        self.slack.__exit__(None, None, None)


@pytest.fixture
def systems(tmp_path):
    made = Systems(tmp_path)
    yield made
    made.close()


class Killed(BaseException):
    """The process ends here."""


class DyingLedger(Writes):
    """A ledger whose process is killed at one of its steps; what was committed before stays."""

    def __init__(self, of, die):
        super().__init__(of.address, of.steps)
        self.die = die

    def claim(self, key, **given):
        if self.die == "before claiming":
            raise Killed
        found = super().claim(key, **given)
        if self.die == "after claiming":
            raise Killed
        return found

    def done(self, *given):
        if self.die == "after sending":
            raise Killed
        super().done(*given)
        if self.die == "after all":
            raise Killed


DEATHS = ["before claiming", "after claiming", "after sending", "after all"]
ACTIONS = ["note", "task", "trait", "message"]


@settings(
    max_examples=30,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
class Writing(RuleBasedStateMachine):
    """Any sequence of plans, applications, deaths, faults and waits."""

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.waits = stamina.set_testing(True, attempts=5, cap=True)
        self.waits.__enter__()
        self.systems = Systems(Path(self.folder.name))
        self.known = {}

    @rule(action=st.sampled_from(ACTIONS), run=st.sampled_from(["a", "b"]))
    def try_it(self, action, run):
        wanted = change(action, run, text=run)
        self.known[wanted.key] = wanted
        (done,) = self.systems.apply(wanted)
        if done.state in ("written", "already there") and action != "trait":
            assert self.systems.made(wanted) == 1

    @rule(
        action=st.sampled_from(ACTIONS),
        run=st.sampled_from(["a", "b"]),
        die=st.sampled_from(DEATHS),
    )
    def die(self, action, run, die):
        wanted = change(action, run, text=run)
        self.known[wanted.key] = wanted
        alive = self.systems.ledger
        self.systems.ledger = DyingLedger(alive, die)
        try:
            self.systems.apply(wanted)
        except Killed:
            pass
        finally:
            self.systems.ledger = alive

    @rule(
        system=st.sampled_from(["vitally", "slack"]),
        fault=st.sampled_from(
            [
                drops,
                half_done,
                Answer(drops=True),
                Answer({"error": "x"}, 500),
                Answer({"error": "x"}, 429, {"Retry-After": "1"}),
                Answer({"error": "x"}, 400),
                Answer(raw=b'{"id": "1'),
                Answer({"ok": False, "error": "fatal_error"}),
                Answer({"ok": False, "error": "ratelimited"}, 429),
            ]
        ),
        times=st.integers(1, 6),
        method=st.sampled_from(["POST", "PUT", "GET", ""]),
    )
    def break_it(self, system, fault, times, method):
        getattr(self.systems, system).fail("", *[fault] * times, method=method)

    @rule()
    def well_again(self):
        for fake in (self.systems.vitally, self.systems.slack):
            fake.well()

    @rule(minutes=st.sampled_from([1, 3, 6, 600, -600]))
    def wait(self, minutes):
        self.systems.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.known)
    @rule()
    def in_the_end_all_is_there(self):
        self.well_again()
        self.systems.now = max(self.systems.now, START) + timedelta(days=1)
        for wanted in self.known.values():
            states = [self.systems.apply(wanted)[0].state]
            assert states[0] in ("written", "already there")
            if wanted.action != "trait":
                assert self.systems.made(wanted) == 1

    @invariant()
    def nothing_is_there_twice(self):
        for wanted in getattr(self, "known", {}).values():
            assert self.systems.made(wanted) <= 1

    def teardown(self):
        if hasattr(self, "systems"):
            self.systems.close()
            self.waits.__exit__(None, None, None)
            self.folder.cleanup()


TestWriting = pytest.mark.slow(Writing.TestCase)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_change_is_written_once_and_then_there(systems, action):
    wanted = change(action)

    states = [systems.apply(wanted)[0].state for _ in range(3)]

    assert states == ["written", "already there", "already there"]
    assert systems.made(wanted) == 1


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("die", DEATHS)
def test_a_death_at_any_point_leaves_one_change_after_the_next_try(systems, action, die):
    wanted, alive = change(action), systems.ledger
    systems.ledger = DyingLedger(alive, die)
    with pytest.raises(Killed):
        systems.apply(wanted)
    systems.ledger = alive
    systems.now += AT_WORK + timedelta(seconds=1)

    (done,) = systems.apply(wanted)

    assert done.state in ("written", "already there")
    assert systems.made(wanted) == 1


@pytest.mark.parametrize("lost", [drops, half_done])
def test_a_message_whose_answer_was_lost_is_looked_for_and_not_sent_again(systems, lost):
    wanted = change("message")
    systems.slack.fail("chat.postMessage", lost)

    (first,) = systems.apply(wanted)
    (young,) = systems.apply(wanted)
    systems.now += AT_WORK
    (found,) = systems.apply(wanted)

    assert [first.state, young.state, found.state] == ["open", "at work", "already there"]
    assert systems.made(wanted) == 1
    posts = [a for a in systems.slack.asked if a.path == "/api/chat.postMessage"]
    assert len(posts) == 1


def test_a_note_whose_answer_was_lost_is_sent_again_under_its_key(systems):
    wanted = change("note")
    systems.vitally.fail("/resources/notes", drops)

    (done,) = systems.apply(wanted)

    assert done.state == "written"
    assert systems.made(wanted) == 1


def test_what_was_refused_may_be_tried_again(systems):
    wanted = change("message")
    systems.slack.fail("chat", Answer({"ok": False, "error": "not_in_channel"}))

    (refused,) = systems.apply(wanted)
    (written,) = systems.apply(wanted)

    assert refused.state == "refused"
    assert "not_in_channel" in refused.why
    assert written.state == "written"


def test_another_text_under_the_same_key_is_not_written_and_said(systems):
    systems.apply(change("note", text="one"))

    (done,) = systems.apply(change("note", text="two"))

    assert done.state == "already there"
    assert "another text" in done.why
    (note,) = systems.vitally.of("notes", ORGANIZATION)
    assert note["note"] == "<p>one</p>"


@pytest.mark.parametrize("confirm", ["", "yes", "2 changes", "1 changes", "1"])
def test_without_the_exact_confirmation_nothing_leaves(systems, confirm):
    with pytest.raises(InputError, match="1 change"):
        apply(
            [change("note")],
            confirm,
            systems.ledger,
            {},
            by="Ada",
            now=lambda: START,
        )
    assert systems.vitally.asked == []
    assert systems.ledger.address.file is not None
    assert not systems.ledger.address.file.exists()


def test_an_account_that_vitally_does_not_know_is_refused_before_a_write(systems):
    wanted = change("note")
    stranger = Change(
        wanted.system, "note", "nobody", "note", wanted.payload, "", key_of("nobody", "a", "note")
    )

    (done,) = systems.apply(stranger)

    assert done.state == "refused"
    assert systems.vitally.writes == []


def test_who_slept_after_claiming_does_not_send(systems):
    wanted = change("message")
    times = iter([START, START + timedelta(minutes=3), START + timedelta(minutes=3)])
    sinks = systems.sinks()

    (done,) = apply(
        [wanted], confirmation([wanted]), systems.ledger, sinks, by="Ada", now=lambda: next(times)
    )
    for one in systems.open:
        one.http.close()

    assert done.state == "open"
    assert systems.slack.asked == []


def test_a_clock_that_runs_ahead_sends_nothing_twice(systems):
    wanted = change("message")
    systems.slack.fail("chat.postMessage", drops)
    systems.now += timedelta(hours=3)
    systems.apply(wanted)
    systems.now -= timedelta(hours=3)

    (done,) = systems.apply(wanted)

    assert done.state in ("at work", "already there")
    assert systems.made(wanted) == 1


def test_the_ledger_tells_each_step(systems):
    wanted = change("note")
    claim = {
        "organization_id": ORGANIZATION,
        "system": "vitally",
        "action": "note",
        "target": "note",
        "request_hash": wanted.request_hash,
        "by": "Ada",
        "at": START,
    }

    first = systems.ledger.claim(wanted.key, **claim)
    second = systems.ledger.claim(wanted.key, **{**claim, "by": "Bob"})
    systems.ledger.absent(wanted.key, first.attempt, "Ada", START)
    third = systems.ledger.claim(wanted.key, **claim)
    systems.ledger.done(wanted.key, third.attempt, "n1", "Ada", START)
    last = systems.ledger.claim(wanted.key, **claim)

    assert [c.stood for c in (first, second, third, last)] == [
        *(Stood.CLAIMED, Stood.PENDING, Stood.CLAIMED, Stood.DONE)
    ]
    assert second.by == "Ada"
    assert third.attempt == 2
    assert last.response_id == "n1"
