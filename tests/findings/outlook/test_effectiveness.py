"""How much of a fix comes true, against what is known of the Beta distribution."""

import numpy as np
import pytest

from audit.checks import Effort
from audit.errors import InputError
from audit.findings.outlook.effectiveness import Effectiveness, priors


@pytest.mark.parametrize(("a", "b"), [(18, 2), (6, 4), (1, 1), (38, 2), (120, 3)])
def test_draws_have_the_mean_and_variance_of_the_distribution(a, b):
    drawn = Effectiveness(a, b).draws(20_000, np.random.default_rng(1))

    # Mean a/(a+b), variance ab/((a+b)^2 (a+b+1)); evenly spread draws are much closer than chance.
    assert drawn.mean() == pytest.approx(a / (a + b), abs=2e-4)
    assert drawn.var() == pytest.approx(a * b / ((a + b) ** 2 * (a + b + 1)), rel=5e-3)
    assert 0 <= drawn.min() <= drawn.max() <= 1


def test_an_even_prior_is_even():
    drawn = np.sort(Effectiveness(1, 1).draws(1_000, np.random.default_rng(1)))

    assert np.abs(drawn - (np.arange(1_000) + 0.5) / 1_000).max() < 1e-3


def test_every_effort_has_a_prior_below_one():
    assert set(priors()) == set(Effort)
    assert all(0.5 <= one.mean < 1 for one in priors().values())


def test_outcomes_move_the_prior_towards_what_came_true():
    prior = priors()[Effort.CODE_CHANGE]

    worse = prior.updated([0.1] * 20)
    better = prior.updated([1.0] * 20)

    assert worse.mean < prior.mean < better.mean
    assert worse.came_true == prior.came_true + 2


def test_an_outcome_that_is_no_number_is_refused():
    with pytest.raises(InputError, match="realised share"):
        Effectiveness(6, 4).updated([float("nan")])


def test_no_outcome_leaves_the_prior_as_it_is():
    prior = priors()[Effort.SETTING]

    assert prior.updated([]) is prior
