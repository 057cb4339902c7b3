"""What is audited ahead, in which order, and when nothing is."""

import asyncio

import pytest

from audit.dashboard import agenda as agendas
from audit.dashboard.agenda import (
    ARRIVAL_SECONDS,
    EXPECTED,
    PAINTING_SECONDS,
    QUIET_SECONDS,
    Agenda,
)


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(agendas, "time", made)
    return made


@pytest.fixture
def agenda(clock):
    return Agenda()


def now(agenda):
    """What is next at this moment; "wait" where its time has not come."""

    async def asked():
        try:
            return await asyncio.wait_for(agenda.next(), 0.05)
        except TimeoutError:
            return "wait"

    return asyncio.run(asked())


def test_what_was_expected_last_goes_first_in_its_order(agenda):
    agenda.expect(["a", "b"])
    agenda.expect(["c", "a", "d"])

    assert [now(agenda) for _ in range(5)] == ["c", "a", "d", "b", None]


def test_the_rest_of_the_queue_follows_what_is_expected(agenda):
    agenda.later(["x", "y"])
    agenda.expect(["a"])

    assert [now(agenda) for _ in range(4)] == ["a", "x", "y", None]


def test_what_was_not_finished_goes_before_the_rest(agenda):
    agenda.later(["x", "y"])
    agenda.again("a")

    assert [now(agenda) for _ in range(3)] == ["a", "x", "y"]


def test_another_rest_takes_the_place_of_the_one_before(agenda):
    agenda.later(["x", "y"])
    agenda.later(["z"])

    assert [now(agenda), now(agenda)] == ["z", None]


def test_no_more_is_expected_than_somebody_sees(agenda):
    agenda.expect([str(number) for number in range(3 * EXPECTED)])
    agenda.expect(["pointed"])

    found = [now(agenda) for _ in range(EXPECTED + 1)]
    assert found == ["pointed", *map(str, range(EXPECTED - 1)), None]


@pytest.mark.parametrize("act", ["question", "arrival"])
def test_the_rest_waits_until_it_has_been_quiet(agenda, clock, act):
    agenda.later(["x"])
    if act == "question":
        agenda.begins()
        agenda.ends()
    else:
        agenda.comes()

    clock.now += 0.9 * QUIET_SECONDS
    assert now(agenda) == "wait"
    clock.now += 0.2 * QUIET_SECONDS
    assert now(agenda) == "x"


def test_the_rest_waits_as_long_as_somebody_does(agenda, clock):
    agenda.later(["x"])
    agenda.begins()
    agenda.begins()
    agenda.ends()

    clock.now += 10 * QUIET_SECONDS
    assert now(agenda) == "wait"
    agenda.ends()
    clock.now += 2 * QUIET_SECONDS
    assert now(agenda) == "x"


def test_what_is_expected_does_not_wait_for_quiet(agenda):
    """Who points at an account has just done something."""
    agenda.later(["x"])
    agenda.begins()
    agenda.ends()
    agenda.expect(["a"])

    assert now(agenda) == "a"


def test_who_waits_for_the_rest_hears_at_once_what_is_expected(agenda, monkeypatch):
    monkeypatch.setattr(agendas, "PAUSE_SECONDS", 60)
    agenda.later(["x"])
    agenda.comes()

    async def asked():
        waiting = asyncio.ensure_future(agenda.next())
        await asyncio.sleep(0.05)
        assert not waiting.done()
        agenda.expect(["a"])
        return await asyncio.wait_for(waiting, 1)

    assert asyncio.run(asked()) == "a"


def test_all_stands_still_while_somebody_waits_or_has_just_come(agenda, clock):
    assert not agenda.must_pause
    agenda.begins()
    assert agenda.must_pause
    clock.now += 60
    assert agenda.must_pause
    agenda.ends()
    assert agenda.must_pause, "the answer is being painted"
    clock.now += 1.01 * PAINTING_SECONDS
    assert not agenda.must_pause
    agenda.comes()
    assert agenda.must_pause
    clock.now += 1.01 * ARRIVAL_SECONDS
    assert not agenda.must_pause


def test_an_answer_does_not_cut_short_the_time_for_a_page(agenda, clock):
    agenda.comes()
    agenda.begins()
    agenda.ends()
    clock.now += 0.9 * ARRIVAL_SECONDS
    assert agenda.must_pause
