import pytest

from audit.findings.examine import examine

CHECK = "sales_handover_ready"
INITIATED = "2. Onboarding Initiated"
MONTHS = (("2026-09-01", "2026-10-01"), ("2026-08-01", "2026-09-01"), ("2026-07-01", "2026-08-01"))


def billed(acme, *bills, spends=2_000, **fields):
    """``bills``: the last first."""
    built = acme().spends(spends).crm(**{"onboarding_pipeline": INITIATED, **fields})
    for usd, (start, end) in zip(bills, MONTHS, strict=False):
        built.invoice(usd, period_start=start, period_end=end)
    return built


def test_a_stable_bill_above_the_level_may_go_to_sales(acme):
    assert billed(acme, 1800, 1700, 1750).finding(CHECK).message == (
        "Acme may be handed to Sales: the last bill was $1,800.00 (actual), +6% on the one before, "
        "$2,000.00 would be left after all fixes (estimate), and nothing needs action."
    )


@pytest.mark.parametrize(
    ("bills", "policies"),
    [
        ((1667.01, 1667.01, 1667.01), {"2025-06", "2026-11"}),
        ((1667, 1800, 1800), {"2026-11"}),
        ((1800, 1800), {"2026-11"}),
        ((1800, 1800, 900), {"2026-11"}),
        ((1000.01, 1000.01), {"2026-11"}),
        ((1000, 1800, 1800), set()),
        ((1800, 900, 1800), set()),
        ((1800,), set()),
        ((), set()),
    ],
)
def test_level_and_months_are_the_policys(acme, bills, policies):
    built = billed(acme, *bills, spends=int(max(bills, default=0)) + 1)

    ready = {p for p in ("2025-06", "2026-11") if built.findings(CHECK, policy=p)}

    assert ready == policies


@pytest.mark.parametrize(
    "held",
    [
        {"temporary_owner": "x"},
        {"segments": "Create AE lead"},
        {"segments": "Annual Plan"},
        {"onboarding_pipeline": "6d. Churned"},
    ],
    ids=str,
)
def test_what_sales_has_or_lost_already_is_not_handed_over(acme, held):
    assert not billed(acme, 1800, 1800, 1800, **held).findings(CHECK)


def test_an_account_with_something_to_fix_waits(acme):
    built = billed(acme, 1800, 1800, 1800).subscription("group_analytics")
    built.events("click", 1_000_000, on=("enhanced_persons", "group_analytics"))
    found = examine(built.account()).findings

    assert any(one.severity == "needs_action" for one in found)
    assert not built.findings(CHECK)


@pytest.mark.parametrize(("spends", "flagged"), [(1_667, False), (1_668, True)])
def test_the_level_must_hold_after_the_fixes(acme, spends, flagged):
    built = billed(acme, 1800, 1800, 1800, spends=spends)

    assert bool(built.findings(CHECK)) is flagged


def test_a_bill_that_is_about_to_jump_is_looked_at_first(acme):
    assert not billed(acme, 1800, 1800, 1800, spends=4_000).findings(CHECK)


def test_the_vendors_lines_stand_in_for_invoices(acme):
    built = billed(acme).without("invoices")
    for start, end in MONTHS:
        built.line("logs", 1800, start=start, end=end)

    assert built.findings(CHECK)


def test_bills_come_from_one_source_alone(acme):
    # One invoice and two lines of other months are not three months.
    built = billed(acme, 1800)
    built.line("logs", 1800, start="2026-08-01", end="2026-09-01")
    built.line("logs", 1800, start="2026-07-01", end="2026-08-01")

    assert not built.findings(CHECK)


def test_a_prepaid_years_invoice_is_no_month(acme):
    built = billed(acme, 1800, 1800)
    built.invoice(20_000, period_start="2025-07-01", period_end="2026-07-01")

    assert not built.findings(CHECK)


def test_without_any_bill_read_nobody_can_tell(acme):
    gap = billed(acme).without("invoices").without("bill_lines").gap(CHECK)

    assert gap.reason == "neither invoices nor the vendor's bills were read"


def test_without_usage_nobody_can_tell(acme):
    built = acme().crm(onboarding_pipeline=INITIATED)
    for start, end in MONTHS:
        built.invoice(1800, period_start=start, period_end=end)

    assert built.gap(CHECK).missing == "bill_after_fixes_usd"
