"""What all systems said, joined by organization, with disagreements shown side by side."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from audit.lifecycle.fields import fields
from audit.sources.systems.gathered import CUSTOMER, EMAIL, Gathered, Row, Who
from audit.store import Store
from audit.tables import BY_NAME
from audit.validation import validated

#: Whose word counts where systems disagree: billing's mirror, then who sends the invoice, then CRM.
PRECEDENCE = ("warehouse", "stripe", "metabase", "vitally", "zendesk", "calendly")
#: Two forecasts closer than this say the same.
SAME_WITHIN_PERCENT = 2
#: Beginnings of the fields that only this system writes.
OWN_FIELDS = {"zendesk": "zendesk.", "calendly": "calendly.", "stripe": "stripe."}
#: Who writes all other fields.
CRM = "crm"
#: Columns of organizations, beside what the CRM calls the same.
ALSO_IN_CRM = {"period_end": "next_renewal_date", "projected_total_usd": "forecasted_mrr_usd"}
SHOWN_AS = {
    "period_end": "renewal date",
    "projected_total_usd": "forecast",
    "period_interval": "plan interval",
    "discount_percent": "discount",
}


class Joined:
    """Rows by table of all systems, each under its organization."""

    def __init__(
        self,
        found: Sequence[Gathered],
        failed: Mapping[str, str],
        as_of: date,
        who: Who | None,
        store: Path | None,
    ) -> None:
        self.found = sorted(found, key=lambda one: PRECEDENCE.index(one.system))
        self.failed = failed
        self.as_of = as_of
        self.who = who
        self.before = _Before(store)
        self.customers: dict[str, str] = dict(self.before.customers)
        self.emails: dict[str, str] = dict(self.before.emails)
        # Support and meetings name nobody new; they are about whom the store or another knows.
        self.names: dict[str, str] = dict(self.before.names)
        for one in reversed(self.found):
            self.customers |= one.customers
            self.emails |= one.emails
            self.names |= one.names
        if who is not None:
            self.names = {k: v for k, v in self.names.items() if k == who.organization_id}
            self.names.setdefault(who.organization_id, who.organization_id)
            self.customers |= {who.customer_id: who.organization_id} if who.customer_id else {}
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.noticed: list[Row] = []
        #: What is about no organization: one sentence each.
        self.remarks: list[str] = [remark for one in self.found for remark in one.remarks]
        self.unknown: dict[str, int] = defaultdict(int)

    def tables(self, lost: Mapping[str, Iterable[str]]) -> dict[str, pd.DataFrame]:
        """Canonical tables, to be published with ``merge``."""
        organizations = self._organizations(self._with_usage())
        self._rows()
        self._stay()
        self._compare(organizations)
        frames = {name: self._frame(name, rows) for name, rows in self.rows.items()}
        for one in self.found:
            for name, frame in one.frames.items():
                frames[name] = self._beside(name, frame, frames.get(name))
        frames["organizations"] = validated("organizations", organizations).frame
        self._spare(frames)
        frames["coverage"] = self._coverage(lost)
        frames["data_quality"] = self._quality()
        for what, number in sorted(self.unknown.items()):
            self.remarks.append(
                f"Left out, for they belong to customers or addresses of no known organization: "
                f"{number} of {what}."
            )
        return {name: frame for name, frame in frames.items() if len(frame) or name == "coverage"}

    def _whose(self, row: Mapping[str, Any]) -> str | None:
        if "organization_id" in row:
            identity = str(row["organization_id"])
        else:
            known = self.customers if CUSTOMER in row else self.emails
            identity = known.get(str(row.get(CUSTOMER) or row.get(EMAIL)), "")
        return identity if identity in self.names else None

    def _placed(self, system: str, table: str, rows: Iterable[Row]) -> Iterable[Row]:
        for row in rows:
            identity = self._whose(row)
            if identity is None:
                self.unknown[f"{table} from {system}"] += 1
                continue
            rest = {k: v for k, v in row.items() if k not in (CUSTOMER, EMAIL)}
            yield {**rest, "organization_id": identity}

    def _with_usage(self) -> set[str]:
        """Organizations whose usage came along; of the others the day of the audit stays theirs."""
        frames = [one.frames["usage_daily"] for one in self.found if "usage_daily" in one.frames]
        return {str(one) for frame in frames for one in frame["organization_id"].unique()}

    def _organizations(self, with_usage: set[str]) -> list[Row]:
        said: dict[str, dict[str, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
        for one in self.found:
            for row in self._placed(one.system, "organizations", one.rows.get("organizations", [])):
                for name, value in row.items():
                    if value is not None and name != "organization_id":
                        said[row["organization_id"]][name].setdefault(one.system, value)
        out = []
        for identity, name in sorted(self.names.items()):
            day = self.as_of if identity in with_usage else self.before.day(identity, self.as_of)
            whole: Row = {"organization_id": identity, "name": name, "as_of": day}
            for column, by_system in said[identity].items():
                whole[column] = next(iter(by_system.values()))
                self._disagree(identity, column, by_system)
            out.append(whole)
        return out

    def _disagree(self, identity: str, column: str, by_system: Mapping[str, Any]) -> None:
        values = list(by_system.items())
        first = values[0][1]
        if all(_same(first, value) for _, value in values[1:]):
            return
        shown = ", ".join(f"{system} {_shown(value)}" for system, value in values)
        what = SHOWN_AS.get(column, column.removesuffix("_usd").replace("_", " "))
        # Subject lifecycle: what systems say of an account is for the team, not for the customer.
        self._note(
            identity,
            "lifecycle",
            f"systems_disagree_{column}",
            f"Systems disagree on the {what}: {shown}. The first was used.",
            1,
        )

    def _rows(self) -> None:
        seen: set[tuple[Any, ...]] = set()
        # Of a field of the CRM its own word counts, and the mirror's where it was not asked.
        for one in sorted(self.found, key=lambda one: one.system == "warehouse"):
            self._add("lifecycle", one, seen)
        for one in self.found:
            for table in one.rows:
                if table not in ("organizations", "lifecycle"):
                    self._add(table, one, seen)
            for identity, subject, kind, message, quantity in one.noticed:
                owner = identity if identity in self.names else self.customers.get(identity, "")
                if owner in self.names:
                    self._note(owner, subject, kind, message, quantity)

    def _add(self, table: str, one: Gathered, seen: set[tuple[Any, ...]]) -> None:
        """Rows of a table; the same of two systems is kept of the first."""
        key = BY_NAME[table].key
        for row in self._placed(one.system, table, one.rows.get(table, [])):
            keyed = (table, *(str(row.get(name)) for name in key))
            if keyed not in seen:
                seen.add(keyed)
                self.rows[table].append(row)

    def _stay(self) -> None:
        """What a system said before that was not read now, with its date: a publish replaces all
        fields of an organization at once. Of a field that the mirror brought, the newer stays."""
        read = self._read_now()
        placed = {(row["organization_id"], row["field"]): row for row in self.rows["lifecycle"]}
        marks = OWN_FIELDS.items()
        for row in self.before.lifecycle() if self.names else []:
            writer = next((s for s, mark in marks if row["field"].startswith(mark)), CRM)
            if writer in read or row["organization_id"] not in self.names:
                continue
            known = placed.get((row["organization_id"], row["field"]))
            if known is None:
                self.rows["lifecycle"].append(row)
            elif _newer(row["updated_at"], known.get("updated_at")):
                known |= row

    def _read_now(self) -> set[str]:
        """Writers of fields of the CRM that were heard. Meetings are known by the addresses that
        the CRM has, so they were not heard where it was not."""
        asked = {one.system for one in self.found}
        out = asked & OWN_FIELDS.keys()
        mirrored = any("lifecycle.warehouse" in one.read for one in self.found)
        if "vitally" in asked or (mirrored and "vitally" not in self.failed):
            out.add(CRM)
        if "vitally" in self.failed:
            out.discard("calendly")
        return out

    def _compare(self, organizations: list[Row]) -> None:
        """Renewal date and forecast as billing has them beside the CRM's."""
        wanted = {crm: column for column, crm in ALSO_IN_CRM.items()}
        crm: dict[tuple[str, str], str] = {}
        for row in self.rows["lifecycle"]:
            known = fields().field(str(row["field"]))
            if known is not None and known.name in wanted and row.get("value") is not None:
                crm[row["organization_id"], wanted[known.name]] = str(row["value"])
        for row in organizations:
            for column in ALSO_IN_CRM:
                told = crm.get((row["organization_id"], column))
                mine = row.get(column)
                if mine is not None and told is not None and not _same(mine, told):
                    self._disagree(row["organization_id"], column, {"billing": mine, "CRM": told})

    def _beside(self, name: str, frame: pd.DataFrame, known: pd.DataFrame | None) -> pd.DataFrame:
        """A large table beside what an earlier system brought of it: organizations that one has
        are not taken again from the next."""
        mine = frame[frame["organization_id"].isin(list(self.names))]
        mine = validated(name, mine).frame
        if known is None or known.empty:
            return mine
        rest = mine[~mine["organization_id"].isin(known["organization_id"].unique())]
        return pd.concat([known, rest], ignore_index=True)

    @staticmethod
    def _frame(name: str, rows: list[Row]) -> pd.DataFrame:
        return validated(name, rows).frame

    def _spare(self, frames: dict[str, pd.DataFrame]) -> None:
        """What the organization's own key read for this same day says more, and stays."""
        for name in list(frames):
            if name == "organizations":
                continue
            own = self.before.own(name, self.as_of)
            if own:
                frames[name] = frames[name][~frames[name]["organization_id"].isin(own)]

    def _coverage(self, lost: Mapping[str, Iterable[str]]) -> pd.DataFrame:
        read: dict[str, tuple[str, int]] = {}
        missing: dict[str, tuple[str, str]] = {}
        for one in self.found:
            for subject, reason in one.missing.items():
                missing.setdefault(subject, (one.system, reason))
            for subject, count in one.read.items():
                read.setdefault(subject, (one.system, count))
        for system, subjects in lost.items():
            for subject in subjects:
                if subject not in read:
                    missing[subject] = (system, self.failed[system])
        rows = []
        for identity in sorted(self.names):
            for subject, (system, count) in sorted(read.items()):
                if subject in missing or identity in self.before.own(subject, self.as_of):
                    continue
                rows.append(_covered(identity, subject, system, "", count))
            for subject, (system, reason) in sorted(missing.items()):
                rows.append(_covered(identity, subject, system, reason, None))
        return validated("coverage", rows).frame

    def _quality(self) -> pd.DataFrame:
        return validated("data_quality", self.noticed).frame

    def _note(self, identity: str, subject: str, kind: str, message: str, quantity: int) -> None:
        self.noticed.append(
            {
                "organization_id": identity,
                "project_id": "",
                "subject": subject,
                "kind": kind,
                "message": message,
                "quantity": quantity,
            }
        )


class _Before:
    """What the store holds of earlier pulls; nothing where there is none."""

    def __init__(self, path: Path | None) -> None:
        self.customers: dict[str, str] = {}
        self.emails: dict[str, str] = {}
        self._path = path
        self._own: dict[tuple[str, date], set[str]] = defaultdict(set)
        self._days: dict[str, date] = {}
        self.names: dict[str, str] = {}
        if path is None or not path.exists():
            return
        with Store.open(path) as store:
            run = store.connection.execute
            self.customers = dict(
                run(
                    "SELECT customer_id, organization_id FROM organizations "
                    "WHERE customer_id IS NOT NULL"
                ).fetchall()
            )
            owners = run(
                "SELECT lower(email), min(organization_id) FROM members WHERE email IS NOT NULL "
                "GROUP BY ALL HAVING count(DISTINCT organization_id) = 1"
            ).fetchall()
            self.emails = dict(owners)
            named = run(
                "SELECT organization_id, coalesce(name, organization_id) FROM organizations"
            )
            self.names = dict(named.fetchall())
            self._days = dict(run("SELECT organization_id, as_of FROM organizations").fetchall())
            for identity, subject, as_of in run(
                "SELECT organization_id, subject, as_of FROM coverage JOIN organizations "
                "USING (organization_id) WHERE complete AND source = 'posthog'"
            ).fetchall():
                self._own[subject, as_of].add(identity)

    def lifecycle(self) -> list[Row]:
        """All fields of the CRM as they were."""
        if self._path is None or not self._path.exists():
            return []
        names = ("organization_id", "field", "value", "updated_at")
        with Store.open(self._path) as store:
            found = store.connection.execute(f"SELECT {', '.join(names)} FROM lifecycle")  # noqa: S608
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def day(self, identity: str, otherwise: date) -> date:
        """The day an organization is audited as of."""
        return self._days.get(identity, otherwise)

    def own(self, subject: str, as_of: date) -> set[str]:
        """Organizations of which a subject was read with their own key for a day."""
        return self._own.get((subject, as_of), set())


def _covered(identity: str, subject: str, system: str, reason: str, count: int | None) -> Row:
    return {
        "organization_id": identity,
        "project_id": "",
        "subject": subject,
        "complete": not reason,
        "reason": reason,
        "source": system,
        "query_name": system,
        "row_count": count,
    }


def _newer(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return other is None
    stamps = [pd.Timestamp(value).tz_localize(None) for value in (one, other)]
    return stamps[0] > stamps[1]


def _same(one: Any, other: Any) -> bool:
    a, b = str(one), str(other)
    try:
        x, y = Decimal(a), Decimal(b)
    except ArithmeticError:
        return a[:10] == b[:10]
    return abs(x - y) * 100 <= SAME_WITHIN_PERCENT * max(abs(x), abs(y))


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"${value:,.2f}"
    try:
        return f"${Decimal(str(value)):,.2f}"
    except ArithmeticError:
        return str(value)[:10]
