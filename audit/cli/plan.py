"""``audit plan``: whether to buy credit for a year, how much, and what may go wrong."""

from typing import TYPE_CHECKING, Annotated

import typer

from audit.cli import options
from audit.cli.output import emit_json, number, say, show_table, usd, words

if TYPE_CHECKING:
    from audit.prepaid import Plan, Row

EXAMPLES = """\b
Examples:
  audit plan "Quarry Outdoors Inc" --policy 2026-11
  audit plan "Quarry Outdoors Inc" --commitment 40000 --years 2 --upfront
  audit plan "Quarry Outdoors Inc" --rules levers --most-loss-percent 5
  audit plan --account account.zip --json

\b
Usage is that after the fixes. All money is an estimate; what only a person can say begins with
"Sales confirms". docs/annual_plan.md has the rules and the arithmetic."""

#: Beyond this a commitment is sure to lose, and its row says nothing.
HOPELESS_PERCENT = 99.95


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="Whether an annual plan pays, and how much credit.", epilog=EXAMPLES)(
        plan
    )


def plan(
    context: typer.Context,
    organization: options.Organization = "",
    commitment: Annotated[
        float | None,
        typer.Option(metavar="USD", help="A credit of your own at list value, to compare."),
    ] = None,
    rules: Annotated[
        str,
        typer.Option(metavar="NAME", help="flat, net_spend or levers. Default: the policy's."),
    ] = "",
    years: Annotated[int, typer.Option(help="Length of the contract.")] = 1,
    upfront: Annotated[
        bool, typer.Option("--upfront", help="All years are paid at the start.")
    ] = False,
    payment_days: Annotated[int, typer.Option(help="Days to pay.")] = 30,
    non_profit: Annotated[
        bool, typer.Option("--non-profit", help="The organization is a non-profit.")
    ] = False,
    startup_roll_off: Annotated[
        bool,
        typer.Option("--startup-roll-off", help="First plan after the startup programme."),
    ] = False,
    renewal_percent: Annotated[
        float, typer.Option(metavar="PERCENT", help="Chance of a renewal, for the roll-over.")
    ] = 0.0,
    rollover: Annotated[
        str,
        typer.Option(
            metavar="READING", help="stricter, original or remaining. Default: the policy's."
        ),
    ] = "",
    most_loss_percent: Annotated[
        float, typer.Option(metavar="PERCENT", help="Highest chance of a loss to recommend.")
    ] = 20.0,
    discount_rate_percent: Annotated[
        float, typer.Option(metavar="PERCENT", help="Time value of money a year.")
    ] = 0.0,
    growth_percent: Annotated[
        float | None,
        typer.Option(metavar="PERCENT", help="A growth of your own in the Sales table."),
    ] = None,
    shrink_percent: Annotated[
        float, typer.Option(metavar="PERCENT", help="Further fall in the Sales table.")
    ] = 20.0,
    least_history_days: Annotated[
        int, typer.Option(metavar="DAYS", help="History below which nothing is recommended.")
    ] = 90,
    draws: Annotated[
        int | None,
        typer.Option(min=100, max=100_000, help="Simulated years. Default: 10000."),
    ] = None,
    account: options.AccountFile = "",
    store: options.Store = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    ledger: options.Ledger = "",
    json: options.Json = False,
) -> None:
    """Compare paying by the month, self-serve credit, the bands of an annual plan and waiting, on
    simulated years of usage after the fixes, and recommend one."""
    from audit.cli.judge import named

    named(organization, account)
    settings = options.settings(context)
    day = options.day(as_of)
    from audit.findings.examine import examine
    from audit.prepaid import Assumptions, Terms, document
    from audit.prepaid.of_account import DRAWS, plan_of

    terms = Terms(
        years=years,
        paid_upfront=upfront,
        payment_days=payment_days,
        non_profit=non_profit,
        startup_roll_off=startup_roll_off,
    )
    assumptions = Assumptions(
        renewal_percent=renewal_percent,
        discount_rate_percent=discount_rate_percent,
        most_loss_percent=most_loss_percent,
        least_history_days=least_history_days,
        shrink_percent=shrink_percent,
        growth_percent=growth_percent,
        rollover_reading=rollover,
    )
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
    # The eligibility rests on facts that checks for the team read.
    audit = examine(loaded, **(asked | {"audience": "team"}), draws=draws or DRAWS)
    found = plan_of(
        audit,
        rule_set=rules,
        terms=terms,
        assumptions=assumptions,
        commitment_usd=commitment,
    )
    if json:
        head = {
            "organization_id": audit.organization_id,
            "organization_name": audit.organization_name,
            "as_of": audit.as_of,
        }
        emit_json(head | document(found))
        return
    say(f"{audit.organization_name} ({audit.organization_id}), as of {audit.as_of}.")
    _show(found)


def _show(of: "Plan") -> None:
    say(f"Priced by {of.rules.in_words}.")
    say(of.state.in_words)
    say(of.eligibility.in_words)
    say()
    say(of.in_words)
    say(f"Levers: {of.levers}.")
    say(of.decision.reason)
    say(
        f"List usage of the coming year after the fixes: {usd(of.usage.mean)}, "
        f"{usd(of.usage.p10)} to {usd(of.usage.p90)} in 80% of {of.draws:,} simulated years "
        f"(estimate); by the month it costs {usd(of.usage.pay_as_you_go)}."
    )
    if of.stale is not None:
        say(of.stale.in_words)
    if of.before_fixing is not None:
        say(of.before_fixing.in_words)
    _alternatives(of)
    _sales(of)
    say()
    for line in (*of.confirm, *of.notes):
        say(line)


def _alternatives(of: "Plan") -> None:
    rows = [row for row in of.decision.rows if row.loss_percent < HOPELESS_PERCENT]
    say()
    show_table(
        (
            "way to pay",
            "saves",
            "of the\nmonths",
            "chance\nof loss",
            "worst 5%",
            "break-even\nusage",
            "unused\ncredit",
            "most\nregret",
            "expected\nregret",
        ),
        [_alternative(of, row) for row in rows],
        right=(
            "saves",
            "of the\nmonths",
            "chance\nof loss",
            "worst 5%",
            "break-even\nusage",
            "unused\ncredit",
            "most\nregret",
            "expected\nregret",
        ),
    )
    left = len(of.decision.rows) - len(rows)
    if left:
        say(f"Not shown: {left} ways that lose in every simulated year (--json has them).")
    say("USD of twelve months, estimate; worst 5%: mean saving of the worst twentieth of years.")


def _alternative(of: "Plan", row: "Row") -> tuple[object, ...]:
    mark = "* " if row is of.recommended else ""
    note = f" ({row.choice.why_not.rstrip('.').lower()})" if row.choice.why_not else ""
    return (
        f"{mark}{row.choice.title}{note}",
        usd(row.saving),
        "" if row.saving_percent is None else f"{row.saving_percent:.1f}%",
        f"{row.loss_percent:.1f}%",
        usd(row.worst_saving),
        "" if row.break_even_usage is None else usd(row.break_even_usage),
        usd(row.unused),
        usd(row.most_regret),
        usd(row.regret),
    )


def _sales(of: "Plan") -> None:
    say()
    show_table(
        ("scenario", "by the month", "credit", "cash", "saves", "levers"),
        [
            (
                (row.title, row.basis),
                usd(row.pay_as_you_go) if row.pay_as_you_go is not None else "",
                usd(row.credit) if row.credit else "",
                usd(row.cash) if row.cash is not None else "",
                usd(row.saving) if row.saving is not None else "",
                row.levers,
            )
            for row in of.sales_table
        ],
        right=("by the month", "credit", "cash", "saves"),
    )
    if of.break_evens:
        steps = ", ".join(
            f"${one.credit_usd:,.0f} at {number(one.to_percent)}% from ${one.usage_usd:,.0f}"
            for one in of.break_evens
        )
        say(f"Buying up costs no more, for usage that is certain: {words(steps)}.")
