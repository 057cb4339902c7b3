"""The fault matrix of one request, over real HTTP."""

import json
import logging
import traceback
from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from audit.errors import InputError, SourceError
from audit.sources.posthog import Key
from audit.sources.posthog.client import Client, base_url
from audit.sources.posthog.failures import QueryTooLargeError
from audit.web.connection import ATTEMPTS, TryAgain, backoff
from audit.web.failures import RequestError

SECRET = "phx_secret-0123456789"
PATH = "/api/projects/1/actions/"


@pytest.fixture(scope="module")
def client(make_httpserver):
    with Client(make_httpserver.url_for(""), Key(SECRET)) as client:
        yield client


def answers(httpserver, *responses):
    """These answers in turn; the last one again and again."""
    left = list(responses)

    def handle(request):
        return left.pop(0) if len(left) > 1 else left[0]

    httpserver.expect_request(PATH).respond_with_handler(handle)


def body(data, status=200, headers=None):
    return Response(json.dumps(data), status, headers, content_type="application/json")


def refused(status, detail, headers=None):
    return body({"type": "x", "code": "y", "detail": detail, "attr": None}, status, headers)


def test_the_key_goes_along_as_a_bearer_token(httpserver, client):
    httpserver.expect_request(
        PATH, headers={"Authorization": f"Bearer {SECRET}"}
    ).respond_with_json({"results": []})

    assert client.get(PATH) == {"results": []}


FAULTS = [
    (refused(401, "Invalid personal API key."), "does not know this key (401"),
    (
        refused(403, "API key missing required scope 'action:read'"),
        "The key lacks the scope action:read (403",
    ),
    (refused(403, "You do not have access."), "may not read /api/projects/1/actions/ (403: You do"),
    (refused(404, "Not found."), "has nothing at /api/projects/1/actions/ (404)"),
    (refused(429, "Throttled."), "429: too many requests"),
    (refused(500, "A server error."), "answered 500: A server error"),
    (refused(502, "Bad gateway."), "answered 502"),
    (Response("", 302, {"Location": "https://elsewhere.test/"}), "answered 302, a redirect"),
    (Response('{"results": [{"id": 1}, {"i', content_type="application/json"), "cut off"),
    (Response("<html>Log in</html>", content_type="text/html"), "a web page instead of JSON"),
    (Response("", content_type="application/json"), "not whole JSON"),
    (Response("[" * 100_000, content_type="application/json"), "not whole JSON"),
    (body([1, 2]), "answered list, not an object"),
    (refused(400, "Unknown table `query_log`."), "has no such table"),
]


@pytest.mark.parametrize(("response", "said"), FAULTS, ids=[said[:30] for _, said in FAULTS])
def test_a_fault_is_one_line_that_says_where_and_what_to_do(httpserver, client, response, said):
    answers(httpserver, response)

    with pytest.raises(RequestError) as caught:
        client.get(PATH)
    message = str(caught.value)
    assert said in message
    assert "\n" not in message
    assert message.endswith(".")


@pytest.mark.parametrize("response", [response for response, _ in FAULTS])
def test_no_error_log_or_representation_shows_the_key(httpserver, client, response, caplog):
    caplog.set_level(logging.DEBUG)
    answers(httpserver, response)

    with pytest.raises(SourceError) as caught:
        client.get(PATH)
    shown = [
        str(caught.value),
        repr(caught.value),
        "".join(traceback.format_exception(caught.value)),
        caplog.text,
        *(str(record.__dict__) for record in caplog.records),
        repr(client),
        str(vars(client)),
    ]
    assert not any("secret" in text for text in shown)


def test_a_vendor_that_echoes_the_key_does_not_spread_it(httpserver, client):
    answers(httpserver, refused(400, f"Bad key {SECRET}!"))

    with pytest.raises(RequestError) as caught:
        client.get(PATH)
    assert "Bad key ***!" in str(caught.value)


def test_a_long_answer_of_many_lines_is_shown_as_one_short_line(httpserver, client):
    answers(httpserver, refused(400, "no\n" * 500))

    with pytest.raises(RequestError) as caught:
        client.get(PATH)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_fault_costs_nothing(httpserver, client, status):
    answers(httpserver, refused(status, "later"), refused(status, "later"), body({"ok": 1}))

    assert client.get(PATH) == {"ok": 1}


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_what_would_fail_again_is_not_tried_again(httpserver, client, status):
    answers(httpserver, refused(status, "no"))

    with pytest.raises(RequestError):
        client.get(PATH)
    assert len(httpserver.log) == 1


def test_after_some_attempts_the_fault_stands(httpserver, client):
    answers(httpserver, refused(503, "busy"))

    with pytest.raises(RequestError, match="503: busy"):
        client.get(PATH)
    assert len(httpserver.log) == ATTEMPTS


def test_a_lost_connection_is_tried_again_and_then_one_line():
    with (
        Client("http://127.0.0.1:9", Key(SECRET)) as client,
        pytest.raises(
            RequestError, match=r"No answer from 127.0.0.1:9 for /api/x/ \(ConnectError\)"
        ),
    ):
        client.get("/api/x/")


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "2"}, timedelta(seconds=2)),
        ({"RateLimit-Reset": "3"}, timedelta(seconds=3)),
        ({"X-RateLimit-Reset": "4"}, timedelta(seconds=4)),
        ({"X-RateLimit-Reset": "1793534400"}, True),
        ({}, True),
    ],
)
def test_the_wait_the_vendor_names_is_the_wait(httpserver, client, headers, wait):
    httpserver.expect_request(PATH).respond_with_data("", 429, headers)
    response = client.connection.http.get(PATH)

    assert backoff(TryAgain(response)) == wait


def test_a_long_wait_is_shown(httpserver):
    answers(httpserver, refused(429, "later", {"Retry-After": "90"}), body({}))
    shown = []

    with Client(httpserver.url_for(""), Key(SECRET), shown.append) as client:
        client.get(PATH)
    assert shown == [f"waiting 90 s, as {client.region} asks"]


def test_a_link_to_another_host_gets_neither_key_nor_request(httpserver, client):
    with HTTPServer(host="127.0.0.1") as other:
        other.expect_request(PATH).respond_with_json({})

        with pytest.raises(RequestError, match="the key is not sent there"):
            client.get(other.url_for(PATH))
        assert other.log == []


@pytest.mark.parametrize("link", ["//elsewhere.test/x", "https://elsewhere.test/x", "ftp://a/x"])
def test_no_spelling_of_a_link_leads_elsewhere(client, link):
    with pytest.raises(RequestError, match="the key is not sent there"):
        client.get(link)


@pytest.mark.parametrize("status", [504, 512, 513])
def test_a_query_too_large_is_told_apart_and_not_repeated(httpserver, client, status):
    httpserver.expect_request("/api/projects/1/query/").respond_with_data("{}", status)

    with pytest.raises(QueryTooLargeError, match="--lookback-days"):
        client.query("1", {})
    assert len(httpserver.log) == 1


def test_half_characters_in_customer_text_become_whole_ones(httpserver, client):
    httpserver.expect_request(PATH).respond_with_data(
        '{"name": "a\\ud83d", "\\udc00": ["\\ud83d\\ude00"]}', content_type="application/json"
    )

    assert client.get(PATH) == {"name": "a\ufffd", "\ufffd": ["\U0001f600"]}


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("us", "https://us.posthog.com"),
        (" EU ", "https://eu.posthog.com"),
        ("https://posthog.example.com/", "https://posthog.example.com"),
        ("https://posthog.example.com:8443", "https://posthog.example.com:8443"),
        ("http://localhost:8010", "http://localhost:8010"),
        ("http://[::1]:8010", "http://[::1]:8010"),
    ],
)
def test_a_host_is_a_region_or_an_address(host, url):
    assert base_url(host) == url


@pytest.mark.parametrize(
    "host",
    [
        "",
        "asia",
        "us.posthog.com",
        "http://us.posthog.com",
        "http://127.0.0.1.evil.test",
        "https://us.i.posthog.com",
        "https://user:pass@posthog.example.com",
        "https://posthog.example.com/api",
        "file:///etc/passwd",
        "https://[bad",
        "https://a:99999999",
    ],
)
def test_what_is_no_safe_address_is_refused(host):
    with pytest.raises(InputError, match="--host"):
        base_url(host)
