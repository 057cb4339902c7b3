"""Days that findings speak of are marked where usage is drawn: the days that were planted."""

from datetime import date, timedelta
from functools import lru_cache

import altair
import pandas as pd
import pytest
import vl_convert

from audit import examine, views
from audit.account import Account
from audit.sources.sample import portfolio
from audit.views.display import CHART_MIME, NUMBERS_MIME

TABLES = portfolio().tables
NAMES = TABLES["organizations"]
#: Recordings of this account are level over all days, and so are its events.
ROWAN = NAMES.loc[NAMES["name"] == "Rowan Labs Oy", "organization_id"].iloc[0]
AS_OF = NAMES["as_of"].iloc[0].date()


@lru_cache
def audited(usage_type="", first=None, last=None, times=1.0, audience="customer"):
    """An audit after usage of one kind was multiplied from one day to another."""
    account = Account.from_tables(ROWAN, TABLES)
    usage = account["usage_daily"].copy()
    if usage_type:
        days = usage["day"].dt.date
        chosen = (usage["usage_type"] == usage_type) & (days >= first) & (days <= last)
        assert chosen.any()
        usage.loc[chosen, "quantity"] = (usage.loc[chosen, "quantity"] * times).astype("int64")
    changed = Account(ROWAN, {**account.frames, "usage_daily": usage})
    return examine(changed, audience=audience, draws=0)


def marked(audit):
    """Product and day of every mark, by the chart and by its numbers, which have to agree."""
    bundle = views.usage_by_day(audit)._repr_mimebundle_()
    drawn = {
        (value["product"], date.fromisoformat(value["day"][:10]), value["mark"])
        for value in bundle[CHART_MIME]["data"]["values"]
        if "mark" in value
    }
    columns = [column["name"] for column in bundle[NUMBERS_MIME]["columns"]]
    if "Marked" not in columns:
        assert not drawn
        return set()
    place = columns.index("Marked")
    written = {
        (row[0], pd.Timestamp(row[1]).date(), row[place])
        for row in bundle[NUMBERS_MIME]["rows"]
        if row[place]
    }
    assert written == drawn
    return drawn


def test_a_clean_account_has_no_mark_and_no_word_of_one():
    bundle = views.usage_by_day(audited())._repr_mimebundle_()

    assert marked(audited()) == set()
    assert "spike" not in str(bundle)


@pytest.mark.parametrize("lasted", [1, 3])
def test_every_day_of_a_planted_spike_is_marked_and_no_other(lasted):
    first = AS_OF - timedelta(days=18)
    days = [first + timedelta(days=n) for n in range(lasted)]

    found = audited("enhanced_persons_event_count_in_period", days[0], days[-1], 12.0)

    assert "usage_spike" in {one.check for one in found.findings}
    ours = {
        (day, what)
        for product, day, what in marked(found)
        if product == "Identified events (person profiles)"
    }
    assert ours == {(day, "▼ spike") for day in days}


def test_the_first_day_of_a_planted_level_is_marked():
    first = AS_OF - timedelta(days=17)

    found = audited("enhanced_persons_event_count_in_period", first, AS_OF, 4.0)

    assert "usage_step" in {one.check for one in found.findings}
    ours = {
        (day, what)
        for product, day, what in marked(found)
        if product == "Identified events (person profiles)"
    }
    assert ours == {(first, "◆ new level")}


def test_a_chart_with_marks_compiles_with_the_vega_lite_that_notebooks_carry():
    day = AS_OF - timedelta(days=18)
    found = audited("enhanced_persons_event_count_in_period", day, day, 12.0)
    chart = views.usage_by_day(found)._repr_mimebundle_()[CHART_MIME]

    altair.Chart.from_dict(chart)
    assert "▼ spike" in str(vl_convert.vegalite_to_vega(chart, vl_version="5.8"))
