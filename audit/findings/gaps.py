"""What could not be answered about one account, and why: never a pass, never zero."""

from collections.abc import Iterable

from audit.facts.runner import Scope
from audit.findings.flags import Verdicts
from audit.findings.model import NotEvaluated
from audit.findings.world import World


def not_evaluated(world: World) -> Iterable[NotEvaluated]:
    """One gap per check and place, and one per finding that could not be priced."""
    for verdict in world.verdicts.values():
        if verdict.error:
            yield NotEvaluated(verdict.check.name, None, None, "", verdict.error)
            continue
        yield from _nowhere(world, verdict)
        gaps = list(zip(verdict.missing.tolist(), verdict.missing_fact, strict=True))
        priced = [(row, name) for row, name in verdict.unpriced_fact.items()]
        for row, name in gaps:
            yield _gap(world, verdict, row, name, "")
        for row, name in priced:
            if row in verdict.flagged:
                yield _gap(
                    world, verdict, row, name, "the fault is found, its saving is not priced: "
                )


def _nowhere(world: World, verdict: Verdicts) -> Iterable[NotEvaluated]:
    """A check whose projects or products nobody named has not passed; it could not be asked."""
    if len(verdict.frame):
        return
    first = verdict.check.facts[0]
    if verdict.scope == "project":
        reason = "no project is known; pull with a personal API key, or add an export by project"
        yield NotEvaluated(verdict.check.name, None, None, first, reason)
    elif verdict.scope == "product" and world.usage.totals.empty:
        reason = "no usage and no limit of any product is known"
        yield NotEvaluated(verdict.check.name, None, None, first, reason)


def _gap(world: World, verdict: Verdicts, row: int, name: str, before: str) -> NotEvaluated:
    fact = verdict.frame.iloc[row]
    product = str(fact["product"]) if verdict.scope == "product" else None
    return NotEvaluated(
        check=verdict.check.name,
        project_id=str(fact["project_id"]) if verdict.scope == "project" else None,
        product=product,
        missing=name,
        reason=before + _reason(world, verdict.scope, row, name, product),
    )


def _reason(world: World, scope: Scope, row: int, name: str, product: str | None) -> str:
    facts = world.facts
    of = facts.scope_of(name)
    at = row
    if of is not None and of != scope:
        at = int(world.facts.frames[scope]["organization_key"].iloc[row])
    return facts.reason(name, at, product if of == "product" else None) or "unknown"
