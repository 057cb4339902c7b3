"""The declared assumptions: shipped values, those of the policy in force, and the reader's own."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from audit.errors import SettingsError, unknown_name
from audit.policies.schema import KEYS
from audit.policy import Policy

#: The reader's own: name to value, ``people`` to months, or the same as JSON text.
OwnAssumptions = Mapping[str, Any] | str | None

#: How many people a month had, by month or by its first day.
PEOPLE = "people"
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?")
MOST_PEOPLE = 10**12

YOURS = "yours"

#: Digits of a number that anybody means; more would only make arithmetic slow.
LONGEST_NUMBER = 30


@dataclass(frozen=True)
class Assumption:
    """One number behind the figures. ``value`` None: not known, and the reader may give it.

    ``unit``: usd, hours, minutes, months, percent (0-100), count or benchmark (the name of one).
    """

    name: str
    value: Decimal | str | None
    default: Decimal | str | None
    unit: str
    low: Decimal
    high: Decimal
    meaning: str
    source: str
    for_team: bool
    choices: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the reader's own value stands."""
        return self.value != self.default


@dataclass(frozen=True)
class Benchmark:
    """Events a monthly active user of one kind of product sends, as published."""

    name: str
    title: str
    events: int


@dataclass(frozen=True)
class Assumptions:
    """All of them by name, and the people of each month where the reader told them."""

    by_name: Mapping[str, Assumption]
    people: Mapping[str, int]

    def number(self, name: str) -> Decimal:
        """A number that is always known."""
        value = self.by_name[name].value
        if not isinstance(value, Decimal):
            raise SettingsError(f"The assumption {name} has no number.")
        return value

    def maybe(self, name: str) -> Decimal | None:
        """A number that only the reader can give; None without, or for a name that is none."""
        value = self.by_name[name].value if name in self.by_name else None
        return value if isinstance(value, Decimal) else None

    def word(self, name: str) -> str:
        """A word."""
        return str(self.by_name[name].value or "")

    def share(self, name: str) -> Decimal:
        """A percentage as a share."""
        return self.number(name) / 100

    def shown(self, *, team: bool) -> tuple[Assumption, ...]:
        """Those that the reader of the page may see."""
        return tuple(one for one in self.by_name.values() if team or not one.for_team)


@lru_cache(maxsize=1)
def benchmarks() -> tuple[tuple[Benchmark, ...], str]:
    """The published benchmarks and where they stand."""
    data = _shipped("benchmarks.toml")
    found = tuple(
        Benchmark(name, one["title"], one["events"])
        for name, one in data["events_per_person"].items()
    )
    return found, str(data["source"])


def assumptions(own: OwnAssumptions, policy: Policy) -> Assumptions:
    """The assumptions in force: shipped, of the policy, and ``own`` on top.

    Raises: SettingsError for an unknown name (naming the nearest) or a value that cannot be.
    """
    known = {
        name: _of_policy(name, one, policy) if "policy" in one else _own_entry(name, one)
        for name, one in _shipped("assumptions.toml").items()
    }
    given = own_assumptions(own)
    people = given.pop(PEOPLE, {})
    for name, value in given.items():
        if name not in known:
            raise SettingsError(unknown_name("assumption", name, [*known, PEOPLE]))
        known[name] = _changed(known[name], value)
    return Assumptions(MappingProxyType(known), MappingProxyType(_people(people)))


def own_assumptions(own: OwnAssumptions) -> dict[str, Any]:
    """The reader's own as plain values, from a mapping or JSON text.

    Raises: SettingsError for text that is no JSON object.
    """
    if own is None or own == "":
        return {}
    if isinstance(own, Mapping):
        return dict(own)
    try:
        data = json.loads(own, parse_float=Decimal)
    except (ValueError, InvalidOperation, RecursionError) as error:
        raise SettingsError(
            f'The assumptions are not JSON ({error}). Write {{"engineer_hour_usd": 90}}.'
        ) from None
    if not isinstance(data, dict):
        raise SettingsError(
            'The assumptions are a JSON object of name to value: {"engineer_hour_usd": 90}.'
        )
    return data


def read_file(path: str | Path) -> dict[str, Any]:
    """The reader's own from a TOML file: ``name = value``, or a copy of the shipped file.

    Raises: SettingsError for a file that cannot be read or is no TOML.
    """
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except OSError as error:
        raise SettingsError(
            f"Cannot read the assumptions in {path} ({error.strerror}). Name another file with "
            "--assumptions."
        ) from None
    except ValueError as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from None


def parsed(entry: str) -> tuple[str, Any]:
    """One ``name=value`` of the command; ``people.2026-07=18000`` for a month.

    Raises: SettingsError naming the entry.
    """
    name, equals, value = (part.strip() for part in entry.partition("="))
    if not equals or not name:
        raise SettingsError(
            f"Cannot read {entry!r}: write name=value, such as engineer_hour_usd=90."
        )
    if name.startswith(f"{PEOPLE}."):
        return PEOPLE, {name.removeprefix(f"{PEOPLE}."): value}
    return name, value


def merged(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Later layers win; the months of people are put together."""
    out: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            both = name == PEOPLE and isinstance(value, Mapping)
            out[name] = {**out.get(PEOPLE, {}), **value} if both else value
    return out


def _shipped(name: str) -> dict[str, Any]:
    text = (resources.files("audit.roi") / name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def _own_entry(name: str, one: Mapping[str, Any]) -> Assumption:
    choices: tuple[str, ...] = ()
    if one["unit"] == "benchmark":
        choices = tuple(known.name for known in benchmarks()[0])
    value: Decimal | str | None = one.get("value")
    if isinstance(value, str) and not choices:
        value = Decimal(value)
    return Assumption(
        name=name,
        value=value,
        default=value,
        unit=one["unit"],
        low=Decimal(one.get("low", 0)),
        high=Decimal(one.get("high", 0)),
        meaning=one["meaning"],
        source=one["source"],
        for_team=one.get("for_team", False),
        choices=choices,
    )


def _of_policy(name: str, one: Mapping[str, Any], policy: Policy) -> Assumption:
    key = KEYS[one["policy"]]
    entry = policy.entries[one["policy"]]
    value = Decimal(str(policy.number(one["policy"])))
    return Assumption(
        name=name,
        value=value,
        default=value,
        unit=key.kind,
        low=Decimal(0),
        high=Decimal(str(key.highest)),
        meaning=key.meaning,
        source=f"policy {policy.name}, {one['policy']}: {entry.source}",
        for_team=one.get("for_team", False),
    )


def _changed(known: Assumption, given: Any) -> Assumption:
    source = YOURS
    if isinstance(given, Mapping):
        # A copy of the shipped file: an entry without a value leaves it as it is.
        if "value" not in given:
            return known
        told = str(given.get("source", known.source))
        source = YOURS if told == known.source else told
        given = given["value"]
    value = _value(known, given)
    return known if value == known.default else replace(known, value=value, source=source)


def _value(known: Assumption, given: Any) -> Decimal | str | None:
    if known.choices:
        if given not in ("", None, *known.choices):
            raise SettingsError(unknown_name(known.name, str(given), known.choices))
        return given or ""
    if given in ("", None) and known.default is None:
        return None
    number = _number(known.name, given)
    if not known.low <= number <= known.high:
        raise SettingsError(
            f"{known.name} = {given} is outside {known.low} to {known.high} ({known.unit})."
        )
    return number


def _number(name: str, given: Any) -> Decimal:
    """Raises: SettingsError for what is no number."""
    text = str(given).strip()
    number = None
    if len(text) <= LONGEST_NUMBER:
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = None
    if number is None or not number.is_finite():
        raise SettingsError(f"{name} = {text[:LONGEST_NUMBER]!r} is not a number.")
    return number


def _people(given: Any) -> dict[str, int]:
    if not isinstance(given, Mapping):
        raise SettingsError(
            f'{PEOPLE} gives a number by month, such as {{"2026-07": 18000}}; got {given!r}.'
        )
    found = {}
    for month, count in given.items():
        if not MONTH.fullmatch(str(month)):
            raise SettingsError(
                f"{PEOPLE}.{month}: a month is written 2026-07, or 2026-07-04 for the one that "
                "begins that day."
            )
        number = _number(f"{PEOPLE}.{month}", count)
        if number != number.to_integral_value() or not 0 < number <= MOST_PEOPLE:
            raise SettingsError(f"{PEOPLE}.{month} = {count} is no whole number of people above 0.")
        found[str(month)] = int(number)
    return found
