"""The share of what is billed that anyone looked at: measured, assumed, by definition or unknown.

Shares are of billed units, Decimal from 0 to 1 in steps of 0.0001. ``kept`` is the share of every
usage row that is left after fixes, so that the same rule reads the account of before and after.
"""

import json
from collections.abc import Mapping
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

#: What names an event. Source: facts/usage.py, ``referenced``.
READERS = ("insight", "action", "cohort", "experiment", "survey", "destination")

#: Events that keep people and groups in order. They are no data to look at, so they are neither
#: read nor unread, and their cost follows that of the others. Ours.
SETUP_EVENTS = ("$identify", "$set", "$create_alias", "$merge_dangerously", "$groupidentify")

#: What web analytics shows without any saved insight. Source: the checks pageleave_unread and
#: web_vitals_unread.
WEB_ANALYTICS_EVENTS = ("$pageview", "$pageleave", "$web_vitals")

UNDER_2_SECONDS = "under_2_seconds"
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
    """Who or what uses a product: a count with its words, or why it is not known.

    ``are_people``: false for flags, exports and destinations.
    """

    count: int | None
    words: str
    why: str = ""
    are_people: bool = True


def users_of(audit: Audit, product: str, rule: Mapping[str, Any]) -> Users:
    """Who uses a product in the window. People are counted project by project."""
    if "measure" in rule:
        known = measure(audit.account, f"people_using_{rule['measure']}")
        return Users(known.value, "members", known.why)
    if rule.get("rule") == "flags":
        known = _active(audit, "flag")
        return Users(known.value, "flags in use", known.why, are_people=False)
    if rule.get("rule") == "deliveries":
        kind = "batch_export" if product == "batch_exports" else "destination"
        known = _active(audit, kind)
        words = "batch exports" if kind == "batch_export" else "destinations"
        return Users(known.value, words, known.why, are_people=False)
    return Users(None, "")


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
        return Read(Kind.ASSUMED, _step(told / 100), "your assumption")
    if name == "events":
        return _events(audit, product, kept)
    if name == "groups":
        return _groups(audit, product, kept)
    if name == "flags":
        return _flags(audit, kept)
    if name == "people":
        return _people(audit, product, rule, kept)
    if name == "deliveries":
        return _deliveries(audit, product, rule)
    return _unknown(f"no rule reads the value of {product}", "")


def _unknown(words: str, tells: str, at_most: Decimal | None = None) -> Read:
    return Read(Kind.UNKNOWN, None, words, tells, at_most)


def _rows(audit: Audit, product: str, kept: Floats | None) -> pd.DataFrame:
    rows = audit.usage_rows
    quantity = rows["quantity"].to_numpy(dtype=np.float64)
    if kept is not None:
        quantity = quantity * kept
    rows = rows.assign(quantity=quantity)
    return rows[(rows["meter"].astype("str") == product) & (rows["event"].astype("str") != "")]


def _events(audit: Audit, product: str, kept: Floats | None) -> Read:
    why = gap(
        audit.account,
        [f"usage_rows.{product}", *(f"resources.{reader}" for reader in READERS)],
    )
    if why:
        return _unknown(why, "a pull that reads events, insights, actions and destinations")
    rows = _rows(audit, product, kept)
    event = rows["event"].astype("str")
    rows, event = rows[~event.isin(SETUP_EVENTS)], event[~event.isin(SETUP_EVENTS)]
    looked_at = rows["project_id"].astype("str").isin(_web_analytics_projects(audit))
    read = rows["is_referenced"].to_numpy() | (looked_at & event.isin(WEB_ANALYTICS_EVENTS))
    share = _share(rows["quantity"], read)
    if share is None:
        return _unknown("no breakdown by event was observed", "a pull that reads events")
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


def _flags(audit: Audit, kept: Floats | None) -> Read:
    active = _active(audit, "flag")
    if active.value is None:
        return _unknown(active.why, "a pull that reads feature flags")
    words = "requests from projects with a flag in use"
    if active.value == 0:
        return Read(Kind.MEASURED, NOTHING, "no flag is in use")
    why = gap(audit.account, ["usage_rows.feature_flags"])
    rows = _rows(audit, "feature_flags", kept)
    projects = set(_in_use(audit, "flag")["project_id"])
    share = _share(rows["quantity"], rows["project_id"].astype("str").isin(projects))
    if why or share is None:
        return _unknown(why or "no breakdown by project was observed", "a pull that reads requests")
    return Read(Kind.MEASURED, share, words)


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
    rows = _rows(audit, product, kept)
    short = rows["event"].astype("str") == UNDER_2_SECONDS
    return (
        None if gap(audit.account, [f"usage_rows.{product}"]) else _share(rows["quantity"], ~short)
    )


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


def _share(quantity: "pd.Series[float]", read: Any) -> Decimal | None:
    """Part of a whole; None where there is no whole."""
    units = quantity.to_numpy(dtype=np.float64)
    whole = float(units.sum())
    if not whole > 0:
        return None
    part = float(units[np.asarray(read, dtype=bool)].sum())
    return _step(Decimal(str(min(1.0, max(0.0, part / whole)))))


def _step(share: Decimal) -> Decimal:
    return share.quantize(STEP, rounding=ROUND_HALF_UP)
