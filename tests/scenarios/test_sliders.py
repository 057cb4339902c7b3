"""Controls of a dashboard, and the scenario they stand for."""

import pytest

from audit.errors import InputError
from audit.scenarios import compare
from audit.scenarios.sliders import chosen, sliders


def test_untouched_controls_change_nothing(events):
    own = chosen(events, {})

    assert own.changes == ()
    found = compare(events, [own])
    assert found.outcomes[-1].bills == found.outcomes[0].bills


def test_every_control_can_be_moved_to_both_ends(events):
    for slider in sliders(events):
        for value in (slider.low, slider.high):
            found = compare(events, [chosen(events, {slider.name: value})])
            assert found.outcomes[-1].year_to_pay.mean >= 0


def test_only_controls_that_make_a_difference_are_offered(events):
    names = {slider.name for slider in sliders(events)}

    # No recordings are known, so nothing can be sampled.
    assert "sampling_percent" not in names
    assert {"growth_percent", "autocapture_off", "from_month"} <= names


def test_controls_are_one_scenario_together(events):
    own = chosen(events, {"growth_percent": 100, "autocapture_off": 1, "from_month": 3})

    assert {change.kind for change in own.changes} == {"growth", "autocapture_off"}
    assert {change.from_month for change in own.changes} == {3}


@pytest.mark.parametrize(
    "values",
    [
        {"growth": 5},
        {"growth_percent": 301},
        {"growth_percent": "30"},
        {"growth_percent": float("nan")},
        {"from_month": 0},
    ],
)
def test_a_value_no_control_has_is_refused(events, values):
    with pytest.raises(InputError):
        chosen(events, values)
