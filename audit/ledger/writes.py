"""The part of the ledger that knows what was written to other systems, and what may have been."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Insert, insert, select

from audit.ledger.model import kept_text
from audit.ledger.schema import WRITE_STATES, WRITES
from audit.ledger.storage import Ledger


class Stood(StrEnum):
    """How far a change has come. ``CLAIMED``: it is the caller's to send, now."""

    CLAIMED = "claimed"
    PENDING = "pending"
    DONE = "done"
    ABSENT = "absent"


@dataclass(frozen=True)
class Claim:
    """``at`` (UTC) and ``by``: of the state. ``request_hash``: of what was claimed first."""

    stood: Stood
    attempt: int
    by: str
    at: datetime
    response_id: str
    request_hash: str


class Writes(Ledger):
    """Changes at one address. Cheap to make."""

    def claim(
        self,
        key: str,
        *,
        organization_id: str,
        system: str,
        action: str,
        target: str,
        request_hash: str,
        by: str,
        at: datetime,
    ) -> Claim:
        """Take a change to send it, or learn how it stands. One transaction: of two who ask at
        once, one may send.

        Raises: StoreError for a ledger that cannot be written.
        """
        who = kept_text(by, "by")
        with self._writing() as connection:
            known = connection.execute(select(WRITES).where(WRITES.c.key == key)).first()
            if known is None:
                connection.execute(
                    insert(WRITES).values(
                        key=key,
                        organization_id=organization_id,
                        system=system,
                        action=action,
                        target=target,
                        request_hash=request_hash,
                        planned_by=who,
                        planned_at=_text(at),
                    )
                )
            last = connection.execute(
                select(WRITE_STATES)
                .where(WRITE_STATES.c.key == key)
                .order_by(WRITE_STATES.c.id.desc())
                .limit(1)
            ).first()
            first_hash = request_hash if known is None else str(known.request_hash)
            if last is not None and last.state != Stood.ABSENT:
                return Claim(
                    Stood(last.state),
                    int(last.attempt),
                    str(last.actor),
                    datetime.fromisoformat(last.at),
                    str(last.response_id),
                    first_hash,
                )
            attempt = 1 if last is None else int(last.attempt) + 1
            connection.execute(_state(key, attempt, Stood.PENDING, "", who, at))
            return Claim(Stood.CLAIMED, attempt, who, at, "", first_hash)

    def done(self, key: str, attempt: int, response_id: str, by: str, at: datetime) -> None:
        """An attempt made the change; ``response_id`` is what the system calls it."""
        self._end(key, attempt, Stood.DONE, response_id, by, at)

    def absent(self, key: str, attempt: int, by: str, at: datetime) -> None:
        """An attempt did not make the change: it was refused, or is not there."""
        self._end(key, attempt, Stood.ABSENT, "", by, at)

    def _end(
        self, key: str, attempt: int, state: Stood, response_id: str, by: str, at: datetime
    ) -> None:
        with self._writing() as connection:
            ended = connection.execute(
                select(WRITE_STATES.c.id).where(
                    WRITE_STATES.c.key == key,
                    WRITE_STATES.c.attempt == attempt,
                    WRITE_STATES.c.state != Stood.PENDING.value,
                )
            ).first()
            # Two who looked for it at once come to the same; the first to say so is enough.
            if ended is None:
                who = kept_text(by, "by")
                connection.execute(_state(key, attempt, state, response_id, who, at))


def _state(key: str, attempt: int, state: Stood, response_id: str, by: str, at: datetime) -> Insert:
    return insert(WRITE_STATES).values(
        key=key,
        attempt=attempt,
        state=state.value,
        response_id=response_id,
        actor=by,
        at=_text(at),
    )


def _text(at: datetime) -> str:
    """The same in both databases, whatever their ideas of zones."""
    return at.astimezone(UTC).isoformat(timespec="seconds")
