"""The policy in force: a dated pack of rules, with a person's own thresholds on top.

A pack is named, or is a .toml file of one's own, or the text that ``Policy.argument`` is. The
latter is what an account file keeps: a name for a pack that ships with the toolkit, and for
any other the whole pack, so that the audit can be repeated where the file is not.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from audit.checks.contract import Check, load_checks
from audit.errors import SettingsError, unknown_name
from audit.policies.reading import Entry, Pack, Tier, Value, read_json, read_toml
from audit.policies.schema import KEYS

__all__ = [
    "DEFAULT_POLICY",
    "OwnThresholds",
    "Policy",
    "Tier",
    "load_policy",
    "own_thresholds",
    "policy_names",
    "policy_text",
    "shipped_pack",
]

DEFAULT_POLICY = "2025-06"

#: A person's own thresholds: check to threshold to value, or the same as JSON text.
OwnThresholds = Mapping[str, Mapping[str, float]] | str | None

PACK_FILE = ".toml"
MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Policy:
    """A pack in force.

    ``changed``: every threshold that differs from its check's default. ``entries``: the pack's
    own values with their sources, by "section.key". ``not_in_force``: checks that the pack's time
    does not know, with the reason. ``argument``: what ``load_policy`` makes this pack of again.
    ``first_day``: from which day its pages were in force.
    """

    name: str
    title: str
    source: str
    changed: Mapping[tuple[str, str], float]
    not_in_force: Mapping[str, str] = field(default_factory=dict)
    entries: Mapping[str, Entry] = field(default_factory=dict)
    sources: Mapping[tuple[str, str], str] = field(default_factory=dict)
    argument: str = ""
    first_day: date | None = None

    def in_force(self) -> dict[str, Check]:
        """The checks that this policy knows, by name."""
        return {n: check for n, check in load_checks().items() if n not in self.not_in_force}

    def thresholds(self, check: Check) -> dict[str, float]:
        """All thresholds of a check, in force."""
        return {
            name: self.changed.get((check.name, name), threshold.default)
            for name, threshold in check.thresholds.items()
        }

    def threshold_source(self, check: str, threshold: str) -> str | None:
        """Where the pack has a threshold from, or None where it leaves it to the check."""
        return self.sources.get((check, threshold))

    def value(self, key: str) -> Value | None:
        """The pack's value of "section.key"; None where the pack is silent.

        Raises: SettingsError for a key that is none.
        """
        if key not in self.entries:
            raise SettingsError(unknown_name("policy key", key, self.entries))
        return self.entries[key].value

    def number(self, key: str) -> float:
        """The same for a number that no pack may be silent about."""
        value = self.value(key)
        if not isinstance(value, int | float):
            raise SettingsError(f"policy {self.name}: {key} is {value!r}, not a number.")
        return value

    def word(self, key: str) -> str:
        """The same for a word."""
        value = self.value(key)
        if not isinstance(value, str):
            raise SettingsError(f"policy {self.name}: {key} is {value!r}, not a word.")
        return value

    def tiers(self) -> tuple[Tier, ...]:
        """Volume discounts for one year, smallest first."""
        value = self.value("contract.tiers")
        return value if isinstance(value, tuple) else ()


def policy_names() -> tuple[str, ...]:
    """Packs that ship with the toolkit, oldest first."""
    folder = resources.files("audit.policies")
    found = (one.name for one in folder.iterdir() if one.name.endswith(PACK_FILE))
    return tuple(sorted(name.removesuffix(PACK_FILE) for name in found))


def load_policy(
    name: str | Path,
    checks: Mapping[str, Check],
    own: OwnThresholds = None,
) -> Policy:
    """A pack, with ``own`` thresholds (check to name to value, or that as JSON) on top.

    ``name``: of a pack that ships with the toolkit, a .toml file, or a pack as JSON text.

    Raises: SettingsError for an unknown pack, key, check or threshold (naming the nearest), for
    a pack with a gap, or a value outside its bounds.
    """
    where, pack, argument = _pack(name)
    for check in pack.not_in_force:
        if check not in checks:
            raise SettingsError(f"{where}: not_in_force: {unknown_name('check', check, checks)}")
    fed = _fed(where, pack, checks)
    loose = {
        (check, threshold): entry
        for check, entries in pack.thresholds.items()
        for threshold, entry in entries.items()
    }
    for check, threshold in fed.keys() & loose.keys():
        feeder = next(key for key, one in KEYS.items() if (check, threshold) in one.feeds)
        raise SettingsError(f"{where}: {check}.{threshold} is what {feeder} says; change it there.")
    given = fed | loose
    changed: dict[tuple[str, str], float] = {}
    for (check, threshold), entry in given.items():
        value = _value(where, checks, check, threshold, entry.value)
        if value != checks[check].thresholds[threshold].default:
            changed[check, threshold] = value
    for check, values in own_thresholds(own).items():
        for threshold, given_value in values.items():
            value = _value("your thresholds", checks, check, threshold, given_value)
            changed[check, threshold] = value
    return Policy(
        name=pack.name,
        title=pack.title,
        source=pack.source,
        changed=changed,
        not_in_force=pack.not_in_force,
        entries=pack.entries,
        sources={at: entry.source for at, entry in given.items()},
        argument=argument,
        first_day=pack.first_day,
    )


def _pack(name: str | Path) -> tuple[str, Pack, str]:
    """What to call a pack in errors, the pack, and the argument that makes it again."""
    if isinstance(name, str) and name in policy_names():
        return f"policies/{name}{PACK_FILE}", shipped_pack(name), name
    if isinstance(name, str) and name.lstrip().startswith("{"):
        where, pack = "the kept policy pack", read_json("the kept policy pack", name)
    elif isinstance(name, Path) or name.endswith(PACK_FILE):
        where, pack = str(name), read_toml(str(name), _text(Path(name)))
    else:
        known = unknown_name("policy", name, policy_names())
        raise SettingsError(f"{known} A pack of your own is named by its {PACK_FILE} file.")
    if pack.name in policy_names():
        raise SettingsError(
            f"{where}: the name {pack.name!r} belongs to a pack that ships with the toolkit. Give "
            "a pack of your own a name of its own."
        )
    return where, pack, pack.as_json


@cache
def shipped_pack(name: str) -> Pack:
    """A pack that ships with the toolkit, as written."""
    return read_toml(f"policies/{name}{PACK_FILE}", policy_text(name))


def policy_text(name: str) -> str:
    """The file of a pack that ships, to make one's own of."""
    return (resources.files("audit.policies") / f"{name}{PACK_FILE}").read_text(encoding="utf-8")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SettingsError(
                f"{path} is no policy pack: it is larger than {MOST_BYTES:,} bytes."
            )
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"Cannot read the policy pack {path} ({reason}).") from None


def _fed(where: str, pack: Pack, checks: Mapping[str, Check]) -> dict[tuple[str, str], Entry]:
    """Thresholds that the pack's own values set; a check without its values is not in force."""
    given = {}
    for path, key in KEYS.items():
        entry = pack.entries[path]
        for check, threshold in key.feeds:
            if check not in checks:
                continue
            if entry.value is not None:
                given[check, threshold] = entry
            elif check not in pack.not_in_force:
                raise SettingsError(
                    f"{where}: {path} is silent, so {check} cannot be in force. Give the value, or "
                    f'name the check: [not_in_force] {check} = "why".'
                )
    return given


def own_thresholds(own: OwnThresholds) -> Mapping[str, Mapping[str, float]]:
    """A person's own thresholds as a mapping. Raises: SettingsError for text that is none."""
    if not isinstance(own, str):
        return own or {}
    try:
        read = json.loads(own or "{}")
    except ValueError as error:
        raise SettingsError(f"your thresholds: {own!r} is not JSON ({error}).") from error
    if not isinstance(read, dict) or not all(isinstance(v, dict) for v in read.values()):
        raise SettingsError(
            f'your thresholds: the JSON is like {{"CHECK": {{"THRESHOLD": 40}}}}, got {own!r}.'
        )
    return read


def _value(where: str, checks: Mapping[str, Check], check: str, name: str, value: Any) -> float:
    if check not in checks:
        raise SettingsError(f"{where}: {unknown_name('check', check, checks)}")
    known = checks[check].thresholds.get(name)
    if known is None:
        near = unknown_name(f"threshold of {check}", name, checks[check].thresholds)
        raise SettingsError(f"{where}: {near}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SettingsError(f"{where}: {check}.{name} = {value!r} is not a number.")
    if not known.bounds.low <= value <= known.bounds.high:
        raise SettingsError(
            f"{where}: {check}.{name} = {value} is outside {known.bounds.low:g} to "
            f"{known.bounds.high:g}."
        )
    return float(value)
