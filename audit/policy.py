"""The policy in force: a dated pack of thresholds, with a person's own changes on top."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import resources
from typing import Any

from audit.checks.contract import Check, Threshold, load_checks
from audit.errors import SettingsError

DEFAULT_POLICY = "2025-06"

#: A person's own thresholds: check to threshold to value, or the same as JSON text.
OwnThresholds = Mapping[str, Mapping[str, float]] | str | None


@dataclass(frozen=True)
class Policy:
    """A pack's name and source, and every threshold that differs from its check's default."""

    name: str
    title: str
    source: str
    changed: Mapping[tuple[str, str], float]
    not_in_force: Mapping[str, str] = field(default_factory=dict)

    def in_force(self) -> dict[str, Check]:
        """The checks that this policy knows, by name."""
        return {n: check for n, check in load_checks().items() if n not in self.not_in_force}

    def thresholds(self, check: Check) -> dict[str, float]:
        """All thresholds of a check, in force."""
        return {
            name: self.changed.get((check.name, name), threshold.default)
            for name, threshold in check.thresholds.items()
        }


def policy_names() -> tuple[str, ...]:
    """Packs that ship with the toolkit, oldest first."""
    folder = resources.files("audit.policies")
    return tuple(
        sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))
    )


def load_policy(
    name: str,
    checks: Mapping[str, Check],
    own: OwnThresholds = None,
) -> Policy:
    """A pack, with ``own`` thresholds (check to name to value, or that as JSON) on top.

    Raises: SettingsError for an unknown pack, check or threshold (naming the nearest), or a
    value outside the threshold's bounds.
    """
    if name not in policy_names():
        raise SettingsError(_unknown("policy", name, policy_names()))
    text = (resources.files("audit.policies") / f"{name}.toml").read_text(encoding="utf-8")
    pack = tomllib.loads(text)
    changed: dict[tuple[str, str], float] = {}
    for check, entries in pack["thresholds"].items():
        for threshold, entry in entries.items():
            if not isinstance(entry, Mapping) or "value" not in entry or "source" not in entry:
                raise SettingsError(
                    f"policies/{name}.toml: {check}.{threshold} needs a value and its source."
                )
            changed[check, threshold] = _value(
                f"policies/{name}.toml", checks, check, threshold, entry["value"]
            )
    for check, values in own_thresholds(own).items():
        for threshold, value in values.items():
            changed[check, threshold] = _value("your thresholds", checks, check, threshold, value)
    return Policy(pack["name"], pack["title"], pack["source"], changed)


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
        raise SettingsError(f"{where}: {_unknown('check', check, checks)}")
    known: Threshold | None = checks[check].thresholds.get(name)
    if known is None:
        raise SettingsError(
            f"{where}: {_unknown(f'threshold of {check}', name, checks[check].thresholds)}"
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SettingsError(f"{where}: {check}.{name} = {value!r} is not a number.")
    if not known.bounds.low <= value <= known.bounds.high:
        raise SettingsError(
            f"{where}: {check}.{name} = {value} is outside {known.bounds.low:g} to "
            f"{known.bounds.high:g}."
        )
    return float(value)


def _unknown(what: str, name: str, known: Any) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.3)
    hint = f" Nearest: {near[0]}." if near else ""
    return f"No {what} {name!r}.{hint} Known: {', '.join(known) or 'none'}."
