"""The three rule sets, as the packs that ship hold them, and a level year of given months."""

import numpy as np
import pytest

from audit.checks import load_checks
from audit.policy import load_policy
from audit.prepaid import Assumptions, rules_of
from audit.prepaid.choices import Choice, Deal
from audit.prepaid.levers import ONE_YEAR, steps
from audit.prepaid.orders import Kind, contract_order, self_serve_order

CHECKS = load_checks()


@pytest.fixture(scope="session")
def now():
    """Today's policy pack."""
    return load_policy("2026-11", CHECKS)


@pytest.fixture(scope="session")
def seed():
    """The pack of mid 2025."""
    return load_policy("2025-06", CHECKS)


@pytest.fixture(scope="session")
def levers(now):
    return rules_of(now)


@pytest.fixture(scope="session")
def flat(seed):
    return rules_of(seed)


@pytest.fixture(scope="session")
def net_spend(seed):
    return rules_of(seed, "net_spend")


@pytest.fixture
def bought():
    """``bought(rules, usage, credit)``: what an order costs in each year of ``usage``."""

    def buy(rules, usage, credit, *, how="contract", terms=ONE_YEAR, by_month=None, **assumed):
        assumptions = Assumptions(**assumed)
        years = np.asfortranarray(np.atleast_2d(np.asarray(usage, dtype=float)))
        if how == "self_serve":
            order = self_serve_order(rules, terms, credit)
        else:
            step = [one for one in steps(rules, terms) if one.from_usd <= credit][-1]
            order = contract_order(rules, terms, assumptions, credit, step)
        months = years if by_month is None else np.asarray(by_month, dtype=float)
        deal = Deal(rules, terms, assumptions)
        return deal.evaluated(Choice("it", "It", Kind(how), order), years, months)

    return buy
