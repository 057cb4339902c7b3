"""Queries: named, paged to the last row, cut into shorter windows only where that adds up."""

import re
from datetime import date, timedelta
from importlib.resources import files

import pytest
from fake_posthog import KEY, answer, error

from audit.sources.posthog import Key
from audit.sources.posthog.client import Client
from audit.sources.posthog.failures import QueryTooLargeError
from audit.sources.posthog.hogql import Runner, named
from audit.web.failures import RequestError

START, END = date(2026, 10, 2), date(2026, 11, 1)
QUERIES = sorted(
    path.name.removesuffix(".sql")
    for path in files("audit.sources.posthog").joinpath("queries").iterdir()
)
COLUMNS = ["event", "library", "host_class", "identified", "known_person", "quantity"]
pytestmark = pytest.mark.slow


@pytest.fixture
def runner(vendor):
    project_id = vendor.tables["projects"]["project_id"].iloc[0]
    with Client(vendor.url, Key(KEY)) as client:
        yield lambda **options: Runner(client, project_id, START, END, **options)


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_runs_and_says_what_it_is(vendor, runner, name):
    found = runner().run(name)

    assert found.query.name == name
    assert vendor.query_names == [f"account-audit {name}"]


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_is_bounded_by_utc_days_and_leaves_its_limit_to_the_runner(name):
    text = named(name).text

    assert "toDateTime({start}, 'UTC')" in text
    assert "toDateTime({end}, 'UTC')" in text
    assert "LIMIT" not in text
    assert not re.search(r"--", text)


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_with_more_than_one_row_has_one_order(name):
    text = named(name).text
    grouped = re.findall(r"GROUP BY ([^\n]+)", text)
    ordered = re.findall(r"ORDER BY ([^\n]+)", text)

    assert not grouped or grouped[-1] == ordered[-1]


def test_small_pages_bring_the_same_rows(vendor, runner):
    whole = runner().run("events").rows
    paged = runner(page_rows=3).run("events").rows

    assert paged == whole
    assert len(whole) > 6


def test_a_last_page_that_is_just_full_ends_the_reading(runner):
    rows = runner().run("events").rows

    assert runner(page_rows=len(rows)).run("events").rows == rows


def test_a_further_page_starts_after_the_last_key_and_never_at_an_offset(vendor, runner):
    runner(page_rows=3).run("events")

    first, second, third, *_ = vendor.queries
    having = "HAVING tuple(event, library, host_class, identified, known_person) > tuple("
    assert "HAVING" not in first["query"]
    assert having in second["query"]
    assert second["values"]["after_0"] <= third["values"]["after_0"]
    assert not any("OFFSET" in query["query"] for query in vendor.queries)


def test_test_account_filters_are_asked_for_without_any_values(vendor, runner):
    runner().run("behaviour")

    (query,) = vendor.queries
    assert query["filters"] == {"filterTestAccounts": True}
    assert "values" not in query
    assert "toDateTime('2026-10-02 00:00:00', 'UTC')" in query["query"]


def test_totals_that_are_no_row_are_an_error_and_no_zero(vendor, runner):
    vendor.faults["/query/"] = [answer({"columns": ["people"], "results": []})]

    with pytest.raises(RequestError, match="without its one row of totals"):
        runner().run("people")


def test_more_rows_announced_and_none_sent_is_an_error(vendor, runner):
    vendor.faults["/query/"] = [answer({"columns": COLUMNS, "results": [], "hasMore": True})]

    with pytest.raises(RequestError, match="announced more rows and sent none"):
        runner().run("events")


def test_a_repeated_page_is_an_error(vendor, runner):
    row = ["a", "web", "unknown", 0, 0, 1]
    first = {"columns": COLUMNS, "results": [row], "hasMore": True}
    vendor.faults["/query/"] = [answer(first), answer({**first, "hasMore": False})]

    with pytest.raises(RequestError, match="changed between its pages"):
        runner().run("events")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": "Memory\nlimit", "results": [], "columns": []}, "failed: Memory limit"),
        ({"query_status": {"id": "x", "complete": False}}, "came back without rows"),
        ({"results": [[1, 2]], "columns": ["a"]}, "rows of another width"),
        ({"results": [{"a": 1}], "columns": ["a"]}, "rows of another width"),
        ({"results": [["a", 1]], "columns": ["event", "quantity"]}, "without the columns"),
    ],
)
def test_an_answer_of_another_shape_is_an_error(vendor, runner, body, said):
    vendor.faults["/query/"] = [answer(body)]

    with pytest.raises(RequestError, match=said):
        runner().run("events")


@pytest.mark.parametrize("name", ["events", "sdk_versions", "instrumentation"])
def test_a_sum_too_large_for_the_vendor_is_asked_for_in_halves(vendor, runner, name):
    whole = runner().run(name).rows
    vendor.faults["/query/"] = [error(504, "timeout", "too slow"), error(513, "memory", "too big")]
    halves = runner().run(name).rows

    def total(rows):
        return sorted(map(str, rows))

    assert total(halves) == total(whole)


def test_a_distinct_count_too_large_for_the_vendor_is_never_added_up(vendor, runner):
    vendor.faults["/query/"] = [error(512, "timeout", "too slow")]

    with pytest.raises(QueryTooLargeError, match="--lookback-days"):
        runner().run("people")


def test_a_day_too_large_for_the_vendor_is_an_error(vendor):
    project_id = vendor.tables["projects"]["project_id"].iloc[0]
    vendor.faults["/query/"] = [error(504, "timeout", "too slow")]
    with Client(vendor.url, Key(KEY)) as client, pytest.raises(QueryTooLargeError):
        Runner(client, project_id, END - timedelta(days=1), END).run("events")
