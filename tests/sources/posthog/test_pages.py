"""Paged lists: whole, or an error."""

import json

import pytest
from werkzeug import Response

from audit.sources.posthog import Key
from audit.sources.posthog.client import Client
from audit.sources.posthog.pages import every
from audit.web.failures import RequestError

PATH = "/api/projects/1/actions/"


@pytest.fixture(scope="module")
def client(make_httpserver):
    with Client(make_httpserver.url_for(""), Key("phx_test")) as client:
        yield client


class Pages:
    """Serves these pages in turn, each linking to the next unless it says otherwise."""

    def __init__(self, httpserver, *pages):
        self.pages = list(pages)
        self.url = httpserver.url_for(PATH)
        for number, page in enumerate(self.pages):
            query = {"page": str(number)} if number else {}
            more = number + 1 < len(self.pages)
            following = f"{self.url}?page={number + 1}" if more else None
            httpserver.expect_request(PATH, query_string=query).respond_with_json(
                {"next": following, **page}
            )


def page(*ids, **fields):
    return {"results": [{"id": identity} for identity in ids], **fields}


def ids(items):
    return [item["id"] for item in items]


def test_every_page_is_read_in_order(httpserver, client):
    Pages(httpserver, page(1, 2, count=5), page(3, 4, count=5), page(5, count=5))

    assert ids(every(client, PATH)) == [1, 2, 3, 4, 5]


def test_an_empty_list_is_whole(httpserver, client):
    Pages(httpserver, page(count=0))

    assert every(client, PATH) == []


def test_an_empty_last_page_is_whole(httpserver, client):
    Pages(httpserver, page(1, 2), page())

    assert ids(every(client, PATH)) == [1, 2]


def test_an_opaque_cursor_is_sent_back(httpserver, client):
    httpserver.expect_request(PATH, query_string={"kind": "x"}).respond_with_json(
        page(1, next="c1")
    )
    httpserver.expect_request(PATH, query_string={"kind": "x", "after": "c1"}).respond_with_json(
        page(2, next=None)
    )

    assert ids(every(client, PATH, {"kind": "x"}, cursor="after")) == [1, 2]


def test_an_empty_page_with_more_to_come_is_an_error(httpserver, client):
    Pages(httpserver, page(1), page(), page(2))

    with pytest.raises(RequestError, match="empty page with more pages to come"):
        every(client, PATH)


def test_a_repeated_page_is_an_error(httpserver, client):
    Pages(httpserver, page(1, 2), page(1, 2), page(3))

    with pytest.raises(RequestError, match="repeats a page"):
        every(client, PATH)


def test_pages_in_a_circle_are_an_error(httpserver, client):
    url = httpserver.url_for(PATH)
    Pages(httpserver, page(1), page(2, next=f"{url}?page=1"))

    with pytest.raises(RequestError, match=r"repeats a page|in a circle"):
        every(client, PATH)


def test_a_link_to_another_host_is_an_error(httpserver, client):
    Pages(httpserver, page(1, next="https://elsewhere.test/api/?page=1"))

    with pytest.raises(RequestError, match="the key is not sent there"):
        every(client, PATH)


@pytest.mark.parametrize("results", [None, "x", {"id": 1}, [1], [None]])
def test_what_is_no_list_of_objects_is_an_error(httpserver, client, results):
    Pages(httpserver, {"results": results})

    with pytest.raises(RequestError, match="no list `results`"):
        every(client, PATH)


def moving(httpserver, *readings):
    """A list whose pages change from reading to reading."""
    pages = [p for reading in readings for p in reading]

    def handle(request):
        return Response(json.dumps(pages.pop(0)), content_type="application/json")

    httpserver.expect_request(PATH).respond_with_handler(handle)
    return pages


def test_a_list_that_moved_once_is_read_again(httpserver, client):
    # Somebody added 9 at the front between the two pages: 2 came twice and 9 not at all.
    moved = [page(1, 2, count=3, next="/api/projects/1/actions/"), page(2, 3, count=4, next=None)]
    still = [page(9, 1, count=4, next="/api/projects/1/actions/"), page(2, 3, count=4, next=None)]
    left = moving(httpserver, moved, still)

    assert ids(every(client, PATH)) == [9, 1, 2, 3]
    assert left == []


def test_a_deletion_between_pages_is_noticed_too(httpserver, client):
    # 1 was deleted, so 3 slipped onto the first page and was never sent.
    moved = [page(1, 2, count=4, next="/api/projects/1/actions/"), page(4, count=3, next=None)]
    still = [page(2, 3, count=3, next="/api/projects/1/actions/"), page(4, count=3, next=None)]
    moving(httpserver, moved, still)

    assert ids(every(client, PATH)) == [2, 3, 4]


def test_a_list_that_never_holds_still_is_an_error(httpserver, client):
    moved = [page(1, 2, count=3, next="/api/projects/1/actions/"), page(2, 3, count=4, next=None)]
    moving(httpserver, moved, moved)

    with pytest.raises(RequestError, match="changed while it was read: 3 items"):
        every(client, PATH)


def test_a_total_that_disagrees_is_an_error(httpserver, client):
    Pages(httpserver, page(1, 2, count=3))

    with pytest.raises(RequestError, match="2 items, and the vendor counts 3"):
        every(client, PATH)
