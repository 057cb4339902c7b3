"""Area by area, and what is offered."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from audit import views
from audit.account import Account
from audit.checks import Area, Severity
from audit.findings.areas import AREAS, CUSTOMER_AREAS
from audit.findings.model import Evidence

#: The sixteen areas of the audit prompt. Source: PostHog handbook,
#: onboarding/onboarding-conversations-playbook.
PROMPT = [
    "Instrumentation",
    "Product analytics",
    "Web analytics",
    "Session replay",
    "Heatmaps",
    "Feature flags",
    "Experiments",
    "Surveys",
    "Error tracking",
    "LLM observability",
    "Data warehouse",
    "CDP and workflows",
    "Platform, queries and logs",
    "Revenue",
    "Cohorts",
    "Not used yet",
]
CLAIM = "error_tracking_is_missing"


def facts(**values):
    """Facts of one project, by name."""
    return {"project": pd.DataFrame([{"project_id": "0", **values}])}


def rows(audit):
    """Cells of the areas by the area's name."""
    page = views.areas(audit)._repr_mimebundle_()["text/html"]
    lines = re.findall(r"<tr>(.*?)</tr>", page)
    cells = [[re.sub("<[^>]+>", "", c) for c in re.findall(r"<td.*?</td>", line)] for line in lines]
    return {row[0]: row for row in cells if row}


def offer(finding, number=1, **changes):
    values = {"check": "heatmaps_off", "area": Area.HEATMAPS, "message": f"Off in {number}."}
    values |= {"severity": Severity.OPPORTUNITY, "on_top": "0.00", "id": f"heatmaps_off:{number}"}
    return finding(number, **{**values, **changes})


def claim(name, value=True):
    return Evidence(name, value, "claim", "Not used.", "bill", "", 0, "", "")


def items(page):
    return re.findall(r"<li>(.*?)</li>", page._repr_mimebundle_()["text/html"])


def with_coverage(audit, *rows):
    """The audit of an account whose coverage is these rows."""
    frames = {**audit.account.frames, "coverage": pd.DataFrame(rows)}
    return replace(audit, account=Account(audit.organization_id, frames))


@pytest.fixture
def read(an_audit):
    """Audits of an account of which the usage of every product was read."""
    whole = {"subject": "usage_daily", "complete": True, "query_name": None, "query": None}
    return lambda **parts: with_coverage(an_audit(**parts), whole)


#: An account with this much to save is offered nothing that costs extra.
CUTTING = {"product_analytics": 1_000_000}


def test_the_sixteen_areas_of_the_prompt_stand_in_its_order(an_audit):
    assert list(rows(an_audit())) == [*PROMPT, "Billing and limits"]
    assert len(CUSTOMER_AREAS) == len(AREAS)


def test_one_is_counted_in_the_singular(an_audit):
    one = an_audit(facts=facts(active_cohorts=1.0, heatmap_projects=1.0, people=1.0))
    many = an_audit(facts=facts(active_cohorts=2.0, heatmap_projects=0.0, people=1_200.0))

    assert rows(one)["Cohorts"][1] == "1 cohort"
    assert rows(one)["Heatmaps"][1] == "On in 1 project"
    assert rows(one)["Instrumentation"][1] == "1 person"
    assert rows(many)["Cohorts"][1] == "2 cohorts"
    assert rows(many)["Instrumentation"][1] == "1,200 people"


def test_a_finding_about_one_product_stands_in_the_area_of_that_product(an_audit, a_finding):
    unused = a_finding(
        1, area=Area.PLATFORM, product="error_tracking", project_id=None, message="Nobody used it."
    )
    limited = a_finding(2, area=Area.BILLING, product="surveys", message="Data was dropped.")

    found = rows(an_audit(findings=[unused, limited]))
    assert "Nobody used it." in found["Error tracking"][3]
    assert "Nobody used it." not in found["Platform, queries and logs"][3]
    assert "Data was dropped." in found["Billing and limits"][3]


def test_the_remedy_names_the_product_unless_the_area_does(an_audit, a_finding):
    parts = {"area": Area.BILLING, "project_id": None, "remedy": "raise the limit. Or not."}
    limited = a_finding(1, product="surveys", **parts)
    own = a_finding(2, product="surveys", **{**parts, "area": Area.SURVEYS})

    found = rows(an_audit(findings=[limited, own]))
    assert found["Billing and limits"][4] == "Surveys: raise the limit."
    assert found["Surveys"][4] == "Raise the limit."


def test_an_area_without_a_unit_is_not_used_even_where_nobody_knows_who_looked(read):
    usage = {"quantities": {"product_analytics": 5_000_000}}
    unknown = {"people_using_error_tracking": float("nan")}

    assert rows(read(facts=facts(**unknown), **usage))["Error tracking"][3] == "□ Not used"


def test_an_area_nobody_read_about_is_never_said_to_be_unused(an_audit):
    audit = an_audit(
        quantities={}, counters={}, usage_is_known=False, facts=facts(active_surveys=float("nan"))
    )

    assert "Not used" not in rows(audit)["Surveys"][3]
    assert "is not used" not in rows(audit)["Not used yet"][3]


def test_what_is_not_used_is_listed_where_the_prompt_asks_for_it(read):
    audit = read(
        quantities={"product_analytics": 5_000_000},
        facts=facts(active_surveys=0.0, ai_events=0.0, active_destinations=3.0),
    )

    assert "Surveys" in rows(audit)["Not used yet"][3]
    assert "LLM observability" in rows(audit)["Not used yet"][3]
    assert "CDP" not in rows(audit)["Not used yet"][3]


def test_one_offer_in_several_projects_is_one_line(an_audit, a_finding):
    offers = [offer(a_finding, n, project=f"Project {n}", project_id=str(n)) for n in range(1, 7)]

    [line] = items(views.opportunities(an_audit(findings=offers, fixed=CUTTING)))
    assert "Off in 1." in line
    assert "Off in 2." not in line
    assert "Project 2" in line
    assert "and 2 more." in line


@pytest.mark.parametrize(("different", "shown"), [(2, 2), (5, 5), (9, 5)])
def test_at_most_five_things_are_offered_and_none_is_made_up(an_audit, a_finding, different, shown):
    offers = [offer(a_finding, n, check=f"check_{n}") for n in range(different)]

    assert len(items(views.opportunities(an_audit(findings=offers, fixed=CUTTING)))) == shown


def test_a_product_that_is_not_used_is_offered_once_by_what_it_answers(read, a_finding):
    missing = offer(
        a_finding,
        check="expected_product_missing",
        area=Area.NOT_USED_YET,
        evidence=(claim(CLAIM), claim("groups_are_missing", False)),
        message="Acme does not use error tracking.",
    )
    audit = read(quantities={"product_analytics": 5_000_000}, findings=[missing])

    lines = items(views.opportunities(audit))
    assert "Error tracking" in lines[0]
    assert "a month are free" in lines[0]
    assert len([line for line in lines if "rror tracking" in line]) == 1


def test_what_no_offer_speaks_of_is_told_by_its_finding(read, a_finding):
    missing = offer(
        a_finding,
        check="expected_product_missing",
        area=Area.NOT_USED_YET,
        evidence=(claim("groups_are_missing"),),
        message="Acme does not use group analytics.",
    )

    assert "group analytics" in str(views.opportunities(read(findings=[missing])))


def test_nothing_is_offered_of_an_area_that_has_to_be_mended_first(read, a_finding):
    broken = a_finding(1, on_top="0.00", area=Area.SESSION_REPLAY)
    usage = {"quantities": {"product_analytics": 5_000_000}}

    assert "Session replay" in str(views.opportunities(read(**usage)))
    assert "Session replay" not in str(views.opportunities(read(findings=[broken], **usage)))


def test_a_product_without_a_price_on_that_day_is_not_offered(read):
    # The price list knows surveys from August 2025 on; the audit is of July.
    text = str(views.opportunities(read(quantities={"product_analytics": 5_000_000})))

    assert "Data warehouse" in text
    assert "Surveys" not in text


def test_what_costs_extra_is_not_offered_to_who_is_cutting_cost(read):
    # 5,000,000 events cost 152.90 and 4,000,000 cost 118.60: 22 percent less.
    usage = {"product_analytics": 5_000_000}
    cutting = read(quantities=usage, fixed={"product_analytics": 4_000_000})
    keeping = read(quantities=usage, fixed={"product_analytics": 4_900_000})

    assert "is left out while there is this much to save" in str(views.opportunities(cutting))
    assert "Session replay" not in str(views.opportunities(cutting))
    assert "Session replay" in str(views.opportunities(keeping))


def test_what_the_crm_was_asked_is_no_query_of_a_customers_page(an_audit, a_finding):
    def asked(audience):
        rows = [
            {"subject": "lifecycle", "query_name": "crm", "query": "SELECT stage FROM crm"},
            {"subject": "members", "query_name": "members", "query": "GET /members"},
        ]
        audit = with_coverage(an_audit(findings=[a_finding(1)], audience=audience), *rows)
        return str(views.queries(audit)._repr_mimebundle_())

    assert "SELECT stage" not in asked("customer")
    assert "GET /members" in asked("customer")
    assert "SELECT stage" in asked("team")
