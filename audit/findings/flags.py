"""Run every check over every audited row: who is flagged, what could not be evaluated, and
which share of which usage row each remedy removes.

Nothing here loops over organizations: facts are columns.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.checks.contract import SAVING_FACT, USAGE_COLUMNS, Check, Severity
from audit.checks.engine_facts import ENGINE_FACTS
from audit.errors import SettingsError
from audit.facts.runner import KEYS, Facts, Scope, fact_files

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Cut:
    """The share (0 to 1) of usage rows ``row`` that the remedy at ``fact_row`` removes."""

    fact_row: Integers
    row: Integers
    share: Floats


@dataclass
class Verdicts:
    """One check over its scope's fact rows.

    ``flagged`` and ``missing`` are fact row numbers; ``missing_fact`` names the first absent
    fact of each missing row. ``columns`` are the facts the check asked for, by fact row.
    ``unpriced_fact`` names, by flagged row, the absent fact that
    leaves a finding without a price. ``error`` says why the check could not be run at all.
    """

    check: Check
    scope: Scope
    thresholds: Mapping[str, float]
    frame: pd.DataFrame
    flagged: Integers
    missing: Integers
    missing_fact: list[str]
    cut: Cut
    unpriced_fact: dict[int, str] = field(default_factory=dict)
    severities: list[Severity] = field(default_factory=list)
    columns: Mapping[str, Floats] = field(default_factory=dict)
    error: str = ""

    def fact_row(self, row: int) -> dict[str, Any]:
        """One fact row by name: its key, the scope's facts, and what the check asked for more."""
        whole = self.frame.iloc[row].to_dict()
        return whole | {name: values[row] for name, values in self.columns.items()}


@dataclass(frozen=True)
class Rows:
    """Usage rows with, per scope, the fact row each belongs to (-1: none)."""

    frame: pd.DataFrame
    place: Mapping[Scope, Integers]


PricedAlone = Callable[[Scope, pd.DataFrame, Cut], Integers]


def scope_of(check: Check, facts: Facts) -> Scope:
    """The finest scope among the check's facts.

    Raises: SettingsError for a fact that no file computes, or facts of project and product
    mixed.
    """
    scopes = set()
    for name in check.all_facts:
        if name == SAVING_FACT:
            continue
        computed = ENGINE_FACTS.get(name)
        scope = computed.scope if computed else facts.scope_of(name)
        if scope is None:
            known = sorted({f.name for file in fact_files() for f in file.facts} | {*ENGINE_FACTS})
            raise SettingsError(
                f"checks/{check.name}.py asks for the fact {name!r}, which no SQL file in facts/ "
                f"computes. Facts: {', '.join(known)}."
            )
        scopes.add(scope)
    finer = scopes - {"organization"}
    if len(finer) > 1:
        raise SettingsError(f"checks/{check.name}.py mixes facts of projects and of products.")
    return finer.pop() if finer else "organization"  # type: ignore[return-value]


def run(
    check: Check,
    facts: Facts,
    rows: Rows,
    thresholds: Mapping[str, float],
    priced_alone: PricedAlone,
) -> Verdicts:
    """One check over all fact rows of its scope. A check that raises has found nothing and passed
    nothing; the others go on.

    Raises: SettingsError for a check that asks for a fact nobody computes.
    """
    scope = scope_of(check, facts)
    try:
        return _run(check, facts, rows, thresholds, priced_alone, scope)
    except Exception as error:
        none = np.empty(0, dtype=np.int64)
        return Verdicts(
            check=check,
            scope=scope,
            thresholds=thresholds,
            frame=facts.frames[scope],
            flagged=none,
            missing=none,
            missing_fact=[],
            cut=Cut(none, none, np.empty(0)),
            error=f"the check failed with {type(error).__name__}: {error}",
        )


def _run(
    check: Check,
    facts: Facts,
    rows: Rows,
    thresholds: Mapping[str, float],
    priced_alone: PricedAlone,
    scope: Scope,
) -> Verdicts:
    frame = facts.frames[scope]
    count = len(frame)
    applies = np.ones(count, dtype=bool)
    products = getattr(check.module, "PRODUCTS", None)
    if products is not None:
        applies = frame["product"].isin(products).to_numpy()
    columns = {n: facts.values(scope, n) for n in check.all_facts if n != SAVING_FACT}
    known, absent = _known(columns, [n for n in check.facts if n != SAVING_FACT], count)
    at = np.flatnonzero(known & applies)
    if SAVING_FACT in check.facts:
        cut, unpriced = _cut(check, columns, rows, scope, thresholds, at)
        saving = priced_alone(scope, frame, cut) / 100.0
        saving[list(unpriced)] = 0.0
        columns[SAVING_FACT] = saving
    asked = [_column(name, columns[name], at) for name in check.facts]
    mask = np.asarray(check.flag(*asked, **_asked(check.flag, thresholds)), dtype=bool)
    flagged = at[mask] if len(at) else at
    if SAVING_FACT in check.facts:
        here = np.zeros(count, dtype=bool)
        here[flagged] = True
        mine = here[cut.fact_row]
        cut = Cut(cut.fact_row[mine], cut.row[mine], cut.share[mine])
        unpriced = {row: name for row, name in unpriced.items() if here[row]}
    else:
        cut, unpriced = _cut(check, columns, rows, scope, thresholds, flagged)
    missing = np.flatnonzero(~known & applies)
    return Verdicts(
        check=check,
        scope=scope,
        thresholds=thresholds,
        frame=frame,
        flagged=flagged,
        missing=missing,
        missing_fact=[absent[row] for row in missing.tolist()],
        cut=cut,
        unpriced_fact=unpriced,
        severities=_severities(check, columns, flagged, thresholds),
        columns=columns,
    )


def _known(
    columns: Mapping[str, Floats], needed: Sequence[str], count: int
) -> tuple[Mask, dict[int, str]]:
    known = np.ones(count, dtype=bool)
    absent: dict[int, str] = {}
    for name in needed:
        gone = np.isnan(columns[name])
        absent.update(dict.fromkeys(np.flatnonzero(gone & known).tolist(), name))
        known &= ~gone
    return known, absent


def _column(name: str, values: Floats, at: Integers) -> pd.Series:
    """A fact as the check sees it: claims as booleans, numbers as float64."""
    chosen = values[at]
    return pd.Series(chosen.astype(bool) if name in claims() else chosen)


@lru_cache(maxsize=1)
def claims() -> frozenset[str]:
    """Facts that are true or false."""
    in_files = {f.name for file in fact_files() for f in file.facts if f.unit == "claim"}
    return frozenset(in_files | {n for n, fact in ENGINE_FACTS.items() if fact.unit == "claim"})


def _asked(function: Callable[..., Any], thresholds: Mapping[str, float]) -> dict[str, float]:
    parameters = _parameters(function)
    return {name: value for name, value in thresholds.items() if name in parameters}


@lru_cache(maxsize=1024)
def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(function).parameters


def _cut(
    check: Check,
    columns: Mapping[str, Floats],
    rows: Rows,
    scope: Scope,
    thresholds: Mapping[str, float],
    flagged: Integers,
) -> tuple[Cut, dict[int, str]]:
    """The usage rows of the flagged fact rows that the remedy shrinks.

    Fact rows whose ``cut`` lacks a fact are returned apart, with the fact's name.
    """
    nothing = np.empty(0, dtype=np.int64)
    empty = Cut(nothing, nothing, np.empty(0))
    function = check.function("cut")
    if function is None or not len(flagged):
        return empty, {}
    count = len(next(iter(columns.values())))
    known, absent = _known(columns, check.cut_facts, count)
    unpriced = {row: absent[row] for row in flagged.tolist() if not known[row]}
    wanted = np.zeros(count + 1, dtype=bool)
    wanted[flagged[known[flagged]]] = True
    place = rows.place[scope]
    row = np.flatnonzero(wanted[place])
    if not len(row):
        return empty, unpriced
    at = place[row]
    arguments = []
    for name in _parameters(function):
        if name in USAGE_COLUMNS:
            arguments.append(pd.Series(rows.frame[name].array.take(row)))
        elif name in check.cut_facts:
            arguments.append(_column(name, columns[name], at))
    share = np.asarray(function(*arguments, **_asked(function, thresholds)), dtype=np.float64)
    if share.shape != row.shape or not ((share >= 0) & (share <= 1)).all():
        raise SettingsError(f"checks/{check.name}.py: cut returned shares outside 0 to 1.")
    touched = share > 0
    return Cut(at[touched], row[touched], share[touched]), unpriced


def _severities(
    check: Check,
    columns: Mapping[str, Floats],
    flagged: Integers,
    thresholds: Mapping[str, float],
) -> list[Severity]:
    function = check.function("severity")
    if function is None or not len(flagged):
        return [check.severity] * len(flagged)
    names = [
        p.name
        for p in _parameters(function).values()
        if p.kind is not inspect.Parameter.KEYWORD_ONLY
    ]
    asked = [_column(name, np.nan_to_num(columns[name]), flagged) for name in names]
    return [Severity(one) for one in function(*asked, **_asked(function, thresholds))]


def placed(rows: pd.DataFrame, facts: Facts) -> Rows:
    """Give every usage row the number of the organization, project and product fact row."""
    key = rows["key"].to_numpy(dtype=np.int64)
    place: dict[Scope, Integers] = {"organization": key}
    for scope, column in (("project", "project_id"), ("product", "meter")):
        frame = facts.frames[scope]  # type: ignore[index]
        texts = rows[column].cat.categories
        code_of = {text: code for code, text in enumerate(texts)}
        own = frame[KEYS[scope][1]].map(code_of)  # type: ignore[index]
        inside = own.notna().to_numpy()
        table = pd.Series(
            np.flatnonzero(inside),
            index=frame["organization_key"].to_numpy()[inside] * (len(texts) + 1)
            + own[inside].to_numpy(dtype=np.int64),
        )
        wanted = key * (len(texts) + 1) + rows[column].cat.codes.to_numpy(dtype=np.int64)
        found = table.reindex(wanted).to_numpy()
        place[scope] = np.where(np.isnan(found), -1, found).astype(np.int64)  # type: ignore[index]
    return Rows(rows, place)
