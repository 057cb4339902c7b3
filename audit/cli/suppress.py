"""``audit suppress``: the decision to live with a finding, and its end."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.cli import options
from audit.cli.output import (
    emit_json,
    note,
    product_name,
    say,
    usd,
)
from audit.errors import InputError, unknown_name

if TYPE_CHECKING:
    from audit.account import Account
    from audit.checks import Check
    from audit.ledger import Suppression
    from audit.ledger.storage import Ledger

EXAMPLES = """\b
Examples:
  audit suppress set_too_often --organization acme --owner Ada --reason why --until 2027-03-01
  audit suppress product_unused --organization acme --product logs --owner Ada --reason launch
    --until 2027-03-01 --up-to-usd 200
  audit suppress --lift 3 --owner Ada --reason "they fixed it"

\b
The finding stays in every list, marked, after the open ones; the joint saving is without it.
It is open again after the last day, or when its saving alone passes the cap."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="Decide to live with a finding, for a while.", epilog=EXAMPLES)(suppress)


def suppress(
    context: typer.Context,
    check: Annotated[
        str, typer.Argument(metavar="[CHECK]", help="Whose findings; `audit checks` lists them.")
    ] = "",
    organization: Annotated[str, typer.Option(help="Its id or exact name.")] = "",
    project: Annotated[str, typer.Option(help="Only in this project, by id or exact name.")] = "",
    product: Annotated[str, typer.Option(help="Only of this product, by its key.")] = "",
    reason: Annotated[str, typer.Option(help="Why it is accepted. Reports carry it.")] = "",
    owner: Annotated[str, typer.Option(help="Who answers for it.")] = "",
    until: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="The last day on which it holds.")
    ] = "",
    up_to_usd: Annotated[
        str,
        typer.Option(metavar="USD", help="Only while the saving alone is at most this a month."),
    ] = "",
    lift: Annotated[
        int | None, typer.Option(metavar="ID", help="End the suppression of this number.")
    ] = None,
    ledger: options.Ledger = "",
    account: options.AccountFile = "",
    store: options.Store = "",
    as_of: Annotated[
        str,
        typer.Option(metavar="YYYY-MM-DD", help="Day of the decision. Default: today in UTC."),
    ] = "",
    json: options.Json = False,
) -> None:
    """Suppress the findings of a check in one organization: with a reason, an owner, an end and,
    if you like, a cap in dollars. Or lift that again."""
    settings = options.settings(context)
    today = options.day(as_of) or options.today()
    from audit.ledger.storage import Ledger

    book = Ledger.at(ledger or settings.ledger)
    if lift is not None:
        _refuse_beside_lift(check, organization, project, product, until, up_to_usd)
        lifted = book.lift(lift, on=today, owner=owner, reason=reason)
        if json:
            emit_json(_written(lifted, book))
        else:
            say(f"Lifted on {today}: {_sentence(lifted)}")
        return
    from audit.ledger import suppression
    from audit.open import load_account

    known = _known_check(check)
    _ask_for(organization=organization or account, reason=reason, owner=owner, until=until)
    end = options.day(until, "--until")
    assert end is not None
    path = "" if account else store or settings.store
    loaded = load_account(organization, store=path, account=account)
    _refuse_wrong_place(known, project, product)
    wanted = suppression(
        check=known.name,
        organization_id=loaded.organization_id,
        project_id=_project_id(loaded, project),
        product=_known_product(loaded, product),
        reason=reason,
        owner=owner,
        until=end,
        on=today,
        up_to_usd=up_to_usd or None,
    )
    written = book.suppress(wanted)
    others = [
        one
        for one in book.suppressions(written.organization_id)
        if one.id != written.id and one.holds_on(today) and one.overlaps(written)
    ]
    if json:
        emit_json({**_written(written, book), "overlaps": [one.id for one in others]})
        return
    say(f"Written: {_sentence(written, loaded.name)}")
    for one in others:
        note(f"It overlaps {_sentence(one)} `audit suppress --lift {one.id}` ends that one.")


def place(one: "Suppression", name: str = "") -> str:
    where = f"{name} ({one.organization_id})" if name else one.organization_id
    if one.project_id:
        return f"{where}, project {one.project_id}"
    return f"{where}, {product_name(one.product)}" if one.product else where


def _sentence(one: "Suppression", name: str = "") -> str:
    most = (
        "" if one.up_to_usd is None else f", while its saving alone is at most {usd(one.up_to_usd)}"
    )
    return f"suppression {one.id}: {one.check} in {place(one, name)}, until {one.until}{most}."


def _written(one: "Suppression", book: "Ledger") -> dict[str, Any]:
    from audit.ledger import as_plain

    return {**as_plain(one), "ledger": str(book.address)}


def _known_check(name: str) -> "Check":
    from audit.checks import load_checks

    if not name:
        raise InputError("Name a check (`audit checks` lists them), or what to --lift.")
    if name not in load_checks():
        raise InputError(unknown_name("check", name, load_checks()))
    return load_checks()[name]


def _ask_for(**given: str) -> None:
    absent = [f"--{name}" for name, value in given.items() if not value.strip()]
    if absent:
        raise InputError(
            f"A suppression needs --organization, --reason, --owner and --until; missing: "
            f"{', '.join(absent)}. It says what is accepted, why, who answers for it and when it "
            "ends."
        )


def _refuse_beside_lift(*given: str) -> None:
    if any(given):
        raise InputError("--lift takes the number of a suppression, and --owner and --reason only.")


def _refuse_wrong_place(check: "Check", project: str, product: str) -> None:
    """Raises: InputError for a place in which the check never finds anything."""
    from audit.findings.suppressed import scope_named

    scope = scope_named(check)
    for given, option, kind in (
        (project, "--project", "project"),
        (product, "--product", "product"),
    ):
        if given and scope != kind:
            raise InputError(
                f"{check.name} finds its fault in {_KINDS[scope]}, so {option} {given!r} would "
                f"never match. Leave {option} out."
            )


_KINDS = {
    "organization": "the organization as a whole",
    "project": "projects",
    "product": "products",
}


def _project_id(account: "Account", wanted: str) -> str:
    if not wanted:
        return ""
    projects = account["projects"]
    ids = [str(one) for one in projects["project_id"]]
    if wanted in ids:
        return wanted
    named = [
        str(row.project_id)
        for row in projects.itertuples()
        if isinstance(row.name, str) and row.name == wanted
    ]
    if len(named) == 1:
        return named[0]
    if named:
        raise InputError(f"Projects {', '.join(named)} are named {wanted!r}. Use the id.")
    names = [str(name) for name in projects["name"] if isinstance(name, str) and name]
    raise InputError(unknown_name(f"project of {account.name}", wanted, [*ids, *names]))


def _known_product(account: "Account", wanted: str) -> str:
    from audit.pricing import Catalogue

    products = set(Catalogue.load().products) | set(account["subscriptions"]["product"])
    if wanted and wanted not in products:
        raise InputError(unknown_name("product", wanted, sorted(map(str, products))))
    return wanted
