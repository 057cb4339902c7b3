"""Which accounts of a store a batch is for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from audit import lifecycle
from audit.errors import InputError, unknown_name
from audit.ledger import Suppression
from audit.policy import DEFAULT_POLICY, OwnThresholds
from audit.store import Store

SEGMENTS = "SELECT organization_id, segment FROM lifecycle_segments"

KNOWN = """
SELECT
    o.organization_id, coalesce(nullif(trim(o.name), ''), o.organization_id),
    nullif(trim(v.text), ''), o.region
FROM organizations o
LEFT JOIN lifecycle_values v
    ON v.organization_id = o.organization_id AND v.field = 'onboarding_specialist'
ORDER BY o.organization_id
"""

#: Lines of a file of accounts that begin so are for people.
COMMENT = "#"


@dataclass(frozen=True)
class Chosen:
    """One account. ``tasks``: what is to be done with it now, where the queue was asked."""

    organization_id: str
    name: str
    owner: str | None = None
    region: str | None = None
    tasks: tuple[str, ...] = ()
    due_on: date | None = None


def listed(file: Path) -> list[str]:
    """Ids or exact names, one a line. Raises: InputError."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read as a list of accounts: {error}.") from error
    return [line.strip() for line in lines if line.strip() and not line.startswith(COMMENT)]


def by_name(store: Path, wanted: Sequence[str]) -> list[Chosen]:
    """The accounts of these ids or exact names, each once. Raises: InputError for one unknown."""
    with Store.open(store) as opened:
        identities = dict.fromkeys(opened.organization_id(one) for one in wanted)
        known = _known(opened)
    return [known[one] for one in identities]


def of_segments(store: Path, segments: Sequence[str]) -> list[Chosen]:
    """The accounts in any of the segments, or all where none is named.

    Raises: InputError for a segment that no account of the store is in.
    """
    with Store.open(store) as opened:
        known = _known(opened)
        if not segments:
            return list(known.values())
        rows = opened.connection.execute(SEGMENTS).fetchall()
    names = {lifecycle.folded(segment): segment for _, segment in rows}
    for one in segments:
        if lifecycle.folded(one) not in names:
            raise InputError(unknown_name("segment", one, sorted(names.values())))
    asked = {lifecycle.folded(one) for one in segments}
    inside = {identity for identity, segment in rows if lifecycle.folded(segment) in asked}
    return [one for one in known.values() if one.organization_id in inside]


def due(
    store: Path,
    *,
    segments: Sequence[str] = (),
    due_by: date | None = None,
    policy: str = DEFAULT_POLICY,
    as_of: date | None = None,
    lookback_days: int = 30,
    thresholds: OwnThresholds = None,
    suppressions: Sequence[Suppression] = (),
) -> list[Chosen]:
    """What `audit queue` shows as due, best first, of the segments where any is named."""
    from audit.queue.ranking import ranking
    from audit.queue.rows import queue

    inside = {one.organization_id for one in of_segments(store, segments)}
    ranked = ranking(
        store,
        policy=policy,
        as_of=as_of,
        lookback_days=lookback_days,
        thresholds=thresholds,
        suppressions=suppressions,
    )
    return [
        Chosen(
            row.organization_id,
            row.name or row.organization_id,
            row.owner,
            row.region,
            row.tasks,
            row.due_on,
        )
        for row in queue(ranked, due_by=due_by).rows
        if row.organization_id in inside
    ]


def _known(store: Store) -> dict[str, Chosen]:
    lifecycle.prepare(store.connection)
    rows = store.connection.execute(KNOWN).fetchall()
    return {one: Chosen(one, name, owner, region) for one, name, owner, region in rows}
