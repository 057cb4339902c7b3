"""The personal API key: read from the environment or keyring, never shown.

There is no parameter, setting or notebook cell for it. ``str``, ``repr``, ``format`` and
pickling give it away to nobody; only the HTTP client asks for :meth:`Key.reveal`.
"""

import os
from typing import NoReturn

import keyring
from keyring.errors import KeyringError

from audit.errors import SettingsError

VARIABLE = "POSTHOG_PERSONAL_API_KEY"
KEYRING_SERVICE = "account-audit"
KEYRING_USER = "posthog"
PROJECT_KEY_PREFIX = "phc_"

HOW_TO = (
    "Make one in PostHog under Settings > Personal API keys, then either "
    f"`export {VARIABLE}=...` or `keyring set {KEYRING_SERVICE} {KEYRING_USER}`."
)


class Key:
    """A personal API key that prints as ``***``.

    >>> f"{Key('phx_secret')} {Key('phx_secret')!r}"
    '*** ***'
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = _usable(value)

    def reveal(self) -> str:
        """The key itself, for the Authorization header and nothing else."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key does not travel in a pickle; let the other process read its own.")


def api_key() -> Key:
    """The key of this user.

    Raises: SettingsError when there is none, or it cannot be a personal API key.
    """
    value = os.environ.get(VARIABLE) or _from_keyring()
    if not value:
        raise SettingsError(f"No PostHog personal API key. {HOW_TO}")
    return Key(value)


def _from_keyring() -> str | None:
    try:
        value: str | None = keyring.get_password(KEYRING_SERVICE, KEYRING_USER)
    except KeyringError:
        # NoKeyringError on a machine without a desktop; a locked one counts as none too.
        return None
    return value


def _usable(value: str) -> str:
    value = value.strip()
    if value.startswith(PROJECT_KEY_PREFIX):
        raise SettingsError(
            f"The key in {VARIABLE} starts with {PROJECT_KEY_PREFIX}: that is a project key, "
            f"which can only send events. {HOW_TO}"
        )
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise SettingsError(
            f"The key in {VARIABLE} is empty or has spaces, line breaks or letters a key never "
            f"has; copy it again. {HOW_TO}"
        )
    return value
