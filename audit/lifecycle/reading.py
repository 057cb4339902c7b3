"""The table ``lifecycle`` as typed values, stages and segments, for all organizations at once.

Nothing here fails over what a CRM holds: a word, number or day that cannot be read is left out
of the values and stands in ``lifecycle_unread`` with its reason.
"""

import json
from collections.abc import Iterable
from typing import Any

import duckdb
import pandas as pd

from audit.frames import materialise
from audit.lifecycle.fields import fields
from audit.lifecycle.words import vocabulary
from audit.statements import execute

#: More elements than any list of segments has; the rest of a longer one is left out.
MOST_ELEMENTS = 500

BLANK = " \t\r\n\u00a0"

#: Keys under which a CRM's objects carry the name of a segment or tag.
NAME_KEYS = ("name", "label", "value")


def prepare(connection: duckdb.DuckDBPyConnection, *, read: bool = True) -> None:
    """Read ``lifecycle`` into temporary tables.

    lifecycle_values: organization_id, field, text, number, day, claim, updated_at; one row per
    field that rules read and the CRM has, even an empty one (then all but a ``filled`` claim are
    null). number: as the field's name says its unit; day: UTC.
    lifecycle_stage: organization_id, field, raw, stage, is_terminal, is_known, check_in; one row
    per organization with a status. The pipeline goes before the older status; a word nobody has
    seen has no stage.
    lifecycle_segments: organization_id, field, segment, role; one row per segment and tag.
    lifecycle_unread: organization_id, field, kind, value; what :func:`unknown_values` returns.
    Without ``read`` the tables are as of organizations of which the CRM says nothing.
    """
    spelled = _texts(connection, "SELECT DISTINCT field FROM lifecycle ORDER BY field")
    if not spelled or not read:
        execute(connection, _NOTHING)
        return
    materialise(connection, "lifecycle_spellings", _spellings(spelled))
    execute(connection, _READ, {"empty": list(fields().empty), "blank": BLANK})
    execute(
        connection,
        _VALUES,
        {
            "number": NUMBER,
            "moment": MOMENT,
            "offset": OFFSET,
            "formats": list(DAY_FORMATS),
            "yes": list(fields().yes),
            "no": list(fields().no),
        },
    )
    words = _texts(connection, _DISTINCT.format(kind="word"))
    materialise(connection, "lifecycle_words", _words(words))
    lists = _texts(connection, _DISTINCT.format(kind="list"))
    materialise(connection, "lifecycle_elements", _elements(lists))
    execute(connection, _STAGES)
    execute(connection, _UNREAD)


def unknown_values(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """What :func:`prepare` could not read: organization_id, field, kind, value; in that order.

    kind: unknown_word, unknown_segment, bad_number, number_out_of_bounds, bad_day, bad_claim,
    two_values (two spellings of a field that disagree, the older one is shown), two_stages (the
    status that the pipeline overrules), field_not_read.
    """
    return execute(connection, "FROM lifecycle_unread ORDER BY ALL").df()


def elements(text: str) -> list[str]:
    """The segments of a list as a CRM or a spreadsheet writes it, without repeats.

    >>> elements('[{"id": 1, "name": "Startup Plan"}, "Top 20"]'), elements("Leads; Top 20;")
    (['Startup Plan', 'Top 20'], ['Leads', 'Top 20'])
    """
    if text.startswith(("[", "{", '"')):
        try:
            return _unique(_names(json.loads(text)))
        except (ValueError, RecursionError):
            pass
    for mark in (";", "\n", "|", ","):
        if mark in text:
            return _unique(text.split(mark))
    return _unique([text])


def _names(value: Any) -> Iterable[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            one = next((one[key] for key in NAME_KEYS if key in one), None)
        if isinstance(one, str):
            yield one


def _unique(texts: Iterable[str]) -> list[str]:
    kept = [text.strip() for text in texts]
    return list(dict.fromkeys(text for text in kept if text))[:MOST_ELEMENTS]


def _texts(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [row[0] for row in execute(connection, query).fetchall()]


def _spellings(spelled: list[str]) -> pd.DataFrame:
    known = [(text, one) for text in spelled if (one := fields().field(text)) is not None]
    return pd.DataFrame(
        {
            "spelling": pd.Series([text for text, _ in known], dtype="str"),
            "field": pd.Series([one.name for _, one in known], dtype="str"),
            "kind": pd.Series([one.kind for _, one in known], dtype="str"),
            "low": pd.Series([one.low for _, one in known], dtype="float64"),
            "high": pd.Series([one.high for _, one in known], dtype="float64"),
        }
    )


def _words(texts: list[str]) -> pd.DataFrame:
    stages = [vocabulary().stage(text) for text in texts]
    return pd.DataFrame(
        {
            "text": pd.Series(texts, dtype="str"),
            "stage": pd.Series(stages, dtype="str"),
            "is_terminal": pd.Series([s in vocabulary().terminal for s in stages], dtype="bool"),
        }
    )


def _elements(texts: list[str]) -> pd.DataFrame:
    pairs = [(text, one) for text in texts for one in elements(text)]
    return pd.DataFrame(
        {
            "text": pd.Series([text for text, _ in pairs], dtype="str"),
            "segment": pd.Series([one for _, one in pairs], dtype="str"),
            "role": pd.Series([vocabulary().role(one) for _, one in pairs], dtype="str"),
        }
    )


#: A number as programs and spreadsheets write it. A comma parts thousands and nothing else: where
#: it might be a decimal mark the number is not guessed.
NUMBER = r"[+-]?\$?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?\s?%?"

#: A day, alone or with a time and an offset. Days like 3/4/2026 mean two things and are not read.
MOMENT = (
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?\s?(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?)?"
)
OFFSET = r"([+-])([0-9]{2}):?([0-9]{2})$"
DAY_FORMATS = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%Y/%m/%d")

#: The tables of an account without a word of a CRM.
_NOTHING = """
CREATE OR REPLACE TEMP TABLE lifecycle_values (
    organization_id VARCHAR, field VARCHAR, kind VARCHAR, text VARCHAR, number DOUBLE, day DATE,
    claim BOOLEAN, updated_at TIMESTAMP, is_number BOOLEAN
);
CREATE OR REPLACE TEMP TABLE lifecycle_stage (
    organization_id VARCHAR, field VARCHAR, raw VARCHAR, stage VARCHAR, is_terminal BOOLEAN,
    is_known BOOLEAN, check_in BOOLEAN
);
CREATE OR REPLACE TEMP TABLE lifecycle_segments (
    organization_id VARCHAR, field VARCHAR, segment VARCHAR, role VARCHAR
);
CREATE OR REPLACE TEMP TABLE lifecycle_unread (
    organization_id VARCHAR, field VARCHAR, kind VARCHAR, value VARCHAR
);
"""

_DISTINCT = "SELECT DISTINCT text FROM lifecycle_values WHERE kind = '{kind}' AND text IS NOT NULL"

# Of several spellings of one field the one set last counts. Only fields that this store spells in
# several ways are ranked: ranking all would take longer than all the rest.
_READ = """
CREATE OR REPLACE TEMP TABLE lifecycle_given AS
WITH spelled AS (
    SELECT *, count(*) OVER (PARTITION BY field) > 1 AS again FROM lifecycle_spellings
),
given AS (
    SELECT l.organization_id, s.field, s.kind, s.low, s.high, s.again, s.spelling, l.updated_at,
        trim(l.value, $blank) AS text
    FROM lifecycle l JOIN spelled s ON s.spelling = l.field
)
SELECT organization_id, field, kind, low, high, updated_at,
    CASE WHEN NOT list_contains($empty, lower(text)) THEN text END AS text, place
FROM (
    SELECT *, 1 AS place FROM given WHERE NOT again
    UNION ALL
    SELECT *, row_number() OVER (
        PARTITION BY organization_id, field ORDER BY updated_at DESC NULLS LAST, spelling
    ) AS place FROM given WHERE again
)
"""

_VALUES = """
CREATE OR REPLACE TEMP TABLE lifecycle_values AS
WITH read AS (
    SELECT organization_id, field, kind, text, updated_at, low, high,
        CASE WHEN kind = 'number' AND regexp_full_match(text, $number)
            THEN TRY_CAST(regexp_replace(text, '[$,%\\s]', '', 'g') AS DOUBLE) END AS number,
        CASE WHEN kind <> 'day' THEN NULL
            WHEN regexp_full_match(text, '[0-9]{10}')
                THEN make_timestamp(CAST(text AS BIGINT) * 1000000)
            WHEN regexp_full_match(text, '[0-9]{13}')
                THEN make_timestamp(CAST(text AS BIGINT) * 1000)
            WHEN regexp_full_match(text, $moment) THEN TRY_CAST(
                replace(regexp_replace(text, '\\s?(Z|UTC|[+-][0-9]{2}:?[0-9]{2})$', ''), ',', '.')
                AS TIMESTAMP)
            ELSE try_strptime(text, $formats)
        END AS moment,
        CASE WHEN kind = 'day' AND regexp_full_match(text, $moment) AND len(text) > 10
            AND regexp_matches(text, ':.*' || $offset) THEN
            CAST(regexp_extract(text, $offset, 1) || '1' AS INTEGER) * (
                60 * CAST(regexp_extract(text, $offset, 2) AS INTEGER)
                + CAST(regexp_extract(text, $offset, 3) AS INTEGER)
            ) ELSE 0 END AS offset_minutes,
        CASE WHEN kind = 'filled' THEN text IS NOT NULL
            WHEN kind = 'claim' AND list_contains($yes, lower(text)) THEN true
            WHEN kind = 'claim' AND list_contains($no, lower(text)) THEN false
        END AS claim
    FROM lifecycle_given WHERE place = 1
)
SELECT organization_id, field, kind, text,
    CASE WHEN number BETWEEN low AND high THEN number END AS number,
    CASE WHEN year(moment) BETWEEN 2000 AND 2100
        THEN CAST(moment - to_minutes(offset_minutes) AS DATE) END AS day,
    claim, updated_at, number IS NOT NULL AS is_number
FROM read
"""

_STAGES = """
CREATE OR REPLACE TEMP TABLE lifecycle_status AS
SELECT v.organization_id, v.field, v.text AS raw, w.stage, w.is_terminal,
    w.stage IS NOT NULL AS is_known
FROM lifecycle_values v JOIN lifecycle_words w ON w.text = v.text WHERE v.kind = 'word';

CREATE OR REPLACE TEMP TABLE lifecycle_stage AS
SELECT organization_id,
    arg_min(field, field) AS field,
    arg_min(raw, field) AS raw,
    CASE WHEN arg_min(is_known, field) THEN arg_min(coalesce(stage, ''), field) END AS stage,
    CASE WHEN arg_min(is_known, field) THEN arg_min(is_terminal, field) END AS is_terminal,
    arg_min(is_known, field) AS is_known,
    bool_or(coalesce(stage = 'check_in', false)) AS check_in
FROM lifecycle_status GROUP BY organization_id;

CREATE OR REPLACE TEMP TABLE lifecycle_segments AS
SELECT v.organization_id, v.field, e.segment, e.role
FROM lifecycle_values v JOIN lifecycle_elements e ON e.text = v.text WHERE v.kind = 'list';
"""

_UNREAD = """
CREATE OR REPLACE TEMP TABLE lifecycle_unread AS
SELECT organization_id, field, CASE kind
        WHEN 'number' THEN CASE WHEN is_number THEN 'number_out_of_bounds' ELSE 'bad_number' END
        WHEN 'day' THEN 'bad_day' ELSE 'bad_claim' END AS kind, text AS value
FROM lifecycle_values WHERE text IS NOT NULL AND (
    (kind = 'number' AND number IS NULL) OR (kind = 'day' AND day IS NULL)
    OR (kind = 'claim' AND claim IS NULL))
UNION ALL SELECT organization_id, field, 'unknown_word', raw FROM lifecycle_status
    WHERE NOT is_known
UNION ALL SELECT organization_id, field, 'unknown_segment', segment FROM lifecycle_segments
    WHERE role IS NULL
UNION ALL SELECT g.organization_id, g.field, 'two_values', g.text FROM lifecycle_given g
    JOIN lifecycle_values v ON v.organization_id = g.organization_id AND v.field = g.field
    WHERE g.place > 1 AND g.text IS DISTINCT FROM v.text AND g.text IS NOT NULL
UNION ALL SELECT w.organization_id, w.field, 'two_stages', w.raw FROM lifecycle_status w
    JOIN lifecycle_stage s ON s.organization_id = w.organization_id AND s.field <> w.field
    WHERE w.stage <> s.stage AND w.stage <> 'check_in'
UNION ALL SELECT l.organization_id, l.field, 'field_not_read', '' FROM lifecycle l
    WHERE l.field NOT IN (SELECT spelling FROM lifecycle_spellings)
"""
