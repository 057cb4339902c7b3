"""A policy pack from TOML or JSON text, held to its schema."""

import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from audit.errors import SettingsError, unknown_name
from audit.policies.schema import HEAD, LOOSE_SECTIONS, SECTIONS, Key

LONGEST_TEXT = 500
LONGEST_NAME = 40


@dataclass(frozen=True)
class Tier:
    """A volume discount from a spend of a year on; ``percent`` None is agreed case by case."""

    from_usd: int | float
    percent: int | float | None


Value = int | float | str | tuple[Tier, ...]


@dataclass(frozen=True)
class Entry:
    """A value with its source. A pack that is silent has no value and says why in ``gap``."""

    value: Value | None
    source: str
    gap: str = ""


@dataclass(frozen=True)
class Pack:
    """A pack as written. ``entries`` by "section.key", ``thresholds`` by check and name.

    ``as_json``: the whole pack as one line of JSON; reading it gives the same pack.
    """

    name: str
    title: str
    source: str
    first_day: date
    entries: Mapping[str, Entry]
    thresholds: Mapping[str, Mapping[str, Entry]]
    not_in_force: Mapping[str, str]
    as_json: str


def read_toml(where: str, text: str) -> Pack:
    """A pack file. ``where`` names it in errors. Raises: SettingsError."""
    try:
        given = tomllib.loads(text)
    except ValueError as error:
        raise SettingsError(f"{where} is not TOML: {error}.") from None
    return _pack(where, given)


def read_json(where: str, text: str) -> Pack:
    """A pack as :class:`Pack` keeps it. Raises: SettingsError."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{where} is not JSON: {error}.") from None
    if not isinstance(given, dict):
        raise SettingsError(f"{where} is not a policy pack but {type(given).__name__}.")
    return _pack(where, given)


def _pack(where: str, given: Mapping[str, Any]) -> Pack:
    known = (*HEAD, *SECTIONS, *LOOSE_SECTIONS)
    for name in given:
        if name not in known:
            raise SettingsError(f"{where}: {unknown_name('section or key', name, known)}")
    for name in known:
        if name not in given:
            raise SettingsError(
                f"{where}: a gap: {name!r} is missing. A pack has {', '.join(known)}."
            )
        if name not in HEAD and not isinstance(given[name], Mapping):
            raise SettingsError(f"{where}: [{name}] is not a section but {given[name]!r}.")
    day = _day(where, given["first_day"])
    return Pack(
        name=_name(where, given["name"]),
        title=_text(where, "title", given["title"]),
        source=_text(where, "source", given["source"]),
        first_day=day,
        entries=dict(_entries(where, given)),
        thresholds=_thresholds(where, given["thresholds"]),
        not_in_force={
            check: _text(where, f"not_in_force.{check}", reason)
            for check, reason in given["not_in_force"].items()
        },
        as_json=json.dumps(
            {**given, "first_day": day.isoformat()},
            sort_keys=True,
            separators=(",", ":"),
            default=str,
        ),
    )


def _entries(where: str, given: Mapping[str, Any]) -> Iterable[tuple[str, Entry]]:
    for section, keys in SECTIONS.items():
        names = [key.name for key in keys]
        for name in given[section]:
            if name not in names:
                raise SettingsError(f"{where}: {unknown_name(f'key of [{section}]', name, names)}")
        for key in keys:
            path = f"{section}.{key.name}"
            if key.name not in given[section]:
                silent = ' or {gap = "why", source = "..."}' if key.may_be_silent else ""
                raise SettingsError(
                    f"{where}: a gap: {path} is missing ({key.meaning}). Give it {{value = ..., "
                    f'source = "..."}}{silent}.'
                )
            yield path, _entry(where, path, key, given[section][key.name])


def _entry(where: str, path: str, key: Key, given: Any) -> Entry:
    fields = _fields(where, path, given, ("value", "gap"))
    source = _text(where, f"{path}.source", fields["source"])
    if "gap" in fields:
        if not key.may_be_silent:
            raise SettingsError(f"{where}: {path} needs a value; a pack cannot be silent about it.")
        return Entry(None, source, _text(where, f"{path}.gap", fields["gap"]))
    return Entry(_value(where, path, key, fields["value"]), source)


def _fields(
    where: str, path: str, given: Any, either: tuple[str, ...] = ("value",)
) -> Mapping[str, Any]:
    """An entry's fields: its source and one of ``either``, and nothing else."""
    if not isinstance(given, Mapping):
        raise SettingsError(
            f'{where}: {path} needs {{value = ..., source = "..."}}, got {given!r}.'
        )
    for name in given:
        if name not in (*either, "source"):
            raise SettingsError(
                f"{where}: {unknown_name(f'field of {path}', name, (*either, 'source'))}"
            )
    if "source" not in given or len([name for name in either if name in given]) != 1:
        raise SettingsError(f"{where}: {path} needs a {' or a '.join(either)}, and its source.")
    return given


def _value(where: str, path: str, key: Key, given: Any) -> Value:
    if key.is_number:
        return _number(where, path, given, key.highest)
    if key.kind == "tiers":
        return _tiers(where, path, given)
    text = _text(where, path, given)
    if key.kind == "choice" and text not in key.choices:
        raise SettingsError(f"{where}: {unknown_name(f'value of {path}', text, key.choices)}")
    return text


def _number(where: str, path: str, given: Any, highest: float) -> int | float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise SettingsError(f"{where}: {path} = {given!r} is not a number.")
    if not (math.isfinite(given) and 0 <= given <= highest):
        raise SettingsError(f"{where}: {path} = {given} is outside 0 to {highest:g}.")
    return given


def _tiers(where: str, path: str, given: Any) -> tuple[Tier, ...]:
    if not isinstance(given, list) or not given:
        raise SettingsError(f"{where}: {path} is a list of {{from_usd, percent}}, got {given!r}.")
    tiers: list[Tier] = []
    for number, one in enumerate(given, 1):
        place = f"{path}, tier {number}"
        if not isinstance(one, Mapping) or set(one) != {"from_usd", "percent"}:
            raise SettingsError(f"{where}: {place} needs from_usd and percent, got {one!r}.")
        start = _number(where, f"{place}: from_usd", one["from_usd"], 10_000_000)
        custom = one["percent"] == "custom"
        percent = None if custom else _number(where, f"{place}: percent", one["percent"], 100)
        if tiers and start <= tiers[-1].from_usd:
            raise SettingsError(f"{where}: {place} starts at {start}, not above the one before.")
        tiers.append(Tier(start, percent))
    return tuple(tiers)


def _thresholds(where: str, given: Mapping[str, Any]) -> dict[str, dict[str, Entry]]:
    out: dict[str, dict[str, Entry]] = {}
    for check, entries in given.items():
        if not isinstance(entries, Mapping):
            raise SettingsError(f"{where}: [thresholds.{check}] is not a section but {entries!r}.")
        out[check] = {}
        for name, entry in entries.items():
            path = f"thresholds.{check}.{name}"
            fields = _fields(where, path, entry)
            source = _text(where, f"{path}.source", fields["source"])
            # Its bounds are the threshold's own, which the check declares.
            out[check][name] = Entry(_number(where, path, fields["value"], math.inf), source)
    return out


def _text(where: str, path: str, given: Any) -> str:
    if not isinstance(given, str) or not given.strip():
        raise SettingsError(f"{where}: {path} = {given!r} is not a text.")
    if len(given) > LONGEST_TEXT or not given.isprintable():
        raise SettingsError(
            f"{where}: {path} is one line of at most {LONGEST_TEXT} printable characters."
        )
    return given


def _name(where: str, given: Any) -> str:
    name = _text(where, "name", given)
    plain = name.replace("-", "").replace("_", "").replace(".", "")
    if not (plain.isascii() and plain.isalnum() and len(name) <= LONGEST_NAME):
        raise SettingsError(
            f"{where}: name = {name!r}: at most {LONGEST_NAME} letters, digits, dots and dashes."
        )
    return name


def _day(where: str, given: Any) -> date:
    if type(given) is date:
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise SettingsError(
            f"{where}: first_day is a day like 2026-11-01, got {given!r}."
        ) from None
