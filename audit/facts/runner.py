"""Facts: one row per organization, per project, per product, from SQL files beside this one.

A SQL file starts with a header: what it is, ``scope`` (organization, project or product),
``subject`` (the coverage subject that must be complete; ``<product>`` stands for the row's
product), optionally ``products`` it speaks for, and ``fact NAME | UNIT | MEANING`` lines. It
returns the scope's key and the facts. Where the subject is covered an absent row is 0 (or
false, for the unit ``claim``); where it is not, the fact is missing, with the reason.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal

import duckdb
import pandas as pd

from audit.errors import SettingsError

Scope = Literal["organization", "project", "product"]

KEYS: Mapping[Scope, tuple[str, ...]] = {
    "organization": ("organization_id",),
    "project": ("organization_id", "project_id"),
    "product": ("organization_id", "product"),
}


@dataclass(frozen=True)
class Fact:
    """One fact: its unit, its meaning, and the file that computes it."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class FactFile:
    """One SQL file and what its header says."""

    name: str
    title: str
    scope: Scope
    subject: str
    products: tuple[str, ...]
    facts: tuple[Fact, ...]
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def table(self) -> str:
        return self.subject.partition(".")[0]


@dataclass(frozen=True)
class Facts:
    """Frames by scope: key columns, ``key`` (row number), facts as float64 (NaN is missing).

    ``reasons`` by scope: one text column per fact file, null where its subject is covered.
    """

    frames: Mapping[Scope, pd.DataFrame]
    reasons: Mapping[Scope, pd.DataFrame]

    def scope_of(self, fact: str) -> Scope | None:
        """The scope a fact belongs to, or None when no file computes it."""
        return next((s for s, frame in self.frames.items() if fact in frame.columns), None)


@lru_cache(maxsize=1)
def fact_files() -> tuple[FactFile, ...]:
    """All fact files by name. Raises: SettingsError for a header that lacks something."""
    folder = resources.files("audit.facts")
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".sql"))
    return tuple(_read(name, (folder / name).read_text(encoding="utf-8")) for name in names)


def files_of(fact: str) -> tuple[FactFile, ...]:
    """The files that compute a fact; several for facts that come from elsewhere per product."""
    return tuple(f for f in fact_files() if any(fact == one.name for one in f.facts))


def _read(name: str, text: str) -> FactFile:
    header = [line[3:].strip() for line in text.splitlines() if line.startswith("-- ")]
    fields = dict(line.split(": ", 1) for line in header if ": " in line and "|" not in line)
    facts = []
    for line in header:
        if line.startswith("fact "):
            parts = [part.strip() for part in line.removeprefix("fact ").split("|")]
            facts.append(Fact(*parts))
    scope = next((known for known in KEYS if known == fields.get("scope")), None)
    if scope is None or "subject" not in fields or not facts:
        raise SettingsError(f"facts/{name}: the header needs scope, subject and fact lines.")
    products = tuple(p.strip() for p in fields.get("products", "").split(",") if p.strip())
    return FactFile(name, header[0], scope, fields["subject"], products, tuple(facts), text)


def compute(connection: duckdb.DuckDBPyConnection, keys: Mapping[Scope, pd.DataFrame]) -> Facts:
    """All facts for the given rows.

    ``connection`` sees the canonical tables by name and ``default_limits`` (product,
    amount_usd). ``keys``: per scope the key columns, in the order wanted.
    """
    frames: dict[Scope, pd.DataFrame] = {}
    reasons: dict[Scope, pd.DataFrame] = {}
    for scope, frame in keys.items():
        numbered = frame.reset_index(drop=True).assign(key=range(len(frame)))
        connection.register("fact_keys", numbered)
        columns: dict[str, pd.Series] = {}
        whys = {}
        for file in (f for f in fact_files() if f.scope == scope):
            answer = connection.execute(_covered(file)).df()
            for fact in file.facts:
                values = answer[fact.name].astype("float64")
                before = columns.get(fact.name)
                columns[fact.name] = values if before is None else before.fillna(values)
            whys[file.name] = answer["reason"].astype("object")
        connection.unregister("fact_keys")
        frames[scope] = pd.concat([numbered, pd.DataFrame(columns)], axis=1)
        reasons[scope] = pd.DataFrame(whys)
    return Facts(frames, reasons)


def _covered(file: FactFile) -> str:
    """The file's query joined to every key, null where its subject is not covered."""
    on = " AND ".join(f"answer.{k} = k.{k}" for k in KEYS[file.scope])
    subject = "'" + file.subject.replace("<product>", "' || k.product || '") + "'"
    facts = ", ".join(
        f"CASE WHEN reason IS NULL THEN coalesce(CAST({fact.name} AS DOUBLE), 0) END AS {fact.name}"
        for fact in file.facts
    )
    spoken_for = "true"
    if file.products:
        spoken_for = "k.product IN (" + ", ".join(f"'{p}'" for p in file.products) + ")"
    unread = f"'not read: the pull brought no ' || {subject}"
    own = "cp.project_id = k.project_id" if file.scope == "project" else "false"
    # A scope above the project needs every project's part, so one gap makes it missing.
    gap = "NULL" if file.scope == "project" else "cg.reason"
    return f"""
        WITH answer AS ({file.sql}),
        subjects AS (SELECT k.*, {subject} AS subject, {spoken_for} AS spoken_for FROM fact_keys k),
        whole AS (SELECT organization_id, subject, complete, reason FROM coverage
                  WHERE project_id = ''),
        parts AS (SELECT organization_id, project_id, subject, complete, reason FROM coverage
                  WHERE project_id <> ''),
        gaps AS (SELECT organization_id, subject, min(reason) AS reason FROM parts
                 WHERE NOT complete GROUP BY ALL),
        anything AS (SELECT DISTINCT organization_id, subject FROM parts),
        joined AS (
            SELECT k.key, {", ".join(f"answer.{fact.name}" for fact in file.facts)},
                CASE
                    WHEN NOT k.spoken_for THEN 'nothing tells this for the product'
                    WHEN cp.complete THEN NULL
                    WHEN NOT cp.complete THEN cp.reason
                    WHEN {gap} IS NOT NULL THEN {gap}
                    WHEN cw.complete THEN NULL
                    WHEN NOT cw.complete THEN cw.reason
                    WHEN ca.subject IS NOT NULL AND {str(file.scope != "project").lower()} THEN NULL
                    ELSE {unread}
                END AS reason
            FROM subjects k
            LEFT JOIN answer ON {on}
            LEFT JOIN parts cp ON cp.organization_id = k.organization_id
                AND cp.subject = k.subject AND {own}
            LEFT JOIN gaps cg ON cg.organization_id = k.organization_id AND cg.subject = k.subject
            LEFT JOIN whole cw ON cw.organization_id = k.organization_id AND cw.subject = k.subject
            LEFT JOIN anything ca
                ON ca.organization_id = k.organization_id AND ca.subject = k.subject
        )
        SELECT key, reason, {facts} FROM joined ORDER BY key
    """  # noqa: S608 - built from our own files
