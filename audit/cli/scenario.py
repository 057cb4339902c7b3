"""``audit scenario``: what if, side by side."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from audit.cli import options
from audit.cli.output import emit_json, note, say, show_table, usd
from audit.errors import InputError

if TYPE_CHECKING:
    from audit.scenarios import Comparison
    from audit.scenarios.changes import Change

EXAMPLES = """\b
Examples:
  audit scenario "Rowan Labs Oy"
  audit scenario "Rowan Labs Oy" --growth 30
  audit scenario "Rowan Labs Oy" --growth 30 --fix all --plan 25000 --from 4
  audit scenario "Rowan Labs Oy" --sampling 0.2 --autocapture-off all
  audit scenario "Rowan Labs Oy" --add llm_analytics=500000 --prices 2026-11-01
  audit scenario "Rowan Labs Oy" --file scenarios.json --json

\b
Without options: as it is, and with all findings fixed. --growth 30 is usage 30% above the forecast
after a year; --from 4 lets everything begin in the fourth billing period from now.
All options together are one scenario; --file holds any number, as a list of
{"name": ..., "changes": [{"kind": "growth", "percent": 30}, ...]}. docs/scenarios.md has all kinds.
Every scenario is priced on the same simulated usage, so the differences are its own."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="What if: growth, settings, products, prices, a plan.", epilog=EXAMPLES)(
        scenario
    )


def scenario(
    context: typer.Context,
    organization: options.Organization = "",
    growth: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[PRODUCT=]PERCENT",
            help="Usage against the forecast after a year; may be repeated.",
        ),
    ] = None,
    sampling: Annotated[
        list[str] | None,
        typer.Option(metavar="[PROJECT=]RATE", help="Sample recordings at 0 to 1 of sessions."),
    ] = None,
    autocapture_off: Annotated[
        list[str] | None, typer.Option(metavar="PROJECT|all", help="Turn autocapture off.")
    ] = None,
    fix: Annotated[
        list[str] | None, typer.Option(metavar="FINDING|all", help="Fix a finding, or all.")
    ] = None,
    add: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PRODUCT[=UNITS]", help="Add a product, with its units a month (logs: GB)."
        ),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option(metavar="PRODUCT", help="Use a product no more.")
    ] = None,
    prices: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="The public price list of another day.")
    ] = "",
    plan: Annotated[
        float | None, typer.Option(metavar="USD", help="Prepaid credit, at list value.")
    ] = None,
    from_month: Annotated[
        int, typer.Option("--from", min=1, max=12, help="Month in which all of it begins.")
    ] = 1,
    file: Annotated[
        str, typer.Option(metavar="FILE", help="Scenarios as JSON, beside that of the options.")
    ] = "",
    account: options.AccountFile = "",
    store: options.Store = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    json: options.Json = False,
) -> None:
    """Price what would happen over the next twelve billing periods, with ranges."""
    from audit.cli.judge import named

    named(organization, account)
    settings = options.settings(context)
    day = options.day(as_of)
    from audit.findings.examine import examine
    from audit.scenarios import Scenario, compare, document, scenarios

    changes = [
        *_growth(growth or (), from_month),
        *_sampling(sampling or (), from_month),
        *_settings(autocapture_off or (), fix or (), from_month),
        *_products(add or (), drop or (), from_month),
        *_money(options.day(prices, "--prices"), plan, from_month),
    ]
    wanted = [Scenario("Your scenario", tuple(changes))] if changes else []
    wanted += scenarios(file)
    loaded = options.loaded(settings, organization, account=account, store=store)
    asked = options.asked(
        settings,
        loaded.arguments,
        policy=policy,
        as_of=day,
        lookback_days=lookback_days,
        project="",
    )
    audit = examine(loaded, **asked)
    found = compare(audit, wanted)
    if json:
        emit_json(document(found))
        return
    say(f"{audit.organization_name} ({audit.organization_id}), as of {audit.as_of}.")
    _show(found)


def _show(of: "Comparison") -> None:
    first = of.outcomes[0].scenario.name
    start, end = of.periods[0].start, of.periods[-1].end
    say(f"Twelve billing periods, {start} to {end}. All of it is an estimate. Policy {of.policy}.")
    say()
    show_table(
        ("scenario", "next bill", "to pay in a year", "8 of 10 cases", "saves", "8 of 10 saves"),
        [
            (
                one.scenario.name,
                usd(one.next_bill.mean),
                usd(one.year_to_pay.mean),
                f"{usd(one.year_to_pay.p10)} to {usd(one.year_to_pay.p90)}",
                usd(one.year_saving.mean),
                f"{usd(one.year_saving.p10)} to {usd(one.year_saving.p90)}",
            )
            for one in of.outcomes
        ],
        right=("next bill", "to pay in a year", "saves"),
    )
    note(f"What a scenario saves is against {first!r}, on the same {of.draws:,} simulated years.")
    for one in of.outcomes:
        for line in (*one.notes, *one.confirm):
            say(f"{one.scenario.name}: {line}")


def _parts(text: str, option: str) -> tuple[str, str]:
    before, sign, after = text.rpartition("=")
    if not after:
        raise InputError(f"{option} {text!r} has no value. See `audit scenario --help`.")
    return (before if sign else ""), after


def _number(text: str, option: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{option} takes a number, got {text!r}.") from None


def _growth(texts: Sequence[str], month: int) -> list["Change"]:
    from audit.scenarios.changes import Growth

    parts = [_parts(text, "--growth") for text in texts]
    return [Growth(_number(n, "--growth"), product, from_month=month) for product, n in parts]


def _sampling(texts: Sequence[str], month: int) -> list["Change"]:
    from audit.scenarios.changes import Sampling

    parts = [_parts(text, "--sampling") for text in texts]
    return [Sampling(_number(n, "--sampling"), project, from_month=month) for project, n in parts]


def _settings(off: Sequence[str], fix: Sequence[str], month: int) -> list["Change"]:
    from audit.scenarios.changes import AutocaptureOff, Fixes

    changes: list[Change] = [
        AutocaptureOff("" if project == "all" else project, from_month=month) for project in off
    ]
    if fix:
        changes.append(Fixes(() if "all" in fix else tuple(fix), from_month=month))
    return changes


def _products(add: Sequence[str], drop: Sequence[str], month: int) -> list["Change"]:
    from audit.scenarios.changes import Add, Drop

    changes: list[Change] = []
    for text in add:
        product, _, units = text.partition("=")
        if units and not units.isdigit():
            raise InputError(f"--add takes PRODUCT=UNITS, whole units a month, got {text!r}.")
        changes.append(Add(product, int(units) if units else None, from_month=month))
    return changes + [Drop(product, from_month=month) for product in drop]


def _money(prices: date | None, plan: float | None, month: int) -> list["Change"]:
    from audit.scenarios.changes import Plan, Prices

    changes: list[Change] = [Prices(prices, from_month=month)] if prices else []
    return changes + ([Plan(plan, from_month=month)] if plan is not None else [])
