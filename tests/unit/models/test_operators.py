from __future__ import annotations

import pytest

from hjgis.errors import EditRefused
from hjgis.models.operators import (
    FACT,
    Operator,
    read_operators,
    same_name,
    store_operators,
    with_operator,
)


def test_they_are_read_back_as_written() -> None:
    people = [Operator("张三", "外业", "0478-1"), Operator("李四")]
    (fact,) = store_operators(None, people).facts
    assert fact.key == FACT
    assert read_operators(fact.after) == people
    assert store_operators(fact.after, []).facts[0].after is None


@pytest.mark.parametrize("text", ["{", "3", '[3, {}, {"name": " "}]'])
def test_what_cannot_be_read_is_left_out(text: str) -> None:
    assert read_operators(text) == []


@pytest.mark.parametrize(
    ("name", "words"), [("  ", "needed"), (" 张 三", "already"), ("字" * 10_000, "10000")]
)
def test_what_is_no_new_operator_is_refused(name: str, words: str) -> None:
    with pytest.raises(EditRefused, match=words):
        with_operator([Operator("张三")], Operator(name))


def test_one_is_changed_in_place() -> None:
    people = with_operator([Operator("张三"), Operator("李四")], Operator(" 张三  丰"), at=0)
    assert [one.name for one in people] == ["张三 丰", "李四"]
    assert same_name("LI si", ["li si"]) == "li si"
    assert same_name("x", ["y"]) is None
