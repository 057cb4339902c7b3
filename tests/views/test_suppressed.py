"""What a page says of findings somebody decided to live with."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from inspect import signature

import pytest

from audit import views
from audit.ledger import Standing, State, Why, suppression
from audit.views.display import CHART_MIME

REASON = "they never listen anyway"
OWNER = "Ada Insider"
TITLE = "Projects with a known fault"
BESIDE = "plus $40.00 suppressed (1 finding)"


def decided(**changes):
    values = {
        "check": "autocapture_unread",
        "organization_id": "0190-acme",
        "reason": REASON,
        "owner": OWNER,
        "on": date(2025, 7, 1),
        "until": date(2026, 1, 31),
        "up_to_usd": "600",
    }
    return replace(suppression(**{**values, **changes}), id=4)


def accepted(finding, number, *, reopened=None, **changed):
    return finding(number, suppression=decided(), reopened=reopened, **changed)


def with_both(an_audit, finding, **changed):
    return an_audit(
        findings=[
            finding(1, on_top="60.00"),
            accepted(finding, 2, on_top="40.00", alone="55.00", title=TITLE),
        ],
        quantities={"product_analytics": 5_000_000},
        fixed={"product_analytics": 3_000_000},
        suppressed_saving="40.00",
        suppressions=[Standing(decided(), State.SUPPRESSES)],
        **changed,
    )


def everything(audit):
    """All a page says, as HTML and as text."""
    every = [getattr(views, name) for name in views.__all__]
    shown = [view(audit) for view in every if [*signature(view).parameters] == ["audit"]]
    shown.append(views.changes(audit, ""))
    bundles = [one._repr_mimebundle_() for one in shown]
    return "\n".join([*map(str, shown), *(b.get("text/html", "") for b in bundles)])


@pytest.mark.parametrize("name", ["at_a_glance", "recommendations", "savings", "findings"])
def test_what_is_suppressed_stands_beside_the_joint_saving(an_audit, a_finding, name):
    assert BESIDE in str(getattr(views, name)(with_both(an_audit, a_finding))).replace(
        "Plus", "plus"
    )


@pytest.mark.parametrize("name", ["at_a_glance", "recommendations", "savings", "findings"])
def test_without_a_suppressed_finding_nothing_is_said_of_them(an_audit, a_finding, name):
    audit = an_audit(findings=[a_finding(1)], fixed={"product_analytics": 3_000_000})

    assert "suppressed" not in str(getattr(views, name)(audit))


def test_only_open_findings_are_recommended_and_are_steps_of_the_saving(an_audit, a_finding):
    audit = with_both(an_audit, a_finding)
    steps = views.savings(audit)._repr_mimebundle_()[CHART_MIME]["data"]["values"]

    assert str(views.recommendations(audit)).count("What it takes") == 1
    assert [step["change"] for step in steps if step["kind"] == "saving"] == [-60.0]


def test_they_come_last_with_what_they_would_save_and_how_long_it_holds(an_audit, a_finding):
    text = str(views.findings(with_both(an_audit, a_finding)))

    table = text[text.index("Suppressed finding") :]
    assert text.index("All fixes together") < text.index("Suppressed finding")
    assert TITLE in table
    assert "$40.00" in table
    assert "$55.00" in table
    assert "Suppressed until 31 Jan 2026, while it saves $600.00 at most." in table
    assert table.index("2. Autocapture is 61%") > table.index("1. Autocapture is 61%")


def test_a_page_of_suppressed_findings_only_still_shows_them(an_audit, a_finding):
    audit = an_audit(findings=[accepted(a_finding, 1)], suppressed_saving="100.00")

    assert "No findings" in str(views.findings(audit))
    assert "Suppressed finding" in str(views.findings(audit))
    assert "plus $100.00 suppressed (1 finding)" in str(views.at_a_glance(audit))
    assert "plus $100.00 suppressed (1 finding)" in str(views.savings(audit))


def test_what_nobody_knows_is_not_said_to_save_nothing(an_audit, a_finding):
    audit = an_audit(
        findings=[accepted(a_finding, 1)], usage_is_known=False, quantities={}, counters={}
    )

    assert "$0.00" not in str(views.findings(audit)) + str(views.at_a_glance(audit))


def test_an_area_with_nothing_else_says_that_nothing_is_open(an_audit, a_finding):
    audit = an_audit(findings=[accepted(a_finding, 1)], suppressed_saving="100.00")

    assert "Nothing open (1 suppressed)" in str(views.areas(audit))


def test_who_decided_and_why_is_on_no_customers_page(an_audit, a_finding):
    page = everything(with_both(an_audit, a_finding))

    assert TITLE in page
    assert REASON not in page
    assert OWNER not in page


def test_the_team_reads_who_decided_and_why(an_audit, a_finding):
    audit = with_both(an_audit, a_finding, audience="team")

    text = str(views.findings(audit))
    assert f"By {OWNER}: {REASON}" in text


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (Why.CAP_PASSED, "what it saves alone has passed that"),
        (Why.EXPIRED, "the day has passed"),
        (Why.SAVING_UNKNOWN, "what it saves is not known"),
    ],
)
def test_a_reopened_finding_is_open_and_says_why(an_audit, a_finding, why, words):
    audit = an_audit(findings=[accepted(a_finding, 1, reopened=why)])

    text = str(views.findings(audit))
    assert "Suppressed finding" not in text
    assert f"is open again: {words}" in text
    assert "What it takes" in str(views.recommendations(audit))


def test_what_people_wrote_into_a_decision_stays_text(an_audit, a_finding, hostile, stays_text):
    def told(owner, reason):
        mine = decided(owner=owner, reason=reason)
        finding = a_finding(1, suppression=mine, title=TITLE)
        audit = an_audit(
            findings=[finding],
            audience="team",
            suppressed_saving=Decimal("1"),
            suppressions=[Standing(mine, State.UNUSED)],
        )
        both = views.page(views.findings(audit), views.suppressed.decisions(audit))
        return both._repr_mimebundle_()

    usual = told("Ada", "because")
    for bad in hostile:
        assert stays_text(told(bad[:200], bad[:2_000]), usual)


def test_the_team_sees_what_has_become_of_every_decision(an_audit):
    audit = an_audit(
        audience="team",
        suppressions=[
            Standing(decided(), State.UNUSED),
            Standing(decided(check="product_unused", until=date(2025, 7, 1)), State.EXPIRED),
        ],
    )

    text = str(views.suppressed.decisions(audit))
    assert "Matches no finding" in text
    assert "Over" in text
    assert "Product unused" in text
