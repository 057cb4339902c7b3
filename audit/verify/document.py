"""Reviews and calibration as plain values, for programs: what ``audit verify --json`` prints."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from audit.ledger.records import Outcome
from audit.verify.calibration import Calibration
from audit.verify.measure import Review


def document(reviews: Iterable[Review], known: Calibration) -> dict[str, Any]:
    """Money is text, USD a billing month; what is not known is null."""
    return {
        "reviews": [_plain_review(one) for one in reviews],
        "calibration": _plain_calibration(known),
    }


def _usd(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _plain_review(one: Review) -> dict[str, Any]:
    return {
        "organization_id": one.run.organization_id,
        "organization_name": one.organization_name,
        "predicted_as_of": one.run.as_of.isoformat(),
        "bill_then_usd": f"{one.bill_then:.2f}",
        "bill_now_usd": f"{one.bill_now:.2f}",
        "saved_usd": _usd(one.saved),
        "saved_low_usd": _usd(one.saved_low),
        "saved_high_usd": _usd(one.saved_high),
        "sentence": one.sentence,
        "outcomes": [_plain_outcome(outcome) for outcome in one.outcomes],
        "waiting": [{"finding": p.finding_id, "reason": why} for p, why in one.waiting],
    }


def _plain_outcome(one: Outcome) -> dict[str, Any]:
    """One outcome for programs; what is not known is null."""
    money = {
        "predicted_usd": one.predicted,
        "saved_usd": one.saved,
        "saved_low_usd": one.saved_low,
        "saved_high_usd": one.saved_high,
    }
    return {
        "finding": one.finding_id,
        "check": one.check,
        "effort": one.effort,
        "measured_as_of": one.measured_as_of.isoformat(),
        "verdict": one.verdict.value,
        "share": one.share,
        "share_low": one.share_low,
        "share_high": one.share_high,
        **{name: _usd(value) for name, value in money.items()},
        "why": one.why,
    }


def _plain_calibration(known: Calibration) -> dict[str, Any]:
    return {
        "checks": [
            {
                "check": one.check,
                "verified": one.verified,
                "adopted": one.adopted,
                "inconclusive": one.inconclusive,
                "predicted_usd": f"{one.predicted:.2f}",
                "saved_usd": f"{one.saved:.2f}",
                "within_range": one.within,
                "with_range": one.ranged,
            }
            for one in known.checks
        ],
        "came_true": {
            str(effort): {"declared": round(prior.mean, 4), "with_outcomes": round(new.mean, 4)}
            for effort, (prior, new) in known.learned.items()
        },
    }
