"""The served dashboard in a real browser, as a visitor uses it."""

import json
import re
import shutil
import time
from urllib.parse import quote

import pytest

from audit.store import publish
from audit.views.words import visible

from .conftest import CHROMIUM, tables

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (make system)"),
]

ROWS = ".ab-accounts tbody tr"


def account(identity, tab=""):
    return f"?view=account&organization_id={quote(identity)}" + (f"&tab={tab}" if tab else "")


def moved(page, name, value):
    """A slider as a hand moves it."""
    page.eval_on_selector(
        f"input[type=range][name='{name}']",
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }",
        str(value),
    )


def text(page, part):
    return page.inner_text(f"[data-part={part}]")


def drawn(page, part):
    page.wait_for_selector(f"[data-part={part}] svg", timeout=30_000)
    return page.locator(f"[data-part={part}] svg path").count()


def test_the_first_view_is_the_queue_and_asks_nobody_outside(visit, board):
    one = visit()

    assert one.page.title() == "Portfolio - account audit"
    assert one.page.locator(ROWS).count() == len(board.rows)
    assert drawn(one.page, "spread") > 3
    assert one.clean()


def test_typing_filters_and_the_link_opens_the_same(visit, board):
    one, row = visit(), board.rows[2]
    one.after(lambda: one.page.fill("input[name=text]", row["organization_id"]))
    assert one.page.locator(ROWS).count() == 1
    assert one.page.evaluate("document.activeElement.name") == "text"

    again = visit("?" + one.page.url.partition("?")[2])
    assert again.page.locator(ROWS).count() == 1
    assert again.page.input_value("input[name=text]") == row["organization_id"]

    one.after(lambda: one.page.click("button[type=reset]"))
    assert one.page.locator(ROWS).count() == len(board.rows)
    assert one.clean()


def test_a_click_opens_the_account_and_back_returns(visit, board):
    one = visit()
    name = one.page.inner_text(f"{ROWS}:nth-child(2) a")
    one.after(lambda: one.page.click(f"{ROWS}:nth-child(2) a"))
    assert name in text(one.page, "title")

    one.after(lambda: one.page.go_back())
    assert one.page.locator(ROWS).count() == len(board.rows)
    one.after(lambda: one.page.go_forward())
    assert name in text(one.page, "title")
    assert one.clean()


def test_an_account_that_is_pointed_at_is_expected_once(visit, board):
    one, told = visit(), []
    one.page.on("websocket", lambda found: found.on("framesent", lambda one: told.append(one)))
    one.page.reload()
    one.page.wait_for_selector(".ab[data-done]")
    row = one.page.locator(f"{ROWS}:nth-child(3) a")
    row.hover()
    one.page.wait_for_timeout(300)
    one.page.mouse.move(0, 0)
    row.focus()
    one.page.wait_for_timeout(300)

    sent = [frame if isinstance(frame, str) else frame.decode("utf-8", "replace") for frame in told]
    asked = [frame for frame in sent if '"ask":"ahead"' in frame]
    assert len(asked) == 1
    assert board.rows[2]["organization_id"] in asked[0]
    assert one.clean()


def test_every_tab_shows_its_parts_and_charts(visit, hostile_id):
    one = visit(account(hostile_id))
    assert one.page.locator("[data-part=recommendations] .aa-recommendation").count()
    for tab, part in (("Bill", "bill"), ("Usage", "usage"), ("Findings", "savings")):
        one.after(lambda tab=tab: one.page.click(f".ab-tabs >> text={tab}"))
        assert drawn(one.page, part)
        assert f"tab={tab.lower()}" in one.page.url
    assert one.page.locator("[data-part=findings] .aa-finding").count() > 2
    one.after(lambda: one.page.click(".ab-tabs >> text=For the team"))
    assert text(one.page, "team")
    assert one.clean()


def test_hostile_names_are_text_and_do_nothing(visit, hostile_id):
    for tab in ("overview", "bill", "usage", "findings", "team"):
        one = visit(account(hostile_id, tab))
        assert "<img src=https://evil.example" in text(one.page, "title")  # as text
        one.page.wait_for_timeout(300)
        assert not one.page.locator("main img, main script").count()
        assert one.clean()


def test_a_slider_moves_the_bill_and_the_link_keeps_both_scenarios(visit, hostile_id):
    one = visit(f"?view=scenarios&organization_id={hostile_id}")
    before = text(one.page, "cards")
    one.after(lambda: moved(one.page, "growth_percent", 100))
    after = text(one.page, "cards")
    assert after != before
    assert one.page.input_value("input[data-beside=growth_percent]") == "100"
    assert drawn(one.page, "outcome")
    one.after(lambda: moved(one.page, "b.growth_percent", -50))

    again = visit("?" + one.page.url.partition("?")[2])
    assert text(again.page, "cards") == text(one.page, "cards") != after
    assert again.page.input_value("input[type=range][name='b.growth_percent']") == "-50"
    assert one.clean()


def test_a_number_typed_out_of_range_changes_nothing(visit, hostile_id):
    one = visit(f"?view=scenarios&organization_id={hostile_id}")
    before = text(one.page, "cards")
    one.page.fill("input[data-beside=growth_percent]", "99999")
    one.page.press("input[data-beside=growth_percent]", "Tab")

    assert one.page.input_value("input[data-beside=growth_percent]") == "0"
    assert text(one.page, "cards") == before
    typed = visit(f"?view=scenarios&organization_id={hostile_id}&growth_percent=99999")
    assert "growth_percent is -80 to 300" in text(typed.page, "wrong")
    typed.after(lambda: moved(typed.page, "growth_percent", 10))
    assert text(typed.page, "cards")
    assert one.clean()


def test_a_specialist_suppresses_and_the_ledger_and_the_queue_follow(visit, served, board):
    from audit.ledger.storage import Ledger

    row = max(board.rows, key=lambda one: float(one["joint_saving_usd"] or 0))
    one = visit(account(row["organization_id"], "findings"))
    before = text(one.page, "glance")
    one.page.fill("[data-submit=suppress] input[name=reason]", "agreed")
    one.after(lambda: one.page.click("[data-submit=suppress] button[type=submit]"))

    assert "is in the ledger" in one.page.inner_text(".ab-messages")
    assert text(one.page, "glance") != before
    ledger = Ledger.at(served.folder / "ledger.sqlite")
    written = ledger.suppressions(row["organization_id"])[-1]
    assert (written.owner, written.reason) == ("Ada Insider", "agreed")
    served.until_again("A decision was taken", 0)
    assert one.clean()


@pytest.mark.parametrize("label", ["Findings (CSV)", "Email draft", "Report (HTML)"])
def test_a_download_is_a_whole_file(visit, board, label):
    one = visit(account(board.rows[0]["organization_id"]))
    with one.page.expect_download(timeout=60_000) as told:
        one.page.click(f"text={label}")
    content = told.value.path().read_text(encoding="utf-8")

    assert re.fullmatch(r"[\w.-]+\.(csv|md|html)", told.value.suggested_filename)
    assert board.rows[0]["name"].split()[0] in content or label == "Email draft"
    assert len(content) > 300
    assert one.clean()


def test_two_visitors_see_their_own_accounts(visit, board):
    first, second = board.rows[0], board.rows[3]
    one, two = visit(account(first["organization_id"])), visit(account(second["organization_id"]))
    one.after(lambda: one.page.click(".ab-tabs >> text=Usage"))
    two.after(lambda: two.page.click(".ab-tabs >> text=Bill"))

    assert visible(first["name"]) in text(one.page, "title")
    assert visible(second["name"]) in text(two.page, "title")
    assert one.clean()
    assert two.clean()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?view=account&organization_id=nobody", "No organization of this store"),
        ("?view=%3Cscript%3E", "There is no view"),
        ("?view=portfolio&page=-3", "There is no page"),
    ],
)
def test_a_link_that_cannot_be_says_so_and_shows_the_portfolio(visit, board, query, words):
    one = visit(query)

    assert words in one.page.inner_text(".ab-messages")
    assert one.page.locator(ROWS).count() == len(board.rows)
    assert one.clean()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    "view", ["portfolio", "overview", "bill", "usage", "findings", "scenarios"]
)
def test_nothing_is_wider_than_the_window(visit, board, view, width):
    identity = board.rows[0]["organization_id"]
    query = {
        "portfolio": "?view=portfolio",
        "scenarios": f"?view=scenarios&organization_id={identity}",
    }.get(view, account(identity, view))
    one = visit(query, width)
    one.page.wait_for_timeout(500)

    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    assert one.clean()


CONTRAST = """() => {
  const channel = (v) => {
    v /= 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  };
  const read = (text) => {
    const found = text.match(/[\\d.]+/g).map(Number);
    const scale = text.startsWith("color(") ? 255 : 1;
    return [found[0] * scale, found[1] * scale, found[2] * scale, found[3] ?? 1];
  };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const behind = (e) => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) {
      layers.push(read(getComputedStyle(at).backgroundColor));
    }
    const root = dark ? [13, 17, 23] : [255, 255, 255];
    return layers.reverse().reduce((below, top) => over(top, below), root);
  };
  const left_out = "svg, [aria-disabled], .ab-skip, option";
  const poor = [];
  for (const e of document.querySelectorAll(".ab *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.getClientRects().length || e.closest(left_out)) continue;
    const below = behind(e), style = getComputedStyle(e);
    const ink = over(read(style.color), below);
    const [a, b] = [light(ink), light(below)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const text = e.textContent.trim();
    const large = parseFloat(style.fontSize) >= 24 || text.length === 1; // or a mark
    if (ratio < (large ? 3 : 4.5)) poor.push([e.tagName, e.className, text.slice(0, 30), ratio]);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["portfolio", "overview", "findings", "scenarios"])
def test_text_has_the_contrast_of_wcag_aa(visit, board, view, scheme):
    identity = board.rows[0]["organization_id"]
    query = {
        "portfolio": "?view=portfolio",
        "scenarios": f"?view=scenarios&organization_id={identity}",
    }.get(view, account(identity, view))
    one = visit("?view=review")
    one.page.emulate_media(color_scheme=scheme)
    one.open(query)

    assert one.page.evaluate(CONTRAST) == []


def test_everything_is_reached_by_the_keyboard(visit, board):
    one = visit("?view=portfolio&text=" + board.rows[0]["organization_id"])
    page = one.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.ab-accounts') !== null"):
            break
    one.after(lambda: page.keyboard.press("Enter"))
    assert board.rows[0]["name"] in text(page, "title")
    unlabelled = page.evaluate(
        """() => [...document.querySelectorAll('input, select, button')]
        .filter((e) => !(e.labels?.length || e.getAttribute('aria-label') || e.textContent.trim()))
        .length"""
    )
    assert unlabelled == 0


def test_what_was_shown_does_not_jump_when_the_rest_comes(visit, board):
    one = visit("?view=portfolio")
    one.page.evaluate(
        """() => { window.shifts = 0; new PerformanceObserver((list) => {
        for (const e of list.getEntries()) if (!e.hadRecentInput) window.shifts += e.value;
        }).observe({type: 'layout-shift', buffered: true}); }"""
    )
    one.open(account(board.rows[1]["organization_id"]))
    one.page.wait_for_timeout(400)

    assert one.page.evaluate("() => window.shifts ?? 0") < 0.1


def test_a_visitor_cannot_run_code(visit, served):
    """By the page's own web socket, with a message that Jupyter would run."""
    one = visit()
    marker = served.folder / "ran"
    code = f"open({str(marker)!r}, 'w').write('x')"
    answer = one.page.evaluate(
        """async ([code]) => {
        const page = JSON.parse(document.getElementById('page').textContent);
        const at = new URL(`${page.base}api/kernels/${page.kernel}/channels`, location.href);
        at.protocol = 'ws:';
        const socket = new WebSocket(at);
        const heard = [];
        socket.onmessage = (e) => heard.push(JSON.parse(e.data).header.msg_type);
        await new Promise((done) => { socket.onopen = done; });
        socket.send(JSON.stringify({channel: 'shell', header: {msg_id: 'a', msg_type:
          'execute_request', session: 's', username: '', version: '5.3', date: ''},
          parent_header: {}, metadata: {}, buffers: [], content: {code, silent: false}}));
        await new Promise((done) => setTimeout(done, 1500));
        return heard;
        }""",
        [code],
    )

    assert "execute_reply" not in answer
    assert not marker.exists()


def test_a_kernel_that_dies_is_said_and_the_link_opens_again(visit, served):
    import os
    import signal

    one = visit()
    for kernel in served.kernels():
        os.kill(kernel, signal.SIGKILL)
    one.page.wait_for_selector(".ab-problem", timeout=60_000)
    assert "Reload the page" in one.page.inner_text(".ab-messages")

    assert visit("?" + one.page.url.partition("?")[2]).page.locator(ROWS).count()


def test_kernels_of_closed_pages_end(visit, served):
    one = visit()
    assert served.kernels()
    one.page.close()
    end = time.monotonic() + 40
    while served.kernels():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_a_new_store_is_noted_and_shown_after_a_reload(visit, served, board):
    one = visit()
    assert one.page.locator(ROWS).count() == len(board.rows)
    judged = served.said().count("are judged")
    publish(served.store, tables(14))
    one.page.wait_for_selector(".ab-message", timeout=60_000)
    assert "New data was published" in one.page.inner_text(".ab-messages")
    one.after(lambda: one.page.fill("input[name=text]", "a"))  # and it still works
    served.until_again("are judged", judged)

    assert visit().page.locator(ROWS).count() == 14
    served.store.write_bytes(b"no store at all")
    served.until("The new store cannot be shown")
    assert visit().page.locator(ROWS).count() == 14
    shutil.copyfile(served.store, served.folder / "broken")
    publish_again = served.folder / "again.duckdb"
    publish(publish_again, tables(12))
    publish_again.replace(served.store)
    one.context.close()


def test_a_page_without_the_server_says_so(browser, store, serve, tmp_path):
    from .conftest import Visit

    with serve(store, tmp_path) as server:
        one = Visit(browser, server).open()
    one.page.fill("input[name=text]", "a")
    one.page.wait_for_selector(".ab-problem", timeout=60_000)
    assert "lost" in one.page.inner_text(".ab-messages")
    one.context.close()


def test_it_works_below_a_path(browser, store, serve, tmp_path, hostile_id):
    from .conftest import Visit

    with serve(store, tmp_path, base="/team/audit/") as server:
        one = Visit(browser, server).open(account(hostile_id))
        one.after(lambda: one.page.click(".ab-tabs >> text=Bill"))
        assert drawn(one.page, "bill")
        assert "/team/audit/?view=account" in one.page.url
        assert one.clean()
        # Nobody has given a name, so nobody can decide.
        one.after(lambda: one.page.click(".ab-tabs >> text=Findings"))
        assert not one.page.locator("[data-submit=suppress]").count()
        one.context.close()


def test_the_page_embeds_what_it_shows(visit, board):
    one = visit()
    page = json.loads(one.page.text_content("#page"))

    assert [m.get("part") for m in page["screen"]["first"]][1:] == [
        "filters",
        "totals",
        "accounts",
        "spread",
    ]
