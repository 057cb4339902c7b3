"""Predicted against realised savings, as the ledger has them."""

from collections.abc import Iterator, Mapping

from audit.dashboard.parts import Part, part
from audit.errors import AuditError
from audit.ledger.book import Book
from audit.verify import calibration
from audit.views import savings_review as views
from audit.views import words
from audit.views.display import nothing

NO_LEDGER = (
    "This dashboard has no ledger, so nothing it predicts can be verified. Start it with one."
)


def parts(ledger: str, names: Mapping[str, str]) -> Iterator[Part]:
    """The savings review. ``names``: of the accounts on the board, by organization."""
    if not ledger:
        yield part("review", nothing(NO_LEDGER), title="Savings review")
        return
    try:
        book = Book.at(ledger)
        outcomes = book.outcomes()
        predictions = book.predictions()
    except AuditError as error:
        yield part("review", nothing(words.plain_sentence(str(error))), title="Savings review")
        return
    waiting = len({one.id for one in predictions} - {one.prediction_id for one in outcomes})
    said = f"{words.count(waiting, 'prediction')} on record without an outcome." if waiting else ""
    latest = {one.prediction_id: one for one in outcomes}
    named = [(names.get(one.organization_id, ""), one) for one in latest.values()]
    yield part("review", views.verdicts(latest.values()), said, title="Savings review")
    if outcomes:
        yield part("review_chart", views.calibrated(named), title="Predicted and saved")
        yield part(
            "review_checks",
            views.calibration(calibration(outcomes, predictions)),
            title="Whether predictions hold",
        )
        yield part("review_outcomes", views.outcomes(named), title="What came of each prediction")
