"""The process that answers about one account: who leaves early costs nobody their answer."""

import asyncio
import json
from contextlib import aclosing

import pytest

from audit.dashboard.serving import WARM, AccountDesk, AccountProcess, Limits
from audit.dashboard.worker import Subject, about
from audit.engine.environment import environment
from audit.engine.zygote import Zygote


@pytest.fixture
def subject(store, board):
    return Subject(str(store), board.rows[0]["organization_id"], "2025-06", audience="team")


@pytest.fixture(scope="module")
def zygote():
    made = Zygote(environment(), WARM)
    yield made
    made.close()


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
        desk = AccountDesk(zygote, Limits())
        try:
            # The account is still being audited when its visitor goes to another tab.
            await given_up(desk, subject, about("overview"), 0.2)
            process = next(iter(desk._processes.values()))
            said = await whole(desk, subject, about("findings"))
            assert next(iter(desk._processes.values())) is process
            return said
        finally:
            desk.close()

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
        process = Counting(zygote, subject, Limits())
        try:
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
        finally:
            process.close()

    first, reached, last = asyncio.run(run())

    assert reached == ["account", "account"]
    assert {message.get("part") for message in first} >= {"title", "recommendations"}
    assert "team" in {message.get("part") for message in last}
