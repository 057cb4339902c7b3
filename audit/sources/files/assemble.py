"""Blocks of several files as one table: repeats resolved, nothing counted twice."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from audit.errors import TableError
from audit.sources.files.convert import ALL_PROJECTS, Block
from audit.tables import BY_NAME

FILE, PLACE, RANK = "__file", "__place", "__rank"
BOOKKEEPING = [FILE, PLACE, RANK]

#: organization id, subject, kind, message, rows
Say = Callable[[str, str, str, str, int], None]


def stacked(table: str, blocks: Iterable[Block]) -> pd.DataFrame:
    """All rows of a table with where they come from, weakest source first."""
    frames = []
    for block in sorted(blocks, key=lambda b: (b.rank, b.file)):
        known = {n: v for n, v in block.columns.items() if n in BY_NAME[table].column}
        frame = pd.DataFrame({n: pd.Series(v, dtype=object) for n, v in known.items()})
        frame[FILE], frame[PLACE], frame[RANK] = block.file, block.places, block.rank
        if len(frame):
            frames.append(frame)
    if not frames:
        return pd.DataFrame(columns=[*BY_NAME[table].key, *BOOKKEEPING])
    return pd.concat(frames, ignore_index=True)


def settled(table: str, blocks: list[Block], say: Say) -> pd.DataFrame:
    """The table's rows with every key once, in columns of the table.

    Days: the last report wins. Everything else: what two files both say goes to the stronger
    one (billing answers before dashboard panels), and what only one says is kept.

    Raises: TableError for a key that stands twice in one file.
    """
    frame = stacked(table, blocks)
    if table in ("usage_daily", "usage_rows"):
        frame = _without_double_counting(table, frame, say)
    key = list(BY_NAME[table].key)
    for name in key:
        if name not in frame.columns:
            frame[name] = None
    if not frame.duplicated(key).any():
        return frame.drop(columns=BOOKKEEPING)
    if BY_NAME[table].last_row_wins:
        repeats = frame[frame.duplicated(key, keep="last")]
        for identity, count in repeats.groupby("organization_id").size().items():
            say(
                str(identity),
                table,
                "duplicate_day",
                "A day was reported more than once; the last report was kept.",
                int(count),
            )
        return frame.drop_duplicates(key, keep="last").drop(columns=BOOKKEEPING)
    return _combined(table, frame, key, say)


def _combined(table: str, frame: pd.DataFrame, key: list[str], say: Say) -> pd.DataFrame:
    within = frame[frame.duplicated([*key, FILE])]
    if len(within):
        row = within.iloc[0]
        same = (frame[[*key, FILE]].astype("str") == row[[*key, FILE]].astype("str")).all(axis=1)
        first = frame[same].iloc[0]
        shown = ", ".join(f"{name}={row[name]!r}" for name in key if name != "organization_id")
        raise TableError(
            f"{table}: {row[FILE]}, {row[PLACE]}: the key stands twice ({shown}; first in "
            f"{first[PLACE]}). Keep one row per key."
        )
    values = [name for name in frame.columns if name not in (*key, *BOOKKEEPING)]
    said: dict[tuple[Any, ...], list[set[Any]]] = {}
    disputed: dict[str, tuple[set[tuple[Any, ...]], set[str]]] = {}
    for record in frame[frame.duplicated(key, keep=False)].to_dict("records"):
        keyed = tuple(record[name] for name in key)
        seen = said.setdefault(keyed, [set() for _ in values])
        keys, names = disputed.setdefault(str(record["organization_id"]), (set(), set()))
        names.add(str(record[FILE]))
        for known, name in zip(seen, values, strict=True):
            if not pd.isna(record[name]):
                known.add(record[name])
        if any(len(known) > 1 for known in seen):
            keys.add(keyed)
    for identity, (keys, names) in disputed.items():
        if keys:
            say(
                identity,
                table,
                "conflicting_exports",
                f"{', '.join(sorted(names))} say different things of the same {table}; billing "
                "answers went before panels, else the later file name.",
                len(keys),
            )
    return frame.groupby(key, sort=False, as_index=False)[values].last() if values else frame[key]


def _without_double_counting(table: str, frame: pd.DataFrame, say: Say) -> pd.DataFrame:
    """Rows over all projects go where the same quantity also stands by project."""
    if frame.empty or "project_id" not in frame.columns:
        return frame
    group = (
        ["organization_id", "usage_type", "day"]
        if table == "usage_daily"
        else ["organization_id", "meter"]
    )
    whole = frame["project_id"] == ALL_PROJECTS
    if not whole.any() or whole.all():
        return frame
    by_project = pd.MultiIndex.from_frame(frame.loc[~whole, group])
    twice = whole & pd.MultiIndex.from_frame(frame[group]).isin(by_project)
    for identity, count in frame[twice].groupby("organization_id").size().items():
        say(
            str(identity),
            table,
            "all_projects_left_out",
            "Rows over all projects were left out where an export has the same by project.",
            int(count),
        )
    return frame[~twice].reset_index(drop=True)


def summed(block: Block, window: Callable[[str], tuple[date, date]], say: Say) -> Block:
    """A block of windowed quantities added up over days and over columns the tables lack."""
    rows: Sequence[int] = range(block.rows)
    days = block.columns.pop("day", None)
    if days is not None:
        rows_inside = []
        for row in rows:
            identity = block.columns["organization_id"][row]
            start, end = window(identity)
            if days[row] is not None and start <= days[row] < end:
                rows_inside.append(row)
                continue
            message = f"Rows of {block.file} on days outside the window were left out."
            say(identity, block.table, "outside_window", message, 1)
        rows = rows_inside
    key = [name for name in BY_NAME[block.table].key if name in block.columns]
    first: dict[tuple[Any, ...], int] = {}
    totals: dict[tuple[Any, ...], int] = {}
    quantities = block.columns["quantity"]
    for row in rows:
        keyed = tuple(block.columns[name][row] for name in key)
        first.setdefault(keyed, row)
        totals[keyed] = totals.get(keyed, 0) + quantities[row]
    kept = list(first.values())
    columns = {name: [values[row] for row in kept] for name, values in block.columns.items()}
    columns["quantity"] = list(totals.values())
    return replace(block, columns=columns, places=[block.places[r] for r in kept], sums=False)
