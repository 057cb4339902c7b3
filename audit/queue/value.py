"""What writing to an account is worth: a declared model, whose every number stands in the policy.

worth an hour = (adopted x joint saving + contact x bill) x time x risk / hours

adopted: the share of accounts that answer, times the share of the advice that is then followed, by
what each remedy takes and weighted by what it saves. Savings and bills are USD a billing month,
estimates. The result orders a list and is no forecast of anything.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.checks import Audience, Effort
from audit.policy import Policy

if TYPE_CHECKING:
    from audit.findings.world import World

#: Checks of the team that say that an account may be lost.
RISK_CHECKS = (
    "churn_risk",
    "events_falling",
    "health_poor",
    "payment_failed",
    "startup_credit_exhausted",
    "upcoming_invoice_large",
    "usage_dropped",
)

MINUTES_AN_HOUR = 60


@dataclass(frozen=True)
class Model:
    """The assumptions, as shares and minutes. ``levers``: so much advice one message holds."""

    answer: float
    adopt: dict[Effort, float]
    contact: float
    late: float
    not_due: float
    risk: float
    account_minutes: float
    minutes: dict[Effort, float]
    levers: float

    @classmethod
    def of(cls, policy: Policy) -> "Model":
        """The model of a policy."""

        def share(name: str) -> float:
            return policy.number(f"queue.{name}_percent") / 100

        setting = policy.number("queue.setting_minutes")
        return cls(
            answer=share("answer"),
            adopt={effort: share(f"adopt_{effort.value}") for effort in Effort},
            contact=share("contact"),
            late=share("late"),
            not_due=share("not_due"),
            risk=share("risk"),
            account_minutes=policy.number("queue.account_minutes"),
            minutes={
                Effort.SETTING: setting,
                Effort.BILLING_PAGE: setting,
                Effort.CODE_CHANGE: policy.number("queue.code_change_minutes"),
                Effort.CONVERSATION: policy.number("queue.conversation_minutes"),
            },
            levers=policy.number("queue.levers_count"),
        )


def savings_by_effort(world: "World") -> tuple[pd.DataFrame, pd.DataFrame]:
    """USD that the open findings for the customer save alone, and how many save anything; one
    column per effort, one row per organization."""
    count = len(world.audited)
    usd = pd.DataFrame(0.0, index=range(count), columns=list(Effort))
    findings = pd.DataFrame(0, index=range(count), columns=list(Effort))
    for verdict in world.open_verdicts:
        if verdict.check.audience is not Audience.CUSTOMER or not verdict.check.cuts:
            continue
        keys = world.organization_keys(verdict)
        alone = world.savings.alone(keys, verdict.cut)[verdict.flagged]
        at = keys[verdict.flagged]
        effort = verdict.check.effort
        usd[effort] += np.bincount(at, alone / 100.0, count)
        findings[effort] += np.bincount(at, alone > 0, count).astype(np.int64)
    return usd, findings


def valued(
    model: Model,
    frame: pd.DataFrame,
    usd: pd.DataFrame,
    findings: pd.DataFrame,
) -> pd.DataFrame:
    """The terms of the model, one row per organization.

    ``frame``: joint_saving_usd and bill_usd (NaN where unknown, which counts as nothing here and
    is said), is_late, is_due and risks (how many). Columns returned: adopted_share, expected_usd,
    time_weight, risk_weight, minutes and worth_usd (an hour).
    """
    adopt = np.array([model.adopt[effort] for effort in usd.columns])
    spent = np.array([model.minutes[effort] for effort in usd.columns])
    total = usd.sum(axis=1).to_numpy()
    followed = (usd.to_numpy() @ adopt) / np.where(total > 0, total, 1)
    advice = findings.sum(axis=1).to_numpy()
    held = np.minimum(advice, model.levers) / np.where(advice > 0, advice, 1)
    minutes = model.account_minutes + (findings.to_numpy() @ spent) * held
    adopted = model.answer * followed
    saving = frame["joint_saving_usd"].fillna(0).to_numpy()
    expected = adopted * saving + model.contact * frame["bill_usd"].fillna(0).to_numpy()
    time = np.where(frame["is_late"], model.late, np.where(frame["is_due"], 1.0, model.not_due))
    risk = 1 + model.risk * frame["risks"].to_numpy()
    hours = np.maximum(minutes, 1) / MINUTES_AN_HOUR
    return pd.DataFrame(
        {
            "adopted_share": adopted,
            "expected_usd": expected,
            "time_weight": time,
            "risk_weight": risk,
            "minutes": minutes,
            "worth_usd": expected * time * risk / hours,
        },
        index=frame.index,
    )
