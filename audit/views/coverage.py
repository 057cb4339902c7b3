"""How much of an audit could be asked at all, and what its quantities are."""

from dataclasses import dataclass

from audit.checks import load_checks
from audit.findings.model import Audit, NotEvaluated
from audit.views import words

#: Origins of quantities that need no word beside the days of the window.
PLAIN = {"usage_daily", "subscriptions"}


@dataclass(frozen=True)
class Coverage:
    """Checks by how far they could be evaluated: everywhere, in some places, or nowhere."""

    everywhere: int
    in_part: int
    nowhere: int

    @property
    def run(self) -> int:
        return self.everywhere + self.in_part + self.nowhere

    @property
    def evaluated(self) -> int:
        return self.everywhere + self.in_part

    @property
    def in_words(self) -> str:
        """For an audit without a finding: '4 of 14 checks found nothing, 10 not evaluated'."""
        if not self.evaluated:
            return "No check could be evaluated"
        if not self.in_part and not self.nowhere:
            return f"{words.count(self.run, 'check')} found nothing"
        part = f", {self.in_part} of them with gaps" if self.in_part else ""
        rest = f", {self.nowhere} not evaluated" if self.nowhere else ""
        return f"{self.evaluated} of {words.count(self.run, 'check')} found nothing{part}{rest}"


def coverage(audit: Audit) -> Coverage:
    """Counts checks, not places: one with a finding, or answered in one place, was evaluated."""
    found = {finding.check for finding in audit.findings}
    gaps: dict[str, set[tuple[str | None, str | None]]] = {}
    for row in audit.not_evaluated:
        gaps.setdefault(row.check, set()).add((row.project_id, row.product))
    nowhere = {
        name
        for name, rows in gaps.items()
        if name not in found and len(rows) >= _places(audit, name)
    }
    return Coverage(
        everywhere=len([name for name in audit.checks_run if name not in gaps]),
        in_part=len(gaps) - len(nowhere),
        nowhere=len(nowhere),
    )


def _places(audit: Audit, check: str) -> int:
    """Where a check with gaps could have been answered. A gap without a place is everywhere."""
    rows: list[NotEvaluated] = [row for row in audit.not_evaluated if row.check == check]
    if any(row.project_id is None and row.product is None for row in rows):
        return 1
    if rows[0].project_id is not None:
        frame = audit.facts.get("project")
        return len(audit.account["projects"]) if frame is None else len(frame)
    frame = audit.facts.get("product")
    if frame is None:
        return len(rows)
    known = load_checks().get(check)
    only = getattr(known.module, "PRODUCTS", None) if known else None
    return len(frame) if only is None else int(frame["product"].isin(only).sum())


def in_window(audit: Audit) -> bool:
    """Whether the bill's quantities are all counted in the window."""
    return audit.usage_is_known and set(audit.origins.values()) <= PLAIN


def quantities(audit: Audit) -> str:
    """What is priced as one billing month, to stand behind 'Estimate,' or 'Bill by product,'."""
    if in_window(audit):
        return f"{words.span(audit.period.start, audit.period.end)} as one billing month"
    return audit.quantities_of


def only_project(audit: Audit) -> str:
    """The project that findings were narrowed to, by name; empty when they were not."""
    if not audit.project_id:
        return ""
    projects = audit.account["projects"]
    names = dict(zip(projects["project_id"], projects["name"], strict=True))
    name = names.get(audit.project_id)
    return words.shown(name if isinstance(name, str) and name.strip() else audit.project_id)


def narrowed(audit: Audit) -> str:
    """A sentence for a narrowed audit, or nothing."""
    project = only_project(audit)
    if not project:
        return ""
    return (
        f"Findings of project {project} only, and those of no project; the bill is the whole "
        "organization's"
    )
