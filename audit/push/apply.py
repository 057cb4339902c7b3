"""Changes carried out, each at most once, whatever breaks in between.

The ledger says ``pending`` before a change is sent and ``done`` after. A change that is pending
may or may not have been made, so it is looked for before it is ever sent again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from audit.errors import InputError, SourceError
from audit.ledger.writes import Claim, Stood, Writes
from audit.push.change import Change
from audit.push.sinks import Sink
from audit.web.failures import RequestError

#: A pending change is somebody's at work so long; then it is looked for.
AT_WORK = timedelta(minutes=5)
#: And so long after it was claimed it is no longer sent by who claimed it.
SEND_WITHIN = timedelta(minutes=2)


@dataclass(frozen=True)
class Applied:
    """What became of a change: ``written``, ``already there``, ``at work`` (by somebody else),
    ``refused`` (not made) or ``open`` (not known; run again). ``why`` of the last three."""

    change: Change
    state: str
    response_id: str = ""
    why: str = ""


def confirmation(plan: Sequence[Change]) -> str:
    """What must be typed to apply a plan.

    >>> confirmation([])
    '0 changes'
    """
    return f"{len(plan)} change{'' if len(plan) == 1 else 's'}"


def apply(
    plan: Sequence[Change],
    confirm: str,
    ledger: Writes,
    to: Mapping[str, Sink],
    *,
    by: str,
    now: Callable[[], datetime],
) -> tuple[Applied, ...]:
    """Carry out a plan. ``confirm`` is :func:`confirmation` of it, typed by a person.

    Raises: InputError without confirmation or name; StoreError for a ledger that cannot be written,
    and then nothing more is sent.
    """
    if confirm != confirmation(plan):
        raise InputError(
            f'To apply this plan, confirm it with --confirm "{confirmation(plan)}"; got '
            f"{confirm!r}. Nothing was written."
        )
    if not by.strip():
        raise InputError("Say who writes: --by NAME.")
    return tuple(_applied(change, ledger, to[change.system], by, now) for change in plan)


def _applied(
    change: Change, ledger: Writes, sink: Sink, by: str, now: Callable[[], datetime]
) -> Applied:
    claim = _claimed(change, ledger, by, now())
    if claim.stood is Stood.PENDING:
        if abs(now() - claim.at) < AT_WORK:
            why = f"{claim.by} began it at {claim.at:%H:%M} UTC; try again in five minutes"
            return Applied(change, "at work", why=why)
        try:
            known = sink.find(change)
        except SourceError as error:
            return Applied(change, "open", why=f"{error} It may have been made before.")
        if known is not None:
            ledger.done(change.key, claim.attempt, known, by, now())
            return Applied(change, "already there", known)
        ledger.absent(change.key, claim.attempt, by, now())
        claim = _claimed(change, ledger, by, now())
    if claim.stood is Stood.DONE:
        return Applied(change, "already there", claim.response_id, _differs(change, claim))
    if claim.stood is Stood.PENDING:
        return Applied(change, "at work", why=f"{claim.by} is at it; try again in five minutes")
    return _sent(change, ledger, sink, claim, by, now)


def _claimed(change: Change, ledger: Writes, by: str, at: datetime) -> Claim:
    return ledger.claim(
        change.key,
        organization_id=change.organization_id,
        system=change.system,
        action=change.action,
        target=change.target,
        request_hash=change.request_hash,
        by=by,
        at=at,
    )


def _sent(
    change: Change,
    ledger: Writes,
    sink: Sink,
    claim: Claim,
    by: str,
    now: Callable[[], datetime],
) -> Applied:
    if now() - claim.at > SEND_WITHIN:
        return Applied(change, "open", why="this computer slept meanwhile; run it again")
    try:
        number = sink.send(change)
    except RequestError as error:
        if error.status is not None and 400 <= error.status < 500:
            ledger.absent(change.key, claim.attempt, by, now())
            return Applied(change, "refused", why=str(error))
        return Applied(change, "open", why=f"{error} Run it again: it is looked for first.")
    ledger.done(change.key, claim.attempt, number, by, now())
    return Applied(change, "written", number)


def _differs(change: Change, claim: Claim) -> str:
    if claim.request_hash == change.request_hash:
        return ""
    return "what was written then had another text, and stays"
