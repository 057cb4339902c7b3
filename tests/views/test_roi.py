"""The views of ROI: what a customer's finance person reads, on audits written by hand."""

from decimal import Decimal

import pytest

from audit import views
from audit.checks import Effort
from audit.roi import roi
from audit.roi.wording import small
from audit.views.display import CHART_MIME, Figure
from audit.views.roi import paid_back


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, "Never"),
        ("0", "At once"),
        ("0.4", "Within a day"),
        ("1", "1 day"),
        ("58.2", "58 days"),
        ("365", "365 days"),
        ("548", "1.5 years"),
        ("3650", "10.0 years"),
        ("10907.7", "Over 10 years"),
    ],
)
def test_a_payback_is_told_as_people_say_it(days, words):
    assert paid_back(None if days is None else Decimal(days)) == words


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(None, "unknown"), ("0", "$0.00"), ("0.0329712", "$0.0330"), ("0.00000123", "$0.00000123"),
     ("0.999", "$0.999"), ("1", "$1.00"), ("9149.138", "$9,149.14")],
)  # fmt: skip
def test_an_amount_under_a_dollar_keeps_three_digits_that_count(amount, shown):
    assert small(None if amount is None else Decimal(amount)) == shown


def bundle(view):
    return view._repr_mimebundle_()


def test_the_cards_say_before_after_and_what_is_not_known(an_audit, a_finding):
    page = str(views.roi(roi(an_audit(findings=[a_finding(1, on_top="100.00")]))))

    assert "Spend that is read: Not known" in page
    assert "not read: the pull brought no activity.people" in page
    assert (
        "All fixes together: $1,200.00 a year (saved for $25.00 of effort, paid back in 8 days"
        in page
    )


def test_a_finding_that_takes_over_a_year_to_pay_back_is_said_not_to_be_worth_it(
    an_audit, a_finding
):
    found = roi(
        an_audit(
            findings=[
                a_finding(1, on_top="100.00"),
                a_finding(2, on_top="10.00", effort=Effort.CODE_CHANGE),
                a_finding(3, on_top="0.00"),
            ]
        )
    )
    page = str(views.roi(found))

    # 8 hours at 100 against 120.00 a year: 2,433 days.
    assert "6.7 years" in page
    assert "1 finding does not pay back within a year" in page
    assert "1 finding without a saving attached" in page


def test_a_free_fix_pays_back_at_once_and_has_no_return_to_divide_by(an_audit, a_finding):
    found = roi(an_audit(findings=[a_finding(1, on_top="100.00")]), {"setting_hours": 0})
    page = str(views.roi(found))

    assert "At once" in page
    assert "paid back at once" in page


def test_without_findings_or_usage_it_says_so(an_audit):
    assert "nothing to pay back" in str(views.roi(roi(an_audit())))
    unknown = an_audit(usage_is_known=False)
    assert "No usage of these days is known" in str(views.roi(roi(unknown)))


def test_the_range_of_a_saving_stands_beneath_it(an_audit, a_finding):
    one = a_finding(1, on_top="100.00")
    page = str(views.roi(roi(an_audit(findings=[one]), yearly={one.id: (899.6, 1200, 1500.2)})))

    assert "$1,200.00 ($900 to $1,500)" in page
    assert "range that holds 80% of outcomes" in page


def test_the_chart_draws_each_month_and_the_split_adds_up(an_audit):
    found = roi(an_audit(days=90), {"people": {"2025-04": 100, "2025-06": 110}})
    chart, split = views.roi_trend(found), str(views.roi_split(found))

    assert isinstance(chart, Figure)
    assert len(chart.numbers.rows) == 3
    assert "What it cost" in str(bundle(chart)[CHART_MIME])
    assert "by more people and" in split
    assert "by fewer units per person" in split


def test_a_history_that_is_too_short_says_how_many_months_are_known(an_audit):
    found = roi(an_audit(days=30))

    assert "1 is known" in str(views.roi_trend(found))
    assert str(views.roi_split(found)) == ""


def test_own_assumptions_are_said_openly_and_all_others_folded(an_audit):
    found = roi(an_audit(), {"engineer_hour_usd": 140, "people": {"2026-07": 18_000}})
    page = views.roi_assumptions(found)

    assert "engineer_hour_usd is $140 (else $100) and people of 2026-07: 18,000" in page.text
    assert "<details>" in page.markup
    assert "Payback days = effort / (yearly saving / 365)" in page.markup


def test_a_customer_reads_nothing_of_the_team(an_audit, a_finding):
    parts = (views.roi, views.roi_trend, views.roi_split, views.roi_team, views.roi_assumptions)
    of = {
        audience: roi(an_audit(findings=[a_finding(1)], audience=audience, days=90))
        for audience in ("customer", "team")
    }

    told = "".join(str(part(of["customer"])) + str(bundle(part(of["customer"]))) for part in parts)
    for word in ("specialist", "evenue", "answer_percent", "contact"):
        assert word not in told
    assert "Expected revenue kept" in str(views.roi_team(of["team"]))
    assert "contact_percent" in str(views.roi_assumptions(of["team"]))


@pytest.mark.parametrize(
    "part", [views.roi, views.roi_trend, views.roi_split, views.roi_assumptions]
)
def test_hostile_names_stay_text(part, an_audit, a_finding, hostile, stays_text):
    usual = bundle(part(roi(an_audit(findings=[a_finding(1)], days=90))))

    for name in hostile:
        found = roi(an_audit(findings=[a_finding(1, project=name)], days=90, name=name))
        assert stays_text(bundle(part(found)), usual)
