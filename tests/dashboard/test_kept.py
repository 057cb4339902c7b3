"""Answers that are kept: the same bytes again, and no more of them than there is room for."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.dashboard.desk import line
from audit.dashboard.kept import Kept

MESSAGES = st.lists(
    st.dictionaries(st.text(max_size=5), st.text(max_size=30), max_size=3), min_size=1, max_size=5
)


@given(MESSAGES)
def test_an_answer_comes_back_line_by_line(messages):
    lines = [line(message) for message in messages]
    kept = Kept()

    kept.keep("key", lines)

    assert "key" in kept
    assert kept.lines("key") == lines


def test_what_was_not_asked_for_longest_goes_first():
    answer = [b"x" * 100 + b"\n"]
    kept = Kept(3 * len(zlib.compress(answer[0], 1)))
    for key in ("a", "b", "c"):
        kept.keep(key, answer)
    kept.lines("a")

    kept.keep("d", answer)

    assert [key for key in "abcd" if key in kept] == ["a", "c", "d"]


def test_an_answer_that_is_kept_again_takes_its_room_once():
    answer = [b"x" * 100 + b"\n"]
    kept = Kept(2 * len(zlib.compress(answer[0], 1)))

    for _ in range(5):
        kept.keep("a", answer)
    kept.keep("b", answer)

    assert "a" in kept
    assert "b" in kept


def test_what_is_larger_than_all_room_is_not_kept():
    kept = Kept(5)

    kept.keep("a", [b"more than five bytes, packed or not\n"])

    assert "a" not in kept


def test_what_is_not_there_is_said():
    with pytest.raises(KeyError):
        Kept().lines("a")
