"""Indicators and warnings: by finding, by facts, or by nobody; what is not known is never off."""

import re
from dataclasses import dataclass, field
from importlib import resources
from math import nan

import pandas as pd
import pytest

from audit.checks import load_checks
from audit.checks.contract import Severity
from audit.checks.engine_facts import ENGINE_FACTS
from audit.errors import SettingsError
from audit.facts.runner import files_of
from audit.health import State, load_rules
from audit.health.rules import read_rules, signs

TEXT = (resources.files("audit.health") / "rules.toml").read_text(encoding="utf-8")
WHEN = {fact: nan for rule in load_rules().rules for fact, _ in rule.when}


@dataclass
class Found:
    check: str
    severity: Severity = Severity.WORTH_ATTENTION
    message: str = "Something."
    reason: str = "The key lacks a scope."
    suppressed: bool = False


@dataclass
class Audited:
    """What an audit tells, as little of it as the rules read."""

    findings: list = field(default_factory=list)
    not_evaluated: list = field(default_factory=list)
    checks_run: list = field(default_factory=lambda: list(load_checks()))
    values: dict = field(default_factory=dict)
    organization_id: str = "acme"
    organization_name: str = "Acme"

    @property
    def facts(self):
        return {"organization": pd.DataFrame([WHEN | self.values])}


def sign(audit, title, kind=None):
    return next(s for s in signs(audit) if s.rule.title == title and kind in (None, s.rule.kind))


def test_the_indicators_are_those_of_the_page():
    by_kind = {}
    for rule in load_rules().rules:
        by_kind.setdefault(rule.kind, []).append(rule.title)

    assert by_kind["risk"] == [
        "Forecasted MRR decrease",
        "Increased billing page visits",
        "Query failure rate above 10%",
        "Sudden decrease in event volume",
        "No insights analyzed past week",
        "Payment failed",
        "Startup credit will run out this billing cycle",
        "Organization owner recently removed",
        "Group analytics paid for and not used",
    ]
    assert by_kind["opportunity"] == [
        "Forecasted MRR growth",
        "Organization owner recently added",
    ]
    assert len(by_kind["early_warning"]) == 9
    assert set(by_kind) == set(load_rules().kinds) == set(load_rules().sources)


def test_every_fact_and_check_that_a_rule_names_exists():
    for rule in load_rules().rules:
        assert not rule.check or rule.check in load_checks()
        assert all(files_of(fact) or fact in ENGINE_FACTS for fact, _ in rule.when)


def test_a_finding_turns_the_rule_on_with_its_words():
    audit = Audited([Found("events_falling", message="Down by 40%.")])

    found = sign(audit, "Sudden decrease in event volume")

    assert (found.state, found.words) == (State.GIVEN, "Down by 40%.")


def test_a_suppressed_finding_stays_on_and_says_so():
    audit = Audited([Found("events_falling", message="Down by 40%.", suppressed=True)])

    found = sign(audit, "Sudden decrease in event volume")

    assert (found.state, found.words) == (State.GIVEN, "Down by 40%. It is suppressed.")


def test_one_check_of_two_directions_turns_only_its_own_rule_on():
    audit = Audited([Found("forecast_changed", Severity.OPPORTUNITY)])

    assert sign(audit, "Forecasted MRR growth").state is State.GIVEN
    assert sign(audit, "Forecasted MRR decrease").state is State.NOT_GIVEN


def test_a_drop_that_is_explained_is_no_reason_for_a_churn_risk():
    title = "Usage has dropped 30%+ with no seasonal explanation"

    assert sign(Audited([Found("usage_dropped", Severity.INFORMATION)]), title).state is (
        State.NOT_GIVEN
    )
    assert sign(Audited([Found("usage_dropped", Severity.NEEDS_ACTION)]), title).state is (
        State.GIVEN
    )


def test_a_check_that_was_not_evaluated_leaves_its_rule_open_with_the_reason():
    audit = Audited(not_evaluated=[Found("payment_failed")])

    found = sign(audit, "Payment failed")

    assert (found.state, found.words) == (State.NOT_KNOWN, "The key lacks a scope.")


def test_a_check_that_did_not_run_leaves_its_rule_open():
    found = sign(Audited(checks_run=["events_falling"]), "Payment failed")

    assert (found.state, found.words) == (
        State.NOT_KNOWN,
        "the check did not run in this audit",
    )


@pytest.mark.parametrize(
    ("title", "values", "state"),
    [
        ("No Slack activity for 14+ days", {"days_since_slack_message": 13}, State.NOT_GIVEN),
        ("No Slack activity for 14+ days", {"days_since_slack_message": 14}, State.GIVEN),
        ("No Slack activity for 14+ days", {}, State.NOT_KNOWN),
        ("Single product usage", {"product_count": 1}, State.GIVEN),
        ("Single product usage", {"product_count": 2}, State.NOT_GIVEN),
        ("Support tickets spiking", {"tickets_30_days": 10}, State.NOT_GIVEN),
        ("Support tickets spiking", {"tickets_30_days": 11}, State.GIVEN),
        ("Champion changed roles or left", {"champion_has_left": 1}, State.GIVEN),
        ("Champion changed roles or left", {"champion_has_left": 0}, State.NOT_GIVEN),
        (
            "Down-trending event volume (no seasonality)",
            {"unexplained_decrease_percent": 20},
            State.NOT_GIVEN,
        ),
        (
            "Down-trending event volume (no seasonality)",
            {"unexplained_decrease_percent": 20.5},
            State.GIVEN,
        ),
    ],
)
def test_facts_turn_a_rule_on_within_its_bounds(title, values, state):
    assert sign(Audited(values=values), title).state is state


@pytest.mark.parametrize(
    ("exports", "people", "state"),
    [
        (1, 0, State.GIVEN),
        (1, 3, State.NOT_GIVEN),
        (0, 0, State.NOT_GIVEN),
        (0, nan, State.NOT_GIVEN),
        (nan, 3, State.NOT_GIVEN),
        (1, nan, State.NOT_KNOWN),
        (nan, nan, State.NOT_KNOWN),
    ],
)
def test_one_bound_that_does_not_hold_settles_it_whatever_is_not_known(exports, people, state):
    audit = Audited(values={"active_batch_exports": exports, "people_using_a_product": people})

    assert sign(audit, "Data exported to external warehouse only").state is state


def test_words_carry_the_values_and_what_is_missing_says_where_it_comes_from():
    given = Audited(values={"active_batch_exports": 2, "people_using_a_product": 0})
    title = "Data exported to external warehouse only"

    assert sign(given, title).words == (
        "Batch exports are on (2), and nobody used a product in the window."
    )
    assert sign(Audited(), title).words == (
        "it comes from the batch exports and the query log, by a key that may read both"
    )


def test_what_no_data_tells_is_never_off():
    assert sign(Audited(), "Not using PostHog as source of truth").state is State.NOT_KNOWN


@pytest.mark.parametrize(
    ("was", "becomes", "complaint"),
    [
        ('check = "payment_failed"', 'check = "payment_faild"', "Nearest: payment_failed"),
        ('kind = "opportunity"', 'kind = "oportunity"', "Nearest: opportunity"),
        ('check = "payment_failed"', "", "needs one of check, when and untold"),
        (
            'check = "payment_failed"',
            'check = "payment_failed"\nuntold = "nobody knows"',
            "needs one of check, when and untold",
        ),
        ('"> 10"', '"many"', "is no band"),
    ],
)
def test_a_rule_that_cannot_be_judged_is_refused(was, becomes, complaint):
    assert was in TEXT

    with pytest.raises(SettingsError, match=re.escape(complaint)):
        read_rules(TEXT.replace(was, becomes, 1))
