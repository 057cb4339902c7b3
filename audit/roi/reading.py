"""The share of what is billed that anyone looked at: measured, assumed, by definition or unknown.

Shares are of billed units, Decimal from 0 to 1 in steps of 0.0001. ``kept`` is the share of every
usage row that is left after fixes, so that the same rule reads the account of before and after.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.findings.model import Audit
from audit.roi.assumptions import Assumptions
from audit.roi.known import Known, gap, measure

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

#: What names an event. Source: facts/usage.py, ``referenced``.
READERS = ("insight", "action", "cohort", "experiment", "survey", "destination")

#: Events that keep people and groups in order. They are no data to look at, so they are neither
#: read nor unread, and their cost follows that of the others. Ours.
SETUP_EVENTS = ("$identify", "$set", "$create_alias", "$merge_dangerously", "$groupidentify")

#: What web analytics shows without any saved insight. Source: the checks pageleave_unread and
#: web_vitals_unread.
WEB_ANALYTICS_EVENTS = ("$pageview", "$pageleave", "$web_vitals")

UNDER_2_SECONDS = "under_2_seconds"
POLL = "local_evaluation"
STEP = Decimal("0.0001")
ONE = Decimal(1)
NOTHING = Decimal(0)


class Kind(StrEnum):
    """Where a read share comes from."""

    MEASURED = "measured"
    ASSUMED = "assumed"
    BY_DEFINITION = "by_definition"
    UNKNOWN = "unknown"
    FEE = "fee"


@dataclass(frozen=True)
class Read:
    """``share`` of billed units that was read; None where unknown, and ``tells`` says what would
    tell it. ``at_most``: all that could have been read, where more is known. ``words``: how the
    share was found."""

    kind: Kind
    share: Decimal | None
    words: str
    tells: str = ""
    at_most: Decimal | None = None


@dataclass(frozen=True)
class Users:
    """Who or what uses a product: a count, or why it is not known. ``nouns``: of one and of many;
    empty where a product has no users of its own. ``are_people``: false for flags, exports and
    destinations."""

    count: int | None
    nouns: tuple[str, str] = ("", "")
    why: str = ""
    are_people: bool = True

    @property
    def in_words(self) -> str:
        """The count with its noun; empty without one."""
        if not self.nouns[0]:
            return ""
        if not self.count:
            nothing = "nobody" if self.are_people else "nothing"
            return "not known" if self.count is None else nothing
        return f"{self.count:,} {self.nouns[self.count != 1]}"


MEMBERS = ("member", "members")
FLAGS = ("flag in use", "flags in use")
EXPORTS = ("batch export", "batch exports")
DESTINATIONS = ("destination", "destinations")


def users_of(audit: Audit, product: str, rule: Mapping[str, Any]) -> Users:
    """Who uses a product in the window. People are counted project by project."""
    if "measure" in rule:
        known = measure(audit.account, f"people_using_{rule['measure']}")
        return Users(known.value, MEMBERS, known.why)
    if rule.get("rule") == "flags":
        known = _active(audit, "flag")
        return Users(known.value, FLAGS, known.why, are_people=False)
    if rule.get("rule") == "deliveries":
        exports = product == "batch_exports"
        known = _active(audit, "batch_export" if exports else "destination")
        nouns = EXPORTS if exports else DESTINATIONS
        return Users(known.value, nouns, known.why, are_people=False)
    return Users(None)


def read_of(
    audit: Audit,
    product: str,
    rule: Mapping[str, Any],
    own: Assumptions,
    kept: Floats | None = None,
) -> Read:
    """The read share of one product of the bill."""
    name = rule.get("rule", "")
    if name == "fee":
        return Read(Kind.FEE, None, "a fixed fee, with nothing to read")
    if name == "on_request":
        return Read(Kind.BY_DEFINITION, ONE, "billed because somebody asked for it")
    told = own.maybe(f"{product}_read_percent")
    if told is not None:
        return _assumed(audit, product, told / 100, kept)
    if name == "events":
        return _events(audit, product, kept)
    if name == "groups":
        return _groups(audit, product, kept)
    if name == "flags":
        return _flags(audit, own, kept)
    if name == "people":
        return _people(audit, product, rule, kept)
    if name == "deliveries":
        return _deliveries(audit, product, rule)
    return _unknown(f"no rule reads the value of {product}", "")


def _unknown(words: str, tells: str, at_most: Decimal | None = None) -> Read:
    return Read(Kind.UNKNOWN, None, words, tells, at_most)


def _assumed(audit: Audit, product: str, share: Decimal, kept: Floats | None) -> Read:
    """The reader's own share. What is read stays read: fixes remove from the rest first."""
    rows = _rows(audit, product, kept, unnamed=True)
    before, after = float(rows.before.sum()), float(rows.quantity.sum())
    if kept is not None and after > 0:
        share = min(ONE, share * Decimal(str(before / after)))
    return Read(Kind.ASSUMED, _step(share), "your assumption")


@dataclass(frozen=True)
class _Rows:
    """Usage rows of one product, an array each: ``quantity`` is what is left of ``before``."""

    event: Objects
    project_id: Objects
    is_referenced: Truths
    before: Floats
    quantity: Floats


def _rows(audit: Audit, product: str, kept: Floats | None, *, unnamed: bool = False) -> _Rows:
    """``unnamed``: also the rows whose make nobody observed."""
    rows = audit.usage_rows
    mine = rows["meter"] == product
    places = np.flatnonzero(mine if unnamed else mine & (rows["event"] != ""))
    of = rows.take(places)
    before = of["quantity"].to_numpy(dtype=np.float64)
    return _Rows(
        event=of["event"].to_numpy(dtype=object),
        project_id=of["project_id"].to_numpy(dtype=object),
        is_referenced=of["is_referenced"].to_numpy(dtype=bool),
        before=before,
        quantity=before if kept is None else before * kept[places],
    )


def _among(values: Objects, some: Collection[str]) -> Truths:
    return np.fromiter((value in some for value in values), dtype=bool, count=len(values))


def _events(audit: Audit, product: str, kept: Floats | None) -> Read:
    why = gap(
        audit.account,
        [f"usage_rows.{product}", *(f"resources.{reader}" for reader in READERS)],
    )
    if why:
        return _unknown(why, "a pull that reads events, insights, actions and destinations")
    rows = _rows(audit, product, kept)
    data = ~_among(rows.event, SETUP_EVENTS)
    units, named = rows.quantity[data], rows.is_referenced[data]
    web = _among(rows.event[data], WEB_ANALYTICS_EVENTS) & ~named
    looked_at = _among(rows.project_id[data], _web_analytics_projects(audit))
    share = _share(units, units * (named | (web & looked_at)))
    if share is None:
        return _unknown("no breakdown by event was observed", "a pull that reads events")
    why = gap(audit.account, ["activity.people_using_web_analytics"])
    if why and units[web].any():
        most = _share(units, units * (named | web))
        return _unknown(why, "a pull that reads who looked at web analytics", most)
    return Read(
        Kind.MEASURED,
        share,
        "events that an insight, action, cohort, experiment, survey or destination names, or that "
        "web analytics shows to somebody",
    )


def _groups(audit: Audit, product: str, kept: Floats | None) -> Read:
    """Without a group on any event there is nothing that the add-on could show."""
    with_groups = measure(audit.account, "group_events")
    if with_groups.value is None:
        return _unknown(with_groups.why, "a pull that reads events with groups")
    if with_groups.value == 0:
        return Read(Kind.MEASURED, NOTHING, "no event carries a group")
    return _events(audit, product, kept)


def _web_analytics_projects(audit: Audit) -> set[str]:
    rows = audit.account["activity"]
    used = (rows["measure"] == "people_using_web_analytics") & (rows["quantity"] > 0)
    return set(rows.loc[used, "project_id"])


def _flags(audit: Audit, own: Assumptions, kept: Floats | None) -> Read:
    """Requests that ask for values of flags in use, and as many polls for definitions as a longer
    interval would need."""
    active = _active(audit, "flag")
    if active.value is None:
        return _unknown(active.why, "a pull that reads feature flags")
    if active.value == 0:
        return Read(Kind.MEASURED, NOTHING, "no flag is in use")
    why = gap(audit.account, ["usage_rows.feature_flags"])
    rows = _rows(audit, "feature_flags", kept)
    needed = rows.before * float(own.share("poll_read_percent"))
    asked = np.where(rows.event == POLL, np.minimum(rows.quantity, needed), rows.quantity)
    used = _among(rows.project_id, set(_in_use(audit, "flag")["project_id"]))
    share = _share(rows.quantity, np.where(used, asked, 0.0))
    if why or share is None:
        return _unknown(why or "no breakdown by project was observed", "a pull that reads requests")
    return Read(
        Kind.MEASURED,
        share,
        "requests from projects with a flag in use; of the polls for definitions, what a poll "
        "every five minutes needs",
    )


def _people(audit: Audit, product: str, rule: Mapping[str, Any], kept: Floats | None) -> Read:
    people = measure(audit.account, f"people_using_{rule['measure']}")
    most = _recordings_at_most(audit, product, kept) if product == "session_replay" else None
    if people.value is None:
        return _unknown(people.why, "a pull that reads who used the product", most)
    if people.value == 0:
        return Read(Kind.MEASURED, NOTHING, "nobody looked at it in the window")
    tells = f"{rule['tells']}; if you know the share, set {product}_read_percent"
    return _unknown("members look at it; how much of it is not known", tells, most)


def _recordings_at_most(audit: Audit, product: str, kept: Floats | None) -> Decimal | None:
    """Recordings of two seconds and longer: shorter ones show nobody anything."""
    if gap(audit.account, [f"usage_rows.{product}"]):
        return None
    rows = _rows(audit, product, kept)
    return _share(rows.quantity, np.where(rows.event == UNDER_2_SECONDS, 0.0, rows.quantity))


def _deliveries(audit: Audit, product: str, rule: Mapping[str, Any]) -> Read:
    kind = "batch_export" if product == "batch_exports" else "destination"
    active = _active(audit, kind)
    if active.value is None:
        return _unknown(active.why, "a pull that reads destinations and exports")
    if active.value == 0:
        return Read(Kind.MEASURED, NOTHING, "nothing takes it: none is active")
    counts = [_delivered(details) for details in _in_use(audit, kind)["details"]]
    good, bad = sum(one[0] for one in counts), sum(one[1] for one in counts)
    if kind == "batch_export" or good + bad == 0:
        known = rule.get("tells", "how many deliveries arrived is not known")
        return _unknown(known, f"if you know the share, set {product}_read_percent")
    return Read(
        Kind.MEASURED, _step(Decimal(good) / Decimal(good + bad)), "deliveries that arrived"
    )


def _delivered(details: Any) -> tuple[int, int]:
    try:
        told = json.loads(details) if isinstance(details, str) else {}
        return int(told.get("succeeded") or 0), int(told.get("failed") or 0)
    except (ValueError, TypeError, AttributeError):
        return 0, 0


def _in_use(audit: Audit, kind: str) -> pd.DataFrame:
    """Active things of a kind; flags that target surveys and tours make no request billable."""
    rows = audit.account["resources"]
    mine = rows[(rows["kind"] == kind) & (rows["state"] == "active")]
    if kind != "flag":
        return mine
    name = mine["name"].fillna("").astype("str")
    return mine[~name.str.startswith(("survey-targeting-", "product-tour-targeting-"))]


def _active(audit: Audit, kind: str) -> Known:
    why = gap(audit.account, [f"resources.{kind}"])
    return Known(None, why) if why else Known(len(_in_use(audit, kind)))


def _share(units: Floats, read: Floats) -> Decimal | None:
    """Part of a whole; None where there is no whole."""
    whole = float(units.sum())
    if not whole > 0:
        return None
    return _step(Decimal(str(min(1.0, max(0.0, float(read.sum()) / whole)))))


def _step(share: Decimal) -> Decimal:
    return share.quantize(STEP, rounding=ROUND_HALF_UP)
