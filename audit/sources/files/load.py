"""A folder of exports as canonical tables, or one error; never a part of it in silence."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from audit.errors import AuditError, InputError, SourceError, TableError
from audit.meters import EVENT_METERS, is_unbilled
from audit.sources.billing import overview_tables
from audit.sources.files import assemble
from audit.sources.files.answers import LISTS, RowsOf
from audit.sources.files.closing import Closing, Notes
from audit.sources.files.convert import ALL_PROJECTS, SERIES_SEPARATOR, Block, converted
from audit.sources.files.identity import Organizations
from audit.sources.files.mapping import ANSWER_RANK
from audit.sources.files.products import strangers
from audit.sources.files.recognition import OVERVIEW_TABLES, Candidate, candidates
from audit.sources.files.spread import range_of, spread
from audit.tables import BY_NAME
from audit.validation import validated

WINDOWED = ("usage_rows", "activity", "sdk_versions", "ingestion_warnings")


def load(
    folder: str | Path,
    *,
    organization_id: str | None = None,
    name: str | None = None,
    as_of: date | None = None,
    lookback_days: int = 30,
    mapping: str | Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, pd.DataFrame]:
    """Canonical tables of every export in the folder.

    Without ``as_of`` it is the day after the newest day of usage; without any, the last day of
    the billing period. Windowed tables describe ``lookback_days`` before it.

    Raises: InputError when nothing is recognised, as_of cannot be derived, a file is broken (with
        line and column) or names unknown products alone; TableError for a value that cannot be
        (with file, line and value); SettingsError for a bad mapping file.
    """
    if lookback_days < 1:
        raise InputError(f"lookback_days is {lookback_days}; the window needs at least one day.")
    found = candidates(folder, mapping=mapping)
    _refuse(Path(folder), found, mapping)
    loading = Loading(Path(folder), found, organization_id, name, lookback_days, progress)
    return loading.tables(as_of)


def _refuse(folder: Path, found: list[Candidate], mapping: str | Path | None) -> None:
    broken = [c.recognised for c in found if c.recognised.broken]
    if broken:
        more = f" {len(broken) - 1} more files are broken." if len(broken) > 1 else ""
        raise InputError(f"{broken[0].file.name}, {broken[0].why}.{more} Nothing was loaded.")
    if not any(c.recognised.mapping for c in found):
        listed = "; ".join(f"{c.recognised.file.name} {c.recognised.why}" for c in found[:5])
        raise InputError(
            f"Nothing in {folder} was recognised ({listed or 'it is empty'}). "
            f"`audit files --explain {folder}` says what each file lacks; a mapping file teaches "
            "a new export."
        )
    if mapping is not None and not any(c.match and c.match.mapping.is_users for c in found):
        raise InputError(
            f"The mapping {mapping} fits no file in {folder}. "
            f"`audit files --explain {folder}` shows the columns of each."
        )


class Loading:
    """One load: the blocks of all files, then who, when, and the tables."""

    def __init__(
        self,
        folder: Path,
        found: list[Candidate],
        organization_id: str | None,
        name: str | None,
        lookback_days: int,
        progress: Callable[[str], None],
    ) -> None:
        self.found = found
        self.lookback_days = lookback_days
        self.notes = Notes()
        self.say = self.notes.say
        self.blocks: list[Block] = []
        self.answers: list[tuple[Candidate, str]] = []
        for candidate in found:
            if candidate.match is None:
                continue
            progress(candidate.recognised.file.name)
            if candidate.match.mapping.reader:
                self.answers.append((candidate, candidate.match.mapping.reader))
            elif candidate.content.sheet is not None:
                path = candidate.recognised.file
                self.blocks.append(converted(path, candidate.content.sheet, candidate.match))
        overviews = [c for c, reader in self.answers if reader == "overview"]
        self.who = Organizations(folder, organization_id, name, self.blocks, overviews)

    def tables(self, as_of: date | None) -> dict[str, pd.DataFrame]:
        for block in self.blocks:
            self.who.fill(block, self.say)
        self._read_lists()
        own = {} if as_of is not None else self._stated_as_of()
        overall = as_of or self._derived_as_of(required=set(self.who.ids) - set(own))
        self.as_of = {identity: own.get(identity, overall) for identity in self.who.ids}
        self._read_overviews()
        self._settle_windows()
        self._settle_periods()
        frames = {
            table: assemble.settled(table, blocks, self.say)
            for table, blocks in self._by_table().items()
            if table not in ("coverage", "data_quality")
        }
        self._after_as_of(frames)
        closing = Closing(self.who, self.blocks, self.found, self.as_of, self.notes)
        closing.add(frames)
        return {table: self._validated(table, frame) for table, frame in frames.items()}

    def _by_table(self) -> dict[str, list[Block]]:
        out: dict[str, list[Block]] = {}
        for block in self.blocks:
            out.setdefault(block.table, []).append(block)
        return out

    def _read_lists(self) -> None:
        for candidate, reader in self.answers:
            if reader in LISTS:
                table, rows_of = LISTS[reader]
                self._add_rows(candidate, table, rows_of)

    def _add_rows(
        self,
        candidate: Candidate,
        table: str,
        rows_of: RowsOf,
    ) -> None:
        path, answer = candidate.recognised.file, candidate.content.answer or {}
        identity = self.who.of_answer(candidate)
        try:
            rows = rows_of(answer, identity)
            for row in rows:
                if "project_id" in BY_NAME[table].column and not row["project_id"]:
                    row["project_id"] = ALL_PROJECTS
            # Through the gate at once: an error can still name the file.
            frame = validated(table, rows).frame
        except SourceError as error:
            # What a vendor answered is the vendor's fault; what lies in a file is the input.
            raise InputError(f"{path.name}: {error}") from None
        except AuditError as error:
            raise type(error)(f"{path.name}: {error}") from None
        columns = {name: list(frame[name].astype(object)) for name in frame.columns}
        for column in BY_NAME[table].columns:
            if column.kind == "day":
                columns[column.name] = [
                    None if pd.isna(value) else value.date() for value in columns[column.name]
                ]
        if table == "usage_daily":
            self._note_unknown(path.name, identity, columns["usage_type"])
            names = _project_names(answer)
            columns["project_name"] = [names.get(identity) for identity in columns["project_id"]]
        self.blocks.append(
            Block(
                file=path.name,
                table=table,
                rank=ANSWER_RANK,
                columns=columns,
                places=[f"row {number}" for number in range(1, len(frame) + 1)],
                complete=tuple(s for s in candidate.recognised.subjects if s == table),
                has_all_counters=True,
            )
        )
        self.blocks[-1].speaks_for = frozenset({identity})

    def _note_unknown(self, file: str, identity: str, usage_types: list[Any]) -> None:
        """The vendor's own answer: a counter it adds is said, never refused."""
        unknown = strangers(usage_types, [""] * len(usage_types))
        if unknown:
            self.say(
                identity,
                "usage_daily",
                "unknown_product",
                f"{file} names products unknown here, whose usage never reaches the bill: "
                f"{', '.join(map(repr, unknown))}.",
                len(unknown),
            )

    def _read_overviews(self) -> None:
        def part(table: str) -> RowsOf:
            return lambda answer, identity: overview_tables(
                answer, organization_id=identity, as_of=self.as_of[identity]
            )[table]

        for candidate, reader in self.answers:
            if reader == "overview":
                for table in OVERVIEW_TABLES:
                    self._add_rows(candidate, table, part(table))

    def _stated_as_of(self) -> dict[str, date]:
        out: dict[str, date] = {}
        for block in self.blocks:
            if block.table == "organizations" and "as_of" in block.columns:
                identities = block.columns["organization_id"]
                out |= dict(zip(identities, block.columns["as_of"], strict=True))
        return out

    def _derived_as_of(self, required: set[str]) -> date:
        days: dict[date, str] = {}
        for block in self.blocks:
            mine: list[date] = []
            if block.table in ("usage_daily", "usage_rows"):
                mine += [day + timedelta(1) for day in block.columns.get("day", []) if day]
            mine += [end for end in block.columns.get("window_end", []) if end]
            named = range_of(block.file) if block.spread else None
            if named is not None:
                mine.append(named[1] + timedelta(1))
            if mine:
                days.setdefault(max(mine), block.file)
        if days:
            derived = max(days)
            for identity in sorted(required):
                self.say(
                    identity,
                    "organizations",
                    "as_of_derived",
                    f"as_of is {derived}, the day after the newest day of usage "
                    f"({days[derived]}). Pass --as-of for another.",
                    1,
                )
            return derived
        ends = [
            self._period_end(candidate)
            for candidate, reader in self.answers
            if reader == "overview"
        ]
        known = [end for end in ends if end is not None]
        if known:
            derived = max(known) - timedelta(1)
            for identity in sorted(required):
                self.say(
                    identity,
                    "organizations",
                    "as_of_assumed",
                    f"No export carries a day of usage; as_of is the last day of the billing "
                    f"period, {derived}. Pass --as-of with the day of the export.",
                    1,
                )
            return derived
        if not required:
            return date.max
        raise InputError(
            "No export carries a day, so the day of the audit is unknown. Pass --as-of with the "
            "day on which the files were exported, e.g. --as-of 2026-04-17."
        )

    @staticmethod
    def _period_end(candidate: Candidate) -> date | None:
        period = (candidate.content.answer or {}).get("billing_period")
        end = period.get("current_period_end") if isinstance(period, dict) else None
        try:
            return None if not end else date.fromisoformat(str(end)[:10])
        except ValueError:
            raise InputError(
                f"{candidate.recognised.file.name}: current_period_end is {end!r}, not an ISO "
                "date. Fetch the billing answer again."
            ) from None

    def _window(self, identity: str) -> tuple[date, date]:
        end = self.as_of[identity]
        return end - timedelta(self.lookback_days), end

    def _settle_windows(self) -> None:
        settled = []
        for block in self.blocks:
            if block.table == "usage_rows" and not block.is_canonical:
                block = self._without_unbilled(block)
            if block.sums:
                block = assemble.summed(block, self._window, self.say)
            if block.spread:
                block = spread(block, self._window, self.say)
            if block.table in WINDOWED:
                for position, column in enumerate(("window_start", "window_end")):
                    given = block.columns.get(column, [None] * block.rows)
                    block.columns[column] = [
                        value or self._window(identity)[position]
                        for value, identity in zip(
                            given, block.columns["organization_id"], strict=True
                        )
                    ]
            settled.append(block)
        self.blocks = settled

    def _without_unbilled(self, block: Block) -> Block:
        kept = []
        meters, events = block.columns["meter"], block.columns["event"]
        for row, (meter, event) in enumerate(zip(meters, events, strict=True)):
            if meter not in EVENT_METERS or not is_unbilled(event):
                kept.append(row)
                continue
            self.say(
                block.columns["organization_id"][row],
                "usage_rows",
                "unbilled_events",
                f"{block.file} holds events that no event meter counts, such as "
                "$feature_flag_called; they were left out.",
                1,
            )
        columns = {name: [values[row] for row in kept] for name, values in block.columns.items()}
        return replace(block, columns=columns, places=[block.places[row] for row in kept])

    def _settle_periods(self) -> None:
        periods: dict[str, tuple[Any, Any]] = {}
        for block in self.blocks:
            if block.table == "organizations" and "period_start" in block.columns:
                for identity, start, end in zip(
                    *(block.columns[c] for c in ("organization_id", "period_start", "period_end")),
                    strict=True,
                ):
                    if not pd.isna(start) and not pd.isna(end):
                        periods[identity] = (start, end)
        for block in self.blocks:
            if block.table != "bill_lines":
                continue
            for column, position in (("period_start", 0), ("period_end", 1)):
                given = block.columns.get(column, [None] * block.rows)
                block.columns[column] = [
                    value if not pd.isna(value) else self._period(identity, periods)[position]
                    for value, identity in zip(given, block.columns["organization_id"], strict=True)
                ]

    def _period(self, identity: str, periods: dict[str, tuple[Any, Any]]) -> tuple[Any, Any]:
        if identity not in periods:
            start = self.as_of[identity].replace(day=1)
            periods[identity] = (start, start + timedelta(monthrange(start.year, start.month)[1]))
            self.say(
                identity,
                "bill_lines",
                "period_assumed",
                f"No export names the billing period; the forecast was taken for the month of "
                f"{start:%Y-%m}. Add the answer of GET /api/billing/.",
                1,
            )
        return periods[identity]

    def _after_as_of(self, frames: dict[str, pd.DataFrame]) -> None:
        frame = frames.get("usage_daily")
        if frame is None or frame.empty:
            return
        late = [
            day >= self.as_of[identity]
            for day, identity in zip(frame["day"], frame["organization_id"], strict=True)
        ]
        later = frame[late]
        for identity, count in later.groupby("organization_id").size().items():
            self.say(
                str(identity),
                "usage_daily",
                "days_after_as_of",
                f"Days from as_of ({self.as_of[str(identity)]}) on were left out.",
                int(count),
            )
        frames["usage_daily"] = frame = frame.drop(index=later.index)
        for identity, days in frame.groupby("organization_id")["day"]:
            start, end = self._window(str(identity))
            missing = self.lookback_days - len({day for day in days if start <= day < end})
            if missing:
                self.say(
                    str(identity),
                    "usage_daily",
                    "days_missing",
                    f"No export has usage of {missing} of the {self.lookback_days} days from "
                    f"{start} to as_of; totals are of the others. Export the whole window.",
                    missing,
                )

    def _validated(self, table: str, frame: pd.DataFrame) -> pd.DataFrame:
        try:
            return validated(table, frame.reset_index(drop=True).infer_objects()).frame
        except TableError as error:
            files = ", ".join(dict.fromkeys(b.file for b in self.blocks if b.table == table))
            raise TableError(f"{error} From: {files or 'the folder'}.") from None


def _project_names(answer: Mapping[str, Any]) -> dict[str, str]:
    """Names from the labels of series by type and project, ``Project::Product``."""
    out = {}
    for item in answer.get("results", ()):
        value = item.get("breakdown_value")
        name, mark, _ = str(item.get("label") or "").rpartition(SERIES_SEPARATOR)
        if mark and isinstance(value, list) and len(value) == 2:
            out[str(value[1])] = name
    return out
