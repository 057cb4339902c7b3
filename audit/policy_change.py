"""What another policy pack changes: in the rules, and for one account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from audit.account import Account
from audit.checks import Audience, Severity, load_checks
from audit.findings.examine import examine
from audit.findings.model import Audit, Finding
from audit.ledger import Suppression
from audit.policies.reading import Value
from audit.policies.schema import KEYS
from audit.policy import OwnThresholds, Policy, load_policy
from audit.queue.handover import Decision, handover_of


@dataclass(frozen=True)
class Change:
    """One rule that two packs do not share.

    ``key``: "section.key" of a pack, "check.threshold", or a check that one of them does not
    know. A side without a value says why in its source.
    """

    key: str
    meaning: str
    before: Value | None
    after: Value | None
    source_before: str
    source_after: str


@dataclass(frozen=True)
class Moved:
    """A finding that one of two audits has and the other has not, or has otherwise.

    ``before`` and ``after``: the finding in each, or None; ``why``: what makes it so, where
    that is a check that is not in force.
    """

    before: Finding | None
    after: Finding | None
    why: str = ""

    @property
    def finding(self) -> Finding:
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def what(self) -> str:
        """appears, disappears, rises, falls (in severity) or is priced otherwise."""
        if self.before is None:
            return "appears"
        if self.after is None:
            return "disappears"
        ranks = self.before.severity.rank, self.after.severity.rank
        if ranks[0] == ranks[1]:
            return "is priced otherwise"
        return "rises" if ranks[1] < ranks[0] else "falls"


@dataclass(frozen=True)
class Effect:
    """One account under two packs. Savings are USD a billing month, estimates."""

    before: Audit
    after: Audit
    moved: tuple[Moved, ...]
    handover_before: Decision
    handover_after: Decision

    @property
    def saving_change(self) -> Decimal:
        return self.after.joint_saving - self.before.joint_saving


def changes(before: Policy, after: Policy) -> tuple[Change, ...]:
    """Every rule that differs: the packs' own values, other thresholds, checks in force."""
    out = []
    for key, known in KEYS.items():
        one, other = before.entries[key], after.entries[key]
        if one.value != other.value:
            out.append(
                Change(
                    key,
                    known.meaning,
                    one.value,
                    other.value,
                    one.gap or one.source,
                    other.gap or other.source,
                )
            )
    fed = {at for key in KEYS.values() for at in key.feeds}
    for name, check in load_checks().items():
        ours, theirs = before.thresholds(check), after.thresholds(check)
        for threshold in check.thresholds:
            if ours[threshold] != theirs[threshold] and (name, threshold) not in fed:
                was, now = (
                    policy.threshold_source(name, threshold) or check.sections["Source"]
                    for policy in (before, after)
                )
                values = ours[threshold], theirs[threshold]
                out.append(Change(f"{name}.{threshold}", check.title, *values, was, now))
        if (name in before.not_in_force) != (name in after.not_in_force):
            (old, was), (new, now) = (_in_force(name, policy) for policy in (before, after))
            out.append(Change(name, check.title, old, new, was, now))
    return tuple(out)


def _in_force(check: str, policy: Policy) -> tuple[str | None, str]:
    """Whether a check is in force, and where that is from or why not."""
    if check in policy.not_in_force:
        return None, policy.not_in_force[check]
    return "in force", policy.source


def shown(value: Value | None) -> str:
    """A value of a pack as people read it.

    >>> shown(1667), shown(2.5), shown(None)
    ('1,667', '2.5', 'silent')
    """
    if value is None:
        return "silent"
    if isinstance(value, tuple):
        return ", ".join(
            f"{'by agreement' if t.percent is None else f'{t.percent:g}%'} from {t.from_usd:,}"
            for t in value
        )
    return value if isinstance(value, str) else f"{value:,.10g}"


def effect(
    account: Account,
    before: str,
    after: str,
    *,
    as_of: date | str | None = None,
    lookback_days: int = 30,
    thresholds: OwnThresholds = None,
    suppressions: Sequence[Suppression] = (),
) -> Effect:
    """Audit one account under two packs, for the team. ``before`` and ``after``: as in
    :func:`audit.policy.load_policy`. Raises: what :func:`~audit.findings.examine.examine` does.
    """
    packs = [load_policy(name, load_checks(), thresholds) for name in (before, after)]
    audits = [
        examine(
            account,
            policy=pack.argument,
            as_of=as_of,
            lookback_days=lookback_days,
            thresholds=thresholds,
            audience=Audience.TEAM,
            suppressions=suppressions,
            draws=0,
        )
        for pack in packs
    ]
    old, new = ({finding.id: finding for finding in audit.findings} for audit in audits)
    moved = [
        Moved(old.get(name), new.get(name), _why(name, old, new, packs))
        for name in dict.fromkeys([*old, *new])
        if not _same(old.get(name), new.get(name))
    ]
    moved.sort(key=lambda m: (list(Severity).index(m.finding.severity), m.finding.check))
    decisions = [handover_of(audit, pack) for audit, pack in zip(audits, packs, strict=True)]
    return Effect(audits[0], audits[1], tuple(moved), decisions[0], decisions[1])


def _same(one: Finding | None, other: Finding | None) -> bool:
    if one is None or other is None:
        return False
    return one.severity is other.severity and one.saving.alone == other.saving.alone


def _why(
    name: str, old: dict[str, Finding], new: dict[str, Finding], packs: Sequence[Policy]
) -> str:
    check = (old.get(name) or new[name]).check
    reasons = [pack.not_in_force[check] for pack in packs if check in pack.not_in_force]
    return reasons[0] if reasons else ""
