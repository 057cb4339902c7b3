"""The annual plan: contract rules as data, and the decision when nobody knows the coming year.

>>> from audit.prepaid import PlanState
>>> PlanState.MONTHLY.in_words
'Pays by the month: a plan would be a conversion.'
"""

from audit.prepaid.buy_up import BreakEven, Purchase, break_evens, cheapest, purchases
from audit.prepaid.decide import Decision, Row
from audit.prepaid.document import document
from audit.prepaid.eligibility import Eligibility, PlanState, eligibility, plan_state
from audit.prepaid.levers import Stack, Terms, stack
from audit.prepaid.money import Assumptions
from audit.prepaid.of_account import plan_of
from audit.prepaid.plan import Plan, plan
from audit.prepaid.rules import RULE_SETS, Band, Rules, rules_of
from audit.prepaid.sales_table import Invoice, SalesRow

__all__ = [
    "RULE_SETS",
    "Assumptions",
    "Band",
    "BreakEven",
    "Decision",
    "Eligibility",
    "Invoice",
    "Plan",
    "PlanState",
    "Purchase",
    "Row",
    "Rules",
    "SalesRow",
    "Stack",
    "Terms",
    "break_evens",
    "cheapest",
    "document",
    "eligibility",
    "plan",
    "plan_of",
    "plan_state",
    "purchases",
    "rules_of",
    "stack",
]
