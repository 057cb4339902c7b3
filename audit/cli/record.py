"""``audit record`` and ``audit contact``: what was predicted, and who was told."""

from typing import TYPE_CHECKING, Annotated

import typer

from audit.cli import options
from audit.cli.output import counted, emit_json, note, progress, say
from audit.errors import InputError

if TYPE_CHECKING:
    from audit.ledger.records import Run

RECORD_EXAMPLES = """\b
Examples:
  audit record "Rowan Labs Oy" --by Ada
  audit record --all --by Ada --store many.duckdb

\b
Writes to the ledger what every finding is said to save, with its range. `audit verify` holds a
later pull to it. An audit of a day is recorded once; nothing on record ever changes."""

CONTACT_EXAMPLES = """\b
Examples:
  audit contact "Rowan Labs Oy" --sent --by Ada
  audit contact "Rowan Labs Oy" --answered --by Ada --on 2026-11-20 --note "they will try it"
  audit contact "Rowan Labs Oy" --noted --by Ada --note "asks for an invoice by mail"

\b
Writes down that you wrote to an account, that it answered, or a note. This sends nothing. What is
fixed without an answer is told apart by `audit verify`; the dashboard shows all of it."""

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does it.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(short_help="Put what an audit predicts on record.", epilog=RECORD_EXAMPLES)(record)
    app.command(short_help="Write down that an account was written to.", epilog=CONTACT_EXAMPLES)(
        contact
    )


def record(
    context: typer.Context,
    organization: options.Organization = "",
    everybody: Annotated[bool, typer.Option("--all", help="Every account of the store.")] = False,
    by: By = "",
    ledger: options.Ledger = "",
    store: options.Store = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    json: options.Json = False,
) -> None:
    """Audit accounts and put what they predict on record, to be verified later."""
    if bool(organization) == everybody:
        raise InputError("Name one organization, or pass --all; one of the two.")
    if not by:
        raise InputError("Say who records it: --by NAME.")
    settings = options.settings(context)
    day = options.day(as_of)
    from audit.ledger.book import Book
    from audit.open import load_account
    from audit.verify.reviewing import organizations, record

    path = store or settings.store
    wanted = (
        organizations(path)
        if everybody
        else [load_account(organization, store=path).organization_id]
    )
    asked = {
        "policy": policy or settings.policy,
        "as_of": day,
        "lookback_days": settings.lookback_days if lookback_days is None else lookback_days,
        "thresholds": settings.thresholds,
        "suppressions": options.decided(settings, ledger),
    }
    book = Book(options.ledger_of(settings, ledger))
    with progress("record") as step:
        done, left = record(path, book, wanted, by=by, on=options.today(), asked=asked, told=step)
    if json:
        emit_json(
            {
                "recorded": [_plain(run, count) for run, count in done],
                "left_out": [{"organization": name, "reason": why} for name, why in left],
            }
        )
        return
    predictions = sum(count for _, count in done)
    say(
        f"{counted(predictions, 'prediction')} of {counted(len(done), 'account')} are in "
        f"{book.address}."
    )
    for name, why in left:
        note(f"Not {name}: {why}")


def contact(
    context: typer.Context,
    organization: options.Organization = "",
    drafted: Annotated[bool, typer.Option("--drafted", help="A message was written.")] = False,
    sent: Annotated[bool, typer.Option("--sent", help="It was sent, by a person.")] = False,
    answered: Annotated[bool, typer.Option("--answered", help="The account answered.")] = False,
    noted: Annotated[bool, typer.Option("--noted", help="A --note alone.")] = False,
    by: By = "",
    on: Annotated[
        str, typer.Option("--on", metavar="YYYY-MM-DD", help="The day. Default: today in UTC.")
    ] = "",
    remark: Annotated[str, typer.Option("--note", metavar="TEXT", help="A remark.")] = "",
    ledger: options.Ledger = "",
    store: options.Store = "",
    json: options.Json = False,
) -> None:
    """Write down that you wrote to an account, or that it answered."""
    if drafted + sent + answered + noted != 1:
        raise InputError(
            "Say what happened: --drafted, --sent, --answered or --noted; one of them."
        )
    if noted and not remark.strip():
        raise InputError("Say what is to be noted: --note TEXT.")
    if not organization:
        raise InputError("Name the organization, by its id or exact name.")
    settings = options.settings(context)
    day = options.day(on, "--on") or options.today()
    from audit.ledger.book import Book
    from audit.ledger.records import Contact, Contacted
    from audit.open import load_account

    states = {
        Contacted.DRAFTED: drafted,
        Contacted.SENT: sent,
        Contacted.ANSWERED: answered,
        Contacted.NOTED: noted,
    }
    state = next(one for one, is_it in states.items() if is_it)
    loaded = load_account(organization, store=store or settings.store)
    book = Book(options.ledger_of(settings, ledger))
    written = book.contact(Contact(loaded.organization_id, state, day, by, remark))
    if json:
        emit_json(
            {
                "id": written.id,
                "organization_id": written.organization_id,
                "state": written.state.value,
                "on": written.on.isoformat(),
                "by": written.by,
                "note": written.note,
            }
        )
    else:
        say(f"Written: {loaded.name}, {state.value} on {day} by {written.by}.")


def _plain(run: "Run", predictions: int) -> dict[str, object]:
    return {
        "run": run.id,
        "organization_id": run.organization_id,
        "as_of": run.as_of.isoformat(),
        "bill_usd": f"{run.bill:.2f}",
        "joint_saving_usd": f"{run.joint_saving:.2f}",
        "predictions": predictions,
    }
