"""``audit ledger export``: everything that is on record, taken out."""

from pathlib import Path
from typing import Annotated

import typer

from audit.cli import options
from audit.cli.output import counted, emit_json, say
from audit.errors import InputError, unknown_name

EXAMPLES = """\b
Examples:
  audit ledger export
  audit ledger export --out ledger --ledger postgresql://team@db.example/audit

\b
Suppressions, runs, predictions, contacts and outcomes, as JSON or, with --out, as one CSV file of
each table. Nothing is ever changed or deleted in the ledger; this reads it."""

ACTIONS = ("export",)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("ledger", short_help="Take out everything that is on record.", epilog=EXAMPLES)(
        export
    )


def export(
    context: typer.Context,
    action: Annotated[str, typer.Argument(metavar="export", help="The one thing to do: export.")],
    out: Annotated[
        str, typer.Option(metavar="FOLDER", help="One CSV file of each table, in this folder.")
    ] = "",
    ledger: options.Ledger = "",
) -> None:
    """Write all rows of the ledger: JSON on standard output, or CSV files in a folder."""
    if action not in ACTIONS:
        raise InputError(unknown_name("action", action, list(ACTIONS)))
    from audit.ledger.book import Book

    settings = options.settings(context)
    options.decided(settings, ledger)  # one that was typed has to be there
    book = Book(options.ledger_of(settings, ledger))
    tables = book.everything()
    if not out:
        emit_json({"ledger": str(book.address), "tables": tables})
        return
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out {out} is a file; name a folder.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        text = _csv(rows)
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    total = sum(map(len, tables.values()))
    say(f"{counted(total, 'row')} of {counted(len(tables), 'table')} are in {folder}.")


def _csv(rows: list[dict[str, object]]) -> str:
    import csv
    import io

    from audit.findings.document import safe_cell

    out = io.StringIO()
    if rows:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(rows[0])
        for row in rows:
            told = ("" if value is None else str(value) for value in row.values())
            writer.writerow([safe_cell(value) for value in told])
    return out.getvalue()
