"""Products an organization like this one could use and does not, while it is not cutting cost."""

import pytest

from audit.checks import Audience, Severity

CHECK = "expected_product_missing"
COUNTERS = {
    "replay": "recording_count_in_period",
    "mobile": "mobile_recording_count_in_period",
    "flags": "billable_feature_flag_requests_count_in_period",
    "errors": "exceptions_captured_in_period",
    "ai": "ai_event_count_in_period",
    "groups": "event_count_with_groups_in_period",
}


def using(one, *products, events=1_000):
    """Thirty days of so many events a day, and of a few units of each product."""
    one.daily("event_count_in_period", events)
    for product in products:
        one.daily(COUNTERS[product], 10)
    return one


def test_products_without_any_usage_are_named_in_one_finding(acme):
    found = using(acme()).finding(CHECK)

    assert found.message == (
        "Acme uses product analytics and does not use session replay, feature flags and error "
        "tracking."
    )
    assert (found.severity, found.audience) == (Severity.OPPORTUNITY, Audience.CUSTOMER)
    assert (found.project_id, found.saving.alone) == (None, 0)


@pytest.mark.parametrize(
    ("used", "named"),
    [
        (("flags", "errors"), "session replay."),
        (("replay", "errors"), "feature flags."),
        (("mobile", "flags"), "error tracking."),
    ],
)
def test_only_what_is_missing_is_named(acme, used, named):
    assert using(acme(), *used).finding(CHECK).message.endswith(f"does not use {named}")


def test_whoever_uses_all_three_is_left_alone(acme):
    assert using(acme(), "mobile", "flags", "errors").findings(CHECK) == []


@pytest.mark.parametrize(("events", "flagged"), [(333, 0), (334, 1)])
def test_ten_thousand_events_are_product_analytics_in_use(acme, events, flagged):
    # 30 days of 333 are 9,990 events, of 334 10,020.
    assert len(using(acme(), events=events).findings(CHECK)) == flagged


@pytest.mark.parametrize(
    ("field", "value", "flagged"),
    [
        ("industry_segment", "AI and data", 1),
        ("business_type", "ai product", 1),
        ("industry_segment", "Retail", 0),
        ("business_type", "Airline", 0),
    ],
)
def test_a_company_that_builds_with_ai_could_watch_it(acme, field, value, flagged):
    one = using(acme().for_team(), "replay", "flags", "errors").crm(**{field: value})

    found = one.findings(CHECK)

    assert [f.message for f in found] == flagged * [
        "Acme uses product analytics and does not use LLM analytics."
    ]


def test_a_company_that_builds_with_ai_and_watches_it_is_left_alone(acme):
    one = using(acme().for_team(), "replay", "flags", "errors", "ai").crm(
        industry_segment="AI and data"
    )

    assert one.findings(CHECK) == []


@pytest.mark.parametrize(
    ("business", "counted", "flagged"),
    [("B2B SaaS", 0, 1), ("B2B SaaS", 5, 0), ("B2C", 0, 0), ("B2B2C", 0, 0)],
)
def test_a_company_that_sells_to_companies_could_group_them(acme, business, counted, flagged):
    one = using(acme().for_team(), "replay", "flags", "errors").crm(business_type=business)

    found = one.daily(COUNTERS["groups"], counted).findings(CHECK)

    assert [f.message for f in found] == flagged * [
        "Acme uses product analytics and does not use group analytics."
    ]


def test_groups_that_nobody_counted_are_not_missing(acme):
    one = using(acme().for_team(), "replay", "flags", "errors").crm(business_type="B2B")

    assert one.findings(CHECK) == []


def test_a_company_the_crm_says_nothing_of_is_not_guessed_at(acme):
    one = using(acme().for_team(), "replay", "flags", "errors").crm(business_type=None)

    assert one.without("lifecycle").findings(CHECK) == []


@pytest.mark.parametrize(("unread", "flagged"), [(491_546, 0), (491_000, 1)])
def test_it_waits_while_the_fixes_save_a_fifth_of_the_bill(acme, unread, flagged):
    # 3,000,000 events cost 50.00 + 34.30 = 84.30, a fifth of it 16.86. Without the unread ones
    # 491,546 x 0.0000343 = 16.86 less, or 491,000 x 0.0000343 = 16.84.
    one = using(acme(), events=100_000).activity("people_using_product_analytics", 3)
    one.events("synced", unread).events("seen", 3_000_000 - unread)

    found = one.resource("insight", refers_to='["seen"]').findings(CHECK)

    assert len(found) == flagged


def test_how_much_makes_it_wait_can_be_set(acme):
    one = using(acme(), events=100_000).activity("people_using_product_analytics", 3)
    one.events("synced", 500_000).events("seen", 2_500_000)
    one.resource("insight", refers_to='["seen"]')

    assert len(one.findings(CHECK, pause_percent=21)) == 1


def test_without_its_usage_it_is_not_evaluated(acme):
    gap = using(acme()).without("usage_daily").gap(CHECK)

    assert (gap.missing, gap.reason) == ("counted_events", "The key lacks a scope.")


def test_the_threshold_can_be_set(acme):
    assert using(acme()).findings(CHECK, events_count=30_001) == []


def test_what_the_crm_says_of_the_company_is_not_for_the_customer(acme):
    one = using(acme(), "replay", "flags", "errors").crm(business_type="AI product, B2B")

    assert one.findings(CHECK) == []
