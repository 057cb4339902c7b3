"""Facts: one row per organization, per project, per product, from SQL files beside this one.

A SQL file starts with a header: what it is, ``scope`` (organization, project or product),
``subject`` (the coverage subjects that must all be complete, separated by commas; ``<product>``
stands for the row's product), optionally ``products`` it speaks for, and ``fact NAME | UNIT |
MEANING`` lines; a fourth part of a line is that fact's own subject. It returns the scope's key
and the facts. Where the subject is covered an absent row is 0 (or
false, for the unit ``claim``); where it is not, the fact is missing, with the reason. A null is
0 too, unless the header says ``unknown: REASON``: then it is missing for that reason.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any, Literal

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.errors import SettingsError
from audit.frames import arrays, materialise
from audit.statements import execute
from audit.tables import TABLES

Scope = Literal["organization", "project", "product"]
Floats = npt.NDArray[np.float64]

KEYS: Mapping[Scope, tuple[str, ...]] = {
    "organization": ("organization_id",),
    "project": ("organization_id", "project_id"),
    "product": ("organization_id", "product"),
}


@dataclass(frozen=True)
class Fact:
    """One fact: its unit, its meaning, and the coverage subjects that must be complete for it."""

    name: str
    unit: str
    meaning: str
    subjects: tuple[str, ...]

    @property
    def table(self) -> str:
        """The table whose rows stand behind the fact: that of its first subject."""
        return self.subjects[0].partition(".")[0]


@dataclass(frozen=True)
class FactFile:
    """One SQL file and what its header says."""

    name: str
    title: str
    scope: Scope
    products: tuple[str, ...]
    facts: tuple[Fact, ...]
    sql: str
    unknown: str = ""

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @cached_property
    def query(self) -> str:
        """The facts as floats, with the ``key`` of ``fact_keys`` that each row answers for."""
        on = " AND ".join(f"a.{name} = k.{name}" for name in KEYS[self.scope])
        facts = ", ".join(f"CAST(a.{fact.name} AS DOUBLE) AS {fact.name}" for fact in self.facts)
        return f"SELECT k.key, {facts} FROM fact_keys k JOIN ({self.sql}) a ON {on}"  # noqa: S608

    def fact(self, name: str) -> Fact:
        return next(fact for fact in self.facts if fact.name == name)


#: Why facts are missing: row number to reason, by the file and the subjects of the fact.
Why = dict[int, str]
Reasons = dict[tuple[str, tuple[str, ...]], Why]


@dataclass(frozen=True)
class Facts:
    """Frames by scope: key columns, ``key`` (row number), facts as float64 (NaN is missing).

    ``reasons`` by scope, of the rows where something is not covered or not known. ``computed``
    the same for facts of no file, by their name.
    """

    frames: dict[Scope, pd.DataFrame]
    reasons: Mapping[Scope, Reasons]
    computed: dict[str, Why] = field(default_factory=dict)
    arrays: dict[tuple[Scope, str], "Floats"] = field(default_factory=dict, repr=False)

    def scope_of(self, fact: str) -> Scope | None:
        """The scope a fact belongs to, or None when it was not computed."""
        return next((s for s, frame in self.frames.items() if fact in frame.columns), None)

    def values(self, scope: Scope, fact: str) -> "Floats":
        """A fact by row of a scope; one of the organization stands in each of its rows."""
        if (scope, fact) not in self.arrays:
            frame = self.frames[scope]
            if fact in frame.columns:
                self.arrays[scope, fact] = frame[fact].to_numpy(dtype=np.float64)
            else:
                keys = frame["organization_key"].to_numpy(dtype=np.int64)
                self.arrays[scope, fact] = self.values("organization", fact)[keys]
        return self.arrays[scope, fact]

    def reason(self, fact: str, row: int, product: str | None = None) -> str | None:
        """Why a fact is missing in a row of its scope's frame; None when nothing tells."""
        if fact in self.computed:
            return self.computed[fact].get(row)
        speaks = False
        for file in files_of(fact):
            if product is not None and file.products and product not in file.products:
                continue
            speaks = True
            why = self.reasons[file.scope].get((file.name, file.fact(fact).subjects), {}).get(row)
            if why is not None:
                return why
        return None if speaks else "nothing tells this for the product"

    def add(self, scope: Scope, columns: Mapping[str, Any], reasons: Mapping[str, Why]) -> None:
        """Facts of no file: a column each, and why they are missing where they are."""
        frame = self.frames[scope]
        new = pd.DataFrame(dict(columns), index=frame.index)
        kept = frame.drop(columns=list(new.columns), errors="ignore")
        self.frames[scope] = pd.concat([kept, new], axis=1)
        self.computed.update(reasons)
        self.arrays.update(
            {
                (scope, name): np.asarray(values, dtype=np.float64)
                for name, values in columns.items()
            }
        )


@lru_cache(maxsize=1)
def fact_files() -> tuple[FactFile, ...]:
    """All fact files by name. Raises: SettingsError for a header that lacks something."""
    folder = resources.files("audit.facts")
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".sql"))
    return tuple(_read(name, (folder / name).read_text(encoding="utf-8")) for name in names)


def tables_read(files: Collection[FactFile] | None = None) -> frozenset[str]:
    """Tables that fact files name; what the engine reads itself comes on top."""
    text = " ".join(file.sql for file in (fact_files() if files is None else files))
    return frozenset(table.name for table in TABLES if table.name in text)


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
            subjects = _listed(parts[3] if len(parts) > 3 else fields.get("subject", ""))
            if len(parts) < 3 or not subjects:
                raise SettingsError(
                    f"facts/{name}: {line!r} needs a name, a unit, a meaning and a subject."
                )
            facts.append(Fact(parts[0], parts[1], parts[2], subjects))
    scope = next((known for known in KEYS if known == fields.get("scope")), None)
    if scope is None or not facts:
        raise SettingsError(f"facts/{name}: the header needs scope, subject and fact lines.")
    return FactFile(
        name,
        header[0],
        scope,
        _listed(fields.get("products", "")),
        tuple(facts),
        text,
        fields.get("unknown", ""),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def compute(
    connection: duckdb.DuckDBPyConnection,
    keys: Mapping[Scope, pd.DataFrame],
    unseen: pd.DataFrame | None = None,
    files: Collection[FactFile] | None = None,
) -> Facts:
    """The facts of all files, or of some, for the given rows.

    ``connection`` sees the canonical tables by name and ``default_limits`` (product,
    amount_usd). ``keys``: per scope the key columns, in the order wanted.
    """
    execute(connection, _COVERAGE)
    if unseen is not None and len(unseen):
        materialise(connection, "unseen_usage", unseen)
        execute(connection, _CONTRADICTED)
    frames: dict[Scope, pd.DataFrame] = {}
    reasons: dict[Scope, Reasons] = {}
    arrays: dict[tuple[Scope, str], Floats] = {}
    for scope, frame in keys.items():
        mine = [file for file in (fact_files() if files is None else files) if file.scope == scope]
        numbered = frame.reset_index(drop=True).assign(key=range(len(frame)))
        materialise(connection, "fact_keys", numbered)
        whys = _reasons(connection, scope, mine)
        columns: dict[str, Floats] = {}
        uncovered = {of: np.fromiter(why, dtype=np.int64) for of, why in whys.items()}
        untold: dict[tuple[str, tuple[str, ...]], npt.NDArray[np.bool_]] = {}
        for file in mine:
            answers, present = _answers(connection, file, len(numbered))
            for fact in file.facts:
                of = (file.name, fact.subjects)
                found = answers[fact.name]
                values = np.nan_to_num(found)
                values[uncovered[of]] = np.nan
                if file.products:
                    values[~numbered["product"].isin(file.products).to_numpy()] = np.nan
                if file.unknown:
                    gone = np.isnan(found) & present
                    values[gone] = np.nan
                    untold[of] = gone | untold.get(of, False)
                before = columns.get(fact.name)
                columns[fact.name] = (
                    values if before is None else np.where(np.isnan(before), values, before)
                )
        unknown = {file.name: file.unknown for file in mine}
        for of, gone in untold.items():
            # What was not read says so; the rest was read and does not tell.
            whys[of] = dict.fromkeys(np.flatnonzero(gone).tolist(), unknown[of[0]]) | whys[of]
        frames[scope] = pd.concat([numbered, pd.DataFrame(columns)], axis=1)
        reasons[scope] = whys
        arrays |= {(scope, name): values for name, values in columns.items()}
    return Facts(frames, reasons, arrays=arrays)


def _answers(
    connection: duckdb.DuckDBPyConnection, file: FactFile, rows: int
) -> tuple[dict[str, Floats], npt.NDArray[np.bool_]]:
    """The file's facts in the order of the keys, NaN where null; and which keys have an answer.

    Raises: SettingsError for a file that answers twice for one key.
    """
    answer = execute(connection, file.query).fetchnumpy()
    keys = answer["key"]
    if np.bincount(keys, minlength=1).max() > 1:
        raise SettingsError(f"facts/{file.name} returns more than one row for one {file.scope}.")
    present = np.zeros(rows, dtype=bool)
    present[keys] = True
    facts = {}
    for fact in file.facts:
        facts[fact.name] = np.full(rows, np.nan)
        facts[fact.name][keys] = np.ma.filled(np.ma.asarray(answer[fact.name]), np.nan)
    return facts, present


#: Coverage by reach, once per run: of a whole organization, of its projects, and for scopes above
#: the project whether every part was read (reason null) or not.
_COVERAGE = """
CREATE OR REPLACE TEMP TABLE covered_whole AS
    SELECT organization_id, subject, complete, reason FROM coverage WHERE project_id = '';
CREATE OR REPLACE TEMP TABLE covered_parts AS
    SELECT organization_id, project_id, subject, complete, reason FROM coverage
    WHERE project_id <> '';
"""

#: Billed usage that no query observed contradicts a breakdown said to be complete: its facts are
#: missing, not zero.
_CONTRADICTED = """
CREATE OR REPLACE TEMP TABLE contradicted AS
    SELECT organization_id, project_id, 'usage_rows.' || meter AS subject,
        'the bill counts ' || format('{:,}', CAST(max(quantity) AS BIGINT)) || ' units of '
        || meter || ' here, and no breakdown of them was observed' AS reason
    FROM unseen_usage GROUP BY organization_id, project_id, meter;
DELETE FROM covered_parts USING contradicted c
    WHERE covered_parts.organization_id = c.organization_id
        AND covered_parts.project_id = c.project_id AND covered_parts.subject = c.subject;
INSERT INTO covered_parts SELECT organization_id, project_id, subject, false, reason
    FROM contradicted;
UPDATE covered_whole SET complete = false, reason = c.reason FROM contradicted c
    WHERE covered_whole.organization_id = c.organization_id
        AND covered_whole.subject = c.subject
        AND c.project_id NOT IN (
            SELECT p.project_id FROM projects p WHERE p.organization_id = c.organization_id
        )
        AND c.subject NOT IN (
            SELECT 'usage_rows.' || r.meter FROM usage_rows r
            WHERE r.organization_id = c.organization_id
        );
"""

# By numbers, not by names: every project is asked for every subject.
_PROJECT_REASONS = """
WITH parts AS (
    SELECT k.key, s.file, c.complete, c.reason
    FROM covered_parts c
    JOIN fact_keys k ON k.organization_id = c.organization_id AND k.project_id = c.project_id
    JOIN fact_subjects s ON s.subject = c.subject
),
whole AS (
    SELECT a.key, s.file, c.complete, c.reason
    FROM covered_whole c
    JOIN audited a ON a.organization_id = c.organization_id
    JOIN fact_subjects s ON s.subject = c.subject
)
SELECT k.key, s.file,
    CASE
        WHEN cp.complete THEN NULL
        WHEN cp.reason IS NOT NULL THEN cp.reason
        WHEN cw.complete THEN NULL
        ELSE coalesce(cw.reason, 'not read: the pull brought no ' || s.subject)
    END AS reason
FROM fact_keys k CROSS JOIN fact_subjects s
LEFT JOIN parts cp ON cp.key = k.key AND cp.file = s.file
LEFT JOIN whole cw ON cw.key = k.organization_key AND cw.file = s.file
"""

# A scope above the project needs every project's part, so one gap makes the fact missing.
_WIDER_REASONS = """
WITH parts AS (
    SELECT organization_id, subject, min(reason) FILTER (NOT complete) AS gap,
        count(*) FILTER (complete) AS read
    FROM covered_parts GROUP BY ALL
),
whole AS (SELECT organization_id, count(*) AS projects FROM projects GROUP BY ALL),
asked AS (
    SELECT k.key, k.organization_id, s.file,
        replace(s.subject, '<product>', {product}) AS subject
    FROM fact_keys k CROSS JOIN fact_subjects s
    WHERE s.speaks = '' OR contains(s.speaks, ',' || {product} || ',')
)
SELECT k.key, k.file,
    CASE
        WHEN parts.gap IS NOT NULL THEN parts.gap
        WHEN cw.complete OR (cw.complete IS NULL AND parts.read >= coalesce(whole.projects, 1))
            THEN NULL
        WHEN cw.complete IS NULL AND parts.read > 0
            THEN 'not read for every project: the pull brought no ' || k.subject || ' of '
                || (whole.projects - parts.read) || ' of ' || whole.projects || ' projects'
        ELSE coalesce(cw.reason, 'not read: the pull brought no ' || k.subject)
    END AS reason
FROM asked k
LEFT JOIN whole ON whole.organization_id = k.organization_id
LEFT JOIN parts ON parts.organization_id = k.organization_id AND parts.subject = k.subject
LEFT JOIN covered_whole cw
    ON cw.organization_id = k.organization_id AND cw.subject = k.subject
"""


def _reasons(
    connection: duckdb.DuckDBPyConnection, scope: Scope, files: Sequence[FactFile]
) -> Reasons:
    """Why facts are missing; rows where every subject of the fact is covered do not appear."""
    asked: dict[tuple[str, tuple[str, ...]], int] = {}
    for file in files:
        for fact in file.facts:
            for subject in fact.subjects:
                asked.setdefault((subject, file.products), len(asked))
    if not asked:
        return {}
    subjects = pd.DataFrame(
        {
            "file": range(len(asked)),
            "subject": [subject for subject, _ in asked],
            "speaks": [f",{','.join(products)}," if products else "" for _, products in asked],
        }
    )
    connection.register("fact_subjects", arrays(subjects))
    query = _PROJECT_REASONS
    if scope != "project":
        product = "k.product" if scope == "product" else "''"
        query = _WIDER_REASONS.format(product=product)
    rows = execute(
        connection,
        f"SELECT file, key, reason FROM ({query}) WHERE reason IS NOT NULL",  # noqa: S608
    ).fetchall()
    connection.unregister("fact_subjects")
    of_subject: dict[int, Why] = {}
    for number, row, reason in rows:
        of_subject.setdefault(number, {})[row] = reason
    out: Reasons = {}
    for file in files:
        for fact in file.facts:
            why: Why = {}
            for subject in fact.subjects:
                for row, reason in of_subject.get(asked[subject, file.products], {}).items():
                    why.setdefault(row, reason)
            out.setdefault((file.name, fact.subjects), why)
    return out
