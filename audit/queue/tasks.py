"""What there is to do for an account, and what keeps hands off it: the verdicts of the checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from audit.checks import Severity
from audit.findings.examine import sentence
from audit.queue.handover import CHECK as HANDOVER_CHECK
from audit.queue.handover import FIRST_PAYMENT

if TYPE_CHECKING:
    from audit.findings.flags import Verdicts
    from audit.findings.world import World

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Task:
    """Something to do, once its check says so. ``despite_holds``: nothing is written to the
    customer, or the customer has bought it."""

    name: str
    check: str
    despite_holds: bool = False


#: In the order in which they are named for an account.
TASKS = (
    Task("paid_call", "", despite_holds=True),
    Task("first_message", "outreach_due"),
    Task("check_in", "check_in_due"),
    Task("failed_payment", "payment_failed"),
    Task("large_invoice", "upcoming_invoice_large"),
    Task("startup_roll_off", "startup_credit_exhausted"),
    Task("nudge", "advice_not_followed"),
    Task("hand_over", HANDOVER_CHECK, despite_holds=True),
    Task("hand_over", FIRST_PAYMENT, despite_holds=True),
)

#: Checks that hold an account back; where they cannot be evaluated, it is held back too.
HOLD_CHECKS = ("sales_engaged", "already_handled")

ROLL_OFF = "startup_roll_off_in_scope"
OUT_OF_SCOPE = "onboarding_out_of_scope"
PAUSED = "commercial_ask_paused"
PAID_CALL = "paid_call_was_bought"

#: Every check of the team the queue reads, beside those of risk.
CHECKS_READ = frozenset(
    {
        *(task.check for task in TASKS if task.check),
        *HOLD_CHECKS,
        "onboarding_in_scope",
        ROLL_OFF,
        OUT_OF_SCOPE,
        PAUSED,
    }
)


class Read:
    """The verdicts of the organization's checks as masks and sentences, by organization."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.count = len(world.audited)
        self.verdicts: Mapping[str, Verdicts] = {
            one.check.name: one for one in world.open_verdicts if one.scope == "organization"
        }
        self._flagged: dict[str, Mask] = {}
        facts = world.facts.frames["organization"]
        self._facts = {str(name): facts[name].to_numpy() for name in facts.columns}

    def flagged(self, check: str) -> Mask:
        """Where the check found something; nowhere, where it is not in force."""
        if check not in self._flagged:
            mask = np.zeros(self.count, dtype=bool)
            if check in self.verdicts:
                mask[self.verdicts[check].flagged] = True
            self._flagged[check] = mask
        return self._flagged[check]

    def unknown(self, check: str) -> Mask:
        """Where the check could not be evaluated."""
        mask = np.zeros(self.count, dtype=bool)
        if check in self.verdicts:
            mask[self.verdicts[check].missing] = True
            mask |= bool(self.verdicts[check].error)
        return mask

    def urgent(self, check: str) -> Mask:
        """Where what it found needs action."""
        mask = np.zeros(self.count, dtype=bool)
        if check in self.verdicts:
            one = self.verdicts[check]
            needs = np.asarray([s is Severity.NEEDS_ACTION for s in one.severities], dtype=bool)
            mask[one.flagged[needs] if len(needs) else one.flagged[:0]] = True
        return mask

    def threshold(self, check: str, name: str) -> float | None:
        """A threshold in force, or None where the check is not."""
        return self.verdicts[check].thresholds[name] if check in self.verdicts else None

    def said(self, check: str, key: int) -> str:
        """What the check says of an organization it flagged."""
        verdict = self.verdicts[check]
        row = {name: values[key] for name, values in self._facts.items()}
        row |= {name: values[key] for name, values in verdict.columns.items()}
        return sentence(verdict.check, row)[0]

    def missing(self, check: str, key: int) -> str | None:
        """The fact the check lacked, if it could not be evaluated."""
        verdict = self.verdicts.get(check)
        if verdict is None:
            return None
        if verdict.error:
            return verdict.error
        at = np.flatnonzero(verdict.missing == key)
        return verdict.missing_fact[int(at[0])] if len(at) else None

    def reason(self, fact: str, key: int) -> str:
        """Why a fact of an organization is unknown."""
        return self.world.facts.reason(fact, key) or f"{fact} is unknown"


def due(read: Read, facts: Mapping[str, Any]) -> dict[str, Mask]:
    """By task, whether it is to be done now."""
    masks: dict[str, Mask] = {}
    for task in TASKS:
        mask = facts[PAID_CALL] == 1 if task.name == "paid_call" else read.flagged(task.check)
        if task.name == "startup_roll_off":
            # Scope says that a startup rolls off, or that it uses much; only the first has a date.
            within = read.threshold(ROLL_OFF, "before_end_days")
            if within is not None:
                ends = np.asarray(facts["days_until_startup_end"]) <= within
                mask = mask | (read.flagged(ROLL_OFF) & ends)
        masks[task.name] = masks.get(task.name, np.zeros(read.count, dtype=bool)) | mask
    return masks


def allowed_despite_holds() -> frozenset[str]:
    """Names of tasks that no hold stops."""
    return frozenset(task.name for task in TASKS if task.despite_holds)
