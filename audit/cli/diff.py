"""``audit diff``: what became of an account since an earlier report."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.cli import options
from audit.cli.judge import named
from audit.cli.output import counted, emit_json, product_name, say, show_table, usd, words
from audit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from audit.account import Account
    from audit.diff import Decomposition, Diff, Effect, Movement

EXAMPLES = """\b
Examples:
  audit diff "Rowan Labs Oy"
  audit diff "Rowan Labs Oy" --against 2026-10-01 --json
  audit diff --account account.zip --against reports/2026-10-01/acme-acme/account.zip

\b
Compared is with the newest earlier report in the folder of reports (`audit run` writes them).
The bill's change is split by changing one thing after the other, in this order, each on top of
those before it, so that the effects add up to the change:
  method      the checks and price lists of the toolkit itself
  usage       what was counted and how projects are set up
  price       the public price list
  plan        subscriptions, own tiers, discounts, limits
  threshold   policy and own thresholds: the saving, never the bill
  decision    suppressions: the saving, never the bill"""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="What became of an account since a report.", epilog=EXAMPLES)(diff)


def diff(
    context: typer.Context,
    organization: options.Organization = "",
    against: Annotated[
        str,
        typer.Option(
            metavar="FILE|DAY", help="An account.zip, or the day of a report. Default: the newest."
        ),
    ] = "",
    account: options.AccountFile = "",
    store: options.Store = "",
    reports: Annotated[
        str, typer.Option(help="Folder of reports. Default: audit.toml, AUDIT_REPORTS or reports.")
    ] = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    project: options.Project = "",
    audience: options.Audience = "",
    ledger: options.Ledger = "",
    json: options.Json = False,
) -> None:
    """Say which findings are new, fixed, worse or better, and what moved the bill."""
    settings = options.settings(context)
    day = options.day(as_of)
    named(organization, account)
    from audit.diff import against as compared
    from audit.diff import diff_document

    now = options.loaded(settings, organization, account=account, store=store)
    asked = options.asked(
        settings,
        now.arguments,
        policy=policy,
        as_of=day,
        lookback_days=lookback_days,
        project=project,
        audience=audience,
        ledger=ledger,
    )
    until = options.day(str(asked["as_of"])) or now.as_of
    file = _earlier(now, against, until, reports or settings.reports)
    found = compared(file, now, **asked)
    if json:
        emit_json({**diff_document(found), "against": str(file)})
    else:
        _show(found, str(file))


def _earlier(now: "Account", against: str, until: date, reports: str) -> Path:
    """The account file to compare with. Raises: InputError naming what there is."""
    if against:
        path = Path(against)
        if path.is_dir():
            from audit.diff import ACCOUNT_FILE

            return path / ACCOUNT_FILE
        if path.suffix == ".zip" or path.exists():
            return path
    from audit.reports import earlier, reports_of

    found = reports_of(now.organization_id, reports)
    days = ", ".join(map(str, found)) or "none"
    if against:
        try:
            wanted = date.fromisoformat(against)
        except ValueError:
            raise InputError(
                f"--against is an account.zip or the day of a report, got {against!r}. Reports of "
                f"{now.name} in {reports}: {days}."
            ) from None
        if wanted not in found:
            raise InputError(
                f"No report of {now.name} of {wanted} in {reports}. There are: {days}."
            )
        return found[wanted].account
    newest = next(earlier(found, until), None)
    if newest is None:
        raise InputError(
            f"No report of {now.name} from before {until} in {reports} (there are: {days}). Write "
            "one with `audit run`, or name an account.zip with --against."
        )
    return newest.account


def _show(of: "Diff", against: str) -> None:
    say(f"{of.organization_name} ({of.organization_id})")
    say(f"From {of.before.as_of} (policy {of.before.policy}, {of.before.price_list}; {against})")
    say(f"to   {of.now.as_of} (policy {of.now.policy}, {of.now.price_list}).")
    if of.project_id:
        say(f"Findings of project {of.project_id} only; the bill is the whole organization's.")
    for text in of.notes:
        say(text)
    say()
    _show_money(of)
    _show_findings(of)


def _show_money(of: "Diff") -> None:
    if of.bill is None or of.joint_saving is None or of.bill_after_fixes is None:
        say(f"What moved the bill is not known: {of.unknown}.")
        return
    totals = (
        ("bill", of.bill),
        ("joint saving", of.joint_saving),
        ("bill after all fixes", of.bill_after_fixes),
    )
    moved = [(product_name(one.product), one.amount) for one in of.lines if _moves(one.amount)]
    _table("", [*totals], of)
    if moved:
        say()
        _table("line of the bill", moved, of)
    say("USD a billing month, estimate. Each effect is on top of those to its left.")


def _table(head: str, rows: "Sequence[tuple[str, Decomposition]]", of: "Diff") -> None:
    from audit.diff import ORDER, Effect

    always = (Effect.USAGE, Effect.PRICE, Effect.PLAN, Effect.THRESHOLD)
    totals = [one for one in (of.bill, of.joint_saving) if one is not None]
    shown = [e for e in ORDER if e in always or any(one.effects[e] for one in totals)]
    numbers = ("then", *(effect.value for effect in shown), "now", "change")
    show_table(
        (head, *numbers),
        [
            (
                name,
                usd(one.before),
                *(_signed(one.effects[effect]) for effect in shown),
                usd(one.now),
                _signed(one.change),
            )
            for name, one in rows
        ],
        right=numbers,
    )


def _moves(one: "Decomposition") -> bool:
    return one.before != one.now or any(one.effects.values())


def _signed(amount: "Decimal | None") -> str:
    if amount is None:
        return ""
    return f"+{usd(amount)}" if amount > 0 else usd(amount) if amount else "-"


def _show_findings(of: "Diff") -> None:
    from audit.diff import Status

    moved = [m for m in of.findings if m.status is not Status.UNCHANGED or m.moved_by]
    say()
    if moved:
        show_table(
            ("", "finding", "then", "now", "moved by"),
            [_row(one) for one in moved],
            right=("then", "now"),
        )
        say("then, now: what fixing only this saves, USD a billing month, estimate.")
    numbers = [(status, len(of.of_status(status))) for status in Status]
    told = ", ".join(f"{number:,} {words(status.value)}" for status, number in numbers if number)
    say(f"{counted(len(of.findings), 'finding')}{f': {told}' if told else ''}.")


def _row(one: "Movement") -> tuple[Any, ...]:
    place = one.project_name or one.project_id or ""
    if one.product:
        place = product_name(one.product)
    lines = [one.message, f"in {place or 'the organization'}"]
    if one.severity_before and one.severity_now and one.severity_before is not one.severity_now:
        lines.append(
            f"{words(one.severity_before.value)} before, {words(one.severity_now.value)} now"
        )
    if one.suppressed_before is not one.suppressed_now:
        lines.append("suppressed since" if one.suppressed_now else "no longer suppressed")
    if one.reason:
        lines.append(one.reason)
    return (
        words(one.status.value),
        (*lines, one.id),
        "" if one.severity_before is None else usd(one.saving_before),
        "" if one.severity_now is None else usd(one.saving_now),
        tuple(_moved(one, effect) for effect in one.moved_by) or "",
    )


def _moved(one: "Movement", effect: "Effect") -> str:
    amount = one.effects.get(effect)
    return effect.value if amount is None else f"{effect.value} {_signed(amount)}"
