"""All configured systems at once, joined by organization.

Each is read in a thread of its own, since each has its own limits. What one says of an
organization by billing customer or address is joined when all are in. A system that fails costs
what only it says: that is missing with the reason, and what it said last time stays.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from audit.errors import AuditError, SettingsError, SourceError, TableError
from audit.sources.posthog.client import Client
from audit.sources.posthog.key import api_key
from audit.sources.systems import calendly, metabase, stripe, vitally, warehouse, zendesk
from audit.sources.systems.gathered import Gathered, Who
from audit.sources.systems.joining import Joined
from audit.web.failures import RequestError
from audit.web.kept import Kept
from audit.web.keys import READ, key_of
from audit.web.systems import Systems

Opened = TypeVar("Opened", bound=AbstractContextManager[Any])

READABLE = ("warehouse", "vitally", "metabase", "stripe", "zendesk", "calendly")

#: What is lost of which system, for a system that could not be read at all.
SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "warehouse": ("bill_lines", "lifecycle.warehouse", "usage_daily"),
    "vitally": ("lifecycle",),
    "metabase": ("usage_daily",),
    "stripe": ("invoices",),
    "zendesk": (zendesk.SUBJECT,),
    "calendly": (calendly.SUBJECT,),
}


@dataclass(frozen=True)
class Pulled:
    """``tables`` to publish with ``merge``; ``failed``: system to reason; ``requests``: sent;
    ``remarks``: what is about no single organization."""

    tables: dict[str, pd.DataFrame]
    systems: tuple[str, ...]
    failed: dict[str, str]
    requests: dict[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def pull_systems(
    systems: Systems,
    *,
    as_of: date,
    lookback_days: int = 30,
    history_days: int = 120,
    who: Who | None = None,
    store: str | Path = "",
    kept: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Pulled:
    """Canonical tables of every organization that the configured systems know, or of one.

    ``store``: where what a failed system said last time is found. ``kept``: folder for the answers
    of a pull that is not over; a second one goes on from there.

    Raises: SettingsError when no system is configured or a key is missing or of the wrong kind;
    SourceError when every system failed.
    """
    readers = _readers(systems, who, as_of, lookback_days, history_days, progress, kept)
    with ThreadPoolExecutor(len(readers)) as pool:
        running = {name: pool.submit(reading) for name, reading in readers.items()}
        found: list[Gathered] = []
        failed: dict[str, str] = {}
        for name, future in running.items():
            try:
                found.append(future.result())
            except SourceError as error:
                failed[name] = str(error)
            progress(f"{len(found) + len(failed)} of {len(readers)} systems, {name}")
    if not found:
        raise SourceError("No system could be read. " + " ".join(failed.values()))
    joined = Joined(found, failed, as_of, who, Path(store) if store else None)
    tables = joined.tables({name: SUBJECTS[name] for name in failed})
    return Pulled(
        tables,
        tuple(one.system for one in found),
        failed,
        {one.system: one.requests for one in found},
        tuple(joined.remarks),
    )


def configured(systems: Systems) -> tuple[str, ...]:
    """Systems that can be read and have a section in the settings."""
    return tuple(name for name in READABLE if getattr(systems, name) is not None)


def _readers(
    systems: Systems,
    who: Who | None,
    as_of: date,
    lookback_days: int,
    history_days: int,
    progress: Callable[[str], None],
    kept: Path | None,
) -> dict[str, Callable[[], Gathered]]:
    """Every reader with its key; keys are looked for before anything is asked."""
    wanted = configured(systems)
    if not wanted:
        raise SettingsError(
            "No system is configured. Add a section to audit.toml, such as [systems.vitally]; "
            f"known: {', '.join(READABLE)}. docs/systems.md has one for each."
        )
    whose = who.organization_id if who else "portfolio"
    people = systems.calendly is not None
    out: dict[str, Callable[[], Gathered]] = {}

    def keep(name: str) -> Kept | None:
        return None if kept is None else Kept(kept / f"{as_of}-{_plain(whose)}" / name)

    if (at := systems.warehouse) is not None:
        ph_key = api_key()
        out["warehouse"] = _later(
            lambda: Client(at.host, ph_key, progress, keep("warehouse")),
            lambda c: warehouse.read(c, at, who, as_of, history_days),
        )
    if (vi := systems.vitally) is not None:
        vi_key = key_of(READ["vitally"])
        out["vitally"] = _later(
            lambda: vitally.connected(vi, vi_key, progress, keep("vitally")),
            lambda c: vitally.read(c, who, people=people),
        )
    if (me := systems.metabase) is not None:
        mb_key = key_of(READ["metabase password" if me.user else "metabase"])
        out["metabase"] = _later(
            lambda: metabase.connected(me, mb_key, progress, keep("metabase")),
            lambda c: metabase.read(c, me, who, as_of, lookback_days),
        )
    if (st := systems.stripe) is not None:
        st_key = key_of(READ["stripe"])
        out["stripe"] = _later(
            lambda: stripe.Reading(st, st_key, progress, keep("stripe")),
            lambda c: stripe.read(c, who, as_of),
        )
    if (ze := systems.zendesk) is not None:
        ze_key = key_of(READ["zendesk"])
        out["zendesk"] = _later(
            lambda: zendesk.connected(ze, ze_key, progress, keep("zendesk")),
            lambda c: zendesk.read(c, who, as_of),
        )
    if (ca := systems.calendly) is not None:
        ca_key = key_of(READ["calendly"])
        out["calendly"] = _later(
            lambda: calendly.connected(ca, ca_key, progress, keep("calendly")),
            lambda c: calendly.read(c, who, as_of),
        )
    return out


def _later(
    opening: Callable[[], Opened], reading: Callable[[Opened], Gathered]
) -> Callable[[], Gathered]:
    """A reader whose answers of a strange shape are the vendor's fault, told as such."""

    def run() -> Gathered:
        try:
            opened = opening()
            with opened:
                said = reading(opened)
            said.check()
            return said
        except TableError as error:
            raise RequestError(f"A vendor answered a value that cannot be. {error}") from None
        except AuditError:
            raise
        except (AttributeError, LookupError, TypeError, ValueError, ArithmeticError) as error:
            raise RequestError(
                "A vendor answered in a shape this tool does not know "
                f"({type(error).__name__}: {str(error)[:200]}). Upgrade the tool, or report it."
            ) from None

    return run


def _plain(text: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in text)[:80]


def forget(kept: Path) -> None:
    """The pull is published; the answers on the way there are not needed any more."""
    Kept(kept).forget()
