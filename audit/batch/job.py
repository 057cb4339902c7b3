"""One account of a batch, from wherever it comes to its report folder, in a process of its own."""

import errno
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.batch.fingerprint import digest
from audit.engine.execute import Limits
from audit.errors import AuditError

if TYPE_CHECKING:
    from audit.account import Account
    from audit.engine.ready import Ready
    from audit.reports import RunResult

#: After these nothing else can be written either.
NO_USE_TO_GO_ON = {
    errno.ENOSPC: "The disk is full",
    errno.EDQUOT: "The quota of the disk is used up",
    errno.EROFS: "The folder can only be read",
}


@dataclass(frozen=True)
class Job:
    """An account and everything its report is asked to be; JSON data.

    ``store``: a snapshot, or the file of the account. ``asked``: what :func:`audit.run.run` takes.
    ``made_from``: the digests of everything but the account. ``unless_facts``: with facts of this
    digest nothing is to be done.
    """

    organization_id: str
    out: str
    store: str
    notebook: str
    asked: Mapping[str, Any]
    made_from: Mapping[str, str]
    unless_facts: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    drafts: bool = False
    booking_link: str = ""
    sender: str = ""
    pdf: bool = False
    shared_assets: bool = False

    def as_plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_plain(cls, value: Mapping[str, Any]) -> "Job":
        return cls(**{one.name: value[one.name] for one in fields(cls)})


def perform(payload: Mapping[str, Any], progress: Callable[[str], None]) -> dict[str, Any]:
    """Make the report: ``made_from`` with the facts, ``folder`` below ``out`` and ``summary``.

    Where the facts are the same as before, ``unchanged`` instead; where it failed, a ``problem`` in
    words, and ``stop`` where the next account would fail for the same reason.

    Raises: AuditError where the account cannot be read.
    """
    from audit.engine.ready import Ready

    job = Job.of_plain(payload)
    try:
        with Ready() as ready:  # before the account is read
            return _made(job, ready, progress)
    except OSError as error:
        return failed_by(error)


def failed_by(error: OSError) -> dict[str, Any]:
    """What came of an account on which the system gave an error."""
    stops = NO_USE_TO_GO_ON.get(error.errno or 0)
    what = stops or error.strerror or str(error)
    problem = f"{what}: {error.filename}." if error.filename else f"{what}."
    return {"problem": problem, "stop": stops is not None}


def _made(job: Job, ready: "Ready", progress: Callable[[str], None]) -> dict[str, Any]:
    from audit import run as runs
    from audit.open import load_account

    progress("Reading the account")
    account = load_account(job.organization_id, store=job.store)
    facts = digest(*(account.fingerprint(name) for name in sorted(account.frames)))
    made_from = {**job.made_from, "facts": facts}
    if job.unless_facts == facts:
        return {"unchanged": True, "made_from": made_from}
    try:
        result = runs.run(
            account=account,
            out=job.out,
            notebook=Path(job.notebook),
            parameters=job.parameters,
            limits=Limits(**job.limits),
            shared_assets=job.shared_assets,
            pdf=job.pdf,
            progress=progress,
            ready=ready,
            **job.asked,
        )
    except AuditError as error:
        folder = runs.failed_at(runs.place_of(account, job.out, job.asked.get("as_of", "")))
        kept = _below(folder, job.out) if folder.is_dir() else ""
        return {"problem": str(error), "folder": kept, "made_from": made_from}
    no_draft = _drafted(job, account, result) if job.drafts else ""
    return {
        "made_from": made_from,
        "folder": _below(result.folder, job.out),
        "summary": {**summary(result.findings), "no_draft": no_draft},
    }


def _below(folder: Path, out: str) -> str:
    return Path(os.path.relpath(folder, out)).as_posix()


def _drafted(job: Job, account: "Account", result: "RunResult") -> str:
    """The first message beside the report; why there is none."""
    from audit import outreach
    from audit import run as runs

    if not result.findings.is_file():
        return "its notebook writes no findings"
    content = result.findings.read_bytes()
    try:
        made = outreach.draft(
            json.loads(content),
            account,
            findings=content,
            booking=job.booking_link,
            sender=job.sender,
        )
    except AuditError as error:
        return str(error)
    outreach.write(made, result.folder / runs.DRAFTS)
    return ""


def summary(findings: Path) -> dict[str, Any]:
    """What the index says of a report. A notebook of one's own may write no findings."""
    if not findings.is_file():
        return {}
    found = json.loads(findings.read_text(encoding="utf-8"))
    shown = [one for one in found["findings"] if not one["suppressed"]]
    known = found["bill"]["usage_is_known"]
    return {
        "bill_usd": found["bill"]["total"] if known else None,
        "joint_saving_usd": found["joint_saving"] if known else None,
        "findings_count": len(shown),
        "needs_action_count": sum(one["severity"] == "needs_action" for one in shown),
        "not_evaluated_count": len(found["not_evaluated"]),
        "renewal_on": (found.get("forecast") or {}).get("end"),
        "headline": shown[0]["message"] if shown else "",
    }
