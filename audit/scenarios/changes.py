"""What may be different: the changes a scenario is made of, and how they are written down.

A scenario is plain values, so that a notebook's parameter, a file and a dashboard's sliders all
mean the same object.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from audit.errors import InputError, unknown_name

MONTHS = 12

#: Beyond these a slip of the keyboard is likelier than a plan.
MOST_GROWTH_PERCENT = 10_000.0
MOST_UNITS = 10**13


@dataclass(frozen=True)
class Growth:
    """Usage moves away from the forecast: by ``percent`` once ``over_months`` have passed, in equal
    steps of the logarithm. ``product``: one only, empty is all. -100 is none left, from
    ``from_month`` on."""

    kind: ClassVar[str] = "growth"
    percent: float
    product: str = ""
    over_months: int = MONTHS
    from_month: int = 1

    def __post_init__(self) -> None:
        _number("growth percent", self.percent, -100, MOST_GROWTH_PERCENT)
        _whole("over_months", self.over_months, 1, MONTHS)
        _month(self.from_month)


@dataclass(frozen=True)
class Sampling:
    """Recordings are sampled at ``rate`` (0 to 1 of all sessions). ``project``: one only.
    ``at_most``: a project that is sampled at less stays there."""

    kind: ClassVar[str] = "sampling"
    rate: float
    project: str = ""
    at_most: bool = False
    from_month: int = 1

    def __post_init__(self) -> None:
        _number("sampling rate", self.rate, 0, 1)
        _month(self.from_month)


@dataclass(frozen=True)
class AutocaptureOff:
    """Autocapture goes off. ``project``: in one only, empty is all."""

    kind: ClassVar[str] = "autocapture_off"
    project: str = ""
    from_month: int = 1

    def __post_init__(self) -> None:
        _month(self.from_month)


@dataclass(frozen=True)
class Less:
    """``percent`` of an event, everywhere it is billed, goes away. ``project``: in one only."""

    kind: ClassVar[str] = "less"
    event: str
    percent: float = 100.0
    project: str = ""
    from_month: int = 1

    def __post_init__(self) -> None:
        if not self.event:
            raise InputError("A change of the kind 'less' names the event that goes away.")
        _number("percent", self.percent, 0, 100)
        _month(self.from_month)


@dataclass(frozen=True)
class Add:
    """A product or add-on is added, at ``units`` a billing month, in the unit it is priced by
    (logs: GB). Of an add-on that counts events None is all there are in the scenario; of a package
    it is one."""

    kind: ClassVar[str] = "add"
    product: str
    units: int | None = None
    from_month: int = 1

    def __post_init__(self) -> None:
        if self.units is not None:
            _whole("units", self.units, 0, MOST_UNITS)
        _month(self.from_month)


@dataclass(frozen=True)
class Drop:
    """A product is used no more, or a package cancelled."""

    kind: ClassVar[str] = "drop"
    product: str
    from_month: int = 1

    def __post_init__(self) -> None:
        _month(self.from_month)


@dataclass(frozen=True)
class Prices:
    """The public price list of a day takes the place of today's. ``own_too``: also where the
    account has prices of its own."""

    kind: ClassVar[str] = "prices"
    on: date
    own_too: bool = False
    from_month: int = 1

    def __post_init__(self) -> None:
        _month(self.from_month)


@dataclass(frozen=True)
class Fixes:
    """Findings are fixed: those of ``ids``, or all open ones where there is none."""

    kind: ClassVar[str] = "fixes"
    ids: tuple[str, ...] = ()
    from_month: int = 1

    def __post_init__(self) -> None:
        _month(self.from_month)


@dataclass(frozen=True)
class Plan:
    """Prepaid credit of ``commitment_usd`` at list value from a month on, at the discount of the
    policy's rules for it. ``self_serve``: bought without Sales, released by the month; None is
    wherever the amount is below what Sales sells."""

    kind: ClassVar[str] = "plan"
    commitment_usd: float
    from_month: int = 1
    years: int = 1
    self_serve: bool | None = None

    def __post_init__(self) -> None:
        _number("commitment_usd", self.commitment_usd, 0.01, 10_000_000)
        _whole("years", self.years, 1, 10)
        _month(self.from_month)


Change = Growth | Sampling | AutocaptureOff | Less | Add | Drop | Prices | Fixes | Plan
KINDS: Mapping[str, type[Change]] = {
    one.kind: one
    for one in (Growth, Sampling, AutocaptureOff, Less, Add, Drop, Prices, Fixes, Plan)
}


@dataclass(frozen=True)
class Scenario:
    """A name and what is different. Months are counted from the next billing period, 1 to 12."""

    name: str
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        if not self.name:
            raise InputError("A scenario has a name, which its column of the comparison bears.")
        if sum(isinstance(change, Plan) for change in self.changes) > 1:
            raise InputError(f"The scenario {self.name!r} has two annual plans; it can have one.")
        rates = [
            (change.project, change.from_month)
            for change in self.changes
            if isinstance(change, Sampling)
        ]
        if len(set(rates)) < len(rates):
            raise InputError(
                f"The scenario {self.name!r} has two sampling rates of the same project from the "
                "same month on; give each its own from_month."
            )
        lists = [change.from_month for change in self.changes if isinstance(change, Prices)]
        if len(set(lists)) < len(lists):
            raise InputError(
                f"The scenario {self.name!r} has two price lists from the same month on; give each "
                "its own from_month."
            )

    def as_plain(self) -> dict[str, Any]:
        """Plain values that :func:`scenario` reads again."""
        return {"name": self.name, "changes": [_plain(change) for change in self.changes]}


def scenario(values: Mapping[str, Any]) -> Scenario:
    """A scenario from plain values: name, and changes with their ``kind``.

    >>> more = {"name": "More", "changes": [{"kind": "growth", "percent": 20}]}
    >>> scenario(more).changes[0].percent
    20

    Raises: InputError naming what is missing, unknown or out of bounds.
    """
    if not isinstance(values, Mapping) or not isinstance(values.get("name"), str):
        raise InputError('A scenario is an object like {"name": "More", "changes": [...]}.')
    changes = values.get("changes", [])
    extra = set(values) - {"name", "changes"}
    if extra or not isinstance(changes, Sequence) or isinstance(changes, str):
        raise InputError(f"A scenario has a name and a list of changes, nothing else: {values!r}.")
    return Scenario(values["name"], tuple(_change(one) for one in changes))


def scenarios(text: str) -> tuple[Scenario, ...]:
    """Scenarios from JSON text, or from the file it names (.json): a list, or one.

    Raises: InputError for what cannot be read, and for two of one name.
    """
    if not text.strip():
        return ()
    if text.lstrip()[0] not in "[{":
        path = Path(text)
        if not path.is_file():
            raise InputError(f"No file {text!r}, and it is no JSON of scenarios either.")
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"The scenarios in {str(path)!r} cannot be read: {error}.") from error
    try:
        read = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"The scenarios are not JSON: {error}.") from error
    found = tuple(scenario(one) for one in (read if isinstance(read, list) else [read]))
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise InputError("Two scenarios have the same name; the comparison tells them by it.")
    return found


def _change(values: Any) -> Change:
    if not isinstance(values, Mapping) or "kind" not in values:
        raise InputError(f"A change has a kind, one of {', '.join(KINDS)}: {values!r}.")
    kind = str(values["kind"])
    if kind not in KINDS:
        raise InputError(unknown_name("kind of change", kind, list(KINDS)))
    known = {field.name: field for field in fields(KINDS[kind])}
    given = {name: value for name, value in values.items() if name != "kind"}
    for name in given:
        if name not in known:
            raise InputError(unknown_name(f"value of {kind}", name, list(known)))
    missing = [n for n, f in known.items() if f.default is MISSING and n not in given]
    if missing:
        raise InputError(f"A change of the kind {kind!r} needs {', '.join(missing)}.")
    for name, value in given.items():
        if known[name].type is str and not isinstance(value, str):
            raise InputError(f"{name} of a change of the kind {kind!r} is text, got {value!r}.")
        is_bool = known[name].type in (bool, bool | None)
        is_left_open = known[name].type == bool | None and value is None
        if is_bool and not (isinstance(value, bool) or is_left_open):
            raise InputError(f"{name} of a change of the kind {kind!r} is true or false.")
    if "on" in given:
        given["on"] = _day(given["on"])
    if "ids" in given:
        if isinstance(given["ids"], str) or not isinstance(given["ids"], Sequence):
            raise InputError(
                f"ids of the kind {kind!r} is a list of findings, got {given['ids']!r}."
            )
        given["ids"] = tuple(str(one) for one in given["ids"])
    return KINDS[kind](**given)


def _plain(change: Change) -> dict[str, Any]:
    values = asdict(change)
    if isinstance(change, Prices):
        values["on"] = change.on.isoformat()
    if isinstance(change, Fixes):
        values["ids"] = list(change.ids)
    return {"kind": change.kind, **values}


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise InputError(f"The day of a price list is like 2026-01-01, got {value!r}.") from None


def _number(name: str, value: Any, low: float, high: float) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not low <= value <= high:
        raise InputError(f"{name} is a number from {low:,.10g} to {high:,.10g}, got {value!r}.")


def _whole(name: str, value: Any, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InputError(f"{name} is a whole number from {low:,} to {high:,}, got {value!r}.")


def _month(value: Any) -> None:
    _whole("from_month", value, 1, MONTHS)
