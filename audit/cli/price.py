"""``audit price``: what quantities cost, tier by tier."""

from typing import TYPE_CHECKING, Annotated

import typer

from audit.cli import options
from audit.cli.output import emit_json, say, show_table, usd

if TYPE_CHECKING:
    from audit.pricing import Bill, TierCharge

EXAMPLES = """\b
Examples:
  audit price session_replay=150000 product_analytics=2000000 enhanced_persons=2000000
  audit price logs=110.5 --on 2026-11-01 --json
  audit price session_replay=150000 --tiers contract.json

\b
A quantity is of one billing month, over the whole organization. --tiers takes an account's
own prices, which win over the public list:
  {"session_replay": [{"up_to": 5000, "unit_amount_usd": "0"},
                      {"up_to": null, "unit_amount_usd": "0.004"}]}"""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="Price quantities: lines, tiers, total.", epilog=EXAMPLES)(price)


def price(
    quantities: Annotated[
        list[str], typer.Argument(metavar="PRODUCT=QUANTITY", help="As many as you like.")
    ],
    on: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="Prices of this day. Default: today.")
    ] = "",
    tiers: Annotated[
        str, typer.Option(metavar="FILE.json", help="Own prices that win over the public list.")
    ] = "",
    json: options.Json = False,
) -> None:
    """Price quantities by product: lines, tiers and the total, in exact arithmetic."""
    from audit.pricing import Catalogue, as_json, bill, parse_quantities, read_tiers

    day = options.day(on, "--on") or options.today()
    own = read_tiers(tiers) if tiers else {}
    priced = bill(parse_quantities(quantities), on=day, own=own)
    if json:
        basis = {"on": day.isoformat(), "basis": "estimate", "period": "billing month"}
        emit_json({**as_json(priced), **basis})
        return
    rows = bill_rows(priced)
    show_table(BILL_COLUMNS, rows, right=BILL_NUMBERS)
    public = any(line.price == "public" for line in priced.lines)
    source = Catalogue.load().price_list(day).name if public else f"the prices in {tiers}"
    say(f"Total {usd(priced.total)} a billing month (estimate at {source}, in force on {day}).")


BILL_COLUMNS = ("product", "units", "from", "up to", "USD a unit", "amount")
BILL_NUMBERS = ("units", "from", "up to", "USD a unit", "amount")


def bill_rows(of: "Bill") -> list[tuple[str, ...]]:
    """A bill as table rows: one per product, and one below it per tier."""
    from audit.pricing.tiers import plain

    rows: list[tuple[str, ...]] = []
    for line in of.lines:
        notes = ["own price"] if line.price == "own" else []
        if line.limited:
            notes.append(f"held to its billing limit, from {usd(line.amount_before_limit)}")
        name = f"{line.name} ({line.unit}s){' - ' + ', '.join(notes) if notes else ''}"
        rows.append((name, f"{line.quantity:,f}", "", "", "", usd(line.amount)))
        below = "0"
        for tier in line.tiers:
            up_to = "" if tier.up_to is None else f"{tier.up_to:,f}"
            each = plain(tier.unit_amount_usd)
            rows.append(
                (_tier_note(tier), f"{tier.quantity:,f}", below, up_to, each, plain(tier.amount))
            )
            below = up_to
    if of.discount:
        rows.append(("discount", "", "", "", "", usd(-of.discount)))
    if of.credit:
        rows.append(("credit", "", "", "", "", usd(-of.credit)))
    return rows


def _tier_note(tier: "TierCharge") -> str:
    return f"  flat {usd(tier.flat_amount_usd)}" if tier.flat_amount_usd else "  tier"
