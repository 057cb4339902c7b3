"""``audit focus``: the bills of one organization in FOCUS 1.2 columns, as CSV or Parquet."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from audit.cli import options
from audit.cli.output import counted, emit_json, note, say, show_table, usd

if TYPE_CHECKING:
    from audit.findings.model import Audit
    from audit.focus import Written

EXAMPLES = """\b
Examples:
  audit focus "Rowan Labs Oy" --out focus
  audit focus "Rowan Labs Oy" --out focus --format parquet
  audit focus --account account.zip --out bills.csv

\b
A folder gets three files: actual (what the vendor billed), estimate (the month that is audited)
and counterfactual (the same month after all open findings are fixed). They overlap in time: never
add them up. One file holds all three; x_Basis and x_Scenario tell them apart. docs/focus.md has
the columns."""


class Format(StrEnum):
    """What the files are."""

    CSV = "csv"
    PARQUET = "parquet"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="Write the bills in FOCUS 1.2 columns.", epilog=EXAMPLES)(focus)


def focus(
    context: typer.Context,
    out: Annotated[
        str, typer.Option(metavar="FOLDER|FILE", help="A folder, or one .csv or .parquet file.")
    ],
    organization: options.Organization = "",
    format: Annotated[
        Format | None, typer.Option(help="Of the files in a folder. Default: csv.")
    ] = None,
    account: options.AccountFile = "",
    store: options.Store = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    ledger: options.Ledger = "",
    json: options.Json = False,
) -> None:
    """Write what was billed, what is estimated, and what would be left after the fixes, in the
    columns of the FinOps Open Cost and Usage Specification."""
    from audit.cli.judge import named

    named(organization, account)
    settings = options.settings(context)
    day = options.day(as_of)
    from audit.findings.examine import examine

    loaded = options.loaded(settings, organization, account=account, store=store)
    asked = options.asked(
        settings,
        loaded.arguments,
        policy=policy,
        as_of=day,
        lookback_days=lookback_days,
        project="",
        ledger=ledger,
    )
    # The coming periods have no rows.
    audit = examine(loaded, **asked, draws=0)
    written = _written(audit, out, format)
    if json:
        emit_json(_document(audit, written))
    else:
        _show(audit, written)


def _written(audit: "Audit", out: str, format: Format | None) -> "list[Written]":
    from audit.errors import InputError
    from audit.focus import write, write_one

    path = Path(out)
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in list(Format) or path.is_dir():
        return write(audit, path, format=(format or Format.CSV).value)
    if format not in (None, suffix):
        raise InputError(f"--format {format} does not fit {path.name}. Leave --format out.")
    return [write_one(audit, path)]


def _document(audit: "Audit", written: "list[Written]") -> dict[str, object]:
    from audit.focus import VERSION

    return {
        "organization_id": audit.organization_id,
        "organization_name": audit.organization_name,
        "as_of": audit.as_of,
        "focus_version": VERSION,
        "files": [
            {
                "path": str(one.path),
                "sets": [
                    {
                        "name": rows.name,
                        "basis": rows.basis,
                        "scenario": rows.scenario,
                        "rows": len(rows.rows),
                        "billed_cost": rows.billed_cost,
                        "list_cost": rows.list_cost,
                        "notes": list(rows.notes),
                    }
                    for rows in one.sets
                ],
            }
            for one in written
        ],
    }


def _show(audit: "Audit", written: "list[Written]") -> None:
    say(f"{audit.organization_name} ({audit.organization_id}), as of {audit.as_of}.")
    show_table(
        ("rows of", "basis", "scenario", "rows", "billed cost", "file"),
        [
            (rows.name, rows.basis, rows.scenario, len(rows.rows), usd(rows.billed_cost), one.path)
            for one in written
            for rows in one.sets
        ],
        right=("rows", "billed cost"),
    )
    if len(written) == 1:
        say("All three in one file: never add up rows that differ in x_Basis or x_Scenario.")
    for text in dict.fromkeys(text for one in written for rows in one.sets for text in rows.notes):
        note(text)
    number = counted(sum(len(rows.rows) for one in written for rows in one.sets), "row")
    say(f"{number}, FOCUS 1.2; USD.")
