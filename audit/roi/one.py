"""One audit to its ROI: what is read for what is paid, and what fixing returns."""

from dataclasses import dataclass
from decimal import Decimal

from audit.checks import Audience, load_checks
from audit.findings.model import Audit
from audit.findings.outlook.model import Range as Simulated
from audit.policy import load_policy
from audit.roi.account import AccountValue, account_value
from audit.roi.assumptions import Assumptions, OwnAssumptions
from audit.roi.assumptions import assumptions as in_force
from audit.roi.finding import (
    FindingReturn,
    Range,
    Together,
    Yearly,
    finding_returns,
    together,
)
from audit.roi.kept import kept_rows
from audit.roi.product import ProductValue
from audit.roi.team import TeamReturn, team_return
from audit.roi.trend import Trend, trend


@dataclass(frozen=True)
class Roi:
    """``findings``: the open ones that save, in the order of the ranking; ``together``: all of
    them. ``yearly_is_simulated``: whether yearly savings come from simulated usage, else they are
    twelve times a month's. ``team``: None unless the audit is for the team."""

    audit: Audit
    assumptions: Assumptions
    account: AccountValue
    findings: tuple[FindingReturn, ...]
    together: Together
    yearly_is_simulated: bool
    trend: Trend
    team: TeamReturn | None

    @property
    def products(self) -> tuple[ProductValue, ...]:
        """What each product costs and how much of it is read, the dearest first."""
        return self.account.before.reading.products

    @property
    def for_team(self) -> bool:
        """Whether the page is for the vendor's own team."""
        return self.team is not None


def roi(
    audit: Audit,
    assumptions: OwnAssumptions = None,
    yearly: Yearly | None = None,
) -> Roi:
    """The ROI of an examined account. The same audit and assumptions give the same ROI.

    ``assumptions``: the reader's own, name to value or that as JSON. ``yearly``: finding id to the
    low, middle and high USD of its yearly saving; without it those of the audit's outlook, and
    where it has none twelve times a month's.

    Raises: SettingsError for assumptions that cannot be; InputError for a range that is none.
    """
    policy = load_policy(
        audit.arguments["policy"], load_checks(), audit.arguments.get("thresholds") or None
    )
    own = in_force(assumptions, policy)
    team = audit.arguments.get("audience") == Audience.TEAM
    ahead = audit.outlook
    if yearly is None and ahead is not None:
        yearly = {name: _eighty_percent(one.year_on_top) for name, one in ahead.findings.items()}
    customer = finding_returns(audit, own, yearly)
    found = finding_returns(audit, own, yearly, team=True) if team else customer
    return Roi(
        audit=audit,
        assumptions=own,
        account=account_value(audit, own, kept_rows(audit)),
        findings=found,
        together=together(found, _joint(audit, found)),
        yearly_is_simulated=yearly is not None,
        trend=trend(audit, own),
        team=team_return(audit, own, customer) if team else None,
    )


def _eighty_percent(of: Simulated) -> tuple[Decimal, Decimal, Decimal]:
    """The mean within its 80% range; of a skewed one the range reaches to the mean."""
    return min(of.p10, of.mean), of.mean, max(of.p90, of.mean)


def _joint(audit: Audit, found: tuple[FindingReturn, ...]) -> Range | None:
    """The range of all findings together, where it is of these and of their means."""
    if audit.outlook is None:
        return None
    low, mid, high = _eighty_percent(audit.outlook.year_saving)
    return Range(mid, low, high) if mid == sum(one.yearly.mid for one in found) else None
