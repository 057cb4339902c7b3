"""A rule of the refund page, answered: yes, no, or a person must confirm."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Verdict(StrEnum):
    """The answer of a rule. What is not known is never a pass."""

    YES = "yes"
    NO = "no"
    CONFIRM = "a person must confirm"


class Kind(StrEnum):
    """What a rule is for: who gets a refund, in which scenario, how much, and who decides."""

    ELIGIBILITY = "eligibility"
    SCENARIO = "scenario"
    AMOUNT = "amount"
    ESCALATION = "escalation"


@dataclass(frozen=True)
class Rule:
    """One claim, the fact that was read for it and where, and the verdict.

    ``value`` and ``threshold`` are words for people; ``source`` names a table, a field or the
    option that was typed. ``scenarios`` is empty where the rule holds in every scenario.
    """

    name: str
    kind: Kind
    claim: str
    value: str
    source: str
    threshold: str
    verdict: Verdict
    scenarios: tuple[str, ...] = ()


def joined(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Rules that differ in their scenario only, as one that names all of them."""
    found: dict[Rule, list[str]] = {}
    for rule in rules:
        found.setdefault(replace(rule, scenarios=()), []).extend(rule.scenarios)
    return tuple(replace(rule, scenarios=tuple(named)) for rule, named in found.items())


def verdict_of(claim: bool | None) -> Verdict:
    """A claim that is true, false or unknown as a verdict.

    >>> verdict_of(None)
    <Verdict.CONFIRM: 'a person must confirm'>
    """
    if claim is None:
        return Verdict.CONFIRM
    return Verdict.YES if claim else Verdict.NO


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """No where any is, else to be confirmed where any is, else yes."""
    found = set(verdicts)
    if Verdict.NO in found:
        return Verdict.NO
    return Verdict.CONFIRM if Verdict.CONFIRM in found else Verdict.YES


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Yes where any is, else to be confirmed where any is, else no."""
    found = set(verdicts)
    if Verdict.YES in found:
        return Verdict.YES
    return Verdict.CONFIRM if Verdict.CONFIRM in found else Verdict.NO
