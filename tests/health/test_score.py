"""Bands at every published edge, weights that leave with what is not known, exact sums."""

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import InputError
from audit.health import Band, band, health_of, load_published, score

NAMES = [m.name for m in load_published().measures]
SHARE = {m.name: m.weight_units for m in load_published().measures}
BANDS = {m.name: m.bands for m in load_published().measures}

POOR, CONCERNING, HEALTHY = Band.POOR, Band.CONCERNING, Band.HEALTHY

#: A value of each band for every measure.
OF_BAND = {
    name: {
        POOR: bands.poor.edge + (-1 if bands.poor.is_lower else 1),
        CONCERNING: (bands.poor.edge + bands.healthy.edge) / 2,
        HEALTHY: bands.healthy.edge
        + {"=": 0}.get(bands.healthy.sign, -1 if bands.healthy.is_lower else 1),
    }
    for name, bands in BANDS.items()
}


def all_in(one):
    return {name: values[one] for name, values in OF_BAND.items()}


def scored(least=0, **values):
    return score(pd.DataFrame([values], dtype="float64"), minimum_coverage_percent=least)


# The page: <= and >= own their edge, < and > leave it to the middle, and the middle owns the rest.
@pytest.mark.parametrize(
    ("measure", "values"),
    [
        (
            "days_since_last_seen",
            {0: HEALTHY, 1: HEALTHY, 1.01: CONCERNING, 5: CONCERNING, 5.01: POOR},
        ),
        ("active_users_percent", {19.99: POOR, 20: CONCERNING, 39.99: CONCERNING, 40: HEALTHY}),
        (
            "active_users_decrease_percent",
            {-40: HEALTHY, 5: HEALTHY, 5.01: CONCERNING, 20: CONCERNING, 20.01: POOR},
        ),
        ("users_engaging", {2: POOR, 3: CONCERNING, 9: CONCERNING, 10: HEALTHY}),
        ("tickets_30_days", {5: HEALTHY, 6: CONCERNING, 10: CONCERNING, 11: POOR}),
        ("urgent_tickets", {0: HEALTHY, 1: CONCERNING, 2: CONCERNING, 3: POOR}),
        ("docs_visits_7_days", {20: HEALTHY, 21: CONCERNING, 100: CONCERNING, 101: POOR}),
        ("query_failure_percent", {5: HEALTHY, 5.01: CONCERNING, 13: CONCERNING, 13.01: POOR}),
        ("days_since_meeting", {30: HEALTHY, 31: CONCERNING, 90: CONCERNING, 91: POOR}),
        ("days_since_ticket", {30: HEALTHY, 31: CONCERNING, 90: CONCERNING, 91: POOR}),
        ("product_count", {2: POOR, 3: CONCERNING, 6: CONCERNING, 7: HEALTHY}),
        ("event_decrease_percent", {5: HEALTHY, 5.01: CONCERNING, 20: CONCERNING, 20.01: POOR}),
        (
            "analysing_insights_percent",
            {19.99: POOR, 20: CONCERNING, 39.99: CONCERNING, 40: HEALTHY},
        ),
        ("replay_decrease_percent", {5: HEALTHY, 5.01: CONCERNING, 20: CONCERNING, 20.01: POOR}),
        ("watching_replays_percent", {19.99: POOR, 20: CONCERNING, 39.99: CONCERNING, 40: HEALTHY}),
        (
            "flag_request_decrease_percent",
            {5: HEALTHY, 5.01: CONCERNING, 20: CONCERNING, 20.01: POOR},
        ),
        ("creating_flags_percent", {4.99: POOR, 5: CONCERNING, 19.99: CONCERNING, 20: HEALTHY}),
        ("using_experiments_percent", {4.99: POOR, 5: CONCERNING, 19.99: CONCERNING, 20: HEALTHY}),
        ("viewing_surveys_percent", {4.99: POOR, 5: CONCERNING, 19.99: CONCERNING, 20: HEALTHY}),
        (
            "synced_rows_decrease_percent",
            {5: HEALTHY, 5.01: CONCERNING, 20: CONCERNING, 20.01: POOR},
        ),
    ],
)
def test_each_edge_belongs_to_the_band_the_page_gives_it(measure, values):
    frame = pd.DataFrame({measure: list(values)}, dtype="float64")

    assert score(frame).bands[measure].tolist() == [str(b) for b in values.values()]
    assert [band(value, BANDS[measure]) for value in values] == list(values.values())


def test_a_measure_that_is_not_known_has_no_band():
    assert band(math.nan, BANDS["users_engaging"]) is None
    assert pd.isna(scored(product_count=3).bands["users_engaging"].iloc[0])


@pytest.mark.parametrize(("one", "whole"), [(POOR, 0), (CONCERNING, 5), (HEALTHY, 10)])
def test_all_measures_in_one_band_give_its_points(one, whole):
    scores = scored(**all_in(one))

    assert (scores.score.item(), scores.coverage_percent.item()) == (whole, 100)


@pytest.mark.parametrize(
    ("whole", "label"),
    [(3.99, POOR), (4, CONCERNING), (5.99, CONCERNING), (6, HEALTHY)],
)
def test_the_label_changes_at_four_and_at_six(whole, label):
    assert band(whole, load_published().label) is label


def test_the_label_is_of_the_exact_score_not_of_the_rounded_one():
    # (16.5 x 5 + 16.5 x 10 + 10 x 5 + 5.667 x 0 + 5.667 x 5) / 54.33 = 5.997: shown as 6.00.
    health = health_of(
        "acme",
        "Acme",
        {
            "event_decrease_percent": 10,
            "analysing_insights_percent": 50,
            "watching_replays_percent": 30,
            "creating_flags_percent": 0,
            "using_experiments_percent": 10,
        },
    )

    assert (health.score, health.label) == (Decimal("6.00"), CONCERNING)


def test_a_component_weighs_as_published():
    # Product analytics is 33 percent; all else healthy, it poor: 67 percent of ten.
    values = all_in(HEALTHY)
    for name in ("event_decrease_percent", "analysing_insights_percent"):
        values[name] = OF_BAND[name][POOR]

    assert scored(**values).score.item() == 6.7


def test_measures_share_their_component_equally():
    # One of four in user engagement (15 percent): 3.75 percent.
    values = all_in(HEALTHY) | {"users_engaging": OF_BAND["users_engaging"][POOR]}

    assert scored(**values).score.item() == 9.625


def test_a_missing_measure_leaves_its_weight_out_and_lowers_the_coverage():
    # Without replay's two measures (20 percent), of 80 percent: 33 poor, 47 healthy.
    values = all_in(HEALTHY)
    for name in ("replay_decrease_percent", "watching_replays_percent"):
        del values[name]
    for name in ("event_decrease_percent", "analysing_insights_percent"):
        values[name] = OF_BAND[name][POOR]

    scores = scored(**values)

    assert (scores.score.item(), scores.coverage_percent.item()) == (470 / 80, 80)


@pytest.mark.parametrize(("least", "is_given"), [(52, True), (53, True), (54, False)])
def test_below_the_minimum_coverage_no_score_is_given(least, is_given):
    # Product analytics and session replay: 53 percent.
    scores = scored(
        least,
        event_decrease_percent=0,
        analysing_insights_percent=50,
        replay_decrease_percent=0,
        watching_replays_percent=50,
    )

    assert scores.coverage_percent.item() == 53
    assert scores.score.notna().item() is is_given
    assert scores.contributions.notna().to_numpy().any() == is_given
    assert scores.label.notna().item() is is_given


def test_with_nothing_known_there_is_no_score_whatever_the_minimum():
    scores = score(pd.DataFrame({"name": ["Acme"]}), minimum_coverage_percent=0)

    assert (scores.score.isna().item(), scores.coverage_percent.item()) == (True, 0)


def test_no_organizations_have_no_scores():
    assert score(pd.DataFrame({name: [] for name in NAMES})).score.tolist() == []


def test_rows_keep_their_index_and_do_not_touch_each_other():
    frame = pd.DataFrame([all_in(POOR), {}, all_in(HEALTHY)], index=["a", "b", "c"])

    scores = score(frame)

    assert scores.score.to_dict() == {"a": 0, "b": pytest.approx(np.nan, nan_ok=True), "c": 10}
    assert scores.label.dropna().to_dict() == {"a": "poor", "c": "healthy"}


@pytest.mark.parametrize("least", [-1, 101, math.nan])
def test_a_minimum_that_is_no_percentage_is_refused(least):
    with pytest.raises(InputError, match="0 to 100 percent"):
        score(pd.DataFrame(), minimum_coverage_percent=least)


def test_an_infinite_measure_is_refused_by_its_name():
    with pytest.raises(InputError, match="'event_decrease_percent' is infinite"):
        scored(event_decrease_percent=-math.inf)


VALUES = st.dictionaries(
    st.sampled_from(NAMES), st.floats(-200, 200, allow_nan=False) | st.none(), max_size=20
)


@given(values=VALUES)
def test_contributions_sum_to_the_score(values):
    scores = scored(**{name: value for name, value in values.items() if value is not None})

    whole, parts = scores.score.item(), scores.contributions.iloc[0]

    if scores.coverage_percent.item() == 0:
        assert math.isnan(whole)
    else:
        assert 0 <= whole <= 10
        assert parts.sum() == pytest.approx(whole, abs=1e-12)


@given(values=VALUES)
def test_the_shown_contributions_add_up_to_the_shown_score_exactly(values):
    health = health_of("acme", "Acme", values, minimum_coverage_percent=0)
    exact = scored(**{name: value for name, value in values.items() if value is not None})

    contributions = [part.contribution for part in health.parts if part.contribution is not None]

    assert [part.is_known for part in health.parts] == [values.get(n) is not None for n in NAMES]
    if health.score is not None:
        assert sum(contributions) == health.score
        assert abs(health.score - Decimal(exact.score.item())) <= Decimal("0.00500001")


@given(values=VALUES, name=st.sampled_from(NAMES))
def test_a_better_band_never_lowers_the_score(values, name):
    values = {n: v for n, v in values.items() if v is not None}
    worse, better = values | {name: OF_BAND[name][POOR]}, values | {name: OF_BAND[name][HEALTHY]}

    assert scored(**worse).score.item() < scored(**better).score.item()


@given(values=VALUES, name=st.sampled_from(NAMES))
def test_knowing_one_more_raises_the_coverage_by_its_weight(values, name):
    known = {n: v for n, v in values.items() if v is not None and n != name}
    before = scored(**known).coverage_percent.item()

    after = scored(**known, **{name: 1.0}).coverage_percent.item()

    assert after - before == pytest.approx(100 * SHARE[name] / sum(SHARE.values()))


@given(rows=st.lists(VALUES, min_size=1, max_size=5))
def test_many_at_once_score_as_one_by_one(rows):
    frame = pd.DataFrame(rows, columns=NAMES, dtype="float64")

    together = score(frame)

    alone = pd.concat([score(frame.iloc[[i]]).score for i in range(len(rows))])
    pd.testing.assert_series_equal(together.score, alone)
