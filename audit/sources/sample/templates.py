"""How a thing that some projects have becomes rows of the table ``resources``."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.sources.sample.draws import Integers, Truths
from audit.sources.sample.frames import days, text
from audit.sources.sample.plan import Plan
from audit.sources.sample.vocabulary import EVENTS, THEME_SIZE, THEMES

#: An organization's own events that its projects send.
OWN_EVENTS = 4

#: Event names that a resource may refer to: one, or all of an organization's own.
REFERENCES = (
    *(json.dumps([event]) for event in EVENTS),
    *(
        json.dumps([theme[(first + which) % THEME_SIZE] for which in range(OWN_EVENTS)])
        for theme in THEMES
        for first in range(THEME_SIZE)
    ),
)

Codes = Integers | int


@dataclass(frozen=True)
class Template:
    """One thing that some projects have. Ages are days before ``as_of``, by organization.

    ``details``: values of the organization of a row, or None.
    """

    kind: str
    name: str
    state: str
    mask: Truths
    refers: Codes
    details: tuple[tuple[str, Any], ...] = ()
    made: Integers | None = None
    changed: Integers | None = None


def made(
    plan: Plan,
    templates: list[Template],
    ids: npt.NDArray[np.object_],
    project_ids: npt.NDArray[np.object_],
    as_of: date,
) -> pd.DataFrame:
    """The rows of all templates, by organization and project."""
    places = [np.nonzero(t.mask & plan.present) for t in templates]
    organization = np.concatenate([place[0] for place in places])
    kind = np.concatenate([place[1] for place in places])
    template = np.repeat(np.arange(len(templates)), [len(place[0]) for place in places])
    order = np.lexsort((template, kind, organization))
    organization, kind, template = organization[order], kind[order], template[order]
    age = _age(plan, templates)

    def of(values: list[Any]) -> npt.NDArray[Any]:
        return np.stack([np.broadcast_to(v, (plan.size,)) for v in values])[template, organization]

    old = [age[:, place] for place in range(len(templates))]
    born = of([31 + a if t.made is None else t.made for t, a in zip(templates, old, strict=True)])
    changed = of(
        [
            1 + a // 4 if t.changed is None else t.changed
            for t, a in zip(templates, old, strict=True)
        ]
    )
    states = sorted({t.state for t in templates})
    never = np.array([t.state == "inactive" for t in templates])[template]
    used = age[organization, template] % 7
    return pd.DataFrame(
        {
            "organization_id": text(ids, organization),
            "project_id": text(project_ids[organization, kind], np.arange(len(kind))),
            "kind": text([t.kind for t in templates], template),
            "resource_id": text([str(100 + n) for n in range(len(templates))], template),
            "name": text([t.name for t in templates], template),
            "state": text(states, np.array([states.index(t.state) for t in templates])[template]),
            "created_at": days(as_of, -born),
            "updated_at": days(as_of, -np.minimum(changed, born)),
            "last_used_at": days(as_of, -1 - used).mask(never),
            "refers_to": text(REFERENCES, of([t.refers for t in templates])),
            "details": _details(templates, template, organization),
        }
    )


def _age(plan: Plan, templates: list[Template]) -> Integers:
    """(organizations, templates): by name, so that a new template changes no older one."""
    draws = plan.draws
    return np.stack([draws.below(f"age of {t.kind} {t.name}", 300) for t in templates], axis=1)


def _details(templates: list[Template], template: Integers, organization: Integers) -> pd.Series:
    out: npt.NDArray[np.object_] = np.full(len(template), None, dtype=object)
    for place, one in enumerate(templates):
        if not one.details:
            continue
        rows = np.flatnonzero(template == place)
        keys = [key for key, _ in one.details]
        columns = [
            value[organization[rows]].tolist()
            if isinstance(value, np.ndarray)
            else [value] * len(rows)
            for _, value in one.details
        ]
        for row, values in zip(rows, zip(*columns, strict=True), strict=True):
            out[row] = json.dumps(dict(zip(keys, values, strict=True)))
    return pd.Series(out, dtype="str")
