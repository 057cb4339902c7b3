"""Predicted against realised savings; says what is needed while nothing has been verified."""

from collections.abc import Iterator

from audit.dashboard.parts import Part, part
from audit.views.display import nothing

NOT_YET = (
    "No prediction has been verified yet. Savings are predicted when a report is made; what came "
    "of them can be told once a billing period has passed after the change."
)


def parts() -> Iterator[Part]:
    """The savings review."""
    yield part("review", nothing(NOT_YET), title="Savings review")
