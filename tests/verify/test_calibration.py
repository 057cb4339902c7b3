"""Predicted against realised, added up by hand."""

from datetime import date
from decimal import Decimal

import pytest

from audit.checks import Effort
from audit.findings.outlook.effectiveness import priors
from audit.ledger.records import Outcome, Prediction, Verdict
from audit.verify import calibration


def prediction(number, low, high):
    return Prediction(
        organization_id="acme", finding_id=f"f{number}", check="c", project_id="", product="",
        effort="setting", as_of=date(2026, 11, 1), due_on=date(2026, 11, 2), alone=Decimal(50),
        low=Decimal(low), mid=Decimal(50), high=Decimal(high), came_true=0.9, came_true_low=0.8,
        basis={}, id=number,
    )  # fmt: skip


def outcome(number, verdict, saved, share, day=5):
    return Outcome(
        prediction_id=number, organization_id="acme", finding_id=f"f{number}", check="c",
        effort="setting", measured_as_of=date(2026, 12, day), verdict=verdict, share=share,
        share_low=share, share_high=share, predicted=Decimal(50), saved=Decimal(saved),
        saved_low=Decimal(saved), saved_high=Decimal(saved), why="",
    )  # fmt: skip


def test_only_what_was_done_is_added_up_and_only_the_latest_of_each():
    found = calibration(
        [
            outcome(1, Verdict.NOT_ADOPTED, 0, 0.0, day=1),
            outcome(1, Verdict.ACHIEVED, 45, 0.9, day=9),
            outcome(2, Verdict.MASKED, 70, 1.2),
            outcome(3, Verdict.NOT_ADOPTED, 1, 0.02),
            outcome(4, Verdict.INCONCLUSIVE, 9, 0.4),
        ],
        [prediction(number, 40, 60) for number in range(1, 5)],
    )

    (one,) = found.checks
    assert (one.verified, one.adopted, one.inconclusive) == (4, 2, 1)
    assert (one.predicted, one.saved) == (Decimal(100), Decimal(115))
    assert (one.within, one.ranged) == (1, 2)
    prior = priors()[Effort.SETTING]
    declared, learned = found.learned[Effort.SETTING]
    assert declared is prior
    assert learned.came_true == pytest.approx(prior.came_true + 0.9 + 1.0)
    assert learned.did_not == pytest.approx(prior.did_not + 0.1)
    assert set(found.learned) == {Effort.SETTING}


def test_of_nothing_nothing_is_learned():
    assert calibration([], []).checks == ()
    assert not calibration([], []).learned
