"""``audit suppressions``: what was decided, and what has become of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.cli import options
from audit.cli.output import (
    counted,
    emit_csv,
    emit_json,
    note,
    progress,
    say,
    show_table,
    usd,
    words,
)
from audit.cli.suppress import place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from audit.ledger import Judgement, Standing, Suppression

EXAMPLES = """\b
Examples:
  audit suppressions
  audit suppressions --organization "Rowan Labs Oy" --all
  audit suppressions --store many.duckdb --csv

\b
suppresses      it covers a finding, which is left out of the joint saving
reopened        a finding it covers has passed its cap, and is open
unused          it covers no finding any more: lift it
not evaluated   it covers no finding, but its check could not be evaluated there
expired         its last day is over"""

FIELDS = (
    "id",
    "state",
    "check",
    "organization_id",
    "project_id",
    "product",
    "reason",
    "owner",
    "created_on",
    "until",
    "up_to_usd",
    "findings",
    "highest_saving_alone_usd",
    "lifted_on",
    "lifted_by",
    "lift_reason",
)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="What was decided, and what has become of it.", epilog=EXAMPLES)(
        suppressions
    )


def suppressions(
    context: typer.Context,
    organization: Annotated[str, typer.Option(help="Only this one, by id or exact name.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also those that were lifted.")] = False,
    ledger: options.Ledger = "",
    store: options.Store = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """List the suppressions, each with what has become of it in the store."""
    options.one_format(json, csv)
    settings = options.settings(context)
    day = options.day(as_of)
    path = store or settings.store
    identity = _organization_id(path, organization)
    found = options.decided(settings, ledger, identity or None, lifted=True)
    asked = {
        "policy": policy or settings.policy,
        "as_of": day,
        "lookback_days": settings.lookback_days if lookback_days is None else lookback_days,
        "thresholds": settings.thresholds,
    }
    with progress("suppressions") as step:
        judgements = _judgements(found, path, asked, step)
    standings = sorted(
        (
            standing
            for judgement in judgements
            for standing in judgement.standings
            if everything or standing.suppression.lifted_on is None
        ),
        key=lambda one: one.suppression.id,
    )
    pairs = sorted((a.id, b.id) for one in judgements for a, b in one.overlapping)
    rows = [_row(one) for one in standings]
    if json:
        emit_json({"suppressions": rows, "overlapping": [list(pair) for pair in pairs]})
    elif csv:
        _csv(rows)
    else:
        _show(standings, pairs, str(options.ledger_of(settings, ledger)))


def _judgements(
    found: "Sequence[Suppression]",
    path: str,
    asked: dict[str, Any],
    step: "Callable[[str], None]",
) -> "list[Judgement]":
    """What has become of each, by organization. Where the store does not tell, that is said."""
    from audit.checks import load_checks
    from audit.ledger import Place, judged
    from audit.policy import load_policy

    judgements: dict[str, Judgement] = {}
    alive = [one for one in found if one.lifted_on is None]
    pack = load_policy(asked["policy"], load_checks(), asked["thresholds"])
    names = sorted({one.check for one in alive} & set(pack.in_force()))
    if not Path(path).exists():
        note(f"No store at {path}: what the suppressions cover is not known. Name one: --store.")
    elif names:
        from audit.findings.scan import scan

        step(f"reading {path}")
        judgements |= scan(path, only=names, suppressions=alive, **asked).judgements
    day = asked["as_of"] or options.today()
    for organization in {one.organization_id for one in alive} - set(judgements):
        mine = [one for one in alive if one.organization_id == organization]
        gaps = [Place(one.check, organization) for one in mine]
        judgements[organization] = judged([], mine, day, gaps)
    lifted = [one for one in found if one.lifted_on is not None]
    return [*judgements.values(), judged([], lifted, day)]


def _row(of: "Standing") -> dict[str, Any]:
    from audit.ledger import as_plain

    savings = [one.saving_alone for one in of.covers if one.saving_alone is not None]
    values = {
        **as_plain(of.suppression),
        "state": of.state.value,
        "findings": len(of.covers),
        "highest_saving_alone_usd": f"{max(savings):.2f}" if savings else None,
    }
    return {name: values[name] for name in FIELDS}


def _csv(rows: "Iterable[dict[str, Any]]") -> None:
    import csv
    import io

    from audit.findings.document import safe_cell

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIELDS)
    for row in rows:
        writer.writerow([safe_cell("" if row[n] is None else str(row[n])) for n in FIELDS])
    emit_csv(out.getvalue())


def _show(standings: "Sequence[Standing]", pairs: "list[tuple[int, int]]", where: str) -> None:
    from audit.ledger import State

    if standings:
        show_table(
            ("id", "state", "what", "until", "up to", "saving\nalone", "why"),
            [
                (
                    one.suppression.id,
                    words(one.state.value),
                    (one.suppression.check, place(one.suppression)),
                    one.suppression.until,
                    "no cap"
                    if one.suppression.up_to_usd is None
                    else usd(one.suppression.up_to_usd),
                    _saving(one),
                    (one.suppression.reason, _who(one.suppression)),
                )
                for one in standings
            ],
            right=("id", "up to", "saving\nalone"),
            whole=("state", "until"),
        )
    say(f"{counted(len(standings), 'suppression')} in {where}.")
    if standings:
        say("saving alone: the highest of the findings it covers, USD a billing month, estimate.")
    for first, second in pairs:
        say(f"Suppressions {first} and {second} overlap: they could cover the same finding.")
    idle = [str(one.suppression.id) for one in standings if one.state is State.UNUSED]
    if idle:
        note(f"Unused: {', '.join(idle)}. `audit suppress --lift {idle[0]}` ends the first.")


def _saving(of: "Standing") -> str:
    if not of.covers:
        return ""
    savings = [one.saving_alone for one in of.covers if one.saving_alone is not None]
    return usd(max(savings)) if len(savings) == len(of.covers) else "unknown"


def _who(one: "Suppression") -> str:
    if one.lifted_on is None:
        return f"{one.owner}, {one.created_on}"
    by = f" by {one.lifted_by}" if one.lifted_by else ""
    why = f": {one.lift_reason}" if one.lift_reason else ""
    return f"{one.owner}, {one.created_on}; lifted on {one.lifted_on}{by}{why}"


def _organization_id(path: str, wanted: str) -> str:
    """An organization's id; one that the store does not have may still have decisions."""
    if not wanted or not Path(path).exists():
        return wanted
    from audit.store import Store

    with Store.open(path) as opened:
        return opened.organization_id(wanted)
