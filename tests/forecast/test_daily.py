"""Rows to a table of days: what is read how, and what is refused with which words."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from audit.errors import InputError
from audit.forecast.daily import daily

AS_OF = date(2026, 11, 4)
DAYS = ["2026-11-01", "2026-11-02", "2026-11-03"]


def frame(days=DAYS, quantities=(1, 2, 3), called="events", **names):
    table = pd.DataFrame({"series": called, "day": days, "quantity": quantities})
    return table.rename(columns=names)


def read(history, first_day=date(2026, 10, 1)):
    return daily(history, as_of=AS_OF, first_day=first_day)


@pytest.mark.parametrize("series", ["series", "unique_id", "meter", "id", "name"])
@pytest.mark.parametrize("day", ["day", "date", "ds"])
@pytest.mark.parametrize("quantity", ["quantity", "value", "y", "usage", "units"])
def test_columns_go_by_their_usual_names(series, day, quantity):
    found = read(frame(series=series, day=day, quantity=quantity))

    assert found.series == ["events"]
    assert found.values.tolist() == [[1, 2, 3]]


@pytest.mark.parametrize(
    "days",
    [
        [date(2026, 11, d) for d in (1, 2, 3)],
        [datetime(2026, 11, d, 13, 5, tzinfo=UTC) for d in (1, 2, 3)],
        pd.to_datetime(DAYS),
        pd.to_datetime(DAYS, utc=True),
        [f"{day}T00:00:00Z" for day in DAYS],
        [f" {day} 10:00" for day in DAYS],
    ],
)
def test_a_day_may_be_a_date_a_moment_or_text(days):
    assert read(frame(days)).values.tolist() == [[1, 2, 3]]


@pytest.mark.parametrize("quantities", [["1", "2", "3"], [1.0, 2.0, 3.0], pd.array([1, 2, 3])])
def test_units_may_be_text_or_numbers(quantities):
    assert read(frame(quantities=quantities)).values.tolist() == [[1, 2, 3]]


def test_rows_may_stand_in_any_order_and_absent_days_are_unknown():
    history = frame([DAYS[2], DAYS[0]], [3, 1])

    assert np.isnan(read(history).values[0, 1])
    assert read(history).values[0, [0, 2]].tolist() == [1, 3]


def test_series_come_sorted_and_keep_what_they_are_called():
    history = pd.concat([frame(called=name) for name in ("b", "a", "=cmd()")])

    assert read(history).series == ["=cmd()", "a", "b"]
    mixed = pd.concat([frame(called=name).astype({"series": object}) for name in ("b", 7)])
    assert read(mixed).series == [7, "b"]


def test_an_empty_cell_is_an_unknown_day():
    assert np.isnan(read(frame(quantities=[1, None, 3])).values[0, 1])


def test_rows_from_as_of_on_are_not_even_looked_at():
    later = frame(["2026-11-04", "2026-11-04"], [-5, np.inf])

    assert read(pd.concat([frame(), later])).values.tolist() == [[1, 2, 3]]
    text = frame(["2026-11-05"], ["unknown yet"])
    assert read(pd.concat([frame(), text])).values.tolist() == [[1, 2, 3]]


def test_a_series_that_only_begins_later_is_there_with_nothing_known():
    history = pd.concat([frame(), frame(["2026-11-09"], [5], called="later")])

    assert read(history).series == ["events", "later"]
    assert np.isnan(read(history).values[1]).all()


@pytest.mark.parametrize(
    ("history", "words"),
    [
        (frame(series="what"), "no column 'series'"),
        (frame(day="when"), "no column 'day'.*It has: series, when, quantity"),
        (frame(quantity="how_many"), "no column 'quantity'"),
        (frame([DAYS[0], DAYS[0], DAYS[1]]), "more than one row for 2026-11-01. Add them up"),
        (frame(quantities=[1, -2, 3]), "Row 2: quantity .* got -2"),
        (frame(quantities=[1, np.inf, 3]), "Row 2: .* got inf"),
        (frame(quantities=[1, 1e300, 3]), "Row 2: .* got 1e"),
        (frame(quantities=["1", "many", "3"]), "'many' is no number of units"),
        (frame(["2026-11-01", "2026-13-01", "2026-11-03"]), "'2026-13-01' is no day like"),
        (frame(["2026-11-01", "today", "2026-11-03"]), "'today' is no day like"),
        (frame(["2026-11-01", "2026-W45-1", "2026-11-03"]), "'2026-W45-1' is no day like"),
        (frame(["2026-11-01", None, "2026-11-03"]), "Row 2 has no day"),
        (frame([1, 2, 3]), "day holds numbers; days look like"),
        (frame(called=["a", None, "a"]), "Row 2 has no series"),
        (pd.concat([frame(), frame()[["day"]]], axis=1), "more than one column 'day'"),
        ([1, 2], "history is a pandas frame, got list"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(history, words):
    with pytest.raises(InputError, match=words):
        read(history)


LONG = pd.date_range(end="2026-11-03", periods=84)


def left_out(kept, quantities):
    kept = np.asarray(kept)
    days = LONG[kept]
    values = np.broadcast_to(quantities, 84)[kept]
    found = daily(frame(days, values), as_of=AS_OF, first_day=date(2026, 8, 1))
    return bool(found.zeros_left_out[0])


ALL = np.ones(84, dtype=bool)
SOME_GONE = np.random.default_rng(9).random(84) > 0.25


@pytest.mark.parametrize(
    ("why", "kept", "quantities", "expected"),
    [
        ("no day is absent", ALL, 3, False),
        ("large and alike: a quarter of the days was lost", SOME_GONE, 5_000, False),
        ("so few units a day that some days must be empty", SOME_GONE, 2, True),
        ("the days there are very unequal", SOME_GONE, 100 * np.exp(np.arange(84) % 11), True),
        ("most days are absent", np.arange(84) % 4 == 3, 5_000, True),
        ("weekends are always absent", LONG.day_of_week < 5, 5_000, True),
        ("a week was lost", (np.arange(84) < 40) | (np.arange(84) > 47), 2, False),
    ],
)
def test_absent_days_are_empty_where_the_data_leaves_empty_days_out(
    why, kept, quantities, expected
):
    assert left_out(kept, quantities) is expected


def test_a_row_of_zero_shows_that_empty_days_are_not_left_out():
    quantities = np.where(np.arange(84) == np.flatnonzero(SOME_GONE)[5], 0, 2)

    assert not left_out(SOME_GONE, quantities)


def test_a_row_without_a_quantity_says_that_absent_days_are_unknown():
    # Three days of four have a row and no quantity: nothing is left out, all of it is unknown.
    quantities = np.where(np.arange(84) % 4 == 3, 5_000.0, np.nan)

    found = daily(frame(LONG, quantities), as_of=AS_OF, first_day=date(2026, 8, 1))

    assert not found.zeros_left_out[0]
    assert not (found.values == 0).any()
