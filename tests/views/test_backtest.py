"""The backtest of an account as tables and as lines."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
import vl_convert

from audit import views
from audit.account import Account
from audit.views.display import CHART_MIME, NUMBERS_MIME

AS_OF = date(2025, 7, 1)
PERIOD = date(2025, 6, 20), date(2025, 7, 18)
VEGA_LITE = "5.8"


def known(days, *, events, recordings=None, period=PERIOD):
    """An account whose days, the newest first, have so many events and recordings."""
    rows = []
    for counter, units in (
        ("event_count_in_period", events),
        ("recording_count_in_period", recordings),
    ):
        for back in range(1, days + 1):
            if units is not None:
                rows.append(
                    {
                        "organization_id": "acme",
                        "project_id": "1",
                        "day": AS_OF - timedelta(days=back),
                        "usage_type": counter,
                        "quantity": units(back),
                    }
                )
    organization = {
        "organization_id": "acme",
        "name": "Acme",
        "as_of": AS_OF,
        "period_start": period[0],
        "period_end": period[1],
    }
    return Account.from_tables("acme", {"organizations": [organization], "usage_daily": rows})


@pytest.fixture
def an_audit_of(an_audit):
    return lambda *given, **more: replace(an_audit(), account=known(*given, **more))


def test_a_constant_account_is_never_off(an_audit_of):
    text = str(views.backtest(an_audit_of(120, events=lambda back: 1_000)))

    # 28 days each: those of the newest period and every two weeks back, with four weeks before.
    assert text.startswith("5 past periods of 28 days, forecast on day 4, 9, 14, 19 and 24")
    assert "off by 0.0% of the total on average" in text
    assert "Product analytics" in text


def test_a_replaced_forecast_is_named_with_both_errors(an_audit_of):
    # Each 28 days rise evenly from 1,000 to 10,000 a day: the last period knows them all.
    def sawtooth(back):
        return 1_000 + 333 * (-back % 28)

    audit = an_audit_of(200, events=sawtooth, recordings=lambda back: 500)
    text = str(views.backtest(audit))

    assert "Product analytics: Replaced by the last period: on 11 past periods" in text
    assert "Session replay (web): Replaced" not in text
    assert "Another method replaces the forecast of a product only where" in text


def test_each_product_has_its_own_row_and_all_of_them_the_last(an_audit_of):
    audit = an_audit_of(120, events=lambda back: 1_000, recordings=lambda back: 10 + back % 14)
    lines = str(views.backtest(audit)).splitlines()

    events, replay, everything = (
        next(line.split() for line in lines if line.startswith(start))
        for start in ("Product analytics", "Session replay", "All ")
    )
    # Periods, then the error of the run rate: that of both is half of the one that is off at all.
    assert events[2:5:2] == ["5", "0.0%"]
    assert everything[1] == "10"
    off = float(replay[5].rstrip("%"))
    assert off > 5
    assert float(everything[3].rstrip("%")) == pytest.approx(off / 2, abs=0.06)


def test_a_short_history_is_said_and_nothing_is_shown(an_audit_of):
    audit = an_audit_of(40, events=lambda back: 1_000)

    for view in (views.backtest, views.backtest_by_day):
        assert str(view(audit)).startswith("40 days of usage are known; a past period of 28 days")


def test_a_billing_period_of_less_than_a_week_is_said_and_nothing_is_shown(an_audit_of):
    # Such as the first one, where bills are sent on a day that was agreed upon.
    short = date(2025, 6, 28), date(2025, 7, 3)
    audit = an_audit_of(120, events=lambda back: 1_000, period=short)

    for view in (views.backtest, views.backtest_by_day):
        assert str(view(audit)).startswith("A billing period of 5 days is too short to judge")


def test_an_account_that_used_nothing_has_nothing_to_judge(an_audit_of):
    audit = an_audit_of(120, events=lambda back: 0)

    for view in (views.backtest, views.backtest_by_day):
        assert str(view(audit)) == (
            "No product was used in the past periods: there is nothing to judge."
        )


def test_the_chart_compiles_and_carries_the_numbers_of_the_table(an_audit_of):
    audit = an_audit_of(120, events=lambda back: 1_000 + 100 * (back % 7))
    bundle = views.backtest_by_day(audit)._repr_mimebundle_()

    vl_convert.vegalite_to_vega(bundle[CHART_MIME], vl_version=VEGA_LITE)
    assert len(json.dumps(bundle[CHART_MIME])) < 60_000
    rows = {row[0]: row[1:] for row in bundle[NUMBERS_MIME]["rows"]}
    values = bundle[CHART_MIME]["data"]["values"]
    assert rows["Same weekday of last week"] == ["0.0%"] * 5
    for name, cells in rows.items():
        assert cells == [value["exact"] for value in values if value["method"] == name]


def test_nothing_is_ever_nan(an_audit_of):
    for events in (lambda back: 0, lambda back: int(back % 40 == 0), lambda back: 10**12):
        bundle = views.backtest(an_audit_of(90, events=events))._repr_mimebundle_()
        assert "nan" not in bundle["text/plain"].lower()
