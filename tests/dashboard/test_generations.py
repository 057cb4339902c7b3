"""What a generation of the store audits ahead, and what the next one has of it."""

import asyncio
import os
import shutil
import time
from contextlib import ExitStack

import pytest

from audit.dashboard import serving
from audit.dashboard.board import Rules
from audit.dashboard.kept import Kept
from audit.dashboard.limits import Limits
from audit.dashboard.server import Plan, _Held
from audit.dashboard.serving import Generation
from audit.dashboard.state import TABS
from audit.dashboard.worker import about
from audit.policy import DEFAULT_POLICY

pytestmark = pytest.mark.slow


@pytest.fixture
def generations(board, store, monkeypatch):
    """Makes them of one store; a page has two rows."""
    monkeypatch.setattr(serving, "ROWS_A_PAGE", 2)
    monkeypatch.setattr(serving, "_current", None)
    opened = []

    def made(kept, read=store, **rules):
        limits = Limits(ahead=3)
        given = {"audience": "team", "ledger": "", "limits": limits, "kept": kept}
        opened.append(Generation(board, read, store, Rules(**rules), **given))
        return opened[-1]

    yield made
    for one in opened:
        if one.zygote.is_there():
            one.close()


def kept_of(generation, row):
    desk, subject = generation.desk, generation.source.subject(row["organization_id"])
    return [tab for tab in TABS if desk._key(subject, about(tab)) in desk._kept]


async def audited(generation, seconds=60):
    async with asyncio.timeout(seconds):
        while not generation.desk._auditing.done():
            await asyncio.sleep(0.05)


def run(work, *made):
    """To its end, and that of the processes which it began."""

    async def whole():
        try:
            return await work
        finally:
            for generation in made:
                generation.close()

    return asyncio.run(whole())


async def one_by_one(*made):
    """The number of processes that each has in the end."""
    for generation in made:
        await generation.begin()
        await audited(generation)
    return [len(generation.desk._processes) for generation in made]


def test_so_many_of_the_queue_as_were_asked_for_are_audited_from_its_top(generations, board):
    one = generations(Kept())

    run(one_by_one(one), one)

    assert [len(kept_of(one, row)) for row in board.rows[:5]] == [len(TABS)] * 3 + [0, 0]


def test_the_next_one_of_the_same_store_has_all_of_it(generations, board, store, tmp_path):
    """As after a decision: the store is the same and has another name."""
    kept, again = Kept(), tmp_path / "again.duckdb"
    os.link(store, again)
    first, second = generations(kept), generations(kept, again)

    processes = run(one_by_one(first, second), first, second)

    assert len(kept_of(second, board.rows[2])) == len(TABS)
    assert processes == [1, 0]


@pytest.mark.parametrize("change", ["facts", "rules"])
def test_the_next_one_of_other_facts_or_rules_has_nothing_of_it(
    generations, board, store, tmp_path, change
):
    kept, changed = Kept(), tmp_path / "changed.duckdb"
    changed.write_bytes(store.read_bytes())
    os.utime(changed, (time.time(), time.time() + 5))
    first = generations(kept)
    other = (
        generations(kept, changed)
        if change == "facts"
        else generations(kept, thresholds='{"billing_limit_missing": {}}')
    )

    run(one_by_one(first), first)

    assert kept_of(first, board.rows[0])
    assert not kept_of(other, board.rows[0])


def test_one_that_is_followed_by_another_audits_the_rest_of_its_queue_no_more(generations, board):
    first, second = generations(Kept()), generations(Kept())

    async def followed():
        serving.becomes(first)
        await first.begin()
        serving.becomes(second)
        await audited(first)

    run(followed(), first, second)

    assert [len(kept_of(first, row)) for row in board.rows[:3]] == [len(TABS)] * 2 + [0]


def test_a_visitor_who_comes_has_all_else_wait(generations):
    one = generations(Kept())
    one.zygote.ready()

    async def come():
        await one.begin()
        assert not one.desk._agenda.must_pause
        forked = one.fork("audit.engine.full_kernel:serve")
        waits = one.desk._agenda.must_pause
        forked.close()
        return waits

    assert run(come(), one)


def test_the_server_hands_on_what_is_kept(store, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    own = tmp_path / "store.duckdb"
    shutil.copyfile(store, own)

    with ExitStack() as stack:
        held = _Held(Plan(own, Rules()), stack)
        first, second = held.made(), held.made()

        assert first.desk._kept is second.desk._kept
        assert first.desk._version == second.desk._version


def test_the_policy_counts(generations):
    kept = Kept()
    versions = {
        generations(kept, policy=policy).desk._version for policy in (DEFAULT_POLICY, "2026-11")
    }

    assert len(versions) == 2
