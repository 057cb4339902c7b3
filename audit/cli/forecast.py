"""``audit forecast``: the coming periods of an account, or the total of any daily counts."""

import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.cli import options
from audit.cli.output import emit_json, note, product_name, say, show_table, usd, words
from audit.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from audit.findings.model import Audit
    from audit.findings.outlook.model import Range
    from audit.settings import Settings

EXAMPLES = """\b
Examples:
  audit forecast "Rowan Labs Oy"
  audit forecast "Rowan Labs Oy" --json
  audit forecast --csv usage.csv --period-start 2026-11-01 --period-end 2026-12-01
  audit forecast --csv usage.csv --period-start 2026-11-01 --period-end 2026-12-01 \
--as-of 2026-11-11 --json
  cat usage.csv | audit forecast --csv - --period-start 2026-11-01 --period-end 2026-12-01

\b
Of an organization: the running billing period by product, and the bills of the twelve after it, as
they are and with all open findings fixed; docs/outlook.md. The JSON is that of findings.json.

\b
The file has one row per series and day, in any order:
  series,day,quantity
  events,2026-11-01,1250
The columns may also be called unique_id, meter or id; date or ds; value, y, usage or units. A day
without a row is unknown, not 0. --period-end is the day after the last one. docs/forecast.md says
how totals and ranges come about."""

NUMBERS = ("so_far", "mean", "p50", "p10", "p90", "p025", "p975", "if_it_passes", "if_it_stays")
SMALL = 100


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="The coming bills, or any daily counts.", epilog=EXAMPLES)(forecast)


def forecast(
    context: typer.Context,
    organization: options.Organization = "",
    csv: Annotated[
        str, typer.Option(metavar="FILE", help="Daily counts; - reads standard input.")
    ] = "",
    period_start: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="First day of the period.")
    ] = "",
    period_end: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="The day after its last one.")
    ] = "",
    as_of: Annotated[
        str,
        typer.Option(metavar="YYYY-MM-DD", help="Rows up to the day before count. Default: today."),
    ] = "",
    changed_on: Annotated[
        str,
        typer.Option(
            metavar="YYYY-MM-DD", help="A known change: usage since this day is here to stay."
        ),
    ] = "",
    account: options.AccountFile = "",
    store: options.Store = "",
    policy: options.PolicyName = "",
    lookback_days: options.LookbackDays = None,
    json: options.Json = False,
) -> None:
    """Forecast an organization's bills, or the total of a period of any daily counts, with the
    ranges that hold 80% and 95% of the outcomes. After a jump in the last six days two totals are
    given: if it passes, and if it stays."""
    if not csv:
        if not (organization or account):
            raise InputError(
                "Name an organization; or --csv names the file of daily counts, - for a pipe."
            )
        if period_start or period_end or changed_on:
            raise InputError("--period-start, --period-end and --changed-on go with --csv.")
        asked = {"policy": policy, "as_of": options.day(as_of), "lookback_days": lookback_days}
        _of_account(options.settings(context), organization, account, store, asked, json=json)
        return
    if organization or account:
        raise InputError("Either an organization, or --csv; not both.")
    start = _needed(period_start, "--period-start")
    end = _needed(period_end, "--period-end")
    day = options.day(as_of) or options.today()
    changed = options.day(changed_on, "--changed-on")
    from audit.forecast.totals import period_totals

    history = _read(csv)
    found = period_totals(history, start, end, day, changed_on=changed)
    if json:
        emit_json(_document(found, start, end, day))
    else:
        _show(found, start, end, day)


def _of_account(
    settings: "Settings",
    organization: str,
    account: str,
    store: str,
    given: dict[str, Any],
    *,
    json: bool,
) -> None:
    from audit.findings.examine import examine
    from audit.findings.outlook import document

    loaded = options.loaded(settings, organization, account=account, store=store)
    asked = options.asked(settings, loaded.arguments, project="", **given)
    audit = examine(loaded, **asked)
    if json:
        emit_json(
            {
                "organization_id": audit.organization_id,
                "as_of": audit.as_of,
                "forecast": document.forecast(audit.forecast),
                "outlook": document.outlook(audit.outlook),
            }
        )
        return
    say(f"{audit.organization_name} ({audit.organization_id}), as of {audit.as_of}.")
    _running(audit)
    _coming(audit)


def _running(audit: "Audit") -> None:
    of = audit.forecast
    if of.total is None:
        say(f"The running period: unknown. {of.reason}")
        return
    say(f"The running period, {of.start} to before {of.end}; USD, estimate.")
    say()
    rows = [
        (
            product_name(line.product),
            f"{line.counted:,}",
            f"{int(line.units.mean):,}",
            usd(line.amount.mean),
            f"{usd(line.amount.p10)} to {usd(line.amount.p90)}",
        )
        for line in of.lines
    ]
    if of.discount:
        rows.append(("Discount", "", "", usd(-of.discount), ""))
    rows.append(("Bill", "", "", usd(of.total.mean), f"{usd(of.total.p10)} to {usd(of.total.p90)}"))
    heads = ("so far", "at the end", "USD")
    show_table(("product", *heads, "8 of 10 cases"), rows, right=heads)
    for line in of.lines:
        if line.if_it_stays is not None:
            say(
                f"{product_name(line.product)}: {line.if_it_passes:,} units if the last days pass, "
                f"{line.if_it_stays:,} if they stay; the range does not hold until that is known."
            )
        elif line.note:
            say(f"{product_name(line.product)}: {line.note}")


def _coming(audit: "Audit") -> None:
    of = audit.outlook
    if of is None:
        return
    say()
    rows = [
        (f"{period.start} to {period.end}", *_mean_and_range(bill), *_mean_and_range(fixed))
        for period, bill, fixed in zip(of.periods, of.bills, of.fixed_bills, strict=True)
    ]
    rows.append(("the twelve", *_mean_and_range(of.year), *_mean_and_range(of.year_fixed)))
    heads = ("period, to before", "bill", "8 of 10", "all fixed", "8 of 10 fixed")
    show_table(heads, rows, right=("bill", "all fixed"))
    for line in of.notes:
        note(line)


def _mean_and_range(of: "Range") -> tuple[str, str]:
    return usd(of.mean), f"{usd(of.p10)} to {usd(of.p90)}"


def _needed(text: str, option: str) -> date:
    found = options.day(text, option)
    if found is None:
        raise InputError(f"{option} is needed: a day like 2026-11-01.")
    return found


def _read(path: str) -> "pd.DataFrame":
    """Cells as text, so that a series called 007 or NA stays what it is called."""
    import pandas as pd

    what = "standard input" if path == "-" else repr(path)
    try:
        found = pd.read_csv(
            sys.stdin.buffer if path == "-" else path,
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            encoding="utf-8-sig",
            skipinitialspace=True,
            encoding_errors="strict",
        )
    except FileNotFoundError:
        raise InputError(f"No file {what}. --csv names a file of daily counts.") from None
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"{what} is not a CSV file in UTF-8: {error}") from None
    if found.empty:
        raise InputError(f"{what} has no rows. One row per series and day is needed.")
    return found


def _document(found: "pd.DataFrame", start: date, end: date, day: date) -> dict[str, Any]:
    return {
        "period_start": start,
        "period_end": end,
        "as_of": day,
        "series": found.to_dict("records"),
    }


def _show(found: "pd.DataFrame", start: date, end: date, day: date) -> None:
    say(f"{start} to before {end}, as of {day}: {len(found):,} series.")
    say()
    rows = []
    for row in found.itertuples(index=False):
        cell = {name: _units(getattr(row, name)) for name in NUMBERS}
        rows.append(
            (
                row.series,
                cell["so_far"],
                cell["p50"],
                f"{cell['p10']} to {cell['p90']}",
                f"{cell['p025']} to {cell['p975']}",
                "" if row.if_it_stays == row.if_it_passes else cell["if_it_stays"],
                words(row.method) if row.interval_is_valid else f"{words(row.method)}, no range",
                row.note,
            )
        )
    heads = ("so far", "total", "80%", "95%", "if it stays")
    show_table(("series", *heads, "method", "note"), rows, right=heads)
    if not found["interval_is_valid"].all():
        note('"No range": what is printed is not to be relied on; the note says why.')


def _units(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= SMALL or value == int(value) else f"{value:,.1f}"
