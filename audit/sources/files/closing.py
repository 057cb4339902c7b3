"""What no single file brings: organizations, every project, coverage and data quality."""

from datetime import date
from typing import Any

import pandas as pd

from audit.sources.files import assemble, coverage
from audit.sources.files.convert import ALL_PROJECTS, Block
from audit.sources.files.identity import Organizations
from audit.sources.files.read import HINTS, READABLE
from audit.sources.files.recognition import Candidate
from audit.tables import BY_NAME

ALL_PROJECTS_NAME = "All projects"
WITHOUT_PROJECTS = ("coverage", "data_quality")


class Notes:
    """What is said in ``data_quality``, gathered by organization, subject and kind."""

    def __init__(self) -> None:
        self.said: dict[tuple[str, str, str], tuple[list[str], int]] = {}

    def say(self, organization: str, subject: str, kind: str, message: str, rows: int) -> None:
        messages, before = self.said.setdefault((organization, subject, kind), ([], 0))
        if message not in messages:
            messages.append(message)
        self.said[organization, subject, kind] = (messages, before + rows)

    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "organization_id": identity,
                "project_id": "",
                "subject": subject,
                "kind": kind,
                "message": " ".join(messages),
                "quantity": quantity,
            }
            for (identity, subject, kind), (messages, quantity) in self.said.items()
        ]


class Closing:
    """Adds the tables that are made from all files together."""

    def __init__(
        self,
        who: Organizations,
        blocks: list[Block],
        found: list[Candidate],
        as_of: dict[str, date],
        notes: Notes,
    ) -> None:
        self.who, self.blocks, self.found, self.as_of = who, blocks, found, as_of
        self.notes = notes
        self.say = notes.say

    def add(self, frames: dict[str, pd.DataFrame]) -> None:
        self._organizations(frames)
        self._projects(frames)
        self._cover(frames)
        self._note(frames)

    def _organizations(self, frames: dict[str, pd.DataFrame]) -> None:
        stated = frames.get("organizations")
        known = {} if stated is None else {r["organization_id"]: r for r in _records(stated)}
        rows = []
        for identity in self.who.ids:
            row = {**known.get(identity, {})}
            row |= {"organization_id": identity, "as_of": self.as_of[identity]}
            if not isinstance(row.get("name"), str) or self.who.name:
                row["name"] = self.who.name_of(identity)
            rows.append(row)
        frames["organizations"] = pd.DataFrame(rows)

    def _projects(self, frames: dict[str, pd.DataFrame]) -> None:
        """Every project that any export names has a row, with its name where one is known."""
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        if "projects" in frames:
            for record in _records(frames["projects"]):
                rows[record["organization_id"], record["project_id"]] = record
        for block in self.blocks:
            if "project_id" not in BY_NAME[block.table].column or block.table in WITHOUT_PROJECTS:
                continue
            ids, owners = block.columns["project_id"], block.columns["organization_id"]
            names = block.columns.get("project_name", [None] * block.rows)
            for owner, identity, name in dict.fromkeys(zip(owners, ids, names, strict=True)):
                row = rows.setdefault(
                    (owner, identity), {"organization_id": owner, "project_id": identity}
                )
                if not isinstance(row.get("name"), str):
                    row["name"] = name or (ALL_PROJECTS_NAME if identity == ALL_PROJECTS else None)
        used = self._projects_used(frames)
        kept = [row for key, row in rows.items() if key[1] != ALL_PROJECTS or key in used]
        for owner, identity in sorted(used):
            if identity == ALL_PROJECTS:
                self.say(
                    owner,
                    "projects",
                    "projects_unknown",
                    "Some exports do not tell projects apart; their rows stand under the project "
                    f"{ALL_PROJECTS_NAME!r}.",
                    1,
                )
        frames["projects"] = pd.DataFrame(
            kept, columns=None if kept else ["organization_id", "project_id"]
        )

    @staticmethod
    def _projects_used(frames: dict[str, pd.DataFrame]) -> set[tuple[str, str]]:
        return {
            pair
            for table, frame in frames.items()
            if "project_id" in frame.columns
            for pair in zip(frame["organization_id"], frame["project_id"], strict=True)
        }

    def _cover(self, frames: dict[str, pd.DataFrame]) -> None:
        stated = self._stated("coverage")
        said = self._subjects(frames)
        for row in stated:
            if row["subject"] == "usage_daily":
                said[row["organization_id"]].drop_counters()
        rows = [row for identity in self.who.ids for row in coverage.rows(identity, said[identity])]
        keyed = {(r["organization_id"], r["project_id"], r["subject"]): r for r in [*rows, *stated]}
        frames["coverage"] = pd.DataFrame(list(keyed.values()))

    def _stated(self, table: str) -> list[dict[str, Any]]:
        """Rows that a file named after the table brought itself; they go before ours."""
        own = [block for block in self.blocks if block.table == table]
        return _records(assemble.settled(table, own, self.say)) if own else []

    def _subjects(self, frames: dict[str, pd.DataFrame]) -> dict[str, coverage.Subjects]:
        out = {identity: coverage.Subjects() for identity in self.who.ids}
        counters: dict[str, bool] = {}
        for block in self.blocks:
            rows = _rows_by_organization(block)
            for identity in block.speaks_for:
                mine = rows.get(identity, [])
                said = out[identity]
                said.reasons |= block.missing
                if block.names_subjects:
                    completes = dict.fromkeys(block.complete, len(mine))
                else:
                    cut = {name: [v[row] for row in mine] for name, v in block.columns.items()}
                    completes = coverage.of_canonical(block.table, cut)
                for subject, quantity in completes.items():
                    said.completed(subject, block.file, quantity)
                if block.table == "usage_daily":
                    counters[identity] = counters.get(identity, False) or block.has_all_counters
                if "project_id" in BY_NAME[block.table].column:
                    projects = {block.columns["project_id"][row] for row in mine}
                    named = projects - {ALL_PROJECTS, "", None}
                    if named:
                        said.completed("projects", block.file, len(named))
        partial = {identity for identity, whole in counters.items() if not whole}
        if partial:
            daily = frames["usage_daily"]
            present = daily.groupby("organization_id")["usage_type"].unique()
            for identity in partial:
                counted = set(present[identity]) if identity in present.index else set()
                out[identity].reasons |= coverage.absent_counters(counted)
        return out

    def _note(self, frames: dict[str, pd.DataFrame]) -> None:
        for identity in self.who.ids:
            for block in self.blocks:
                for note in block.notes:
                    if identity in block.speaks_for:
                        self.say(identity, note.subject, note.kind, note.message, note.quantity)
            for candidate in self.found:
                seen = candidate.recognised
                if seen.mapping is None and seen.file.suffix.lower() in (*READABLE, *HINTS):
                    message = f"{seen.file.name} {seen.why}."
                    self.say(identity, "coverage", "file_not_recognised", message, 1)
        self._note_limits(frames)
        self.who.say_derived(self.say)
        frames["data_quality"] = pd.DataFrame([*self.notes.rows(), *self._stated("data_quality")])

    def _note_limits(self, frames: dict[str, pd.DataFrame]) -> None:
        """How near a limit is takes the dollars billed so far; usage alone does not tell."""
        limits, lines = frames.get("limits"), frames.get("bill_lines")
        if limits is None or limits.empty:
            return
        billed: set[str] = set()
        if lines is not None and "amount_usd" in lines.columns:
            billed = set(lines.dropna(subset=["amount_usd"])["organization_id"])
        for identity in sorted(set(limits["organization_id"]) - billed):
            self.say(
                str(identity),
                "limits",
                "limits_without_dollars",
                "No export has the dollars billed so far, which tell how near a billing limit "
                "is; usage alone does not. Add the answer of GET /api/billing/, or the panel "
                "'Forecasted bill breakdown by product' with a column 'billed so far'.",
                1,
            )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _rows_by_organization(block: Block) -> dict[str, list[int]]:
    out: dict[str, list[int]] = {}
    for row, identity in enumerate(block.columns["organization_id"]):
        out.setdefault(identity, []).append(row)
    return out
