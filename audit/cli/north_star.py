"""``audit north-star``: what the team measures itself by, over a whole store."""

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

if TYPE_CHECKING:
    from audit.north_star import Cohort, Group, NorthStar

EXAMPLES = """\b
Examples:
  audit north-star
  audit north-star --list
  audit north-star --startup-credit count --handovers by_revenue --json
  audit north-star --policy 2026-11 --least-arr-usd 5000 --csv

\b
retained  revenue above 0 so many months after the first bill over the threshold
unknown   not read, or not over yet: neither retained nor lost
docs/north_star.md has the rules, and what each treatment means."""

StartupCredit = Annotated[
    str, typer.Option(metavar="apart|count|drop", help="Months paid by startup credit.")
]
NeverBilled = Annotated[
    str, typer.Option(metavar="apart|count|drop", help="Forecasts that never became a bill.")
]
Handovers = Annotated[
    str, typer.Option(metavar="retained|by_revenue|apart|drop", help="Who was handed to Sales.")
]
Credits = Annotated[
    str,
    typer.Option(
        "--credits",
        metavar="override|subtract|ignore",
        help="Credit from the balance: override takes one-off credit for none.",
    ),
]
Refunds = Annotated[str, typer.Option(metavar="subtract|ignore", help="Credit notes on invoices.")]
Uncollectible = Annotated[
    str, typer.Option(metavar="no_revenue|revenue", help="Invoices that were given up.")
]
Months = Annotated[
    int | None, typer.Option(min=1, max=24, metavar="N", help="Measure N months later. Default: 3.")
]
Threshold = Annotated[
    float | None, typer.Option(min=0, metavar="USD", help="Of the first bill. Default: the policy.")
]
LeastArr = Annotated[
    float | None,
    typer.Option(min=0, metavar="USD", help="Dollars of smaller organizations do not count."),
]
InvoicesSince = Annotated[
    str, typer.Option(metavar="YYYY-MM-DD", help="The store has no invoices from before this day.")
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(metavar="ORGANIZATION", help="Do not look at this one; may be repeated."),
]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        "north-star",
        short_help="Three-month retention of logos and dollars, by cohort.",
        epilog=EXAMPLES,
    )(north_star)


def north_star(
    context: typer.Context,
    startup_credit: StartupCredit = "",
    never_billed: NeverBilled = "",
    handovers: Handovers = "",
    credit: Credits = "",
    refunds: Refunds = "",
    uncollectible: Uncollectible = "",
    months: Months = None,
    threshold_usd: Threshold = None,
    least_arr_usd: LeastArr = None,
    invoices_since: InvoicesSince = "",
    exclude: Exclude = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Each organization with its cohort and standing.")
    ] = False,
    store: options.Store = "",
    policy: options.PolicyName = "",
    as_of: options.AsOf = "",
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 3 when one could not be evaluated.")
    ] = False,
    json: options.Json = False,
    csv: options.Csv = False,
) -> int:
    """Logo retention from the first forecasted bill over the threshold, with net and gross dollar
    retention, by monthly cohort, for the team."""
    options.one_format(json, csv)
    settings = options.settings(context)
    day, since = options.day(as_of), options.day(invoices_since, "--invoices-since")
    path = store or settings.store
    from audit.north_star import Treatments
    from audit.north_star import north_star as measured
    from audit.north_star.document import cohorts_csv, document, organizations_csv

    treatments = Treatments.of(
        startup_credit=startup_credit,
        never_billed=never_billed,
        handovers=handovers,
        credits=credit,
        refunds=refunds,
        uncollectible=uncollectible,
        months=months,
        threshold_usd=threshold_usd,
        least_arr_usd=least_arr_usd,
        invoices_since=since,
        exclude=exclude or (),
    )
    with progress("north-star") as step:
        step(f"reading {path}")
        found = measured(path, policy=policy or settings.policy, as_of=day, treatments=treatments)
    if json:
        emit_json(document(found, organizations=listed))
    elif csv:
        emit_csv(organizations_csv(found) if listed else cohorts_csv(found))
    else:
        _show(found, listed, options.again(store))
    return 3 if strict and _gaps(found) else 0


def _gaps(of: "NorthStar") -> int:
    """Organizations of which it is not known whether they are retained, or even in a cohort."""
    return of.pooled.unknown + sum(
        one.organizations for one in of.left_out if one.status == "not_evaluated"
    )


def _show(of: "NorthStar", listed: bool, again: str) -> None:
    say(
        f"As of {of.as_of}: retained {counted(of.treatments.months, 'month')} after the first bill "
        f"over {_dollars(of.threshold_usd)}. Target {of.target_percent:g}%."
    )
    say()
    if of.cohorts:
        show_table(
            ("cohort", "logos", "kept", "lost", "unknown", *RETENTION, "base", "then", *DOLLARS),
            [_row(one) for one in (*of.cohorts, of.pooled)],
            right=("logos", "kept", "lost", "unknown", *RETENTION, "base", "then", *DOLLARS),
            whole=("cohort",),
        )
        say(_in_words(of))
    else:
        say("No cohort is old enough yet.")
    say()
    show_table(
        ("not in a cohort", "", "cohorts", "logos"),
        [*_groups("too young", of.young), *_groups("apart", of.apart), *_groups("", of.left_out)],
        right=("logos",),
    )
    if listed:
        say()
        _show_organizations(of)
    say()
    from audit.north_star.document import in_words

    show_table(
        ("parameter", "value", "meaning"),
        [(words(p["name"]), in_words(p["value"]), p["meaning"]) for p in of.parameters],
        whole=("value",),
    )
    say()
    for line in of.notes:
        say(line)
    say(f"Target: {of.target_source}.")
    say(f"Policy {of.policy}; USD of a billing month, actual.")
    if not listed:
        note(f"Next: audit north-star --list{again}")


RETENTION = ("retained", "95% from", "to")
DOLLARS = ("net", "gross")


def _row(one: "Cohort") -> tuple[object, ...]:
    kept = f"{one.retained} ({one.by_handover} by handover)" if one.by_handover else one.retained
    return (
        f"{one.month:%Y-%m}" if one.month else "all",
        one.organizations,
        kept,
        one.lost,
        one.unknown,
        _percent(one.percent),
        _percent(one.low_percent),
        _percent(one.high_percent),
        usd(one.base_usd),
        usd(one.current_usd),
        _percent(one.net_percent),
        _percent(one.gross_percent),
    )


def _in_words(of: "NorthStar") -> str:
    one = of.pooled
    said = {
        "above": f"The whole interval lies at or above the target of {of.target_percent:g}%.",
        "below": f"The whole interval lies below the target of {of.target_percent:g}%.",
        "undecided": f"The interval holds the target of {of.target_percent:g}%: whether it is met "
        "cannot be told from so few.",
        "unknown": "Of nobody it is known yet.",
    }[one.target]
    if one.unknown:
        said += (
            f" With the unknown ones it is between {_percent(one.least_percent)} and "
            f"{_percent(one.most_percent)}."
        )
    return said


def _groups(kind: str, groups: "tuple[Group, ...]") -> list[tuple[Any, ...]]:
    return [
        (
            words(one.status) if kind != "too young" else kind,
            _reason(one),
            ", ".join(f"{month:%Y-%m}" for month in one.months),
            one.organizations,
        )
        for one in groups
    ]


def _reason(one: "Group") -> str:
    if not one.looked_at:
        return one.reason
    return f"{one.reason}; {one.billed} of {one.looked_at} had a bill in the later month"


def _show_organizations(of: "NorthStar") -> None:
    from audit.north_star.document import rows

    show_table(
        ("cohort", "organization", "standing", "first bill", "base", "then"),
        [
            (
                row["cohort"] or "",
                (row["name"] or "", row["organization_id"]),
                tuple(filter(None, (words(row["status"]), row["reason"]))),
                _amount(row["first_bill_usd"]),
                _amount(row["base_usd"]),
                _amount(row["current_usd"]),
            )
            for row in rows(of)
        ],
        right=("first bill", "base", "then"),
        whole=("cohort",),
    )


def _amount(text: str | None) -> str:
    from decimal import Decimal

    return "" if text is None else usd(Decimal(text))


def _dollars(amount: float) -> str:
    return f"${amount:,.2f}".removesuffix(".00")


def _percent(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f}%"
