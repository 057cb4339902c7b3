"""The batch: a job for each account that needs one, and a line in the manifest for each end."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from audit.batch import overview
from audit.batch.choice import Chosen
from audit.batch.fingerprint import depends_on, file_digest
from audit.batch.job import Job
from audit.batch.manifest import DONE, FAILED, Manifest, Record, alone
from audit.batch.pace import Pace
from audit.engine.pool import Done
from audit.errors import RunError
from audit.policy import Policy
from audit.run import sweep

PERFORM = "audit.batch.job:perform"

#: Reasons to make a report again, by what the last one was made from. Where only the store changed,
#: the account is read to see whether its own facts did.
STORE = "the store changed"
CHANGED = {
    "policy": "the policy changed",
    "prices": "the prices changed",
    "code": "the toolkit or the notebook changed",
    "options": "it is asked for differently",
    "store": STORE,
}


class Workers(Protocol):
    """Processes here or elsewhere: :class:`audit.engine.pool.Pool`, or a cluster."""

    def run(
        self, target: str, payloads: Iterable[dict[str, Any]], progress: Any = ...
    ) -> Iterator[Done]: ...


@dataclass(frozen=True)
class Todo:
    """An account to make a report of, why, and what its last attempt left."""

    account: Chosen
    reason: str
    last: Record | None


@dataclass(frozen=True)
class Plan:
    """``todo``, and the accounts that are ``kept`` as they are. ``made_from``: the digests that
    all reports now have in common."""

    todo: tuple[Todo, ...]
    kept: tuple[Chosen, ...]
    made_from: Mapping[str, str]


@dataclass
class Outcome:
    """What a batch did. ``skipped``: accounts that had not changed; ``stopped``: why it stopped."""

    records: list[Record] = field(default_factory=list)
    skipped: int = 0
    stopped: str = ""

    @property
    def failed(self) -> list[Record]:
        return [one for one in self.records if one.status == FAILED]


@dataclass(frozen=True)
class Request:
    """What every report of a batch is asked to be. ``asked``: arguments of `audit.run.run` that
    are JSON data; ``policy``: the pack in force."""

    policy: Policy
    notebook: Path
    asked: Mapping[str, Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    drafts: bool = True
    booking_link: str = ""
    sender: str = ""
    pdf: bool = False
    shared_assets: bool = False
    again: bool = False

    def depends_on(self) -> dict[str, str]:
        kept = ("drafts", "booking_link", "sender", "pdf", "shared_assets", "parameters")
        options = {**self.asked, **{name: getattr(self, name) for name in kept}}
        return depends_on(self.policy, self.notebook, options)


def plan(store: Path, out: Path, chosen: Sequence[Chosen], request: Request) -> Plan:
    """What is to be done, and why. Reads the folder and writes nothing."""
    records = Manifest.read(out).records
    made_from = {**request.depends_on(), "store": file_digest(store)}
    todo, kept = [], []
    for one in chosen:
        last = records.get(one.organization_id)
        reason = _reason(out, last, made_from, request.again)
        if reason:
            todo.append(Todo(one, reason, last))
        else:
            kept.append(one)
    return Plan(tuple(todo), tuple(kept), made_from)


def batch(
    store: Path,
    out: Path,
    chosen: Sequence[Chosen],
    request: Request,
    workers: Callable[[], Any],
    *,
    progress: Callable[[str], None] = lambda _: None,
    ended: Callable[[Record], None] = lambda _: None,
) -> Outcome:
    """Make the reports that are missing, changed or failed, and go on whatever happens to one.

    ``store``: the snapshot that all of it is read from (:func:`audit.batch.snapshot.snapshot`).
    ``workers``: gives a context manager of :class:`Workers`. ``ended`` is told of each account
    that ended. When nothing more can be written it stops, and says so; what was done stays.

    Raises: RunError before anything is made, where something is in our place in the folder.
    """
    outcome = Outcome()
    with alone(out):
        sweep(out)
        overview.refuse_others(out)
        manifest = Manifest.read(out)
        found = plan(store, out, chosen, request)
        outcome.skipped = len(found.kept)
        if not found.todo and (out / overview.NAME).is_file():
            return outcome
        try:
            _made(store, out, found, request, workers, manifest, outcome, progress, ended)
        finally:
            with suppress(OSError):  # what stopped it says more
                overview.write(out, list(manifest.records.values()), request.policy.name)
    return outcome


def _made(
    store: Path,
    out: Path,
    found: Plan,
    request: Request,
    workers: Callable[[], Any],
    manifest: Manifest,
    outcome: Outcome,
    progress: Callable[[str], None],
    ended: Callable[[Record], None],
) -> None:
    pace = Pace(len(found.todo), progress)
    jobs = (_job(store, out, one, request, found.made_from).as_plain() for one in found.todo)
    with workers() as pool:
        for done in pool.run(PERFORM, jobs, pace.step):
            result = done.result or {}
            record = _record(found.todo[done.number], done)
            manifest.add(record)
            if result.get("unchanged"):
                outcome.skipped += 1
            else:
                outcome.records.append(record)
                ended(record)
            pace.ended(record.status == FAILED)
            if result.get("stop"):
                outcome.stopped = record.problem
                return


def _reason(out: Path, last: Record | None, made_from: Mapping[str, str], again: bool) -> str:
    if last is None:
        return "it has no report yet"
    if last.status == FAILED:
        return "it failed before"
    if again:
        return "all are made again"
    if not (out / last.folder / "audit.html").is_file():
        return "its report is gone"
    changed = (name for name in CHANGED if last.made_from.get(name) != made_from[name])
    return CHANGED.get(next(changed, ""), "")


def _job(store: Path, out: Path, todo: Todo, request: Request, made_from: Mapping[str, str]) -> Job:
    unless = todo.last.made_from.get("facts", "") if todo.last and todo.reason == STORE else ""
    return Job(
        organization_id=todo.account.organization_id,
        out=str(out.resolve()),
        store=str(store.resolve()),
        notebook=str(request.notebook.resolve()),
        asked=request.asked,
        made_from=made_from,
        unless_facts=unless,
        parameters=request.parameters,
        limits=request.limits,
        drafts=request.drafts,
        booking_link=request.booking_link,
        sender=request.sender,
        pdf=request.pdf,
        shared_assets=request.shared_assets,
    )


def _record(todo: Todo, done: Done) -> Record:
    """The line of an account that ended."""
    result = done.result or {}
    made_from = result.get("made_from", {})
    if result.get("unchanged") and todo.last is not None:
        return replace(todo.last, made_from=made_from)
    one, problem = todo.account, done.problem or str(result.get("problem", ""))
    told = {
        "owner": one.owner,
        "region": one.region,
        "tasks": list(one.tasks),
        "due_on": one.due_on.isoformat() if one.due_on else None,
    }
    return Record(
        organization_id=one.organization_id,
        name=one.name,
        status=FAILED if problem else DONE,
        folder=str(result.get("folder", "")),
        problem=" ".join(problem.split()),
        made_from=made_from,
        summary={**told, **result.get("summary", {})},
    )


def checked_folder(out: Path) -> None:
    """Raises: RunError where reports cannot be written into it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".batch.probe.{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise RunError(
            f"Nothing can be written into {out}: {error.strerror}. Choose another --out."
        ) from error
