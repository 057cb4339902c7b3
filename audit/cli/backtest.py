"""``audit backtest``: how the forecast would have done on an account's own past."""

from collections.abc import Sequence
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
)
from audit.errors import AuditError

if TYPE_CHECKING:
    from datetime import date

    from audit.account import Account
    from audit.findings.outlook.judged import Judged
    from audit.forecast.backtest import Score

EXAMPLES = """\b
Examples:
  audit backtest "Rowan Labs Oy"
  audit backtest --account account.zip --csv
  audit backtest --store audit.duckdb
  audit backtest --json

\b
Past periods, as long as the running one, are forecast from what was known on several of their
days. Errors are of a period's total: the mean absolute error over the mean total. A forecast that
loses to a simple one on this account is replaced by it. docs/backtest.md has the rules."""

CSV_FIELDS = (
    "organization_id",
    "meter",
    "elapsed_days",
    "method",
    "periods",
    "error_percent",
    "median_error_percent",
    "bias_percent",
    "covered_80_percent",
    "covered_95_percent",
    "width_80_percent",
    "width_95_percent",
)
UNKNOWN = "-"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        short_help="How the forecast would have done on the account's past.", epilog=EXAMPLES
    )(backtest)


def backtest(
    context: typer.Context,
    organization: Annotated[
        str,
        typer.Argument(
            metavar="[ORGANIZATION]", help="Its id or exact name. Default: all of the store."
        ),
    ] = "",
    account: options.AccountFile = "",
    store: options.Store = "",
    as_of: options.AsOf = "",
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Judge the forecast on past billing periods, beside the run rate, the last period, the last
    week and the same weekday of the last week; by meter and pooled."""
    options.one_format(json, csv)
    settings = options.settings(context)
    day = options.day(as_of)
    if not organization and not account:
        _all(store or settings.store, day, json=json, csv=csv)
        return
    from audit.findings.outlook.judged import document

    loaded = options.loaded(settings, organization, account=account, store=store)
    # An account file repeats the audit it was kept with.
    found = _judged(loaded, day or options.day(str(loaded.arguments.get("as_of") or "")))
    if json:
        emit_json(document(found))
    elif csv:
        emit_csv(_csv([found]))
    else:
        _show(found)


def _judged(account: "Account", day: "date | None") -> "Judged":
    from audit.findings.outlook.judged import judged

    return judged(account, day or account.as_of)


def _all(path: str, day: "date | None", *, json: bool, csv: bool) -> None:
    from audit.findings.outlook.judged import document, figures, portfolio_scores
    from audit.store import Store

    found: list[Judged] = []
    with Store.open(path) as opened, progress("backtest") as step:
        ids = [str(one) for one in opened.organizations()["organization_id"]]
        for number, identity in enumerate(ids, 1):
            step(f"account {number} of {len(ids)}")
            try:
                found.append(_judged(opened.account(identity), day))
            except AuditError as error:
                note(f"{identity} is left out: {error}")
    if json:
        scores = [{"elapsed_share": s, **figures(one)} for s, one in portfolio_scores(found)]
        emit_json({"scores": scores, "organizations": [document(one) for one in found]})
    elif csv:
        emit_csv(_csv(found))
    else:
        _show_all(found, path)


def _show(of: "Judged") -> None:
    from audit.forecast.backtest import score

    say(f"{of.name} ({of.organization_id}), usage up to {of.last_day}.")
    if of.found.reason:
        say(of.found.reason)
        return
    say(
        f"{counted(of.periods, 'past period')} of {of.found.period_days} days, the first from "
        f"{of.found.first_days[0]}; they overlap by about half."
    )
    say()
    moments = [*((f"day {days}", days) for days in of.found.elapsed_days), ("all", None)]
    _show_methods(
        [
            (name, lambda method, at=at: score(of.found, method, elapsed_days=at))
            for name, at in moments
        ]
    )
    say()
    _show_meters(of)
    for place in of.replaced:
        say(f"{product_name(of.meters[place])}: {of.choices[place].words}")


def _show_methods(moments: Sequence[tuple[str, Any]]) -> None:
    """Errors of all methods, pooled, and the ranges of the forecast. ``moments``: a heading, and
    what gives the score of a method."""
    from audit.forecast.backtest import METHODS, OURS

    heads = tuple(name for name, _ in moments)
    rows = []
    for method in METHODS:
        mine = [score_of(method) for _, score_of in moments]
        rows.append((_title(method), *(_percent(s.error_percent) for s in mine), _signed(mine[-1])))
    show_table(("error, pooled", *heads, "bias"), rows, right=(*heads, "bias"))
    say()
    ours = [score_of(OURS) for _, score_of in moments]
    show_table(
        ("range of the forecast", *heads),
        [
            ("80%: totals inside", *(_percent(s.covered_80_percent) for s in ours)),
            ("80%: width", *(_percent(s.width_80_percent) for s in ours)),
            ("95%: totals inside", *(_percent(s.covered_95_percent) for s in ours)),
            ("95%: width", *(_percent(s.width_95_percent) for s in ours)),
        ],
        right=heads,
    )


def _show_meters(of: "Judged") -> None:
    from audit.forecast.backtest import METHODS, score

    heads = tuple(_title(method) for method in METHODS)
    rows = []
    for place in of.shown:
        scores = [score(of.found, method, series=place) for method in METHODS]
        rows.append(
            (
                product_name(of.meters[place]),
                scores[0].periods,
                *(_percent(one.error_percent) for one in scores),
                _percent(scores[0].covered_80_percent),
                _title(of.choices[place].method),
            )
        )
    show_table(
        ("error, by meter", "periods", *heads, "80% inside", "used"),
        rows,
        right=("periods", *heads, "80% inside"),
    )


def _show_all(found: "Sequence[Judged]", path: str) -> None:
    from audit.forecast.backtest import ELAPSED_SHARES, pooled

    known = [one for one in found if not one.found.reason]
    meters = sum(len(one.shown) for one in known)
    say(f"{path}: {counted(len(found), 'organization')}, {counted(meters, 'meter')} with usage.")
    short = len(found) - len(known)
    if short:
        say(f"{counted(short, 'organization')} with too short a history to judge.")
    if not meters:
        return
    say()
    tests = [one.found for one in known]
    moments = [*((f"{100 * s:.0f}%", at) for at, s in enumerate(ELAPSED_SHARES)), ("all", None)]
    _show_methods(
        [(name, lambda method, at=at: pooled(tests, method, moment=at)) for name, at in moments]
    )
    say()
    replaced = sum(len(one.replaced) for one in known)
    say(
        f"Columns: the share of the period that was over. Replaced by a simple forecast: "
        f"{replaced:,} of {counted(meters, 'meter')}."
    )


def _csv(found: "Sequence[Judged]") -> str:
    import csv
    import io

    from audit.findings.document import safe_cell
    from audit.findings.outlook.judged import ALL, figures, scores

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_FIELDS)
    for one in found:
        for meter, elapsed, score in scores(one):
            values = {
                "organization_id": one.organization_id,
                "meter": meter,
                "elapsed_days": ALL if elapsed is None else elapsed,
                **figures(score),
            }
            cells = ("" if values[name] is None else str(values[name]) for name in CSV_FIELDS)
            writer.writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()


def _title(method: str) -> str:
    return method.replace("_", " ")


def _percent(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1f}%"


def _signed(of: "Score") -> str:
    return UNKNOWN if of.bias_percent is None else f"{of.bias_percent:+.1f}%"
