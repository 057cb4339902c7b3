"""Verified savings: what was predicted, against what happened.

A prediction goes into the ledger when an audit is recorded. Once its clock has run, a later audit
of the same account tells what came of it: what the usage it was about would have been without any
change, adjusted for the traffic of usage nobody was asked to change, less what was used. See
docs/verified_savings.md.
"""

from audit.verify.calibration import Calibration, calibration
from audit.verify.measure import Review, measured
from audit.verify.prediction import recorded
from audit.verify.reviewing import SavingsReview, savings_review

__all__ = [
    "Calibration",
    "Review",
    "SavingsReview",
    "calibration",
    "measured",
    "recorded",
    "savings_review",
]
