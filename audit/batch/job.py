"""One account of a batch, from wherever it comes to its report folder, in a process of its own."""

import base64
import errno
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from audit.batch.fingerprint import digest
from audit.engine.execute import Limits
from audit.errors import AuditError, RunError

#: After these nothing else can be written either.
NO_USE_TO_GO_ON = {
    errno.ENOSPC: "The disk is full",
    errno.EDQUOT: "The quota of the disk is used up",
    errno.EROFS: "The folder can only be read",
}


@dataclass(frozen=True)
class Job:
    """An account and everything its report is asked to be; JSON data.

    ``store``: a snapshot, or ``bundle``: the account itself as bytes in base64. ``asked``: what
    :func:`audit.run.run` takes. ``known``: what the report in place was made from, empty where
    there is none; where all of it still holds, nothing is done.
    """

    organization_id: str
    name: str
    out: str
    asked: Mapping[str, Any]
    made_from: Mapping[str, str]
    store: str = ""
    bundle: str = ""
    known: Mapping[str, str] = field(default_factory=dict)
    notebook: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    tasks: tuple[str, ...] = ()
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
    """Make the report. ``{"changed": what had changed, "made_from", "folder", "summary"}``; nothing
    had changed: ``{"unchanged": True, "made_from"}``.

    Raises: AuditError. An OSError after which nothing can be written ends in one that says so.
    """
    from audit.engine.ready import Ready

    job = Job.of_plain(payload)
    try:
        with Ready() as ready:  # before the account is read
            return _made(job, ready, progress)
    except OSError as error:
        raise RunError(told(error)) from error


def told(error: OSError) -> str:
    """An error of the system in one line."""
    what = NO_USE_TO_GO_ON.get(error.errno or 0) or error.strerror or str(error)
    return f"{what}: {error.filename}." if error.filename else f"{what}."


def no_use_to_go_on(problem: str) -> bool:
    """Whether the next account would fail for the same reason."""
    return problem.startswith(tuple(NO_USE_TO_GO_ON.values()))


def _made(job: Job, ready: Any, progress: Callable[[str], None]) -> dict[str, Any]:
    from audit import run as runs

    progress("Reading the account")
    with TemporaryDirectory(prefix="audit-") as private:
        account = _account(job, Path(private))
        facts = digest(account.save(Path(private) / "facts.zip").read_bytes())
    made_from = {**job.made_from, "facts": facts}
    if job.known and all(
        job.known.get(name) == value for name, value in made_from.items() if name != "store"
    ):
        return {"unchanged": True, "made_from": made_from}
    try:
        result = runs.run(
            account=account,
            out=job.out,
            notebook=Path(job.notebook) if job.notebook else None,
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
        kept = os.path.relpath(folder, job.out) if folder.is_dir() else ""
        return {"problem": str(error), "folder": kept, "made_from": made_from}
    drafted = _drafted(job, account, result) if job.drafts else ""
    return {
        "made_from": made_from,
        "no_draft": drafted,
        "folder": Path(os.path.relpath(result.folder, job.out)).as_posix(),
        "summary": summary(result.findings),
    }


def _drafted(job: Job, account: Any, result: Any) -> str:
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


def _account(job: Job, private: Path) -> Any:
    from audit.open import load_account

    if not job.bundle:
        return load_account(job.organization_id, store=job.store)
    file = private / "account.zip"
    file.write_bytes(base64.b64decode(job.bundle))
    return load_account(job.organization_id, account=str(file))


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
