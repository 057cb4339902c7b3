"""What a visitor does, without a browser: messages in, messages out."""

import asyncio
import base64
import json
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from audit import examine, load_account
from audit.dashboard.board import stamp
from audit.dashboard.desk import OwnDesk
from audit.dashboard.visit import VIEWER, Source, Visit, Visitor
from audit.dashboard.worker import Subject, Worker
from audit.ledger.book import Book
from audit.ledger.storage import Ledger
from audit.sources.sample import portfolio
from audit.store import publish
from audit.views import words

from .conftest import AS_OF, tables

ADA = Visitor("Ada Insider")
#: Autocapture is most of what it pays for.
MARIGOLD = "e7da55f6-7a03-5320-aee7-edda378c0eb8"


@pytest.fixture(scope="module")
def desk():
    return OwnDesk()


@pytest.fixture
def source(store, tmp_path):
    ledger = str(tmp_path / "ledger.sqlite")
    return Source(str(store), "2025-06", ledger=ledger, published=str(store), stamp=stamp(store))


@pytest.fixture
def visits(board, source, desk):
    """A visit by a link, and what it is told after each message."""

    class Visits:
        def __init__(self, query="", visitor=ADA, of=source):
            self.told = []
            self.visit = Visit(board, of, desk, self.told.append, visitor=visitor, query=query)
            self.number = 0

        @property
        def first(self):
            return self.visit.first

        def do(self, **message):
            return self.all_of([message])

        def all_of(self, messages):
            """Messages one right after the other, and what the last of them brings."""

            async def sent():
                for message in messages:
                    self.number += 1
                    self.visit.received({**message, "number": self.number})
                    await asyncio.sleep(0)
                while not any(m.get("done") == self.number for m in self.told):
                    await asyncio.sleep(0.001)

            self.told.clear()
            asyncio.run(sent())
            self.visit._followed = None  # its loop is over
            return [m for m in self.told if m.get("number", m.get("done")) == self.number]

    return Visits


def by_part(messages):
    return {m["part"]: m for m in messages if "part" in m}


def problems(messages):
    return [m["problem"] for m in messages if "problem" in m]


def test_the_portfolio_is_there_before_anything_is_asked(visits):
    first = visits("?view=portfolio").first

    assert first[0]["view"] == "portfolio"
    assert set(by_part(first)) == {"filters", "totals", "accounts", "spread"}
    assert by_part(first)["spread"]["chart"]["$schema"].endswith("v5.json")


def test_an_account_shows_what_the_queue_knows_then_the_audit(visits, board, hostile_id, store):
    visit = visits(f"?organization_id={hostile_id}")
    brief = by_part(visit.first)["glance"]["html"]
    row = board.account(hostile_id)
    assert words.usd(Decimal(row["bill_usd"])) in brief

    parts = by_part(visit.do(ready=True))

    audit = examine(load_account(hostile_id, store=str(store)), audience="team")
    assert words.usd(audit.joint_saving) in parts["glance"]["html"]
    assert list(parts)[:3] == ["title", "glance", "actions"]


@pytest.mark.parametrize("tab", ["overview", "bill", "usage", "findings", "team"])
def test_no_tab_has_markup_of_a_customer(visits, hostile_id, tab):
    messages = visits(f"?view=account&organization_id={hostile_id}&tab={tab}").do(ready=True)
    parts = by_part(messages)
    text = "".join(one["html"] for one in parts.values())

    assert not problems(messages)
    assert not re.search(r"<(?:img|script|svg|iframe|object|style|link|base)", text)
    assert not re.search(r"<[^>]* on\w+=", text)
    assert "\u202e" not in json.dumps(messages, ensure_ascii=False)
    if tab == "overview":
        assert "&lt;img src=https://evil.example" in text  # it is there, as text


def test_an_unknown_organization_is_said_and_the_portfolio_shown(visits):
    visit = visits("?view=account&organization_id=<b>nobody</b>")

    assert problems(visit.first) == ["No organization of this store has this id or name."]
    assert visit.first[0]["view"] == "portfolio"
    assert not problems(visit.do(form="filters", values={"text": "a"}))


def test_filters_change_the_address_and_the_parts_but_not_the_form(visits, board):
    visit = visits()
    region = board.choices["region"][0]
    messages = visit.do(form="filters", values={"region": region, "sort": "saving"})

    assert {"query": f"?view=portfolio&region={region}&sort=saving", "number": 1} in messages
    assert set(by_part(messages)) == {"totals", "accounts", "spread"}


@pytest.mark.parametrize(
    "message",
    [
        {"open": 7},
        {"open": "?view=scenarios"},
        {"form": "filters", "values": [1, 2]},
        {"form": "filters", "values": {"sort": "x" * 5000, "page": "-1", "__class__": "y"}},
        {"form": "scenarios", "values": {"growth_percent": "1e999"}},
        {"form": "scenarios", "values": {"growth_percent": {"a": 1}}},
        {"form": "nothing"},
        {"submit": "suppress", "values": {"finding": "../../etc/passwd"}},
        {"download": "../../etc/passwd"},
        {"download": ["report"]},
        {"what": "nothing known"},
    ],
)
def test_any_message_leaves_a_page_that_works(visits, hostile_id, message):
    visit = visits(f"?view=scenarios&organization_id={hostile_id}")
    said = visit.do(**message)

    assert not [one for one in problems(said) if "failed" in one]
    assert by_part(visit.do(open="?view=portfolio"))["totals"]


@pytest.mark.parametrize("message", ["text", 7, None, ["ready"], {"number": "x"}])
def test_what_is_no_message_is_let_pass(visits, message):
    visit = visits()

    async def sent():
        visit.visit.received(message)
        await asyncio.sleep(0.01)

    asyncio.run(sent())
    visit.visit._followed = None
    assert by_part(visit.do(open="?view=portfolio"))


def test_scenarios_follow_the_hand_and_say_what_cannot_be(visits, hostile_id):
    visit = visits(f"?view=scenarios&organization_id={hostile_id}&growth_percent=10")
    shown = by_part(visit.do(ready=True))
    assert 'value="10"' in shown["controls"]["html"]

    more = visit.do(form="scenarios", values={"growth_percent": "50", "b.growth_percent": "0"})
    assert any(m.get("query", "").endswith("b.growth_percent=0") for m in more)
    assert by_part(more)["cards"]["html"] != shown["cards"]["html"]

    beyond = visit.do(form="scenarios", values={"growth_percent": "5000"})
    assert "growth_percent is -80 to 300" in by_part(beyond)["wrong"]["html"]
    assert "cards" not in by_part(beyond)

    typed = visit.do(form="scenarios", values={"growth_percent": "much"})
    assert "is no number" in problems(typed)[0]


def test_the_newest_question_is_answered_and_older_ones_are_given_up(visits, hostile_id):
    visit = visits()
    said = visit.all_of(
        [{"open": f"?organization_id={hostile_id}&tab=usage"}, {"open": "?view=portfolio"}]
    )

    assert set(by_part(said)) == {"filters", "totals", "accounts", "spread"}
    assert not [m for m in visit.told if m.get("part") == "usage"]


@pytest.mark.parametrize("asked", [{"ask": "charts"}, {"ask": "ahead", "account": "none"}])
def test_what_the_page_asks_by_itself_takes_nothing_from_its_visitor(visits, hostile_id, asked):
    visit = visits(f"?organization_id={hostile_id}&tab=bill")

    async def sent():
        visit.visit.received({"ready": True, "number": 1})
        while not any(m.get("part") == "bill" for m in visit.told):  # its first chart came
            await asyncio.sleep(0)
        visit.visit.received(asked)
        while not any("done" in m for m in visit.told):
            await asyncio.sleep(0.001)

    asyncio.run(sent())

    assert {"bill", "ahead", "periods", "lines"} <= set(by_part(visit.told))
    assert ("charts" in asked.values()) == any("charts" in m for m in visit.told)


class Expecting(OwnDesk):
    """Keeps what it was told to expect."""

    def __init__(self):
        super().__init__()
        self.expected = []

    async def expect(self, organization_ids):
        self.expected.append(list(organization_ids))


def test_accounts_that_are_seen_or_pointed_at_are_expected(board, source):
    desk, told = Expecting(), []
    visit = Visit(board, source, desk, told.append)
    ids = [row["organization_id"] for row in board.rows]

    async def sent():
        for number, message in enumerate(
            (
                {"ready": True},
                {"ask": "ahead", "account": ids[2]},
                {"ask": "ahead", "account": "../../etc/passwd"},
                {"ask": "ahead", "account": [ids[2]]},
                {"form": "filters", "values": {"text": ids[1]}},
                {"form": "filters", "values": {"text": "nobody is called this"}},
            ),
            1,
        ):
            visit.received({**message, "number": number})
            while "ask" not in message and not any(m.get("done") == number for m in told):
                await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(sent())

    assert desk.expected == [ids[:25], [ids[2]], [ids[1]]]


def test_downloads_are_what_the_library_writes(visits, hostile_id, store):
    from audit.findings.document import to_csv

    visit = visits(f"?organization_id={hostile_id}")
    told = next(m for m in visit.do(download="findings") if "file" in m)
    audit = examine(load_account(hostile_id, store=str(store)), audience="team")

    assert base64.b64decode(told["content"]).decode() == to_csv(audit)
    assert told["file"].endswith(f"-findings-{audit.as_of}.csv")
    assert not set(told["file"]) & set('<>:"/\\|?*\u202e ')


@pytest.mark.slow
def test_the_report_taken_home_is_by_the_thresholds_of_the_page(tmp_path):
    store = publish(tmp_path / "store.duckdb", portfolio(12, as_of=AS_OF).tables)
    own = {"autocapture_unread": {"autocapture_percent": 100}}
    found = {}
    for thresholds in ("", json.dumps(own)):
        subject = Subject(str(store), MARIGOLD, "2025-06", thresholds=thresholds)
        (told,) = Worker(subject).answer({"ask": "download", "what": "report"})
        page = base64.b64decode(told["content"]).decode()
        audit = examine(load_account(MARIGOLD, store=str(store)), thresholds=thresholds or None)
        assert words.usd(audit.joint_saving) in page
        found[thresholds] = audit.joint_saving

    assert len(set(found.values())) == 2


def decision(visits, hostile_id, visitor=ADA, **values):
    visit = visits(f"?organization_id={hostile_id}&tab=findings", visitor=visitor)
    parts = by_part(visit.do(ready=True))
    if "decide" not in parts:
        return visit, ""
    html = parts["decide"]["html"]
    finding = html.split('<option value="')[1].split('"')[0]
    day = date.today() + timedelta(days=30)  # noqa: DTZ011 - any day to come
    told = {"finding": finding, "reason": "agreed <b>", "until": day.isoformat(), **values}
    return visit, told


def test_a_specialist_suppresses_a_finding_under_their_name(visits, hostile_id, source):
    visit, told = decision(visits, hostile_id, up_to_usd="1200.50")
    said = visit.do(submit="suppress", values=told)

    (written,) = Ledger.at(source.ledger).suppressions()
    assert (written.owner, written.reason, str(written.up_to_usd)) == (
        "Ada Insider",
        "agreed <b>",
        "1200.50",
    )
    assert written.organization_id == hostile_id
    assert told["finding"].startswith(written.check)
    assert [m["note"] for m in said if "note" in m]
    # The page shows what the ledger says now.
    options = by_part(said)["decide"]["html"].split("<option")
    assert not [one for one in options if f'"{told["finding"]}"' in one]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"reason": " "}, "reason"),
        ({"until": "soon"}, "The last day is a day"),
        ({"until": "2001-01-01"}, "until|before|end"),
        ({"up_to_usd": "a lot"}, "amount|cents"),
        ({"finding": "no_such-thing"}, "no longer open"),
    ],
)
def test_what_cannot_be_decided_is_said_and_not_written(visits, hostile_id, source, values, words):
    visit, told = decision(visits, hostile_id)
    said = visit.do(submit="suppress", values={**told, **values})

    assert re.search(words, problems(said)[0])
    assert Ledger.at(source.ledger).suppressions() == ()


@pytest.mark.parametrize("visitor", [Visitor("Vi", VIEWER), Visitor("")])
def test_a_viewer_has_no_form_and_cannot_decide_without_one(visits, hostile_id, source, visitor):
    _, told = decision(visits, hostile_id)
    visit, nothing = decision(visits, hostile_id, visitor=visitor)
    assert nothing == ""

    said = visit.do(submit="suppress", values=told)

    assert problems(said) == ["Only a specialist may suppress a finding; ask one."]
    assert Ledger.at(source.ledger).suppressions() == ()


def team_tab(visits, identity, **given):
    visit = visits(f"?organization_id={identity}&tab=team", **given)
    return visit, by_part(visit.do(ready=True))


def test_a_specialist_keeps_a_note_under_their_name_and_sees_it(visits, hostile_id, source):
    visit, parts = team_tab(visits, hostile_id)
    assert "Nobody has written anything down yet" in parts["notes"]["html"]
    said = visit.do(submit="note", values={"note": "asks for <b>an invoice</b>"})

    (kept,) = Book.at(source.ledger).contacts()
    assert (kept.organization_id, kept.by, kept.state) == (hostile_id, "Ada Insider", "noted")
    assert kept.note == "asks for <b>an invoice</b>"
    shown = by_part(said)["notes"]["html"]
    assert by_part(said)["team"]["html"]  # what was still to come comes now
    assert "asks for &lt;b&gt;an invoice&lt;/b&gt;" in shown
    assert [m["note"] for m in said if "note" in m]
    _, again = team_tab(visits, hostile_id)
    assert "asks for &lt;b&gt;" in again["notes"]["html"]


@pytest.mark.parametrize("note", ["", "  ", None, ["x"]])
def test_an_empty_note_is_not_kept(visits, hostile_id, source, note):
    visit, _ = team_tab(visits, hostile_id)

    assert problems(visit.do(submit="note", values={"note": note})) == ["The note is empty."]
    assert Book.at(source.ledger).contacts() == ()


@pytest.mark.parametrize("visitor", [Visitor("Vi", VIEWER), Visitor("")])
def test_a_viewer_reads_notes_and_keeps_none(visits, hostile_id, source, visitor):
    visit, parts = team_tab(visits, hostile_id, visitor=visitor)
    assert "<form" not in parts["notes"]["html"]

    said = visit.do(submit="note", values={"note": "mine"})

    assert problems(said) == ["Only a specialist may keep a note; ask one."]
    assert Book.at(source.ledger).contacts() == ()


def test_a_customers_dashboard_has_neither_notes_nor_health(visits, hostile_id, source):
    visit, parts = team_tab(visits, hostile_id, of=replace(source, audience="customer"))
    said = visit.do(submit="note", values={"note": "mine"})

    assert "notes" not in parts
    assert "approximation" not in parts["title"]["html"]
    assert "health score" not in parts["title"]["html"]
    assert problems(said) == ["Only a specialist may keep a note; ask one."]
    assert Book.at(source.ledger).contacts() == ()


def test_the_health_of_an_account_stands_in_its_header(visits, hostile_id):
    _, parts = team_tab(visits, hostile_id)

    assert re.search(r"Health \d+\.\d+ of 10|No health score", parts["title"]["html"])


def test_the_review_says_what_it_waits_for(visits):
    said = by_part(visits("?view=review").do(ready=True))

    assert "Nothing has been verified yet" in said["review"]["html"]


def test_a_store_that_went_away_is_said(board, tmp_path, desk):
    store = publish(tmp_path / "gone.duckdb", tables(3))
    told = []
    source = Source(str(store), "2025-06", published="", stamp="")
    identity = board.rows[0]["organization_id"]
    visit = Visit(board, source, desk, told.append, query=f"?organization_id={identity}")
    store.unlink()

    async def asked():
        visit.received({"ready": True, "number": 1})
        while not any("done" in one for one in told):
            await asyncio.sleep(0.001)

    asyncio.run(asked())
    assert "No store" in problems(told)[0]
