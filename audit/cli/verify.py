"""``audit verify``: what came of what was predicted."""

from typing import TYPE_CHECKING, Annotated

import typer

from audit.cli import options
from audit.cli.output import counted, emit_json, note, progress, say, show_table, usd

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from audit.ledger.records import Outcome
    from audit.verify import Calibration, Review

EXAMPLES = """\b
Examples:
  audit verify
  audit verify "Rowan Labs Oy" --store december.duckdb
  audit verify --store december.duckdb --keep --json

\b
achieved               done, and what is gone is within what was declared
partial                done, but less than that is gone
adopted without reply  done, though no answer is on record (`audit contact`)
masked by growth       done, but the bill is no smaller
not adopted            what it was about is still used
inconclusive           the usage tells neither

\b
What usage would have been is told by usage that nobody was asked to change. With --keep the
outcomes go into the ledger, and count in the calibration: docs/verified_savings.md."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(short_help="What came of what was predicted.", epilog=EXAMPLES)(verify)


def verify(
    context: typer.Context,
    organization: options.Organization = "",
    keep: Annotated[bool, typer.Option("--keep", help="Write the outcomes to the ledger.")] = False,
    ledger: options.Ledger = "",
    store: options.Store = "",
    as_of: options.AsOf = "",
    lookback_days: options.LookbackDays = None,
    json: options.Json = False,
) -> None:
    """Hold a later pull to what `audit record` wrote: what is no longer used, against what traffic
    would have made of it, priced on today's bill."""
    settings = options.settings(context)
    day = options.day(as_of)
    from audit.ledger.book import Book
    from audit.open import load_account
    from audit.verify import calibration
    from audit.verify.document import document
    from audit.verify.reviewing import review

    path = store or settings.store
    identity = load_account(organization, store=path).organization_id if organization else ""
    book = Book(options.ledger_of(settings, ledger))
    asked = {
        "as_of": day,
        "lookback_days": settings.lookback_days if lookback_days is None else lookback_days,
        "thresholds": settings.thresholds,
    }
    with progress("verify") as step:
        reviews = review(path, book, organization_id=identity, asked=asked, told=step)
    outcomes = [outcome for one in reviews for outcome in one.outcomes]
    kept = book.keep(outcomes) if keep and outcomes else 0
    known = calibration([*book.outcomes(), *outcomes], book.predictions())
    if json:
        emit_json({**document(reviews, known), "kept": kept})
        return
    if not book.runs(identity or None):
        say(f"No predictions are in {book.address}. `audit record` writes them.")
        return
    _show(reviews, known)
    if keep:
        say(f"{counted(kept, 'outcome')} written to {book.address}.")


def _show(reviews: "Sequence[Review]", known: "Calibration") -> None:
    rows = [
        (
            (one.organization_name, outcome.check),
            outcome.verdict.value,
            usd(outcome.predicted),
            *_saved(outcome),
        )
        for one in reviews
        for outcome in sorted(one.outcomes, key=lambda o: not o.verdict.adopted)
    ]
    if rows:
        show_table(
            ("account", "verdict", "predicted", "saved", "80% of outcomes", "of its cut"),
            rows,
            right=("predicted", "saved", "80% of outcomes", "of its cut"),
            whole=("verdict",),
        )
        say("USD a billing month, estimates: predicted at the prices of then, saved at today's.")
    for one in reviews:
        if any(outcome.verdict.adopted for outcome in one.outcomes):
            amount = "an unknown amount"
            if one.saved is not None:
                amount = f"{usd(one.saved)} ({_range(one.saved_low, one.saved_high)})"
            say(
                f"{one.organization_name}, predicted {one.run.as_of}: {amount} a month by all of "
                f"it together; the bill went from {usd(one.bill_then)} to {usd(one.bill_now)}."
            )
        if one.sentence:
            say(f"  May be told: {one.sentence}")
    waiting: dict[str, int] = {}
    for one in reviews:
        for _, why in one.waiting:
            waiting[why] = waiting.get(why, 0) + 1
    for why, count in sorted(waiting.items()):
        note(f"{counted(count, 'prediction')} cannot be verified yet: {why}.")
    if not reviews:
        note("No recorded account has later data in this store. Pull it, or name another: --store.")
    if known.verified:
        say()
        show_table(
            ("check", "verified", "adopted", "predicted", "saved", "within range"),
            [
                (
                    one.check,
                    one.verified,
                    one.adopted,
                    usd(one.predicted),
                    usd(one.saved),
                    f"{one.within} of {one.ranged}",
                )
                for one in known.checks
            ],
            right=("verified", "adopted", "predicted", "saved", "within range"),
        )
    for effort, (prior, learned) in known.learned.items():
        say(
            f"Of a cut that is done ({effort}), {prior.mean:.0%} was declared to come true; with "
            f"these outcomes {learned.mean:.0%}."
        )


def _saved(one: "Outcome") -> tuple[str, str, str]:
    """What it saved; nothing where nobody did it: the rest is chance."""
    if not one.verdict.adopted:
        return ("", "", "")
    amount = usd(one.saved) if one.saved is not None else "unknown"
    return amount, _range(one.saved_low, one.saved_high), _percent(one.share)


def _range(low: "Decimal | None", high: "Decimal | None") -> str:
    return f"{usd(low)} to {usd(high)}" if low is not None and high is not None else ""


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.0%}"
