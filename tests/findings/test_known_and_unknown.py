"""Usage that is billed and not observed, observed and not billed, or not known at all."""

from decimal import Decimal

import pytest

from audit import examine


def usd(text):
    return Decimal(text)


def only(audit, check):
    found = [f for f in audit.findings if f.check == check]
    assert len(found) == 1
    return found[0]


def gaps(audit, check):
    return [(g.project_id, g.missing) for g in audit.not_evaluated if g.check == check]


def test_a_project_nobody_observed_does_not_inflate_the_savings_of_another(build):
    # Project 1: 6M billed and observed, 5M of it autocapture. Project 2: 24M billed, unseen.
    # 30M cost 50 + 445.90 + 442.50 = 938.40; without 5M: 25M = 790.90. At five times the
    # share of project 1 it would be far more.
    rows = [
        build.usage_row("product_analytics", "$autocapture", 5_000_000),
        build.usage_row("product_analytics", "$pageview", 1_000_000),
    ]
    billed = [
        *build.daily("event_count_in_period", 200_000),
        *build.daily("event_count_in_period", 800_000, project="2"),
    ]

    audit = examine(build.account(rows=rows, usage_daily=billed))

    assert audit.bill.total == usd("938.40")
    assert only(audit, "autocapture_unread").saving.alone == usd("147.50")
    assert ("2", "autocapture_events") in gaps(audit, "autocapture_unread")


def test_billed_usage_without_a_breakdown_is_missing_not_zero(build):
    billed = build.daily("billable_feature_flag_requests_count_in_period", 1_000_000)
    sessions = [build.activity("sessions", 1_000)]

    audit = examine(build.account(usage_daily=billed, activity=sessions))

    assert ("1", "flag_polling_requests") in gaps(audit, "flag_polling_dominates")
    reason = next(g.reason for g in audit.not_evaluated if g.check == "flag_polling_dominates")
    assert "30,000,000 units of feature_flags" in reason


def test_an_export_without_projects_is_scaled_by_the_organization(build):
    # 3M billed in all, 2.5M observed in project 1: the whole is spread by what was observed.
    rows = [
        build.usage_row("product_analytics", "$autocapture", 1_500_000),
        build.usage_row("product_analytics", "$pageview", 1_000_000),
    ]
    billed = build.daily("event_count_in_period", 100_000, project="all")

    audit = examine(build.account(rows=rows, usage_daily=billed))

    assert audit.bill.total == usd("84.30")
    # 60% of 3M are 1.8M; 1.2M left cost 10.00.
    assert only(audit, "autocapture_unread").saving.alone == usd("74.30")


def test_an_add_on_without_a_counter_follows_its_parent(build):
    # Observed 2M events, 1M of them identified; billed 4M events. So 2M identified: 198.00,
    # and 4M events: 50 + 68.60 = 118.60.
    rows = [
        build.usage_row("product_analytics", "x", 2_000_000),
        build.usage_row("enhanced_persons", "x", 1_000_000, identified=True, known=True),
    ]
    billed = [{**one, "quantity": 133_333} for one in build.daily("event_count_in_period", 1)]
    billed[0]["quantity"] += 10

    audit = examine(build.account(rows=rows, usage_daily=billed))

    assert audit.bill.total == usd("316.60")


@pytest.mark.parametrize("lookback_days", [7, 30, 60])
def test_observed_usage_is_scaled_by_its_own_window(build, lookback_days):
    # The rows cover 30 days, whatever window is audited: 3M events are 84.30 a month.
    rows = [build.usage_row("product_analytics", "x", 3_000_000)]

    audit = examine(build.account(rows=rows), lookback_days=lookback_days)

    assert audit.bill.total == usd("84.30")


def test_who_has_no_paid_plan_pays_and_saves_nothing(build):
    rows = [build.usage_row("product_analytics", "$autocapture", 6_000_000)]

    audit = examine(build.account(rows=rows, organization={"subscription_level": "free"}))

    assert audit.bill.total == usd("0.00")
    assert audit.joint_saving == usd("0.00")
    assert any("no paid plan" in n.message for n in audit.data_quality)


def period_line(product, **more):
    return {
        "organization_id": "acme",
        "period_start": "2026-10-15",
        "period_end": "2026-11-15",
        "product": product,
        **more,
    }


PERIOD = {"period_start": "2026-10-15", "period_end": "2026-11-15"}


def test_the_vendors_forecast_is_used_in_its_period_only(build):
    lines = [period_line("product_analytics", projected_quantity=3_000_000)]
    account = build.account(bill_lines=lines, organization=PERIOD, covered=())

    assert examine(account).bill.total == usd("84.30")
    later = examine(account, as_of="2026-12-24")
    assert later.bill.lines == ()
    assert not later.usage_is_known


def test_the_forecast_of_a_year_is_not_a_month(build):
    lines = [period_line("product_analytics", projected_quantity=24_000_000)]
    yearly = {**PERIOD, "period_interval": "year"}

    audit = examine(build.account(bill_lines=lines, organization=yearly, covered=()))

    assert audit.bill.lines == ()


def test_units_counted_so_far_are_not_called_a_month(build):
    lines = [period_line("product_analytics", quantity=2_000_000)]

    audit = examine(build.account(bill_lines=lines, organization=PERIOD))

    assert audit.bill.total == usd("50.00")
    assert any("less than a full month" in n.message for n in audit.data_quality)


def test_nothing_readable_is_unknown_and_said(build):
    audit = examine(build.account(covered=()))

    assert not audit.usage_is_known
    assert any("the bill is unknown" in n.message for n in audit.data_quality)


def test_usage_read_and_found_empty_is_free(build):
    assert examine(build.account(covered=("usage_daily",))).usage_is_known


def test_products_nobody_told_of_are_named(build):
    rows = [build.usage_row("product_analytics", "x", 3_000_000)]

    audit = examine(build.account(rows=rows, covered=("usage_rows.product_analytics",)))

    warning = next(n for n in audit.data_quality if "Not known:" in n.message)
    assert "Identified events" in warning.message or "more" in warning.message


def test_a_product_only_the_vendor_prices_is_still_paid_for(build):
    # No public price of the pipelines add-on today; the vendor bills 280 for it.
    lines = [period_line("data_pipelines", amount_usd="100", projected_amount_usd="280")]

    audit = examine(build.account(bill_lines=lines, organization=PERIOD))

    assert only(audit, "data_pipelines_unused").saving.alone == usd("0.00")
    assert any("280.00 USD) without a quantity" in n.message for n in audit.data_quality)


def test_a_package_is_billed_once_whoever_names_it(build):
    lines = [period_line("boost", quantity=1, amount_usd="250")]
    subscription = {"organization_id": "acme", "product": "boost", "subscribed": True}

    audit = examine(
        build.account(bill_lines=lines, subscriptions=[subscription], organization=PERIOD)
    )

    assert audit.bill.total == usd("250.00")


@pytest.mark.parametrize("subscribed", [True, False])
def test_a_package_is_billed_where_it_is_subscribed(build, subscribed):
    row = {"organization_id": "acme", "product": "boost", "subscribed": subscribed}

    audit = examine(build.account(subscriptions=[row]))

    assert audit.bill.total == usd("250.00" if subscribed else "0.00")


def test_own_tiers_of_logs_are_per_gigabyte_of_a_counter_in_megabytes(build):
    # 20 GB at 0.10 per GB above 10 GB.
    tiers = [{"up_to": 10, "unit_amount_usd": "0"}, {"up_to": None, "unit_amount_usd": "0.1"}]
    row = {"organization_id": "acme", "product": "logs", "tiers": tiers}
    billed = [{**one, "quantity": 0} for one in build.daily("logs_mb_in_period", 0)]
    billed[0]["quantity"] = 20_000

    audit = examine(build.account(subscriptions=[row], usage_daily=billed))

    assert audit.bill.total == usd("1.00")


def test_malformed_own_tiers_are_said_and_guessed_by_no_list(build):
    row = {
        "organization_id": "acme",
        "product": "product_analytics",
        "tiers": [{"up_to": 5, "unit_amount_usd": "1"}],
    }
    billed = build.daily("event_count_in_period", 100_000)

    audit = examine(build.account(subscriptions=[row], usage_daily=billed))

    assert audit.bill.lines == ()
    assert any("not on the bill" in n.message for n in audit.data_quality)


def test_an_empty_list_of_own_tiers_means_the_public_list(build):
    row = {"organization_id": "acme", "product": "product_analytics", "tiers": []}
    billed = build.daily("event_count_in_period", 100_000)

    audit = examine(build.account(subscriptions=[row], usage_daily=billed))

    assert audit.bill.total == usd("84.30")


@pytest.mark.parametrize(("expires", "total"), [("2026-10-31", "84.30"), ("2026-11-01", "74.30")])
def test_an_amount_off_ends_with_its_last_day(build, expires, total):
    terms = {"discount_amount_usd": "10", "discount_expires_at": expires}
    billed = build.daily("event_count_in_period", 100_000)

    audit = examine(build.account(usage_daily=billed, organization=terms))

    assert audit.bill.total == usd(total)


def test_a_limit_is_on_what_is_paid(build):
    # 84.30 at 20% off is 67.44; a limit of 40 is met by 50 of usage.
    limit = {"organization_id": "acme", "product": "product_analytics", "limit_usd": "40"}
    billed = build.daily("event_count_in_period", 100_000)

    audit = examine(
        build.account(usage_daily=billed, limits=[limit], organization={"discount_percent": "20"})
    )

    assert audit.bill.total == usd("40.00")


def test_the_forecast_is_on_the_terms_of_the_bill(build):
    # 100,000 events a day over 31 days are 3.1M: 50 + 37.73 = 87.73; boost adds 250; 20% off.
    terms = {**PERIOD, "discount_percent": "20"}
    row = {"organization_id": "acme", "product": "boost", "subscribed": True}
    billed = build.daily("event_count_in_period", 100_000)

    audit = examine(build.account(usage_daily=billed, subscriptions=[row], organization=terms))

    boost = next(line for line in audit.forecast.lines if line.product == "boost")
    lines = sum((line.amount.mean for line in audit.forecast.lines), usd("0"))
    assert boost.amount.p025 == boost.amount.p975 == usd("250.00")
    assert audit.forecast.total.p50 == pytest.approx(usd("270.18"), abs=usd("3"))
    assert audit.forecast.discount == pytest.approx(lines / 5, abs=usd("0.01"))
    assert lines - audit.forecast.discount == audit.forecast.total.mean


def test_unknown_counters_with_usage_are_said(build):
    billed = build.daily("workflow_push_sent_in_period", 1_000_000)

    audit = examine(build.account(usage_daily=billed))

    assert any("workflow_push_sent_in_period are not on" in n.message for n in audit.data_quality)


def test_a_sum_beyond_every_counter_is_refused_with_a_reason(build):
    from audit.errors import InputError

    billed = build.daily("event_count_in_period", 2**62, days=3)

    with pytest.raises(InputError, match="more than 2\\^63"):
        examine(build.account(usage_daily=billed))


@pytest.mark.parametrize(("days", "found"), [(7, True), (30, False)])
def test_thresholds_by_the_month_follow_the_window_of_the_facts(build, days, found):
    # 4,000 recordings a week are 17,143 a month, above 15,000; 4,000 in 30 days are not.
    start = f"2026-10-{32 - days:02d}"
    row = {**build.usage_row("session_replay", "5_seconds_or_longer", 4_000), "window_start": start}

    audit = examine(build.account(rows=[row]))

    flagged = [f for f in audit.findings if f.check == "replay_without_controls"]
    assert bool(flagged) is found


def test_own_tiers_per_another_unit_than_the_meter_counts_price_nothing(build):
    tiers = '[{"up_to": null, "unit_amount_usd": "15", "flat_amount_usd": "0"}]'
    own = {"product": "inbox", "subscribed": True, "tiers": tiers}
    daily = build.daily("signals_credits_used_in_period", 40)

    audit = examine(
        build.account(usage_daily=daily, subscriptions=[{"organization_id": "acme", **own}])
    )

    assert "inbox" not in [line.product for line in audit.bill.lines]
    assert any(
        "units of" in note.message and "not on the bill" in note.message
        for note in audit.data_quality
    )


def crm_notes(build, **asked):
    rows = [
        {"organization_id": "acme", "field": field, "value": value}
        for field, value in (
            ("onboarding_pipeline", "9. Dancing <b>"),
            ("mrr_usd", "a lot"),
            ("shoe_size", "44"),
        )
    ]
    return [
        note.message
        for note in examine(build.account(lifecycle=rows), **asked).data_quality
        if note.subject == "lifecycle"
    ]


def test_a_word_of_the_crm_that_nobody_has_seen_is_shown_and_counted(build):
    assert crm_notes(build, audience="team") == [
        "Of the CRM, 1 value is no number: mrr_usd 'a lot'.",
        "Of the CRM, 1 value is a field that no rule reads: shoe_size.",
        "Of the CRM, 1 value is a status that no vocabulary has; it is kept, and counts as no "
        "stage: onboarding_pipeline '9. Dancing <b>'.",
    ]


def test_what_the_crm_says_is_not_for_the_customer(build):
    assert crm_notes(build) == []


def test_what_was_noticed_while_reading_the_crm_is_not_for_the_customer_either(build):
    noticed = {"organization_id": "acme", "project_id": "", "kind": "cut_short", "quantity": 1}
    rows = [
        {**noticed, "subject": "lifecycle", "message": "A sales note was cut."},
        {**noticed, "subject": "members", "message": "A member was left out."},
    ]
    account = build.account(data_quality=rows)

    def said(audience):
        return [note.message for note in examine(account, audience=audience).data_quality]

    assert "A sales note was cut." in said("team")
    assert "A sales note was cut." not in said("customer")
    assert "A member was left out." in said("customer")
