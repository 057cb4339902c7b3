"""Rows out of one cell or one row: the fields of a CRM's account, the counters of a usage report.

Field names and values stay as the CRM writes them; ``audit.lifecycle`` reads them.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from audit.sources.files.mapping import Mapping as FileMapping
from audit.sources.files.values import BadValueError, count, identifier, known_counter, text

Columns = dict[str, list[Any]]
#: Raises the error that names the cell.
Refuse = Callable[[Any, str, str], Exception]

TRAITS = "traits"
KEY_ROLES = "keyRoles"


def field_rows(
    mapping: FileMapping,
    headers: Sequence[str],
    cells: Sequence[Sequence[Any]],
    base: Columns,
    places: Sequence[str],
    refuse: Refuse,
) -> tuple[Columns, list[str]]:
    """A row for each field of each account that holds something.

    A field that rules read has its row even when it holds nothing: nobody in charge is an answer.
    """
    name_column = mapping.unpivot_headers or ""
    out: Columns = {name: [] for name in (*base, name_column, mapping.unpivot_value)}
    out_places: list[str] = []
    for row, place in enumerate(places):
        seen: set[str] = set()
        for header, column in zip(headers, cells, strict=True):
            for name, held in fields_of(header, column[row]):
                try:
                    value = written(held)
                except BadValueError as error:
                    raise refuse(held, place, str(error)) from None
                if name in seen or (value is None and not mapping.is_telltale(name)):
                    continue
                seen.add(name)
                for known, values in base.items():
                    out[known].append(values[row])
                out[name_column].append(name)
                out[mapping.unpivot_value].append(value)
                out_places.append(place)
    return out, out_places


def fields_of(header: str, held: Any) -> Iterator[tuple[str, Any]]:
    """One field, or those inside an object of traits or a list of roles."""
    if header == TRAITS and isinstance(held, Mapping):
        for name, value in held.items():
            yield f"{TRAITS}.{name}", value
    elif header == KEY_ROLES and isinstance(held, list):
        for one in held:
            role = one.get("keyRole") if isinstance(one, Mapping) else None
            person = one.get("vitallyUser") if isinstance(one, Mapping) else None
            if isinstance(role, str) and isinstance(person, Mapping):
                yield role, person.get("name") or person.get("email")
    else:
        yield header, held


def written(held: Any) -> str | None:
    """The value as text; blank is nothing."""
    if isinstance(held, bool):
        return str(held).lower()
    if isinstance(held, Mapping | list):
        return json.dumps(held, ensure_ascii=False, default=str) if held else None
    if isinstance(held, int | float | Decimal):
        return identifier(held)
    value = text(held)
    return value if value and value.strip() else None


def counter_rows(base: Columns, places: Sequence[str], refuse: Refuse) -> tuple[Columns, list[str]]:
    """A row for each counter of each report, by project where the report tells projects apart.

    What is no usage counter is left out; a counter that is no whole number is refused.
    """
    kept = [name for name in base if name != "report"]
    out: Columns = {name: [] for name in kept}
    out |= {name: [] for name in ("project_id", "usage_type", "quantity")}
    out_places: list[str] = []
    for row, (report, place) in enumerate(zip(base["report"], places, strict=True)):
        for project, name, held in _counters(report or {}):
            usage_type = known_counter(str(name))
            if usage_type is None:
                continue
            try:
                quantity = count(held)
            except BadValueError as error:
                raise refuse(held, place, f"({name}) {error}") from None
            if quantity is None:
                continue
            for known in kept:
                if known != "project_id":
                    out[known].append(base[known][row])
            out["project_id"].append(project or base.get("project_id", {row: None})[row])
            out["usage_type"].append(usage_type)
            out["quantity"].append(quantity)
            out_places.append(place)
    return out, out_places


def _counters(report: Mapping[str, Any]) -> Iterator[tuple[str | None, str, Any]]:
    teams = report.get("teams")
    if isinstance(teams, Mapping) and teams:
        for project, counters in teams.items():
            if isinstance(counters, Mapping):
                for name, held in counters.items():
                    yield str(project), name, held
        return
    for name, held in report.items():
        yield None, name, held
