"""The batch: a job for each account that needs one, and a line in the manifest for each end."""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from urllib.parse import quote

from audit.batch.choice import Chosen
from audit.batch.fingerprint import depends_on, file_digest
from audit.batch.job import Job, no_use_to_go_on
from audit.batch.manifest import DONE, FAILED, Manifest, Record, alone
from audit.engine.pool import Done
from audit.errors import RunError
from audit.policy import Policy

PERFORM = "audit.batch.job:perform"
SNAPSHOT = ".batch."
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
INDEX = "index.html"

#: Reasons to make a report, by what a record was made from.
CHANGED = {
    "facts": "its facts changed",
    "policy": "the policy changed",
    "prices": "the prices changed",
    "code": "the toolkit or the notebook changed",
    "options": "it is asked for differently",
}


class Workers(Protocol):
    """Processes here or elsewhere: :class:`audit.engine.pool.Pool`, or a cluster."""

    def run(
        self, target: str, payloads: Iterable[dict[str, Any]], progress: Any = ...
    ) -> Iterator[Done]: ...


@dataclass(frozen=True)
class Plan:
    """``todo``: the accounts to make a report of, each with the reason; ``kept``: the others."""

    todo: tuple[tuple[Chosen, str], ...]
    kept: tuple[Chosen, ...]


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


def plan(out: Path, chosen: Sequence[Chosen], request: Request, store_digest: str) -> Plan:
    """What is to be done, and why. Reads the folder and writes nothing.

    Accounts of a store that changed are in it too: whether their own facts did is seen when they
    are read.
    """
    records = Manifest.read(out).records
    made_from = {**request.depends_on(), "store": store_digest}
    todo, kept = [], []
    for one in chosen:
        reason = _reason(out, records.get(one.organization_id), made_from, request.again)
        if reason:
            todo.append((one, reason))
        else:
            kept.append(one)
    return Plan(tuple(todo), tuple(kept))


def batch(
    store: Path,
    out: Path,
    chosen: Sequence[Chosen],
    request: Request,
    workers: Callable[[], Any],
    *,
    bundles: bool = False,
    progress: Callable[[str], None] = lambda _: None,
    ended: Callable[[Record], None] = lambda _: None,
) -> Outcome:
    """Make the reports that are missing, changed or failed, and go on whatever happens to one.

    ``store``: the snapshot that all of it is read from (:func:`snapshot`). ``workers``: gives a
    context manager of :class:`Workers`. ``bundles``: accounts travel to them instead of being read
    there. ``ended`` is told of each account that ended.
    When nothing more can be written it stops, and says so; what was done stays.
    """
    outcome = Outcome()
    digest = file_digest(store)
    with alone(out):
        sweep(out)
        manifest = Manifest.read(out)
        found = plan(out, chosen, request, digest)
        outcome.skipped = len(found.kept)
        todo = [one for one, _ in found.todo]
        if not todo and (out / INDEX).is_file():
            return outcome
        jobs = _jobs(store, out, todo, request, digest, manifest, bundles)
        pace = Pace(len(todo), progress)
        with workers() as pool:
            for done in pool.run(PERFORM, jobs, pace.step):
                record = _record(todo[done.number], done, manifest)
                if record is None:
                    outcome.skipped += 1
                else:
                    manifest.add(record)
                    outcome.records.append(record)
                    ended(record)
                pace.ended(record is not None and record.status == FAILED)
                if record is not None and no_use_to_go_on(record.problem):
                    outcome.stopped = record.problem
                    break
        write_index(out, manifest, request.policy.name)
    return outcome


def write_index(out: Path, manifest: Manifest, policy: str) -> Path:
    """The page over every account of the folder, also those of earlier batches.

    Raises: RunError where an index.html of somebody else's is in its place.
    """
    from audit.report import index

    path = out / INDEX
    if path.exists() and index.MARK not in path.read_text(encoding="utf-8", errors="replace"):
        raise RunError(f"{path} is not ours. Move it away, or choose another --out.")
    entries = [_entry(out, one) for one in manifest.records.values()]
    return index.write(entries, path, title="Account audits", about=f"By the policy {policy}.")


def _entry(out: Path, record: Record) -> Any:
    from audit.report.index import Entry

    told = record.summary

    def link(name: str) -> str | None:
        there = record.folder and (out / record.folder / name).is_file()
        return quote(f"{record.folder}/{name}") if there else None

    return Entry(
        organization_id=record.organization_id,
        name=record.name,
        status=record.status,
        page=link("audit.html") or link("audit.ipynb"),
        drafts=link("outreach/email.html"),
        owner=told.get("owner"),
        region=told.get("region"),
        tasks=tuple(told.get("tasks", ())),
        renewal_on=told.get("renewal_on"),
        due_on=told.get("due_on"),
        bill_usd=told.get("bill_usd"),
        joint_saving_usd=told.get("joint_saving_usd"),
        findings_count=told.get("findings_count"),
        needs_action_count=told.get("needs_action_count"),
        not_evaluated_count=told.get("not_evaluated_count"),
        headline=str(told.get("headline", "")),
        problem=record.problem,
    )


@contextmanager
def snapshot(store: Path) -> Iterator[Path]:
    """The store as it is now, whatever is published meanwhile: a second name of its file, or a
    copy where there can be none."""
    _sweep_snapshots(store)
    held = store.with_name(f"{store.name}{SNAPSHOT}{os.getpid()}")
    with TemporaryDirectory(prefix="audit-") as private:
        try:
            held.unlink(missing_ok=True)
            os.link(store, held)
        except OSError:
            held = Path(private) / store.name
            shutil.copyfile(store, held)
        try:
            yield held
        finally:
            held.unlink(missing_ok=True)


def _sweep_snapshots(store: Path) -> None:
    for left in store.parent.glob(f"{escape(store.name)}{SNAPSHOT}*"):
        process = left.name.rpartition(".")[2]
        if process.isdigit() and not _is_alive(int(process)):
            left.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def sweep(out: Path) -> None:
    """Take away the hidden folders that killed batches left half-made, and nothing else."""
    for left in out.glob("*/.*.new"):
        if left.is_dir() and not left.is_symlink() and DAY.fullmatch(left.parent.name):
            shutil.rmtree(left, ignore_errors=True)


class Pace:
    """How far it is, how fast, and how long it will take; of the steps of one account only where
    there is but one."""

    def __init__(self, total: int, progress: Callable[[str], None]) -> None:
        self._total = total
        self._progress = progress
        self._began = time.monotonic()
        self._done = self._failed = 0

    def step(self, _: int, text: str) -> None:
        """An account says where it is."""
        if self._total == 1:
            self._progress(text)

    def ended(self, failed: bool) -> None:
        """An account ended."""
        self._done += 1
        self._failed += failed
        self._progress(self.line(time.monotonic() - self._began))

    def line(self, seconds: float) -> str:
        """After so many seconds."""
        text = f"{self._done} of {self._total} done"
        if self._failed:
            text += f", {self._failed} failed"
        if self._done < self._total and seconds > 0:
            rate = self._done / seconds
            text += f", {rate:.1f} a second, {lasting((self._total - self._done) / rate)} left"
        return text


def lasting(seconds: float) -> str:
    """A duration for people.

    >>> lasting(7.2), lasting(95), lasting(7300)
    ('8 s', '1 min 35 s', '2 h 2 min')
    """
    whole = int(seconds) + (seconds > int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _reason(out: Path, record: Record | None, made_from: Mapping[str, str], again: bool) -> str:
    if record is None:
        return "it has no report yet"
    if record.status == FAILED:
        return "it failed before"
    if again:
        return "all are made again"
    if not (out / record.folder / "audit.html").is_file():
        return "its report is gone"
    for name, words in CHANGED.items():
        if name in made_from and record.made_from.get(name) != made_from[name]:
            return words
    if record.made_from.get("store") != made_from["store"]:
        return "the store changed"
    return ""


def _jobs(
    store: Path,
    out: Path,
    todo: Sequence[Chosen],
    request: Request,
    digest: str,
    manifest: Manifest,
    bundles: bool,
) -> Iterator[dict[str, Any]]:
    made_from = {**request.depends_on(), "store": digest}
    for one in todo:
        record = manifest.records.get(one.organization_id)
        whole = (
            record is not None
            and record.status == DONE
            and not request.again
            and (out / record.folder / "audit.html").is_file()
        )
        yield Job(
            organization_id=one.organization_id,
            name=one.name,
            out=str(out.resolve()),
            asked=request.asked,
            made_from=made_from,
            store="" if bundles else str(store.resolve()),
            bundle=_bundle(store, one.organization_id) if bundles else "",
            known=record.made_from if record is not None and whole else {},
            notebook=str(request.notebook.resolve()),
            parameters=request.parameters,
            limits=request.limits,
            tasks=one.tasks,
            drafts=request.drafts,
            booking_link=request.booking_link,
            sender=request.sender,
            pdf=request.pdf,
            shared_assets=request.shared_assets,
        ).as_plain()


def _bundle(store: Path, organization_id: str) -> str:
    import base64
    from tempfile import TemporaryDirectory

    from audit.open import load_account

    with TemporaryDirectory(prefix="audit-") as folder:
        file = load_account(organization_id, store=str(store)).save(Path(folder) / "account.zip")
        return base64.b64encode(file.read_bytes()).decode("ascii")


def _record(one: Chosen, done: Done, manifest: Manifest) -> Record | None:
    """The line of an account that ended; None where nothing had changed."""
    result = done.result or {}
    before = manifest.records.get(one.organization_id)
    if result.get("unchanged") and before is not None:
        manifest.add(
            Record(
                one.organization_id,
                one.name,
                DONE,
                before.folder,
                "",
                result["made_from"],
                before.summary,
            )
        )
        return None
    problem = done.problem or str(result.get("problem", ""))
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
        made_from=result.get("made_from", {}),
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
