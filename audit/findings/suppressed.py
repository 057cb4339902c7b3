"""The ledger's word on what checks found: which findings are open, and what that leaves."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from audit.checks.contract import Check
from audit.checks.engine_facts import ENGINE_FACTS
from audit.facts.runner import Scope, files_of
from audit.findings.flags import Cut, Verdicts
from audit.findings.pricing import usd
from audit.ledger import Judgement, Place, Ruling, Suppression, judged

if TYPE_CHECKING:
    from audit.findings.world import World

#: What the ledger says of the flagged rows of one check, by fact row; of others it says nothing.
Rulings = Mapping[int, Ruling]


def rulings(world: "World", verdict: Verdicts, suppressions: Sequence[Suppression]) -> Rulings:
    """The ledger's word on one check's findings, in every organization it speaks of."""
    mine = [one for one in suppressions if one.check == verdict.check.name]
    found: dict[int, Ruling] = {}
    for key, rows in _flagged(world, verdict, mine).items():
        judgement = judged(rows.values(), mine, _as_of(world, key))
        found |= {
            row: ruling
            for row, ruling in zip(rows, judgement.rulings, strict=True)
            if ruling.suppression is not None
        }
    return found


def opened(verdict: Verdicts, of: Rulings) -> Verdicts:
    """A check without the findings that are suppressed, as if it had not flagged them."""
    gone = [row for row, ruling in of.items() if ruling.suppressed]
    if not gone:
        return verdict
    stays = ~np.isin(verdict.flagged, gone)
    kept = ~np.isin(verdict.cut.fact_row, gone)
    cut = verdict.cut
    return replace(
        verdict,
        flagged=verdict.flagged[stays],
        severities=[s for s, here in zip(verdict.severities, stays, strict=True) if here],
        cut=Cut(cut.fact_row[kept], cut.row[kept], cut.share[kept]),
    )


def judgements(
    world: "World", suppressions: Sequence[Suppression], project_id: str = ""
) -> dict[str, Judgement]:
    """What has become of every suppression, by organization; those of organizations that were
    not audited are left out. ``project_id``: the project the checks were kept to, if any."""
    by_organization = defaultdict(list)
    for one in suppressions:
        by_organization[one.organization_id].append(one)
    keys = dict(zip(world.audited["organization_id"], world.audited["key"], strict=True))
    asked = {one.check for one in suppressions}
    places: defaultdict[int, list[Place]] = defaultdict(list)
    gaps: defaultdict[int, list[Place]] = defaultdict(list)
    for name, verdict in world.verdicts.items():
        if name not in asked:
            continue
        for key, rows in _flagged(world, verdict, suppressions).items():
            places[key] += rows.values()
        for key, missing in _missing(world, verdict, by_organization).items():
            gaps[key] += missing
    return {
        organization: judged(
            places[int(keys[organization])],
            mine,
            _as_of(world, int(keys[organization])),
            [*gaps[int(keys[organization])], *_not_asked(world, mine, project_id)],
        )
        for organization, mine in by_organization.items()
        if organization in keys
    }


def _flagged(
    world: "World", verdict: Verdicts, suppressions: Sequence[Suppression]
) -> dict[int, dict[int, Place]]:
    """By organization with a suppression: its flagged fact rows and where they are."""
    wanted = {one.organization_id for one in suppressions}
    keys = world.organization_keys(verdict)
    rows = _within(verdict, verdict.flagged, wanted)
    if not rows:
        return {}
    alone = world.savings.alone(keys, verdict.cut)
    known = world.usage_is_known()
    found: defaultdict[int, dict[int, Place]] = defaultdict(dict)
    for row in rows:
        key = int(keys[row])
        priced = known[key] and row not in verdict.unpriced_fact
        found[key][row] = _place(verdict, row, usd(alone[row]) if priced else None)
    return found


def _missing(world: "World", verdict: Verdicts, wanted: Collection[str]) -> dict[int, list[Place]]:
    """By organization with a suppression: where the check could not be evaluated."""
    keys = world.organization_keys(verdict)
    found: defaultdict[int, list[Place]] = defaultdict(list)
    for row in _within(verdict, verdict.missing, wanted):
        found[int(keys[row])].append(_place(verdict, row, None))
    return found


def _not_asked(world: "World", mine: Iterable[Suppression], project_id: str) -> list[Place]:
    """Gaps of a whole organization: the check did not run, failed, found no project to look at,
    or was kept to another one."""
    gaps = []
    for one in mine:
        verdict = world.verdicts.get(one.check)
        asked = verdict is not None and not verdict.error
        if asked and verdict is not None and verdict.scope == "project":
            owners = verdict.frame["organization_id"]
            asked = bool((owners == one.organization_id).any()) and project_id in (
                "",
                one.project_id,
            )
        if not asked:
            gaps.append(Place(one.check, one.organization_id))
    return gaps


def _within(verdict: Verdicts, rows: Any, wanted: Collection[str]) -> list[int]:
    owners = verdict.frame["organization_id"].to_numpy()
    return [int(row) for row in rows if owners[row] in wanted]


def _place(verdict: Verdicts, row: int, saving_alone: Decimal | None) -> Place:
    fact = verdict.frame.iloc[row]
    return Place(
        check=verdict.check.name,
        organization_id=str(fact["organization_id"]),
        project_id=str(fact["project_id"]) if verdict.scope == "project" else None,
        product=str(fact["product"]) if verdict.scope == "product" else None,
        saving_alone=saving_alone,
    )


def _as_of(world: "World", key: int) -> Any:
    return world.audited["as_of"].iloc[key].date()


def scope_named(check: Check) -> Scope:
    """Where a check finds its fault, from the names of its facts alone."""
    scopes: set[str] = {file.scope for name in check.all_facts for file in files_of(name)}
    scopes |= {ENGINE_FACTS[name].scope for name in check.all_facts if name in ENGINE_FACTS}
    finer = scopes - {"organization"}
    return finer.pop() if finer else "organization"  # type: ignore[return-value]
