"""Every error this project raises on purpose; anything else that escapes is a bug.

The command turns them into one line and an exit code (``exit_code``); the library never
prints. A message says what, where, and what to do, with the offending value.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class AuditError(Exception):
    """The base of all errors a caller may want to catch."""

    exit_code = 2


class InputError(AuditError):
    """What the caller passed cannot be used: an unknown name, a bad date, a bad quantity."""


class SettingsError(AuditError):
    """``audit.toml``, the environment or a policy pack says something impossible."""


class TableError(AuditError):
    """A row on its way into the canonical tables breaks their rules."""


class PriceError(AuditError):
    """No price is known for a product on a day, or a price list is malformed."""


class StoreError(AuditError):
    """The store file is missing, unreadable, or of another version."""


class SourceError(AuditError):
    """A vendor or an export could not be read; nothing was published."""

    exit_code = 4


class RunError(AuditError):
    """A notebook run failed; what was executed so far is saved first."""

    exit_code = 4


def unknown_name(what: str, name: str, known: Iterable[str]) -> str:
    """The message for a name that is none, with the nearest one.

    >>> unknown_name("day", "mond", ["monday", "tuesday"])
    "No day 'mond'. Nearest: monday. Known: monday, tuesday."
    """
    names = [str(one) for one in known]
    near = get_close_matches(name, names, n=1, cutoff=0.3)
    hint = f" Nearest: {near[0]}." if near else ""
    return f"No {what} {name!r}.{hint} Known: {', '.join(names) or 'none'}."
