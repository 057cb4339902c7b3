"""From two accounts to a comparison."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from audit.account import Account
from audit.checks import load_checks
from audit.diff.chain import Chain, chain
from audit.diff.model import (
    NOTHING,
    ORDER,
    Decomposition,
    Diff,
    Effect,
    LineChange,
    Movement,
    Side,
    Status,
)
from audit.diff.reported import Reported
from audit.diff.state import Seen, State, Where, state_of
from audit.errors import InputError
from audit.findings.model import Audit
from audit.policy import load_policy

DISCOUNTS = "discounts"

NOT_TOLD = (
    "The report of then does not say by which version of the checks it was made, so what the "
    "toolkit itself changed is not told apart."
)

#: The state after each effect, with that of then in front.
States = Sequence[tuple[Effect | None, State]]


def compare(before: Account, now: Account, *, was: Reported | None = None, **asked: Any) -> Diff:
    """What became of an account's findings and bill between two pulls.

    ``before``: the account file of an earlier report, audited as it was then. ``was``: that
    report's own numbers, if they are there. ``asked``: what :func:`audit.examine` is asked of
    ``now``.

    Raises: InputError for two organizations or the wrong order; what ``examine`` raises.
    """
    if before.organization_id != now.organization_id:
        raise InputError(
            f"These are two organizations: {before.organization_id!r} then and "
            f"{now.organization_id!r} now. Compare reports of one."
        )
    links = chain(before, now, asked)
    first, last = links.first, links.last
    if first.as_of > last.as_of:
        raise InputError(
            f"The earlier account is of {first.as_of}, after {last.as_of}. Swap them, or give a "
            "later --as-of."
        )
    told = was if was is not None and _is_of(was, first) else None
    states = _states(links, told)
    unknown = _unknown(states)
    bill = None if unknown else _decomposed(states, lambda s: s.bill)
    joint = None if unknown else _decomposed(states, lambda s: s.joint_saving)
    after = None if unknown else _decomposed(states, _after_fixes)
    return Diff(
        organization_id=now.organization_id,
        organization_name=last.organization_name,
        project_id=last.project_id,
        before=_side(first),
        now=_side(last),
        bill=bill,
        joint_saving=joint,
        bill_after_fixes=after,
        lines=() if unknown else _lines(states),
        unknown=unknown,
        findings=tuple(_movements(states, last)),
        notes=tuple(_notes(links, told)),
    )


def _is_of(was: Reported, first: Audit) -> bool:
    """Whether a report's numbers are of the very question that is asked again."""
    return (was.organization_id, was.as_of, was.policy, was.project_id, was.days) == (
        first.organization_id,
        first.as_of,
        first.policy,
        first.project_id,
        first.period.days,
    )


def _states(links: Chain, told: Reported | None) -> States:
    by_audit: dict[int, State] = {}

    def of(audit: Audit) -> State:
        return by_audit.setdefault(id(audit), state_of(audit))

    start = of(links.first)
    states: list[tuple[Effect | None, State]] = [(None, told.state if told else start)]
    states.append((Effect.METHOD, start))
    return [*states, *((effect, of(audit)) for effect, audit in links.steps.items())]


def _side(audit: Audit) -> Side:
    return Side(audit.as_of, audit.policy, audit.price_list, audit.period.days)


def _unknown(states: States) -> str:
    for number, (_, state) in enumerate(states):
        if state.bill is None or state.joint_saving is None:
            when = "then" if number < 2 else "now"
            return f"no usage is known {when}, and so no bill"
    return ""


def _after_fixes(state: State) -> Decimal | None:
    if state.bill is None or state.joint_saving is None:
        return None
    return state.bill - state.joint_saving


def _decomposed(states: States, number: Callable[[State], Decimal | None]) -> Decomposition:
    """A number that is known in every state."""
    values = [number(state) or NOTHING for _, state in states]
    effects = dict.fromkeys(ORDER, NOTHING)
    for (effect, _), earlier, later in zip(states[1:], values, values[1:], strict=False):
        if effect is not None:
            effects[effect] = later - earlier
    return Decomposition(values[0], effects, values[-1])


def _lines(states: States) -> tuple[LineChange, ...]:
    products = sorted({product for _, state in states for product in state.lines})
    lines = [LineChange(product, _decomposed(states, _line_of(product))) for product in products]
    lines.sort(key=lambda line: (-abs(line.amount.change), line.product))
    discount = LineChange(DISCOUNTS, _decomposed(states, lambda s: -s.discount))
    return (*lines, discount) if any(state.discount for _, state in states) else tuple(lines)


def _line_of(product: str) -> Callable[[State], Decimal]:
    return lambda state: state.lines.get(product, NOTHING)


def _movements(states: States, last: Audit) -> list[Movement]:
    start, end = states[0][1], states[-1][1]
    ids = dict.fromkeys([*start.found, *end.found])
    found = [_movement(one, states, last) for one in ids]
    order = list(Status)
    return sorted(found, key=lambda m: (order.index(m.status), -_size(m), m.check, m.id))


def _size(one: Movement) -> Decimal:
    return abs((one.saving_now or NOTHING) - (one.saving_before or NOTHING))


def _movement(identity: str, states: States, last: Audit) -> Movement:
    trail = [state.found.get(identity) for _, state in states]
    was, now = trail[0], trail[-1]
    shown = now or was
    assert shown is not None
    where = shown.where
    absent_then = "" if was else states[0][1].why_not_evaluated(where)
    absent_now = "" if now else _why_gone(states[-1][1], where, last)
    status = _status(was, now, absent_now)
    moved, effects = _steps(states, trail, where)
    return Movement(
        id=identity,
        status=status,
        check=where.check,
        title=shown.title,
        project_id=where.project_id,
        project_name=shown.project_name,
        product=where.product,
        message=shown.message,
        severity_before=was.severity if was else None,
        severity_now=now.severity if now else None,
        saving_before=was.alone if was else None,
        saving_now=now.alone if now else None,
        suppressed_before=bool(was and was.suppressed),
        suppressed_now=bool(now and now.suppressed),
        moved_by=moved,
        effects=effects,
        reason=absent_now or (absent_then and f"not evaluated then: {absent_then}"),
    )


def _why_gone(end: State, where: Where, last: Audit) -> str:
    why = end.why_not_evaluated(where)
    if why and where.check not in end.checks_run:
        pack = load_policy(last.arguments["policy"], load_checks(), last.arguments["thresholds"])
        return pack.not_in_force.get(where.check, why)
    return why


def _status(was: Seen | None, now: Seen | None, absent_now: str) -> Status:
    if now is None:
        return Status.NOT_EVALUATED if absent_now else Status.FIXED
    if was is None:
        return Status.NEW
    if was.alone is not None and now.alone is not None and was.alone != now.alone:
        return Status.WORSE if now.alone > was.alone else Status.BETTER
    if was.severity is not now.severity:
        return Status.WORSE if now.severity.rank < was.severity.rank else Status.BETTER
    return Status.UNCHANGED


def _steps(
    states: States, trail: Sequence[Seen | None], where: Where
) -> tuple[tuple[Effect, ...], Mapping[Effect, Decimal]]:
    """Effects after which the finding was another, and by how much each moved its saving."""
    moved, effects = [], {}
    for number in range(1, len(states)):
        effect, state = states[number]
        earlier, later = trail[number - 1], trail[number]
        if effect is None or (earlier and earlier.compared) == (later and later.compared):
            continue
        moved.append(effect)
        before = _alone(states[number - 1][1], earlier, where)
        after = _alone(state, later, where)
        if before is not None and after is not None and before != after:
            effects[effect] = after - before
    return tuple(moved), effects


def _alone(state: State, seen: Seen | None, where: Where) -> Decimal | None:
    """The saving in a state; nothing where there is no fault, None where that is not known."""
    if seen is not None:
        return seen.alone
    return None if state.why_not_evaluated(where) else NOTHING


def _notes(links: Chain, told: Reported | None) -> list[str]:
    first, last = links.first, links.last
    notes = []
    if first.as_of == last.as_of:
        notes.append(f"Both are of {last.as_of}.")
    if first.period.days != last.period.days:
        notes.append(
            f"The window was {first.period.days} days then and is {last.period.days} now, each "
            "scaled to a billing month."
        )
    if told is None:
        notes.append(NOT_TOLD)
    else:
        changed = sorted(_changed_checks(told.state))
        if changed:
            notes.append(f"Checks that have changed since that report: {', '.join(changed)}.")
    return notes


def _changed_checks(state: State) -> set[str]:
    """Checks whose findings of then were judged by another version of them."""
    known = load_checks()
    return {
        seen.where.check
        for seen in state.found.values()
        if seen.version
        and (seen.where.check not in known or known[seen.where.check].version != seen.version)
    }
