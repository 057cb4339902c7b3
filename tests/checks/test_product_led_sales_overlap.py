import pytest

CHECK = "product_led_sales_overlap"
LEAD = {"employees": 51, "users_count": 8, "icp_country": "true"}


def lead(acme, bill=900, bills=3, **fields):
    built = acme().crm(**{**LEAD, **fields})
    for month in range(bills):
        built.invoice(
            bill, period_start=f"2026-0{7 + month}-01", period_end=f"2026-{8 + month:02}-01"
        )
    return built


def test_whoever_sales_will_contact_is_named(acme):
    assert lead(acme).finding(CHECK).message == (
        "Acme is a lead by Sales's own rules: $900.00 (actual), 51 employees, 8 users."
    )


@pytest.mark.parametrize(
    ("bill", "flagged"), [(499.99, False), (500, True), (1667, True), (1667.01, False)]
)
def test_the_bill_lies_in_the_range(acme, bill, flagged):
    assert bool(lead(acme, bill).findings(CHECK)) is flagged


@pytest.mark.parametrize(
    "short",
    [{"employees": 50}, {"users_count": 7}, {"icp_country": "false"}, {"bills": 2}],
    ids=str,
)
def test_one_sign_short_is_no_lead(acme, short):
    assert not lead(acme, **short).findings(CHECK)


@pytest.mark.parametrize("unknown", ["employees", "users_count", "icp_country"])
def test_what_the_crm_does_not_say_is_not_guessed(acme, unknown):
    gap = lead(acme, **{unknown: None}).gap(CHECK)

    assert gap.missing == {"icp_country": "in_icp_country"}.get(unknown, unknown)
