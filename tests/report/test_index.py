"""The index of many reports, in a real browser and without one."""

import json
import re
import shutil
from decimal import Decimal

import pytest
from playwright.sync_api import sync_playwright

from audit.report import pdf
from audit.report.index import Entry, html, write

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
HOSTILE = '</script><img src=https://evil.example/x onerror=alert(1)>"\u202e'

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (make system)")


def entries(count):
    """So many accounts; every 50th failed, every 10th of unknown bill."""
    for n in range(count):
        failed = n % 50 == 49
        yield Entry(
            organization_id=f"id-{n:05}",
            name=HOSTILE if n == 3 else f"Company {n:05}",
            status="failed" if failed else "done",
            page=f"2026-11-01/company-{n}/audit.html",
            owner=("Ada", "Noor", None)[n % 3],
            region=("us", "eu")[n % 2],
            tasks=("renewal",) if n % 5 == 0 else (),
            renewal_on=f"2026-11-{n % 28 + 1:02}",
            bill_usd=None if failed or n % 10 == 0 else f"{n}.10",
            joint_saving_usd=None if failed else f"{n}.01",
            findings_count=None if failed else n % 9,
            needs_action_count=None if failed else n % 4,
            headline="It costs and nobody reads it.",
            problem="The notebook stopped with ValueError: no luck." if failed else "",
        )


@pytest.fixture(scope="module")
def visited(tmp_path_factory):
    """The page of 5,000 accounts, open; and what it asked for and said."""
    path = write(
        entries(5_000),
        tmp_path_factory.mktemp("index") / "index.html",
        title="Audits",
        about="By the policy 2025-06.",
    )
    seen = {"requests": [], "said": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("request", lambda request: seen["requests"].append(request.url))
        page.on("console", lambda message: seen["said"].append(message.text))
        page.on("pageerror", lambda error: seen["said"].append(str(error)))
        page.on("dialog", lambda dialog: (seen["said"].append("dialog"), dialog.dismiss()))
        page.goto(path.as_uri())
        page.wait_for_selector("#rows tr")
        yield page, seen, path
        browser.close()


@pytest.fixture
def page(visited):
    page = visited[0]
    page.click("button[type=reset]")
    page.locator("#rows tr").nth(99).wait_for()
    return page


def names(page):
    return [one.split("\n")[0] for one in page.locator("#rows td:first-child").all_inner_texts()]


def total(page, title):
    return page.locator(f"#totals div:has(dt:text-is('{title}')) dd").inner_text()


@pytest.mark.browser
@pytest.mark.slow
def test_totals_of_all_are_exact_and_say_what_is_unknown(page):
    done = [one for one in entries(5_000) if one.status == "done"]
    saving = sum(Decimal(one.joint_saving_usd) for one in done)
    bill = sum(Decimal(one.bill_usd) for one in done if one.bill_usd)
    unknown = sum(one.bill_usd is None for one in done)

    assert total(page, "Accounts") == "5,000"
    assert total(page, "Joint savings a month (estimate)") == f"${saving:,.2f}"
    assert total(page, "Bills a month (estimate)") == f"${bill:,.2f} ({unknown} unknown)"
    assert total(page, "Failed") == "100"


@pytest.mark.browser
@pytest.mark.slow
def test_search_and_filters_narrow_rows_and_totals(page):
    page.fill("#search", "company 00012")
    assert names(page) == ["Company 00012"]
    assert total(page, "Accounts") == "1 of 5,000"
    assert total(page, "Joint savings a month (estimate)") == "$12.01"

    page.fill("#search", "")
    page.select_option("#owner", "(nobody)")
    page.select_option("#region", "eu")
    page.check("#urgent")
    chosen = [
        one
        for one in entries(5_000)
        if one.owner is None and one.region == "eu" and one.needs_action_count
    ]
    assert total(page, "Accounts") == f"{len(chosen):,} of 5,000"

    page.click("button[type=reset]")
    page.select_option("#status", "failed")
    assert total(page, "Accounts") == "100 of 5,000"
    assert "ValueError: no luck" in page.locator("#rows tr").first.inner_text()


@pytest.mark.browser
@pytest.mark.slow
def test_columns_sort_both_ways_with_the_unknown_last(page):
    page.select_option("#status", "done")
    page.click("th button:text-is('Joint saving')")
    assert names(page)[0] == "Company 04998"
    assert page.get_attribute("th:has(button:text-is('Joint saving'))", "aria-sort") == "descending"

    page.click("th button:text-is('Joint saving')")
    assert names(page)[0] == "Company 00000"

    page.click("th button:text-is('Bill')")
    page.click("th button:text-is('Bill')")
    assert names(page)[0] == "Company 00001"


@pytest.mark.browser
@pytest.mark.slow
def test_names_of_customers_are_text_and_nothing_is_asked_of_a_network(visited, page):
    page.fill("#search", "evil.example")

    assert names(page) == [HOSTILE.replace("\u202e", "[U+202E]")]
    assert page.locator("#rows img").count() == 0
    assert visited[1]["said"] == []
    assert visited[1]["requests"] == [visited[2].as_uri()]


@pytest.mark.browser
@pytest.mark.slow
def test_rows_are_drawn_as_one_scrolls(page):
    before = page.locator("#rows tr").count()
    page.locator("#more").scroll_into_view_if_needed()
    page.locator("#rows tr").nth(before).wait_for()

    assert before < 500


def test_the_data_is_json_that_cannot_end_its_element():
    page = html(list(entries(10)), title=HOSTILE, about="")
    data = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1]

    assert len(json.loads(data)) == 10
    assert "<" not in data


@pytest.mark.browser
@pytest.mark.slow
def test_a_report_prints_to_a_pdf_with_its_charts(hostile_report, tmp_path):
    path = pdf.write(hostile_report.html, tmp_path / "report.pdf")

    content = path.read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") >= 5
    assert [one.name for one in tmp_path.iterdir()] == ["report.pdf"]
