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


def test_an_older_price_list_is_the_public_one_of_its_day(events):
    from audit.scenarios import Scenario
    from audit.scenarios.changes import Prices
    from audit.scenarios.sliders import price_lists

    control = next(slider for slider in sliders(events) if slider.name == "price_list")
    days = price_lists(events)
    assert len(control.choices) == len(days) + 1 == control.high + 1
    assert list(days) == sorted(days)

    for place, day in enumerate(days, 1):
        own = chosen(events, {"price_list": place, "from_month": 4}, "own")
        assert own.changes == (Prices(day, from_month=4),)
        by_hand = Scenario("by hand", (Prices(day, from_month=4),))
        found = compare(events, [own, by_hand]).outcomes[-2:]
        assert found[0].bills == found[1].bills
    oldest = compare(events, [chosen(events, {"price_list": 1})]).outcomes
    assert oldest[-1].year_to_pay != oldest[0].year_to_pay


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
