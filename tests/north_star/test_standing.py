"""Who is retained, lost or unknown: small portfolios worked out by hand, as of 1 November 2026.

A month is that of the last day of a period: the period from 15 March to 15 April is April's. The
bills below begin on the 1st unless they say otherwise, so their month is the one they begin in.
"""

from decimal import Decimal

import pytest
from logos import Logo, statuses

#: A first bill over 500 in March 2026, so that June is the month that tells.
MARCH = "2026-03-01"


def only(found):
    assert len(found.organizations) == 1
    return found.organizations.iloc[0]


def test_a_logo_is_retained_by_revenue_three_months_later(star):
    found = star(Logo("kept").bills(MARCH, 600, 700, 0, 1))

    assert statuses(found) == {"kept": "retained"}
    assert [f"{one.month:%Y-%m}" for one in found.cohorts] == ["2026-03"]


def test_a_month_without_a_bill_is_lost_whatever_comes_later(star):
    found = star(Logo("gone").bills(MARCH, 600, 700, 800, None, 900))

    assert only(found)[["status", "reason"]].tolist() == ["lost", "no bill in the month"]


def test_what_was_billed_in_between_does_not_matter(star):
    assert statuses(star(Logo("back").bills(MARCH, 600, None, None, 5))) == {"back": "retained"}


@pytest.mark.parametrize(
    ("first", "status"), [(499.99, "never_crossed"), (500, "never_crossed"), (500.01, "lost")]
)
def test_the_first_bill_is_over_the_threshold_not_at_it(star, first, status):
    assert statuses(star(Logo("edge").bill(MARCH, first))) == {"edge": status}


def test_smaller_bills_before_do_not_start_a_cohort(star):
    found = star(Logo("grown").bills("2026-01-01", 20, 480, 510, 0, 0, 30))

    # Over 500 for the first time in March; June is 30.
    assert only(found)[["base_cents", "current_cents"]].tolist() == [51_000, 3_000]


def test_the_threshold_is_the_policys_and_can_be_set(star):
    one = Logo("small").bills(MARCH, 120, 0, 0, 120)

    assert statuses(star(one)) == {"small": "never_crossed"}
    assert statuses(star(one, threshold_usd=100)) == {"small": "retained"}
    assert star(one).threshold_usd == 500


@pytest.mark.parametrize(
    ("as_of", "status"), [("2026-10-31", "too_young"), ("2026-11-01", "retained")]
)
def test_a_cohort_is_judged_once_its_third_month_is_over(star, as_of, status):
    # The first bill is July's, and October is over on 1 November.
    found = star(Logo("july").bills("2026-07-01", 600, 600, 600, 600), as_of=as_of)

    assert statuses(found) == {"july": status}


def test_cohorts_that_are_too_young_are_named(star):
    august = Logo("august").bills("2026-08-01", 900, 900)
    found = star(august, Logo("september").bills("2026-09-01", 900))

    assert [f"{group.months[0]:%Y-%m}" for group in found.young] == ["2026-08", "2026-09"]
    assert found.cohorts == ()
    assert found.pooled.percent is None


def test_a_bill_of_a_period_that_is_not_over_does_not_count_yet(star):
    assert statuses(star(Logo("early").bill("2026-10-15", 900))) == {"early": "never_crossed"}
    assert statuses(star(Logo("over").bill("2026-10-01", 900))) == {"over": "too_young"}


def test_months_can_be_another_number(star):
    found = star(Logo("slow").bills("2026-01-01", 900, 900, 900, 900, 900, 900), months=6)

    # July has no bill.
    assert statuses(found) == {"slow": "lost"}


def test_the_forecast_stands_for_the_month_that_runs_alone(star):
    coming = {"period_end": "2026-11-20", "projected_total_after_discount_usd": 800}
    found = star(Logo("coming", **coming), Logo("paid", **coming).bills(MARCH, 600, 0, 0, 9))

    row = found.organizations.set_index("organization_id").loc["coming"]
    assert row[["status", "is_forecast"]].tolist() == ["too_young", True]
    assert (f"{row['cohort']:%Y-%m}", row["first_bill_cents"]) == ("2026-11", 80_000)
    assert statuses(found)["paid"] == "retained"


def test_the_forecast_of_a_year_is_none_of_a_month(star):
    yearly = {"period_interval": "year", "projected_total_after_discount_usd": 9_000}

    assert statuses(star(Logo("yearly", **yearly))) == {"yearly": "never_crossed"}
    assert statuses(star(Logo("yearly", **yearly).crm(forecasted_mrr_usd=750))) == {
        "yearly": "too_young"
    }


def test_a_forecast_of_today_says_nothing_of_a_day_before(star):
    coming = Logo("coming", projected_total_after_discount_usd=800)

    assert statuses(star(coming, as_of="2026-10-01")) == {"coming": "never_crossed"}


class TestUnknownIsNotLost:
    def test_invoices_that_were_not_read_are_not_evaluated(self, star):
        found = star(
            Logo("dark").bills(MARCH, 600).unread("invoices", "the key lacks billing:read")
        )

        assert only(found)[["status", "reason"]].tolist() == [
            "not_evaluated",
            "the key lacks billing:read",
        ]
        assert found.pooled.organizations == 0

    def test_a_pull_from_before_the_month_was_over_leaves_it_unknown(self, star):
        old = Logo("old", as_of="2026-06-20").bills(MARCH, 600, 600, 600)
        found = star(old, as_of="2026-11-01")

        assert statuses(found) == {"old": "unknown"}
        assert (found.pooled.unknown, found.pooled.percent) == (1, None)
        assert (found.pooled.least_percent, found.pooled.most_percent) == (0, 100)

    def test_a_bill_that_is_still_a_draft_is_unknown(self, star):
        one = Logo("draft").bills(MARCH, 600, 600, 600).bill("2026-06-01", 700, status="draft")

        assert statuses(star(one)) == {"draft": "unknown"}

    def test_a_voided_bill_is_none(self, star):
        one = Logo("void").bills(MARCH, 600, 600, 600).bill("2026-06-01", 700, status="void")

        assert statuses(star(one)) == {"void": "lost"}

    def test_an_invoice_without_a_total_is_not_evaluated(self, star):
        one = Logo("bare").bill(MARCH, 600).bill("2026-06-01", None, amount_due_usd=None)

        assert statuses(star(one)) == {"bare": "not_evaluated"}

    def test_an_invoice_without_any_day_is_not_evaluated(self, star):
        nowhere = {"period_start": None, "period_end": None, "issued_at": None}

        assert statuses(star(Logo("lost in time").bill(MARCH, 600, **nowhere))) == {
            "lost in time": "not_evaluated"
        }

    def test_more_paid_bills_than_invoices_mean_that_the_first_is_older(self, star):
        one = Logo("older").bills(MARCH, 600, 600, 600, 600)

        assert statuses(star(one.crm(paid_nonzero_bills=4))) == {"older": "retained"}
        assert statuses(star(one.crm(paid_nonzero_bills=5))) == {"older": "not_evaluated"}

    @pytest.mark.parametrize(
        ("created", "start", "status"),
        [
            ("2025-01-01", "2026-01-01", "not_evaluated"),
            ("2025-01-01", "2026-02-01", "not_evaluated"),
            ("2025-01-01", "2026-03-01", "lost"),
            ("2026-01-02", "2026-01-05", "lost"),
            (None, "2026-01-05", "not_evaluated"),
        ],
    )
    def test_who_is_billed_as_soon_as_invoices_are_known_may_be_older(
        self, star, created, start, status
    ):
        one = Logo("cut", created_at=created).bill(start, 900)

        assert statuses(star(one, invoices_since="2026-01-01")) == {"cut": status}

    def test_unknown_ones_are_in_no_percentage_but_bound_it(self, star):
        kept = [Logo(f"kept {n}").bills(MARCH, 600, 0, 0, 600) for n in range(3)]
        gone, old = Logo("gone").bill(MARCH, 600), Logo("old", as_of="2026-05-01").bill(MARCH, 600)
        pooled = star(*kept, gone, old, as_of="2026-11-01").pooled

        # Three of four known; three of five were the unknown one lost, four of five were it kept.
        assert (pooled.percent, pooled.least_percent, pooled.most_percent) == (75, 60, 80)


class TestInvoices:
    def test_several_invoices_of_a_month_are_one_bill(self, star):
        one = Logo("two").bill(MARCH, 300).bill("2026-03-10", 250, end="2026-03-31")

        assert only(star(one))["first_bill_cents"] == 55_000

    def test_a_yearly_invoice_is_spread_over_its_months(self, star):
        one = Logo("year").bill("2026-01-15", 12_000, end="2027-01-15", issued_at="2026-01-15")
        row = only(star(one))

        # 1,000 a month from February (the first month ends on 14 February) to January 2027.
        assert (f"{row['cohort']:%Y-%m}", row["status"]) == ("2026-02", "retained")
        assert row[["base_cents", "current_cents"]].tolist() == [100_000, 100_000]

    def test_a_yearly_invoice_under_the_threshold_by_month_starts_nothing(self, star):
        assert statuses(star(Logo("year").bill("2026-01-01", 6_000, end="2027-01-01"))) == {
            "year": "never_crossed"
        }

    def test_what_monthly_invoices_draw_from_a_prepaid_term_is_not_counted_again(self, star):
        one = Logo("prepaid").bill("2026-01-01", 12_000, end="2027-01-01")
        one.bills("2026-01-01", 900, 900, 900, 1_100, amount_due_usd=0)
        one.invoices[-1]["amount_due_usd"] = 150
        row = only(star(one))

        # January 1,000 of the term; April 1,000 and 150 that the credit did not cover.
        assert row[["base_cents", "current_cents"]].tolist() == [100_000, 115_000]

    def test_a_customer_of_a_prepaid_plan_pays_with_its_credit(self, star):
        one = Logo("plan", is_annual_plan_customer=True)
        one.bills(MARCH, 900, 900, 900, 800, amount_due_usd=0)

        assert only(star(one))[["base_cents", "current_cents"]].tolist() == [90_000, 80_000]

    def test_a_remainder_of_a_term_counts_by_its_days(self, star):
        # 1 March to 16 April: a month, and 15 days of 30.4375, which are 0.4928 of one.
        # March is 900 / 1.4928 = 602.89, April the rest.
        row = only(star(Logo("odd").bill(MARCH, 900, end="2026-04-16")))

        assert row["base_cents"] == 60_289

    def test_an_invoice_without_a_period_is_of_the_month_before_its_issue(self, star):
        nowhere = {"period_start": None, "period_end": None, "issued_at": "2026-04-01"}

        assert (
            f"{only(star(Logo('loose').bill(MARCH, 900, **nowhere)))['cohort']:%Y-%m}" == "2026-03"
        )

    def test_a_period_of_no_days_is_the_month_before_its_end(self, star):
        one = Logo("instant").bill("2026-03-20", 900, end="2026-03-20")

        assert f"{only(star(one))['cohort']:%Y-%m}" == "2026-03"

    @pytest.mark.parametrize("anchor", [1, 15, 28, 29, 30, 31])
    def test_every_anchor_has_one_bill_in_every_month(self, star, anchor):
        one = Logo("anchored").bills(f"2025-10-{anchor:02d}", *[700] * 12)
        row = only(star(one))

        assert row[["status", "base_cents", "current_cents"]].tolist() == [
            "retained",
            70_000,
            70_000,
        ]

    def test_an_uncollectible_bill_is_a_bill_without_revenue(self, star):
        one = (
            Logo("bad").bills(MARCH, 600, 600, 600).bill("2026-06-01", 600, status="uncollectible")
        )

        row = only(star(one))
        assert row[["status", "reason"]].tolist() == [
            "lost",
            "the bill of the month brought no revenue",
        ]
        assert statuses(star(one, uncollectible="revenue")) == {"bad": "retained"}

    def test_an_open_bill_is_revenue_and_said_to_be_unpaid(self, star):
        found = star(Logo("due").bills(MARCH, 600, 0, 0).bill("2026-06-01", 600, status="open"))

        assert statuses(found) == {"due": "retained"}
        assert "1 retained by a bill that is not paid yet." in found.notes


class TestCredit:
    def test_a_refund_lowers_revenue(self, star):
        one = Logo("back").bills(MARCH, 600, 600, 600).bill("2026-06-01", 600, credited_usd=600)

        assert statuses(star(one)) == {"back": "lost"}
        assert statuses(star(one, refunds="ignore")) == {"back": "retained"}

    def test_a_large_credit_before_a_usual_month_is_one_off(self, star):
        # June is credited in full, at least half of May's 600. July's 500 is at the mean of April
        # and May, (400 + 600) / 2, so June counts as 600 again.
        one = Logo("once").bills(MARCH, 600, 400, 600, 600, 500)
        one.invoices[3]["credited_usd"] = 600
        found = star(one)

        assert only(found)["current_cents"] == 60_000
        assert "1 with a one-off credit that was put back into revenue." in found.notes
        assert statuses(star(one, credits="subtract")) == {"once": "lost"}

    def test_a_credit_before_a_smaller_month_is_no_one_off(self, star):
        # July's 499 is below the mean of April and May, 500.
        one = Logo("twice").bills(MARCH, 600, 400, 600, 600, 499)
        one.invoices[3]["credited_usd"] = 600

        assert statuses(star(one)) == {"twice": "lost"}

    @pytest.mark.parametrize(("credited", "current"), [(299, 30_100), (300, 60_000)])
    def test_less_than_half_of_the_month_before_is_no_one_off(self, star, credited, current):
        one = Logo("little").bills(MARCH, 600, 600, 600, 600, 600)
        one.invoices[3]["credited_usd"] = credited

        assert only(star(one))["current_cents"] == current

    def test_a_credit_on_the_first_bill_stays_a_credit(self, star):
        one = Logo("first").bills(MARCH, 600, 600, 600, 600)
        one.invoices[0]["credited_usd"] = 400

        assert only(star(one))["base_cents"] == 20_000

    def test_whether_the_last_credit_was_one_off_only_the_month_after_tells(self, star):
        # October is the month that tells, and November runs.
        one = Logo("late").bills("2026-07-01", 600, 600, 600, 600)
        one.invoices[3]["credited_usd"] = 600

        assert statuses(star(one)) == {"late": "unknown"}

    def test_credit_from_the_balance_can_be_ignored(self, star):
        one = Logo("gift").bills(MARCH, 600, 0, 0).bill("2026-06-01", 100, amount_due_usd=0)

        assert statuses(star(one)) == {"gift": "lost"}
        assert statuses(star(one, credits="ignore")) == {"gift": "retained"}


class TestStartupCredit:
    def startup(self, *dues):
        one = Logo("startup", startup_program="YC program").bills(MARCH, *[800] * len(dues))
        for invoice, due in zip(one.invoices, dues, strict=True):
            invoice["amount_due_usd"] = due
        return one

    @pytest.mark.parametrize(
        ("treatment", "status"),
        [("apart", "startup_credit"), ("count", "retained"), ("drop", "dropped")],
    )
    def test_who_pays_with_it_is_apart_counted_or_dropped(self, star, treatment, status):
        found = star(self.startup(0, 0, 0, 0), startup_credit=treatment)

        assert statuses(found) == {"startup": status}

    def test_apart_it_is_shown_how_many_still_use_it(self, star):
        group = star(self.startup(0, 0, 0, 0)).apart[0]

        assert (group.organizations, group.looked_at, group.billed) == (1, 1, 1)

    def test_its_first_bill_in_money_starts_a_cohort(self, star):
        found = star(self.startup(0, 0, 800, 800, 800, 800))

        # May is the first month that was paid, so August tells: paid.
        assert statuses(found) == {"startup": "retained"}
        assert [f"{one.month:%Y-%m}" for one in found.cohorts] == ["2026-05"]

    @pytest.mark.parametrize(("due", "month"), [(400, "2026-06"), (401, "2026-03")])
    def test_half_of_a_bill_by_credit_is_paid_by_credit(self, star, due, month):
        assert f"{only(star(self.startup(due, 0, 0, 800)))['cohort']:%Y-%m}" == month

    def test_a_term_that_it_paid_is_paid_by_it_too(self, star):
        one = Logo("term", startup_program="Startup program")
        one.bill("2026-01-01", 12_000, end="2027-01-01", amount_due_usd=0)

        assert statuses(star(one)) == {"term": "startup_credit"}

    @pytest.mark.parametrize(
        "crm", [{"is_startup_plan": "true"}, {"segments": "Startup Plan, Onboarding Lead"}]
    )
    def test_the_crm_tells_it_as_well(self, star, crm):
        one = Logo("crm").crm(**crm).bills(MARCH, *[800] * 4, amount_due_usd=0)

        assert statuses(star(one)) == {"crm": "startup_credit"}


class TestNeverBilled:
    @pytest.mark.parametrize("kind", ["draft", "void"])
    @pytest.mark.parametrize(
        ("treatment", "status"), [("apart", "never_billed"), ("count", "lost"), ("drop", "dropped")]
    )
    def test_it_is_apart_counted_or_dropped(self, star, kind, treatment, status):
        one = Logo("promise").bill(MARCH, 900, status=kind)

        assert statuses(star(one, never_billed=treatment)) == {"promise": status}

    def test_a_voided_invoice_that_was_sent_again_was_billed(self, star):
        one = Logo("again").bill(MARCH, 900, status="void").bill(MARCH, 850)

        assert only(star(one))["first_bill_cents"] == 85_000

    def test_a_draft_beside_a_small_bill_is_no_bill(self, star):
        one = Logo("beside").bill(MARCH, 900, status="void").bill(MARCH, 100)

        assert statuses(star(one)) == {"beside": "never_crossed"}

    @pytest.mark.parametrize(("treatment", "status"), [("apart", "retained"), ("count", "lost")])
    def test_counted_it_comes_before_a_later_bill(self, star, treatment, status):
        # Counted, the cohort is February's and May brings nothing; else March's, and June pays.
        one = Logo("later").bill("2026-02-01", 900, status="void").bills(MARCH, 600, 0, 0, 600)

        assert statuses(star(one, never_billed=treatment)) == {"later": status}

    def test_a_draft_of_the_month_just_over_is_not_given_up_yet(self, star):
        one = Logo("fresh").bill("2026-10-01", 900, status="draft")

        assert statuses(star(one)) == {"fresh": "never_crossed"}


class TestHandovers:
    def handed(self, *totals, **crm):
        crm = crm or {"onboarding_pipeline": "6c. Sales Handoff"}
        return Logo("handed").bills(MARCH, *totals).crm(**crm)

    @pytest.mark.parametrize(
        ("treatment", "status"),
        [
            ("retained", "retained_by_handover"),
            ("by_revenue", "lost"),
            ("apart", "handed_over"),
            ("drop", "dropped"),
        ],
    )
    def test_without_revenue_the_treatment_decides(self, star, treatment, status):
        assert statuses(star(self.handed(900), handovers=treatment)) == {"handed": status}

    def test_with_revenue_it_is_retained_by_revenue(self, star):
        found = star(self.handed(900, 900, 900, 900))

        assert statuses(found) == {"handed": "retained"}
        assert found.pooled.by_handover == 0

    @pytest.mark.parametrize("segment", ["Create AE lead", "Onboarding referral"])
    def test_the_segments_of_both_times_hand_over(self, star, segment):
        assert statuses(star(self.handed(900, segments=segment))) == {
            "handed": "retained_by_handover"
        }

    def test_it_is_counted_apart_inside_of_the_retained(self, star):
        pooled = star(self.handed(900), Logo("kept").bills(MARCH, 600, 0, 0, 600)).pooled

        assert (pooled.retained, pooled.by_handover, pooled.percent) == (2, 1, 100)

    def test_a_lost_one_without_a_crm_is_said_to_be_untold(self, star):
        found = star(Logo("dark").bill(MARCH, 900).unread("lifecycle"))

        assert statuses(found) == {"dark": "lost"}
        assert any("CRM was not read" in note for note in found.notes)


class TestDollars:
    def test_net_and_gross_of_a_cohort_and_of_all(self, star):
        found = star(
            Logo("grows").bills(MARCH, 600, 0, 0, 900),
            Logo("falls").bills(MARCH, 1_000, 0, 0, 500),
            Logo("gone").bill(MARCH, 800),
            Logo("april").bills("2026-04-01", 600, 0, 0, 600),
        )

        # March: base 600 + 1,000 + 800 = 2,400; June 900 + 500 + 0 = 1,400; smaller of both
        # 600 + 500 + 0 = 1,100. Net 1,400 / 2,400 = 58.33%, gross 1,100 / 2,400 = 45.83%.
        march, pooled = found.cohorts[0], found.pooled
        assert (march.base_usd, march.current_usd, march.kept_usd) == (2_400, 1_400, 1_100)
        assert march.net_percent == pytest.approx(58.3333, abs=1e-4)
        assert march.gross_percent == pytest.approx(45.8333, abs=1e-4)
        # With April: 2,000 / 3,000 and 1,700 / 3,000.
        assert pooled.net_percent == pytest.approx(66.6667, abs=1e-4)
        assert pooled.gross_percent == pytest.approx(56.6667, abs=1e-4)

    def test_a_floor_on_yearly_revenue_leaves_small_dollars_out_and_logos_in(self, star):
        small = Logo("small").bills(MARCH, 416.66, 0, 0, 0)
        large = Logo("large").bills(MARCH, 416.67, 0, 0, 416.67)
        found = star(small, large, threshold_usd=400, least_arr_usd=5_000)

        # 12 x 416.66 = 4,999.92 is below 5,000; 12 x 416.67 = 5,000.04 is not.
        assert (found.pooled.organizations, found.pooled.dollar_organizations) == (2, 1)
        assert (found.pooled.percent, found.pooled.net_percent) == (50, 100)

    def test_no_base_is_no_percentage(self, star):
        found = star(Logo("free").bill(MARCH, 600, status="uncollectible"))

        assert found.pooled.base_usd == Decimal(0)
        assert (found.pooled.net_percent, found.pooled.gross_percent) == (None, None)


def test_excluded_organizations_are_named_and_left_out(star):
    found = star(
        Logo("vendor").bill(MARCH, 9_000), Logo("kept").bills(MARCH, 600, 0, 0, 1), exclude="Vendor"
    )

    assert statuses(found) == {"kept": "retained", "vendor": "excluded"}
    assert found.pooled.organizations == 1
