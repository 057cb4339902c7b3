"""The rows of the queue that are shown: chosen, cut to capacity, and explained."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from audit.errors import InputError, unknown_name
from audit.queue.handover import CHECK, FIRST_PAYMENT, Decision, Handover, decision
from audit.queue.ranking import DUE, WAITING, Ranking
from audit.queue.tasks import OUT_OF_SCOPE, PAUSED, ROLL_OFF, TASKS, allowed_despite_holds
from audit.queue.value import RISK_CHECKS

#: How an owner of nothing is asked for.
NOBODY = "nobody"


@dataclass(frozen=True)
class Row:
    """One organization of the queue.

    ``tasks``: what to do, ``held`` what keeps from it, ``why`` where the row's place comes from;
    one clause or sentence each. Dollars are USD a billing month, estimates; None is unknown.
    ``fits``: within its owner's capacity, or None where none was asked for.
    """

    rank: int
    organization_id: str
    name: str | None
    region: str | None
    owner: str | None
    state: str
    tasks: tuple[str, ...]
    is_late: bool
    due_on: date | None
    renewal_on: date | None
    renewal_is_assumed: bool
    stage: str | None
    stage_word: str | None
    forecast_usd: Decimal | None
    bill_usd: Decimal | None
    joint_saving_usd: Decimal | None
    worth_usd: Decimal
    minutes: int
    fits: bool | None
    held: tuple[str, ...]
    why: tuple[str, ...]
    handover: Decision


@dataclass(frozen=True)
class Queue:
    """``rows`` as asked for, of ``chosen`` that could be shown. ``counts`` of all organizations of
    the owner and region, by state, with ``late`` and, where a capacity was asked for,
    ``beyond_capacity``."""

    ranking: Ranking
    rows: tuple[Row, ...]
    chosen: int
    counts: dict[str, int]


def queue(
    of: Ranking,
    *,
    owner: str = "",
    region: str = "",
    due_by: date | None = None,
    everything: bool = False,
    capacity: int | None = None,
    capacity_minutes: int | None = None,
    top: int = 0,
) -> Queue:
    """The rows to show, best first.

    ``owner``: of one specialist, or ``nobody``. ``due_by``: with those that become due by that
    day. ``everything``: with those that wait or are held back. ``capacity`` and
    ``capacity_minutes``: at most so many accounts and minutes for each owner; what goes beyond is
    left out, or marked where everything is shown. ``top``: only the first of these; 0 is all.

    Raises: InputError for an owner or region that no organization has.
    """
    frame = of.frame
    if owner:
        frame = frame[_of_owner(frame, owner)]
    if region:
        frame = frame[_of_region(frame, region)]
    listed = frame["state"].eq(DUE)
    if due_by is not None:
        listed |= frame["state"].eq(WAITING) & (frame["due_on"] <= pd.Timestamp(due_by))
    due = frame[listed]
    fits = _fits(due, capacity, capacity_minutes)
    asked = capacity is not None or capacity_minutes is not None
    chosen = frame if everything else due[fits.to_numpy(dtype=bool)]
    rows = tuple(
        _row(of, rank, row, bool(fits[row.Index]) if asked and row.Index in fits.index else None)
        for rank, row in enumerate((chosen.head(top) if top else chosen).itertuples(), 1)
    )
    counts = {state: int(n) for state, n in Counter(frame["state"]).items()}
    counts["late"] = int(frame["is_late"].sum())
    if asked:
        counts["beyond_capacity"] = int((~fits).sum())
    return Queue(of, rows, len(chosen), counts)


def _of_owner(frame: pd.DataFrame, owner: str) -> "pd.Series[bool]":
    if owner.casefold() == NOBODY:
        return frame["owner"].isna()
    known = sorted(frame["owner"].dropna().unique())
    mine = frame["owner"].str.casefold() == owner.casefold()
    if not mine.any():
        raise InputError(unknown_name("owner", owner, [*known, NOBODY]))
    return mine.fillna(False).astype(bool)


def _of_region(frame: pd.DataFrame, region: str) -> "pd.Series[bool]":
    here = frame["region"].str.casefold() == region.casefold()
    if not here.any():
        raise InputError(unknown_name("region", region, sorted(frame["region"].dropna().unique())))
    return here.fillna(False).astype(bool)


def _fits(frame: pd.DataFrame, capacity: int | None, minutes: int | None) -> "pd.Series[bool]":
    """By organization in order, whether its owner still has room. One that is too long for what
    is left is passed over, so that shorter ones below it still fit."""
    accounts: Counter[str] = Counter()
    spent: Counter[str] = Counter()
    fits = {}
    for row in frame.itertuples():
        owner = row.owner if isinstance(row.owner, str) else ""
        needed = _minutes(row.minutes)
        room = (capacity is None or accounts[owner] < capacity) and (
            minutes is None or spent[owner] + needed <= minutes
        )
        fits[row.Index] = room
        accounts[owner] += room
        spent[owner] += needed * room
    return pd.Series(fits, dtype=bool)


def _row(of: Ranking, rank: int, row: Any, fits: bool | None) -> Row:
    key = int(row.key)
    return Row(
        rank=rank,
        organization_id=row.organization_id,
        name=_text(row.name),
        region=_text(row.region),
        owner=_text(row.owner),
        state=row.state,
        tasks=_tasks(of, key),
        is_late=bool(row.is_late),
        due_on=_day(row.due_on),
        renewal_on=_day(row.renewal_on),
        renewal_is_assumed=row.renewal_is_assumed == 1,
        stage=_text(row.stage),
        stage_word=_text(row.stage_word),
        forecast_usd=_usd(row.forecasted_bill_usd),
        bill_usd=_usd(row.bill_usd),
        joint_saving_usd=_usd(row.joint_saving_usd),
        worth_usd=_usd(row.worth_usd) or Decimal("0.00"),
        minutes=_minutes(row.minutes),
        fits=fits,
        held=tuple(_held(of, key)),
        why=tuple(_why(of, row)),
        handover=_handover(of, row),
    )


def _tasks(of: Ranking, key: int) -> tuple[str, ...]:
    names = dict.fromkeys(task.name for task in TASKS if of.tasks[task.name][key])
    held = any(mask[key] for mask in of.holds.values())
    return tuple(n for n in names if not held or n in allowed_despite_holds()) or tuple(names)


def _held(of: Ranking, key: int) -> list[str]:
    """What keeps hands off an account, in sentences."""
    read = of.read
    stands = [name for name, mask in of.holds.items() if mask[key]]
    said = []
    for name in stands:
        if name == "scope_unknown":
            said.append(f"Whose it is is not known: {read.reason('is_in_scope', key)}.")
        elif name == "out_of_scope":
            small = read.flagged(OUT_OF_SCOPE)[key]
            said.append(read.said(OUT_OF_SCOPE, key) if small else _outside(of.frame.loc[key]))
        elif name.endswith("_unknown"):
            check = name.removesuffix("_unknown")
            said.append(f"{check} could not be evaluated: {read.missing(check, key)} is unknown.")
        else:
            said.append(read.said(name, key))
            if name == "sales_engaged":
                said.append(of.policy.word("words.sales_engaged_action"))
    return said


def _outside(row: Any) -> str:
    return (
        f"It is not onboarding's: {_dollars(_usd(row.forecasted_bill_usd))} forecast (estimate), "
        f"{row.paid_bills:.0f} bills paid."
    )


def _why(of: Ranking, row: Any) -> list[str]:
    """Where a row's place comes from: what is due, what it is worth, what weighs, what it takes."""
    key, read, model = int(row.key), of.read, of.model
    due = [
        read.said(task.check, key)
        for task in TASKS
        if task.check and task.check in read.verdicts and read.flagged(task.check)[key]
    ]
    if of.tasks["paid_call"][key]:
        due.insert(0, "The customer bought a call.")
    if of.tasks["startup_roll_off"][key] and read.flagged(ROLL_OFF)[key]:
        due.append(read.said(ROLL_OFF, key))
    if row.state == WAITING:
        day = _day(row.due_on)
        due.append(f"Nothing is due before {day}." if day else "Nothing is due.")
    saving, bill = _usd(row.joint_saving_usd), _usd(row.bill_usd)
    adopted = f"{row.adopted_share:.0%} of a joint saving of {_dollars(saving)}"
    contact = f"{model.contact:.0%} of a bill of {_dollars(bill)}"
    worth = [f"Expected: ${row.expected_usd:,.2f} = {adopted} + {contact} (estimates)."]
    if row.time_weight != 1:
        when = "late" if row.is_late else "not to be done now"
        worth.append(f"Weighs {row.time_weight:.0%}, because it is {when}.")
    risks = [check for check in RISK_CHECKS if read.flagged(check)[key]]
    if risks:
        named = ", ".join(check.replace("_", " ") for check in risks)
        worth.append(f"Weighs {row.risk_weight:.0%} for its risks: {named}.")
    worth.append(f"Takes {_minutes(row.minutes)} minutes: ${row.worth_usd:,.2f} an hour.")
    notes = []
    if row.renewal_is_assumed == 1:
        notes.append("The CRM names no renewal to come; the end of the billing period stands in.")
    if row.days_until_renewal != row.days_until_renewal:
        notes.append(f"The renewal is not known: {read.reason('days_until_renewal', key)}.")
    if read.flagged(PAUSED)[key]:
        notes.append(read.said(PAUSED, key))
    return [*due, *worth, *notes]


def _handover(of: Ranking, row: Any) -> Decision:
    key, read = int(row.key), of.read
    thresholds = read.verdicts[CHECK].thresholds if CHECK in read.verdicts else {}
    return decision(
        of.policy,
        thresholds,
        row._asdict(),
        ready=bool(read.flagged(CHECK)[key]),
        missing=read.missing(CHECK, key),
        first_payment=bool(read.flagged(FIRST_PAYMENT)[key]),
    )


def _minutes(value: float) -> int:
    return int(np.ceil(value))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _day(value: Any) -> date | None:
    return None if pd.isna(value) else value.date()


def _usd(value: Any) -> Decimal | None:
    """Cents of a figure that is exact to the cent, or an estimate."""
    if pd.isna(value):
        return None
    return Decimal(round(float(value) * 100)).scaleb(-2).quantize(Decimal("0.01"))


def _dollars(value: Decimal | None) -> str:
    return "an unknown sum (counted as none)" if value is None else f"${value:,.2f}"


def documents(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows as plain values, for programs."""
    return [
        {
            **{name: getattr(row, name) for name in FIELDS},
            "handover": row.handover.verdict.value,
            "handover_segment": row.handover.segment
            if row.handover.verdict is Handover.READY
            else None,
            "handover_reasons": list(row.handover.reasons),
            "basis": "estimate",
            "period": "billing month",
        }
        for row in rows
    ]


FIELDS = tuple(name for name in Row.__dataclass_fields__ if name != "handover")
