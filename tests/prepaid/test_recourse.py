"""Topping up and waiting: what is known by then decides, and nothing else.

Oracle: the figures of a two-stage newsvendor in which 70% of the log-variance is known after six
months (one shot and with a top-up), measured outside this project.
"""

import numpy as np
import pytest
from plan_years import even_normals, level, log_deviation, walking_years

from audit.prepaid import Assumptions
from audit.prepaid.choices import Choice, Deal
from audit.prepaid.conditional import Remainder
from audit.prepaid.levers import ONE_YEAR, steps
from audit.prepaid.orders import Kind, contract_order
from audit.prepaid.recourse import WAIT_MONTHS, Expansion, best_purchase, expansions, wait


def two_stage(mean, cv, draws=60_000, known=0.7, seed=2):
    """Half of what is known of the year in the first half; the second half differs by the rest."""
    rng = np.random.default_rng(seed)
    s = log_deviation(cv)
    first, second = rng.permutation(even_normals(draws)), rng.permutation(even_normals(draws))
    known_year = mean * np.exp(np.sqrt(known) * s * first - known * s * s / 2)
    rest = np.exp(np.sqrt(1 - known) * s * second - (1 - known) * s * s / 2)
    halves = [known_year / 12, known_year / 12 * rest]
    return np.asfortranarray(np.repeat(np.stack(halves, axis=1), 6, axis=1))


def of_floor(rules, years, *, tops_up):
    deal = Deal(rules, ONE_YEAR, Assumptions())
    order = contract_order(rules, ONE_YEAR, deal.assumptions, 25_000, steps(rules)[0])
    return deal.evaluated(Choice("it", "It", Kind.CONTRACT, order, tops_up), years, years)


@pytest.mark.parametrize(
    ("cv", "with_top_up", "off"), [(0.25, 7_284, 0.02), (0.5, 6_168, 0.03), (0.8, 4_528, 0.08)]
)
def test_a_top_up_is_worth_what_was_measured(levers, cv, with_top_up, off):
    # Ours also tops up earlier where credit runs out, and may reach a higher band: never less.
    years = two_stage(40_000, cv)

    saving = of_floor(levers, years, tops_up=True).saving.mean()
    assert saving == pytest.approx(with_top_up, rel=off)
    assert saving >= 0.99 * with_top_up


@pytest.mark.parametrize(("cv", "one_shot"), [(0.5, 4_160), (0.8, 2_575)])
def test_without_a_top_up_the_start_of_the_band_saves_what_was_measured(levers, cv, one_shot):
    assert of_floor(levers, two_stage(40_000, cv), tops_up=False).saving.mean() == pytest.approx(
        one_shot, rel=0.01
    )


def test_a_top_up_known_to_fit_saves_the_discount_on_everything(levers):
    # Level years: after six months the rest is known, so all 40,000 get 20%.
    years = np.asfortranarray(level(np.full(200, 40_000.0)))

    assert of_floor(levers, years, tops_up=True).saving.mean() == pytest.approx(8_000)


def test_credit_that_runs_out_early_is_topped_up_before(levers):
    # 120,000 a year: 25,000 last 2.5 months. Topped up after the second month, where 95,000 are
    # missing: 100,000 at 30% cost 70,000, 95,000 at 25% cost 71,250. The first order keeps its 20%:
    # 5,000 + 30,000 - 5,000 of credit that nobody uses.
    years = np.asfortranarray(level(np.full(200, 120_000.0)))
    paid = of_floor(levers, years, tops_up=True)

    assert paid.overage.mean() == pytest.approx(0, abs=1e-6)
    assert paid.saving.mean() == pytest.approx(5_000 + 30_000 - 5_000)


def test_nothing_is_topped_up_after_half_of_the_term(levers):
    # Usage comes in the second half only, as nobody could tell: half of the years nothing.
    years = np.zeros((1_000, 12), order="F")
    years[:, :6] = 1_000
    years[500:, 11] = 60_000
    paid = of_floor(levers, years, tops_up=True)

    # A coin toss of 0 or 60,000 is not worth a top-up at 20% or 25%.
    assert paid.overage[500:].mean() == pytest.approx(66_000 - 25_000)


def test_an_expansion_keeps_the_original_discount_until_it_reaches_a_higher_band(levers):
    amounts = expansions(steps(levers), 20)

    assert amounts[0] == Expansion(0, np.inf, 20)
    assert [(one.from_usd, one.percent) for one in amounts[1:]] == [
        (60_000, 25),
        (100_000, 30),
        (250_000, 35),
        (500_000, 40),
    ]


def test_the_rest_of_a_year_is_told_by_its_beginning():
    # log rest = log seen + error: the line is the identity, and the errors are what they are.
    rng = np.random.default_rng(4)
    seen = np.exp(rng.normal(9, 0.4, 50_000))
    error = np.exp(rng.normal(0, 0.2, 50_000))
    remainder = Remainder(seen, seen * error)

    low = remainder.quantile(0.2)
    assert (seen * error < low).mean() == pytest.approx(0.2, abs=0.005)
    assert low / seen == pytest.approx(np.exp(-0.2 * 0.8416), rel=0.02)


def test_expected_shortfall_is_the_mean_over_the_errors():
    rng = np.random.default_rng(4)
    seen, rest = np.exp(rng.normal(3, 1, 300)), np.exp(rng.normal(4, 1, 300))
    remainder = Remainder(seen, rest)
    credit = rng.uniform(0, 200, 300)

    errors = np.sort(rest / remainder.scale)
    brute = [
        np.maximum(0, c - m * errors).mean() for c, m in zip(credit, remainder.scale, strict=True)
    ]
    assert remainder.shortfall(credit) == pytest.approx(brute)


def test_years_without_usage_tell_a_rest_without_usage():
    remainder = Remainder(np.zeros(10), np.zeros(10))

    assert remainder.quantile(0.2) == pytest.approx(0)
    assert np.isfinite(remainder.shortfall(np.full(10, 5.0))).all()


def test_nothing_is_bought_where_nothing_pays():
    remainder = Remainder(np.full(100, 100.0), np.full(100, 100.0))
    credit, percent = best_purchase(
        remainder, np.arange(100), (Expansion(25_000, np.inf, 20),), 0.0
    )

    assert not credit.any()
    assert not percent.any()


def test_waiting_saves_nothing_on_the_months_waited(levers):
    # Level years of 40,000: three months by the month, nine twelfths of 20% on the rest.
    years = np.asfortranarray(level(np.full(300, 40_000.0)))
    contract = tuple(
        Expansion(s.from_usd, s.below_usd or np.inf, s.percent) for s in steps(levers)[:-1]
    )

    found = wait(levers, Assumptions(), years, years, contract=contract, self_serve=None)

    assert found.paid.saving.mean() == pytest.approx(0.2 * 40_000 * 9 / 12)
    assert found.paid.cash.mean() == pytest.approx(10_000 + 24_000)
    assert found.credit_usd.mean() == pytest.approx(40_000)
    assert found.committed_share == 1


def test_waiting_decides_by_what_was_seen_alone():
    years = walking_years(40_000, 0.4, draws=3_000)
    seen = years[:, :WAIT_MONTHS].sum(axis=1)
    remainder = Remainder(seen, years[:, WAIT_MONTHS:].sum(axis=1))
    everyone = np.arange(3_000)

    bought, _ = best_purchase(remainder, everyone, (Expansion(0, np.inf, 20),), 0.0, 0.75)
    assert (np.diff(bought[seen.argsort()]) >= -1e-6).all()


def test_a_top_up_is_paid_when_it_is_bought(levers):
    # Level 40,000, 10% a year: 20,000 at once, and 15,000 of credit for 12,000 after six months.
    years = np.asfortranarray(level(np.full(200, 40_000.0)))
    assumed = Assumptions(discount_rate_percent=10)
    deal = Deal(levers, ONE_YEAR, assumed)
    order = contract_order(levers, ONE_YEAR, assumed, 25_000, steps(levers)[0])
    paid = deal.evaluated(Choice("it", "It", Kind.CONTRACT, order, tops_up=True), years, years)

    months = sum(40_000 / 12 * 1.1 ** (-month / 12) for month in range(1, 13))
    assert paid.saving.mean() == pytest.approx(months - 20_000 - 12_000 * 1.1**-0.5)
    assert paid.cash.mean() == pytest.approx(32_000)


def test_an_order_after_waiting_is_paid_when_it_is_bought(levers):
    # 30,000 of credit for nine months at 20%, paid at the end of the third month.
    years = np.asfortranarray(level(np.full(200, 40_000.0)))
    contract = (Expansion(25_000, np.inf, 20),)
    assumed = Assumptions(discount_rate_percent=10)

    found = wait(levers, assumed, years, years, contract=contract, self_serve=None)

    months = sum(40_000 / 12 * 1.1 ** (-month / 12) for month in range(4, 13))
    assert found.paid.saving.mean() == pytest.approx(months - 24_000 * 1.1**-0.25)


def test_self_serve_credit_after_waiting_comes_in_monthly_parts(levers):
    # 1,000 a month, but 1,900 in the fourth: parts of about 1,100 leave some of it to be billed.
    years = np.full((300, 12), 1_000.0, order="F")
    years[:, 3] = 1_900
    found = wait(
        levers, Assumptions(), years, years, contract=(), self_serve=Expansion(0, 25_000, 10)
    )

    # 9,900 in nine parts of 1,100: the fourth month lacks 800, and 800 are left at the end.
    assert found.credit_usd.mean() == pytest.approx(9_900 * 12 / 9)
    assert found.paid.overage.mean() == pytest.approx(800)
    assert found.paid.saving.mean() == pytest.approx(990 - 800)


def test_who_starts_higher_may_end_much_higher():
    # rest = seen ** 1.5: the line has slope 1.5, and nothing is left to chance.
    seen = np.linspace(1_000, 9_000, 500)
    remainder = Remainder(seen, seen**1.5)

    assert remainder.quantile(0.2) == pytest.approx(seen**1.5, rel=0.001)


def test_credit_that_is_left_anyway_does_not_count_against_more_of_it():
    # 1,000 left; the rest is 50 once in ten years, else 1,100. 100 more save 20 and lose 10 on
    # average; the 95 that the rest leaves of the first 1,000 are lost either way.
    rest = np.where(np.arange(1_000) % 10 == 0, 50.0, 1_100.0)
    remainder = Remainder(np.full(1_000, 100.0), rest)
    bought, percent = best_purchase(
        remainder, np.arange(1_000), (Expansion(0, np.inf, 20),), 1_000.0
    )

    assert bought == pytest.approx(100)
    assert set(percent) == {20}


def test_a_month_that_breaks_the_credit_is_billed_before_the_top_up_comes(levers):
    # 25,000 of credit, 1,000 a month, but 60,000 in the third: 37,000 of it find no credit. Then
    # 9,000 are bought for the nine months left, which one year in ten does not use at all: they
    # do not go back to the third month.
    usage = np.full((200, 12), 1_000.0, order="F")
    usage[:, 2] = 60_000
    usage[:20, 3:] = 0
    paid = of_floor(levers, usage, tops_up=True)

    assert paid.overage == pytest.approx(37_000)
    assert paid.unused[:20] == pytest.approx(9_000)
    assert paid.saving[20:] == pytest.approx(0.2 * 34_000)


def test_an_order_form_after_waiting_is_there_at_once_whatever_its_discount(levers):
    # Both are sold at 10%: 30,000 in the fourth month, more than self-serve credit there is.
    years = np.full((300, 12), 100.0, order="F")
    years[:, 3] = 30_000
    found = wait(
        levers,
        Assumptions(),
        years,
        years,
        contract=(Expansion(25_000, np.inf, 10),),
        self_serve=Expansion(0, 25_000, 10),
    )

    assert found.paid.overage.mean() == pytest.approx(0, abs=1e-6)
