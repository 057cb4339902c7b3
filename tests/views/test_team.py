"""What the vendor's own team reads, and no customer."""

import re
from inspect import signature

import pandas as pd
import pytest

from audit import views
from audit.checks import Area, Audience, Severity
from audit.health import load_published, load_rules
from audit.views.team import TITLE

MEASURES = [measure.name for measure in load_published().measures]
ASKED = sorted({fact for rule in load_rules().rules for fact, _ in rule.when})


def organization(**known):
    """Facts of the organization: those of the score and the rules, unknown unless named."""
    values = dict.fromkeys([*MEASURES, *ASKED], float("nan"))
    return {"organization": pd.DataFrame([{**values, **known}])}


def internal(finding, number=1, area=Area.LIFECYCLE, **changes):
    values = {
        "id": f"outreach_due:{number}",
        "check": "outreach_due",
        "title": "Organizations that are due a first message",
        "area": area,
        "audience": Audience.TEAM,
        "severity": Severity.WORTH_ATTENTION,
        "on_top": "0.00",
        "project_id": None,
        "project_name": None,
        "message": f"The bill renews in {number} days, and nobody wrote.",
    }
    return finding(number, **{**values, **changes})


@pytest.fixture
def for_the_team(an_audit, a_finding):
    def made(*findings, audience="team", known=(), **parts):
        return an_audit(
            findings=findings or [a_finding(1), internal(a_finding, 14)],
            audience=audience,
            facts=organization(**dict(known)),
            checks_run=("autocapture_unread", "outreach_due"),
            **parts,
        )

    return made


def markup(page):
    return page._repr_mimebundle_()["text/html"]


def test_of_a_customers_audit_there_is_nothing_not_even_a_word(for_the_team):
    for view in (views.team, views.standing):
        page = view(for_the_team(audience="customer"))

        assert str(page) == ""
        assert page.markup == ""


def test_an_audit_that_says_no_audience_is_for_the_customer(for_the_team):
    audit = for_the_team()
    audit.arguments.pop("audience")

    assert views.team(audit).markup == ""


@pytest.mark.parametrize(
    "name",
    [
        n
        for n in views.__all__
        if n != "team" and "audit" in signature(getattr(views, n)).parameters
    ],
)
def test_no_other_view_speaks_of_a_finding_for_the_team(for_the_team, a_finding, name):
    page = getattr(views, name)(for_the_team())
    bundle = str(page._repr_mimebundle_()) + str(page)

    assert "nobody wrote" not in bundle
    assert "due a first message" not in bundle


def test_the_team_reads_its_findings_by_what_they_are_about(for_the_team, a_finding):
    refund = internal(a_finding, 2, Area.BILLING, message="It may be given back once.")
    text = str(views.team(for_the_team(internal(a_finding, 14), refund)))

    stands, refunds = text.index("Where the account stands"), text.index("Refunds, credit")
    assert stands < text.index("The bill renews in 14 days") < refunds
    assert text.index("It may be given back once.") > refunds
    assert "audit refund 0190-acme --from DAY --to DAY" in text


def test_a_score_is_an_approximation_with_what_each_measure_adds(for_the_team):
    # Product analytics weighs 33 percent in two measures, session replay 20 in two. Both poor and
    # healthy: (16.5 * 10 + 16.5 * 0 + 10 * 10 + 10 * 0) / 53 = 5.00.
    known = {
        "event_decrease_percent": 0.0,
        "analysing_insights_percent": 0.0,
        "replay_decrease_percent": 0.0,
        "watching_replays_percent": 0.0,
    }
    page = views.team(for_the_team(known=known.items()))

    assert "Health 5.0 of 10 (concerning), an approximation" in str(page)
    rows = re.findall(r"<tr>(.*?)</tr>", markup(page))
    cells = [[re.sub("<[^>]+>", "", c) for c in re.findall(r"<td.*?</td>", row)] for row in rows]
    added = [float(row[-1]) for row in cells if len(row) == 6 and row[-2].endswith("%")]
    total = next(float(row[-1]) for row in cells if row[:1] == ["Score"])
    assert len(added) == 4
    assert sum(added) == pytest.approx(total) == 5.0


def test_too_little_known_is_no_score_and_says_where_it_would_come_from(for_the_team):
    page = views.team(for_the_team())

    assert "No health score: only 0% of the published weight is known" in str(page)
    assert "20 measures not known" in str(page)
    assert load_published().measures[0].comes_from[1:40] in markup(page)


def test_whether_it_goes_to_sales_stands_there_with_the_reasons(for_the_team):
    known = {"lowest_of_3_bills_usd": 0.0, "bill_after_fixes_usd": 10.0}

    text = str(views.team(for_the_team(known=known.items())))
    assert "Not ready for Sales: fewer than 3 bills are known" in text


def test_every_finding_for_the_team_is_there_in_full_at_its_link(for_the_team, a_finding):
    page = markup(views.team(for_the_team(*(internal(a_finding, n) for n in range(3)))))

    links = set(re.findall(r'href="#(finding-[^"]+)"', page))
    assert len(links) == 3
    assert links <= set(re.findall(r'id="(finding-[^"]+)"', page))
    assert "No saving attached" not in page


def test_names_of_others_stay_text(for_the_team, a_finding, hostile, stays_text):
    def shown(bad):
        audit = for_the_team(internal(a_finding, 1, message=f"In {bad}.", project_name=bad))
        return views.team(audit)._repr_mimebundle_()

    usual = shown("harmless")
    assert all(stays_text(shown(bad), usual) for bad in hostile)


def test_it_is_the_same_every_time(for_the_team):
    assert markup(views.team(for_the_team())) == markup(views.team(for_the_team()))


def test_it_heads_itself_so_that_no_cell_of_the_notebook_has_to(for_the_team):
    assert re.findall(r'<h2 id="([a-z-]+)">([^<]+)</h2>', markup(views.team(for_the_team()))) == [
        ("for-the-team", TITLE)
    ]


def test_the_header_says_the_score_or_that_it_is_not_known(for_the_team):
    healthy = dict.fromkeys(MEASURES, 0)

    assert "No health score: only 0% of the published weight is known" in str(
        views.standing(for_the_team())
    )
    assert re.search(
        r"^Health \d+\.\d+ of 10 \(\w+\), an approximation",
        str(views.standing(for_the_team(known=healthy.items()))),
    )
