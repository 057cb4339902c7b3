"""The process that answers about one account: who leaves early costs nobody their answer."""

import asyncio
import json
import shutil
import time
from contextlib import aclosing, closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from audit.dashboard import agenda, audits
from audit.dashboard.audits import AccountDesk
from audit.dashboard.kept import Kept
from audit.dashboard.limits import Limits
from audit.dashboard.process import AccountProcess
from audit.dashboard.serving import WARM
from audit.dashboard.state import TABS
from audit.dashboard.worker import Subject, about
from audit.engine.environment import environment
from audit.engine.zygote import Zygote
from audit.errors import InputError

LONG_SECONDS = 5.0


@pytest.fixture
def subject(store, board):
    return Subject(str(store), board.rows[0]["organization_id"], "2025-06", audience="team")


@pytest.fixture(scope="module")
def zygote():
    made = Zygote(environment(), WARM)
    yield made
    made.close()


@pytest.fixture
def long_moments(monkeypatch):
    """A page takes long to be made and to be painted, so that a busy machine misses neither."""
    for module in (agenda, audits):
        monkeypatch.setattr(module, "ARRIVAL_SECONDS", LONG_SECONDS)
        monkeypatch.setattr(module, "PAINTING_SECONDS", LONG_SECONDS)


async def whole(desk, subject, question):
    async with aclosing(desk.answered(subject, question)) as said:
        return [json.loads(line) async for line in said]


async def given_up(desk, subject, question, after):
    task = asyncio.ensure_future(whole(desk, subject, question))
    await asyncio.sleep(after)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.slow
def test_a_question_after_one_that_was_given_up_is_answered_by_the_same_process(zygote, subject):
    async def run():
        with closing(AccountDesk(zygote, Limits())) as desk:
            # The account is still being audited when its visitor goes to another tab.
            await given_up(desk, subject, about("overview"), 0.2)
            process = next(iter(desk._processes.values()))
            said = await whole(desk, subject, about("findings"))
            assert next(iter(desk._processes.values())) is process
            return said

    said = asyncio.run(run())

    assert not [message for message in said if "problem" in message]
    assert "findings" in {message.get("part") for message in said}


class Counting(AccountProcess):
    """Keeps what reached the process."""

    def __init__(self, *given):
        super().__init__(*given)
        self.reached = []

    async def _asked(self, question, said):
        self.reached.append(question["ask"])
        return await super()._asked(question, said)


async def heard(process, question):
    async with aclosing(process.ask(question)) as said:
        return [message async for message in said]


@pytest.mark.slow
def test_many_that_were_given_up_while_waiting_are_never_asked(zygote, subject):
    async def run():
        with closing(Counting(zygote, subject, Limits())) as process:
            first = asyncio.ensure_future(heard(process, about("overview")))
            await asyncio.sleep(0.1)
            waiting = [
                asyncio.ensure_future(heard(process, {"ask": "outcome", "first": {"growth": n}}))
                for n in range(5)
            ]
            await asyncio.sleep(0)
            for one in waiting:
                one.cancel()
            last = await heard(process, about("team"))
            return await first, process.reached, last

    first, reached, last = asyncio.run(run())

    assert reached == ["account", "account"]
    assert {message.get("part") for message in first} >= {"title", "recommendations"}
    assert "team" in {message.get("part") for message in last}


def accounts_of(board, store, count):
    return {
        row["organization_id"]: Subject(str(store), row["organization_id"], "2025-06")
        for row in board.rows[:count]
    }


class Watched(AccountDesk):
    """Keeps for which accounts a process was begun."""

    def __init__(self, zygote, subjects, **limits):
        super().__init__(zygote, Limits(**limits), subjects.__getitem__)
        self.begun = []

    def _process(self, subject, *, ahead=False):
        before = dict(self._processes)
        process = super()._process(subject, ahead=ahead)
        if process not in before.values():
            self.begun.append((subject.organization_id, ahead))
        return process


async def until(condition, seconds=60):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def alive(desk):
    return [key for key, one in desk._processes.items() if not one.is_over]


@pytest.mark.slow
def test_what_is_expected_is_answered_from_what_was_audited_ahead(zygote, board, store):
    subjects = accounts_of(board, store, 2)
    first, second = subjects

    async def run():
        desk, other = Watched(zygote, subjects), AccountDesk(zygote, Limits())
        try:
            desk.expect([first, second])
            await until(lambda: desk._auditing.done())
            ahead = list(desk.begun)
            said = [await whole(desk, subjects[one], about("bill")) for one in (first, second)]
            return ahead, desk.begun, said, await whole(other, subjects[first], about("bill"))
        finally:
            desk.close()
            other.close()

    ahead, begun, said, alone = asyncio.run(run())

    assert ahead == begun == [(first, True), (second, True)]
    assert said[0] == alone
    assert said[1] != said[0]


@pytest.mark.slow
def test_what_is_audited_ahead_takes_no_visitors_process(zygote, board, store):
    subjects = accounts_of(board, store, 4)
    mine, *others = subjects

    async def run():
        with closing(Watched(zygote, subjects, accounts=1)) as desk:
            scenarios = {"ask": "scenarios", "first": {}, "second": {}}
            await whole(desk, subjects[mine], scenarios)
            process = desk._processes[subjects[mine].key()]
            desk.expect(others)
            await until(lambda: desk._auditing.done())
            assert desk._processes[subjects[mine].key()] is process
            assert not process.is_over
            kept = len(alive(desk))
            # One that was audited ahead and is asked now becomes a visitor's, in the place of mine.
            await whole(desk, subjects[others[-1]], scenarios)
            return kept, alive(desk), [one for one, ahead in desk.begun if not ahead]

    kept, left, begun = asyncio.run(run())

    assert kept == 2
    assert left == [subjects[others[-1]].key()]
    assert begun == [mine]


class Ordered(Watched):
    """Keeps when which question reached a process and when it was answered."""

    def __init__(self, *given, **limits):
        super().__init__(*given, **limits)
        self.events = []

    async def _asked(self, process, key, question):
        about = (process._subject.organization_id, question["tab"])
        self.events.append(("asked", *about))
        async for said in super()._asked(process, key, question):
            yield said
        self.events.append(("answered", *about))


@pytest.mark.slow
def test_what_is_expected_last_goes_before_the_rest(zygote, board, store):
    subjects = accounts_of(board, store, 3)
    pointed, *seen = subjects

    async def run():
        with closing(Ordered(zygote, subjects)) as desk:
            desk.expect(seen)
            await until(lambda: desk.events)
            desk.expect([pointed])
            await until(lambda: desk._auditing.done())
            return [event[1:] for event in desk.events if event[0] == "asked"]

    every = [(one, tab) for one in (pointed, seen[1]) for tab in TABS]
    # What was begun is finished when it is quiet.
    rest = [(seen[0], tab) for tab in TABS[1:]]
    assert asyncio.run(run()) == [(seen[0], "overview"), *every, *rest]


@pytest.mark.slow
def test_nothing_is_audited_ahead_while_somebody_waits(zygote, board, store):
    subjects = accounts_of(board, store, 2)
    asked, expected = subjects

    async def run():
        with closing(Ordered(zygote, subjects)) as desk:
            await whole(desk, subjects[asked], about("overview"))
            async with desk._processes[subjects[asked].key()]._turn:  # an answer takes long
                desk.expect([expected])
                await asyncio.sleep(1)
                meanwhile = list(desk.events)
            await until(lambda: desk._auditing.done())
            return meanwhile, desk.events

    meanwhile, events = asyncio.run(run())

    assert {one for _, one, _ in meanwhile} == {asked}
    assert ("answered", expected, "overview") in events


def until_silent(process):
    """Until it has said all it had to say; nobody listens meanwhile."""
    asleep = 0
    while asleep < 20:
        time.sleep(0.05)
        asleep = asleep + 1 if states_of(process) == {"S"} else 0


async def begun_ahead(desk, identity):
    """The process of an account that is expected, once it has been asked."""
    before = len(desk.events)
    desk.expect([identity])
    await until(lambda: len(desk.events) > before)
    return desk._processes[desk._named(identity).key()]


def states_of(process):
    """Of each of its threads, as the system tells it: T stands still."""
    states = set()
    for thread in Path(f"/proc/{process._forked.process}/task").glob("*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            states.add(thread.read_text().rpartition(")")[2].split()[0])
    return states


def stands_still(process):
    """Sooner or later after the signal: a busy machine lets it come to a stop first."""
    return states_of(process) == {"T"}


@pytest.mark.slow
def test_what_is_audited_ahead_stands_still_while_somebody_waits(zygote, board, store):
    subjects = accounts_of(board, store, 2)
    asked, expected = subjects

    async def run():
        with closing(Ordered(zygote, subjects)) as desk:
            process = await begun_ahead(desk, expected)
            answer = asyncio.ensure_future(whole(desk, subjects[asked], about("overview")))
            await until(lambda: stands_still(process))
            said = await answer
            await until(lambda: desk._auditing.done())
            return said, desk.events

    said, events = asyncio.run(run())

    assert {message.get("part") for message in said} >= {"title", "recommendations"}
    answered = [event[1:] for event in events if event[0] == "answered"]
    assert answered[0] == (asked, "overview")
    assert answered[1:] == [(expected, tab) for tab in TABS]


@pytest.mark.slow
def test_who_opens_what_is_being_audited_ahead_has_it_go_on(zygote, board, store):
    subjects = accounts_of(board, store, 2)
    other, opened = subjects

    async def run():
        with closing(Ordered(zygote, subjects)) as desk:
            process = await begun_ahead(desk, opened)
            first = asyncio.ensure_future(whole(desk, subjects[other], about("overview")))
            await until(lambda: stands_still(process))
            said = await whole(desk, subjects[opened], about("overview"))
            assert desk._processes[subjects[opened].key()] is process
            return said, await first, desk.begun

    said, first, begun = asyncio.run(run())

    assert {message.get("part") for message in said} >= {"title", "recommendations"}
    assert first != said
    assert begun == [(opened, True), (other, False)]


@pytest.mark.slow
def test_what_is_audited_ahead_stands_still_while_a_page_is_opened(
    zygote, board, store, long_moments
):
    subjects = accounts_of(board, store, 1)
    (expected,) = subjects

    async def run():
        with closing(Ordered(zygote, subjects)) as desk:
            process = await begun_ahead(desk, expected)
            desk.comes()
            await until(lambda: stands_still(process), LONG_SECONDS)
            await until(lambda: desk._auditing.done())
            return desk.events

    assert asyncio.run(run())[-1] == ("answered", expected, TABS[-1])


@pytest.mark.slow
def test_a_process_that_has_nothing_to_do_gets_no_signal(zygote, board, store):
    """It may have ended, and its number may be another's."""
    subjects = accounts_of(board, store, 1)
    (expected,) = subjects

    async def run():
        with closing(Ordered(zygote, subjects)) as desk:
            process = await begun_ahead(desk, expected)
            await until(lambda: desk._auditing.done())
            desk.comes()
            return [states_of(process) for _ in range(20) if not await asyncio.sleep(0.02)]

    assert "T" not in set.union(*asyncio.run(run()))


@pytest.mark.slow
def test_one_that_was_stopped_after_its_last_word_answers_again(zygote, board, store):
    """What it had said was still to be heard when it was stopped."""
    subjects = accounts_of(board, store, 1)
    (identity,) = subjects

    async def run():
        with closing(AccountProcess(zygote, subjects[identity], Limits())) as process:
            await heard(process, about("overview"))
            said = asyncio.ensure_future(heard(process, about("usage")))
            await until(lambda: process.is_busy)
            until_silent(process)
            process.stop()
            await asyncio.wait_for(said, 30)
            await until(lambda: stands_still(process))
            process.go_on()
            return await asyncio.wait_for(heard(process, about("bill")), 30)

    assert "bill" in {message.get("part") for message in asyncio.run(run())}


@pytest.mark.slow
def test_who_gets_an_answer_that_was_kept_has_it_painted_in_peace(
    zygote, board, store, long_moments
):
    subjects = accounts_of(board, store, 2)
    shown, expected = subjects

    async def run():
        with closing(Ordered(zygote, subjects)) as desk:
            await whole(desk, subjects[shown], about("overview"))
            process = await begun_ahead(desk, expected)
            begun = len(desk.events)
            await whole(desk, subjects[shown], about("overview"))
            await until(lambda: stands_still(process), LONG_SECONDS)
            assert len(desk.events) == begun
            await until(lambda: desk._auditing.done())
            return desk.events

    assert asyncio.run(run())[-1] == ("answered", expected, TABS[-1])


@pytest.mark.slow
def test_nothing_is_begun_ahead_while_a_page_is_opened(zygote, board, store, long_moments):
    subjects = accounts_of(board, store, 1)

    async def run():
        with closing(Watched(zygote, subjects)) as desk:
            desk.comes()
            desk.expect(list(subjects))
            await asyncio.sleep(0.6 * LONG_SECONDS)
            meanwhile = list(desk.begun)
            await until(lambda: desk._auditing.done())
            return meanwhile, desk.begun

    assert asyncio.run(run()) == ([], [(next(iter(subjects)), True)])


@pytest.mark.slow
def test_what_was_audited_ahead_does_not_count_when_room_is_made(zygote, board, store):
    subjects = accounts_of(board, store, 3)
    mine, expected, next_one = subjects
    scenarios = {"ask": "scenarios", "first": {}, "second": {}}

    async def run():
        with closing(Watched(zygote, subjects, accounts=2)) as desk:
            await whole(desk, subjects[mine], scenarios)
            desk.expect([expected])
            await until(lambda: desk._auditing.done())
            await whole(desk, subjects[next_one], scenarios)
            return set(alive(desk))

    assert asyncio.run(run()) == {one.key() for one in subjects.values()}


@pytest.mark.slow
def test_the_rest_of_the_queue_is_audited_when_it_is_quiet(zygote, board, store):
    subjects = accounts_of(board, store, 3)
    seen, *rest = subjects

    async def run():
        with closing(Ordered(zygote, subjects)) as desk:
            desk.later(rest)
            desk.expect([seen])
            await until(lambda: desk._auditing.done())
            return [event[1] for event in desk.events if event[2] == TABS[0]], desk

    order, desk = asyncio.run(run())

    assert list(dict.fromkeys(order)) == [seen, *rest]
    assert all(kept_of(desk, one) == list(TABS) for one in subjects.values())


@pytest.mark.slow
def test_a_desk_of_the_same_version_answers_from_what_another_kept(zygote, board, store, tmp_path):
    """The same store has another file name for every generation."""
    subjects = accounts_of(board, store, 1)
    (identity,) = subjects
    again = tmp_path / "again.duckdb"
    shutil.copyfile(store, again)
    renamed = replace(subjects[identity], store=str(again))
    decided = replace(renamed, suppressions=[{"id": "another"}])
    kept = Kept()

    async def run():
        desk = AccountDesk(zygote, Limits(), kept=kept, version="1")
        same = Watched(zygote, subjects)
        same._kept, same._version = kept, "1"
        other = AccountDesk(zygote, Limits(), kept=kept, version="2")
        try:
            said = await whole(desk, subjects[identity], about("overview"))
            assert await whole(same, renamed, about("overview")) == said
            assert not same.begun
            return [
                desk._key(one, about("overview")) in kept
                for desk, one in ((same, renamed), (same, decided), (other, renamed))
            ]
        finally:
            for one in (desk, same, other):
                one.close()

    assert asyncio.run(run()) == [True, False, False]


def kept_of(desk, subject):
    return [tab for tab in TABS if desk._key(subject, about(tab)) in desk._kept]


@pytest.mark.slow
def test_an_account_that_cannot_be_audited_ahead_holds_up_no_other(zygote, board, store, tmp_path):
    subjects = accounts_of(board, store, 3)
    gone, unreadable, there = subjects
    subjects[gone] = Subject(str(tmp_path / "none.duckdb"), gone, "2025-06")

    def named(identity):
        if identity == unreadable:
            raise InputError("The ledger cannot be read.")
        return subjects[identity]

    async def run():
        with closing(AccountDesk(zygote, Limits(), named)) as desk:
            desk.expect([gone, unreadable, there])
            await until(lambda: desk._auditing.done())
            return kept_of(desk, subjects[gone]), kept_of(desk, subjects[there])

    failed, kept = asyncio.run(run())

    assert not failed
    assert len(kept) == len(TABS)
