"""The personal API key of whoever pulls from PostHog."""

from audit.errors import SettingsError
from audit.web.key import KEYRING_SERVICE, found
from audit.web.key import Key as AnyKey

VARIABLE = "POSTHOG_PERSONAL_API_KEY"
KEYRING_USER = "posthog"
PROJECT_KEY_PREFIX = "phc_"

HOW_TO = (
    "Make one in PostHog under Settings > Personal API keys, then either "
    f"`export {VARIABLE}=...` or `keyring set {KEYRING_SERVICE} {KEYRING_USER}`."
)


class Key(AnyKey):
    """A personal API key; a project key is refused."""

    __slots__ = ()

    def __init__(self, value: str) -> None:
        if value.strip().startswith(PROJECT_KEY_PREFIX):
            raise SettingsError(
                f"The key in {VARIABLE} starts with {PROJECT_KEY_PREFIX}: that is a project key, "
                f"which can only send events. {HOW_TO}"
            )
        super().__init__(value, VARIABLE, HOW_TO)


def api_key() -> Key:
    """The key of this user.

    Raises: SettingsError when there is none, or it cannot be a personal API key.
    """
    value = found(VARIABLE, KEYRING_USER)
    if not value:
        raise SettingsError(f"No PostHog personal API key. {HOW_TO}")
    return Key(value)
