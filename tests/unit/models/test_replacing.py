from __future__ import annotations

import pytest

from hjgis.errors import EditRefused
from hjgis.models.replacing import Search, replacer


@pytest.mark.parametrize(
    ("search", "text", "result"),
    [
        (Search("ws", "YS"), "WS-ws", "YS-YS"),
        (Search("ws", "YS", case=True), "WS-ws", "WS-YS"),
        (Search("ws", "YS", whole=True), "ws1", None),
        (Search("ws", "YS", whole=True), "WS", "YS"),
        (Search("", "不详", whole=True), "", "不详"),
        (Search("a.c", "x"), "abc a.c", "abc x"),
        (Search("\\", "/"), "a\\b", "a/b"),
        (Search("a", "\\1"), "a", "\\1"),
        (Search("(\\d+)号", "No.\\1", pattern=True), "12号", "No.12"),
        (Search("(\\d+)", "<\\1>", whole=True, pattern=True), "12", "<12>"),
        (Search("路", ""), "胜利路", "胜利"),
        (Search("x", "y"), "abc", None),
    ],
)
def test_texts_are_found_and_replaced(search: Search, text: str, result: str | None) -> None:
    assert replacer(search)(text) == result


@pytest.mark.parametrize(
    "search",
    [
        Search("(", "", pattern=True),
        Search("a", "\\1", pattern=True),
        Search("*", "", pattern=True),
        Search("", "x"),
    ],
)
def test_what_cannot_be_searched_with_is_refused_in_words(search: Search) -> None:
    with pytest.raises(EditRefused):
        replacer(search)


def test_a_pattern_that_does_not_end_is_told() -> None:
    found = replacer(Search("(a|aa|a)+(b|bb)*$", "", pattern=True))
    with pytest.raises(EditRefused, match="does not come to an end"):
        found("a" * 5000 + "c")
