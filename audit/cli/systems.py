"""``audit pull --systems`` and ``--portfolio``: what the systems around the account say."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from audit.cli import options
from audit.cli.output import counted, note, progress
from audit.cli.sources import published
from audit.errors import InputError

if TYPE_CHECKING:
    from audit.settings import Settings
    from audit.sources.systems import Who

#: Of a pull that did not read every system; what it read is published.
SOME_FAILED = 4


def pull_from_systems(
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
