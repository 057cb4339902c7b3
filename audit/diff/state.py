"""One audit of the chain from then to now, reduced to what is compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from audit.checks import Severity
from audit.findings.model import Audit

NOT_PRICED = "its saving is not priced"


@dataclass(frozen=True)
class Where:
    """A check and the place where it looked."""

    check: str
    project_id: str | None = None
    product: str | None = None


@dataclass(frozen=True)
class Seen:
    """A finding in one state. ``alone`` is None where it is not priced."""

    where: Where
    title: str
    message: str
    project_name: str | None
    severity: Severity
    alone: Decimal | None
    suppressed: bool
    version: str

    @property
    def compared(self) -> tuple[object, ...]:
        """What has to be the same for the finding to be unmoved."""
        return self.severity, self.alone, self.suppressed


@dataclass(frozen=True)
class State:
    """Bills, findings and gaps. ``projects`` and ``products``: those that were looked at; None
    where that is not known, and then nothing is concluded from absence."""

    bill: Decimal | None
    joint_saving: Decimal | None
    lines: Mapping[str, Decimal]
    discount: Decimal
    found: Mapping[str, Seen]
    gaps: Mapping[Where, str]
    checks_run: frozenset[str]
    projects: frozenset[str] | None
    products: frozenset[str] | None

    def why_not_evaluated(self, where: Where) -> str:
        """Why a check's silence about a place means nothing; empty where it means no finding."""
        if where.check not in self.checks_run:
            return "the check did not run"
        for gap in (Where(where.check), where):
            if gap in self.gaps:
                return self.gaps[gap]
        if where.project_id and self.projects is not None and where.project_id not in self.projects:
            return f"project {where.project_id} is not in this pull"
        if where.product and self.products is not None and where.product not in self.products:
            return f"what {where.product} is billed for was not read"
        return ""


def state_of(audit: Audit) -> State:
    """An audit as a state."""
    known = audit.usage_is_known
    unpriced = {
        Where(gap.check, gap.project_id, gap.product)
        for gap in audit.not_evaluated
        if NOT_PRICED in gap.reason
    }
    found = {}
    for one in audit.findings:
        where = Where(one.check, one.project_id, one.product)
        found[one.id] = Seen(
            where=where,
            title=one.title,
            message=one.message,
            project_name=one.project_name,
            severity=one.severity,
            alone=one.saving.alone if known and where not in unpriced else None,
            suppressed=one.suppressed,
            version=one.check_version,
        )
    return State(
        bill=audit.bill.total if known else None,
        joint_saving=audit.joint_saving if known else None,
        lines={line.product: line.amount for line in audit.bill.lines},
        discount=audit.bill.discount,
        found=found,
        gaps={
            Where(gap.check, gap.project_id, gap.product): gap.reason for gap in audit.not_evaluated
        },
        checks_run=frozenset(audit.checks_run),
        projects=frozenset(audit.facts["project"]["project_id"].astype(str)),
        products=None
        if _usage_was_read(audit)
        else frozenset(audit.facts["product"]["product"].astype(str)),
    )


def _usage_was_read(audit: Audit) -> bool:
    """Whether a product that is not on the bill is known to cost nothing."""
    coverage = audit.account["coverage"]
    billed = coverage[coverage["subject"] == "usage_daily"]
    return bool(billed["complete"].astype(bool).any())
