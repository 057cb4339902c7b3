"""Traffic of usage nobody touched, by hand."""

import numpy as np
import pandas as pd
import pytest

from audit.verify.traffic import LEAST_SHARE, P10_TO_P90, STRAYS, WORTH, traffic


def rows(*told):
    names = ["project_id", "meter", "event", "quantity", "free"]
    return pd.DataFrame(told, columns=names)


BEFORE = rows(
    ("1", "m", "cut", 1000.0, False), ("1", "m", "a", 3000.0, True), ("1", "m", "b", 1000.0, True)
)


def test_it_is_the_growth_of_the_untouched():
    later = rows(
        ("1", "m", "cut", 10.0, False), ("1", "m", "a", 3600.0, True), ("1", "m", "b", 1200.0, True)
    )

    found = traffic(BEFORE, later, "m", {"1"}, None)

    assert found.factor == pytest.approx(1.2)
    assert found.kinds == 2
    # No kind strayed from the rest; what is left is the prior's part.
    worth = 1 / (0.75**2 + 0.25**2)
    assert found.strays == pytest.approx(np.sqrt(WORTH * STRAYS**2 / (WORTH + worth)))


def test_kinds_that_stray_widen_it():
    later = rows(("1", "m", "a", 4200.0, True), ("1", "m", "b", 600.0, True))

    wide = traffic(BEFORE, later, "m", {"1"}, None)

    assert wide.factor == pytest.approx(1.2)
    apart = np.log([4200 / 3000, 600 / 1000]) - np.log(1.2)
    worth = 1 / (0.75**2 + 0.25**2)
    spread = 0.75 * apart[0] ** 2 + 0.25 * apart[1] ** 2
    assert wide.strays == pytest.approx(
        np.sqrt((WORTH * STRAYS**2 + worth * spread) / (WORTH + worth))
    )


def test_an_event_that_is_new_is_no_traffic():
    later = rows(
        ("1", "m", "a", 3000.0, True),
        ("1", "m", "b", 1000.0, True),
        ("1", "m", "launch", 9e6, True),
    )

    assert traffic(BEFORE, later, "m", {"1"}, None).factor == pytest.approx(1.0)


def test_where_too_little_is_untouched_the_whole_account_and_then_the_forecast_is_asked():
    most = rows(
        ("1", "m", "cut", 1000.0, False),
        ("1", "m", "a", 1000 * LEAST_SHARE / 2, True),
        ("2", "m", "c", 500.0, True),
    )
    later = rows(("1", "m", "a", 500.0, True), ("2", "m", "c", 1000.0, True))

    elsewhere = traffic(most, later, "m", {"1"}, None)
    assert elsewhere.factor == pytest.approx(1500 / (500 + 1000 * LEAST_SHARE / 2))

    alone = rows(("1", "m", "cut", 1000.0, False))
    told = traffic(alone, later.iloc[:0], "m", {"1"}, (0.9, 1.1, 1.4))
    assert (told.factor, told.kinds) == (1.1, 0)
    assert told.strays == pytest.approx(np.log(1.4 / 0.9) / P10_TO_P90)
    assert traffic(alone, later.iloc[:0], "m", {"1"}, None).factor == 1.0
