"""``audit findings`` for one account and ``audit scan`` for a whole store."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.cli import options
from audit.cli.output import (
    counted,
    emit_csv,
    emit_json,
    note,
    product_name,
    progress,
    say,
    show_table,
    usd,
    words,
)
from audit.errors import InputError

if TYPE_CHECKING:
    from audit.findings.model import Audit, Finding, NotEvaluated
    from audit.findings.scan import Scan

FINDINGS_EXAMPLES = """\b
Examples:
  audit findings "Rowan Labs Oy"
  audit findings edf64921-8e31-5ee2-b4e5-87fe8ef88c2a --fail-on needs_action --strict
  audit findings "Rowan Labs Oy" --only autocapture_unread --json
  audit findings --account account.zip --csv

\b
alone   what this saves if it is the only thing fixed
on top  what it saves after those above it; these add up to the joint saving"""

SCAN_EXAMPLES = """\b
Examples:
  audit scan
  audit scan --top 50 --csv
  audit scan --skip product_unused --store many.duckdb --json"""


def add_to(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command(short_help="What is wrong in one, and what it costs.", epilog=FINDINGS_EXAMPLES)(
        findings
    )
    app.command(short_help="Rank all organizations by joint saving.", epilog=SCAN_EXAMPLES)(scan)


def findings(
    context: typer.Context,
    organization: options.Organization = "",
    account: options.AccountFile = "",
    store: options.Store = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    project: options.Project = "",
    audience: options.Audience = "",
    only: options.Only = None,
    skip: options.Skip = None,
    ledger: options.Ledger = "",
    fail_on: options.Fail = options.FailOn.NONE,
    strict: options.Strict = False,
    json: options.Json = False,
    csv: options.Csv = False,
) -> int:
    """Show what is wrong in one organization and what fixing it saves."""
    options.one_format(json, csv)
    settings = options.settings(context)
    day = options.day(as_of)
    named(organization, account)
    from audit.findings.document import document, to_csv
    from audit.findings.examine import examine

    loaded = options.loaded(settings, organization, account=account, store=store)
    asked = options.asked(
        settings,
        loaded.arguments,
        policy=policy,
        as_of=day,
        lookback_days=lookback_days,
        project=project,
        audience=audience,
        ledger=ledger,
    )
    audit = examine(loaded, only=only or (), skip=skip or (), **asked)
    if json:
        emit_json(document(audit))
    elif csv:
        emit_csv(to_csv(audit))
    else:
        _show(audit, options.again(store, account))
    severities = [one.severity.value for one in audit.open_findings]
    return options.exit_code(severities, len(audit.not_evaluated), fail_on, strict)


def named(organization: str, account: str) -> None:
    """Raises: InputError when no account is named."""
    if not organization and not account:
        raise InputError(
            "Name an organization (`audit list` shows all), or an account file with --account."
        )


def scan(
    context: typer.Context,
    top: Annotated[int, typer.Option(min=0, help="How many to show; 0 shows all.")] = 20,
    store: options.Store = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    audience: options.Audience = "",
    only: options.Only = None,
    skip: options.Skip = None,
    ledger: options.Ledger = "",
    fail_on: options.Fail = options.FailOn.NONE,
    strict: options.Strict = False,
    json: options.Json = False,
    csv: options.Csv = False,
) -> int:
    """Rank all organizations of a store by what they would save."""
    options.one_format(json, csv)
    settings = options.settings(context)
    day = options.day(as_of)
    path = store or settings.store
    from audit.findings.scan import scan as scanned

    with progress("scan") as step:
        step(f"reading {path}")
        found = scanned(
            path,
            policy=policy or settings.policy,
            as_of=day,
            lookback_days=settings.lookback_days if lookback_days is None else lookback_days,
            thresholds=settings.thresholds,
            audience=audience or settings.audience,
            only=only or (),
            skip=skip or (),
            suppressions=options.decided(settings, ledger),
        )
    rows = _ranked(found, top)
    if json:
        emit_json(rows)
    elif csv:
        _csv(rows)
    else:
        _show_scan(found, rows, path, options.again(store))
    gaps = int(found.organizations["not_evaluated"].sum())
    severities = found.findings.loc[~found.findings["suppressed"], "severity"]
    return options.exit_code([str(s) for s in severities], gaps, fail_on, strict)


SCAN_FIELDS = (
    "rank",
    "organization_id",
    "name",
    "as_of",
    "usage_is_known",
    "bill_usd",
    "joint_saving_usd",
    "suppressed_saving_usd",
    "basis",
    "period",
    "findings",
    "needs_action",
    "suppressed",
    "not_evaluated",
)


_HEADS = {
    "bill_usd": "bill",
    "joint_saving_usd": "joint\nsaving",
    "suppressed_saving_usd": "suppressed\nsaving",
    "findings": "findings",
    "needs_action": "needs\naction",
    "suppressed": "suppressed",
    "not_evaluated": "not\nevaluated",
}


def _ranked(found: "Scan", top: int) -> list[dict[str, Any]]:
    frame = found.organizations.head(top) if top else found.organizations
    return [
        {
            "rank": rank,
            "organization_id": row.organization_id,
            "name": row.name if isinstance(row.name, str) else None,
            "as_of": row.as_of.date().isoformat(),
            "usage_is_known": bool(row.usage_is_known),
            "bill_usd": f"{row.bill_usd:.2f}",
            "joint_saving_usd": f"{row.joint_saving_usd:.2f}",
            "suppressed_saving_usd": f"{row.suppressed_saving_usd:.2f}",
            "basis": "estimate",
            "period": "billing month",
            "findings": int(row.findings),
            "needs_action": int(row.needs_action),
            "suppressed": int(row.suppressed),
            "not_evaluated": int(row.not_evaluated),
        }
        for rank, row in enumerate(frame.itertuples(index=False), 1)
    ]


def _csv(rows: list[dict[str, Any]]) -> None:
    import csv
    import io

    from audit.findings.document import safe_cell

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(SCAN_FIELDS)
    for row in rows:
        writer.writerow(
            [safe_cell("" if row[name] is None else str(row[name])) for name in SCAN_FIELDS]
        )
    emit_csv(out.getvalue())


def _show_scan(found: "Scan", rows: list[dict[str, Any]], path: str, again: str) -> None:
    # The columns of the ledger show where there is anything in it.
    decided = bool((found.organizations["suppressed"] > 0).any())
    money = ["bill_usd", "joint_saving_usd"] + ["suppressed_saving_usd"] * decided
    counts = ["findings", "needs_action"] + ["suppressed"] * decided + ["not_evaluated"]
    numbers = tuple(_HEADS[name] for name in (*money, *counts))
    show_table(
        ("organization", *numbers),
        [
            (
                (row["name"] or "", row["organization_id"]),
                *(
                    f"${float(row[name]):,.2f}" if row["usage_is_known"] else "unknown"
                    for name in money
                ),
                *(row[name] for name in counts),
            )
            for row in rows
        ],
        right=numbers,
    )
    total = len(found.organizations)
    of = counted(total, "organization")
    say(f"{len(rows):,} of {of} in {path}; USD a billing month, estimate.")
    if rows:
        note(f"Next: audit findings {rows[0]['organization_id']}{again}")


def _show(audit: "Audit", again: str) -> None:
    say(f"{audit.organization_name} ({audit.organization_id})")
    say(f"As of {audit.as_of}, policy {audit.policy}, {audit.price_list}.")
    if audit.usage_is_known:
        say(f"Bill {usd(audit.bill.total)} a billing month (estimate: {audit.quantities_of}).")
    else:
        say("Bill unknown: no usage of these days is known.")
    billed = _last_billed(audit)
    if billed:
        say(billed)
    number = counted(len(audit.open_findings), "finding")
    if audit.usage_is_known:
        say(f"Joint saving {usd(audit.joint_saving)} a billing month (estimate), from {number}.")
        if audit.outlook is not None and audit.outlook.findings:
            year = audit.outlook.year_saving
            say(
                f"Over the next twelve billing periods {usd(year.mean)}, as fixes are expected to "
                f"come true; in 8 of 10 cases {usd(year.p10)} to {usd(year.p90)} (estimate)."
            )
    else:
        say(f"Joint saving unknown, from {number}.")
    _say_suppressed(audit)
    if audit.project_id:
        name = _project_names(audit).get(audit.project_id, audit.project_id)
        say(f"Findings of project {name} only; the bill is the whole organization's.")
    if audit.findings:
        say()
        show_table(
            ("severity", "finding", "alone", "on top"),
            [_row(one, audit.usage_is_known) for one in audit.findings],
            right=("alone", "on top"),
        )
        say("alone, on top: USD a billing month, estimate.")
    if audit.not_evaluated:
        names = _project_names(audit)
        say()
        show_table(
            ("not evaluated,\nmissing", "where", "reason"),
            [
                ((gap.check, gap.missing), _place(gap, names), gap.reason)
                for gap in audit.not_evaluated
            ],
            whole=("not evaluated,\nmissing",),
        )
    for quality in audit.data_quality:
        if quality.kind.value == "warning":
            say(f"Warning ({quality.subject}): {quality.message}")
    if audit.findings:
        note(f"Next: audit explain {audit.findings[0].id}{again}")


def _say_suppressed(audit: "Audit") -> None:
    """What the total is without, and which decisions nothing matches any more."""
    hidden = len(audit.suppressed_findings)
    if hidden:
        more = usd(audit.suppressed_saving) if audit.usage_is_known else "an unknown amount"
        say(f"{counted(hidden, 'finding')} suppressed, which would save {more} beyond that.")
    idle = [str(one.suppression.id) for one in audit.suppressions if one.state.value == "unused"]
    if idle:
        note(f"Suppressions that match no finding: {', '.join(idle)}. See `audit suppressions`.")


def decision(one: "Finding") -> tuple[str, ...]:
    """The ledger's word on a finding, as lines of its cell."""
    decision = one.suppression
    if decision is None:
        return ()
    most = "" if decision.up_to_usd is None else f", up to {usd(decision.up_to_usd)} a month"
    kept = f"suppression {decision.id} by {decision.owner} until {decision.until}{most}"
    if one.reopened is None:
        return (f"{kept}: {decision.reason}",)
    return (f"open again ({words(one.reopened.value)}): {kept}",)


def _row(one: "Finding", usage_is_known: bool) -> tuple[object, ...]:
    product = product_name(one.product) if one.product else ""
    place = one.project_name or product or "the organization"
    severity = words(one.severity.value)
    where = f"in {place}; remedy: {words(one.effort.value)}"
    return (
        (severity, "suppressed") if one.suppressed else severity,
        (one.message, where, *decision(one), one.id),
        usd(one.saving.alone if usage_is_known else None),
        usd(one.saving.on_top if usage_is_known else None),
    )


def _project_names(audit: "Audit") -> dict[str, str]:
    projects = audit.account["projects"]
    return {
        str(row.project_id): row.name
        for row in projects.itertuples()
        if isinstance(row.name, str) and row.name
    }


def _place(gap: "NotEvaluated", names: dict[str, str]) -> str:
    if gap.project_id:
        return names.get(gap.project_id, gap.project_id)
    return product_name(gap.product) if gap.product else ""


def _last_billed(audit: "Audit") -> str:
    """What the vendor billed in the last finished period, where every line is known."""
    finished = [line for line in audit.vendor_lines if line.is_complete]
    if not finished:
        return ""
    start, end = max((line.period_start, line.period_end) for line in finished)
    amounts = [
        line.amount for line in finished if (line.period_start, line.period_end) == (start, end)
    ]
    known = [amount for amount in amounts if amount is not None]
    if len(known) < len(amounts):
        return ""
    return f"Billed {usd(sum(known, 0 * known[0]))} from {start} to before {end} (actual)."
