"""``audit push``: a note, a task, a status or a message, planned and shown before it is written."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from audit.cli import options
from audit.cli.output import emit_json, note, progress, say
from audit.errors import InputError

if TYPE_CHECKING:
    from audit.account import Account
    from audit.push import Applied, Change

EXAMPLES = """\b
Examples:
  audit push "Rowan Labs Oy" --note --task 2026-11-20
  audit push "Rowan Labs Oy" --note --by Ada --apply --confirm "1 change"
  audit push "Rowan Labs Oy" --status "2. Onboarding Initiated" --message

\b
Shows what would be written to Vitally or Slack, and writes nothing. --apply with --confirm writes
it, each change once: the ledger knows what was written, and what was broken off is looked for
before it is sent again. Reading and writing have keys of their own: VITALLY_WRITE_KEY and
SLACK_BOT_TOKEN. Nothing is ever written to a customer, to Stripe or to Billing Admin.
Exit code 4 when a change was refused or it is not known whether it was made."""

WRITTEN = ("written", "already there")
NOT_ALL_WRITTEN = 4


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="Write a note, task, status or message.", epilog=EXAMPLES)(push)


def push(
    context: typer.Context,
    organization: options.Organization = "",
    note_wanted: Annotated[
        bool, typer.Option("--note", help="A note of the audit on the account in Vitally.")
    ] = False,
    task: Annotated[
        str, typer.Option("--task", metavar="YYYY-MM-DD", help="A task in Vitally, due that day.")
    ] = "",
    status: Annotated[
        str,
        typer.Option("--status", metavar="WORD", help="The pipeline's new word."),
    ] = "",
    lead: Annotated[
        bool, typer.Option("--lead", help="The trait that makes a lead for Sales, where ready.")
    ] = False,
    message: Annotated[
        bool, typer.Option("--message", help="Tell the internal channel in Slack.")
    ] = False,
    remark: Annotated[
        str, typer.Option("--remark", metavar="TEXT", help="A sentence of yours in the note.")
    ] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Write it. Default: only show.")] = False,
    confirm: Annotated[
        str, typer.Option("--confirm", metavar='"N changes"', help="How many are written.")
    ] = "",
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who writes.")] = "",
    ledger: options.Ledger = "",
    store: options.Store = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    json: options.Json = False,
) -> int:
    """Write what an audit found to the systems around the account, after showing it."""
    if not organization:
        raise InputError("Name the organization, by its id or exact name.")
    settings = options.settings(context)
    from audit.checks import load_checks
    from audit.findings.examine import examine
    from audit.policy import load_policy
    from audit.push import Wanted, planned, suggested_channel
    from audit.queue.handover import handover_of

    loaded = options.loaded(settings, organization, account="", store=store)
    asked = options.asked(
        settings,
        {},
        policy=policy,
        as_of=options.day(as_of),
        lookback_days=lookback_days,
        project="",
        audience="team",
        ledger=ledger,
    )
    audit = examine(loaded, **asked)
    rules = load_policy(str(asked["policy"]), load_checks(), settings.thresholds)
    plan = planned(
        audit,
        Wanted(note_wanted, options.day(task, "--task"), status, lead, message, remark),
        settings.systems,
        stage_word=_stage_word(loaded),
        handover=handover_of(audit, rules),
    )
    if apply:
        return _apply(context, plan, confirm, by, ledger, json=json)
    channel = suggested_channel(audit)
    if json:
        emit_json({"plan": [_plain(one) for one in plan], "suggested_channel": channel})
        return 0
    _show(plan)
    if channel:
        note(f"A shared channel could be named {channel}; opening it is yours to do.")
    return 0


def _apply(
    context: typer.Context,
    plan: "tuple[Change, ...]",
    confirm: str,
    by: str,
    ledger: str,
    *,
    json: bool,
) -> int:
    from audit.ledger.writes import Writes
    from audit.push import apply, sinks

    settings = options.settings(context)
    needed = {one.system for one in plan}
    with progress("push") as step, sinks(settings.systems, needed, step) as to:
        done = apply(
            plan,
            confirm,
            Writes(options.ledger_of(settings, ledger)),
            to,
            by=by,
            now=lambda: datetime.now(UTC),
        )
    if json:
        emit_json({"applied": [_outcome(one) for one in done]})
    else:
        for one in done:
            what = f"{one.change.system} {one.change.target}"
            said = one.state if not one.why else f"{one.state}: {one.why.rstrip('.')}"
            say(f"{what}: {said}.")
    return 0 if all(one.state in WRITTEN for one in done) else NOT_ALL_WRITTEN


def _show(plan: "tuple[Change, ...]") -> None:
    from audit.push.apply import confirmation

    for number, one in enumerate(plan, start=1):
        say(f"{number}. {one.system}, {one.target}")
        for line in one.preview.splitlines():
            say(f"   {line}")
    say(f'Nothing was written. To write it: --apply --by NAME --confirm "{confirmation(plan)}".')


def _stage_word(account: "Account") -> str | None:
    from audit.lifecycle.fields import fields

    rows = account["lifecycle"].sort_values("updated_at", kind="stable")
    for name, value in zip(reversed(rows["field"]), reversed(rows["value"]), strict=True):
        known = fields().field(str(name))
        if known is not None and known.name == "onboarding_pipeline":
            return str(value)
    return None


def _plain(change: "Change") -> dict[str, object]:
    return {
        "system": change.system,
        "action": change.action,
        "organization_id": change.organization_id,
        "target": change.target,
        "payload": dict(change.payload),
        "key": change.key,
    }


def _outcome(one: "Applied") -> dict[str, object]:
    return {
        **_plain(one.change),
        "state": one.state,
        "response_id": one.response_id,
        "why": one.why,
    }
