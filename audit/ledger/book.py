"""The part of the ledger that remembers: runs, predictions, contacts and outcomes.

The same database and the same rules as decisions: append-only, one transaction a change.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select

from audit.errors import InputError
from audit.ledger import schema
from audit.ledger.model import CENT, kept_text
from audit.ledger.records import Contact, Contacted, Outcome, Prediction, Run, Verdict
from audit.ledger.schema import CONTACTS, OUTCOMES, PREDICTIONS, RUNS
from audit.ledger.storage import Ledger


class Book(Ledger):
    """What was predicted at one address, and what came of it. Cheap to make."""

    def record(self, run: Run, predictions: Sequence[Prediction]) -> Run | None:
        """Write an audit with its predictions; the run with its id, or None where that audit (of
        that organization, day and policy) is on record already.

        Raises: InputError without somebody who records it; StoreError for a ledger that cannot be
        written.
        """
        by = kept_text(run.recorded_by, "by")
        if not by:
            raise InputError("Say who records it: --by NAME.")
        with self._writing() as connection:
            known = select(RUNS.c.id).where(
                RUNS.c.organization_id == run.organization_id,
                RUNS.c.as_of == run.as_of,
                RUNS.c.policy == run.policy,
            )
            if connection.execute(known).first() is not None:
                return None
            number = _added(connection, RUNS, _of_run(replace(run, recorded_by=by)))
            rows = [_of_prediction(replace(one, run_id=number)) for one in predictions]
            if rows:
                connection.execute(insert(PREDICTIONS), rows)
            return replace(run, id=number, recorded_by=by)

    def runs(self, organization_id: str | None = None) -> tuple[Run, ...]:
        """Recorded audits, oldest first."""
        return tuple(_run(row) for row in self._rows(RUNS, organization_id))

    def predictions(self, organization_id: str | None = None) -> tuple[Prediction, ...]:
        """What was predicted, oldest first."""
        return tuple(_prediction(row) for row in self._rows(PREDICTIONS, organization_id))

    def contact(self, told: Contact) -> Contact:
        """Write that somebody was written to, or answered; the same with its id.

        Raises: InputError without somebody; StoreError for a ledger that cannot be written.
        """
        by, said = kept_text(told.by, "by"), kept_text(told.note, "note")
        if not by:
            raise InputError("Say who did it: --by NAME.")
        with self._writing() as connection:
            number = _added(
                connection,
                CONTACTS,
                {
                    "organization_id": told.organization_id,
                    "state": told.state.value,
                    "on_day": told.on,
                    "contacted_by": by,
                    "note": said,
                },
            )
            return replace(told, by=by, note=said, id=number)

    def contacts(self, organization_id: str | None = None) -> tuple[Contact, ...]:
        """Messages and answers, in the order they were written down."""
        return tuple(_contact(row) for row in self._rows(CONTACTS, organization_id))

    def keep(self, outcomes: Iterable[Outcome]) -> int:
        """Write outcomes; how many were new. One of a prediction on a day is kept once."""
        new = 0
        with self._writing() as connection:
            known = {
                (row.prediction_id, row.measured_as_of)
                for row in connection.execute(
                    select(OUTCOMES.c.prediction_id, OUTCOMES.c.measured_as_of)
                )
            }
            for one in outcomes:
                if (one.prediction_id, one.measured_as_of) not in known:
                    connection.execute(insert(OUTCOMES).values(_of_outcome(one)))
                    known.add((one.prediction_id, one.measured_as_of))
                    new += 1
        return new

    def outcomes(self, organization_id: str | None = None) -> tuple[Outcome, ...]:
        """All that was measured, in the order it was written down."""
        with self._reading() as connection:
            if connection is None:
                return ()
            wanted = (
                select(
                    OUTCOMES,
                    PREDICTIONS.c.organization_id,
                    PREDICTIONS.c.finding_id,
                    PREDICTIONS.c.check_name,
                    PREDICTIONS.c.effort,
                )
                .join(PREDICTIONS, PREDICTIONS.c.id == OUTCOMES.c.prediction_id)
                .order_by(OUTCOMES.c.id)
            )
            if organization_id is not None:
                wanted = wanted.where(PREDICTIONS.c.organization_id == organization_id)
            return tuple(_outcome(row) for row in connection.execute(wanted))

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All rows of all tables as plain values, by table, to take out of here."""
        with self._reading() as connection:
            if connection is None:
                return {table.name: [] for table in schema.TABLES}
            return {
                table.name: [
                    {name: _plain(value) for name, value in row._mapping.items()}
                    for row in connection.execute(
                        select(table).order_by(*table.primary_key.columns)
                    )
                ]
                for table in schema.TABLES
            }

    def _rows(self, table: Table, organization_id: str | None) -> list[Row[Any]]:
        with self._reading() as connection:
            if connection is None:
                return []
            wanted = select(table).order_by(table.c.id)
            if organization_id is not None:
                wanted = wanted.where(table.c.organization_id == organization_id)
            return list(connection.execute(wanted))


def _added(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    return int(key[0]) if key else 0


def _cents(usd: Decimal | None) -> int | None:
    return None if usd is None else int(usd / CENT)


def _usd(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(cents) * CENT


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _of_run(run: Run) -> dict[str, Any]:
    return {
        "organization_id": run.organization_id,
        "as_of": run.as_of,
        "policy": run.policy,
        "price_list": run.price_list,
        "window_start": run.window_start,
        "window_end": run.window_end,
        "bill_cents": _cents(run.bill),
        "joint_saving_cents": _cents(run.joint_saving),
        "people": run.people,
        "recorded_on": run.recorded_on,
        "recorded_by": run.recorded_by,
        "findings": json.dumps([dict(one) for one in run.findings], sort_keys=True),
        "usage": json.dumps(dict(run.usage)),
    }


def _run(row: Row[Any]) -> Run:
    return Run(
        organization_id=row.organization_id,
        as_of=row.as_of,
        policy=row.policy,
        price_list=row.price_list,
        window_start=row.window_start,
        window_end=row.window_end,
        bill=row.bill_cents * CENT,
        joint_saving=row.joint_saving_cents * CENT,
        people=row.people,
        recorded_on=row.recorded_on,
        recorded_by=row.recorded_by,
        findings=tuple(json.loads(row.findings)),
        usage=json.loads(row.usage),
        id=row.id,
    )


def _of_prediction(one: Prediction) -> dict[str, Any]:
    return {
        "run_id": one.run_id,
        "organization_id": one.organization_id,
        "finding_id": one.finding_id,
        "check_name": one.check,
        "project_id": one.project_id,
        "product": one.product,
        "effort": one.effort,
        "as_of": one.as_of,
        "due_on": one.due_on,
        "alone_cents": _cents(one.alone),
        "low_cents": _cents(one.low),
        "mid_cents": _cents(one.mid),
        "high_cents": _cents(one.high),
        "came_true": one.came_true,
        "came_true_low": one.came_true_low,
        "basis": json.dumps(one.basis, sort_keys=True),
    }


def _prediction(row: Row[Any]) -> Prediction:
    return Prediction(
        organization_id=row.organization_id,
        finding_id=row.finding_id,
        check=row.check_name,
        project_id=row.project_id,
        product=row.product,
        effort=row.effort,
        as_of=row.as_of,
        due_on=row.due_on,
        alone=row.alone_cents * CENT,
        low=_usd(row.low_cents),
        mid=_usd(row.mid_cents),
        high=_usd(row.high_cents),
        came_true=row.came_true,
        came_true_low=row.came_true_low,
        basis=json.loads(row.basis),
        run_id=row.run_id,
        id=row.id,
    )


def _contact(row: Row[Any]) -> Contact:
    return Contact(
        organization_id=row.organization_id,
        state=Contacted(row.state),
        on=row.on_day,
        by=row.contacted_by,
        note=row.note,
        id=row.id,
    )


def _of_outcome(one: Outcome) -> dict[str, Any]:
    return {
        "prediction_id": one.prediction_id,
        "measured_as_of": one.measured_as_of,
        "verdict": one.verdict.value,
        "share": one.share,
        "share_low": one.share_low,
        "share_high": one.share_high,
        "predicted_cents": _cents(one.predicted),
        "saved_cents": _cents(one.saved),
        "saved_low_cents": _cents(one.saved_low),
        "saved_high_cents": _cents(one.saved_high),
        "why": one.why,
    }


def _outcome(row: Row[Any]) -> Outcome:
    return Outcome(
        prediction_id=row.prediction_id,
        organization_id=row.organization_id,
        finding_id=row.finding_id,
        check=row.check_name,
        effort=row.effort,
        measured_as_of=row.measured_as_of,
        verdict=Verdict(row.verdict),
        share=row.share,
        share_low=row.share_low,
        share_high=row.share_high,
        predicted=row.predicted_cents * CENT,
        saved=_usd(row.saved_cents),
        saved_low=_usd(row.saved_low_cents),
        saved_high=_usd(row.saved_high_cents),
        why=row.why,
        id=row.id,
    )
