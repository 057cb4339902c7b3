"""The views of a whole store: names made harmless, unknown apart from nothing, numbers as given."""

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from audit import views
from audit.accounts import portfolio
from audit.checks import load_checks
from audit.frames import in_memory
from audit.north_star import Status, Treatments
from audit.north_star.measure import measured
from audit.policy import load_policy
from audit.store import publish
from audit.validation import validated
from audit.views.display import CHART_MIME, NUMBERS_MIME, Figure
from audit.views.north_star import STANDINGS

LOGOS = str(Path(__file__).parents[1] / "north_star")
if LOGOS not in sys.path:
    sys.path.append(LOGOS)

HOSTILE = '<img src=x onerror=alert(1)>"\u202e'
PAGES = ("portfolio", "accounts", "due", "data_gaps")
STAR_PAGES = ("cohorts", "left_out", "parameters")
STAR_CHARTS = ("retention", "dollar_retention")


@pytest.fixture(scope="module")
def found():
    return portfolio()


def star(*logos, **treatments):
    from logos import frames

    tables = {name: validated(name, rows).frame for name, rows in frames(logos).items()}
    pack = load_policy("2025-06", load_checks())
    with in_memory(tables) as connection:
        return measured(connection, pack, date(2026, 11, 1), Treatments.of(**treatments))


def logo(name, *totals):
    from logos import Logo

    return Logo(name).bills("2026-03-01", *totals)


def markup(page):
    return page._repr_mimebundle_()["text/html"]


def values(figure):
    chart = figure._repr_mimebundle_()[CHART_MIME]
    data = chart.get("data") or next(layer["data"] for layer in chart["layer"] if "data" in layer)
    return data["values"]


@pytest.mark.slow
class TestOfTheSample:
    @pytest.mark.parametrize("name", PAGES)
    def test_every_page_shows_itself_as_html_and_as_text(self, found, name):
        page = getattr(views, name)(found)

        assert "<table" in markup(page)
        assert str(page)

    def test_the_total_is_the_sum_of_the_accounts(self, found):
        frame = found.scan.organizations

        assert f"${frame['joint_saving_usd'].sum():,.2f}" in str(views.accounts(found))
        assert f"${frame['bill_usd'].sum():,.2f}" in str(views.portfolio(found))

    def test_the_bars_are_the_savings_and_end_at_all_of_it(self, found):
        bars = values(views.savings_spread(found))

        saving = found.scan.organizations["joint_saving_usd"]
        assert [bar["saving"] for bar in bars] == saving[saving > 0].tolist()
        assert bars[-1]["so_far"] == "100%"

    def test_the_accounts_due_are_those_of_the_queue(self, found):
        text = str(views.due(found))

        assert all(row.name in text for row in found.queue.rows)
        assert f"{found.queue.counts['due']} due" in text

    def test_what_was_not_read_is_told_with_its_reason(self, found):
        text = str(views.data_gaps(found))

        assert "The key lacks the scope action:read" in text

    def test_an_account_of_unknown_usage_has_no_bill_of_nothing(self, found):
        frame = found.scan.organizations.copy()
        frame.loc[0, "usage_is_known"] = False
        unknown = replace(found, scan=replace(found.scan, organizations=frame))

        assert "unknown" in str(views.accounts(unknown))
        assert f"${frame['bill_usd'].iloc[1:].sum():,.2f}" in str(views.accounts(unknown))

    def test_a_name_acts_nowhere(self, found):
        frame = found.scan.organizations.assign(name=HOSTILE)
        rows = tuple(replace(row, name=HOSTILE, owner=HOSTILE) for row in found.queue.rows)
        hostile = replace(
            found,
            scan=replace(found.scan, organizations=frame),
            queue=replace(found.queue, rows=rows),
            unread=found.unread.assign(reason=HOSTILE),
        )

        for name in PAGES:
            page = getattr(views, name)(hostile)
            assert "<img" not in markup(page)
            assert "\u202e" not in markup(page) + str(page)
        assert len({bar["name"] for bar in values(views.savings_spread(hostile))}) == 9

    def test_nothing_due_and_no_saving_are_said(self, found):
        frame = found.scan.organizations.assign(joint_saving_usd=0.0)
        nothing = replace(
            found,
            scan=replace(found.scan, organizations=frame),
            queue=replace(found.queue, rows=()),
            unread=found.unread.iloc[:0],
        )

        assert "No account has a saving" in str(views.savings_spread(nothing))
        assert "Nothing is due" in str(views.due(nothing))
        assert "Everything the audit asks for was read" in str(views.data_gaps(nothing))

    def test_it_writes_what_programs_read(self, found, tmp_path):
        written = found.write(tmp_path / "out")

        assert [path.name for path in written] == [
            "accounts.csv",
            "north_star.json",
            "north_star.csv",
        ]
        accounts = pd.read_csv(written[0])
        assert len(accounts) == 12
        assert accounts["joint_saving_usd"].sum() == pytest.approx(
            found.scan.organizations["joint_saving_usd"].sum()
        )


class TestOfTheNorthStar:
    def test_the_table_has_a_row_for_each_cohort_and_one_for_all(self):
        text = str(views.cohorts(star(logo("kept", 600, 0, 0, 900), logo("gone", 600))))

        assert "2026-03" in text
        assert "1 of 2 logos retained (50.0%)" in text
        # Wilson of 1 of 2: 9.5% to 90.5%.
        assert "9.5% to 90.5%" in text
        assert "75.0%" in text

    def test_the_chart_has_points_intervals_and_the_target(self):
        figure = views.retention(star(logo("kept", 600, 0, 0, 900), logo("gone", 600)))
        chart = figure._repr_mimebundle_()[CHART_MIME]

        points = values(figure)
        assert [point["cohort"] for point in points] == ["2026-03", "All"]
        assert points[0]["low"] < points[0]["percent"] < points[0]["high"]
        assert "the target of 90%" in figure.title
        assert {"target": 90, "label": "Target 90%"} in [
            value for layer in chart["layer"] for value in layer.get("data", {}).get("values", ())
        ]

    def test_the_lines_are_net_and_gross(self):
        figure = views.dollar_retention(star(logo("kept", 600, 0, 0, 900), logo("gone", 600)))

        # 900 / 1,200 and 600 / 1,200.
        assert {(v["kind"], v["percent"]) for v in values(figure)} == {("Net", 75), ("Gross", 50)}
        numbers = figure._repr_mimebundle_()[NUMBERS_MIME]
        assert "$1,200.00" in str(numbers["rows"])

    def test_unknown_ones_bound_the_percentage_in_words(self):
        from logos import Logo

        old = Logo("old", as_of="2026-05-01").bill("2026-03-01", 600)
        text = str(views.cohorts(star(logo("kept", 600, 0, 0, 900), old)))

        assert "1 logo more is not known: with them it is between 50.0% and 100.0%." in text

    def test_without_a_cohort_every_view_says_so_and_none_shows_a_nan(self):
        empty = star(logo("none"))

        for name in (*STAR_PAGES, *STAR_CHARTS):
            shown = str(getattr(views, name)(empty))
            assert shown
            assert "nan" not in shown.lower().replace("finance", "")
        assert not isinstance(views.retention(empty), Figure)

    @pytest.mark.parametrize("name", STAR_PAGES)
    def test_names_and_reasons_act_nowhere(self, name):
        from logos import Logo

        one = logo("kept", 600, 0, 0, 900)
        one.organization["name"] = HOSTILE
        dark = Logo("dark").unread("invoices", HOSTILE)
        page = getattr(views, name)(star(one, dark))

        assert "<img" not in markup(page)
        assert "\u202e" not in markup(page) + str(page)

    def test_every_parameter_is_shown_with_its_other_choices(self):
        text = str(views.parameters(star(logo("kept", 600), handovers="apart")))

        assert "Handovers to Sales" in text
        assert "other choices: retained, by revenue, drop" in text
        assert "Target: 90%" in text

    def test_who_was_left_out_stands_there_by_name_and_why(self):
        from logos import Logo

        dark = Logo("dark").unread("invoices", "the key lacks billing:read")
        text = str(views.left_out(star(dark, logo("small", 10), logo("kept", 600, 0, 0, 1))))

        assert "The key lacks billing:read" in text
        assert "Never over the threshold" in text

    def test_every_standing_has_a_name(self):
        assert set(STANDINGS) == set(Status)


@pytest.mark.slow
def test_a_store_of_ones_own_is_read_in_place_of_the_sample(tmp_path):
    from audit.sources.sample import portfolio as sample

    store = publish(tmp_path / "store.duckdb", sample(2, history_days=30).tables)
    found = portfolio(store, policy="2026-11", as_of="2026-11-01", treatments={"months": 2})

    assert not found.is_sample
    assert len(found.scan.organizations) == 2
    assert found.north_star.treatments.months == 2
    assert "All accounts of the store" in str(views.portfolio(found))
