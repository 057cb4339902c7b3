"""The annual plan: its speed, and how it agrees with exact answers.

    python benchmarks/prepaid.py

Speed: a plan of twelve months on 10,000 simulated years, all alternatives, the chart, the stale
guard and the choice before the fixes; the target is a second. Agreement: the closed forms of
``plan_years``.
"""

import time
from statistics import median

import numpy as np
from plan_years import (
    level,
    log_deviation,
    lognormal_quantile,
    lognormal_shortfall,
    normal_shortfall,
    walking_years,
)

from audit.checks import load_checks
from audit.policy import load_policy
from audit.prepaid import Assumptions, plan, rules_of
from audit.prepaid.choices import Choice, Deal
from audit.prepaid.levers import ONE_YEAR, step_of, steps
from audit.prepaid.orders import Kind, contract_order, quantile_order

RUNS = 5
DRAWS = 10_000
TARGET_SECONDS = 1.0
SAVING_TOLERANCE_PERCENT = 0.5
CREDIT_TOLERANCE_PERCENT = 1.0
MANY = 1_000_000


def main():
    rules = rules_of(load_policy("2026-11", load_checks()))
    speed(rules)
    agreement(rules)


def speed(rules):
    years = walking_years(45_000, 0.3, DRAWS)
    on_the_wall, on_the_core = [], []
    for _ in range(RUNS):
        start, busy = time.perf_counter(), time.process_time()
        plan(years, years, rules, unfixed_list_usd=1.4 * years, recent_month_usd=3_700.0)
        on_the_wall.append(time.perf_counter() - start)
        on_the_core.append(time.process_time() - busy)
    found, busy = median(on_the_wall), median(on_the_core)
    print(f"a plan on {DRAWS:,} simulated years: {found:.2f} s, {busy:.2f} s of one core")
    print(f"{found / TARGET_SECONDS:.2f} of the target, {busy / TARGET_SECONDS:.2f} undisturbed")


def agreement(rules):
    random = np.random.default_rng(11).standard_normal(MANY)
    print(f"\n{'expected saving':40} {'simulated':>12} {'exact':>12} {'off':>8}")
    for mean, cv, credit in ((40_000, 0.1, 40_000), (40_000, 0.25, 32_000), (57_000, 0.15, 60_000)):
        s = log_deviation(cv)
        years = level(mean * np.exp(s * random - s * s / 2))
        exact = share(rules, credit) * credit - lognormal_shortfall(credit, mean, cv)
        line(f"lognormal {mean:,}, {cv}: {credit:,}", saved(rules, years, credit), exact)
    years = level(np.maximum(0, 40_000 + 6_000 * random))
    exact = 0.2 * 38_000 - normal_shortfall(38_000, 40_000, 6_000)
    line("normal 40,000, 6,000: 38,000", saved(rules, years, 38_000), exact)
    print(f"(at most {SAVING_TOLERANCE_PERCENT}% is asked for)")
    print(f"\n{'best credit of a band':40} {'simulated':>12} {'exact':>12} {'off':>8}")
    for mean, cv in ((40_000, 0.1), (40_000, 0.25), (57_000, 0.15)):
        years = np.asfortranarray(walking_totals(mean, cv, random[:100_000]))
        order = quantile_order(rules, ONE_YEAR, Assumptions(), years, steps(rules)[0])
        line(f"lognormal {mean:,}, {cv}", order.purchase_usd, lognormal_quantile(0.2, mean, cv))
    print(f"(at most {CREDIT_TOLERANCE_PERCENT}% is asked for)")


def walking_totals(mean, cv, random):
    s = log_deviation(cv)
    return level(mean * np.exp(s * random - s * s / 2))


def share(rules, credit):
    return step_of(steps(rules), credit).percent / 100


def saved(rules, years, credit):
    deal = Deal(rules, ONE_YEAR, Assumptions())
    order = contract_order(rules, ONE_YEAR, deal.assumptions, credit, step_of(deal.offers, credit))
    return deal.evaluated(Choice("it", "It", Kind.CONTRACT, order), years, years).saving.mean()


def line(what, simulated, exact):
    off = 100 * (simulated / exact - 1)
    print(f"{what:40} {simulated:12,.2f} {exact:12,.2f} {off:7.2f}%")


if __name__ == "__main__":
    main()
