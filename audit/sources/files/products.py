"""Product names that nobody knows: they are never priced, so nobody may miss that they are there.

The vendor may sell something new tomorrow, so a stranger among known names is kept and said; a
file of strangers alone has the wrong column, and is refused.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from audit.errors import InputError
from audit.sources.files.values import is_known_product, known_names, plain

SHOWN = 5
NEAR_ENOUGH = 0.6


def strangers(cells: Sequence[Any], places: Sequence[str]) -> dict[str, str]:
    """Every unknown name, with the place where it stands first."""
    first: dict[str, str] = {}
    for cell, place in zip(cells, places, strict=True):
        first.setdefault("" if cell is None else str(cell).strip(), place)
    return {name: place for name, place in first.items() if name and not is_known_product(name)}


def said(file: str, header: str, cells: Sequence[Any], places: Sequence[str]) -> str:
    """What to note of a file's unknown products, or nothing.

    Raises: InputError naming file, line and value when no name of the file is known.
    """
    unknown = strangers(cells, places)
    if not unknown:
        return ""
    if len(unknown) == len({str(cell).strip() for cell in cells if cell is not None} - {""}):
        name, place = next(iter(unknown.items()))
        others = "" if len(unknown) == 1 else f", nor are the other {len(unknown) - 1} names"
        raise InputError(
            f"{file}, {place}, column {header!r}: {name!r} is no product known here{others}."
            f"{_nearest(name)} `audit price --list` shows all products. Nothing was loaded."
        )
    listed = ", ".join(
        f"{name!r} ({place}{_nearest(name, short=True)})"
        for name, place in list(unknown.items())[:SHOWN]
    )
    more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
    return (
        f"{file} names products unknown here, whose usage never reaches the bill: {listed}{more}."
    )


def _nearest(name: str, *, short: bool = False) -> str:
    names = known_names()
    near = get_close_matches(plain(name), names, n=1, cutoff=NEAR_ENOUGH)
    if not near:
        return ""
    return f"; nearest {names[near[0]]!r}" if short else f" Nearest: {names[near[0]]!r}."
