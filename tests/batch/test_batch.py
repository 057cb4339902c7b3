import errno
import subprocess
import sys

import pytest
from kills import killed

from audit.batch.batch import checked_folder
from audit.batch.choice import by_name, due, listed, of_segments
from audit.batch.job import failed_by
from audit.batch.manifest import NAME, Manifest, Record, alone
from audit.batch.pace import Pace
from audit.batch.snapshot import snapshot
from audit.errors import RunError
from audit.queue.ranking import ranking
from audit.queue.rows import queue
from audit.run import assembled, sweep
from audit.store import Store, publish


def test_every_account_has_a_report_and_a_second_run_makes_none(batch, files, names, tmp_path):
    first = batch()
    made = files()

    second = batch()

    assert set(first.reasons.values()) == {"it has no report yet"}
    assert {one.status for one in first.records.values()} == {"done"}
    assert set(first.records) == set(names)
    page = (tmp_path / "out" / "index.html").read_text()
    for record in first.records.values():
        assert (tmp_path / "out" / record.folder / "audit.html").is_file()
        assert record.folder in page
    assert second.outcome.skipped == 4
    assert files() == made


def test_what_changed_decides_what_is_made_again(batch, names, changed, tmp_path):
    one, other, *_ = names
    batch()

    changed(one)
    of_facts = batch()
    nothing = batch(plan_only=True)
    of_options = batch(as_of="2026-10-30", plan_only=True)
    everything = batch(again=True, plan_only=True)
    (tmp_path / "out" / of_facts.records[other].folder / "audit.html").unlink()
    of_a_gap = batch(plan_only=True)

    assert set(of_facts.reasons.values()) == {"the store changed"}
    assert [record.organization_id for record in of_facts.outcome.records] == [one]
    assert of_facts.outcome.skipped == 3
    assert nothing.reasons == {}
    assert set(of_options.reasons.values()) == {"it is asked for differently"}
    assert set(everything.reasons.values()) == {"all are made again"}
    assert of_a_gap.reasons == {other: "its report is gone"}


def test_another_notebook_and_another_policy_make_it_again(batch, notebook, tmp_path):
    batch()
    edited = tmp_path / "edited.ipynb"
    edited.write_text(notebook.read_text().replace("head(20)", "head(21)"))

    planned = batch(notebook=edited, plan_only=True)

    assert set(planned.reasons.values()) == {"the toolkit or the notebook changed"}


def test_a_failed_account_is_told_kept_and_tried_again_alone(batch, names, stumbling, tmp_path):
    identity = min(names)
    notebook, mark = stumbling(identity)

    first = batch(notebook=notebook)
    partial = (tmp_path / "out" / first.records[identity].folder / "audit.ipynb").read_text()
    mark.unlink()
    second = batch(notebook=notebook)

    (failed,) = first.outcome.failed
    assert failed.organization_id == identity
    assert "stopped with ValueError: no luck" in failed.problem
    assert "\n" not in failed.problem
    assert "no luck" in partial
    assert second.reasons == {identity: "it failed before"}
    assert second.outcome.failed == []
    assert not (tmp_path / "out" / failed.folder).exists()
    assert failed.problem not in (tmp_path / "out" / "index.html").read_text()


def test_a_notebook_that_kills_its_process_or_hangs_fails_alone(batch, names, stumbling):
    identity = min(names)
    crashing, _ = stumbling(identity, "import os; os._exit(7)")
    crashed = batch(notebook=crashing)
    hanging, _ = stumbling(identity, "import time; time.sleep(600)")

    hung = batch(notebook=hanging, limits={"notebook_seconds": 2})

    for done, said in ((crashed, "left with exit status 7"), (hung, "was cut off")):
        assert said in done.records[identity].problem
        assert done.records[identity].folder
        assert [one.status for one in done.records.values()].count("done") == 3


def test_an_account_that_is_gone_from_the_store_fails_alone(batch, store, tables, names):
    one, *others = names

    def without(frame):
        return frame[frame["organization_id"] != one]

    kept = {name: without(frame) for name, frame in tables.items()}
    store.unlink()
    publish(store, kept)

    done = batch()

    assert set(done.records) == set(others)


def test_the_command_tells_what_failed_and_its_exit_code_says_so(command, names, stumbling):
    notebook, _ = stumbling(min(names))

    done = command("--all", notebook=notebook)

    assert done.returncode == 4
    assert "3 reports made, 0 unchanged, 1 failed." in done.stdout
    assert "no luck" in done.stderr
    assert "4 of 4 done, 1 failed" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Say which accounts"),
        (("--all", "--due"), "Say which accounts"),
        (("Nobody Ltd",), "No organization 'Nobody Ltd'"),
        (("--from", "none.txt"), "cannot be read as a list"),
        (("--segment", "Leeds"), "No segment 'Leeds'"),
        (("--all", "-p", "yeers=2"), "No parameter of light.ipynb 'yeers'"),
        (("--all", "-p", "lookback_days=2"), "has an option of its own"),
        (("--all", "--due-by", "2026-11-01"), "goes with --due"),
    ],
)
def test_what_is_wrong_for_all_is_said_before_anything_runs(command, arguments, said, tmp_path):
    done = command(*arguments)

    assert done.returncode == 2
    assert said in done.stderr
    assert not list((tmp_path / "out").glob("2*"))


def test_a_notebook_that_cannot_be_told_its_account_is_refused(command, tmp_path):
    empty = tmp_path / "empty.ipynb"
    empty.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')

    done = command("--all", notebook=empty)

    assert done.returncode == 2
    assert "no cell tagged 'parameters'" in done.stderr


def test_names_of_a_file_are_taken_once_and_comments_left_out(store, names, tmp_path):
    identity, name = min(names.items())
    file = tmp_path / "accounts.txt"
    file.write_text(f"# for tonight\n{name}\n\n{identity}\n")

    assert [one.organization_id for one in by_name(store, listed(file))] == [identity]


def test_due_and_segments_are_the_queues(store, names):
    expected = {row.organization_id: row.tasks for row in queue(ranking(store)).rows}

    assert {one.organization_id: one.tasks for one in due(store)} == expected
    leads = {one.organization_id for one in of_segments(store, ["onboarding  LEAD"])}
    with Store.open(store) as opened:
        values = opened.connection.execute(
            "SELECT organization_id, value FROM lifecycle WHERE field = 'segments'"
        ).fetchall()
    assert leads == {one for one, value in values if "Onboarding Lead" in value.split(", ")}
    assert leads


def test_files_of_other_people_stay_and_are_never_written_over(batch, tmp_path, names):
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    (out / ".hidden.new").mkdir()
    (out / "index.html").write_text("<p>mine</p>")

    with pytest.raises(RunError, match="is not ours"):
        batch(names=[min(names)])

    assert not list(out.glob("2*"))
    assert (out / "notes.txt").read_text() == "mine"
    assert (out / ".hidden.new").is_dir()
    assert (out / "index.html").read_text() == "<p>mine</p>"


def test_a_folder_in_the_place_of_a_report_is_not_replaced(batch, tmp_path, names):
    record = batch(names=[min(names)]).records[min(names)]
    folder = tmp_path / "out" / record.folder
    for file in folder.iterdir():
        file.unlink()
    (folder / "thesis.txt").write_text("mine")

    again = batch(names=[min(names)])

    assert (folder / "thesis.txt").read_text() == "mine"
    assert "is no report of ours" in again.records[min(names)].problem


def test_a_manifest_of_something_else_is_refused(tmp_path):
    (tmp_path / NAME).write_text('{"mine": true}\n')

    with pytest.raises(RunError, match="is not of a batch"):
        Manifest.read(tmp_path)


def test_a_torn_line_costs_one_report_and_the_next_line_is_whole(tmp_path):
    manifest = Manifest.read(tmp_path)
    manifest.add(Record("a", "A", "done", "x"))
    manifest.add(Record("b", "B", "done", "y"))
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes()[:-20])

    Manifest.read(tmp_path).add(Record("c", "C", "done", "z"))

    assert set(Manifest.read(tmp_path).records) == {"a", "c"}


def test_one_batch_at_a_time_in_a_folder(tmp_path):
    with (
        alone(tmp_path),
        pytest.raises(RunError, match="Another batch is at work"),
        alone(tmp_path),
    ):
        pass
    with alone(tmp_path):
        pass


def test_leftovers_of_a_killed_batch_are_swept_and_nothing_else(tmp_path):
    day = tmp_path / "2026-11-01"
    left = day / ".acme-1.abc.new"
    report = day / "acme-1"
    for folder in (left, report):
        folder.mkdir(parents=True)

    with assembled(day / "another-2") as at_work:
        sweep(tmp_path)

        assert at_work.is_dir()
    assert report.is_dir()
    assert not left.exists()


def test_a_store_published_meanwhile_is_not_seen(store, changed, tables, tmp_path):
    before = store.read_bytes()
    store.with_name(f"{store.name}.batch.999999999").touch()  # of one that was killed
    with snapshot(store) as held:
        changed(tables["organizations"]["organization_id"].iloc[0])

        assert held.read_bytes() == before
        assert store.read_bytes() != before
    assert [one.name for one in store.parent.glob("*.batch.*")] == []


def test_after_some_errors_of_the_system_it_is_no_use_to_go_on():
    full = failed_by(OSError(errno.ENOSPC, "No space left on device", "/reports/x"))
    gone = failed_by(FileNotFoundError(errno.ENOENT, "No such file", "x"))

    assert full == {"problem": "The disk is full: /reports/x.", "stop": True}
    assert gone == {"problem": "No such file: x.", "stop": False}


def test_a_full_disk_stops_the_batch_and_says_so(store, notebook, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    command = f"""
    mount -t tmpfs -o size=100k tmpfs {small} &&
    exec {sys.executable} -m audit batch --all --store {store} --out {small} --notebook {notebook}
    """
    space = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    if subprocess.run([*space, "true"], check=False, capture_output=True).returncode:
        return  # no file system of one's own here; the test above holds what is said

    done = subprocess.run(
        [*space, command], capture_output=True, text=True, check=False, timeout=120
    )

    assert done.returncode == 4
    assert "disk is full" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "taken").write_text("mine")

    with pytest.raises(RunError, match="Nothing can be written into"):
        checked_folder(tmp_path / "taken")


def test_progress_tells_rate_and_time_left():
    said = []
    pace = Pace(10, said.append)
    for failed in (False, True, False, False):
        pace.ended(failed)

    assert pace.line(2.0) == "4 of 10 done, 1 failed, 2.0 a second, 3 s left"
    assert len(said) == 4


@pytest.mark.slow
def test_kills_at_random_moments_leave_every_report_once_with_the_same_bytes(tmp_path):
    assert "3 kills over 6 accounts" in killed(tmp_path, accounts=6, kills=3, seed=7)
