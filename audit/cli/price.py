"""``audit price``: what quantities cost, tier by tier, and what there is to price."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit.cli import options
from audit.cli.output import emit_json, say, show_table, usd
from audit.errors import InputError, PriceError

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from audit.pricing import Bill, Product, Schedule, TierCharge

EXAMPLES = """\b
Examples:
  audit price session_replay=150000 product_analytics=2000000 enhanced_persons=2000000
  audit price logs=110.5 --on 2026-11-01 --json
  audit price session_replay=150000 --tiers contract.json
  audit price session_replay=150000 --limit session_replay=200 --discount-percent 20
  audit price --list --on 2026-11-01

\b
A quantity is of one billing month, over the whole organization. --tiers takes an account's
own prices, which win over the public list:
  {"session_replay": [{"up_to": 5000, "unit_amount_usd": "0"},
                      {"up_to": null, "unit_amount_usd": "0.004"}]}

\b
Limits, discounts and credit are applied in this order: each line is held to its limit, then
the percentage goes off, then the amount, then the credit."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="Price quantities: lines, tiers, total.", epilog=EXAMPLES)(price)


def price(
    quantities: Annotated[
        list[str] | None,
        typer.Argument(metavar="PRODUCT=QUANTITY...", help="As many as you like."),
    ] = None,
    on: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="Prices of this day. Default: today.")
    ] = "",
    tiers: Annotated[
        str, typer.Option(metavar="FILE.json", help="Own prices that win over the public list.")
    ] = "",
    discount_percent: Annotated[
        str, typer.Option(metavar="PERCENT", help="Percentage off the whole bill, 0 to 100.")
    ] = "",
    discount_amount: Annotated[
        str, typer.Option(metavar="USD", help="Dollars off, after the percentage.")
    ] = "",
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="PRODUCT=USD", help="A billing limit; may be repeated."),
    ] = None,
    credit: Annotated[
        str, typer.Option(metavar="USD", help="Credit to use up, after the discounts.")
    ] = "",
    list_products: Annotated[
        bool, typer.Option("--list", help="List the products and their first prices.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Price quantities by product: lines, tiers and the total, in exact arithmetic."""
    from audit.pricing import Catalogue, as_json, bill, parse_quantities, read_tiers

    day = options.day(on, "--on") or options.today()
    if list_products == bool(quantities):
        raise InputError(
            "Name quantities such as session_replay=150000, or pass --list; one of the two. "
            "`audit price --help` has examples."
        )
    if list_products:
        _list(day, json=json)
        return
    own = read_tiers(tiers) if tiers else {}
    limits = _limits(limit or [])
    adjusted = bool(limits or discount_percent or discount_amount or credit)
    parsed = parse_quantities(quantities or [])
    for name in limits:
        _known(name, own)
    try:
        priced = bill(
            parsed,
            on=day,
            own=own,
            limits_usd=limits,
            discount_percent=_amount("--discount-percent", discount_percent),
            discount_amount_usd=_amount("--discount-amount", discount_amount),
            credit_usd=_amount("--credit", credit),
        )
    except PriceError as error:
        for name in parsed:
            _known(name, own)
        raise PriceError(f"{error} `audit price --list` shows all products and prices.") from None
    if json:
        basis = {"on": day.isoformat(), "basis": "estimate", "period": "billing month"}
        emit_json({**as_json(priced), **(_adjustments(priced) if adjusted else {}), **basis})
        return
    rows = bill_rows(priced)
    show_table(BILL_COLUMNS, rows, right=BILL_NUMBERS)
    public = any(line.price == "public" for line in priced.lines)
    source = Catalogue.load().price_list(day).name if public else f"the prices in {tiers}"
    say(f"Total {usd(priced.total)} a billing month (estimate at {source}, in force on {day}).")


def _known(name: str, own: "dict[str, Schedule]") -> None:
    """Raises: PriceError for a name that no price list has, with the nearest."""
    from audit.pricing import Catalogue

    names = Catalogue.load().names
    if name in names or name in own:
        return
    every = [*names, *own]
    near = [one for one in every if one.startswith(name)]
    near = near or get_close_matches(name, every, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise PriceError(f"Unknown product {name!r}.{hint} `audit price --list` shows all products.")


def _amount(option: str, text: str) -> "Decimal":
    from decimal import Decimal, InvalidOperation

    try:
        amount = Decimal(text.strip() or "0")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise InputError(f"{option} is a number from 0 such as 12.50, got {text!r}.")
    return amount


def _limits(entries: list[str]) -> "dict[str, Decimal]":
    limits: dict[str, Decimal] = {}
    for entry in entries:
        product, _, amount = (part.strip() for part in entry.partition("="))
        if not product or not amount:
            raise InputError(f"--limit is PRODUCT=USD, such as session_replay=200, got {entry!r}.")
        if product in limits:
            raise InputError(f"--limit of {product!r} is given twice; keep one.")
        limits[product] = _amount(f"--limit {product}", amount)
    return limits


def _adjustments(of: "Bill") -> dict[str, Any]:
    """What limits, discounts and credit did; amounts are text, USD."""
    return {
        "subtotal": f"{of.subtotal:.2f}",
        "discount": f"{of.discount:.2f}",
        "credit": f"{of.credit:.2f}",
        "limited": {
            line.product: {
                "limit_usd": f"{line.limit_usd:.2f}",
                "amount_before_limit": f"{line.amount_before_limit:.2f}",
            }
            for line in of.lines
            if line.limited
        },
    }


def _list(day: "date", *, json: bool) -> None:
    from audit.pricing import Catalogue

    catalogue = Catalogue.load()
    listed = [_listed(product, day) for product in catalogue.products.values()]
    if json:
        emit_json(listed)
        return
    show_table(
        ("product", "unit", "free a month", "first paid price"),
        [
            (
                (one["product"], one["name"]),
                one["unit"],
                _free(one),
                one["not_sold"] or _first_paid(one),
            )
            for one in listed
        ],
        right=("free a month",),
    )
    priced = sum(not one["not_sold"] for one in listed)
    name = catalogue.price_list(day).name
    say(f"{priced:,} of {len(listed):,} products have a price on {day} ({name}).")


def _listed(product: "Product", day: "date") -> dict[str, Any]:
    """A product as plain values: quantities are numbers of units, amounts text, USD a unit."""
    from audit.pricing.tiers import number_json, plain

    one: dict[str, Any] = {
        "product": product.product,
        "name": product.name,
        "unit": product.unit,
        "free_allowance": None,
        "all_free": False,
        "first_paid_unit_amount_usd": None,
        "flat_amount_usd": None,
        "on": day.isoformat(),
        "not_sold": "",
    }
    try:
        schedule = product.price(day).schedule
    except PriceError:
        return {**one, "not_sold": f"no public price on {day}"}
    free = schedule.free_allowance
    paid = next((tier for tier in schedule.tiers if tier.unit_amount_usd), None)
    flat = next((tier for tier in schedule.tiers if tier.flat_amount_usd), None)
    return {
        **one,
        "free_allowance": None if free is None else number_json(free),
        "all_free": free is None,
        "first_paid_unit_amount_usd": plain(paid.unit_amount_usd) if paid else None,
        "flat_amount_usd": plain(flat.flat_amount_usd) if flat else None,
    }


def _free(one: dict[str, Any]) -> str:
    if one["not_sold"]:
        return ""
    if one["all_free"]:
        return "all"
    free = one["free_allowance"]
    return f"{free:,}" if isinstance(free, int) else str(free)


def _first_paid(one: dict[str, Any]) -> str:
    if one["first_paid_unit_amount_usd"] is not None:
        return f"${one['first_paid_unit_amount_usd']} per {one['unit']}"
    if one["flat_amount_usd"] is not None:
        return f"${one['flat_amount_usd']} a month"
    return "none"


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
