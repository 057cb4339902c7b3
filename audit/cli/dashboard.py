"""``audit dashboard``: the team's shared page."""

from pathlib import Path
from typing import Annotated

import typer

from audit.cli import options
from audit.cli.output import note
from audit.errors import InputError

EXAMPLES = """\b
Examples:
  audit dashboard
  audit dashboard --store audit.duckdb --port 9000 --name "Ada Lovelace"
  audit dashboard --share --address 0.0.0.0 --token-file tokens.txt --specialist "Ada Lovelace"
  audit dashboard --share --proxy-user-header X-Forwarded-User --base-url /audit/

\b
It listens on this machine only, unless shared. Then everybody signs in: with a token of their
own, or at a proxy in front. See docs/dashboard.md."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="Serve the team's dashboard (Voila).", epilog=EXAMPLES)(dashboard)


def dashboard(
    context: typer.Context,
    store: options.Store = "",
    port: Annotated[int, typer.Option(help="Where it listens.")] = 8866,
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    audience: Annotated[
        str,
        typer.Option("--audience", "--for", help="Whose findings are shown: team or customer."),
    ] = "team",
    ledger: options.Ledger = "",
    name: Annotated[
        str,
        typer.Option(help="Your name, kept with decisions you take on this machine."),
    ] = "",
    open_browser: Annotated[bool, typer.Option("--open", help="Open a browser as well.")] = False,
    share: Annotated[
        bool, typer.Option("--share", help="Let others than this machine in, signed in.")
    ] = False,
    address: Annotated[
        str, typer.Option(help="Address to listen on; another than 127.0.0.1 takes --share.")
    ] = "127.0.0.1",
    token_file: Annotated[
        str,
        typer.Option(
            metavar="FILE", help="A line for each person: a secret token, a space, their name."
        ),
    ] = "",
    proxy_user_header: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Header in which a proxy that signs people in names them."
        ),
    ] = "",
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS", help="Where that proxy is; may be repeated. Default: this machine."
        ),
    ] = None,
    specialist: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Who may suppress findings; may be repeated."),
    ] = None,
    base_url: Annotated[
        str, typer.Option(help="Path below which a proxy has it, such as /audit/.")
    ] = "/",
    visitors: Annotated[int, typer.Option(min=1, help="At most so many at once.")] = 40,
    memory: Annotated[
        int, typer.Option(min=128, metavar="MB", help="Most memory of one visitor or account.")
    ] = 512,
    idle: Annotated[
        int,
        typer.Option(min=5, metavar="SECONDS", help="A closed page's process ends after so long."),
    ] = 120,
    ahead: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="N",
            help="Accounts from the top of the queue that are audited while nobody asks anything, "
            "so that they open at once.",
        ),
    ] = 1000,
) -> None:
    """Serve the portfolio, every account, scenarios and the savings review as a web page."""
    settings = options.settings(context)
    try:
        from audit.dashboard.board import Rules
        from audit.dashboard.identity import Access
        from audit.dashboard.limits import Limits
        from audit.dashboard.server import Plan, serve
    except ModuleNotFoundError as error:
        raise InputError(
            f"The dashboard needs {error.name}, which is not installed. "
            "Install it with `pip install 'account-audit[dashboard]'`."
        ) from None
    if not base_url.startswith("/") or not base_url.endswith("/"):
        raise InputError(f"--base-url is a path such as /audit/, got {base_url!r}.")
    if settings.thresholds:
        import json

        thresholds = json.dumps(settings.thresholds)
    else:
        thresholds = ""
    access = Access(
        shared=share,
        tokens=_tokens(token_file),
        user_header=proxy_user_header,
        proxies=tuple(proxy or ("127.0.0.1", "::1")),
        specialists=frozenset(specialist or ()),
        name=name.strip(),
    )
    day = options.day(as_of)
    plan = Plan(
        store=Path(store or settings.store).absolute(),
        rules=Rules(
            policy=policy or settings.policy,
            as_of=day.isoformat() if day else "",
            lookback_days=lookback_days or settings.lookback_days,
            thresholds=thresholds,
        ),
        audience=audience,
        ledger=_ledger(ledger or settings.ledger),
        port=port,
        address=address,
        base_url=base_url,
        access=access,
        limits=Limits(visitors=visitors, memory_mb=memory, ahead=ahead),
        idle_seconds=idle,
        opens_browser=open_browser,
    )
    serve(plan, lambda said: note(f"dashboard: {said}"))


def _tokens(file: str) -> dict[str, str]:
    """Secret to name. Raises: InputError, which never quotes a secret."""
    if not file:
        return {}
    path = Path(file)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read as a file of tokens: {error}.") from error
    if path.stat().st_mode & 0o077:
        raise InputError(f"{file} can be read by others on this machine: `chmod 600 {file}`.")
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        token, _, person = line.strip().partition(" ")
        if not person.strip():
            raise InputError(f"{file}, line {number}: a token, a space, and whose it is.")
        found[token] = person.strip()
    if not found:
        raise InputError(f"{file} has no token. Write a line for each person: token, space, name.")
    return found


def _ledger(place: str) -> str:
    from audit.ledger.address import is_url

    return place if is_url(place) else str(Path(place).absolute())
