import doctest
from datetime import date
from decimal import Decimal

import pytest

from audit.views import words


def test_the_examples_hold():
    assert doctest.testmod(words).failed == 0


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Decimal("0"), "$0.00"),
        (Decimal("0.05"), "$0.05"),
        (Decimal("1234567.5"), "$1,234,567.50"),
        (Decimal("-3"), "-$3.00"),
        (None, "unknown"),
    ],
)
def test_dollars_show_cents_and_thousands(amount, written):
    assert words.usd(amount) == written


@pytest.mark.parametrize(
    ("part", "whole", "written"),
    [(1, 2, "50%"), (1, 30, "3.3%"), (1, 100_000, "under 0.1%"), (0, 5, "0.0%"), (5, 0, "")],
)
def test_a_share_of_nothing_is_empty_and_small_shares_keep_a_decimal(part, whole, written):
    assert words.percent(part, whole) == written


def test_a_period_is_written_with_its_last_day_included():
    assert words.span(date(2025, 6, 1), date(2025, 7, 1)) == "1 Jun to 30 Jun 2025"
    assert words.span(date(2025, 12, 20), date(2026, 1, 20)) == "20 Dec 2025 to 19 Jan 2026"
    assert words.span(date(2025, 6, 1), date(2025, 6, 2)) == "1 Jun 2025"


def test_direction_marks_and_line_breaks_become_visible():
    assert (
        words.shown("a\u202eb\u2066c\u200f\nd\x00") == "a[U+202E]b[U+2066]c[U+200F]\u21b5d[U+0000]"
    )


def test_emoji_and_right_to_left_letters_stay_as_they_are():
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u05e9\u05dc\u05d5\u05dd"

    assert words.shown(family) == family


def test_a_long_name_is_cut_and_stands_in_full_as_a_tooltip():
    name = "x" * 10_000

    assert len(words.shown(name)) == words.NAME_LENGTH
    assert f'title="{"x" * (words.TITLE_LENGTH - 1)}' in words.escaped(name)
    assert len(words.escaped(name)) < 1_500


def test_markup_and_quotes_are_escaped():
    assert words.escaped("<b>\"'&") == "<bdi>&lt;b&gt;&quot;&#x27;&amp;</bdi>"


def test_our_code_marks_become_code_and_nothing_else_does():
    assert words.prose("set ``a<b`` <i>") == "Set <code>a&lt;b</code> &lt;i&gt;"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://posthog.com", 'https://x.com/"onclick="', "data:x"]
)
def test_only_plain_https_addresses_become_links(url):
    assert "<a" not in words.link(url, "Docs")


def test_a_documentation_address_becomes_a_link():
    assert words.link("https://posthog.com/docs?a=1#b", "Docs") == (
        '<a href="https://posthog.com/docs?a=1#b" rel="noopener noreferrer">Docs</a>'
    )
