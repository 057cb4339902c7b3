"""The index page over every account of a folder of reports."""

from pathlib import Path
from urllib.parse import quote

from audit.batch.manifest import Record
from audit.errors import RunError
from audit.report import index
from audit.report.index import Entry
from audit.run import DRAFTS

NAME = "index.html"


def refuse_others(out: Path) -> None:
    """Raises: RunError where an index.html of somebody else's is in our index's place."""
    path = out / NAME
    if path.exists() and index.MARK not in path.read_text(encoding="utf-8", errors="replace"):
        raise RunError(f"{path} is not ours. Move it away, or choose another --out.")


def write(out: Path, records: list[Record], policy: str) -> Path:
    """The page, over the accounts of earlier batches too."""
    entries = [_entry(out, one) for one in records]
    return index.write(
        entries, out / NAME, title="Account audits", about=f"By the policy {policy}."
    )


def _entry(out: Path, record: Record) -> Entry:
    told = record.summary

    def link(name: str) -> str | None:
        there = record.folder and (out / record.folder / name).is_file()
        return quote(f"{record.folder}/{name}") if there else None

    return Entry(
        organization_id=record.organization_id,
        name=record.name,
        status=record.status,
        page=link("audit.html") or link("audit.ipynb"),
        drafts=link(f"{DRAFTS}/email.html"),
        no_draft=str(told.get("no_draft", "")),
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
