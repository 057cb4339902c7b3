"""A key to another system: read from the environment or the keyring, never shown.

There is no parameter, setting or notebook cell for one. ``str``, ``repr``, ``format`` and
pickling give it away to nobody; only the HTTP client asks for :meth:`Key.reveal`.
"""

import os
from typing import NoReturn

import keyring
from keyring.errors import KeyringError

from audit.errors import SettingsError

KEYRING_SERVICE = "account-audit"


class Key:
    """A key that prints as ``***``. ``variable``: where it is read from, for messages.

    >>> f"{Key('phx_secret')} {Key('phx_secret')!r}"
    '*** ***'
    """

    __slots__ = ("_value",)

    def __init__(self, value: str, variable: str = "", how_to: str = "") -> None:
        value = value.strip()
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            raise SettingsError(
                f"The key{f' in {variable}' if variable else ''} is empty or has spaces, line "
                f"breaks or letters a key never has; copy it again. {how_to}".strip()
            )
        self._value = value

    def reveal(self) -> str:
        """The key itself, for the header of a request and nothing else."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key does not travel in a pickle; let the other process read its own.")


def found(variable: str, user: str) -> str | None:
    """What the environment holds, else the keyring under ``account-audit`` and ``user``."""
    return os.environ.get(variable) or _from_keyring(user)


def _from_keyring(user: str) -> str | None:
    try:
        value: str | None = keyring.get_password(KEYRING_SERVICE, user)
    except KeyringError:
        # NoKeyringError on a machine without a desktop; a locked one counts as none too.
        return None
    return value
