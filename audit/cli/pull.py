"""``audit pull``: from PostHog, or with ``--systems`` and ``--portfolio`` from all around it."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.cli import options
from audit.cli.output import counted, note, progress
from audit.cli.sources import published
from audit.errors import InputError

if TYPE_CHECKING:
    from audit.settings import Settings
    from audit.sources.systems import Who

#: Of a pull that did not read every system; what it read is published.
SOME_FAILED = 4


PULL_EXAMPLES = """\b
Examples:
  audit pull --current
  audit pull 0189c2f4-7f3e-0000-1c35-6b1a8a8bd5d0 --host eu
  audit pull --current --host https://posthog.example.com --lookback-days 14 --verbose
  audit pull --portfolio --store many.duckdb
  audit pull 0189c2f4-7f3e-0000-1c35-6b1a8a8bd5d0 --systems

\b
--systems reads Vitally, Metabase, Stripe, Zendesk, Calendly and the warehouse, those of them that
audit.toml has a section for (docs/systems.md), and adds to what the store has; --portfolio does so
for every organization they know. A pull that was broken off goes on where it stopped.

\b
The key is a personal API key in POSTHOG_PERSONAL_API_KEY, or in the keyring
(keyring set account-audit posthog). `audit doctor` says which scopes it lacks."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="Read one organization from PostHog.", epilog=PULL_EXAMPLES)(pull)


def pull(
    context: typer.Context,
    organization: Annotated[
        str, typer.Argument(metavar="[ORGANIZATION]", help="Organization id.")
    ] = "",
    current: Annotated[
        bool, typer.Option("--current", help="The organization the key's owner is in now.")
    ] = False,
    host: Annotated[
        str, typer.Option(help="us, eu or https://... Default: audit.toml, AUDIT_HOST or us.")
    ] = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    history_days: Annotated[
        int | None,
        typer.Option(metavar="DAYS", help="Days of daily usage. Default: 120, or what is audited."),
    ] = None,
    portfolio: Annotated[
        bool, typer.Option("--portfolio", help="All organizations, from the other systems.")
    ] = False,
    systems: Annotated[
        bool, typer.Option("--systems", help="The organization, from the other systems.")
    ] = False,
    store: options.Store = "",
    verbose: options.Verbose = False,
    json: options.Json = False,
) -> int:
    """Read one organization from PostHog with your personal API key, into the store."""
    settings = options.settings(context)
    if portfolio or systems:
        return _from_systems(
            settings,
            organization,
            whole=portfolio,
            also=current or bool(host),
            day=options.day(as_of) or options.today(),
            lookback_days=settings.lookback_days if lookback_days is None else lookback_days,
            history_days=history_days,
            store=store,
            verbose=verbose,
            json=json,
        )
    if bool(organization) == current:
        raise InputError("Name one organization by its id, or pass --current; one of the two.")
    day = options.day(as_of) or options.today()
    from audit.sources.posthog import pull as pulled
    from audit.store import publish

    path = store or settings.store
    given: dict[str, Any] = {} if history_days is None else {"history_days": history_days}
    with progress("pull") as step:
        tables = pulled(
            organization or None,
            host=host or settings.host,
            as_of=day,
            lookback_days=settings.lookback_days if lookback_days is None else lookback_days,
            progress=step,
            **given,
        )
        step(f"writing {path}")
        publish(path, tables)
    published(path, tables, again=options.again(store), json=json, verbose=verbose)
    return 0


def _from_systems(
    settings: "Settings",
    organization: str,
    *,
    whole: bool,
    also: bool,
    day: date,
    lookback_days: int,
    history_days: int | None,
    store: str,
    verbose: bool,
    json: bool,
) -> int:
    """Read all configured systems into the store; the exit code."""
    if also:
        raise InputError(
            "--current and --host are of a pull from PostHog itself. The warehouse's host stands "
            "under systems.warehouse in audit.toml."
        )
    if whole == bool(organization):
        raise InputError("Name one organization with --systems, or none with --portfolio.")
    from audit.sources.systems import forget, pull_systems
    from audit.store import publish

    path = store or settings.store
    kept = Path(f"{path}.pulling")
    with progress("pull") as step:
        pulled = pull_systems(
            settings.systems,
            as_of=day,
            lookback_days=lookback_days,
            who=None if whole else _who(organization, path),
            store=path,
            kept=kept,
            progress=step,
            # Of thousands of organizations only what is audited, unless more is asked for.
            history_days=lookback_days if history_days is None else history_days,
        )
        step(f"writing {path}")
        publish(path, pulled.tables, merge=True)
    if not pulled.failed:
        forget(kept)
    published(path, pulled.tables, again=options.again(store), json=json, verbose=verbose)
    if not json:
        asked = sum(pulled.requests.values())
        note(f"{counted(asked, 'request')} to {', '.join(pulled.systems)}.")
        for remark in pulled.remarks:
            note(remark)
    for name, reason in pulled.failed.items():
        note(f"Not read: {name}. {reason} What it said before stays; pull again to add it.")
    return SOME_FAILED if pulled.failed else 0


def _who(organization: str, path: str) -> "Who":
    """The organization with its billing customer and its people, where the store knows them."""
    from audit.sources.systems import Who

    if not Path(path).exists():
        return Who(organization)
    from audit.store import Store

    with Store.open(path) as opened:
        try:
            identity = opened.organization_id(organization)
        except InputError:
            return Who(organization)
        account = opened.account(identity)
    customer = account["organizations"]["customer_id"].dropna()
    emails = account["members"]["email"].dropna()
    return Who(
        identity,
        str(customer.iloc[0]) if len(customer) else "",
        tuple(sorted(str(one) for one in emails)),
    )
