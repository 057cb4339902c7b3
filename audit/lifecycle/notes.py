"""What could not be read of the CRM, in sentences a person can act on."""

from collections.abc import Mapping

import pandas as pd

#: Values and fields named before "and N more".
SHOWN = 5
LONGEST_VALUE = 60

_SAID: Mapping[str, str] = {
    "unknown_word": "{field} has the value {values}, a word no known vocabulary has. It is kept "
    "and shown; rules about the stage are not evaluated.",
    "unknown_segment": "{field} has {values}, which no rule knows.",
    "bad_number": "{field} is {values}, which is no number. Rules that need it are not evaluated.",
    "number_out_of_bounds": "{field} is {values}, which cannot be. Rules that need it are not "
    "evaluated.",
    "bad_day": "{field} is {values}, which is no day that can be read only one way (write it as "
    "2026-11-01). Rules that need it are not evaluated.",
    "bad_claim": "{field} is {values}, which is neither yes nor no. Rules that need it are not "
    "evaluated.",
    "two_values": "{field} is spelled in two ways with two values; {values} was not set last and "
    "does not count.",
    "two_stages": "{field} says {values}, and the pipeline another stage. The pipeline counts.",
    "field_not_read": "Fields that no rule reads are kept: {fields}.",
}


def sentences(unread: pd.DataFrame) -> list[tuple[str, str]]:
    """(kind, sentence) for the rows :func:`~audit.lifecycle.unknown_values` has of one
    organization; values are the CRM's own text."""
    out = []
    for kind, said in _SAID.items():
        rows = unread[unread["kind"] == kind]
        if kind == "field_not_read" and len(rows):
            out.append((kind, said.format(fields=_listed(rows["field"]))))
            continue
        for field, values in rows.groupby("field")["value"]:
            out.append((kind, said.format(field=field, values=_listed(values, quoted=True))))
    return out


def _listed(texts: "pd.Series[str]", *, quoted: bool = False) -> str:
    shown = [t if len(t) <= LONGEST_VALUE else t[:LONGEST_VALUE] + "..." for t in texts]
    named = [f"'{t}'" if quoted else t for t in shown[:SHOWN]]
    more = len(shown) - SHOWN
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")
