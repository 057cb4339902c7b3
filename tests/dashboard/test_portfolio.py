import re
from decimal import Decimal
from html.parser import HTMLParser
from urllib.parse import parse_qs

import pytest

from audit.dashboard.board import Board, Rules
from audit.dashboard.portfolio import ROWS_A_PAGE, found, parts, results
from audit.dashboard.state import State


def shown(board, **filters):
    sort = filters.pop("sort", "queue")
    return found(board, State(filters=filters, sort=sort))


def markup(board, name, **filters):
    made = {one.name: one for one in parts(board, State(filters=filters))}
    return made[name].markup


def many(board, count):
    rows = [
        {**board.rows[i % len(board.rows)], "organization_id": f"o{i}", "name": f"Name {i:05d}"}
        for i in range(count)
    ]
    return Board(tuple(rows), Rules(), "2025-06", "2026-11-01")


def test_every_filter_leaves_those_and_only_those(board):
    for name, choices in board.choices.items():
        for value in choices:
            rows = shown(board, **{name: value})
            assert rows
            of = {"segment": "segments", "product": "products", "severity": "severities"}
            for row in board.rows:
                held = row[of.get(name, name)]
                is_in = value in held if isinstance(held, list) else held == value
                assert is_in == (row in rows)


def test_filters_are_taken_together(board):
    for region in board.choices["region"]:
        for state in board.choices["state"]:
            both = shown(board, region=region, state=state)
            assert both == [
                r for r in shown(board, region=region) if r in shown(board, state=state)
            ]


def test_text_finds_names_ids_and_owners(board):
    row = next(row for row in board.rows if row["owner"])

    assert row in shown(board, text=row["name"][1:5].upper())
    assert shown(board, text=row["organization_id"]) == [row]
    assert row in shown(board, text=row["owner"])
    assert shown(board, text="no such thing") == []


@pytest.mark.parametrize(
    ("sort", "key", "backwards"),
    [("saving", "joint_saving_usd", True), ("bill", "bill_usd", True)],
)
def test_money_is_sorted_as_money(board, sort, key, backwards):
    known = [Decimal(r[key]) for r in shown(board, sort=sort) if r[key] is not None]

    assert known == sorted(known, reverse=backwards)


def test_renewals_and_names_are_sorted(board):
    days = [row["renewal_on"] for row in shown(board, sort="renewal") if row["renewal_on"]]
    names = [row["name"].casefold() for row in shown(board, sort="name")]

    assert days == sorted(days)
    assert names == sorted(names)


def test_totals_are_the_sums_of_the_rows_that_are_left(board):
    for region in ("", *board.choices["region"]):
        rows = shown(board, region=region)
        total = sum(Decimal(r["joint_saving_usd"]) for r in rows if r["bill_usd"] is not None)
        text = re.sub("<[^>]+>", " ", markup(board, "totals", region=region))

        assert f"${total:,.2f}" in text
        assert f" {len(rows)} " in text


def test_no_account_left_says_what_to_do(board):
    assert "Clear them" in markup(board, "accounts", text="no such thing")


def test_thousands_stand_on_pages_and_every_account_is_on_one(board):
    all_of_them = many(board, 60)
    seen = []
    for page in range(1, 4):
        made = {p.name: p.markup for p in results(all_of_them, State(page=page))}["accounts"]
        seen += re.findall(r"organization_id=(o\d+)", made)

    assert seen == [f"o{i}" for i in range(60)]
    assert len(seen) > ROWS_A_PAGE
    last = {p.name: p.markup for p in results(all_of_them, State(page=99))}["accounts"]
    assert "Page 3 of 3" in last


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.links, self.tags = [], set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.links += [value for name, value in attributes if name == "href"]


def test_names_of_customers_stay_text_and_link_to_themselves(board, hostile_id):
    read = Links()
    for one in parts(board, State(filters={"text": '"><img src=x>'})):
        read.feed(one.markup)
    for one in parts(board, State()):
        read.feed(one.markup)

    assert not read.tags & {"img", "script", "svg", "iframe"}
    asked = [parse_qs(link.lstrip("?")).get("organization_id") for link in read.links]
    assert [hostile_id] in asked
    assert "\u202e" not in markup(board, "accounts")


def test_unknown_is_never_nothing(board):
    unknown = {**board.rows[0], "bill_usd": None, "joint_saving_usd": None}
    one = Board((unknown,), Rules(), "2025-06", "2026-11-01")

    assert "unknown" in markup(one, "accounts")
    assert "1 not known" in markup(one, "totals")
