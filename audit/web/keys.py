"""How the key to each system is found: reading and writing have keys of their own, from the
environment or the keyring.
"""

from dataclasses import dataclass

from audit.errors import SettingsError
from audit.web.key import KEYRING_SERVICE, Key, found


@dataclass(frozen=True)
class KeyPlace:
    """Where one key is found. ``prefix``: what such a key begins with, where that is known."""

    title: str
    variable: str
    user: str
    make: str
    prefix: tuple[str, ...] = ()

    @property
    def how_to(self) -> str:
        return (
            f"{self.make}, then `export {self.variable}=...` or "
            f"`keyring set {KEYRING_SERVICE} {self.user}`."
        )


VITALLY = "Make one in Vitally under Settings > Integrations > Vitally REST API"
READ: dict[str, KeyPlace] = {
    "vitally": KeyPlace("Vitally", "VITALLY_API_KEY", "vitally", VITALLY),
    "metabase": KeyPlace(
        "Metabase",
        "METABASE_API_KEY",
        "metabase",
        "Have an admin make one under Admin settings > Authentication > API keys",
    ),
    "metabase password": KeyPlace(
        "Metabase", "METABASE_PASSWORD", "metabase-password", "Take the password of your user"
    ),
    "stripe": KeyPlace(
        "Stripe",
        "STRIPE_RESTRICTED_KEY",
        "stripe",
        "Make a restricted key with read access only, under Developers > API keys",
        ("rk_",),
    ),
    "zendesk": KeyPlace(
        "Zendesk",
        "ZENDESK_API_TOKEN",
        "zendesk",
        "Make one under Admin Center > Apps and integrations > API tokens",
    ),
    "calendly": KeyPlace(
        "Calendly",
        "CALENDLY_TOKEN",
        "calendly",
        "Make a personal access token under Integrations > API and webhooks",
    ),
}
WRITE: dict[str, KeyPlace] = {
    "vitally": KeyPlace("Vitally", "VITALLY_WRITE_KEY", "vitally-write", VITALLY),
    "slack": KeyPlace(
        "Slack",
        "SLACK_BOT_TOKEN",
        "slack-write",
        "Make an internal app with chat:write and channels:history, and install it",
        ("xoxb-",),
    ),
}

#: Beginnings that tell whose key it is: one that was pasted in another's place is refused.
KINDS = {
    "phx_": ("PostHog", "a PostHog personal API key"),
    "phc_": ("PostHog", "a PostHog project key"),
    "rk_": ("Stripe", "a restricted Stripe key"),
    "sk_": ("Stripe", "a secret Stripe key"),
    "pk_": ("Stripe", "a public Stripe key"),
    "xoxb-": ("Slack", "a Slack bot token"),
    "xoxp-": ("Slack", "a Slack user token"),
    "xapp-": ("Slack", "a Slack app token"),
    "mb_": ("Metabase", "a Metabase API key"),
}


def key_of(place: KeyPlace) -> Key:
    """The key at a place.

    Raises: SettingsError when there is none, or it is plainly a key to something else.
    """
    value = found(place.variable, place.user)
    if not value:
        raise SettingsError(f"No key for {place.title}. {place.how_to}")
    return checked(place, value)


def checked(place: KeyPlace, value: str) -> Key:
    """A key, unless its beginning says that it belongs elsewhere. Raises: SettingsError."""
    stripped = value.strip()
    whose, kind = next(
        (told for start, told in KINDS.items() if stripped.startswith(start)),
        (place.title, "of another kind"),
    )
    fits = whose == place.title and (not place.prefix or stripped.startswith(place.prefix))
    if not fits:
        wanted = f"; one for {place.title} begins with {place.prefix[0]}" if place.prefix else ""
        raise SettingsError(f"The key in {place.variable} is {kind}{wanted}. {place.how_to}")
    return Key(value, place.variable, place.how_to)
