import os
import time
from pathlib import Path

import pytest

from audit.dashboard.serving import WARM
from audit.engine.environment import environment
from audit.engine.pool import Pool
from audit.engine.preload import RUN_MODULES
from audit.engine.zygote import Zygote

CALL = "calls:work"


@pytest.fixture(params=[True, False], ids=["forked", "spawned"])
def pool(request, monkeypatch):
    """Two processes at a time, without any of the imports that a run needs."""
    with _pool(monkeypatch, warm=request.param) as made:
        yield made


def _pool(monkeypatch, **given):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.setenv("POSTHOG_PERSONAL_API_KEY", "phx_secret")
    return Pool(2, modules=(), **given)


def gone(pid):
    status = Path(f"/proc/{pid}/status")
    return not status.exists() or "State:\tZ" in status.read_text()


def test_every_payload_comes_back_once_with_its_number_and_progress(pool):
    said = []

    done = list(
        pool.run(
            CALL, ({"do": "give", "value": n} for n in range(7)), lambda *told: said.append(told)
        )
    )

    assert {one.number: one.result for one in done} == {n: {"given": n} for n in range(7)}
    assert {one.problem for one in done} == {""}
    assert sorted(said) == [(n, "half of it") for n in range(7)]


def test_payloads_are_read_when_a_process_is_free(pool):
    read = []

    def payloads():
        for n in range(6):
            read.append(n)
            yield {"do": "give", "value": n}

    for finished, _ in enumerate(pool.run(CALL, payloads()), 1):
        assert len(read) <= finished + 2


def test_what_ends_one_call_is_told_exactly_and_the_others_go_on(pool):
    kinds = ["give", "leave", "killed", "raise", "refuse", "give"]

    done = {one.number: one for one in pool.run(CALL, [{"do": kind, "value": 1} for kind in kinds])}

    assert [done[n].problem for n in range(6)] == [
        "",
        "Its process left with exit status 5.",
        "Its process was killed by SIGKILL. The system does so when memory runs out.",
        "It failed with ValueError: first line second line.",
        "No such account. Name another.",
        "",
    ]
    assert "in work" in done[3].trace
    assert done[4].trace == ""


def test_nothing_of_a_call_is_seen_by_the_next_and_no_key_by_any(pool):
    done = list(pool.run(CALL, [{"do": "look", "value": n} for n in range(4)]))

    here = {"folder": str(Path.cwd()), "leak": None, "secret": None}
    assert [one.result for one in done] == [here] * 4


def test_a_call_beyond_its_time_may_clean_up_and_is_killed_if_it_does_not_end(
    monkeypatch, tmp_path
):
    mark = tmp_path / "cleaned"
    payloads = [{"do": "clean up", "mark": str(mark)}, {"do": "hang"}, {"do": "give", "value": 1}]

    with _pool(monkeypatch, timeout_seconds=0.5, grace_seconds=1) as pool:
        done = {one.number: one.problem for one in pool.run(CALL, payloads)}

    late = "It took longer than 0.5 seconds and was ended."
    assert done == {0: late, 1: late, 2: ""}
    assert mark.exists()


def test_leaving_the_pool_ends_what_runs_and_what_that_started(monkeypatch):
    said = []

    def until_it_has_started():
        yield {"do": "start"}
        while "started" not in dict(said):
            yield {"do": "wait", "value": 0.05}

    with _pool(monkeypatch, grace_seconds=0.2) as pool:
        calls = pool.run(CALL, until_it_has_started(), lambda _, text: said.append(text.split()))
        while "started" not in dict(said):
            next(calls)

    assert gone(dict(said)["started"])


def test_memory_beyond_the_limit_is_told_and_private_memory_is_measured(monkeypatch):
    with _pool(monkeypatch, memory_mb=1_000) as pool:
        sizes = (40_000_000, 4_000_000_000)
        held, beyond = sorted(
            pool.run(CALL, [{"do": "hold", "bytes": size} for size in sizes]),
            key=lambda one: one.number,
        )

    assert 38 < held.peak_private_mb < 80
    assert beyond.problem == "It ran out of memory. Give it more, or run fewer at a time."


def test_a_pool_leaves_no_folder_behind_even_when_it_ends_at_once(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with _pool(monkeypatch):
        pass
    with _pool(monkeypatch) as pool:
        list(pool.run(CALL, [{"do": "give", "value": 1}]))

    assert list(tmp_path.iterdir()) == []


def test_the_process_it_forks_from_ends_with_the_one_that_asked(monkeypatch):
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.write(write, str(_pool(monkeypatch)._zygote._process.pid).encode())
        os._exit(0)
    os.waitpid(child, 0)
    zygote = os.read(read, 20).decode()

    until = time.monotonic() + 20
    while not gone(zygote) and time.monotonic() < until:
        time.sleep(0.05)
    assert gone(zygote)


@pytest.mark.slow
@pytest.mark.parametrize("modules", [RUN_MODULES, WARM], ids=["batch", "dashboard"])
def test_a_warm_process_has_one_thread_and_no_database_open_after_its_own_audit(modules):
    assert "audit.engine.warm_up:account" in modules

    with Zygote(environment(), modules) as zygote:
        zygote.ready()  # refuses a process with more than one thread

        assert zygote.refused == ()
        handles = [str(one.readlink()) for one in Path(f"/proc/{zygote._process.pid}/fd").iterdir()]
        assert not [one for one in handles if "duckdb" in one]
