"""Pulls that are killed, readers that stay, publishers that meet: with real processes."""

import signal

import pytest

from audit.tables import TABLES

PUBLISH_AND_STOP = """
def stop_at(table):
    if table == {table!r}:
        say("here")
        sys.stdin.read()
publish(path, {{"organizations": organizations("a", "b"), "usage_daily": usage("a", 7, 20_000)}},
        progress=stop_at)
"""


def killed_at(shelf, table):
    process = shelf.program(PUBLISH_AND_STOP.format(table=table))
    assert process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("table", [TABLES[0].name, "members", "usage_rows", TABLES[-1].name])
def test_a_killed_pull_leaves_the_last_store_and_the_next_one_cleans_up(shelf, usage, table):
    shelf.publish("a", usage_daily=[usage])
    before = shelf.path.read_bytes()

    killed_at(shelf, table)

    assert shelf.path.read_bytes() == before
    assert shelf.rows("a", "usage_daily", "quantity") == [(5,)]
    assert any(".new." in name for name in shelf.files())
    shelf.publish("c")
    assert shelf.files() == ["store.duckdb", "store.duckdb.lock"]
    assert shelf.names() == ["A", "C"]


def test_a_first_pull_that_is_killed_leaves_no_store(shelf):
    killed_at(shelf, "usage_rows")

    assert not shelf.path.exists()
    shelf.publish("a")
    assert shelf.names() == ["A"]


def test_killed_at_any_moment_the_store_is_the_old_or_the_new_one(shelf):
    shelf.publish("old")
    body = """
say("start")
publish(path, {"organizations": organizations("old")})
say("done")
"""
    for milliseconds in (20, 60, 100, 140, 250):
        process = shelf.program(body)
        process.stdout.readline()
        try:
            process.wait(milliseconds / 1000)
        except Exception:
            process.kill()
        process.communicate()

        assert shelf.names() in (["Old"], ["old by program"])


def test_a_reader_is_never_blocked_and_keeps_what_it_opened(shelf, usage):
    shelf.publish("a", usage_daily=[usage])
    reader = shelf.program("""
with Store.open(path) as store:
    say("open")
    sys.stdin.readline()
    say(store.organizations()["name"].tolist() + store.account("a")["usage_daily"]["quantity"]
        .tolist())
with Store.open(path) as store:
    say(store.organizations()["name"].tolist() + store.account("a")["usage_daily"]["quantity"]
        .tolist())
""")
    assert reader.stdout.readline() == "open\n"

    shelf.publish("a", usage_daily=[{**usage, "quantity": 9}])
    shelf.publish("b")

    said, _ = reader.communicate("go on\n")
    assert said.splitlines() == ["['A', 5]", "['A', 'B', 9]"]


def test_a_reader_opens_while_a_publisher_is_at_work(shelf):
    shelf.publish("a")
    publisher = shelf.program(PUBLISH_AND_STOP.format(table="usage_rows"))
    assert publisher.stdout.readline() == "here\n"

    assert shelf.names() == ["A"]

    publisher.communicate("")
    assert shelf.names() == ["a by program", "b by program"]


def test_publishers_that_meet_lose_nothing(shelf):
    shelf.publish("a")
    body = """
say("ready")
sys.stdin.readline()
for number in range(3):
    name = "{name}" + str(number)
    publish(path, {{"organizations": organizations(name), "usage_daily": usage(name, number)}})
"""
    publishers = [shelf.program(body.format(name=name)) for name in ("x", "y")]
    assert [p.stdout.readline() for p in publishers] == ["ready\n"] * 2

    for publisher in publishers:
        publisher.stdin.write("go\n")
        publisher.stdin.flush()
    for publisher in publishers:
        publisher.communicate()

    assert [p.returncode for p in publishers] == [0, 0]
    assert shelf.names() == ["A", *(f"{n}{i} by program" for n in "xy" for i in range(3))]
    assert shelf.rows("y2", "usage_daily", "quantity") == [(2,)]
    assert shelf.files() == ["store.duckdb", "store.duckdb.lock"]
