"""An audit written by hand: the views are tested without the engine."""

import json
import re
from datetime import date
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser

import pytest

from audit.account import Account
from audit.checks import Area, Audience, Effort, Severity
from audit.findings.model import (
    Audit,
    Evidence,
    Finding,
    Forecast,
    NotEvaluated,
    Period,
    QualityKind,
    QualityNote,
    Saving,
    VendorLine,
)
from audit.findings.outlook.model import LineOutlook, Range
from audit.pricing import bill
from audit.views.display import style

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "[x](javascript:alert(1)) **bold** `code`",
    "a\nb\r\n# heading",
    "\u202egnp.exe\u2066",
    "' OR 1=1 --",
    "{{7*7}} ${x} %s",
    "=cmd|' /C calc'!A0",
    "x" * 10_000,
    "</style></script>",
]


AS_OF = date(2025, 7, 1)
ORGANIZATION = "0190-acme"
COUNTERS = {
    "event_count_in_period": 120_000,
    "enhanced_persons_event_count_in_period": 90_000,
    "recording_count_in_period": 2_000,
    "local_evaluation_requests_count_in_period": 5_000,
}


def account(*, name="Acme", projects=("Web app", "Mobile app"), days=30, counters=COUNTERS):
    return _account(name, tuple(projects), days, tuple(counters.items()))


@cache
def _account(name, projects, days, counters):
    first = AS_OF.toordinal() - days
    organization = {
        "organization_id": ORGANIZATION,
        "name": name,
        "as_of": AS_OF,
        "period_start": date(2025, 6, 20),
        "period_end": date(2025, 7, 20),
        "current_total_after_discount_usd": "150.25",
        "projected_total_after_discount_usd": "420.00",
    }
    tables = {
        "organizations": [organization],
        "projects": [
            {"organization_id": ORGANIZATION, "project_id": str(i), "name": project}
            for i, project in enumerate(projects)
        ],
        "usage_daily": [
            {
                "organization_id": ORGANIZATION,
                "project_id": str(i),
                "day": date.fromordinal(first + d),
                "usage_type": counter,
                "quantity": quantity // (i + 1) + d,
            }
            for i in range(len(projects))
            for d in range(days)
            for counter, quantity in counters
        ],
    }
    return Account.from_tables(ORGANIZATION, tables)


def finding(number=1, *, on_top="100.00", alone=None, project="Web app", **changes):
    values = {
        "id": f"autocapture_unread:{number}",
        "check": "autocapture_unread",
        "title": "Projects that pay for autocapture nobody reads",
        "severity": Severity.NEEDS_ACTION,
        "area": Area.PRODUCT_ANALYTICS,
        "audience": Audience.CUSTOMER,
        "check_version": "c" * 12,
        "project_id": "0",
        "project_name": project,
        "product": None,
        "message": f"Autocapture is 61% of {project}'s events and no action reads it.",
        "evidence": (
            Evidence(
                "autocapture_events",
                61_000,
                "events",
                "Billed autocapture events.",
                "events.sql",
                "a" * 64,
                12,
                "b" * 64,
                "SELECT 1",
            ),
        ),
        "thresholds": {"autocapture_percent": 50.0},
        "saving": Saving(
            Decimal(alone or on_top), Decimal(on_top), Decimal(on_top), "estimate", "month"
        ),
        "effort": Effort.SETTING,
        "rule": "autocapture above ``autocapture_percent`` of a project's billed events.",
        "why": "every autocapture event is billed as an event.",
        "remedy": "keep the elements that matter with an allow list, or turn ``autocapture`` off.",
        "trade_off": "retroactive click data on the excluded pages is gone.",
        "known_limits": "an insight on raw autocapture counts as unread.",
        "docs": "https://posthog.com/docs/product-analytics/autocapture",
        "source": "PostHog handbook, health checks.",
    }
    return Finding(**{**values, **changes})


def make(
    *,
    findings=(),
    quantities=None,
    fixed=None,
    not_evaluated=(),
    data_quality=(),
    vendor_lines=(),
    forecast=None,
    days=30,
    project_id="",
    usage_is_known=True,
    origins=None,
    discount_percent="0",
    limits=None,
    suppressed_saving="0",
    suppressions=(),
    audience="customer",
    facts=None,
    checks_run=("autocapture_unread", "product_unused"),
    **account_parts,
):
    quantities = (
        {"product_analytics": 5_000_000, "session_replay": 30_000}
        if quantities is None
        else quantities
    )
    terms = {"on": AS_OF, "limits_usd": limits or {}, "discount_percent": Decimal(discount_percent)}
    now = bill(quantities, **terms)
    after = now if fixed is None else bill(fixed, **terms)
    of = account(days=days, **account_parts)
    return Audit(
        account=of,
        organization_id=ORGANIZATION,
        organization_name=of.name,
        as_of=AS_OF,
        project_id=project_id,
        arguments={"policy": "2025-06", "audience": audience, "thresholds": {}},
        policy="2025-06",
        policy_source="handbook of mid 2025",
        price_list="PostHog public prices of 2025-06-01",
        price_list_source="billing-products.json",
        period=Period(date.fromordinal(AS_OF.toordinal() - 30), AS_OF, 30, days),
        usage_is_known=usage_is_known,
        origins=dict.fromkeys(quantities, "usage_daily") if origins is None else origins,
        discount_percent=Decimal(discount_percent),
        bill=now,
        counterfactual_bill=after,
        joint_saving=now.total - after.total,
        findings=tuple(findings),
        not_evaluated=tuple(not_evaluated),
        data_quality=tuple(data_quality),
        vendor_lines=tuple(vendor_lines),
        forecast=forecast
        or Forecast(None, None, (), Decimal(0), None, "No billing period is known."),
        checks_run=checks_run,
        facts=facts or {},
        usage_rows=of["usage_rows"],
        suppressed_saving=Decimal(suppressed_saving),
        suppressions=tuple(suppressions),
    )


def vendor_line(start, end, product, *, amount=None, projected=None, estimate=None, over=True):
    def dollars(text):
        return None if text is None else Decimal(text)

    return VendorLine(
        period_start=start,
        period_end=end,
        product=product,
        quantity=5,
        amount=dollars(amount),
        projected_quantity=None,
        projected=dollars(projected),
        estimate=dollars(estimate),
        is_complete=over,
    )


def spread(mean, share="0.1"):
    """A range around a mean: 80% within ``share``, 95% within twice that."""
    middle, off = Decimal(mean), Decimal(mean) * Decimal(share)
    near, far = (middle - off, middle + off), (middle - 2 * off, middle + 2 * off)
    return Range(middle, middle, *near, *far)


def line_ahead(product, counted, units, amount, **more):
    return LineOutlook(product, counted, spread(units), spread(amount), "", "", **more)


def full():
    """An account with everything a view can show."""
    april, june = date(2025, 4, 20), date(2025, 5, 20)
    july, august = date(2025, 6, 20), date(2025, 7, 20)
    return make(
        fixed={"product_analytics": 3_000_000, "session_replay": 20_000},
        findings=(
            finding(1, on_top="68.60"),
            finding(
                2,
                on_top="35.50",
                alone="40.00",
                severity=Severity.WORTH_ATTENTION,
                effort=Effort.CODE_CHANGE,
                title="Projects that identify too often",
            ),
            finding(
                3,
                on_top="0.00",
                severity=Severity.OPPORTUNITY,
                project_id=None,
                project_name=None,
                product="session_replay",
            ),
        ),
        not_evaluated=(
            NotEvaluated(
                "product_unused", "0", None, "people_using_logs", "The key lacks a scope."
            ),
            NotEvaluated(
                "product_unused", "1", None, "people_using_logs", "The key lacks a scope."
            ),
        ),
        data_quality=(
            QualityNote(QualityKind.NOTE, "usage_daily", "One day was reported twice."),
            QualityNote(QualityKind.WARNING, "usage_rows", "Observed usage is 7% below billed."),
        ),
        vendor_lines=(
            vendor_line(april, june, "product_analytics", estimate="280.00"),
            vendor_line(june, july, "product_analytics", amount="300.00", estimate="310.00"),
            vendor_line(june, july, "session_replay", amount="120.00"),
            vendor_line(
                july, august, "product_analytics", amount="150.25", projected="420.00", over=False
            ),
        ),
        forecast=Forecast(
            july,
            date(2025, 7, 20),
            (line_ahead("product_analytics", 2, 6, "410.00"),),
            Decimal("10.00"),
            spread("400.00"),
            "",
        ),
    )


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


def tags_of(markup):
    parser = Tags()
    parser.feed(markup.replace(style(), ""))
    return parser


@pytest.fixture
def accounts():
    return account


@pytest.fixture
def hostile():
    return HOSTILE


@pytest.fixture
def stays_text():
    """Whether a view adds no element or attribute to what it has with harmless names, hides no
    direction mark, and is no longer than it should be."""

    def holds(bundle, usual):
        if "text/html" in bundle:
            found, expected = tags_of(bundle["text/html"]), tags_of(usual["text/html"])
            assert found.tags <= expected.tags
            assert found.attributes <= expected.attributes | {"title"}
        text = json.dumps(bundle, ensure_ascii=False)
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
        assert "x" * 1_500 not in text
        return True

    return holds


@pytest.fixture
def an_audit():
    return make


@pytest.fixture
def a_finding():
    return finding


@pytest.fixture
def a_full_audit():
    return full()
