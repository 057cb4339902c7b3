"""What a page says of findings somebody decided to live with."""

from dataclasses import replace
from datetime import date

from audit import views
from audit.ledger import suppression

REASON = "they never listen anyway"


def accepted(finding, number, **changed):
    decided = suppression(
        check="autocapture_unread",
        organization_id="0190-acme",
        reason=REASON,
        owner="Ada Insider",
        on=date(2025, 7, 1),
        until=date(2026, 1, 31),
    )
    return finding(number, suppression=replace(decided, id=4), **changed)


def shown(view):
    bundle = view._repr_mimebundle_()
    return str(bundle.get("text/html", "")) + str(view) + str(bundle)


def with_both(an_audit, finding):
    return an_audit(
        findings=[
            finding(1, on_top="60.00"),
            accepted(finding, 2, on_top="40.00", title="Projects with a known fault"),
        ],
        quantities={"product_analytics": 5_000_000},
        fixed={"product_analytics": 3_000_000},
        suppressed_saving="40.00",
    )


def test_totals_and_recommendations_are_of_open_findings(an_audit, a_finding):
    audit = with_both(an_audit, a_finding)

    recommended = shown(views.recommendations(audit))
    savings = shown(views.savings(audit))

    assert "Projects with a known fault" not in recommended + savings
    assert "40.00" not in recommended + savings


def test_they_stand_in_a_table_of_their_own_with_their_end(an_audit, a_finding):
    text = str(views.findings(with_both(an_audit, a_finding)))

    table = text[text.index("Suppressed finding") :]
    assert "Projects with a known fault" in table
    assert "2026-01-31" in table
    assert "$40.00" in table
    assert text.index("All fixes together") < text.index("Suppressed finding")


def test_a_page_of_suppressed_findings_only_still_shows_them(an_audit, a_finding):
    audit = an_audit(findings=[accepted(a_finding, 1)], suppressed_saving="100.00")

    text = str(views.findings(audit))

    assert "No findings" in text
    assert "Suppressed finding" in text


def test_the_first_glance_says_what_the_saving_is_without(an_audit, a_finding):
    text = str(views.at_a_glance(with_both(an_audit, a_finding)))

    assert "without 1 suppressed finding, which would save $40.00 more" in text
    assert "1 more suppressed" in text


def test_who_decided_and_why_is_on_no_page(an_audit, a_finding):
    audit = with_both(an_audit, a_finding)

    for name in set(views.__all__) - {"Figure", "Page", "page", "written"}:
        view = getattr(views, name)
        assert REASON not in shown(view(audit)), name
        assert "Ada Insider" not in shown(view(audit)), name


def test_a_reopened_finding_is_open(an_audit, a_finding):
    audit = an_audit(findings=[accepted(a_finding, 1, reopened="expired")])

    assert "Suppressed finding" not in str(views.findings(audit))
    assert "Saves" in str(views.findings(audit))
