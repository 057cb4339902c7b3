"""Refunds: who may get one, rule by rule, how much per product and bill, and how it goes back.

>>> from audit.refunds import Verdict
>>> Verdict.CONFIRM.value
'a person must confirm'
"""

from audit.refunds.decide import Decision, decide
from audit.refunds.document import document
from audit.refunds.paste import paste_block
from audit.refunds.request import Request, Scenario
from audit.refunds.verdicts import Rule, Verdict

__all__ = [
    "Decision",
    "Request",
    "Rule",
    "Scenario",
    "Verdict",
    "decide",
    "document",
    "paste_block",
]
