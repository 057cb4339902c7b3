"""``audit queue``: whom to write to next, in what order and why."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.cli import options
from audit.cli.output import (
    emit_csv,
    emit_json,
    note,
    progress,
    say,
    show_table,
    usd,
    words,
)

if TYPE_CHECKING:
    from audit.policy import Policy
    from audit.queue.rows import Queue, Row

EXAMPLES = """\b
Examples:
  audit queue
  audit queue --owner "Noor Rahman" --capacity 5 --explain
  audit queue --due-by 2026-11-15 --region eu --csv
  audit queue --all --json

\b
due      something is to be done now
waiting  in onboarding's scope, and nothing is due yet (--due-by, --all)
held     another team has it, somebody handles it, onboarding ended, it is out of scope, or one of
         these is not known (--all)"""

Owner = Annotated[
    str, typer.Option(metavar="NAME", help="Of one specialist, or nobody for the unassigned.")
]
Region = Annotated[str, typer.Option(help="Of one region, such as us or eu.")]
DueBy = Annotated[
    str, typer.Option(metavar="YYYY-MM-DD", help="With what becomes due by that day.")
]
Capacity = Annotated[
    int | None, typer.Option(min=0, metavar="N", help="At most so many accounts for each owner.")
]
Minutes = Annotated[
    int | None, typer.Option(min=0, metavar="N", help="At most so many minutes for each owner.")
]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="Whom to write to next, and why.", epilog=EXAMPLES)(queue)


def queue(
    context: typer.Context,
    owner: Owner = "",
    region: Region = "",
    due_by: DueBy = "",
    capacity: Capacity = None,
    minutes: Minutes = None,
    top: Annotated[int, typer.Option(min=0, help="How many to show; 0 shows all.")] = 20,
    everything: Annotated[
        bool, typer.Option("--all", help="Those that wait or are held back, too.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="The model and its numbers, and why for each row.")
    ] = False,
    store: options.Store = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    ledger: options.Ledger = "",
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """List the accounts that are due, the most worthwhile hour first, for specialists."""
    options.one_format(json, csv)
    settings = options.settings(context)
    day, until = options.day(as_of), options.day(due_by, "--due-by")
    path = store or settings.store
    from audit.queue.ranking import ranking
    from audit.queue.rows import queue as queued

    with progress("queue") as step:
        step(f"reading {path}")
        ranked = ranking(
            path,
            policy=policy or settings.policy,
            as_of=day,
            lookback_days=settings.lookback_days if lookback_days is None else lookback_days,
            thresholds=settings.thresholds,
            suppressions=options.decided(settings, ledger),
        )
    found = queued(
        ranked,
        owner=owner,
        region=region,
        due_by=until,
        everything=everything,
        capacity=capacity,
        capacity_minutes=minutes,
        top=top,
    )
    if json:
        emit_json(document(found))
    elif csv:
        emit_csv(table(found.rows))
    else:
        _show(found, explain, options.again(store))


def document(found: "Queue") -> dict[str, Any]:
    """The queue as plain values, with the assumptions behind its order."""
    from audit.queue.rows import documents

    return {
        "policy": found.ranking.policy.name,
        "counts": found.counts,
        "model": assumptions(found.ranking.policy),
        "rows": documents(found.rows),
    }


def assumptions(policy: "Policy") -> list[dict[str, Any]]:
    """The numbers of the model, with their sources."""
    from audit.policies.schema import KEYS

    return [
        {
            "key": key,
            "meaning": KEYS[key].meaning,
            "value": entry.value,
            "source": entry.source,
        }
        for key, entry in policy.entries.items()
        if key.startswith("queue.")
    ]


def table(rows: "tuple[Row, ...]") -> str:
    """The rows as CSV. A cell of several sentences has them one after the other."""
    import csv
    import io

    from audit.findings.document import safe_cell
    from audit.queue.rows import documents

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_FIELDS)
    for row in documents(rows):
        writer.writerow([safe_cell(_cell(row[name])) for name in CSV_FIELDS])
    return out.getvalue()


CSV_FIELDS = (
    "rank",
    "organization_id",
    "name",
    "region",
    "owner",
    "state",
    "tasks",
    "is_late",
    "due_on",
    "renewal_on",
    "renewal_is_assumed",
    "stage",
    "stage_word",
    "forecast_usd",
    "bill_usd",
    "joint_saving_usd",
    "basis",
    "period",
    "worth_usd",
    "minutes",
    "fits",
    "handover",
    "handover_segment",
    "handover_reasons",
    "held",
    "why",
)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _show(found: "Queue", explain: bool, again: str) -> None:
    policy = found.ranking.policy
    if explain:
        _show_model(policy)
    show_table(
        ("", "organization", "to do", "renews", "owner", "forecast", "joint\nsaving", "an hour"),
        [
            (
                row.rank,
                (row.name or "", row.organization_id),
                _to_do(row),
                _renews(row),
                row.owner or "nobody",
                usd(row.forecast_usd),
                usd(row.joint_saving_usd),
                usd(row.worth_usd),
            )
            for row in found.rows
        ],
        right=("", "forecast", "joint\nsaving", "an hour"),
        whole=("renews",),
    )
    for row in found.rows:
        _show_why(row, explain)
    counts = found.counts
    beyond = counts.get("beyond_capacity", 0)
    said = [f"{counts.get(state, 0):,} {state}" for state in ("due", "waiting", "held")]
    more = f", {beyond:,} beyond capacity" if "beyond_capacity" in counts else ""
    if any(row.renewal_is_assumed for row in found.rows):
        say("* the end of the billing period: the CRM names no renewal to come.")
    say(
        f"{len(found.rows):,} of {found.chosen:,} shown. {', '.join(said)}; {counts['late']:,} late"
        f"{more}. Policy {policy.name}; USD a billing month, estimates."
    )
    if found.rows:
        note(f"Next: audit findings {found.rows[0].organization_id}{again}")


def _to_do(row: "Row") -> tuple[str, ...]:
    tasks = ", ".join(words(task) for task in row.tasks) or "nothing"
    lines = [tasks + (" (late)" if row.is_late else "")]
    if row.state == "waiting":
        lines.append(f"waiting until {row.due_on}" if row.due_on else "waiting")
    elif row.state != "due":
        lines.append(row.state)
    return (*lines, *(["beyond capacity"] if row.fits is False else []))


def _renews(row: "Row") -> str:
    if row.renewal_on is None:
        return "unknown"
    return f"{row.renewal_on}{' *' if row.renewal_is_assumed else ''}"


def _show_why(row: "Row", explain: bool) -> None:
    lines = list(row.held)
    if row.handover.verdict == "ready":
        reasons = "; ".join(row.handover.reasons)
        lines.append(f"Hand over to Sales with the segment {row.handover.segment}: {reasons}.")
    if explain:
        lines += row.why
        lines.append(f"Stage: {row.stage_word or 'none in the CRM'}.")
    if lines:
        say(f"{row.rank}. {row.name or row.organization_id}")
        for line in lines:
            say(f"   {line}")


def _show_model(policy: "Policy") -> None:
    say("worth an hour = (adopted x joint saving + contact x bill) x time x risk / hours")
    say()
    show_table(
        ("assumption", "value", "meaning", "source"),
        [
            (one["key"].removeprefix("queue."), one["value"], one["meaning"], one["source"])
            for one in assumptions(policy)
        ],
        right=("value",),
        whole=("assumption",),
    )
    say()
