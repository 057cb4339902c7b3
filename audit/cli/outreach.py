"""``audit draft`` and ``audit lint``: what to write to an account, and whether it may be sent."""

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.cli import options
from audit.cli.output import counted, emit_json, note, say
from audit.errors import InputError

if TYPE_CHECKING:
    from decimal import Decimal

    from audit.reports import RunResult

DRAFT_EXAMPLES = """\b
Examples:
  audit draft "Rowan Labs Oy"
  audit draft --report reports/2026-11-01/rowan-labs-oy-edf64921 --variant follow-up
  audit draft "Rowan Labs Oy" --exact --booking https://cal.example.com/ada --sender "Ada"

\b
Writes email.md to edit, email.html, email.eml (a mail program opens it as a draft) and notebook.md
into the folder outreach of the newest report, from its findings. Nothing is sent. The booking link
and the sender are settings too: booking_link and sender in audit.toml."""

LINT_EXAMPLES = """\b
Examples:
  audit lint reports/2026-11-01/rowan-labs-oy-edf64921/outreach/email.md
  audit lint my-mail.md --report reports/2026-11-01/rowan-labs-oy-edf64921

\b
Says line by line what keeps a text from being sent: banned phrases, dashes, more than one call to
action, too many recommendations, numbers and links that no finding has, sums that do not say that
they are estimates, discounts and causes without grounds, placeholders, and findings that have
changed since the draft. Exit code 1 when there is any."""

FOUND = 1

Report = Annotated[
    str, typer.Option("--report", metavar="FOLDER", help="A report's folder. Default: the newest.")
]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(short_help="Draft a message from a report.", epilog=DRAFT_EXAMPLES)(draft)
    app.command(short_help="Check a message before it is sent.", epilog=LINT_EXAMPLES)(lint)


def draft(
    context: typer.Context,
    organization: options.Organization = "",
    report: Report = "",
    variant: Annotated[
        str, typer.Option(help="first, follow-up or check-in; a later one repeats nothing.")
    ] = "first",
    exact: Annotated[
        bool, typer.Option("--exact", help="Sums to the cent, instead of two or three figures.")
    ] = False,
    booking: Annotated[
        str, typer.Option(metavar="URL", help="Where the customer picks a time.")
    ] = "",
    sender: Annotated[str, typer.Option(metavar="NAME", help="The name under it.")] = "",
    store: options.Store = "",
    reports: Annotated[
        str, typer.Option("--reports", metavar="FOLDER", help="Folder of reports.")
    ] = "",
    json: options.Json = False,
) -> int:
    """Draft a message to all admins and owners from the findings of a report."""
    settings = options.settings(context)
    from audit.account import Account
    from audit.errors import unknown_name
    from audit.outreach import Variant
    from audit.outreach import draft as drafted
    from audit.outreach.files import write
    from audit.reports import RunResult

    if variant not in list(Variant):
        raise InputError(unknown_name("variant", variant, list(Variant)))
    if bool(organization) == bool(report):
        raise InputError("Name an organization, or a report with --report.")
    folder = (
        RunResult(Path(report))
        if report
        else _newest(organization, store or settings.store, reports or settings.reports)
    )
    content, document = _findings(folder.folder)
    made = drafted(
        document,
        Account.load(folder.account),
        findings=content,
        variant=variant,
        exact=exact,
        booking=booking or settings.booking_link,
        sender=sender or settings.sender,
    )
    written = write(made, folder.folder / "outreach")
    if json:
        emit_json(
            {
                "files": [str(one) for one in written],
                "variant": made.variant.value,
                "subject": made.subject,
                "recipients": made.recipients,
                "missing": made.missing,
                "findings_sha256": made.made_from,
            }
        )
        return 0
    say(made.subject)
    for file in written:
        say(str(file))
    for gap in made.missing:
        note(f"draft: {gap}.")
    return 0


def lint(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A draft, or any text.")],
    report: Report = "",
    store: options.Store = "",
    json: options.Json = False,
) -> int:
    """Say what keeps a text from being sent to a customer."""
    settings = options.settings(context)
    from audit.outreach.lint import lint as check
    from audit.outreach.lint import quotes_discount

    path = Path(file)
    if path.suffix not in (".md", ".txt"):
        raise InputError(f"{path.name} is no text to check; name its email.md.")
    if not path.is_file():
        raise InputError(f"No file at {path}.")
    text = path.read_text(encoding="utf-8", errors="replace")
    folder = Path(report) if report else path.resolve().parent.parent
    content, document = _findings(folder)
    discounts = _discounts(store or settings.store, document) if quotes_discount(text) else ()
    found = check(text, document, findings=content, discounts=discounts)
    if json:
        emit_json([{"line": o.line, "rule": o.rule, "message": o.message} for o in found])
    else:
        for one in found:
            say(f"{path}:{one.line}: {one.message} ({one.rule})")
        say(f"{counted(len(found), 'problem')}." if found else "Nothing keeps it from being sent.")
    return FOUND if found else 0


def _discounts(store: str, document: dict[str, Any]) -> "tuple[Decimal, ...]":
    """The discount of an annual plan, where the account is known to be eligible for one. A
    customer's report does not tell; the store does."""
    from decimal import Decimal

    from audit.checks import load_checks
    from audit.errors import AuditError
    from audit.findings.examine import examine
    from audit.open import load_account
    from audit.policy import load_policy
    from audit.prepaid import rules_of
    from audit.prepaid.eligibility import eligibility
    from audit.prepaid.of_account import facts_of

    try:
        account = load_account(document["organization_id"], store=store)
    except AuditError as error:
        note(f"lint: whether a discount may be quoted is not known: {error}")
        return ()
    audit = examine(account, policy=document["policy"], as_of=document["as_of"], audience="team")
    policy = load_policy(document["policy"], load_checks())
    trace = eligibility(rules_of(policy, ""), facts_of(audit))
    note(f"lint: {trace.in_words}")
    percent = policy.value("contract.annual_saving_percent")
    return (Decimal(str(percent)),) if trace.holds and percent is not None else ()


def _newest(organization: str, store: str, reports: str) -> "RunResult":
    """The newest report of an organization. Raises: InputError where it has none."""
    from audit.reports import reports_of
    from audit.store import Store

    with Store.open(store) as opened:
        identity = opened.organization_id(organization)
    found = reports_of(identity, reports)
    if not found:
        raise InputError(
            f"{organization} has no report in {reports}. Make one with `audit run`, or name its "
            "folder with --report."
        )
    return found[max(found)]


def _findings(folder: Path) -> tuple[bytes, dict[str, Any]]:
    path = folder / "findings.json"
    try:
        content = path.read_bytes()
        return content, dict(json_module.loads(content))
    except (OSError, ValueError) as error:
        raise InputError(
            f"No findings in {folder}. Name the folder of a report with --report."
        ) from error
