"""The decision: the recommendation rule, regret, refusal without history, and both guards."""

import numpy as np
import pytest
from plan_years import level, lognormal_years, walking_years

from audit.errors import InputError
from audit.prepaid import Assumptions, Terms
from audit.prepaid.choices import Deal
from audit.prepaid.decide import before_fixing, cents, decide, stale_guard, worst
from audit.prepaid.levers import ONE_YEAR


def deal(rules, *, self_serve=True, terms=ONE_YEAR, **assumed):
    return Deal(rules, terms, Assumptions(**assumed), self_serve)


def years(mean, cv=0.25, draws=4_000):
    return np.asfortranarray(walking_years(mean, cv, draws))


def decided(rules, usage, **options):
    given = {k: options.pop(k) for k in ("commitment_usd", "history_days") if k in options}
    return decide(deal(rules, **options), usage, usage, **given)


def test_every_alternative_of_the_issue_is_compared(levers):
    names = [row.choice.name for row in decided(levers, years(45_000, 0.15)).rows]

    floors = [f"floor_{start}" for start in (25_000, 60_000, 100_000, 250_000, 500_000)]
    assert {"monthly", "self_serve", *floors, "quantile_25000", "mean", "wait"} <= set(names)


def test_the_recommendation_saves_most_of_what_is_safe_enough(levers):
    found = decided(levers, years(40_000, 0.9))

    safe = [r for r in found.rows if r.choice.is_offered and r.loss_percent <= 20]
    assert found.recommended.saving == max(row.saving for row in safe)
    assert any(r.saving > 0 and r.loss_percent > 20 for r in found.rows)


def test_a_higher_bound_on_the_risk_never_saves_less(levers):
    usage = years(23_500, 0.4)

    savings = [
        decided(levers, usage, most_loss_percent=b).recommended.saving for b in (0, 5, 20, 50, 100)
    ]
    assert savings == sorted(savings)


def test_staying_monthly_is_the_answer_when_nothing_pays(flat):
    # Below the least self-serve credit of mid 2025, and far below a plan.
    found = decided(flat, years(1_000))

    assert found.recommended.choice.name == "monthly"
    assert "stay monthly" in found.reason


def test_staying_monthly_is_the_answer_when_what_saves_is_too_risky(levers):
    # One year in four is nothing, and nobody can tell by spring.
    usage = np.asfortranarray(level(np.full(400, 40_000.0)))
    usage[:100, 3:] = 0

    found = decided(levers, usage, self_serve=False, most_loss_percent=10)
    assert found.recommended.choice.name in ("monthly", "wait")
    assert found.recommended.loss_percent <= 10


def test_no_usage_is_a_clear_answer(levers):
    found = decided(levers, np.zeros((200, 12), order="F"), commitment_usd=30_000)

    assert found.recommended.choice.name == "monthly"
    assert "No billed usage" in found.reason
    assert all(row.saving_percent is None for row in found.rows)


def test_the_mean_is_for_comparison_and_never_recommended(levers):
    # With certain usage the mean is the best there is, and so is the same amount as a quantile.
    found = decided(levers, np.asfortranarray(level(np.full(200, 40_000.0))))

    assert not found.row("mean").choice.is_offered
    assert found.row("mean").choice.why_not == "For comparison only."
    assert found.row("mean").saving == cents(8_000)
    assert found.recommended.choice.name != "mean"


def test_what_the_app_proposes_is_shown_beside_what_is_best(levers):
    usage = years(12_000)
    found = decide(deal(levers), usage, usage, proposed_usd=18_000.4)

    row = found.row("proposed")
    assert row.choice.title == "What the app proposes: $18,000 at 10%"
    assert not row.choice.is_offered
    assert row.saving < found.recommended.saving
    assert not any(r.choice.name == "proposed" for r in decided(levers, usage).rows)


def test_break_even_use_of_a_plan_is_what_it_costs(levers):
    found = decided(levers, years(40_000))

    assert found.row("floor_25000").break_even_percent == pytest.approx(80)
    assert found.row("floor_60000").break_even_usage == cents(45_000)
    assert found.row("self_serve").break_even_percent == pytest.approx(90, abs=0.01)
    assert found.row("monthly").break_even_usage is None


def test_a_likely_renewal_lowers_the_break_even(levers):
    # s = .7 x .5 x .8 = .28: (1 - .2 - .28) / (1 - .28) = 72.2% of the credit.
    found = decided(levers, years(40_000), renewal_percent=70)

    assert found.row("floor_25000").break_even_percent == pytest.approx(100 * 0.52 / 0.72)


@pytest.mark.parametrize(
    "assumed",
    [
        {},
        {"discount_rate_percent": 5},
        {"renewal_percent": 70},
        {"renewal_percent": 70, "rollover_reading": "original"},
        {"renewal_percent": 100, "rollover_reading": "original"},
        {"renewal_percent": 80, "discount_rate_percent": 5},
    ],
)
def test_the_break_even_is_where_a_level_year_stops_losing(levers, bought, assumed):
    usage = np.asfortranarray(level(np.full(200, 40_000.0)))
    even = float(decided(levers, usage, **assumed).row("floor_25000").break_even_usage)

    assert bought(levers, [even / 12] * 12, 25_000, **assumed).saving[0] == pytest.approx(
        0, abs=0.02
    )


def test_an_old_discount_raises_the_break_even_until_there_is_none(levers):
    # 20% off the months: 25,000 x .8 / .8: the credit must be used up. 25% off: never.
    usage = years(40_000)

    same = decide(deal(levers), usage, 0.8 * usage).row("floor_25000")
    assert same.break_even_percent == pytest.approx(100)
    assert decide(deal(levers), usage, 0.75 * usage).row("floor_25000").break_even_usage is None


def test_regret_is_against_the_best_of_each_year(levers):
    usage = years(40_000, 0.3, draws=500)
    found = decided(levers, usage)

    offered = [found.savings[r.choice.name] for r in found.rows if r.choice.is_offered]
    for row in found.rows:
        by_hand = [
            max(0.0, max(one[year] for one in offered) - found.savings[row.choice.name][year])
            for year in range(len(usage))
        ]
        assert row.regret == cents(np.mean(by_hand))
        assert row.most_regret == cents(max(by_hand))


def test_the_worst_twentieth_is_a_mean_of_the_worst_years():
    saving = np.random.default_rng(1).normal(0, 1, 1_000)

    assert worst(saving) == pytest.approx(np.sort(saving)[:50].mean())
    assert worst(np.array([3.0, -4.0])) == -4


def test_a_short_history_gets_no_quantile_and_is_told_why(levers):
    found = decided(levers, years(40_000), history_days=60)

    assert not any(row.choice.name.startswith("quantile") for row in found.rows)
    assert found.recommended.choice.name == "monthly"
    assert "60 days of history" in found.reason
    assert "90 are needed" in found.reason
    assert decided(levers, years(40_000), history_days=90).recommended.choice.name != "monthly"


def test_an_account_that_may_not_buy_self_serve_is_not_sent_there(levers):
    found = decided(levers, years(12_000), self_serve=False)

    assert found.row("self_serve").choice.why_not
    assert found.recommended.choice.name == "monthly"


def test_unknown_eligibility_is_not_a_no(levers):
    assert decided(levers, years(12_000), self_serve=None).row("self_serve").choice.is_offered


def test_committing_before_the_fixes_costs_what_the_right_choice_saves_more(levers):
    # 75,000 today, 40,000 after the fixes. Without waiting or topping up: 60,000 at 25% cost
    # 45,000 for usage of 40,000: a loss of 5,000, where 25,000 at 20% save 5,000.
    today, after = (np.asfortranarray(level(np.full(300, usd))) for usd in (75_000.0, 40_000.0))
    rules = deal(levers)
    decision = decide(rules, after, after)

    found = before_fixing(rules, (today, today), (after, after), decision)
    by_hand = rules.evaluated(found.choice, after, after).saving.mean()
    assert found.saving == cents(by_hand)
    assert found.cost == decision.recommended.saving - found.saving
    assert found.cost >= 0


def test_fixes_that_halve_the_usage_make_the_early_commitment_a_loss(levers):
    today = years(130_000, 0.1)
    after = np.asfortranarray(today * 0.45)
    rules = deal(levers)

    found = before_fixing(rules, (today, today), (after, after), decide(rules, after, after))
    assert found.cost > 0
    assert found.choice.order.purchase_usd > after.sum(axis=1).mean()


def test_a_last_month_like_the_others_changes_nothing(levers):
    usage = years(40_000)
    rules = deal(levers)

    found = stale_guard(
        rules, usage, usage, decide(rules, usage, usage), usage.sum() / len(usage) / 12
    )
    assert not found.disagrees


def test_a_last_month_far_below_says_so_and_names_the_safer_credit(levers):
    usage = years(80_000, 0.1)
    rules = deal(levers)

    found = stale_guard(rules, usage, usage, decide(rules, usage, usage), 1_000.0)
    assert found.disagrees
    assert "disagree" in found.in_words
    assert not stale_guard(
        rules, 0 * usage, 0 * usage, decide(rules, 0 * usage, 0 * usage), 10.0
    ).disagrees


@pytest.mark.parametrize(
    ("credit", "said"), [(2_000, "is not sold: it is at least"), (1_000_000, "Sales confirms")]
)
def test_a_commitment_that_is_not_sold_says_why(levers, net_spend, credit, said):
    rules = net_spend if credit < 25_000 else levers

    with pytest.raises(InputError, match=said):
        decided(rules, years(40_000), commitment_usd=credit)


def test_a_commitment_under_the_minimum_without_self_serve_says_the_minimum(levers):
    with pytest.raises(InputError, match=r"under the minimum of \$25,000, and the account may not"):
        decided(levers, years(40_000), self_serve=False, commitment_usd=24_000)


def test_four_years_leave_no_plan_to_price(levers):
    found = decided(levers, years(40_000), terms=Terms(years=4))

    assert {row.choice.name for row in found.rows} == {"monthly", "self_serve", "wait"}


def test_stratified_and_random_years_agree(levers):
    usage = np.asfortranarray(lognormal_years(40_000, 0.25, 10_000))
    other = np.random.default_rng(9).permutation(usage)

    one, two = decided(levers, usage), decided(levers, np.asfortranarray(other))
    assert [r.choice.name for r in one.rows] == [r.choice.name for r in two.rows]
    assert one.recommended.saving == two.recommended.saving
