"""Predicted against realised: what came of each change, and whether predictions hold."""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any

import altair as alt

from audit.checks import load_checks
from audit.ledger.records import Outcome, Verdict
from audit.verify import Calibration, Review, SavingsReview
from audit.views import charts, words
from audit.views.display import Column, Figure, Html, Page, Table, figure, nothing, page, with_below

HEIGHT = 320
NONE_YET = (
    "Nothing has been verified yet. `audit record` writes down what an audit predicts; "
    "`audit verify` holds later data to it, a billing period after the change."
)
MEANING = {
    Verdict.ACHIEVED: "done, and what is gone is within what was declared",
    Verdict.PARTIAL: "done, but less than that is gone",
    Verdict.WITHOUT_REPLY: "done, though no answer is on record",
    Verdict.MASKED: "done, but the bill is no smaller",
    Verdict.NOT_ADOPTED: "what it was about is still used",
    Verdict.INCONCLUSIVE: "the usage tells neither",
}


def savings_at_a_glance(of: SavingsReview) -> Page:
    """How many predictions were verified, by verdict, and what was saved together."""
    found = [outcome for one in of.reviews for outcome in one.outcomes]
    if not found:
        return page(nothing(NONE_YET), _waiting(of.reviews))
    where = "the sample portfolio, partly fixed on purpose" if of.is_sample else "the ledger"
    return page(
        f"{words.count(len(found), 'prediction')} of {where} verified. All that was done "
        f"saves {words.usd(of.saved)} a billing month, an estimate at today's usage and prices.",
        verdicts(found),
        _waiting(of.reviews),
    )


def verdicts(outcomes: Collection[Outcome]) -> Page:
    """How many outcomes there are of each verdict, and what it means."""
    if not outcomes:
        return nothing(NONE_YET)
    rows = tuple(
        (words.capital(verdict.value), str(sum(o.verdict is verdict for o in outcomes)), said)
        for verdict, said in MEANING.items()
    )
    columns = (Column("Verdict"), Column("Predictions", numeric=True), Column("Meaning"))
    return page(Table(columns, rows))


def savings_outcomes(of: SavingsReview) -> Page:
    """What came of each prediction, with how it was judged."""
    return outcomes([(one.organization_name, o) for one in of.reviews for o in one.outcomes])


def outcomes(named: Collection[tuple[str, Outcome]]) -> Page:
    """The same of single outcomes, each with the name of its account."""
    order = sorted(named, key=lambda of: (not of[1].verdict.adopted, of[0], -of[1].predicted))
    rows = tuple(_row(name, outcome) for name, outcome in order)
    if not rows:
        return nothing("No prediction's clock has run.")
    columns = (
        Column("Account"),
        Column("What was to be fixed"),
        Column("Verdict"),
        Column("Predicted, USD a month", numeric=True),
        Column("Saved, USD a month", numeric=True),
        Column("How it was judged", wide=True),
    )
    return page(Table(columns, rows, "Estimates; 80% of outcomes beneath", stacked=True))


def savings_by_account(of: SavingsReview) -> Page:
    """What each account saves by all it did together, and what may be told to it."""
    rows = [
        (
            with_below(words.shown(one.organization_name), f"predicted {words.day(one.run.as_of)}"),
            _amount(one.saved, one.saved_low, one.saved_high),
            words.usd(one.bill_then),
            words.usd(one.bill_now),
            _whole(one.sentence),
        )
        for one in of.reviews
        if any(outcome.verdict.adopted for outcome in one.outcomes)
    ]
    if not rows:
        return nothing("No account has done anything that saves.")
    columns = (
        Column("Account"),
        Column("Saved together, USD a month", numeric=True),
        Column("Bill then", numeric=True),
        Column("Bill now", numeric=True),
        Column("May be told to the customer", wide=True),
    )
    return page(Table(columns, tuple(rows), "Estimates; each unit of usage counted once"))


def predicted_and_saved(of: SavingsReview) -> Figure | Page:
    """Points: predicted against saved, with ranges; on the line both are the same."""
    return calibrated([(one.organization_name, o) for one in of.reviews for o in one.outcomes])


@charts.unchecked
def calibrated(outcomes: Sequence[tuple[str, Outcome]]) -> Figure | Page:
    """The same of single outcomes, each with the name of its account."""
    values: list[dict[str, Any]] = [
        {
            "account": words.shown(name, 40),
            "check": _title(one.check),
            "predicted": float(one.predicted),
            "saved": float(one.saved),
            "low": float(one.saved_low),
            "high": float(one.saved_high),
            "verdict": one.verdict.value,
            "told": words.usd(one.predicted),
            "came": words.usd(one.saved),
        }
        for name, one in outcomes
        if one.verdict.adopted
        and one.saved is not None
        and one.saved_low is not None
        and one.saved_high is not None
    ]
    if not values:
        return nothing("Nothing that was predicted has been done yet, so there is no chart.")
    names = [v.value for v in Verdict if v.value in {value["verdict"] for value in values}]
    base = alt.Chart(charts.rows(values)).encode(
        x=alt.X("predicted:Q", title="Predicted, USD a month", axis=alt.Axis(format="$,.0f")),
        color=alt.Color(
            "verdict:N", scale=charts.colours(names), legend=charts.legend(names), title=None
        ),
        tooltip=[
            alt.Tooltip("account:N", title="Account"),
            alt.Tooltip("check:N", title="Fixed"),
            alt.Tooltip("told:N", title="Predicted"),
            alt.Tooltip("came:N", title="Saved"),
            alt.Tooltip("verdict:N", title="Verdict"),
        ],
    )
    spans = base.mark_rule(strokeWidth=2, opacity=0.6).encode(
        y=alt.Y("low:Q", title="Saved, USD a month", axis=alt.Axis(format="$,.0f")),
        y2=alt.Y2("high:Q"),
    )
    points = base.mark_point(size=90, filled=True, opacity=1).encode(y=alt.Y("saved:Q"))
    most = max(max(value["predicted"], value["high"]) for value in values)
    line = (
        alt.Chart(charts.rows([{"at": 0.0}, {"at": most}]))
        .mark_line(strokeDash=[5, 4], color=charts.REST_COLOUR)
        .encode(x=alt.X("at:Q"), y=alt.Y("at:Q"))
    )
    numbers = Table(
        (
            Column("Account"),
            Column("Fixed"),
            Column("Verdict"),
            Column("Predicted", numeric=True),
            Column("Saved", numeric=True),
            Column("Range of 80% of outcomes", numeric=True),
        ),
        tuple(
            (v["account"], v["check"], v["verdict"], v["told"], v["came"],
             _between(Decimal(str(v["low"])), Decimal(str(v["high"]))))
            for v in values
        ),
    )  # fmt: skip
    return figure(
        charts.finished(alt.layer(line, spans, points), HEIGHT),
        "What was predicted against what was saved, with 80% of outcomes; on the dashed line both "
        "are the same",
        numbers,
    )


def calibration(of: Calibration) -> Page:
    """By check: how many were verified and done, and predicted against saved; what was learned."""
    if not of.checks:
        return nothing(NONE_YET)
    rows = tuple(
        (
            _title(one.check),
            str(one.verified),
            str(one.adopted),
            str(one.inconclusive),
            words.usd(one.predicted) if one.adopted else "",
            words.usd(one.saved) if one.adopted else "",
            f"{one.within} of {one.ranged}" if one.ranged else "",
        )
        for one in of.checks
    )
    columns = (
        Column("Check"),
        Column("Verified", numeric=True),
        Column("Done", numeric=True),
        Column("Inconclusive", numeric=True),
        Column("Predicted, USD a month", numeric=True),
        Column("Saved, USD a month", numeric=True),
        Column("Within the predicted range", numeric=True),
    )
    learned = [
        f"Of a cut that is done ({words.phrase(str(effort)).lower()}), {prior.mean:.0%} was "
        f"declared to come true; with these outcomes it is {new.mean:.0%}."
        for effort, (prior, new) in of.learned.items()
    ]
    return page(Table(columns, rows, "Of what was done; estimates"), *learned)


def _waiting(reviews: Iterable[Review]) -> str:
    count = sum(len(one.waiting) for one in reviews)
    return f"{words.count(count, 'prediction')} cannot be verified yet." if count else ""


def _row(name: str, one: Outcome) -> tuple[str | Html, ...]:
    saved: str | Html = ""
    if one.verdict.adopted:
        saved = _amount(one.saved, one.saved_low, one.saved_high)
    return (
        words.shown(name),
        _title(one.check),
        words.capital(one.verdict.value),
        words.usd(one.predicted),
        saved,
        _whole(one.why),
    )


def _amount(saved: Decimal | None, low: Decimal | None, high: Decimal | None) -> Html:
    return with_below("unknown" if saved is None else words.usd(saved), _between(low, high))


def _between(low: Decimal | None, high: Decimal | None) -> str:
    if low is None or high is None:
        return ""
    return f"{words.usd(low)} to {words.usd(high)}"


def _whole(said: str) -> Html:
    """A sentence that is not cut short."""
    return Html(words.sentence(said), words.plain_sentence(said))


def _title(check: str) -> str:
    known = load_checks().get(check)
    return words.unmarked(known.title) if known else check
