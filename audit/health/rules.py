"""Risk and opportunity indicators, early warnings and reasons for a churn risk, as a list."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any, Protocol

import pandas as pd

from audit.checks import load_checks
from audit.checks.contract import Severity
from audit.errors import SettingsError, unknown_name
from audit.health.published import Bound, read_bound


class Judged(Protocol):
    """What an audit tells: findings, what was not evaluated, checks that ran, facts by scope."""

    @property
    def organization_id(self) -> str: ...
    @property
    def organization_name(self) -> str: ...
    @property
    def findings(self) -> Sequence[Any]: ...
    @property
    def not_evaluated(self) -> Sequence[Any]: ...
    @property
    def checks_run(self) -> Sequence[str]: ...
    @property
    def facts(self) -> Mapping[str, pd.DataFrame]: ...


class State(StrEnum):
    """What is known of a rule."""

    GIVEN = "given"
    NOT_GIVEN = "not given"
    NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Rule:
    """One published rule. It is judged by ``check`` (findings of ``severity`` alone, if one is
    named), by ``when`` (facts that must all lie within their bounds; ``words`` says so with their
    values, ``comes_from`` where they would come from), or by nobody (``untold`` says why)."""

    kind: str
    title: str
    check: str
    severity: Severity | None
    when: tuple[tuple[str, Bound], ...]
    words: str
    comes_from: str
    untold: str
    ours: str


@dataclass(frozen=True)
class Rules:
    """All rules in the order of the pages; titles and sources by kind."""

    rules: tuple[Rule, ...]
    kinds: Mapping[str, str]
    sources: Mapping[str, str]


@dataclass(frozen=True)
class Sign:
    """What is known of one rule for one organization, in words: the finding, or why not."""

    rule: Rule
    state: State
    words: str


@lru_cache(maxsize=1)
def load_rules() -> Rules:
    """The rules that ship with the toolkit. Raises: SettingsError."""
    text = (resources.files("audit.health") / "rules.toml").read_text(encoding="utf-8")
    return read_rules(text)


def read_rules(text: str) -> Rules:
    """Rules from TOML. Raises: SettingsError for an unknown kind or check, or a rule that is
    judged by nothing or by two things."""
    data = tomllib.loads(text)
    return Rules(tuple(_rule(one, data) for one in data["rule"]), data["kinds"], data["sources"])


def _rule(one: Mapping[str, Any], data: Mapping[str, Any]) -> Rule:
    title, kind, check = one["title"], one["kind"], one.get("check", "")
    if kind not in data["kinds"]:
        raise SettingsError(
            f"health/rules.toml, {title!r}: {unknown_name('kind', kind, list(data['kinds']))}"
        )
    if check and check not in load_checks():
        raise SettingsError(
            f"health/rules.toml, {title!r}: {unknown_name('check', check, list(load_checks()))}"
        )
    if sum(map(bool, (check, one.get("when"), one.get("untold")))) != 1:
        raise SettingsError(f"health/rules.toml, {title!r} needs one of check, when and untold.")
    severity = one.get("severity")
    return Rule(
        kind=kind,
        title=title,
        check=check,
        severity=None if severity is None else Severity(severity),
        when=tuple((fact, read_bound(title, bound)) for fact, bound in one.get("when", ())),
        words=one["words"] if "when" in one else "",
        comes_from=one["comes_from"] if "when" in one else "",
        untold=one.get("untold", ""),
        ours=one.get("ours", ""),
    )


def signs(audit: Judged) -> tuple[Sign, ...]:
    """Every rule with what the audit knows of it."""
    return tuple(_sign(rule, audit) for rule in load_rules().rules)


def _sign(rule: Rule, audit: Judged) -> Sign:
    if rule.untold:
        return Sign(rule, State.NOT_KNOWN, rule.untold)
    if rule.when:
        return _by_facts(rule, audit.facts["organization"].iloc[0])
    return _by_check(rule, audit)


def _by_check(rule: Rule, audit: Judged) -> Sign:
    mine = [one for one in audit.findings if one.check == rule.check]
    given = [one for one in mine if rule.severity is None or one.severity is rule.severity]
    if given:
        suppressed = " It is suppressed." if given[0].suppressed else ""
        return Sign(rule, State.GIVEN, given[0].message + suppressed)
    gaps = [one for one in audit.not_evaluated if one.check == rule.check]
    if gaps and not mine:
        return Sign(rule, State.NOT_KNOWN, gaps[0].reason)
    if rule.check not in audit.checks_run:
        return Sign(rule, State.NOT_KNOWN, "the check did not run in this audit")
    return Sign(rule, State.NOT_GIVEN, "")


def _by_facts(rule: Rule, facts: "pd.Series[Any]") -> Sign:
    """Given when all bounds hold, not given when one does not, whatever the others are."""
    values = [float(facts[fact]) for fact, _ in rule.when]
    known = [not math.isnan(value) for value in values]
    holds = [bool(bound.holds(v)) for v, (_, bound) in zip(values, rule.when, strict=True)]
    if any(k and not h for k, h in zip(known, holds, strict=True)):
        return Sign(rule, State.NOT_GIVEN, "")
    if not all(known):
        return Sign(rule, State.NOT_KNOWN, f"it comes from {rule.comes_from}")
    return Sign(rule, State.GIVEN, rule.words.format(*values))
