"""What a canonical table is made of: columns with kind, unit and bounds, and a key."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Kind = Literal["text", "integer", "decimal", "day", "timestamp", "boolean", "json"]

DUCKDB_TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(28, 10)",
    "day": "DATE",
    "timestamp": "TIMESTAMP",
    "boolean": "BOOLEAN",
    "json": "VARCHAR",
}


@dataclass(frozen=True)
class Column:
    """One column. ``required`` columns refuse null; numbers stay within ``minimum`` and
    ``maximum``."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()

    @property
    def duckdb_type(self) -> str:
        return DUCKDB_TYPES[self.kind]


@dataclass(frozen=True)
class Table:
    """One canonical table. A repeated key is an error, or the last row wins where said."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    last_row_wins: bool = False

    @cached_property
    def column(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def ddl(self) -> str:
        body = ", ".join(
            f'"{c.name}" {c.duckdb_type}{" NOT NULL" if c.required else ""}' for c in self.columns
        )
        return f"CREATE TABLE {self.name} ({body})"


def text(
    name: str, meaning: str, *, required: bool = False, choices: tuple[str, ...] = ()
) -> Column:
    return Column(name, "text", meaning, required=required, choices=choices)


def count(name: str, meaning: str, unit: str, *, required: bool = False) -> Column:
    return Column(name, "integer", meaning, unit, required=required, minimum=0)


def usd(name: str, meaning: str) -> Column:
    return Column(name, "decimal", meaning, "USD")


def boolean(name: str, meaning: str) -> Column:
    return Column(name, "boolean", meaning)


def day(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, "day", meaning, "UTC day", required=required)


def moment(name: str, meaning: str) -> Column:
    return Column(name, "timestamp", meaning, "UTC")


def json(name: str, meaning: str) -> Column:
    return Column(name, "json", meaning)
