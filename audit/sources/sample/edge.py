"""Accounts at the edges, for tests: hostile names, no usage, a first day, a free plan."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

import numpy as np
import pandas as pd

from audit.errors import InputError
from audit.sources.sample.frames import same_day
from audit.sources.sample.portfolio import DEFAULT_AS_OF, Frames, single
from audit.sources.sample.vocabulary import THEMES
from audit.validation import empty, validated

EdgeKind = Literal["no_usage", "one_day_old", "free", "zero_day_period", "future_dates"]

EDGE_SEED = 11
HOSTILE_SEED = 666
HOSTILE_SCALE = 0.01
WORDS = {word for theme in THEMES for word in theme}
FREE_NUMBER = 8
FUTURE_DAYS = 5
LONG_CHARACTERS = 10_000

HTML = "<script>alert('x')</script><img src=x onerror=alert(1)>&amp;"
MARKDOWN = "[click](javascript:alert(1)) | **bold** | `code` | # title\n| a | b |\n|---|---|"
FORMULA = "=cmd|' /C calc'!A0"
QUOTES = "\"double\" 'single' `back` \\ ${HOME} {{ 7 * 7 }} %s {0}"
RIGHT_TO_LEFT = "abc\u202egnp.exe\u200f \u05d0\u05d1\u05d2\u2028next line\r\nand\tmore"
TERMINAL = "\x1b[31mred\x1b[0m \N{PILE OF POO}"
LONG = "long <name> " + "x" * (LONG_CHARACTERS - 12)
HOSTILE_NAMES = (
    HTML,
    MARKDOWN,
    FORMULA,
    RIGHT_TO_LEFT,
    QUOTES,
    LONG,
    TERMINAL,
    "+1+1",
    "@SUM(1)",
    "-2+3",
)


def hostile_account_tables(as_of: date = DEFAULT_AS_OF) -> Frames:
    """One small organization with faults whose every customer text is an attack on a report."""
    tables = dict(single(0, seed=HOSTILE_SEED, as_of=as_of, scale=HOSTILE_SCALE).tables)
    own = [name for name in dict.fromkeys(tables["usage_rows"]["event"]) if name in WORDS]
    events = dict(zip(own, _endless(len(own)), strict=True))
    tables["organizations"] = tables["organizations"].assign(
        name=pd.Series([" ".join((HTML, MARKDOWN, FORMULA, RIGHT_TO_LEFT, QUOTES))], dtype="str")
    )
    for name in ("projects", "members", "resources"):
        frame = tables[name]
        tables[name] = frame.assign(name=pd.Series(_endless(len(frame)), dtype="str"))
    tables["usage_rows"] = tables["usage_rows"].assign(
        event=tables["usage_rows"]["event"].map(lambda event: events.get(event, event))
    )
    resources = tables["resources"]
    tables["resources"] = resources.assign(
        refers_to=resources["refers_to"].map(
            lambda names: json.dumps([events.get(event, event) for event in json.loads(names)])
        )
    )
    versions = tables["sdk_versions"]
    tables["sdk_versions"] = versions.assign(version=versions["version"] + HTML)
    lifecycle = tables["lifecycle"]
    tables["lifecycle"] = lifecycle.assign(value=pd.Series(_endless(len(lifecycle)), dtype="str"))
    return {name: validated(name, frame).frame for name, frame in tables.items()}


def _endless(count: int) -> list[str]:
    """Hostile names, told apart by a number at the end once all were used."""
    size = len(HOSTILE_NAMES)
    return [HOSTILE_NAMES[n % size] + (f" {n // size}" if n >= size else "") for n in range(count)]


@dataclass(frozen=True)
class _Edge:
    number: int
    change: Callable[[Frames, date], None]


def edge_account_tables(kind: EdgeKind, as_of: date = DEFAULT_AS_OF) -> Frames:
    """One organization at an edge, otherwise complete and without planted faults.

    ``future_dates`` has usage on ``as_of`` and four days after it.

    Raises:
        InputError: for an unknown kind.
    """
    edge = _EDGES.get(kind)
    if edge is None:
        raise InputError(f"No edge account {kind!r}. Kinds: {', '.join(get_args(EdgeKind))}.")
    tables = dict(single(edge.number, seed=EDGE_SEED, as_of=as_of, faults=False).tables)
    edge.change(tables, as_of)
    return {name: validated(name, frame).frame for name, frame in tables.items()}


def _no_usage(tables: Frames, as_of: date) -> None:  # noqa: ARG001
    for name in ("usage_daily", "usage_rows", "sdk_versions", "ingestion_warnings", "bill_lines"):
        tables[name] = empty(name)
    activity = tables["activity"]
    tables["activity"] = activity.assign(quantity=np.zeros(len(activity), dtype=np.int64))


def _one_day_old(tables: Frames, as_of: date) -> None:
    born = as_of - timedelta(days=1)
    _with_period(tables, born)
    frame = tables["organizations"]
    tables["organizations"] = frame.assign(created_at=same_day(born, len(frame)))
    daily = tables["usage_daily"]
    window = daily[daily["day"] >= tables["usage_rows"]["window_start"].iloc[0]]
    key = ["organization_id", "project_id", "usage_type"]
    total = window.groupby(key, as_index=False, sort=False)["quantity"].sum()
    tables["usage_daily"] = total.assign(day=same_day(born, len(total)))
    lines = tables["bill_lines"]
    lines = lines[~lines["is_complete"].astype(bool)].reset_index(drop=True)
    tables["bill_lines"] = _lines_from(lines, tables["organizations"])
    for name, moments in (
        ("projects", ("created_at",)),
        ("members", ("joined_at", "last_seen_at")),
        ("resources", ("created_at", "updated_at", "last_used_at")),
    ):
        frame = tables[name]
        tables[name] = frame.assign(**{m: same_day(born, len(frame)) for m in moments})


def _free(tables: Frames, as_of: date) -> None:
    """Organization 8 of every seed is free; nothing to change."""


def _zero_day_period(tables: Frames, as_of: date) -> None:
    _with_period(tables, as_of)
    lines = tables["bill_lines"]
    lines = lines[~lines["is_complete"].astype(bool)].reset_index(drop=True)
    lines = _lines_from(lines, tables["organizations"])
    tables["bill_lines"] = lines.assign(quantity=pd.array([0] * len(lines), dtype="Int64"))


def _future_dates(tables: Frames, as_of: date) -> None:
    daily = tables["usage_daily"]
    last = daily[daily["day"] >= pd.Timestamp(as_of - timedelta(days=FUTURE_DAYS))]
    later = last.assign(day=last["day"] + pd.Timedelta(days=FUTURE_DAYS))
    tables["usage_daily"] = pd.concat([daily, later], ignore_index=True)


def _with_period(tables: Frames, start: date) -> None:
    frame = tables["organizations"]
    end = start + timedelta(days=30)
    tables["organizations"] = frame.assign(
        period_start=same_day(start, len(frame)), period_end=same_day(end, len(frame))
    )


def _lines_from(lines: pd.DataFrame, organizations: pd.DataFrame) -> pd.DataFrame:
    period = organizations[["period_start", "period_end"]].iloc[0]
    return lines.assign(period_start=period["period_start"], period_end=period["period_end"])


_EDGES: dict[str, _Edge] = {
    "no_usage": _Edge(0, _no_usage),
    "one_day_old": _Edge(0, _one_day_old),
    "free": _Edge(FREE_NUMBER, _free),
    "zero_day_period": _Edge(0, _zero_day_period),
    "future_dates": _Edge(0, _future_dates),
}
