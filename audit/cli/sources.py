"""Where accounts come from: ``sample`` and ``files``; and ``list``, what a store holds."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.cli import options
from audit.cli.output import counted, emit_json, note, progress, say, show_table, usd
from audit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from audit.sources.files import Recognised

#: So many columns of a file are named; --json names all.
COLUMNS_SHOWN = 8

#: What a folder of exports leaves open that changes the numbers, and so is said at once.
SAID_AT_ONCE = ("unknown_product", "limits_without_dollars")

SAMPLE_EXAMPLES = """\b
Examples:
  audit sample
  audit sample --organizations 200 --store many.duckdb
  audit sample --seed 3 --as-of 2026-11-01
  audit sample --as-of 2027-01-06 --adopted 50 --store later.duckdb"""

FILES_EXAMPLES = """\b
Examples:
  audit files --explain exports
  audit files exports --organization acme --as-of 2026-11-01
  audit files exports --mapping ours.toml --merge --verbose"""

LIST_EXAMPLES = """\b
Examples:
  audit list
  audit list --store many.duckdb --json"""


def add_to(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command(short_help="Fill a store with made-up organizations.", epilog=SAMPLE_EXAMPLES)(
        sample
    )
    app.command(short_help="Load a folder of exports.", epilog=FILES_EXAMPLES)(files)
    app.command("list", short_help="List the organizations of a store.", epilog=LIST_EXAMPLES)(
        list_organizations
    )


def sample(
    context: typer.Context,
    organizations: Annotated[int, typer.Option(help="How many to make up.")] = 12,
    seed: Annotated[int, typer.Option(help="Another seed gives another portfolio.")] = 7,
    adopted: Annotated[
        float | None,
        typer.Option(metavar="PERCENT", help="So many of the faults that can be are fixed."),
    ] = None,
    as_of: options.AsOf = "",
    store: options.Store = "",
    json: options.Json = False,
) -> None:
    """Fill a store with made-up organizations that have faults planted in them."""
    settings = options.settings(context)
    day = options.day(as_of)
    from audit.sources.sample import portfolio
    from audit.store import publish

    path = store or settings.store
    given: dict[str, Any] = {} if day is None else {"as_of": day}
    with progress("sample") as step:
        step(f"making up {organizations:,} organizations")
        made = portfolio(organizations, seed=seed, **given)
        if adopted is not None:
            from audit.sources.sample.adopting import adopted as adopting

            made, _ = adopting(made, adopted, seed=seed)
        tables = made.tables
        step(f"writing {path}")
        publish(path, tables)
    published(path, tables, again=options.again(store), json=json, made_up=True)


def files(
    context: typer.Context,
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Folder of CSV, JSON or Parquet.")],
    organization: Annotated[
        str, typer.Option(metavar="ID", help="Whose exports these are, where they do not say.")
    ] = "",
    name: Annotated[str, typer.Option(help="Its display name.")] = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    mapping: Annotated[
        str, typer.Option(metavar="FILE", help="TOML that names the columns of a new export.")
    ] = "",
    merge: Annotated[
        bool, typer.Option("--merge", help="Add to what the store has of the organization.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what each file is taken for; load nothing.")
    ] = False,
    store: options.Store = "",
    verbose: options.Verbose = False,
    json: options.Json = False,
) -> None:
    """Load a folder of exports (Metabase, Vitally, Stripe, the billing page) into the store."""
    settings = options.settings(context)
    day = options.day(as_of)
    from audit.sources.files import load, recognise
    from audit.store import publish

    if explain:
        _explain(recognise(folder, mapping=mapping or None), json=json)
        return
    path = store or settings.store
    with progress("files") as step:
        tables = load(
            folder,
            organization_id=organization or None,
            name=name or None,
            as_of=day,
            lookback_days=settings.lookback_days if lookback_days is None else lookback_days,
            mapping=mapping or None,
            progress=step,
        )
        step(f"writing {path}")
        publish(path, tables, merge=merge)
    if not json:
        _say_day(tables, day is not None)
    published(path, tables, again=options.again(store), json=json, verbose=verbose)


def list_organizations(
    context: typer.Context, store: options.Store = "", json: options.Json = False
) -> None:
    """List the organizations of a store."""
    from audit.store import Store

    path = store or options.settings(context).store
    with Store.open(path) as opened:
        frame = opened.organizations()
    if json:
        emit_json([_organization(row) for row in _rows(frame)])
        return
    shown = [_organization(row) for row in _rows(frame)]
    show_table(
        ("organization", "as of", "region", "plan", "billed\nso far\n(actual)"),
        [
            (
                (one["name"] or "", one["organization_id"]),
                one["as_of"],
                one["region"] or "",
                one["billing_plan"] or "",
                "" if one["current_total_usd"] is None else usd(Decimal(one["current_total_usd"])),
            )
            for one in shown
        ],
        right=("billed\nso far\n(actual)",),
    )
    say(f"{counted(len(shown), 'organization')} in {path}.")


def _rows(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _organization(row: dict[str, Any]) -> dict[str, Any]:
    """What ``list --json`` gives of one organization. Amounts are text, USD."""
    import pandas as pd

    def text(name: str) -> str | None:
        value = row[name]
        if pd.isna(value):
            return None
        if isinstance(value, Decimal):
            return f"{value:.2f}"
        return value.date().isoformat() if hasattr(value, "date") else str(value)

    return {
        name: text(name)
        for name in (
            "organization_id",
            "name",
            "as_of",
            "region",
            "billing_plan",
            "period_start",
            "period_end",
            "current_total_usd",
        )
    }


def _say_day(tables: "dict[str, pd.DataFrame]", given: bool) -> None:
    """The day of the audit, and why it is that day."""
    quality = tables["data_quality"]
    derived = quality[quality["kind"].isin(["as_of_derived", "as_of_assumed"])]
    for row in derived.drop_duplicates("message").itertuples():
        say(str(row.message))
    if derived.empty:
        days = sorted({str(day)[:10] for day in tables["organizations"]["as_of"]})
        why = "given with --as-of" if given else "stated in organizations"
        say(f"as_of is {', '.join(days)}, {why}.")
    told = quality[quality["kind"].isin(SAID_AT_ONCE)]
    for row in told.drop_duplicates("message").itertuples():
        say(f"Warning ({row.subject}): {row.message}")


def published(
    path: str,
    tables: "dict[str, pd.DataFrame]",
    *,
    again: str,
    json: bool,
    verbose: bool = False,
    made_up: bool = False,
) -> None:
    """What was read, how much was not, where it is, and what to type next."""
    organizations = tables["organizations"]
    coverage = tables["coverage"]
    gaps = coverage[~coverage["complete"].astype(bool)]
    first = str(organizations["organization_id"].iloc[0])
    rows = {name: len(frame) for name, frame in tables.items() if len(frame)}
    if json:
        emit_json(
            {
                "store": path,
                "organizations": [str(one) for one in organizations["organization_id"]],
                "as_of": str(organizations["as_of"].iloc[0])[:10],
                "rows": rows,
                "subjects_not_read": len(gaps),
            }
        )
        return
    count = len(organizations)
    say(f"{counted(count, 'organization')}, {sum(rows.values()):,} rows, in {Path(path)}.")
    if verbose:
        for reason, some in gaps.groupby("reason", sort=True):
            say(f"Not read: {', '.join(dict.fromkeys(some['subject']))}. {reason}")
    elif len(gaps):
        say(_gaps(gaps, first if count == 1 else "ORGANIZATION", made_up=made_up))
    say(f"Next: audit findings {first}{again}" if count == 1 else f"Next: audit scan{again}")


def _gaps(gaps: "pd.DataFrame", organization: str, *, made_up: bool) -> str:
    number = counted(len(gaps), "subject")
    if made_up:
        return (
            f"{number} not there, on purpose: one organization in twelve lacks something, so "
            "that `audit findings` has checks it cannot evaluate."
        )
    return (
        f"{number} not read: `audit findings {organization}` names the checks that stay open, "
        "--verbose lists the subjects here."
    )


def _explain(found: "list[Recognised]", *, json: bool) -> None:
    if json:
        emit_json(
            [
                {
                    "file": one.file.name,
                    "recognised_as": one.mapping,
                    "why": one.why,
                    "rows": one.rows,
                    "tables": list(one.tables),
                    "subjects": list(one.subjects),
                    "columns_used": list(one.columns_used),
                    "columns_as": dict(one.columns_as),
                    "columns_ignored": list(one.columns_ignored),
                    "nearest": one.nearest,
                    "missing": list(one.missing),
                    "broken": one.broken,
                }
                for one in found
            ]
        )
    else:
        show_table(
            ("file", "taken for", "rows", "fills", "why"),
            [
                (
                    one.file.name,
                    "broken" if one.broken else one.mapping or "nothing",
                    f"{one.rows:,}" if one.mapping else "",
                    ", ".join(one.subjects or one.tables),
                    _why(one),
                )
                for one in found
            ],
            right=("rows",),
        )
        taken = sum(one.mapping is not None and not one.broken for one in found)
        say(f"{taken} of {len(found)} files would be loaded.")
        if taken < len(found):
            note("A file that is taken for nothing can be taught with --mapping (docs/files.md).")
    broken = [one for one in found if one.broken]
    if broken:
        raise InputError(f"{broken[0].file.name}, {broken[0].why}. It would stop the load.")


def _why(one: "Recognised") -> str:
    parts = [one.why]
    if one.nearest and one.missing:
        parts.append(f"nearest: {one.nearest}, which also needs {', '.join(one.missing)}")
    if one.columns_as:
        parts.append(f"columns: {_some([f'{name} -> {as_}' for name, as_ in one.columns_as])}")
    if one.columns_ignored:
        parts.append(f"ignored: {_some(one.columns_ignored)}")
    return "; ".join(part for part in parts if part)


def _some(names: "Sequence[str]") -> str:
    more = len(names) - COLUMNS_SHOWN
    return ", ".join(names[:COLUMNS_SHOWN]) + (f" and {more} more" if more > 0 else "")
