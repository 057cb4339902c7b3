"""The other systems: where each is, and what of it is used.

A system is used when ``audit.toml`` has a section for it, such as ``[systems.vitally]``. Keys are
never settings; see :mod:`audit.web.keys`.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

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
