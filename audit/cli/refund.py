"""``audit refund``: a refund request decided rule by rule, for a person to paste."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from audit.cli import options
from audit.cli.output import emit_json, say, show_table, usd, words
from audit.errors import InputError

if TYPE_CHECKING:
    from audit.refunds import Decision

EXAMPLES = """\b
Examples:
  audit refund "Rowan Labs Oy" --from 2026-10-12 --to 2026-10-14
  audit refund "Rowan Labs Oy" --from 2026-10-12 --to 2026-10-14 --scenario under_attack --ceased
  audit refund --account account.zip --product events --from 2026-10-12 --to 2026-10-14 --json

\b
The amount is price(baseline + overage) - price(baseline) through the tiers, never the price of
the overage alone. What is not known is for a person to confirm, never a pass. Nothing is
written anywhere."""


class Reading(StrEnum):
    """How "spiked by more than 200 percent" is read."""

    THREE = "3x"
    TWO = "2x"


#: As the increase in percent that a spike is above.
READINGS = {Reading.THREE: 200, Reading.TWO: 100}


class Story(StrEnum):
    """The scenarios of the refund page."""

    LEARNING_CURVE = "learning_curve"
    UNEXPECTED_STARDOM = "unexpected_stardom"
    UNDER_ATTACK = "under_attack"
    WRONG_SETUP = "wrong_setup"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="Decide a refund request, rule by rule.", epilog=EXAMPLES)(refund)


def refund(
    context: typer.Context,
    organization: options.Organization = "",
    first: Annotated[
        str, typer.Option("--from", metavar="YYYY-MM-DD", help="First day of the incident.")
    ] = "",
    last: Annotated[
        str, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day of the incident.")
    ] = "",
    product: Annotated[
        list[str] | None,
        typer.Option(metavar="PRODUCT", help="May be repeated. Default: all that spiked."),
    ] = None,
    scenario: Annotated[
        Story | None, typer.Option(help="The one it is taken for. Default: each is tried.")
    ] = None,
    request_day: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="When they asked. Default: the pull's day.")
    ] = "",
    explanation: Annotated[
        str, typer.Option(metavar="TEXT", help="What the customer says happened.")
    ] = "",
    ceased: Annotated[
        bool | None, typer.Option("--ceased/--not-ceased", help="The unusual usage is over.")
    ] = None,
    measures_taken: Annotated[
        bool | None,
        typer.Option("--measures-taken/--no-measures-taken", help="A limit, or less volume."),
    ] = None,
    signs_of_abuse: Annotated[
        bool | None,
        typer.Option("--signs-of-abuse/--no-signs-of-abuse", help="Fraud or abuse, after a look."),
    ] = None,
    hobby: Annotated[
        bool | None,
        typer.Option("--hobby/--has-revenue", help="No revenue, or a hobby project."),
    ] = None,
    earlier_refunds: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Refunds before this request.")
    ] = None,
    fixed: Annotated[
        bool | None,
        typer.Option("--fixed-in-good-faith/--not-fixed", help="Since the earlier refund."),
    ] = None,
    reading: Annotated[
        Reading | None,
        typer.Option(help="'Spiked by more than 200%' as above 3x (literal) or 2x."),
    ] = None,
    baseline: Annotated[
        list[str] | None,
        typer.Option(metavar="PRODUCT=UNITS", help="Units of a usual month, over what usage says."),
    ] = None,
    tax_percent: Annotated[
        str, typer.Option(metavar="PERCENT", help="US tax, for the credit of a zero bill.")
    ] = "",
    account: options.AccountFile = "",
    store: options.Store = "",
    policy: options.PolicyName = "",
    json: options.Json = False,
) -> None:
    """Decide a refund request: each rule, the amount per product, and a block to paste."""
    from audit.checks import load_checks
    from audit.cli.judge import named
    from audit.policy import load_policy
    from audit.refunds import Request, Scenario, decide, document

    named(organization, account)
    first_day, last_day = options.day(first, "--from"), options.day(last, "--to")
    if first_day is None or last_day is None:
        raise InputError("Name the days of the incident with --from and --to, both included.")
    settings = options.settings(context)
    request = Request(
        first_day=first_day,
        last_day=last_day,
        products=tuple(product or ()),
        scenario=Scenario(scenario.value) if scenario else None,
        request_day=options.day(request_day, "--request-day"),
        explanation=explanation,
        signs_of_abuse=signs_of_abuse,
        ceased=ceased,
        measures_taken=measures_taken,
        no_revenue=hobby,
        earlier_refunds=earlier_refunds,
        fixed_in_good_faith=fixed,
        spike_percent=READINGS[reading] if reading else None,
        tax_percent=tax_percent,
        baseline=_units(baseline or []),
    )
    loaded = options.loaded(settings, organization, account=account, store=store)
    name = policy or settings.policy
    decision = decide(loaded, request, load_policy(name, load_checks(), settings.thresholds))
    if json:
        emit_json(document(decision))
    else:
        _show(decision)


def _units(entries: list[str]) -> dict[str, int]:
    units: dict[str, int] = {}
    for entry in entries:
        product, _, text = (part.strip() for part in entry.partition("="))
        digits = text.replace("_", "").replace(",", "")
        if not product or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
            raise InputError(f"--baseline is PRODUCT=UNITS, such as events=1000000, got {entry!r}.")
        if product in units:
            raise InputError(f"--baseline of {product!r} is given twice; keep one.")
        units[product] = int(digits)
    return units


def _show(of: "Decision") -> None:
    from audit.refunds import paste_block
    from audit.refunds.paste import ANSWERS, reading

    case = of.case
    say(f"{case.account.name} ({case.account.organization_id}), as of {case.account.as_of}.")
    say(
        f"Incident {case.request.incident}, {case.request.incident.days} days; asked on "
        f"{case.request_day}. Policy {case.thresholds.policy}; {reading(of)}."
    )
    say()
    show_table(
        ("rule", "what was read", "from", "threshold", "verdict"),
        [
            (
                (rule.name, *rule.scenarios),
                rule.value,
                rule.source,
                rule.threshold,
                rule.verdict.value,
            )
            for rule in of.rules
        ],
        whole=("rule",),
    )
    for scenario, verdict in of.scenarios.items():
        say(f"Scenario {words(scenario.value)}: {verdict.value}.")
    say(f"Verdict: {ANSWERS[of.verdict]}. Escalate to RevOps: {of.escalate.value}.")
    _amounts(of)
    _bills(of)
    say()
    say("== To paste into Billing Admin; nothing was written anywhere ==")
    for line in paste_block(of).splitlines():
        say(line)


def _amounts(of: "Decision") -> None:
    say()
    say("== Units and amounts, USD estimate ==")
    show_table(
        ("product", "bill of", "baseline", "usual", "used", "overage", "difference", "refund"),
        [
            (
                part.amount.name,
                str(part.amount.segment.period),
                _count(part.amount.baseline.units),
                _count(part.amount.usual),
                _count(part.amount.used.quantity),
                _count(part.amount.overage),
                usd(part.amount.difference),
                usd(part.most),
            )
            for part in of.parts
        ],
        right=("baseline", "usual", "used", "overage", "difference", "refund"),
    )
    say(
        "baseline: a usual month; usual: the incident's days of one; used: these days, of which "
        "each counts once, whatever number of reports it had."
    )
    for one in of.case.bills:
        on = f", {one.left:.2f} USD left of it" if one.left != one.total else ""
        say(f"Whole bill of {one.segment.period}: {usd(one.total)} ({one.basis}){on}.")


def _count(units: int | None) -> str:
    return "unknown" if units is None else f"{units:,}"


def _bills(of: "Decision") -> None:
    from audit.cli.price import BILL_COLUMNS, BILL_NUMBERS, bill_rows

    for part in of.parts:
        one = part.amount
        if one.with_overage is None or one.without is None:
            continue
        for title, bill in (("with the overage", one.with_overage), ("baseline", one.without)):
            say()
            say(f"== {one.name}, {one.segment.period}, {title}: {usd(bill.total)} (estimate) ==")
            show_table(BILL_COLUMNS, bill_rows(bill), right=BILL_NUMBERS)
