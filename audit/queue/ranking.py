"""The queue: whom to write to next over a whole store, in what order, and why.

One scan; nothing loops over accounts but what is shown of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from audit.checks import Audience, Check, load_checks
from audit.findings.world import World, look
from audit.ledger import Suppression
from audit.policy import DEFAULT_POLICY, OwnThresholds, Policy, load_policy
from audit.queue.tasks import (
    CHECKS_READ,
    HOLD_CHECKS,
    PAID_CALL,
    Mask,
    Read,
    allowed_despite_holds,
    due,
)
from audit.queue.value import RISK_CHECKS, Model, savings_by_effort, valued
from audit.store import Store

#: Facts that rows show or that say when something will be due.
FACTS_READ = (
    "bill_after_fixes_usd",
    "bill_usd",
    "days_since_first_outreach",
    "days_until_renewal",
    "days_until_startup_end",
    "forecasted_bill_usd",
    "has_prepaid_plan",
    "is_in_scope",
    "joint_saving_usd",
    "lowest_of_1_bills_usd",
    "lowest_of_2_bills_usd",
    "lowest_of_3_bills_usd",
    "needs_action_findings",
    "paid_bills",
    PAID_CALL,
    "recent_bill_1_usd",
    "recent_bill_2_usd",
    "renewal_is_assumed",
    "sales_signs",
    "stage_is_churned",
    "stage_is_terminal",
    "was_contacted",
)

#: In the order of the list.
DUE, WAITING, HELD = "due", "waiting", "held"
STATES = (DUE, WAITING, HELD)

# What the CRM says in words, for people to read.
_WORDS = """
SELECT a.key, o.region, v.text AS owner, t.raw AS stage_word, t.stage
FROM audited a
JOIN organizations o ON o.organization_id = a.organization_id
LEFT JOIN lifecycle_values v
    ON v.organization_id = a.organization_id AND v.field = 'onboarding_specialist'
LEFT JOIN lifecycle_stage t ON t.organization_id = a.organization_id
ORDER BY a.key
"""


@dataclass(frozen=True)
class Ranking:
    """Every organization of a store with what there is to do, before any choice of rows.

    ``frame``: one row per organization, best first: key, organization_id, name, as_of, region,
    owner (null: nobody), stage_word, stage, state, is_late, due_on and renewal_on (days, or
    NaT), risks, the terms of :func:`audit.queue.value.valued`, and the facts of ``FACTS_READ``.
    ``tasks`` and ``holds``: by name and organization (key), whether it stands.
    """

    frame: pd.DataFrame
    tasks: dict[str, Mask]
    holds: dict[str, Mask]
    read: Read
    model: Model
    policy: Policy


def ranking(
    store: str | Path,
    *,
    policy: str = DEFAULT_POLICY,
    as_of: date | None = None,
    lookback_days: int = 30,
    thresholds: OwnThresholds = None,
    suppressions: Sequence[Suppression] = (),
) -> Ranking:
    """Judge a store and rank its organizations. Raises: StoreError, SettingsError, InputError."""
    pack = load_policy(policy, load_checks(), thresholds)
    with Store.open(store) as opened:
        world = look(
            opened.connection,
            checks_read(pack),
            pack,
            as_of=as_of,
            lookback_days=lookback_days,
            suppressions=suppressions,
            wanted=frozenset(FACTS_READ),
        )
        words = _words(opened.connection)
    return ranked(world, pack, words)


def checks_read(policy: Policy) -> dict[str, Check]:
    """The checks in force that the queue reads: all of the customer, and its own of the team."""
    wanted = CHECKS_READ | set(RISK_CHECKS)
    return {
        name: check
        for name, check in policy.in_force().items()
        if check.audience is Audience.CUSTOMER or name in wanted
    }


def _words(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    found = connection.execute(_WORDS).fetchall()
    columns = ["key", "region", "owner", "stage_word", "stage"]
    return pd.DataFrame(found, columns=columns).drop(columns="key").astype("str")


def ranked(world: World, policy: Policy, words: pd.DataFrame) -> Ranking:
    """The order of the organizations of a world. ``words``: what the CRM says, by key."""
    read = Read(world)
    facts = world.facts.frames["organization"]
    frame = pd.concat(
        [
            world.audited[["key", "organization_id", "name", "as_of"]].reset_index(drop=True),
            words,
            facts[list(FACTS_READ)].reset_index(drop=True),
        ],
        axis=1,
    )
    frame["owner"] = frame["owner"].str.strip().replace("", None)
    tasks = due(read, frame)
    holds = _holds(read, frame)
    frame["state"] = _state(tasks, holds, frame)
    frame["is_due"] = frame["state"] == DUE
    frame["is_late"] = frame["is_due"] & (
        read.urgent("outreach_due") | _check_in_overdue(read, frame)
    )
    frame["risks"] = np.sum([read.flagged(check) for check in RISK_CHECKS], axis=0)
    _add_days(read, frame, tasks)
    model = Model.of(policy)
    frame = pd.concat([frame, valued(model, frame, *savings_by_effort(world))], axis=1)
    frame["place"] = frame["state"].map(STATES.index)
    order = frame.sort_values(
        ["place", "worth_usd", "renewal_on", "forecasted_bill_usd", "organization_id"],
        ascending=[True, False, True, False, True],
        kind="stable",
    )
    return Ranking(order.drop(columns="place"), tasks, holds, read, model, policy)


def _holds(read: Read, frame: pd.DataFrame) -> dict[str, Mask]:
    """By reason, whether it keeps hands off the account. What is unknown does too."""
    scope = frame["is_in_scope"].to_numpy(dtype=np.float64)
    holds = {"out_of_scope": scope == 0, "scope_unknown": np.isnan(scope)}
    for check in HOLD_CHECKS:
        holds[check] = read.flagged(check)
        holds[f"{check}_unknown"] = read.unknown(check)
    return holds


def _state(tasks: dict[str, Mask], holds: dict[str, Mask], frame: pd.DataFrame) -> Any:
    free = allowed_despite_holds()
    none = np.zeros(len(frame), dtype=bool)
    held = np.logical_or.reduce([none, *holds.values()])
    now = np.logical_or.reduce([none, *(m for name, m in tasks.items() if name not in free)])
    anyway = np.logical_or.reduce([none, *(m for name, m in tasks.items() if name in free)])
    return np.select([anyway | (now & ~held), held], [DUE, HELD], WAITING)


def _check_in_overdue(read: Read, frame: pd.DataFrame) -> Mask:
    last = read.threshold("check_in_due", "to_days")
    if last is None:
        return np.zeros(read.count, dtype=bool)
    return read.flagged("check_in_due") & (frame["days_since_first_outreach"] > last).to_numpy()


def _add_days(read: Read, frame: pd.DataFrame, tasks: dict[str, Mask]) -> None:
    """When the bill renews, and when the next thing is or was due: today, where it has no day of
    its own, and nothing where nothing will be."""
    today = frame["as_of"].dt.normalize()

    def ahead(days: "pd.Series[float]") -> "pd.Series[Any]":
        return today + pd.to_timedelta(days, unit="D")

    frame["renewal_on"] = ahead(frame["days_until_renewal"])
    open_ = (frame["is_in_scope"] == 1) & (frame["stage_is_terminal"] == 0)
    before = read.threshold("outreach_due", "before_renewal_days")
    first = check_in = pd.Series(pd.NaT, index=frame.index, dtype=today.dtype)
    if before is not None:
        waits = open_ & (frame["was_contacted"] == 0)
        first = ahead(frame["days_until_renewal"] - before).where(waits)
    start = read.threshold("check_in_due", "from_days")
    level = read.threshold("check_in_due", "forecast_usd")
    if start is not None and level is not None:
        since = frame["days_since_first_outreach"]
        comes = open_ & (since >= 0) & (since < start) & (frame["forecasted_bill_usd"] >= level)
        check_in = ahead(start - since).where(comes | tasks["check_in"])
    own = [name for name in tasks if name not in ("first_message", "check_in")]
    at_once = np.logical_or.reduce([np.zeros(len(frame), dtype=bool), *(tasks[n] for n in own)])
    frame["due_on"] = pd.concat([first, check_in, today.where(at_once)], axis=1).min(axis=1)
