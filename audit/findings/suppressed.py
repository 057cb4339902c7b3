"""The ledger's word on what checks found: which findings are open, and what that leaves."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from audit.checks.contract import Check
from audit.checks.engine_facts import ENGINE_FACTS
from audit.facts.runner import Scope, files_of
from audit.findings.flags import Cut, Verdicts
from audit.findings.pricing import Integers, usd
from audit.ledger import Judgement, Place, Ruling, Suppression, judged

if TYPE_CHECKING:
    from audit.findings.world import World

#: What the ledger says of the flagged rows of one check, by fact row; of others it says nothing.
Rulings = Mapping[int, Ruling]


def rulings(world: "World", verdict: Verdicts, suppressions: Sequence[Suppression]) -> Rulings:
    """The ledger's word on one check's findings, in every organization it speaks of."""
    mine = _by_organization(one for one in suppressions if one.check == verdict.check.name)
    if not mine:
        return {}
    found: dict[int, Ruling] = {}
    days = _days(world, mine)
    for organization, rows in _flagged(world, verdict, mine).items():
        judgement = judged(rows.values(), mine[organization], days[organization])
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
    mine = _by_organization(suppressions)
    by_check = defaultdict(list)
    for one in suppressions:
        by_check[one.check].append(one)
    places: defaultdict[str, list[Place]] = defaultdict(list)
    gaps: defaultdict[str, list[Place]] = defaultdict(list)
    for name, some in by_check.items():
        verdict = world.verdicts.get(name)
        if verdict is None:
            continue
        wanted = {one.organization_id for one in some}
        for organization, rows in _flagged(world, verdict, wanted).items():
            places[organization] += rows.values()
        for place in _places(verdict, _within(verdict, verdict.missing, wanted)):
            gaps[place.organization_id].append(place)
    for place in _not_asked(world, suppressions, project_id):
        gaps[place.organization_id].append(place)
    return {
        organization: judged(places[organization], mine[organization], day, gaps[organization])
        for organization, day in _days(world, mine).items()
    }


def _by_organization(suppressions: Iterable[Suppression]) -> dict[str, list[Suppression]]:
    found = defaultdict(list)
    for one in suppressions:
        found[one.organization_id].append(one)
    return dict(found)


def _flagged(
    world: "World", verdict: Verdicts, wanted: Collection[str]
) -> dict[str, dict[int, Place]]:
    """By organization that is wanted: its flagged fact rows and where they are."""
    rows = _within(verdict, verdict.flagged, wanted)
    if not len(rows):
        return {}
    keys = world.organization_keys(verdict)
    alone = world.savings.alone(keys, verdict.cut)[rows].tolist()
    known = world.usage_is_known()[keys[rows]].tolist()
    found: defaultdict[str, dict[int, Place]] = defaultdict(dict)
    for number, place in enumerate(_places(verdict, rows)):
        row = int(rows[number])
        priced = known[number] and row not in verdict.unpriced_fact
        found[place.organization_id][row] = place._replace(
            saving_alone=usd(alone[number]) if priced else None
        )
    return found


def _not_asked(
    world: "World", suppressions: Iterable[Suppression], project_id: str
) -> Iterator[Place]:
    """Gaps of a whole organization: the check did not run, failed, found no project to look at,
    or was kept to another one."""
    with_projects = set(world.facts.frames["project"]["organization_id"])
    for one in suppressions:
        verdict = world.verdicts.get(one.check)
        asked = verdict is not None and not verdict.error
        if asked and verdict is not None and verdict.scope == "project":
            asked = one.organization_id in with_projects and project_id in ("", one.project_id)
        if not asked:
            yield Place(one.check, one.organization_id)


def _within(verdict: Verdicts, rows: Integers, wanted: Collection[str]) -> Integers:
    owners = verdict.frame["organization_id"].iloc[rows]
    return rows[owners.isin(list(wanted)).to_numpy(dtype=bool)]


def _places(verdict: Verdicts, rows: Integers) -> Iterator[Place]:
    """Where fact rows are, their savings left out."""
    frame = verdict.frame

    def texts(column: str) -> list[str]:
        return [str(value) for value in frame[column].iloc[rows]]

    nowhere: list[None] = [None] * len(rows)
    projects = texts("project_id") if verdict.scope == "project" else nowhere
    products = texts("product") if verdict.scope == "product" else nowhere
    check = verdict.check.name
    for owner, project, product in zip(texts("organization_id"), projects, products, strict=True):
        yield Place(check, owner, project, product)


def _days(world: "World", wanted: Collection[str]) -> dict[str, date]:
    """The audit's now of those organizations that were audited."""
    audited = world.audited[world.audited["organization_id"].isin(list(wanted))]
    return dict(zip(audited["organization_id"], audited["as_of"].dt.date, strict=True))


def scope_named(check: Check) -> Scope:
    """Where a check finds its fault, from the names of its facts alone."""
    scopes: set[str] = {file.scope for name in check.all_facts for file in files_of(name)}
    scopes |= {ENGINE_FACTS[name].scope for name in check.all_facts if name in ENGINE_FACTS}
    finer = scopes - {"organization"}
    return finer.pop() if finer else "organization"  # type: ignore[return-value]
