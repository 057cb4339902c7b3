"""Where a finding comes from: its rule, facts and queries, both bills, and what would flip it."""

import inspect
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from audit.account import Account
from audit.checks import Audience, Check, Severity, load_checks
from audit.errors import InputError
from audit.facts.runner import fact_files
from audit.findings.document import document
from audit.findings.examine import examine, monthly_quantities
from audit.findings.flags import Cut, claims
from audit.findings.model import Audit, Finding
from audit.findings.periods import bill_of
from audit.findings.scan import scan
from audit.findings.world import look
from audit.frames import in_memory
from audit.ledger import Suppression
from audit.policy import DEFAULT_POLICY, Policy, load_policy
from audit.pricing import Bill, as_json

NO_FINDING = "no finding"

#: The smallest step of a fact with this unit; every other fact is counted in whole ones.
STEPS = {"USD": 0.01, "percent": 0.01}

#: No fact is looked for beyond this.
LARGEST_FACT = 1e15

#: A flip point may be rounded away from the present value by this part of its distance.
ROUNDED_WITHIN = 0.01

Outcome = Callable[[Mapping[str, Any], Mapping[str, float]], str]


@dataclass(frozen=True)
class Flip:
    """What one number would have to be for another verdict, all others as they are.

    ``flips_at`` is None where no value within its bounds changes the verdict; ``becomes`` is a
    severity or ``no finding``.
    """

    name: str
    kind: Literal["threshold", "fact"]
    value: float | bool
    unit: str
    flips_at: float | bool | None
    becomes: str


@dataclass(frozen=True)
class Explanation:
    """One finding and everything its verdict and its price hang on.

    ``without``: the bill of the same month if only this were fixed. ``queries``: the text of
    each SQL file by name. ``asked``: what the source asked the vendor, by name.
    """

    audit: Audit
    finding: Finding
    check: Check
    policy: Policy
    without: Bill
    flips: tuple[Flip, ...]
    queries: Mapping[str, str]
    asked: Mapping[str, str]


def explain(
    account: Account,
    finding_id: str,
    *,
    policy: str = DEFAULT_POLICY,
    as_of: date | None = None,
    lookback_days: int = 30,
    thresholds: Mapping[str, Mapping[str, float]] | None = None,
    suppressions: Sequence[Suppression | Mapping[str, Any]] | str | None = None,
) -> Explanation:
    """Explain a finding of an account, named by its id or the start of it.

    Raises: InputError when the audit has no such finding, naming near ones.
    """
    audit = examine(
        account,
        policy=policy,
        as_of=as_of,
        lookback_days=lookback_days,
        thresholds=thresholds,
        audience=_audience(finding_id),
        suppressions=suppressions,
    )
    ids = [one.id for one in audit.findings]
    wanted = chosen(finding_id, ids, f"the audit of {account.organization_id}")
    finding = next(one for one in audit.findings if one.id == wanted)
    check = load_checks()[finding.check]
    pack = load_policy(policy, load_checks(), thresholds)
    files = {file.name: file.sql for file in fact_files()}
    return Explanation(
        audit=audit,
        finding=finding,
        check=check,
        policy=pack,
        without=_bill_without(account, audit, finding, check, pack),
        flips=flips(check, finding),
        queries={e.query: files[e.query] for e in finding.evidence if e.query in files},
        asked=_asked(account, finding),
    )


def locate(
    store: str | Path,
    finding_id: str,
    *,
    policy: str = DEFAULT_POLICY,
    as_of: date | None = None,
    lookback_days: int = 30,
    thresholds: Mapping[str, Mapping[str, float]] | None = None,
) -> tuple[str, str]:
    """The organization that has a finding, and the finding's whole id.

    Raises: InputError for no such finding; StoreError.
    """
    check = finding_id.rpartition("-")[0] or finding_id
    if check not in load_checks():
        near = get_close_matches(check, load_checks(), n=1, cutoff=0.3)
        hint = f" Nearest check: {near[0]}." if near else ""
        raise InputError(
            f"No finding {finding_id!r}: an id is a check and twelve characters 0-9, a-f, such as "
            f"autocapture_unread-0123456789ab.{hint} `audit findings ORGANIZATION` lists them."
        )
    found = scan(
        store,
        policy=policy,
        as_of=as_of,
        lookback_days=lookback_days,
        thresholds=thresholds,
        only=[check],
    ).findings
    wanted = chosen(finding_id, list(found["id"]), str(store))
    return str(found.loc[found["id"] == wanted, "organization_id"].iloc[0]), wanted


def _audience(finding_id: str) -> Audience:
    """Who has to be audited for to see the finding."""
    check = load_checks().get(finding_id.rpartition("-")[0])
    return check.audience if check else Audience.TEAM


def chosen(wanted: str, ids: Collection[str], where: str) -> str:
    """The one id that is, or starts with, what is wanted. Raises: InputError."""
    if wanted in ids:
        return wanted
    matches = sorted({one for one in ids if wanted and one.startswith(wanted)})
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise InputError(
            f"{len(matches)} findings start with {wanted!r}: {', '.join(matches[:5])}. Name one."
        )
    near = get_close_matches(wanted, list(ids), n=3, cutoff=0.5)
    hint = f"Near: {', '.join(near)}." if near else "`audit findings ORGANIZATION` lists them."
    raise InputError(
        f"No finding {wanted!r} in {where}. {hint} Another --policy, --as-of or threshold may "
        "flag others."
    )


def flips(check: Check, finding: Finding) -> tuple[Flip, ...]:
    """How far each threshold and each fact of the rule is from changing the verdict."""
    facts = {one.fact: one.value for one in finding.evidence}
    units = {one.fact: one.unit for one in finding.evidence}
    outcome = outcome_of(check)
    now = outcome(facts, finding.thresholds)
    found = []
    for name, threshold in check.thresholds.items():
        value = finding.thresholds[name]

        def other(x: float, name: str = name) -> str:
            return outcome(facts, {**finding.thresholds, name: x})

        ends = (threshold.bounds.low, threshold.bounds.high)
        found.append(_nearest(name, "threshold", value, _unit(name), other, now, ends))
    for name in check.facts:
        value, unit = facts[name], units[name]

        def moved(x: Any, name: str = name) -> str:
            return outcome({**facts, name: x}, finding.thresholds)

        if unit == "claim":
            after = moved(not value)
            found.append(
                Flip(name, "fact", bool(value), unit, None if after == now else not value, after)
            )
        else:
            high = max(float(value), 1.0)
            while high < LARGEST_FACT and moved(high) == now:
                high *= 10
            step = STEPS.get(unit, 1.0)
            found.append(_nearest(name, "fact", value, unit, moved, now, (0.0, high), step))
    return tuple(found)


def outcome_of(check: Check) -> Outcome:
    """The verdict of a check on one row, as a severity or ``no finding``."""
    severity = check.function("severity")

    def outcome(facts: Mapping[str, Any], thresholds: Mapping[str, float]) -> str:
        flagged = _called(check.flag, facts, thresholds)
        if not bool(np.asarray(flagged)[0]):
            return NO_FINDING
        if severity is None:
            return check.severity.value
        return Severity(np.asarray(_called(severity, facts, thresholds))[0]).value

    return outcome


def _called(
    function: Callable[..., Any], facts: Mapping[str, Any], thresholds: Mapping[str, float]
) -> Any:
    columns, named = [], {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            named[name] = thresholds[name]
        else:
            # A missing one is a fact that only the severity asks for: 0 or false there.
            value = facts[name] or 0.0
            columns.append(pd.Series([bool(value) if name in claims() else float(value)]))
    return function(*columns, **named)


def _nearest(
    name: str,
    kind: Literal["threshold", "fact"],
    value: float,
    unit: str,
    outcome: Callable[[float], str],
    now: str,
    ends: tuple[float, float],
    step: float = 0.0,
) -> Flip:
    """The flip nearest to the value, searched towards both ends; in multiples of ``step``."""
    differs = {end: outcome(end) != now for end in ends}

    def border(end: float) -> float:
        if step:
            return _stepped(lambda x: outcome(x) != now, value, end, step)
        return _bisected(lambda x: outcome(x) != now, value, end)

    points = [border(end) for end in ends if differs[end]]
    if not points:
        return Flip(name, kind, value, unit, None, now)
    nearest = min(points, key=lambda point: abs(point - value))
    return Flip(name, kind, value, unit, nearest, outcome(nearest))


def _stepped(differs: Callable[[float], bool], value: float, end: float, step: float) -> float:
    """The multiple of ``step`` closest to the value that differs; one border is assumed."""
    up = end > value
    same = math.floor(value / step + 1e-6) if up else math.ceil(value / step - 1e-6)
    other = math.ceil(end / step) if up else math.floor(end / step)
    while abs(other - same) > 1:
        middle = (same + other) // 2
        if differs(_multiple(middle, step)):
            other = middle
        else:
            same = middle
    return _multiple(other, step)


def _multiple(number: int, step: float) -> float:
    return number if step == 1 else round(number * step, 9)


def _bisected(differs: Callable[[float], bool], value: float, end: float) -> float:
    """The number closest to the value that differs; one border is assumed."""
    same, other = value, end
    while abs(other - same) > 1e-9 * max(1.0, abs(other)):
        middle = (same + other) / 2
        if differs(middle):
            other = middle
        else:
            same = middle
    return _rounded(differs, value, other)


def _rounded(differs: Callable[[float], bool], start: float, border: float) -> float:
    """The border with as few digits as still differ, rounded away from ``start``."""
    up = border > start
    for digits in range(1, 15):
        size = math.floor(math.log10(abs(border))) if border else 0
        step = 10.0 ** (size - digits + 1)
        candidate = (math.ceil if up else math.floor)(round(border / step, 6)) * step
        candidate = float(f"{candidate:.{digits}g}")
        if differs(candidate) and abs(candidate - border) <= ROUNDED_WITHIN * abs(border - start):
            return candidate
    return border


def _unit(threshold: str) -> str:
    """The unit a threshold's name ends in."""
    if threshold.endswith("_per_session"):
        return "per session"
    return threshold.rpartition("_")[2]


def _bill_without(
    account: Account, audit: Audit, finding: Finding, check: Check, pack: Policy
) -> Bill:
    """The bill of the same month if only this finding were fixed."""
    connection = in_memory(account.frames)
    try:
        world = look(
            connection,
            {check.name: check},
            pack,
            as_of=audit.as_of,
            lookback_days=audit.period.days,
            wanted=frozenset(),
            crm=check.audience is Audience.TEAM,
        )
    finally:
        connection.close()
    verdict = world.verdicts[check.name]
    here = np.ones(len(verdict.frame), dtype=bool)
    for column, wanted in (("project_id", finding.project_id), ("product", finding.product)):
        if wanted is not None:
            here &= (verdict.frame[column] == wanted).to_numpy()
    cut = verdict.cut
    mine = here[cut.fact_row]
    cut = Cut(cut.fact_row[mine], cut.row[mine], cut.share[mine])
    world.verdicts[check.name] = replace(verdict, cut=cut)
    return bill_of(account, world, audit.as_of, monthly_quantities(world, removed=True))


def _asked(account: Account, finding: Finding) -> dict[str, str]:
    names = {n for e in finding.evidence for n in e.source_query.split(", ") if n}
    covered = account["coverage"]
    asked = covered[covered["query_name"].isin(sorted(names))].dropna(subset=["query"])
    texts = zip(asked["query_name"], asked["query"], strict=True)
    return {name: text for name, text in sorted(set(texts)) if text}


def explanation_document(of: Explanation) -> dict[str, Any]:
    """The explanation as plain values; what ``audit explain --json`` prints."""
    whole = document(of.audit)
    return {
        "organization_id": of.audit.organization_id,
        "organization_name": of.audit.organization_name,
        "as_of": whole["as_of"],
        "period": whole["period"],
        "policy": of.policy.name,
        "price_list": of.audit.price_list,
        "finding": next(one for one in whole["findings"] if one["id"] == of.finding.id),
        "rule": dict(of.check.sections),
        "thresholds": [
            {
                "name": name,
                "value": of.finding.thresholds[name],
                "default": one.default,
                "low": one.bounds.low,
                "high": one.bounds.high,
            }
            for name, one in of.check.thresholds.items()
        ],
        "flips": [
            {
                "name": one.name,
                "kind": one.kind,
                "value": one.value,
                "unit": one.unit,
                "flips_at": one.flips_at,
                "becomes": one.becomes,
            }
            for one in of.flips
        ],
        "bill": as_json(of.audit.bill),
        "bill_without": as_json(of.without),
        "basis": "estimate",
        "queries": dict(of.queries),
        "asked": dict(of.asked),
    }
