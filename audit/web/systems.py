"""The other systems: where each is, what of it is used, and how its key is found.

A system is used when ``audit.toml`` has a section for it, such as ``[systems.vitally]``. Keys are
never settings: reading and writing have keys of their own, from the environment or the keyring.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from audit.errors import SettingsError
from audit.web.key import KEYRING_SERVICE, Key, found

#: A table of the warehouse as HogQL names it; nothing else may reach a query's text.
TableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*){0,2}$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Vitally(_Section):
    """The customer platform. ``url``: EU by default, https://SUBDOMAIN.rest.vitally.io for US."""

    url: str = "https://rest.vitally-eu.io"
    #: The trait that holds how far onboarding has come.
    pipeline_trait: str = "vitally.custom.onboardingPipeline"
    #: The trait that a playbook watches to make a lead for Sales, and what it waits for.
    lead_trait: str = ""
    lead_value: str = "true"


class Metabase(_Section):
    """Dashboards take an organization; cards are read for all of them at once. ``user``: log in
    with METABASE_PASSWORD instead of an API key."""

    url: str
    dashboards: tuple[int, ...] = (139,)
    cards: tuple[int, ...] = ()
    user: str = ""


class Stripe(_Section):
    """Invoices of so many months; ``previews`` asks for the bill so far of every subscription."""

    url: str = "https://api.stripe.com"
    months: int = Field(13, ge=1, le=60)
    previews: bool = True


class Zendesk(_Section):
    """``email`` belongs to the API token."""

    url: str
    email: str


class Calendly(_Section):
    """Meetings of the whole team of whoever made the token."""

    url: str = "https://api.calendly.com"


class Warehouse(_Section):
    """A PostHog project with mirrors of billing and the CRM. An empty table name is not read."""

    host: str = "us"
    project_id: str = "2"
    customers: TableName | Annotated[str, StringConstraints(max_length=0)] = (
        "postgres.prod.billing_customer"
    )
    invoices: TableName | Annotated[str, StringConstraints(max_length=0)] = (
        "postgres.prod.billing_invoice"
    )
    upcoming: TableName | Annotated[str, StringConstraints(max_length=0)] = (
        "postgres.prod.billing_upcominginvoice"
    )
    usage: TableName | Annotated[str, StringConstraints(max_length=0)] = (
        "postgres.prod.billing_usagereport"
    )
    accounts: TableName | Annotated[str, StringConstraints(max_length=0)] = "vitally_accounts"


class Slack(_Section):
    """``channel``: the internal one that messages go to, by its id."""

    url: str = "https://slack.com"
    channel: str = Field("", pattern=r"^([CG][A-Z0-9]{2,})?$")


class Systems(_Section):
    """All of them; None is not used."""

    vitally: Vitally | None = None
    metabase: Metabase | None = None
    stripe: Stripe | None = None
    zendesk: Zendesk | None = None
    calendly: Calendly | None = None
    warehouse: Warehouse | None = None
    slack: Slack | None = None


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
    "phx_": "a PostHog personal API key",
    "phc_": "a PostHog project key",
    "rk_": "a restricted Stripe key",
    "sk_": "a secret Stripe key",
    "pk_": "a public Stripe key",
    "xoxb-": "a Slack bot token",
    "xoxp-": "a Slack user token",
    "xapp-": "a Slack app token",
    "mb_": "a Metabase API key",
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
    kind = next((what for start, what in KINDS.items() if stripped.startswith(start)), None)
    fits = stripped.startswith(place.prefix) if place.prefix else kind is None
    if place.title == "Metabase" and stripped.startswith("mb_"):
        fits = True
    if not fits:
        wanted = f"; one for {place.title} begins with {place.prefix[0]}" if place.prefix else ""
        raise SettingsError(
            f"The key in {place.variable} is {kind or 'of another kind'}{wanted}. {place.how_to}"
        )
    return Key(value, place.variable, place.how_to)
