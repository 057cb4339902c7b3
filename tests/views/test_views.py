import html
import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from inspect import signature

import altair
import pandas as pd
import pytest
import vl_convert

from audit import views
from audit.checks import Severity
from audit.findings.model import Forecast, NotEvaluated
from audit.views.bills import _tiers
from audit.views.display import CHART_MIME, NUMBERS_MIME


def of_an_audit(name):
    """Whether a view shows an audit; of anything else there are tests of their own, and the team's
    part is empty on a customer's page."""
    first = next(iter(signature(getattr(views, name)).parameters), "")
    return first == "audit" and name not in ("standing", "team")


OF_AN_AUDIT = [name for name in views.__all__ if of_an_audit(name)]
CHARTS = ["bill_by_product", "periods", "savings", "usage_by_day", "usage_by_project"]
# The oldest Vega-Lite 5 that vl-convert carries; JupyterLab and Voila have a later 5.
VEGA_LITE = "5.8"


def shown(audit, name):
    return getattr(views, name)(audit)._repr_mimebundle_()


@pytest.mark.parametrize("name", OF_AN_AUDIT)
def test_every_view_shows_itself_as_text_and_as_html_or_a_chart(a_full_audit, name):
    bundle = shown(a_full_audit, name)

    assert bundle["text/plain"].strip()
    assert ("text/html" in bundle) != (CHART_MIME in bundle)


@pytest.mark.parametrize("name", OF_AN_AUDIT)
def test_dollars_are_not_typeset_as_formulas(a_full_audit, name):
    # JupyterLab's MathJax 3 and Voila's MathJax 2 leave elements of these classes alone.
    markup = shown(a_full_audit, name).get("text/html", "mathjax_ignore tex2jax_ignore")

    assert {"mathjax_ignore", "tex2jax_ignore"} <= set(re.findall(r"\w+", markup))


@pytest.mark.parametrize("name", OF_AN_AUDIT)
def test_an_account_without_usage_says_so_and_draws_no_empty_chart(an_audit, name):
    bundle = shown(an_audit(quantities={}, counters={}), name)

    assert CHART_MIME not in bundle
    assert len(bundle["text/plain"]) > 20


@pytest.mark.parametrize("name", OF_AN_AUDIT)
def test_one_day_of_one_project_is_enough(an_audit, name):
    assert shown(an_audit(days=1, projects=("Only",)), name)["text/plain"]


@pytest.mark.parametrize("name", OF_AN_AUDIT)
def test_a_free_account_has_no_share_of_nothing(an_audit, name):
    bundle = shown(an_audit(quantities={"product_analytics": 1_000}), name)

    assert "NaN" not in json.dumps(bundle)
    assert "%" not in bundle["text/plain"] or name == "usage_by_project"


@pytest.mark.parametrize("name", CHARTS)
def test_charts_compile_with_the_vega_lite_that_notebooks_carry(a_full_audit, name):
    specification = shown(a_full_audit, name)[CHART_MIME]

    assert specification["$schema"].endswith("/vega-lite/v5.json")
    altair.Chart.from_dict(specification)  # raises for what the schema does not know
    vega = vl_convert.vegalite_to_vega(specification, vl_version=VEGA_LITE)
    assert "url" not in json.dumps(vega["data"])


@pytest.mark.parametrize("name", CHARTS)
def test_charts_are_small_and_carry_their_exact_numbers(a_full_audit, name):
    bundle = shown(a_full_audit, name)

    assert len(json.dumps(bundle[CHART_MIME])) < 60_000
    assert bundle[NUMBERS_MIME]["rows"]
    assert bundle[CHART_MIME]["description"] == bundle[NUMBERS_MIME]["title"]


@pytest.mark.parametrize("name", OF_AN_AUDIT)
def test_names_chosen_by_customers_stay_text(an_audit, a_finding, hostile, stays_text, name):
    fixed = {"product_analytics": 3_000_000}
    harmless = an_audit(findings=[a_finding()], fixed=fixed)
    audit = an_audit(
        name=hostile[0] + hostile[5],
        projects=hostile,
        findings=[
            a_finding(i, project=bad, message=f"In {bad} it is too much.")
            for i, bad in enumerate(hostile)
        ],
        fixed=fixed,
    )

    assert stays_text(shown(audit, name), shown(harmless, name))


def test_projects_of_one_name_stay_apart_in_charts(an_audit):
    audit = an_audit(projects=("Web", "Web"))

    rows = shown(audit, "usage_by_project")[NUMBERS_MIME]["rows"]
    assert {row[1] for row in rows} == {"Web (0)", "Web (1)"}


def test_projects_beyond_the_colours_are_counted_together(an_audit):
    audit = an_audit(projects=tuple(f"Project {i}" for i in range(40)))

    rows = shown(audit, "usage_by_project")[NUMBERS_MIME]["rows"]
    assert len({row[1] for row in rows}) == 7
    assert "Everything else" in {row[1] for row in rows}


def test_a_year_of_days_is_drawn_by_week(an_audit):
    audit = an_audit(days=30)
    long = an_audit(days=400)
    long = replace(long, period=replace(long.period, start=long.period.end.replace(year=2024)))

    assert "by day" in shown(audit, "usage_by_day")["text/plain"]
    assert "by week" in shown(long, "usage_by_day")["text/plain"]


def test_counters_that_are_not_billed_are_not_drawn(an_audit):
    assert "local_evaluation" not in json.dumps(shown(an_audit(), "usage_by_day"))


def test_recommendations_state_saving_share_effort_and_trade_off(an_audit, a_finding):
    # 5,000,000 events cost $152.90 at public prices, 3,000,000 cost $84.30: 68.60 of 152.90
    # is 44.9 percent, written 45%.
    audit = an_audit(
        quantities={"product_analytics": 5_000_000},
        fixed={"product_analytics": 3_000_000},
        findings=[a_finding(on_top="68.60")],
    )

    text = str(views.recommendations(audit))
    assert "$68.60 a month, 45% of the bill (estimate)" in text
    assert "A setting; minutes, no release" in text
    assert "Retroactive click data on the excluded pages is gone." in text


@pytest.mark.parametrize(("saving", "recommended"), [(3, 3), (5, 5), (9, 5)])
def test_at_most_five_changes_are_recommended_and_none_below_the_minimum(
    an_audit, a_finding, saving, recommended
):
    small = [a_finding(100, on_top="4.99"), a_finding(101, on_top="0.00")]
    audit = an_audit(
        findings=[*(a_finding(i, on_top=f"{50 - i}.00") for i in range(saving)), *small]
    )

    assert str(views.recommendations(audit)).count("What it takes") == recommended


def test_findings_that_save_little_are_not_recommended(an_audit, a_finding):
    audit = an_audit(findings=[a_finding(on_top="4.99")])

    assert "What it takes" not in str(views.recommendations(audit))


def test_the_waterfall_ends_at_the_bill_after_all_fixes(a_full_audit):
    specification = shown(a_full_audit, "savings")[CHART_MIME]
    steps = specification["data"]["values"]

    assert steps[0]["change"] == float(a_full_audit.bill.total)
    assert steps[-1]["ends"] == float(a_full_audit.counterfactual_bill.total)
    assert [s["change"] for s in steps[1:-1]] == [-68.60, -35.50]


def test_many_findings_end_in_one_bar_for_the_rest(an_audit, a_finding):
    audit = an_audit(findings=[a_finding(i, on_top="1.00") for i in range(40)])

    steps = shown(audit, "savings")[CHART_MIME]["data"]["values"]
    assert len(steps) == 16
    assert steps[-2]["step"] == "All smaller findings (27 findings)"


def test_severity_is_told_by_words_and_not_by_colour_alone(a_full_audit):
    markup = shown(a_full_audit, "findings")["text/html"]

    for severity in Severity:
        assert f"aa-{severity.value}" in markup
    assert {"Needs action", "Worth attention", "Opportunity"} <= set(
        re.findall(r"</span> ([A-Z][a-z ]+)</span>", markup)
    )


def test_forecast_estimate_and_actual_are_marked_as_what_they_are(a_full_audit):
    rows = shown(a_full_audit, "periods")[NUMBERS_MIME]["rows"]

    assert [row[1] for row in rows] == [
        "metered usage times prices (estimate)",
        "actual",
        "actual",
        "actual, so far",
        "PostHog's forecast",
        "our forecast (estimate)",
        "our forecast (estimate)",
        "our forecast (estimate)",
    ]
    assert [row[2:] for row in rows[-2:]] == [
        ["Discount", "-$10.00"],
        ["After discounts", "$400.00"],
    ]


def test_a_period_with_a_billed_amount_shows_no_estimate_beside_it(a_full_audit):
    values = shown(a_full_audit, "periods")[CHART_MIME]["data"]["values"]

    bars = {(value["row"], value["sure"]) for value in values}
    assert len({row for row, _ in bars}) == len(bars)
    assert 310.0 not in {value["amount"] for value in values}


def test_an_unknown_forecast_says_why(an_audit):
    audit = an_audit(
        forecast=Forecast(None, None, (), Decimal(0), None, "No billing period is known.")
    )

    assert "No billing period is known." in str(views.at_a_glance(audit))


def test_warnings_stand_before_notes(a_full_audit):
    text = str(views.data_quality(a_full_audit))

    assert text.index("Warning") < text.index("Note")


def test_one_gap_in_two_projects_is_one_row(a_full_audit):
    assert "Web app, Mobile app" in str(views.not_evaluated(a_full_audit))


def test_every_number_of_the_bill_is_in_the_table(a_full_audit):
    text = str(views.bill_lines(a_full_audit))

    for line in a_full_audit.bill.lines:
        assert f"${line.amount:,.2f}" in text
    assert f"${a_full_audit.bill.total:,.2f}" in text


def test_a_discount_leads_from_the_lines_to_the_bill(an_audit):
    audit = an_audit()
    discounted = replace(
        audit.bill, discount=Decimal("55.40"), total=audit.bill.subtotal - Decimal("55.40")
    )

    text = str(views.bill_lines(replace(audit, bill=discounted)))
    assert "Lines together" in text
    assert "-$55.40" in text


def test_the_names_of_written_files_show_without_their_folder(tmp_path):
    page = views.written([tmp_path / "findings.json"])

    assert str(page) == "Written: findings.json."


def test_unknown_usage_is_unknown_and_never_free(an_audit):
    audit = an_audit(quantities={}, counters={}, usage_is_known=False)

    text = "\n".join(str(getattr(views, name)(audit)) for name in OF_AN_AUDIT)
    assert str(views.at_a_glance(audit)).count("Unknown (No usage of these days is known)") == 3
    assert "$0.00" not in text
    assert "free of charge" not in text


def test_packages_of_an_account_without_usage_are_told_beside_the_unknown_bill(an_audit):
    audit = an_audit(
        quantities={"product_analytics": 5_000_000},
        usage_is_known=False,
        origins={"product_analytics": "subscriptions"},
    )

    assert "the packages alone are $152.90 (estimate)" in str(views.at_a_glance(audit))


def test_quantities_from_a_forecast_are_told_as_such(an_audit):
    vendor = an_audit(
        origins={"product_analytics": "bill_lines", "session_replay": "subscriptions"}
    )

    for name in ("title", "at_a_glance", "bill_by_product", "bill_lines"):
        told = html.unescape(json.dumps(shown(vendor, name)))
        assert "vendor's forecast of the current billing period" in told


def test_quantities_of_the_window_are_told_by_their_days(an_audit):
    assert "Estimate, 1 Jun to 30 Jun 2025 as one billing month" in str(
        views.at_a_glance(an_audit())
    )


def gap(check, project=None, product=None):
    return NotEvaluated(check, project, product, "autocapture_events", "The key lacks a scope.")


def test_a_check_that_could_not_be_asked_has_not_found_nothing(an_audit):
    audit = an_audit(not_evaluated=[gap("autocapture_unread", "0"), gap("autocapture_unread", "1")])

    assert "Findings: 0 (1 of 2 checks found nothing, 1 not evaluated)" in str(
        views.at_a_glance(audit)
    )
    assert "1 of 2 checks found nothing, 1 not evaluated" in str(views.recommendations(audit))
    assert "1 of 2 checks found nothing, 1 not evaluated" in str(views.findings(audit))


def test_a_check_answered_in_one_project_counts_as_evaluated_with_gaps(an_audit):
    audit = an_audit(not_evaluated=[gap("autocapture_unread", "0")])

    text = str(views.at_a_glance(audit))
    assert "2 of 2 checks found nothing, 1 of them with gaps" in text
    assert "Checks not evaluated: 0 (of 2 checks; 1 more has a gap)" in text


def test_without_any_answer_nothing_is_judged(an_audit):
    audit = an_audit(not_evaluated=[gap("autocapture_unread"), gap("product_unused")])

    assert "No check could be evaluated" in str(views.recommendations(audit))
    assert "Nothing to recommend" not in str(views.recommendations(audit))
    assert "Could be saved per month: Unknown" in str(views.at_a_glance(audit))


def test_the_rest_of_the_saving_is_pointed_to(an_audit, a_finding):
    # 20.00 and 4.99 are left of seven findings, one of them below the cut-off: 24.99.
    audit = an_audit(
        findings=[
            a_finding(i, on_top=s)
            for i, s in enumerate(["50.00"] * 3 + ["40.00", "30.00", "20.00", "4.99"])
        ]
    )

    text = str(views.recommendations(audit))
    assert "2 more findings save $24.99 a month together (estimate); see Findings." in text
    assert "5 at most, each at least $5.00 a month" in text


def test_the_effort_of_a_recommendation_is_said_once(an_audit, a_finding):
    remedy = "set a minimum. A project setting; no release is needed. Check that it is strict."
    text = str(views.recommendations(an_audit(findings=[a_finding(remedy=remedy)])))

    assert text.count("no release") == 1
    assert "Check that it is strict." in text


def test_the_forecast_card_names_its_period_and_what_it_holds(a_full_audit):
    text = str(views.at_a_glance(a_full_audit))

    assert "20 Jun to 19 Jul 2025, with packages, limits and discounts" in text
    assert "in 8 of 10 cases $360.00 to $440.00" in text
    assert "PostHog's own forecast is $420.00" in text


def test_the_vendors_forecast_stands_where_ours_is_unknown(an_audit):
    unknown = Forecast(
        date(2025, 6, 20), date(2025, 7, 20), (), Decimal(0), None, "No daily usage is known."
    )

    text = str(views.at_a_glance(an_audit(forecast=unknown)))
    assert "At the end of this period: $420.00 (Estimate by PostHog, not by us" in text
    assert "Ours is unknown: No daily usage is known." in text


def test_bars_that_hold_different_things_say_so(a_full_audit):
    title = shown(a_full_audit, "periods")[NUMBERS_MIME]["title"]

    assert "metered estimates before packages, limits and discounts" in title
    assert "our forecast with packages and limits, before discounts" in title


@pytest.mark.parametrize("name", ["title", "at_a_glance", "recommendations", "savings", "findings"])
def test_findings_of_one_project_are_marked_near_the_savings(a_full_audit, name):
    audit = replace(a_full_audit, project_id="1")

    assert "Mobile app" in str(getattr(views, name)(audit))


def test_the_tiers_lead_to_the_bill_over_limit_and_discount(an_audit):
    # 5,000,000 events cost 152.90. At 15 percent off, a limit of 85 USD is met by 100.00 USD of
    # usage: 52.90 less. 15 percent of 100.00 is 15.00, so 85.00 is paid.
    audit = an_audit(
        quantities={"product_analytics": 5_000_000},
        limits={"product_analytics": 85},
        discount_percent="15",
    )

    table = _tiers(audit)
    assert [row[1:] for row in table.rows[-4:]] == [
        ("Held to the billing limit of $85, which is met after 15% off", "", "", "-$52.90"),
        ("Line on the bill", "", "", "$100.00"),
        ("", "", "", "$100.00"),
        ("", "", "", "-$15.00"),
    ]
    assert [row[0] for row in table.rows[-2:]] == ["Lines together", "Discount of 15%"]
    assert table.total[-1] == "$85.00"


def test_a_rule_is_a_rule_with_its_threshold_beside_it(a_full_audit):
    markup = shown(a_full_audit, "findings")["text/html"]

    assert "Autocapture above <code>autocapture_percent</code> (50%) of a project" in markup
    assert "<dt>Why it costs</dt><dd>Every autocapture event is billed as an event.</dd>" in markup


def test_a_finding_is_headed_by_what_was_seen(a_full_audit):
    markup = shown(a_full_audit, "findings")["text/html"]

    assert re.search(r"<h3><bdi[^>]*>Autocapture is 61% of Web app", markup)


def test_what_is_missing_comes_with_what_to_do(an_audit):
    lacking = NotEvaluated("autocapture_unread", "0", None, "autocapture_events", "not read")
    told = replace(lacking, check="product_unused", reason="Add it in Settings.")

    text = str(views.not_evaluated(an_audit(not_evaluated=[lacking, told])))
    assert "or add usage_rows as a file" in text
    assert "Add it in Settings.\n" in text + "\n"


def test_usage_by_project_falls_back_to_what_queries_observed(an_audit):
    audit = an_audit(counters={})
    rows = pd.DataFrame(
        {
            "project_id": ["0", "1"],
            "meter": ["product_analytics", "product_analytics"],
            "quantity": [30.0, 10.0],
        }
    )

    numbers = shown(replace(audit, usage_rows=rows), "usage_by_project")[NUMBERS_MIME]
    assert "as queries observed it" in numbers["title"]
    assert [row[1:] for row in numbers["rows"]] == [
        ["Web app", "30 events", "75%"],
        ["Mobile app", "10 events", "25%"],
    ]


def test_the_table_of_projects_stands_in_the_order_of_the_chart(an_audit):
    bundle = shown(an_audit(), "usage_by_project")

    products = list(dict.fromkeys(row[0] for row in bundle[NUMBERS_MIME]["rows"]))
    assert products == bundle[CHART_MIME]["encoding"]["y"]["sort"]


def test_severities_are_counted_in_the_plural(an_audit, a_finding):
    text = str(views.at_a_glance(an_audit(findings=[a_finding(1), a_finding(2)])))

    assert "2 need action" in text
