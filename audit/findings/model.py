"""What an audit says: the values that views show, files keep and people forward.

Money is ``Decimal`` USD in whole cents, per billing month of the whole organization, after
percentage and amount discounts, before credit. ``basis`` says where it comes from:
``actual`` (the vendor billed it) or ``estimate`` (usage times a price list).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

import pandas as pd

from audit.account import Account
from audit.checks import Area, Audience, Effort, Severity
from audit.findings.outlook.model import LineOutlook, Outlook, Range
from audit.findings.outlook.terms import Terms
from audit.ledger import Standing, Suppression, Why
from audit.pricing.bill import Bill

Basis = Literal["actual", "estimate"]


class QualityKind(StrEnum):
    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True)
class Period:
    """The window of usage that is priced as one billing month: ``start`` to before ``end``."""

    start: date
    end: date
    days: int
    observed_days: int


@dataclass(frozen=True)
class Evidence:
    """One fact behind a finding, and how to get it again.

    ``query`` names the SQL file, ``query_sha256`` its text, ``source_query`` what the source
    asked the vendor; ``rows`` and ``data_sha256`` cover the account's rows it read.
    """

    fact: str
    value: Any
    unit: str
    meaning: str
    query: str
    query_sha256: str
    rows: int
    data_sha256: str
    source_query: str


@dataclass(frozen=True)
class Saving:
    """Three numbers for one finding; on_top adds up to the joint saving over the open findings,
    and to the suppressed saving over the suppressed ones.

    ``alone``: if only this is fixed. ``on_top``: after all ranked above it. ``shapley``: its
    fair share of the joint saving, exact, or None above 12 findings that save, and for a
    suppressed one.
    """

    alone: Decimal
    on_top: Decimal
    shapley: Decimal | None
    basis: Basis
    period: str


@dataclass(frozen=True)
class Finding:
    """One fault in one place. Texts from the customer are unescaped.

    ``suppression``: the decision that covers it, if any; ``reopened`` says why it is open all
    the same. A suppressed finding's ``saving.on_top`` comes after all open ones.
    """

    id: str
    check: str
    title: str
    severity: Severity
    area: Area
    audience: Audience
    check_version: str
    project_id: str | None
    project_name: str | None
    product: str | None
    message: str
    evidence: tuple[Evidence, ...]
    thresholds: Mapping[str, float]
    saving: Saving
    effort: Effort
    rule: str
    why: str
    remedy: str
    trade_off: str
    known_limits: str
    docs: str
    source: str
    suppression: Suppression | None = None
    reopened: Why | None = None

    @property
    def suppressed(self) -> bool:
        """Whether somebody decided to live with it, and that still holds."""
        return self.suppression is not None and self.reopened is None


@dataclass(frozen=True)
class NotEvaluated:
    """A check that could not be answered: never a pass, never zero."""

    check: str
    project_id: str | None
    product: str | None
    missing: str
    reason: str


@dataclass(frozen=True)
class QualityNote:
    """Something about the data that a reader of the numbers should know."""

    kind: QualityKind
    subject: str
    message: str


@dataclass(frozen=True)
class VendorLine:
    """What the vendor says of one product in one period. ``amount`` is actual, ``projected``
    the vendor's own forecast, ``estimate`` the quantity of a finished period at the price list;
    each may be unknown."""

    period_start: date
    period_end: date
    product: str
    quantity: int | None
    amount: Decimal | None
    projected_quantity: int | None
    projected: Decimal | None
    estimate: Decimal | None
    is_complete: bool


@dataclass(frozen=True)
class Forecast:
    """The current billing period, priced path by path like the bill: packages, limits and discounts
    included. Without lines when it cannot be told, with the reason.

    ``lines``' mean amounts less ``discount`` are the mean of ``total``.
    """

    start: date | None
    end: date | None
    lines: tuple[LineOutlook, ...]
    discount: Decimal
    total: Range | None
    reason: str


@dataclass(frozen=True)
class Audit:
    """Everything one audit found, with the account it was made from.

    ``project_id``: the one project the findings were narrowed to, or empty. ``arguments``: what
    was asked for, plain values; asking the same of the same account gives the same audit.
    ``joint_saving``: all open findings fixed; ``suppressed_saving``: what the suppressed ones
    would save beyond that. ``findings`` has both, open ones first.
    ``outlook``: the coming billing periods with ranges, None where nothing can be said of them
    (``forecast.reason``); ``terms``: what other usage is priced by.
    ``usage_is_known``: false where no source tells any usage, so that a bill of 0 means unknown,
    not free.
    ``origins``: by product, where its quantity comes from: usage_daily, bill_lines (the vendor's
    forecast of the current period), usage_rows (observed only) or subscriptions (a package).
    """

    account: Account
    organization_id: str
    organization_name: str
    as_of: date
    project_id: str
    arguments: Mapping[str, Any]
    policy: str
    policy_source: str
    price_list: str
    price_list_source: str
    period: Period
    usage_is_known: bool
    origins: Mapping[str, str]
    discount_percent: Decimal
    bill: Bill
    counterfactual_bill: Bill
    joint_saving: Decimal
    findings: tuple[Finding, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    data_quality: tuple[QualityNote, ...]
    vendor_lines: tuple[VendorLine, ...]
    forecast: Forecast
    checks_run: tuple[str, ...]
    facts: Mapping[str, pd.DataFrame] = field(repr=False)
    usage_rows: pd.DataFrame = field(repr=False)
    suppressed_saving: Decimal = Decimal("0.00")
    suppressions: tuple[Standing, ...] = ()
    terms: Terms | None = field(default=None, repr=False)
    outlook: Outlook | None = field(default=None, repr=False)

    @property
    def quantities_of(self) -> str:
        """What the bill's quantities are, in words that fit after 'estimate:'."""
        window = f"usage from {self.period.start} to before {self.period.end}"
        if not self.usage_is_known:
            return "no usage is known"
        kinds = {origin for origin in self.origins.values() if origin != "subscriptions"}
        if kinds == {"bill_lines"}:
            return "the vendor's forecast of the current billing period"
        if "bill_lines" in kinds:
            return f"{window}, and the vendor's forecast where no daily usage is known"
        if "usage_rows" in kinds:
            return f"{window}, for some products as queries observed it"
        return window

    @property
    def recommended(self) -> tuple[Finding, ...]:
        """Findings worth a sentence to the customer: on top, at least the recommended minimum."""
        return tuple(f for f in self.for_customer if f.saving.on_top >= RECOMMENDED_FROM_USD)

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """Findings nobody decided to live with, or whose suppression no longer holds."""
        return tuple(f for f in self.findings if not f.suppressed)

    @property
    def suppressed_findings(self) -> tuple[Finding, ...]:
        """Findings that are suppressed."""
        return tuple(f for f in self.findings if f.suppressed)

    @property
    def for_customer(self) -> tuple[Finding, ...]:
        """Open findings that may stand on a customer's page."""
        return tuple(f for f in self.open_findings if f.audience is Audience.CUSTOMER)

    @property
    def suppressed_for_customer(self) -> tuple[Finding, ...]:
        """Suppressed findings that may stand on a customer's page, without who decided it why."""
        return tuple(f for f in self.suppressed_findings if f.audience is Audience.CUSTOMER)


#: Ours: below this a month a saving stands in the appendix only.
RECOMMENDED_FROM_USD = Decimal(5)
