"""The columns of FOCUS 1.2: which there are, their types, and what they hold here.

The data stands in ``columns.toml``.

Source: FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec, version 1.2.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

VERSION = "1.2"

#: Where the file of a column stands.
SPECIFICATION = (
    "https://github.com/FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec/tree/v1.2/specification/columns/"
)

#: Digits after the point that every Decimal column keeps; the costs here never need more.
DECIMALS = 18

#: Digits of a Decimal column, all told.
DIGITS = 38

#: Types as DuckDB and Parquet have them. Key-value columns are JSON in a string.
DUCKDB_TYPES = {
    "Date/Time": "TIMESTAMP WITH TIME ZONE",
    "Decimal": f"DECIMAL({DIGITS}, {DECIMALS})",
    "JSON": "VARCHAR",
    "String": "VARCHAR",
}


@dataclass(frozen=True)
class Column:
    """One column. ``level``: mandatory, conditional, recommended, or custom for one of ours.

    ``values``: the only ones allowed; empty where any is. ``nulls``: whether FOCUS allows them.
    """

    name: str
    type: str
    level: str
    nulls: bool
    holds: str
    values: tuple[str, ...]
    source: str

    @property
    def duckdb_type(self) -> str:
        """The type of the column in DuckDB and Parquet."""
        return DUCKDB_TYPES[self.type]


@cache
def columns() -> tuple[Column, ...]:
    """All columns, in the order they are written: those of FOCUS, then ours."""
    text = (resources.files("audit.focus") / "columns.toml").read_text(encoding="utf-8")
    return tuple(
        Column(
            name=name,
            type=entry["type"],
            level=entry["level"],
            nulls=entry["nulls"],
            holds=entry["holds"],
            values=tuple(entry.get("values", ())),
            source=SPECIFICATION + entry["source"] if "source" in entry else "",
        )
        for name, entry in tomllib.loads(text).items()
    )
