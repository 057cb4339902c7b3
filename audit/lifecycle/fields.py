"""Fields of the CRM: their kinds, bounds and spellings."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from audit.errors import SettingsError

Kind = Literal["word", "list", "day", "number", "claim", "filled", "text"]
KINDS: tuple[Kind, ...] = ("word", "list", "day", "number", "claim", "filled", "text")

#: What may part two words of a field's name.
PARTS = re.compile(r"[\s._\-\u2010-\u2015\u2212'\"]+")


@dataclass(frozen=True)
class Field:
    """One field that rules read; numbers lie within ``low`` and ``high``, both included."""

    name: str
    kind: Kind
    low: float
    high: float


@dataclass(frozen=True)
class Fields:
    """All fields by name, and what their values are told by."""

    by_name: Mapping[str, Field]
    spellings: Mapping[str, Field]
    prefixes: tuple[str, ...]
    empty: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]

    def field(self, spelled: str) -> Field | None:
        """The field a CRM means by a name, or None for one that no rule reads.

        >>> fields().field("vitally.custom.onboardingPipeline").name
        'onboarding_pipeline'
        """
        return self.spellings.get(_bare(spelled, self.prefixes))


@lru_cache(maxsize=1)
def fields() -> Fields:
    """The fields that ship with the toolkit. Raises: SettingsError for a broken list."""
    text = (resources.files("audit.lifecycle") / "fields.toml").read_text(encoding="utf-8")
    return read_fields(text)


def read_fields(text: str) -> Fields:
    """The fields of a field list."""
    given = tomllib.loads(text)
    prefixes = tuple(given["prefixes"])
    by_name: dict[str, Field] = {}
    spellings: dict[str, Field] = {}
    for name, entry in given["fields"].items():
        by_name[name] = one = _field(name, entry)
        for spelled in (name, *entry.get("also", ())):
            taken = spellings.setdefault(_bare(spelled, prefixes), one)
            if taken is not one:
                raise SettingsError(
                    f"fields.toml: {spelled!r} of {name} is a spelling of {taken.name} too."
                )
    return Fields(
        by_name,
        spellings,
        prefixes,
        tuple(given["empty"]),
        tuple(given["yes"]),
        tuple(given["no"]),
    )


def _field(name: str, entry: Mapping[str, Any]) -> Field:
    kind = entry["kind"]
    if kind not in KINDS:
        raise SettingsError(f"fields.toml: {name} has the kind {kind!r}; {', '.join(KINDS)} exist.")
    if (kind == "number") != ("low" in entry and "high" in entry):
        raise SettingsError(f"fields.toml: {name}: numbers, and only they, have low and high.")
    return Field(name, kind, float(entry.get("low", 0)), float(entry.get("high", 0)))


def _bare(spelled: str, prefixes: tuple[str, ...]) -> str:
    bare = spelled.replace("`", "").strip().lower()
    shorter = True
    while shorter:
        shorter = False
        for prefix in prefixes:
            if bare.startswith(prefix) and len(bare) > len(prefix):
                bare, shorter = bare[len(prefix) :], True
    return PARTS.sub("", bare)
