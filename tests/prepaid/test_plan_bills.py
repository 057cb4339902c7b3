"""Every worked plan of tests/bills/plans comes out to the cent."""

import tomllib
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from audit.checks import load_checks
from audit.policy import load_policy
from audit.prepaid import Terms, document, plan, rules_of
from audit.prepaid.decide import cents
from audit.prepaid.levers import self_serve, stack

PLANS = sorted((Path(__file__).parents[1] / "bills" / "plans").glob("plan_*.toml"))


def test_the_plans_are_found():
    assert len(PLANS) >= 14


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_a_worked_plan_comes_out_as_printed(bought, path):
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    rules = rules_of(load_policy(case["policy"], load_checks()), case["rule_set"])
    terms = Terms(**case.get("terms", {}))
    credit = float(case["credit"])

    paid = bought(rules, case["usage"], credit, how=case["how"], terms=terms)
    of = self_serve(rules, terms) if case["how"] == "self_serve" else stack(rules, credit, terms)

    assert case["computed_by"]
    assert case["arithmetic"].strip()
    assert rules.pack == case["policy"]
    assert of.counted_percent == float(case["percent"])
    assert cents(paid.cash[0] - paid.overage[0]) == Decimal(case["price"])
    assert cents(paid.overage[0]) == Decimal(case["overage"])
    assert cents(paid.unused[0]) == Decimal(case["unused"])
    assert cents(paid.cash[0]) == Decimal(case["cash"])
    assert cents(paid.saving[0]) == Decimal(case["saving"])


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_the_plan_says_what_the_worked_plan_says(path):
    # A hundred years that are all the same: nothing is uncertain.
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    rules = rules_of(load_policy(case["policy"], load_checks()), case["rule_set"])
    years = np.tile(np.array(case["usage"], dtype=float), (100, 1))

    found = plan(
        years,
        years,
        rules,
        terms=Terms(**case.get("terms", {})),
        commitment_usd=float(case["credit"]),
    )

    own = next(one for one in document(found)["alternatives"] if one["name"] == "own")
    assert own["price_usd"] == case["price"]
    assert own["saving"] == case["saving"]
    assert own["cash"] == case["cash"]
    assert own["unused"] == case["unused"]
    assert own["overage"] == case["overage"]
    assert own["worst_saving"] == case["saving"]
    assert own["loss_percent"] == (100 if Decimal(case["saving"]) < 0 else 0)
