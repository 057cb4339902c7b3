import pytest

CHECK = "self_serve_credits_eligible"
MONTHS = (("2026-09-01", "2026-10-01"), ("2026-08-01", "2026-09-01"), ("2026-07-01", "2026-08-01"))


def paying(acme, *bills, spends=1_000, **fields):
    built = acme().of(credit_balance_usd=0).spends(spends).crm(**fields)
    for usd, (start, end) in zip(bills or (300, 280, 260), MONTHS, strict=False):
        built.invoice(usd, period_start=start, period_end=end)
    return built


def test_three_paid_invoices_of_280_on_average_are_enough(acme):
    assert paying(acme).finding(CHECK).message == (
        "Acme could buy credit without Sales: twelve months after all fixes cost $12,000 "
        "(estimate); the last invoices were $280.00 on average (actual)."
    )


@pytest.mark.parametrize("bills", [(300, 280, 259.99), (900, 900), (900,)])
def test_less_is_not(acme, bills):
    assert not paying(acme, *bills).findings(CHECK)


@pytest.mark.parametrize(("spends", "flagged"), [(2_083, True), (2_084, False)])
def test_from_25000_a_year_sales_has_a_better_offer(acme, spends, flagged):
    assert bool(paying(acme, spends=spends).findings(CHECK)) is flagged


@pytest.mark.parametrize(
    "barred",
    [{"is_startup_plan": "true"}, {"segments": "Annual Plan"}, {"credit_runway_days": 20}],
    ids=str,
)
def test_whoever_has_credit_or_a_plan_is_not_offered_more(acme, barred):
    built = paying(acme, **barred)
    if "credit_runway_days" in barred:
        built.of(credit_balance_usd=50)

    assert not built.findings(CHECK)


def test_an_open_invoice_bars_it(acme):
    assert not paying(acme).invoice(5, status="open", issued_at="2026-10-02").findings(CHECK)


def test_a_legacy_plan_bars_it(acme):
    assert not paying(acme).subscription("teams", legacy=True).findings(CHECK)


def test_without_invoices_nobody_can_tell(acme):
    assert paying(acme).without("invoices").audit(CHECK).not_evaluated
