"""The report in a real browser, without a network."""

import shutil

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHARTS = 8
DRAWN = "html[data-charts=drawn]"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (make system)"),
]


class Visit:
    """A page, and everything that must not happen on it."""

    def __init__(self, page):
        self.page, self.requests, self.said, self.dialogs = page, [], [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))

    def open(self, path):
        self.page.goto(path.as_uri())
        self.page.wait_for_selector(DRAWN, state="attached")
        return self


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def visited(browser, hostile_report):
    page = browser.new_page(viewport={"width": 1240, "height": 1400})
    return Visit(page).open(hostile_report.html)


def marks(page, number, kind="path"):
    """Bars, lines and points alike."""
    return page.locator(f"[data-chart='{number}'] svg .role-mark {kind}").count()


def test_every_chart_is_drawn(visited):
    assert visited.page.locator("[data-chart]").count() == CHARTS
    assert visited.page.locator("[data-chart] svg").count() == CHARTS
    assert all(marks(visited.page, number) > 0 for number in range(CHARTS))


def test_the_page_asks_nobody_for_anything_and_has_no_complaints(visited, hostile_report):
    assert visited.requests == [hostile_report.html.as_uri()]
    assert visited.said == []


def test_hostile_names_run_nothing_and_add_no_element(visited):
    assert visited.dialogs == []
    assert visited.page.locator("main img, main script, main svg[onload], main iframe").count() == 0
    assert visited.page.evaluate("document.querySelectorAll('main [onerror]').length") == 0


def test_hostile_names_stand_there_as_text(visited):
    text = visited.page.locator("main").inner_text()

    assert "<script>alert(1)</script>" in text
    assert "[U+202E]gnp.exe" in text


def test_nothing_is_wider_than_the_page(browser, hostile_report):
    for width in (360, 1240):
        page = browser.new_page(viewport={"width": width, "height": 900})
        Visit(page).open(hostile_report.html)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()


def test_choosing_a_product_changes_the_chart_of_days(visited):
    page = visited.page
    before = page.locator("[data-chart='4'] svg").inner_html()
    options = page.locator("[data-chart='4'] select option").all_inner_texts()

    page.locator("[data-chart='4'] select").select_option(options[-1])

    page.wait_for_function(
        "before => document.querySelector(\"[data-chart='4'] svg\").innerHTML !== before",
        arg=before,
    )


def test_dragging_over_the_small_chart_shows_fewer_days(visited):
    page = visited.page
    chart = page.locator("[data-chart='4'] svg")
    days = chart.locator(".role-axis-label").first
    before = days.text_content()
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    height = box["y"] + box["height"] - 60

    page.mouse.move(box["x"] + box["width"] * 0.3, height)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, height, steps=5)
    page.mouse.up()

    page.wait_for_timeout(200)
    assert days.text_content() != before


def test_pointing_at_a_bar_shows_the_exact_dollars(visited):
    page = visited.page
    page.locator("[data-chart='0'] svg .mark-rect.role-mark path").first.hover()

    page.wait_for_selector("#vg-tooltip-element.visible")
    assert "$" in page.locator("#vg-tooltip-element").inner_text()


def test_without_scripts_the_numbers_stand_in_tables(browser, hostile_report):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(hostile_report.html.as_uri())

    assert "The charts need JavaScript" in page.locator("noscript").inner_text()
    assert page.locator("figure details table").count() == CHARTS
    context.close()


def test_the_code_is_hidden_until_it_is_asked_for(visited):
    code = visited.page.locator("details.code").first

    assert not code.is_visible()
    visited.page.locator("#show-code").check()
    assert code.is_visible()
    visited.page.locator("#show-code").uncheck()


def test_pages_that_share_the_chart_library_draw_their_charts(browser, hostile_report, tmp_path):
    import nbformat

    from audit import report

    notebook = nbformat.read(hostile_report.notebook, as_version=4)
    folder = tmp_path / "day" / "acme #1"
    folder.mkdir(parents=True)
    alone = report.write(notebook, folder / "alone.html", title="Acme")
    shared = report.write(notebook, folder / "audit.html", title="Acme", shared=tmp_path / "assets")
    asset, *others = (tmp_path / "assets").iterdir()

    visit = Visit(browser.new_page()).open(shared)

    assert visit.page.locator(".chart svg").count() == CHARTS
    assert visit.said == []
    assert sorted(visit.requests) == sorted([shared.as_uri(), asset.as_uri()])
    assert others == []
    assert shared.stat().st_size < alone.stat().st_size - 300_000

    asset.write_text("window.chartLibrary = btoa('not the library');")
    page = browser.new_page()
    page.goto(shared.as_uri())
    page.wait_for_selector(".chart.hint")
    assert page.locator(".chart svg").count() == 0
