"""``audit roi``: what is read for what is paid, and what fixing returns."""

from typing import TYPE_CHECKING, Annotated

import typer

from audit.cli import options
from audit.cli.output import emit_json, number, say, show_table, usd

if TYPE_CHECKING:
    from decimal import Decimal

    from audit.roi import Roi

EXAMPLES = """\b
Examples:
  audit roi "Rowan Labs Oy"
  audit roi "Rowan Labs Oy" --set engineer_hour_usd=140 --set session_replay_read_percent=20
  audit roi "Rowan Labs Oy" --set people.2026-07=18000 --set people.2026-10=21000
  audit roi --account account.zip --assumptions ours.toml --json

\b
Nobody publishes a formula, so this one is ours: docs/roi.md has it, with every assumption. With
--audience team it says what writing to the account returns, too."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        short_help="What is read for what is paid, and what fixing returns.", epilog=EXAMPLES
    )(roi)


def roi(
    context: typer.Context,
    organization: options.Organization = "",
    assumptions: Annotated[
        str, typer.Option(metavar="FILE", help="Your assumptions, a TOML file of name = value.")
    ] = "",
    own: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="One assumption; may be repeated."),
    ] = None,
    account: options.AccountFile = "",
    store: options.Store = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    audience: options.Audience = "",
    ledger: options.Ledger = "",
    json: options.Json = False,
) -> None:
    """Value read over cost by product, payback by finding, before and after fixes, and the trend
    of the bill split into growth and more units per person. Estimates unless marked actual."""
    from audit.cli.judge import named

    named(organization, account)
    settings = options.settings(context)
    day = options.day(as_of)
    from audit.findings.examine import examine
    from audit.roi import document, merged, parsed, read_file
    from audit.roi import roi as of

    told = merged(
        read_file(assumptions) if assumptions else {}, *(dict([parsed(one)]) for one in own or ())
    )
    loaded = options.loaded(settings, organization, account=account, store=store)
    asked = options.asked(
        settings,
        loaded.arguments,
        policy=policy,
        as_of=day,
        lookback_days=lookback_days,
        project="",
        audience=audience,
        ledger=ledger,
    )
    found = of(examine(loaded, **asked), told)
    if json:
        emit_json(document(found))
    else:
        _show(found)


def _show(of: "Roi") -> None:
    audit = of.audit
    say(f"{audit.organization_name} ({audit.organization_id}), as of {audit.as_of}.")
    if not audit.usage_is_known:
        say("No usage of these days is known, so there is nothing to set against a cost.")
        return
    _account(of)
    _products(of)
    _findings(of)
    _trend(of)
    _team(of)
    changed = [one for one in of.assumptions.shown(team=of.for_team) if one.changed]
    say()
    for one in changed:
        say(f"Yours: {one.name} = {_plain(one.value)} (else {_plain(one.default)}; {one.unit}).")
    say("Every assumption: --json, or docs/roi.md. Change one with --set name=value.")


def _account(of: "Roi") -> None:
    from audit.roi.wording import small

    before, after = of.account.before, of.account.after
    say()
    show_table(
        ("USD a billing month, estimate", "now", "after all fixes"),
        [
            ("bill", usd(before.total), usd(after.total)),
            (
                "spend that is read",
                _percent(before.reading.read_share),
                _percent(after.reading.read_share if of.account.after_is_read else None),
            ),
            (
                "part of the spend where that is known",
                _percent(before.reading.known_share),
                _percent(after.reading.known_share if of.account.after_is_read else None),
            ),
            ("cost per reader", small(before.cost_per_reader), small(after.cost_per_reader)),
            (
                "cost per tracked user",
                small(before.cost_per_person),
                small(after.cost_per_person),
            ),
            (
                "events per tracked user",
                _plain(before.events_per_person),
                _plain(after.events_per_person),
            ),
        ],
        right=("now", "after all fixes"),
    )
    known = of.account.benchmarks
    least, most = (f(one.events for one in known) for f in (min, max))
    say(f"Published events per user: {least} to {most} ({of.account.benchmark_source}).")


def _products(of: "Roi") -> None:
    from audit.roi.wording import small

    if not of.products:
        return
    say()
    show_table(
        ("product", "cost", "used by", "read", "read cost", "unit cost"),
        [
            (
                one.name,
                usd(one.cost),
                one.users.in_words,
                _read(one.read.share, one.read.at_most),
                usd(one.read_cost) if one.read_cost is not None else "",
                tuple(f"{small(unit.usd)} per {unit.unit}" for unit in one.unit_costs) or ("",),
            )
            for one in of.products
        ],
        right=("cost", "read", "read cost"),
    )
    for one in of.products:
        if one.read.tells:
            say(f"{one.name}: {one.read.words}. What would tell it: {one.read.tells}.")


def _findings(of: "Roi") -> None:
    say()
    if not of.findings:
        say("No open finding has a saving attached.")
        return
    total = of.together
    show_table(
        ("finding", "hours", "effort", "saves a year", "80% range", "paid back, days"),
        [
            *(
                (
                    (one.finding.title, one.finding.id),
                    _plain(one.hours),
                    usd(one.effort_usd),
                    usd(one.yearly.mid),
                    _range(one.yearly.low, one.yearly.high),
                    _plain(one.payback_days, "never"),
                )
                for one in of.findings
            ),
            (
                "All together",
                _plain(total.hours),
                usd(total.effort_usd),
                usd(total.yearly.mid),
                _range(total.yearly.low, total.yearly.high),
                _plain(total.payback_days, "never"),
            ),
        ],
        right=("hours", "effort", "saves a year", "80% range", "paid back, days"),
    )


def _trend(of: "Roi") -> None:
    trend = of.trend
    say()
    if trend.parts is None:
        say(trend.reason)
        return
    first, last = trend.months[0], trend.months[-1]
    before = "discounts" if trend.basis == "actual" else "discounts and limits"
    say(f"From {first.start} on: {trend.quantities_of} ({trend.basis}, before {before}).")
    split = trend.parts.growth is not None
    names = ("growth", "units per person") if split else ("units",)

    def parts(one: object) -> tuple[str, ...]:
        cells = ("growth", "intensity") if split else ("units",)
        return tuple(usd(getattr(one, name)) for name in (*cells, "switched", "price"))

    columns = ("first month", "last month", "change", *names, "started or stopped", "price")
    show_table(
        ("product", *columns),
        [
            *(
                (
                    line.name,
                    usd(line.costs[0]),
                    usd(line.costs[-1]),
                    usd(line.parts.total),
                    *parts(line.parts),
                )
                for line in trend.lines
            ),
            (
                "All products",
                usd(first.cost),
                usd(last.cost),
                usd(trend.change),
                *parts(trend.parts),
            ),
        ],
        right=columns,
    )
    say(trend.growth_words)


def _team(of: "Roi") -> None:
    team = of.team
    if team is None:
        return
    say()
    show_table(
        ("for the team, USD, expected", ""),
        [
            ("minutes", _plain(team.minutes)),
            ("cost of the minutes", usd(team.cost)),
            ("saving of the customer in a year", usd(team.expected_saving)),
            ("revenue kept", usd(team.revenue_kept)),
            ("net revenue", usd(team.net_revenue)),
            ("worth an hour, for both", usd(team.worth_an_hour)),
        ],
        right=("",),
    )


def _percent(share: "Decimal | None") -> str:
    return "unknown" if share is None else f"{100 * share:.0f}%"


def _read(share: "Decimal | None", most: "Decimal | None") -> str:
    return f"at most {100 * most:.0f}%" if share is None and most is not None else _percent(share)


def _range(low: "Decimal | None", high: "Decimal | None") -> str:
    return "" if low is None or high is None else f"{usd(low)} to {usd(high)}"


def _plain(value: "Decimal | str | None", without: str = "unknown") -> str:
    if value is None or value == "":
        return without
    return value if isinstance(value, str) else number(float(value))
