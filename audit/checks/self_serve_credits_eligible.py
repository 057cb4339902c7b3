"""Flag organizations that could buy credit at a discount without Sales.

What it finds: ``invoices_count`` or more paid invoices, the last three of ``mean_usd`` or more on
average, none open, no startup plan, no legacy plan, no credit and no prepaid plan; and twelve
months after all fixes below ``below_usd``.

Why it costs: credit is sold at a discount to what the same usage costs by the month.

What to do: name the offer, with the usage after the fixes as its size.

Trade-off: credit expires; unused credit is a cost.

Known limits: growth after the fixes is not foreseen. Tranches and their expiry are not modelled
here.

Source: PostHog handbook, growth/sales/contract-rules (self-serve credits: three paid invoices, 280
dollars on average, no open invoice, under 25,000 dollars).
"""

from audit.checks import Area, Audience, Count, Effort, Severity, Usd

SEVERITY = Severity.OPPORTUNITY
EFFORT = Effort.BILLING_PAGE
AREA = Area.LIFECYCLE
RULES = ("C13",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/contract-rules"

MONTHS = 12


def flag(
    paid_invoices,
    mean_paid_invoice_usd,
    open_invoices,
    on_startup_plan,
    has_legacy_plan,
    has_credit,
    has_prepaid_plan,
    bill_after_fixes_usd,
    *,
    invoices_count: Count = 3,
    mean_usd: Usd = 280,
    below_usd: Usd = 25_000,
):
    pays = (paid_invoices >= invoices_count) & (mean_paid_invoice_usd >= mean_usd)
    barred = on_startup_plan | has_legacy_plan | has_credit | has_prepaid_plan | (open_invoices > 0)
    year = MONTHS * bill_after_fixes_usd
    return pays & ~barred & (year > 0) & (year < below_usd)


def message(fact):
    return (
        f"{fact.organization_name} could buy credit without Sales: twelve months after all fixes "
        f"cost ${MONTHS * fact.bill_after_fixes_usd:,.0f} (estimate); the last invoices were "
        f"${fact.mean_paid_invoice_usd:,.2f} on average (actual)."
    )
